package catalog_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"coffer/shared/backup"
	"coffer/shared/catalog"
)

// TestExpiredSnapshotsLeaveNothingBehind keeps the last of three snapshots and
// looks into every table.
func TestExpiredSnapshotsLeaveNothingBehind(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c, _ := create(t)
	old, current := file("1", "0", "old name"), file("2", "0", "kept name")
	old.CreatedBy, current.CreatedBy = "only she", "everybody"
	run(t, c, "s1", func(d *catalog.Draft) {
		must(t, d.Put(ctx, old, current))
		describe(t, d, ask(catalog.Comments, 1), catalog.Details{Comments: []catalog.Comment{{ID: "8", Message: "Hello"}}})
		describe(t, d, ask(catalog.Versions, 2), catalog.Details{Versions: []catalog.PastVersion{past("22", 2)}})
	})
	run(t, c, "s2", func(d *catalog.Draft) {
		must(t, d.Remove(ctx, old.ItemRef))
		must(t, d.Fail(ctx, current.ItemRef, "Box refused."))
	})
	run(t, c, "s3", func(*catalog.Draft) {})
	n, err := c.Expire(ctx, func(backup.SnapshotID) bool { return false })
	if n != 2 || err != nil {
		t.Fatalf("Expire = %d, %v", n, err)
	}
	if diff := gocmp.Diff(tree(t, c, "s3"), []string{"/kept name"}); diff != "" {
		t.Error(diff)
	}
	path := filepath.Join(t.TempDir(), "copy")
	must(t, c.Checkpoint(ctx, path))
	db, err := sql.Open("sqlite", path)
	must(t, err)
	defer db.Close()
	for table, want := range map[string]int{"snapshot": 1, "item": 1, "content": 1, "value": 1, "failure": 0, "detail": 0, "past": 0} {
		var rows int
		must(t, db.QueryRowContext(ctx, "SELECT count(*) FROM "+table).Scan(&rows))
		if rows != want {
			t.Errorf("%d rows in %s, want %d", rows, table, want)
		}
	}
	if _, err := db.ExecContext(ctx, "INSERT INTO names (names, rank) VALUES ('integrity-check', 1)"); err != nil {
		t.Errorf("index of names: %v", err)
	}
	if n, err := c.Expire(ctx, func(backup.SnapshotID) bool { return false }); n != 0 || err != nil {
		t.Errorf("expiring again: %d, %v", n, err)
	}
	run(t, c, "s4", func(d *catalog.Draft) { must(t, d.Put(ctx, old)) })
	if diff := gocmp.Diff(tree(t, c, "s4"), []string{"/kept name", "/old name"}); diff != "" {
		t.Errorf("the snapshot after:\n%s", diff)
	}
}
