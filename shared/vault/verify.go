package vault

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"coffer/shared/backup"
)

const (
	verifiers = 4   // contents or packs that are read at once
	patience  = 100 // things that may be unreadable before a verification gives up
)

// Damage is something stored that is missing or is not what was stored: the
// row of a content, the sections of a content in a pack, a pack's index, or a
// list of people.
type Damage struct {
	Content backup.Content // zero where it is a pack's index
	Pack    string         // empty where it is a content's row
	People  string         // the name of a list, or empty
	Err     error          // matches ErrDamaged
}

// Report is the outcome of Verify.
type Report struct {
	Contents int
	Bytes    int64 // of all contents, plain
	Packs    int
	Stored   int64 // bytes of all packs
	Lists    int   // of people
	Damaged  []Damage
}

// Verify reads every content of the vault, the index of every pack and every
// list of people, and reports those that are not what was stored. The error is about
// the reading itself, of the first thing that could not be read; the report is then
// of the others, unless these were too many. Backups may go on meanwhile, and what
// they prune is no damage.
func (v *Vault) Verify(ctx context.Context) (Report, error) {
	var (
		mu     sync.Mutex
		report Report
		unread []error
	)
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(verifiers)
	check := func(f func() ([]Damage, error)) {
		group.Go(func() error {
			found, err := f()
			mu.Lock()
			defer mu.Unlock()
			report.Damaged = append(report.Damaged, found...)
			if err != nil && gctx.Err() == nil && len(unread) < patience {
				unread, err = append(unread, err), nil
			}
			return err
		})
	}
	err := v.index.Walk(gctx, v.id, func(row Row) error {
		report.Contents++
		report.Bytes += row.Content.Size
		check(func() ([]Damage, error) { return v.Check(gctx, row) })
		return nil
	}, func(Progress) error { return nil })
	if err == nil {
		err = v.objects.List(gctx, v.id.Packs(), func(key string, size int64, _ time.Time) error {
			if name, ok := v.id.PackName(key); ok {
				report.Packs++
				report.Stored += size
				check(func() ([]Damage, error) { return v.CheckPack(gctx, name, size) })
			}
			return nil
		})
	}
	var names []string
	if err == nil {
		names, err = v.ListPeople(gctx)
	}
	report.Lists = len(names)
	for _, name := range names {
		check(func() ([]Damage, error) { return v.CheckPeople(gctx, name) })
	}
	if failed := group.Wait(); failed != nil {
		err = failed
	}
	if err == nil && len(unread) > 0 {
		err = unread[0]
	}
	if err != nil {
		return report, fmt.Errorf("verify vault of task %s: %w", v.id.Task, err)
	}
	return report, nil
}

// CheckPeople reads a list of people.
func (v *Vault) CheckPeople(ctx context.Context, name string) ([]Damage, error) {
	err := v.GetPeople(ctx, name, io.Discard)
	if !errors.Is(err, ErrDamaged) {
		return nil, err
	}
	if names, listing := v.ListPeople(ctx); listing != nil || !slices.Contains(names, name) {
		return nil, listing // pruned meanwhile
	}
	return []Damage{{People: name, Err: err}}, nil
}

// CheckPack reads a pack's index.
func (v *Vault) CheckPack(ctx context.Context, name string, size int64) ([]Damage, error) {
	_, err := v.PackIndex(ctx, name, size)
	if !errors.Is(err, ErrDamaged) {
		return nil, err
	}
	if now, there, listing := v.packSizeOf(ctx, name); listing != nil || !there || now != size {
		return nil, listing // pruned meanwhile: who still needs it, misses it
	}
	return []Damage{{Pack: name, Err: err}}, nil
}

// Check reads the content of a row, all its parts even where the first is
// damaged, and says what of it is not what was stored. A row that has been
// replaced or erased meanwhile is not damaged.
func (v *Vault) Check(ctx context.Context, row Row) ([]Damage, error) {
	for {
		found, err := v.checkRow(ctx, row)
		if err != nil || len(found) == 0 {
			return nil, err
		}
		rows, err := v.index.Rows(ctx, v.id, []backup.Content{row.Content})
		if err != nil {
			return nil, err
		}
		now, there := rows[row.Content]
		switch {
		case !there:
			return nil, nil
		case reflect.DeepEqual(now, row):
			return found, nil
		}
		row = now
	}
}

func (v *Vault) checkRow(ctx context.Context, row Row) ([]Damage, error) {
	inRow := func(format string, args ...any) []Damage {
		return []Damage{{Content: row.Content, Err: fmt.Errorf("row of content %s: %s: %w", row.Content, fmt.Sprintf(format, args...), ErrDamaged)}}
	}
	key, err := v.Unwrap(row)
	if errors.Is(err, ErrDamaged) {
		return []Damage{{Content: row.Content, Err: err}}, nil
	}
	if err != nil {
		return inRow("%v", err), nil
	}
	var found []Damage
	sums := newSums()
	for part, p := range row.Parts {
		err := v.checkPart(ctx, row, key, part, sums)
		if err != nil && !errors.Is(err, ErrDamaged) {
			return nil, err
		}
		if err == nil {
			continue
		}
		elsewhere, listing := v.elsewhere(ctx, row.Content, part, p)
		if listing != nil {
			return nil, listing
		}
		if elsewhere {
			return inRow("part %d lies elsewhere in its pack", part), nil
		}
		found = append(found, Damage{Content: row.Content, Pack: p.Pack, Err: err})
	}
	switch err := sums.check(row.Content); {
	case len(found) > 0:
		return found, nil
	case err != nil:
		return inRow("%v", err), nil
	case sums.crc != row.CRC32:
		return inRow("CRC-32 differs"), nil
	}
	return nil, nil
}

// Unwrap opens the content key of a row, which is all that can be checked of a
// row without reading its content.
func (v *Vault) Unwrap(row Row) ([]byte, error) {
	if row.Format != Format {
		return nil, fmt.Errorf("content %s is stored in format %d, which is not known", row.Content, row.Format)
	}
	key, err := unseal(v.contentKeys, row.Key, v.id.bindContentKey(row.Content, row.CRC32))
	if err != nil {
		return nil, fmt.Errorf("key of content %s: %w", row.Content, ErrDamaged)
	}
	return key, nil
}

func (v *Vault) checkPart(ctx context.Context, row Row, key []byte, part int, sums io.Writer) error {
	p := row.Parts[part]
	if p.Length <= 0 {
		return ErrDamaged
	}
	body, err := v.open(ctx, v.id.pack(p.Pack), p.Offset, p.Length)
	if err != nil {
		return err
	}
	plain, err := v.section(body, key, v.id.bindSection(row.Content, part))
	if err != nil {
		return err
	}
	_, err = io.Copy(sums, plain)
	return errors.Join(err, plain.Close())
}

// elsewhere reports whether the pack's own index contradicts a row: then the
// pack may well be whole.
func (v *Vault) elsewhere(ctx context.Context, c backup.Content, part int, p Part) (bool, error) {
	size, there, err := v.packSizeOf(ctx, p.Pack)
	if err != nil || !there {
		return false, err
	}
	entries, err := v.PackIndex(ctx, p.Pack, size)
	if errors.Is(err, ErrDamaged) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	var offset int64
	for _, e := range entries {
		if e.Content == c && e.Part == part && offset == p.Offset && e.Length == p.Length {
			return false, nil
		}
		offset += e.Length
	}
	return true, nil
}

// packSizeOf looks a pack up in the listing, as none that is missing is an
// error there.
func (v *Vault) packSizeOf(ctx context.Context, name string) (size int64, there bool, err error) {
	err = v.objects.List(ctx, v.id.pack(name), func(key string, n int64, _ time.Time) error {
		if key == v.id.pack(name) {
			size, there = n, true
		}
		return nil
	})
	return size, there, err
}
