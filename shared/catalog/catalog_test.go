package catalog_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"coffer/shared/backup"
	"coffer/shared/catalog"
)

func create(t testing.TB) (*catalog.Catalog, string) {
	path := filepath.Join(t.TempDir(), "catalog % ?#")
	c, err := catalog.Create(t.Context(), path)
	must(t, err)
	t.Cleanup(func() { c.Close() })
	return c, path
}

func file(id, parent, name string) catalog.Item {
	it := catalog.Item{ItemRef: backup.ItemRef{Kind: backup.File, ID: id}, Parent: parent, Name: name}
	copy(it.Content.SHA1[:], id)
	it.Content.Size = int64(len(id))
	return it
}

func dir(id, parent, name string) catalog.Item {
	return catalog.Item{ItemRef: folder(id), Parent: parent, Name: name}
}

// run writes one snapshot: f's changes, with every content stored.
func run(t testing.TB, c *catalog.Catalog, id backup.SnapshotID, f func(*catalog.Draft)) catalog.Counts {
	t.Helper()
	d, err := c.Draft(t.Context(), id, time.Now())
	must(t, err)
	defer d.Close()
	f(d)
	wanted, err := d.Wanted(t.Context(), backup.Content{}, 1e6)
	must(t, err)
	for _, it := range wanted {
		must(t, d.Stored(t.Context(), it.Content))
	}
	counts, err := d.Seal(t.Context())
	must(t, err)
	return counts
}

func tree(t testing.TB, c *catalog.Catalog, snap backup.SnapshotID) (paths []string) {
	must(t, c.Walk(t.Context(), snap, folder("0"), func(it catalog.Item) error {
		path, err := c.Path(t.Context(), snap, it.ItemRef)
		must(t, err)
		var p string
		for _, step := range path {
			p += "/" + step.Name
		}
		paths = append(paths, p)
		return nil
	}))
	return paths
}

func TestMovedFolderIsOneRowAndTakesItsTreeAlong(t *testing.T) {
	t.Parallel()
	c, _ := create(t)
	run(t, c, "s1", func(d *catalog.Draft) {
		must(t, d.Put(t.Context(), dir("1", "0", "a"), dir("2", "0", "b"), file("3", "1", "x"), dir("4", "1", "sub"), file("5", "4", "y")))
	})
	counts := run(t, c, "s2", func(d *catalog.Draft) { must(t, d.Put(t.Context(), dir("1", "2", "moved"))) })
	if want := (catalog.Counts{Files: 2, Folders: 3, Bytes: 2, Changed: 1}); counts != want {
		t.Errorf("counts %+v, want %+v", counts, want)
	}
	if diff := gocmp.Diff(tree(t, c, "s2"), []string{"/b", "/b/moved", "/b/moved/sub", "/b/moved/x", "/b/moved/sub/y"}); diff != "" {
		t.Error(diff)
	}
	if diff := gocmp.Diff(tree(t, c, "s1"), []string{"/a", "/b", "/a/sub", "/a/x", "/a/sub/y"}); diff != "" {
		t.Error(diff)
	}
}

func TestOrderOfMoveAndDeletionDoesNotMatter(t *testing.T) {
	t.Parallel()
	c, _ := create(t)
	run(t, c, "s1", func(d *catalog.Draft) {
		must(t, d.Put(t.Context(), dir("1", "0", "old"), dir("2", "1", "kept"), file("3", "2", "x")))
	})
	run(t, c, "s2", func(d *catalog.Draft) { // the deletion of the old place is learnt first
		must(t, d.Remove(t.Context(), folder("1")))
		must(t, d.Put(t.Context(), dir("2", "0", "kept")))
	})
	if diff := gocmp.Diff(tree(t, c, "s2"), []string{"/kept", "/kept/x"}); diff != "" {
		t.Error(diff)
	}
}

// Box's ids are digits today, but no promise says so: two that are the same number
// are still two ids.
func TestWhatWasInARemovedFolderIsGoneWhateverItsID(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"2", "007", "box_support", "9223372036854775808"} {
		c, _ := create(t)
		run(t, c, "s1", func(d *catalog.Draft) {
			must(t, d.Put(t.Context(), dir("1", "0", "a"), dir(id, "1", "in it")))
		})
		run(t, c, "s2", func(d *catalog.Draft) {
			must(t, d.Remove(t.Context(), folder("1")))
			unknown, err := d.Settle(t.Context())
			must(t, err)
			must(t, d.Put(t.Context(), file("3", id, "told late")))
			late, err := d.Settle(t.Context())
			if must(t, err); len(unknown)+len(late) > 0 {
				t.Errorf("folder %s: Box is to be asked about %q and %q", id, unknown, late)
			}
		})
		if left := tree(t, c, "s2"); len(left) > 0 {
			t.Errorf("folder %s: %q is left", id, left)
		}
	}
}

func TestSealRefusesWhatIsNotWhole(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(context.Context, *catalog.Draft) error{
		"a folder in the queue":        func(ctx context.Context, d *catalog.Draft) error { return d.Enqueue(ctx, "0") },
		"a content that is not stored": func(ctx context.Context, d *catalog.Draft) error { return d.Put(ctx, file("1", "0", "x")) },
		"an unknown folder":            func(ctx context.Context, d *catalog.Draft) error { return d.Put(ctx, dir("2", "1", "x")) },
		"folders inside each other": func(ctx context.Context, d *catalog.Draft) error {
			return d.Put(ctx, dir("2", "1", "x"), dir("1", "2", "y"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := create(t)
			d, err := c.Draft(t.Context(), "s1", time.Now())
			must(t, err)
			defer d.Close()
			must(t, change(t.Context(), d))
			if _, err := d.Seal(t.Context()); err == nil {
				t.Error("it was sealed")
			}
			if all, err := c.Snapshots(t.Context()); err != nil || len(all) > 0 {
				t.Errorf("%v, %v", all, err)
			}
		})
	}
}

func TestFailedFileKeepsItsEarlierContentAtItsNewPlace(t *testing.T) {
	t.Parallel()
	c, _ := create(t)
	run(t, c, "s1", func(d *catalog.Draft) { must(t, d.Put(t.Context(), file("1", "0", "x"))) })
	newer := file("1", "0", "renamed")
	newer.Content.Size = 99
	fail := func(d *catalog.Draft) {
		must(t, d.Put(t.Context(), newer))
		must(t, d.Fail(t.Context(), newer.ItemRef, "Box answers 403."))
	}
	if counts := run(t, c, "s2", fail); counts.Changed != 1 || counts.Failed != 1 {
		t.Errorf("%+v", counts)
	}
	if counts := run(t, c, "s3", fail); counts.Changed != 0 || counts.Failed != 1 {
		t.Errorf("the same again: %+v", counts)
	}
	run(t, c, "s4", func(*catalog.Draft) {})
	first, err := c.Snapshot(t.Context(), "s2")
	must(t, err)
	for _, snap := range []backup.SnapshotID{"s2", "s3", "s4"} {
		it, err := c.Item(t.Context(), snap, newer.ItemRef)
		must(t, err)
		if it.Name != "renamed" || it.Content.Size != 1 || it.State != catalog.Earlier {
			t.Errorf("%s: %+v", snap, it)
		}
		ledger, err := c.Failures(t.Context(), snap)
		must(t, err)
		want := []catalog.Failure{{ItemRef: newer.ItemRef, Parent: "0", Name: "renamed", Reason: "Box answers 403.", Since: first.At}}
		if diff := gocmp.Diff(ledger, want); diff != "" {
			t.Errorf("%s: %s", snap, diff)
		}
	}
	if counts := run(t, c, "s5", func(d *catalog.Draft) { must(t, d.Put(t.Context(), newer)) }); counts.Failed != 0 || counts.Bytes != 99 {
		t.Errorf("%+v", counts)
	}
}

func TestEachContentIsWantedOnceSmallOnesFirst(t *testing.T) {
	t.Parallel()
	c, _ := create(t)
	d, err := c.Draft(t.Context(), "s1", time.Now())
	must(t, err)
	defer d.Close()
	twin := file("11", "0", "twin")
	twin.Content = file("22", "0", "").Content
	must(t, d.Put(t.Context(), file("333", "0", "z"), file("22", "0", "y"), twin, file("1", "0", "x")))
	wanted := func(after backup.Content, limit int) (names string) {
		all, err := d.Wanted(t.Context(), after, limit)
		must(t, err)
		for _, it := range all {
			names += it.Name + " "
		}
		return names
	}
	if got := wanted(backup.Content{}, 9); got != "x twin z " {
		t.Error(got)
	}
	if got := wanted(twin.Content, 9); got != "z " {
		t.Error(got)
	}
	must(t, d.Fail(t.Context(), twin.ItemRef, "gone"))
	if got := wanted(backup.Content{}, 2); got != "x y " {
		t.Error("the other file with the content is not offered:", got)
	}
	must(t, d.Stored(t.Context(), twin.Content))
	if failed, err := d.Failures(t.Context()); err != nil || len(failed) > 0 {
		t.Error("its content is stored, and it has failed:", failed, err)
	}
	if n, bytes, err := d.Backlog(t.Context()); n != 2 || bytes != 4 || err != nil {
		t.Error(n, bytes, err)
	}
	must(t, d.Fail(t.Context(), backup.ItemRef{Kind: backup.File, ID: "1"}, "busy"))
	must(t, d.Retry(t.Context(), backup.ItemRef{Kind: backup.File, ID: "1"}))
	if got := wanted(backup.Content{}, 9); got != "x z " {
		t.Error(got)
	}
}

func TestNextRunTriesAgainWhatFailedInTheRunBefore(t *testing.T) {
	t.Parallel()
	c, _ := create(t)
	for _, id := range []backup.SnapshotID{"s1", "s2"} {
		d, err := c.Draft(t.Context(), id, time.Now())
		must(t, err)
		must(t, d.Put(t.Context(), file("1", "0", "x")))
		wanted, err := d.Wanted(t.Context(), backup.Content{}, 9)
		must(t, err)
		if len(wanted) != 1 || d.ID != id {
			t.Errorf("draft %s: %d files are wanted", d.ID, len(wanted))
		}
		must(t, d.Fail(t.Context(), backup.ItemRef{Kind: backup.File, ID: "1"}, "busy"))
		must(t, d.Close())
	}
}

func TestSearchFindsWordsInsideNames(t *testing.T) {
	t.Parallel()
	c, _ := create(t)
	put := func(items ...catalog.Item) func(*catalog.Draft) {
		return func(d *catalog.Draft) { must(t, d.Put(t.Context(), items...)) }
	}
	run(t, c, "s1", put(file("1", "0", "Q3Bücher-2026.PDF"), file("2", "0", "会議の資料.docx"), file("3", "0", `100%_"quoted".txt`), file("4", "0", "old buch")))
	run(t, c, "s2", put(file("4", "0", "new")))
	for _, test := range []struct {
		snap  backup.SnapshotID
		words string
		want  string
	}{
		{"s1", "buch", "1 4"},
		{"s2", "BUCH", "1"},
		{"s2", "pdf 2026", "1"},
		{"s2", "会議", "2"},
		{"s2", "%_", "3"},
		{"s2", `"quoted"`, "3"},
		{"s2", "' OR 1=1 --", ""},
		{"s2", "  ", ""},
		{"s2", "q3 pdf", "1"},
		{"s2", "NEAR(a b)*", ""},
	} {
		var got []string
		for after := ""; ; {
			page, next, err := c.Search(t.Context(), test.snap, test.words, "", after, 1)
			must(t, err)
			for _, it := range page {
				got = append(got, it.ID)
			}
			if after = next; after == "" {
				break
			}
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("%s %q finds %v, want %s", test.snap, test.words, got, test.want)
		}
	}
}

func TestChildrenComeByKindAndName(t *testing.T) {
	t.Parallel()
	c, _ := create(t)
	run(t, c, "s1", func(d *catalog.Draft) {
		must(t, d.Put(t.Context(), file("1", "0", "b"), file("2", "0", "A"), dir("3", "0", "z"), file("4", "0", "C"),
			catalog.Item{ItemRef: backup.ItemRef{Kind: backup.WebLink, ID: "1"}, Parent: "0", Name: "a", URL: "https://example.com"}))
	})
	var names string
	for after := ""; ; {
		page, next, err := c.Children(t.Context(), "s1", "0", catalog.Listing{}, after, 2)
		must(t, err)
		for _, it := range page {
			names += it.Name
		}
		if after = next; after == "" {
			break
		}
	}
	if names != "zAbCa" {
		t.Error(names)
	}
	if _, _, err := c.Children(t.Context(), "s1", "0", catalog.Listing{}, "x'", 2); backup.KindOf(err) != backup.Invalid {
		t.Error(err)
	}
}

func TestUnknownThingsAreNotFound(t *testing.T) {
	t.Parallel()
	c, _ := create(t)
	d, err := c.Draft(t.Context(), "draft", time.Now())
	must(t, err)
	defer d.Close()
	_, inDraft := d.Item(t.Context(), folder("1"))
	_, draft := c.Snapshot(t.Context(), "draft")
	_, item := c.Item(t.Context(), "draft", folder("1"))
	for _, err := range []error{inDraft, draft, item} {
		if backup.KindOf(err) != backup.NotFound {
			t.Error(err)
		}
	}
}

func TestOpenRefusesOtherFiles(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{"empty": "", "text": strings.Repeat("no database ", 100)} {
		path := filepath.Join(t.TempDir(), name)
		must(t, os.WriteFile(path, []byte(content), 0o600))
		if c, err := catalog.Open(t.Context(), path); err == nil {
			c.Close()
			t.Errorf("%s was opened", name)
		}
	}
	_, path := create(t)
	if _, err := catalog.Create(t.Context(), path); !errors.Is(err, os.ErrExist) {
		t.Error(err)
	}
	if _, err := catalog.Open(t.Context(), path+"x"); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

func TestStateLivesUntilTheNextSeal(t *testing.T) {
	t.Parallel()
	c, _ := create(t)
	run(t, c, "s1", func(d *catalog.Draft) {
		must(t, d.SetState(t.Context(), "position", "1152922976252290886"))
		if got, err := d.State(t.Context(), "position"); got != "1152922976252290886" || err != nil {
			t.Error(got, err)
		}
	})
	run(t, c, "s2", func(d *catalog.Draft) {
		if got, err := d.State(t.Context(), "position"); got != "" || err != nil {
			t.Error(got, err)
		}
		if got, err := c.State(t.Context(), "s1", "position"); got != "1152922976252290886" || err != nil {
			t.Error(got, err)
		}
	})
	if got, err := c.State(t.Context(), "s1", "position"); got != "" || err != nil {
		t.Error(got, err)
	}
}

func TestQueueKeepsOrderAndMarkers(t *testing.T) {
	t.Parallel()
	c, _ := create(t)
	d, err := c.Draft(t.Context(), "s1", time.Now())
	must(t, err)
	defer d.Close()
	must(t, d.Enqueue(t.Context(), "9", "0", "5"))
	must(t, d.Enqueue(t.Context(), "5", "9"))
	page(t, d, "0", "m1", file("1", "0", "x"), file("2", "0", "y"))
	if marker, err := d.Marker(t.Context(), "0"); marker != "m1" || err != nil {
		t.Error(marker, err)
	}
	must(t, d.Restart(t.Context(), "0")) // Box forgot the marker, and y is gone by now
	if lost := page(t, d, "0", "", file("1", "0", "x")); len(lost) != 1 || lost[0].ID != "2" {
		t.Errorf("lost %v, want file 2", lost)
	}
	if _, err := d.Item(t.Context(), backup.ItemRef{Kind: backup.File, ID: "2"}); backup.KindOf(err) != backup.NotFound {
		t.Error(err)
	}
	must(t, d.Done(t.Context(), "5"))
	next, err := d.NextFolders(t.Context(), 5)
	must(t, err)
	if diff := gocmp.Diff(next, []string{"9"}); diff != "" {
		t.Error(diff)
	}
}

func TestRunStoppedAfterItsSealGoesOnWithTheSameSnapshot(t *testing.T) {
	t.Parallel()
	c, _ := create(t)
	run(t, c, "s1", func(d *catalog.Draft) { must(t, d.Put(t.Context(), file("1", "0", "kept"), file("2", "0", "lost"))) })
	first := run(t, c, "s2", func(d *catalog.Draft) {
		must(t, d.Put(t.Context(), file("3", "0", "added")))
		must(t, d.Remove(t.Context(), file("2", "", "").ItemRef))
	})
	again := run(t, c, "s2", func(d *catalog.Draft) {
		if d.ID != "s2" {
			t.Errorf("the draft has id %s, want s2", d.ID)
		}
		must(t, d.Put(t.Context(), file("3", "0", "renamed"), file("4", "0", "late")))
	})
	if first.New != 1 || again.New != 2 || again.Removed != 1 || again.Files != 3 {
		t.Errorf("counts %+v, then %+v", first, again)
	}
	for words, want := range map[string]int{"added": 0, "renamed": 1, "late": 1, "kept": 1, "lost": 0} {
		found, _, err := c.Search(t.Context(), "s2", words, "", "", 10)
		must(t, err)
		if len(found) != want {
			t.Errorf("%q finds %d items, want %d", words, len(found), want)
		}
	}
	snapshots, err := c.Snapshots(t.Context())
	must(t, err)
	if len(snapshots) != 2 {
		t.Errorf("%d snapshots, want 2", len(snapshots))
	}
}
