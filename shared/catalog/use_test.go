package catalog_test

import (
	"cmp"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"coffer/shared/backup"
	"coffer/shared/catalog"
)

func TestUsesNameEverySnapshotAndPlaceOfAContent(t *testing.T) {
	t.Parallel()
	c, _ := create(t)
	same := file("5", "2", "copy")
	same.Content = file("3", "", "").Content
	run(t, c, "s1", func(d *catalog.Draft) {
		must(t, d.Put(t.Context(), dir("1", "0", "a"), dir("2", "1", "b"), file("3", "2", "x"), file("44", "0", "other")))
	})
	run(t, c, "s2", func(d *catalog.Draft) { must(t, d.Put(t.Context(), same)) })
	run(t, c, "s3", func(d *catalog.Draft) { must(t, d.Put(t.Context(), dir("2", "0", "b"), file("3", "0", "moved"))) })
	run(t, c, "s4", func(d *catalog.Draft) {
		changed := file("3", "0", "moved")
		changed.Content = file("666", "", "").Content
		must(t, d.Put(t.Context(), changed))
	})
	draft, err := c.Draft(t.Context(), "s5", time.Now())
	must(t, err)
	defer draft.Close()
	must(t, draft.Put(t.Context(), file("7", "0", "not sealed")))

	var contents []backup.Content
	must(t, c.Contents(t.Context(), func(content backup.Content) error {
		contents = append(contents, content)
		return nil
	}))
	want := []backup.Content{same.Content, file("44", "", "").Content, file("666", "", "").Content}
	if diff := gocmp.Diff(contents, want); diff != "" {
		t.Errorf("contents (-got +want):\n%s", diff)
	}
	var uses []catalog.Use
	must(t, c.Uses(t.Context(), func(content backup.Content) bool { return content == same.Content }, func(u catalog.Use) error {
		uses = append(uses, u)
		return nil
	}))
	slices.SortFunc(uses, func(a, b catalog.Use) int { return cmp.Compare(a.Path, b.Path) })
	x, copied := file("3", "", "").ItemRef, same.ItemRef
	if diff := gocmp.Diff(uses, []catalog.Use{
		{ItemRef: x, Path: "/a/b/x", Content: same.Content, Snapshots: []backup.SnapshotID{"s1", "s2"}},
		{ItemRef: copied, Path: "/b/copy", Content: same.Content, Snapshots: []backup.SnapshotID{"s2", "s3", "s4"}},
		{ItemRef: x, Path: "/moved", Content: same.Content, Snapshots: []backup.SnapshotID{"s3"}},
	}); diff != "" {
		t.Errorf("uses (-got +want):\n%s", diff)
	}
}

func TestUsesNamePastVersionsToo(t *testing.T) {
	t.Parallel()
	c, _ := create(t)
	old := past("22", 1)
	run(t, c, "s1", func(d *catalog.Draft) {
		must(t, d.Put(t.Context(), dir("9", "0", "a"), file("1", "9", "now.txt")))
		describe(t, d, ask(catalog.Versions, 1), catalog.Details{Versions: []catalog.PastVersion{old}})
	})
	var n int
	must(t, c.Contents(t.Context(), func(content backup.Content) error {
		if content == old.Content {
			n++
		}
		return nil
	}))
	var uses []catalog.Use
	must(t, c.Uses(t.Context(), func(content backup.Content) bool { return content == old.Content }, func(u catalog.Use) error {
		uses = append(uses, u)
		return nil
	}))
	want := []catalog.Use{{
		ItemRef: backup.ItemRef{Kind: backup.File, ID: "1"}, Version: "22", Path: "/a/now.txt", Content: old.Content,
		Snapshots: []backup.SnapshotID{"s1"},
	}}
	if diff := gocmp.Diff(uses, want); diff != "" || n != 1 {
		t.Errorf("content told %d times; uses (-got +want):\n%s", n, diff)
	}
}
