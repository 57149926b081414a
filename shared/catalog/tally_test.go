package catalog_test

import (
	"testing"
	"time"

	"coffer/shared/backup"
	"coffer/shared/catalog"
)

// What a run stores is counted once, however often it says so, and what was in
// the vault before is not the run's.
func TestEachContentCountsOnceWithTheRun(t *testing.T) {
	t.Parallel()
	c, _ := create(t)
	d, err := c.Draft(t.Context(), "s1", time.Now())
	must(t, err)
	content := func(size int64) backup.Content { return backup.Content{SHA1: [20]byte{byte(size)}, Size: size} }
	must(t, d.Stored(t.Context(), content(1)))
	must(t, d.Store(t.Context(), content(1), content(2), content(2)))
	must(t, d.Store(t.Context(), content(2), content(3)))
	got, err := d.Tally(t.Context())
	must(t, err)
	if want := (catalog.Tally{Contents: 2, Bytes: 5}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	must(t, d.Close())
}
