package catalog_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"coffer/shared/catalog"
)

// TestStillCatalogDoesNotMove reads a catalog's file in small pieces while a
// draft is written, opens what was read, and reads the file again.
func TestStillCatalogDoesNotMove(t *testing.T) {
	t.Parallel()
	c, path := create(t)
	run(t, c, "s1", func(d *catalog.Draft) { must(t, d.Put(t.Context(), dir("1", "0", "first"))) })
	d, err := c.Draft(t.Context(), "s2", time.Now())
	must(t, err)
	defer d.Close()
	must(t, d.Put(t.Context(), dir("2", "0", "second")))
	var first bytes.Buffer
	must(t, d.Still(t.Context(), func(r io.Reader) error {
		before, err := os.ReadFile(path)
		must(t, err)
		defer func() {
			if after, err := os.ReadFile(path); !bytes.Equal(before, after) || err != nil {
				t.Errorf("the file has changed while it was read: %v", err)
			}
		}()
		for n := 0; ; n++ {
			_, err := io.CopyN(&first, r, 1000)
			if err == io.EOF {
				return nil
			}
			must(t, err)
			must(t, d.Put(t.Context(), dir("3", "0", "third"), file("100", "3", string(rune('a'+n%26)))))
			must(t, d.Remove(t.Context(), folder("3")))
		}
	}))
	if b := first.Bytes(); b[18] != 1 || b[19] != 1 {
		t.Errorf("the header asks for a write-ahead log: % x", b[18:20])
	}
	copied := filepath.Join(t.TempDir(), "copy")
	must(t, os.WriteFile(copied, first.Bytes(), 0o600))
	then, err := catalog.Open(t.Context(), copied)
	must(t, err)
	defer then.Close()
	draft, err := then.Draft(t.Context(), "s2", time.Now())
	must(t, err)
	defer draft.Close()
	for id, there := range map[string]bool{"1": true, "2": true, "3": false} {
		if _, err := draft.Item(t.Context(), folder(id)); (err == nil) != there {
			t.Errorf("folder %s in what was read: %v", id, err)
		}
	}

	var now bytes.Buffer
	must(t, d.Still(t.Context(), func(r io.Reader) error { _, err := io.Copy(&now, r); return err }))
	if bytes.Equal(first.Bytes(), now.Bytes()) {
		t.Error("what was written meanwhile is not in the file")
	}
	if info, err := os.Stat(path + "-wal"); err != nil || info.Size() != 0 {
		t.Errorf("the write-ahead log: %v, %v", info, err)
	}
}
