package catalog_test

import (
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"coffer/shared/backup"
	"coffer/shared/catalog"
)

// page stores a page that was read now and returns what it made leave the draft.
func page(t testing.TB, d *catalog.Draft, folder, next string, items ...catalog.Item) []backup.ItemRef {
	t.Helper()
	lost, err := d.Page(t.Context(), folder, next, time.Now(), items...)
	must(t, err)
	return lost
}

func TestStaleFoldersComeInTheOrderOfTheirListings(t *testing.T) {
	t.Parallel()
	c, _ := create(t)
	day := func(n int) time.Time { return time.Date(2026, 3, n, 0, 0, 0, 0, time.UTC) }
	list := func(d *catalog.Draft, folder string, at time.Time, items ...catalog.Item) {
		_, err := d.Page(t.Context(), folder, "", at, items...)
		must(t, err)
	}
	theirs := dir("9", "0", "theirs")
	theirs.State = catalog.Reference
	outside := file("8", "0", "another company's")
	outside.ExternallyOwned = true
	run(t, c, "s1", func(d *catalog.Draft) {
		list(d, "0", day(3), dir("1", "0", "a"), dir("2", "0", "b"), dir("3", "0", "c"), theirs, outside)
		list(d, "2", day(1))
		list(d, "1", day(2))
	})
	run(t, c, "s2", func(d *catalog.Draft) {
		n, err := d.Folders(t.Context())
		must(t, err)
		if n != 4 {
			t.Errorf("%d folders, want the root and three", n)
		}
		got, err := d.Stale(t.Context(), day(3), 10)
		must(t, err)
		if diff := gocmp.Diff(got, []string{"3", "2", "1"}); diff != "" {
			t.Errorf("listed before the third day (-got +want):\n%s", diff)
		}
		if n, err := d.External(t.Context()); n != 1 || err != nil {
			t.Errorf("%d items of other companies, %v, want 1", n, err)
		}
		must(t, d.Remove(t.Context(), folder("2")))
	})
	run(t, c, "s3", func(d *catalog.Draft) {
		must(t, d.Put(t.Context(), dir("2", "0", "back again")))
		got, err := d.Stale(t.Context(), day(2), 10)
		must(t, err)
		if diff := gocmp.Diff(got, []string{"2", "3"}); diff != "" {
			t.Errorf("a folder that had left keeps no listing (-got +want):\n%s", diff)
		}
	})
}

func TestArrivalsAreOlderThanTheirPlace(t *testing.T) {
	t.Parallel()
	c, _ := create(t)
	now := time.Now()
	made := func(it catalog.Item, ago time.Duration) catalog.Item {
		it.CreatedAt = now.Add(-ago)
		return it
	}
	theirs := made(file("7", "0", "shared"), 9*time.Hour)
	theirs.State, theirs.OwnedBy = catalog.Reference, "cem@acme.example"
	run(t, c, "s1", func(d *catalog.Draft) {
		must(t, d.Put(t.Context(), made(dir("1", "0", "mine"), 9*time.Hour), made(file("5", "1", "moves within"), 9*time.Hour), theirs))
	})
	d, err := c.Draft(t.Context(), "s2", now)
	must(t, err)
	defer d.Close()
	given := theirs
	given.State = catalog.Complete
	must(t, d.Put(t.Context(),
		made(file("5", "0", "moves within"), 9*time.Hour), given,
		made(dir("2", "1", "came"), 9*time.Hour), made(file("6", "2", "came within"), 9*time.Hour), made(file("8", "1", "new"), time.Minute)))
	arrived, err := d.Arrivals(t.Context(), now.Add(-time.Hour))
	must(t, err)
	var got []string
	for _, it := range arrived {
		got = append(got, it.String())
	}
	if diff := gocmp.Diff(got, []string{given.String(), folder("2").String()}); diff != "" {
		t.Errorf("arrivals (-got +want):\n%s", diff)
	}
	people, err := d.Referred(t.Context())
	must(t, err)
	if diff := gocmp.Diff(people, []string{"cem@acme.example"}); diff != "" {
		t.Errorf("owners of references (-got +want):\n%s", diff)
	}
	for ref, want := range map[backup.ItemRef]bool{folder("1"): true, folder("2"): true, given.ItemRef: true, folder("77"): false} {
		if owns, err := d.Owns(t.Context(), ref); owns != want || err != nil {
			t.Errorf("owns %s: %v, %v", ref, owns, err)
		}
	}
}
