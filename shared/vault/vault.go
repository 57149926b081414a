package vault

import (
	"context"
	"crypto/cipher"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"coffer/shared/backup"
)

// ID names a vault: every task has one.
type ID struct {
	Account backup.AccountID
	Task    backup.TaskID
}

// Packs returns the prefix of the vault's packs.
func (id ID) Packs() string { return "packs/" + string(id.Account) + "/" + string(id.Task) + "/" }

// Catalogs returns the prefix of the vault's catalogs.
func (id ID) Catalogs() string { return "catalogs/" + string(id.Account) + "/" + string(id.Task) + "/" }

func (id ID) pack(name string) string { return id.Packs() + name }

// Bound returns the names that the vault's key is sealed for.
func (id ID) Bound() map[string]string {
	return map[string]string{"account": string(id.Account), "task": string(id.Task), "purpose": "vault"}
}

// Large is the size from which on a content is stored by StoreLarge.
const Large = 8 << 20

var (
	// ErrMismatch says that a source did not give the bytes that a content's
	// SHA-1 and size promise. Nothing of it is stored.
	ErrMismatch = errors.New("the bytes are not those of the content")
	// ErrDamaged says that what is stored is missing or is not what was stored.
	ErrDamaged = errors.New("stored bytes are missing or damaged")
	// ErrPaused says that StoreLarge has stopped early and can be called again.
	ErrPaused = errors.New("stopped before the end")
)

// Vault is a task's store of contents and catalogs. It is safe for concurrent
// use.
type Vault struct {
	// Dir is where temporary files go, already encrypted and without a name;
	// "" is the system's folder. They take up to 128 MiB for each call of
	// StoreLarge, 32 MiB for each of a Writer's packs (three), and a catalog's
	// stored size; up to eight of them stay until Close.
	Dir string
	// Now tells the time of progress records.
	Now func() time.Time
	// Mark, which may be empty, begins the names of the packs that are written,
	// so that Look tells what was stored under it.
	Mark string
	// Patching may be changed before catalogs are stored.
	Patching Patching

	id       ID
	objects  Objects
	index    Index
	packSize int64
	partSize int64

	contentKeys, packIndexes, catalogKeys, peopleKeys, markKeys cipher.AEAD

	encoders, decoders, buffers sync.Pool

	mu    sync.Mutex
	spare []*scratch
}

// NewKey returns a new vault key, sealed, to be kept with the task and given
// to Open.
func NewKey(ctx context.Context, id ID, keys Keys) ([]byte, error) {
	_, sealed, err := keys.NewKey(ctx, id.Bound())
	if err != nil {
		return nil, fmt.Errorf("new key for vault of task %s: %w", id.Task, err)
	}
	return sealed, nil
}

// Open returns the vault whose key is sealedKey.
func Open(ctx context.Context, id ID, sealedKey []byte, objects Objects, index Index, keys Keys) (*Vault, error) {
	key, err := keys.Open(ctx, sealedKey, id.Bound())
	if err != nil {
		return nil, fmt.Errorf("open vault of task %s: %w", id.Task, err)
	}
	v := &Vault{Now: time.Now, id: id, objects: objects, index: index, packSize: packSize, partSize: partSize, Patching: usualPatching}
	for info, aead := range map[string]*cipher.AEAD{
		"coffer 1 content keys": &v.contentKeys,
		"coffer 1 pack indexes": &v.packIndexes,
		"coffer 1 catalog keys": &v.catalogKeys,
		"coffer 1 people keys":  &v.peopleKeys,
		"coffer 1 mark keys":    &v.markKeys,
	} {
		if *aead, err = wrappingKey(key, info); err != nil {
			return nil, fmt.Errorf("open vault of task %s: %w", id.Task, err)
		}
	}
	return v, nil
}

// ID returns the vault's name.
func (v *Vault) ID() ID { return v.id }

// Missing returns those of the contents, each once and in the order given,
// that are not stored. The others stay stored: the answer takes back the
// condemnation of those that were about to be removed, for long enough that the
// caller can note in a catalog or checkpoint that it relies on them.
func (v *Vault) Missing(ctx context.Context, contents []backup.Content) ([]backup.Content, error) {
	look, err := v.Look(ctx, contents)
	return look.Missing, err
}

// Look is what the vault has of some contents, each once and in the order in
// which they were asked for.
type Look struct {
	Missing []backup.Content
	Others  []backup.Content // stored
	Own     []backup.Content // stored under the vault's Mark
}

// Look tells of each of the contents whether it is stored, as Missing does, and
// who stored it.
func (v *Vault) Look(ctx context.Context, contents []backup.Content) (look Look, err error) {
	const batch = 1000
	seen := make(map[backup.Content]bool, len(contents))
	for len(contents) > 0 {
		some := contents[:min(batch, len(contents))]
		contents = contents[len(some):]
		var ask []backup.Content
		for _, c := range some {
			if !seen[c] {
				seen[c] = true
				ask = append(ask, c)
			}
		}
		rows, err := v.index.Rows(ctx, v.id, ask)
		if err != nil {
			return Look{}, err
		}
		for _, c := range ask {
			row, ok := rows[c]
			if ok && !row.Condemned.IsZero() {
				err := v.index.Rescue(ctx, v.id, c)
				ok = backup.KindOf(err) != backup.NotFound
				if ok && err != nil {
					return Look{}, err
				}
			}
			switch {
			case !ok:
				look.Missing = append(look.Missing, c)
			case v.own(row):
				look.Own = append(look.Own, c)
			default:
				look.Others = append(look.Others, c)
			}
		}
	}
	return look, nil
}

// own reports whether the last part of a content was stored under the vault's
// Mark, and with it the row.
func (v *Vault) own(row Row) bool {
	n := len(row.Parts)
	return v.Mark != "" && n > 0 && strings.HasPrefix(row.Parts[n-1].Pack, v.Mark)
}

// row returns the row of a content, or a NotFound error.
func (v *Vault) row(ctx context.Context, c backup.Content) (Row, error) {
	rows, err := v.index.Rows(ctx, v.id, []backup.Content{c})
	if err != nil {
		return Row{}, err
	}
	row, ok := rows[c]
	if !ok {
		return Row{}, backup.Errorf(backup.NotFound, "The content of this file is not in the vault.")
	}
	return row, nil
}

// PackName returns the pack that an object key is of, in this vault.
func (id ID) PackName(key string) (string, bool) {
	name, ok := strings.CutPrefix(key, id.Packs())
	return name, ok && name != "" && !strings.Contains(name, "/")
}
