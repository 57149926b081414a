package catalog_test

import (
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"coffer/shared/backup"
	"coffer/shared/catalog"
)

func TestWhatASnapshotLacksIsCountedByKind(t *testing.T) {
	t.Parallel()
	c, _ := create(t)
	newer := file("1", "0", "known")
	newer.Content.Size = 99
	run(t, c, "s1", func(d *catalog.Draft) { must(t, d.Put(t.Context(), file("1", "0", "known"))) })

	lacks := func(id backup.SnapshotID, change func(d *catalog.Draft)) catalog.Lacks {
		d, err := c.Draft(t.Context(), id, time.Now())
		must(t, err)
		defer d.Close()
		change(d)
		_, err = d.Seal(t.Context())
		must(t, err)
		got, err := d.Lacks(t.Context())
		must(t, err)
		return got
	}
	never := file("22", "0", "never read")
	got := lacks("s2", func(d *catalog.Draft) {
		must(t, d.Put(t.Context(), newer, never, catalog.Item{ItemRef: folder("5"), Parent: "0", Name: "closed"}))
		for _, ref := range []backup.ItemRef{newer.ItemRef, never.ItemRef, folder("5")} {
			must(t, d.Fail(t.Context(), ref, "Box answers 403."))
		}
	})
	want := catalog.Lacks{Failed: backup.Kinds{Files: 2, Folders: 1}, Unread: 2, Absent: 1}
	if diff := gocmp.Diff(got, want); diff != "" {
		t.Error(diff)
	}
	want.Failed.Folders, want.Unread = 0, 0
	if diff := gocmp.Diff(lacks("s3", func(*catalog.Draft) {}), want); diff != "" {
		t.Error("nothing changed since:", diff)
	}
}
