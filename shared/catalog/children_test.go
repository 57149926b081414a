package catalog_test

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"coffer/shared/backup"
	"coffer/shared/catalog"
)

// inOrder compares two items as a listing orders them, except for those that
// are equal by key and name.
func inOrder(l catalog.Listing) func(a, b catalog.Item) int {
	kind := func(it catalog.Item) int {
		return slices.Index([]backup.ItemKind{backup.Folder, backup.File, backup.WebLink}, it.Kind)
	}
	name := func(it catalog.Item) string {
		return strings.Map(func(r rune) rune {
			if 'A' <= r && r <= 'Z' {
				return r + 'a' - 'A'
			}
			return r
		}, it.Name)
	}
	size := func(it catalog.Item) int64 {
		if it.State == catalog.Absent {
			return 0
		}
		return it.Content.Size
	}
	return func(a, b catalog.Item) int {
		var key int
		switch {
		case l.By == catalog.ByName:
			key = cmp.Compare(name(a), name(b))
		case l.By == catalog.BySize && a.Kind == backup.File:
			key = cmp.Compare(size(a), size(b))
		case l.By == catalog.ByModified:
			key = a.ModifiedAt.Compare(b.ModifiedAt)
		}
		if l.Descending {
			key = -key
		}
		return cmp.Or(cmp.Compare(kind(a), kind(b)), key, cmp.Compare(name(a), name(b)))
	}
}

// TestPagesHoldEachChildOnceInOrder lists a folder with many equal keys, as
// random histories leave it, in every order and in pages of every size.
func TestPagesHoldEachChildOnceInOrder(t *testing.T) {
	t.Parallel()
	child := rapid.Custom(func(t *rapid.T) catalog.Item {
		it := catalog.Item{
			ItemRef:    backup.ItemRef{Kind: rapid.SampledFrom([]backup.ItemKind{backup.Folder, backup.File, backup.WebLink}).Draw(t, "kind"), ID: fmt.Sprint(rapid.IntRange(10, 30).Draw(t, "id"))},
			Parent:     rapid.SampledFrom([]string{"0", "0", "0", "1"}).Draw(t, "parent"),
			Name:       rapid.SampledFrom([]string{"a", "A", "b", "B.txt", "Ä", "ä", "\xff", "zz"}).Draw(t, "name"),
			ModifiedAt: rapid.SampledFrom([]time.Time{{}, time.UnixMilli(-5).UTC(), time.UnixMilli(0).UTC(), time.UnixMilli(7).UTC(), time.UnixMilli(8).UTC()}).Draw(t, "modified"),
		}
		if it.Kind == backup.File {
			it.Content = backup.Content{SHA1: backup.SHA1{1}, Size: rapid.Int64Range(0, 3).Draw(t, "size")}
		}
		return it
	})
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "catalog")
		must(t, err)
		defer os.RemoveAll(dir)
		c, err := catalog.Create(t.Context(), filepath.Join(dir, "c"))
		must(t, err)
		defer c.Close()
		snapshots := rapid.IntRange(1, 3).Draw(t, "snapshots")
		for n := range snapshots {
			d, err := c.Draft(t.Context(), backup.SnapshotID(fmt.Sprint("s", n)), time.Now())
			must(t, err)
			must(t, d.Put(t.Context(), catalog.Item{ItemRef: folder("1"), Parent: "0", Name: "a"}))
			must(t, d.Put(t.Context(), rapid.SliceOfN(child, 1, 25).Draw(t, "children")...))
			for _, ref := range rapid.SliceOfN(refs, 0, 3).Draw(t, "removed") {
				must(t, d.Remove(t.Context(), ref))
			}
			wanted, err := d.Wanted(t.Context(), backup.Content{Size: -1}, 9)
			must(t, err)
			for _, it := range wanted {
				if n := rapid.IntRange(0, 2).Draw(t, "readable"); n == 0 {
					must(t, d.Fail(t.Context(), it.ItemRef, "not read"))
				}
				must(t, d.Stored(t.Context(), it.Content))
			}
			_, err = d.Settle(t.Context())
			must(t, err)
			_, err = d.Seal(t.Context())
			must(t, err)
			must(t, d.Close())
		}
		snap := backup.SnapshotID(fmt.Sprint("s", rapid.IntRange(0, snapshots-1).Draw(t, "snapshot")))
		var children []catalog.Item
		must(t, c.Walk(t.Context(), snap, folder("0"), func(it catalog.Item) error {
			if it.Parent == "0" {
				children = append(children, it)
			}
			return nil
		}))
		for _, by := range []catalog.Key{catalog.ByName, catalog.BySize, catalog.ByModified} {
			for _, kind := range []backup.ItemKind{"", backup.Folder, backup.File, backup.WebLink} {
				for _, descending := range []bool{false, true} {
					listed(t, c, snap, catalog.Listing{Kind: kind, By: by, Descending: descending}, children)
				}
			}
		}
	})
}

// listed lists the root folder in pages and compares them with its children.
func listed(t *rapid.T, c *catalog.Catalog, snap backup.SnapshotID, l catalog.Listing, children []catalog.Item) {
	var got []catalog.Item
	limit := rapid.IntRange(1, 7).Draw(t, "limit")
	for after := ""; ; {
		page, next, err := c.Children(t.Context(), snap, "0", l, after, limit)
		must(t, err)
		if len(page) > limit || next != "" && len(page) < limit {
			t.Fatalf("%+v: a page of %d, more: %t", l, len(page), next != "")
		}
		got = append(got, page...)
		if after = next; after == "" {
			break
		}
	}
	if !slices.IsSortedFunc(got, inOrder(l)) {
		t.Fatalf("%+v: not in order: %+v", l, got)
	}
	var want []catalog.Item
	for _, it := range children {
		if l.Kind == "" || l.Kind == it.Kind {
			want = append(want, it)
		}
	}
	if n, err := c.CountChildren(t.Context(), snap, "0", l); err != nil || n != len(want) {
		t.Fatalf("%+v: %d children, %v, want %d", l, n, err, len(want))
	}
	identity := func(a, b catalog.Item) int { return cmp.Compare(a.String(), b.String()) }
	slices.SortFunc(got, identity)
	slices.SortFunc(want, identity)
	if diff := gocmp.Diff(got, want); diff != "" {
		t.Fatalf("%+v (-got +want):\n%s", l, diff)
	}
}

func TestCursorOfAKindThatIsNotListedIsRefused(t *testing.T) {
	t.Parallel()
	c, _ := create(t)
	run(t, c, "s1", func(d *catalog.Draft) { must(t, d.Put(t.Context(), dir("1", "0", "a"), dir("2", "0", "b"))) })
	if _, _, err := c.Children(t.Context(), "s1", "0", catalog.Listing{}, "77", 2); backup.KindOf(err) != backup.Invalid {
		t.Errorf("the cursor of no row: %v", err)
	}
	if _, _, err := c.Children(t.Context(), "s1", "0", catalog.Listing{Kind: "note"}, "", 2); err == nil {
		t.Error("a listing of notes")
	}
}
