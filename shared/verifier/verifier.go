// Package verifier finds out whether a backup gives back what its snapshots
// promise, and says exactly what of it does not and whom that touches.
//
// What is stored of a task are packs, rows of contents, catalogs, snapshots and
// lists of people.
// Whole reads all of them: every pack's index, every content with SHA-1, size
// and CRC-32, every Box user's catalog, and for every snapshot that it is in
// the catalog and that each of its contents has a row, and every list. The bytes of contents
// that were erased are not read: nobody has their key.
//
// Memory does not grow with the backup, only with the damage.
package verifier

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"coffer/shared/backup"
	"coffer/shared/catalog"
	"coffer/shared/snapshot"
	"coffer/shared/task"
	"coffer/shared/vault"
)

// Backup is all that is stored of a task, wherever it is read from.
type Backup struct {
	Vault *vault.Vault
	Index vault.Index
	// Users yields the Box users with their catalogs.
	Users func(context.Context) iter.Seq2[task.BoxUser, error]
	// Snapshots yields a Box user's snapshots.
	Snapshots func(context.Context, task.BoxUser) iter.Seq2[snapshot.Snapshot, error]
	// Dir is where catalogs are decrypted, one at a time; "" is the system's
	// folder for temporary files.
	Dir string
}

// Kind is what is damaged.
type Kind string

// The kinds of damage.
const (
	Pack     Kind = "pack"     // an object with contents
	Content  Kind = "content"  // the row of a content, which has its key
	Catalog  Kind = "catalog"  // an object with all that is known of a Box user's items
	Snapshot Kind = "snapshot" // a snapshot that the catalog does not have
	People   Kind = "people"   // a list of who was in the enterprise
)

// Damage is a stored thing that is missing or is not what was stored.
type Damage struct {
	Kind    Kind      `json:"kind"`
	Name    string    `json:"name"` // the object's key, the content as SHA-1/size, or the snapshot's id
	Reason  string    `json:"reason"`
	Touched []Touched `json:"touched"` // none where nothing is lost by it
}

// Touched is a Box user who loses something by a damage.
type Touched struct {
	BoxUser   backup.BoxUserID    `json:"boxUser"`
	Login     string              `json:"login"`
	Snapshots []backup.SnapshotID `json:"snapshots"` // oldest first
	Files     []string            `json:"files"`     // paths; none where all files of the snapshots are lost
}

// Report is the outcome of a verification.
type Report struct {
	Packs     int64    `json:"packs"`
	Stored    int64    `json:"stored"` // bytes of the packs
	Contents  int64    `json:"contents"`
	Bytes     int64    `json:"bytes"` // of the contents
	Lists     int64    `json:"lists"` // of people
	Users     int64    `json:"boxUsers"`
	Snapshots int64    `json:"snapshots"`
	Damaged   []Damage `json:"damaged"` // by kind and name
}

// Whole reads everything. The error is about the reading itself, of the first thing
// that could not be read; the report then has the damage of what could.
func (b *Backup) Whole(ctx context.Context) (Report, error) {
	stored, failed := b.Vault.Verify(ctx)
	f := b.findings()
	f.add(stored.Damaged)
	report := Report{
		Packs: int64(stored.Packs), Stored: stored.Stored, Contents: int64(stored.Contents), Bytes: stored.Bytes, Lists: int64(stored.Lists),
	}
	for user, err := range b.Users(ctx) {
		if err = cmp.Or(err, ctx.Err()); err != nil {
			failed = cmp.Or(failed, err)
			break
		}
		if len(user.Catalog) == 0 || user.Purging { // of which catalogs go first
			continue
		}
		report.Users++
		n, err := f.user(ctx, user)
		if err != nil && failed == nil {
			failed = fmt.Errorf("verify Box user %s: %w", user.ID, err)
		}
		report.Snapshots += n
	}
	report.Damaged = f.damages()
	return report, failed
}

// user verifies a Box user's catalog and snapshots and notes what all damage
// found so far takes from them. It returns the number of snapshots.
func (f *findings) user(ctx context.Context, u task.BoxUser) (int64, error) {
	var sealed vault.Sealed
	if err := json.Unmarshal(u.Catalog, &sealed); err != nil {
		return 0, fmt.Errorf("pointer to the catalog: %w", err)
	}
	c, done, err := f.Open(ctx, sealed)
	if errors.Is(err, vault.ErrDamaged) {
		return f.lost(ctx, u, sealed, err)
	}
	if err != nil {
		return 0, err
	}
	defer done()
	if err := f.contents(ctx, c, u); err != nil {
		return 0, err
	}
	return f.snapshots(ctx, c, u)
}

// Open opens a catalog; done closes and removes the decrypted copy.
func (b *Backup) Open(ctx context.Context, sealed vault.Sealed) (c *catalog.Catalog, done func(), err error) {
	dir, err := os.MkdirTemp(b.Dir, "catalog-*")
	if err != nil {
		return nil, nil, err
	}
	remove := func() { _ = os.RemoveAll(dir) } // a temporary folder
	defer func() {
		if err != nil {
			remove()
		}
	}()
	file, err := os.Create(filepath.Join(dir, "catalog.db")) // #nosec G304 -- in the folder just made
	if err != nil {
		return nil, nil, err
	}
	if err := errors.Join(b.Vault.GetCatalog(ctx, sealed, file), file.Close()); err != nil {
		return nil, nil, err
	}
	if c, err = catalog.Open(ctx, file.Name()); err != nil {
		return nil, nil, err
	}
	return c, func() { _ = c.Close(); remove() }, nil // only read
}

// lost notes that all of a Box user's snapshots go with the catalog.
func (f *findings) lost(ctx context.Context, u task.BoxUser, sealed vault.Sealed, reason error) (int64, error) {
	d := f.unreadable(sealed, reason)
	t := d.touch(u)
	var n int64
	for s, err := range f.Snapshots(ctx, u) {
		if err != nil {
			return 0, err
		}
		n++
		t.snapshots[s.ID] = true
	}
	return n, nil
}

// contents looks for contents without a row and for the uses of damaged ones.
func (f *findings) contents(ctx context.Context, c *catalog.Catalog, u task.BoxUser) error {
	const batch = 1000
	hit := false
	var some []backup.Content
	look := func() error {
		rows, err := f.Index.Rows(ctx, f.Vault.ID(), some)
		if err != nil {
			return err
		}
		for _, content := range some {
			if _, there := rows[content]; !there {
				f.affect(content, f.damage(Content, content.String(), errors.New("its row is missing")))
			}
			hit = hit || f.affected(content)
		}
		some = some[:0]
		return nil
	}
	err := c.Contents(ctx, func(content backup.Content) error {
		if some = append(some, content); len(some) < batch {
			return nil
		}
		return look()
	})
	if err == nil {
		err = look()
	}
	if err != nil || !hit {
		return err
	}
	return c.Uses(ctx, f.affected, func(use catalog.Use) error {
		for _, d := range f.by[use.Content] {
			t := d.touch(u)
			path := use.Path
			if use.Version != "" {
				path += " (version " + use.Version + ")"
			}
			t.files[path] = true
			for _, s := range use.Snapshots {
				t.snapshots[s] = true
			}
		}
		return nil
	})
}

// snapshots checks that each snapshot is in the catalog, and adds to those
// that are touched the ones that are equal to them.
func (f *findings) snapshots(ctx context.Context, c *catalog.Catalog, u task.BoxUser) (n int64, err error) {
	for s, err := range f.Snapshots(ctx, u) {
		if err != nil {
			return 0, err
		}
		if s.ID > u.Snapshot {
			continue // sealed since the row was read
		}
		n++
		held := cmp.Or(s.Same, s.ID)
		switch _, err := c.Snapshot(ctx, held); {
		case backup.KindOf(err) == backup.NotFound:
			f.damage(Snapshot, string(s.ID), errors.New("the catalog does not have it")).touch(u).snapshots[s.ID] = true
			continue
		case err != nil:
			return 0, err
		}
		for _, d := range f.all {
			if t := d.touched[u.ID]; t != nil && t.snapshots[held] {
				t.snapshots[s.ID] = true
			}
		}
	}
	return n, nil
}

func sorted[K cmp.Ordered](set map[K]bool) []K {
	return slices.AppendSeq(make([]K, 0, len(set)), sortedKeys(set))
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) iter.Seq[K] {
	return slices.Values(slices.Sorted(maps.Keys(m)))
}
