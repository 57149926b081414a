package shelf_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"coffer/shared/backup"
	"coffer/shared/catalog"
	"coffer/shared/shelf"
	"coffer/shared/task"
	"coffer/shared/vault"
)

// library is a vault with catalogs, and counts how often it is opened.
type library struct {
	t     *testing.T
	v     *vault.Vault
	opens atomic.Int32
}

func newLibrary(t *testing.T) *library {
	t.Helper()
	id := vault.ID{Account: "a", Task: "t"}
	keys, err := vault.NewStaticKeys(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := vault.NewKey(t.Context(), id, keys)
	if err != nil {
		t.Fatal(err)
	}
	folder, err := vault.OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { folder.Close() })
	v, err := vault.Open(t.Context(), id, sealed, folder, nil, keys)
	if err != nil {
		t.Fatal(err)
	}
	return &library{t: t, v: v}
}

func (l *library) open(context.Context, task.Task) (*vault.Vault, error) {
	l.opens.Add(1)
	return l.v, nil
}

// user stores a catalog with one snapshot and returns the Box user it is of.
func (l *library) user(id string) task.BoxUser {
	l.t.Helper()
	path := filepath.Join(l.t.TempDir(), "catalog")
	c, err := catalog.Create(l.t.Context(), path)
	if err != nil {
		l.t.Fatal(err)
	}
	d, err := c.Draft(l.t.Context(), backup.SnapshotID(id), time.Now())
	if err != nil {
		l.t.Fatal(err)
	}
	if _, err := d.Seal(l.t.Context()); err != nil {
		l.t.Fatal(err)
	}
	copied := path + " sealed"
	if err := errors.Join(d.Close(), c.Checkpoint(l.t.Context(), copied), c.Close()); err != nil {
		l.t.Fatal(err)
	}
	f, err := os.Open(copied)
	if err != nil {
		l.t.Fatal(err)
	}
	defer f.Close()
	sealed, err := l.v.PutCatalog(l.t.Context(), backup.BoxUserID(id), "1", f)
	if err != nil {
		l.t.Fatal(err)
	}
	pointer, err := json.Marshal(sealed)
	if err != nil {
		l.t.Fatal(err)
	}
	return task.BoxUser{ID: backup.BoxUserID(id), Catalog: pointer}
}

func TestCatalogIsFetchedOnceAndMakesRoom(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	dir := filepath.Join(t.TempDir(), "shelf")
	s := &shelf.Shelf{Dir: dir, Room: 1, Vault: l.open}
	first, second := l.user("first"), l.user("second")
	read := func(u task.BoxUser) *catalog.Catalog {
		t.Helper()
		c, err := s.Open(t.Context(), task.Task{}, u)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		if _, err := c.Snapshot(t.Context(), backup.SnapshotID(u.ID)); err != nil {
			t.Errorf("catalog of %s: %v", u.ID, err)
		}
		return c
	}
	open := read(first)
	read(first)
	if n := l.opens.Load(); n != 1 {
		t.Errorf("fetched %d times", n)
	}
	read(second) // and there is no room for both
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
		t.Errorf("on the shelf: %v, %v", files, err)
	}
	if _, err := open.Snapshot(t.Context(), "first"); err != nil {
		t.Errorf("one that made room while it was open: %v", err)
	}
	read(first)
	if n := l.opens.Load(); n != 3 {
		t.Errorf("fetched %d times", n)
	}
	if _, err := s.Open(t.Context(), task.Task{}, task.BoxUser{}); backup.KindOf(err) != backup.NotFound {
		t.Errorf("without a backup: %v", err)
	}
	if _, err := s.Open(t.Context(), task.Task{}, task.BoxUser{Catalog: []byte("{")}); err == nil {
		t.Error("a broken pointer opens")
	}
}

func TestReadersAtOnceFetchOnce(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	s := &shelf.Shelf{Dir: t.TempDir(), Room: 1 << 20, Vault: l.open}
	users := []task.BoxUser{l.user("first"), l.user("second"), l.user("third")}
	var wg sync.WaitGroup
	for i := range 24 {
		wg.Go(func() {
			u := users[i%len(users)]
			c, err := s.Open(t.Context(), task.Task{}, u)
			if err == nil {
				_, err = c.Snapshot(t.Context(), backup.SnapshotID(u.ID))
				c.Close()
			}
			if err != nil {
				t.Error(fmt.Errorf("%s: %w", u.ID, err))
			}
		})
	}
	wg.Wait()
	if n := l.opens.Load(); n != int32(len(users)) {
		t.Errorf("fetched %d times", n)
	}
}
