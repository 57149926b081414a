package catalog_test

import (
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"coffer/shared/backup"
	"coffer/shared/catalog"
)

// TestNothingIsHeldBelowAReference_I8 gives a folder to another owner while it is
// listed: the listing shows what is right in it, as the other owner's, and
// nobody lists what is further down.
func TestNothingIsHeldBelowAReference_I8(t *testing.T) {
	t.Parallel()
	c, _ := create(t)
	theirs := func(it catalog.Item) catalog.Item {
		it.State, it.OwnedBy = catalog.Reference, "cem@acme.example"
		return it
	}
	run(t, c, "s1", func(d *catalog.Draft) {
		must(t, d.Put(t.Context(), dir("1", "0", "given"), dir("2", "1", "in it"), dir("3", "2", "further down"), file("5", "3", "plan")))
	})
	run(t, c, "s2", func(d *catalog.Draft) {
		must(t, d.Put(t.Context(), theirs(dir("1", "0", "given")), theirs(dir("2", "1", "in it"))))
	})
	wantWalk(t, c, "s2", "folder:1")
	run(t, c, "s3", func(d *catalog.Draft) { // an event came late
		must(t, d.Put(t.Context(), dir("3", "1", "further down"), file("5", "3", "plan")))
	})
	wantWalk(t, c, "s3", "folder:1")
	run(t, c, "s4", func(d *catalog.Draft) { // given back
		must(t, d.Put(t.Context(), dir("1", "0", "given"), file("5", "1", "plan")))
	})
	wantWalk(t, c, "s4", "folder:1", "file:5")
}

// wantWalk compares the items of a snapshot, in the order of their tree.
func wantWalk(t *testing.T, c *catalog.Catalog, snap backup.SnapshotID, want ...string) {
	t.Helper()
	var got []string
	must(t, c.Walk(t.Context(), snap, folder("0"), func(it catalog.Item) error {
		got = append(got, it.ItemRef.String())
		return nil
	}))
	if diff := gocmp.Diff(got, want); diff != "" {
		t.Errorf("items of %s (-got +want):\n%s", snap, diff)
	}
}
