package catalog_test

import (
	"fmt"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"coffer/shared/backup"
	"coffer/shared/catalog"
)

// Files whose ids are numbers and text, folders and web links fail. The pages
// have all of them, each once, also where a page ends with the last.
func TestLedgerIsReadInPages_D9(t *testing.T) {
	t.Parallel()
	c, _ := create(t)
	var want []string
	run(t, c, "s1", func(d *catalog.Draft) {
		for _, kind := range []backup.ItemKind{backup.Folder, backup.File, backup.WebLink} {
			for _, id := range []string{"7", "80", "text"} {
				ref := backup.ItemRef{Kind: kind, ID: id}
				must(t, d.Fail(t.Context(), ref, "Box refuses."))
				want = append(want, ref.String())
			}
		}
	})
	for _, limit := range []int{1, 2, 3, 9, 10} {
		var got []string
		for cursor := ""; ; {
			page, next, err := c.FailuresAfter(t.Context(), "s1", cursor, limit)
			must(t, err)
			if len(page) > limit || len(page) == 0 {
				t.Fatalf("a page of %d has %d", limit, len(page))
			}
			for _, f := range page {
				got = append(got, f.String())
			}
			if cursor = next; cursor == "" {
				break
			}
		}
		if diff := gocmp.Diff(got, want); diff != "" {
			t.Errorf("pages of %d (-got +want):\n%s", limit, diff)
		}
	}
	if _, _, err := c.FailuresAfter(t.Context(), "s1", "nothing", 1); backup.KindOf(err) != backup.Invalid {
		t.Errorf("a cursor of nothing: %v", err)
	}
}

// An item fails, does not, and fails again: since the second time, also when the
// snapshot of that time has expired.
func TestFailureTellsSinceWhen_D9(t *testing.T) {
	t.Parallel()
	c, _ := create(t)
	ref := backup.ItemRef{Kind: backup.Folder, ID: "1"}
	at := time.Date(2026, 1, 1, 1, 0, 0, 0, time.UTC)
	day := func(n int) time.Time { return at.AddDate(0, 0, n) }
	for n, fails := range []bool{true, false, true, true, true} {
		d, err := c.Draft(t.Context(), backup.SnapshotID(fmt.Sprint("s", n)), day(n))
		must(t, err)
		if fails {
			must(t, d.Fail(t.Context(), ref, "Box refuses."))
		}
		_, err = d.Seal(t.Context())
		must(t, err)
		must(t, d.Close())
	}
	wantSince := func(snap backup.SnapshotID, want time.Time) {
		t.Helper()
		failures, err := c.Failures(t.Context(), snap)
		must(t, err)
		if len(failures) != 1 || !failures[0].Since.Equal(want) {
			t.Errorf("in %s: %+v, want since %v", snap, failures, want)
		}
	}
	wantSince("s0", day(0))
	wantSince("s2", day(2))
	wantSince("s4", day(2))
	_, err := c.Expire(t.Context(), func(id backup.SnapshotID) bool { return id > "s2" })
	must(t, err)
	wantSince("s3", day(2))
	wantSince("s4", day(2))
}
