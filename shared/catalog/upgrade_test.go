package catalog

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"coffer/shared/backup"
)

// TestFileOfVersionOneIsReadAndBroughtUpToDate begins with a file as the first
// version wrote it, with a sealed snapshot and a draft that wants a content.
func TestFileOfVersionOneIsReadAndBroughtUpToDate(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	fatal := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "old")
	old, err := connect(path)
	fatal(err)
	_, err = old.db.ExecContext(ctx, schema1+`PRAGMA application_id = 0x436f6666; PRAGMA user_version = 1;
		INSERT INTO snapshot (n, id, at, sealed, files) VALUES (1, 's1', 7, 1, 1), (2, 's2', 8, 0, 0);
		INSERT INTO item (kind, id, since, until, parent, name, state, sha1, size, version) VALUES
			(2, 5, 1, 2, 0, 'a', 0, zeroblob(20), 3, 50), (2, 5, 2, NULL, 0, 'a', 0, x'0101010101010101010101010101010101010101', 4, 51);
		INSERT INTO want (size, sha1, id) VALUES (4, x'0101010101010101010101010101010101010101', 5);
		INSERT INTO failure (snapshot, kind, id, content, reason) VALUES (1, 2, 5, 0, 'It fails.'), (1, 3, 6, 0, 'As well.'), (2, 2, 5, 0, 'Still.');`)
	fatal(err)
	fatal(old.Close())

	c, err := Open(ctx, path)
	fatal(err)
	defer c.Close()
	ref := backup.ItemRef{Kind: backup.File, ID: "5"}
	if d, err := c.Details(ctx, "s1", ref); err != nil || len(d.Versions) > 0 {
		t.Errorf("details of version 1: %+v, %v", d, err)
	}
	wantSince := func(snap backup.SnapshotID, want ...int64) {
		t.Helper()
		failures, err := c.Failures(ctx, snap)
		fatal(err)
		var since []int64
		for _, f := range failures {
			since = append(since, f.Since.UnixMilli())
		}
		if !slices.Equal(since, want) {
			t.Errorf("what fails in %s fails since %v, want %v", snap, since, want)
		}
	}
	wantSince("s1", 7, 7)
	d, err := c.Draft(ctx, "s2", time.Now())
	fatal(err)
	defer d.Close()
	wanted, err := d.Wanted(ctx, backup.Content{}, 9)
	fatal(err)
	if len(wanted) != 1 || wanted[0].VersionID != "51" || wanted[0].Past {
		t.Fatalf("wanted %+v", wanted)
	}
	fatal(d.Stored(ctx, wanted[0].Content))
	_, err = d.Seal(ctx)
	fatal(err)
	wantSince("s1", 7, 7)
	wantSince("s2", 7)

	fresh, err := Create(ctx, filepath.Join(t.TempDir(), "new"))
	fatal(err)
	defer fresh.Close()
	if got, want := layout(t, c), layout(t, fresh); !slices.Equal(got, want) {
		t.Errorf("an upgraded file has\n%q\na new one has\n%q", got, want)
	}
}

func layout(t *testing.T, c *Catalog) []string {
	t.Helper()
	rows, err := c.db.QueryContext(t.Context(), "SELECT coalesce(sql, name) FROM sqlite_master UNION ALL SELECT user_version FROM pragma_user_version ORDER BY 1")
	if err != nil {
		t.Fatal(err)
	}
	all, err := collect(rows, func(s string) string { return s })
	if err != nil {
		t.Fatal(err)
	}
	return all
}
