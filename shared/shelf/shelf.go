// Package shelf keeps the catalogs that a function reads in a local folder, by
// generation: a catalog is fetched from the vault and decrypted once, as long
// as it stays among those used lately. Catalogs never change, so what is on
// the shelf is never out of date; the Box user's row says which to take.
package shelf

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"coffer/shared/backup"
	"coffer/shared/catalog"
	"coffer/shared/task"
	"coffer/shared/vault"
)

// Shelf is a folder of catalogs. It is safe for concurrent use.
type Shelf struct {
	// Dir is the folder; nobody else puts files there.
	Dir string
	// Room is how many bytes the catalogs may take together. The one that was
	// asked for last may take more alone.
	Room int64
	// Vault opens the vault of a task.
	Vault func(context.Context, task.Task) (*vault.Vault, error)

	mu    sync.Mutex
	books []book // the one used last is last
}

type book struct {
	name string
	size int64
}

// Open returns the Box user's current catalog. The caller closes it. It is a
// NotFound error before the first backup.
func (s *Shelf) Open(ctx context.Context, t task.Task, u task.BoxUser) (*catalog.Catalog, error) {
	if len(u.Catalog) == 0 {
		return nil, backup.Errorf(backup.NotFound, "There is no backup of this Box user yet.")
	}
	var sealed vault.Sealed
	if err := json.Unmarshal(u.Catalog, &sealed); err != nil {
		return nil, fmt.Errorf("catalog of Box user %s: %w", u.ID, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	// The pointer holds account, task, user and generation, and its hash is a
	// name that no other catalog can have.
	sum := sha256.Sum256(u.Catalog)
	path := filepath.Join(s.Dir, hex.EncodeToString(sum[:])+".sqlite")
	if !s.take(path) {
		if err := s.fetch(ctx, t, sealed, path); err != nil {
			return nil, fmt.Errorf("catalog of Box user %s: %w", u.ID, err)
		}
	}
	// An open file outlives its removal, so making room never disturbs a reader.
	return catalog.Open(ctx, path)
}

// take puts a book that is on the shelf last, and reports whether it is.
func (s *Shelf) take(name string) bool {
	for i, b := range s.books {
		if b.name == name {
			s.books = append(append(s.books[:i:i], s.books[i+1:]...), b)
			return true
		}
	}
	return false
}

func (s *Shelf) fetch(ctx context.Context, t task.Task, sealed vault.Sealed, path string) error {
	v, err := s.Vault(ctx, t)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(s.Dir, "*.part")
	if err != nil {
		return err
	}
	err = errors.Join(v.GetCatalog(ctx, sealed, f), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	s.books = append(s.books, book{path, info.Size()})
	return s.makeRoom()
}

// makeRoom removes the books used least lately.
func (s *Shelf) makeRoom() error {
	var used int64
	for _, b := range s.books {
		used += b.size
	}
	for used > s.Room && len(s.books) > 1 {
		old := s.books[0]
		s.books = s.books[1:]
		used -= old.size
		if err := os.Remove(old.name); err != nil {
			return err
		}
	}
	return nil
}
