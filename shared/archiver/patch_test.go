package archiver_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
	"coffer/shared/vault"
)

// TestLaterRunsStoreWhatTheyChanged_I1 has a catalog of some thousand items, of
// which each later run changes one: what it stores is as small as that, until a
// new base is due, and every snapshot can be read.
func TestLaterRunsStoreWhatTheyChanged_I1(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 1})
	for i := range 10 {
		folder, err := h.sim.CreateFolder(h.user, backup.RootFolder, fmt.Sprint("Folder ", i))
		must(t, err)
		for j := range 200 {
			_, err := h.sim.Upload(h.user, folder, fmt.Sprintf("file %d of folder %d", j, i), fmt.Append(nil, i, j))
			must(t, err)
		}
	}
	stored := func() vault.Sealed {
		var sealed vault.Sealed
		must(t, json.Unmarshal(h.row(t).Catalog, &sealed))
		return sealed
	}
	h.backUp(t)
	first := stored()
	if len(first.Patches) != 0 {
		t.Errorf("the first catalog has %d patches", len(first.Patches))
	}
	var bases, patches int
	before := first
	for n := range 30 {
		file := h.sim.Tree(h.user)[17*n+3]
		must(t, h.sim.Rename(h.user, file.ItemRef, fmt.Sprint("renamed ", n)))
		row := h.backUp(t)
		if diff := cmp.Diff(h.snapshot(t, row), h.source()); diff != "" {
			t.Fatalf("after %d changes (-snapshot +source):\n%s", n+1, diff)
		}
		now := stored()
		if len(now.Patches) == 0 {
			bases++
		} else {
			patches++
			if size := now.StoredSize() - before.StoredSize(); size > first.Stored/4 { // the search index merges its parts now and then
				t.Errorf("run %d stored %d bytes for one change in a catalog of %d", n, size, first.Stored)
			}
		}
		before = now
	}
	if bases == 0 || patches < 20 {
		t.Errorf("%d runs stored the catalog whole and %d what they changed", bases, patches)
	}
	s, err := h.Snapshots.Snapshot(t.Context(), h.task.Account, h.task.ID, h.user, h.row(t).Snapshot)
	must(t, err)
	if s.Changed != 1 || s.Items != int64(len(h.source())) {
		t.Errorf("the last snapshot says %+v", s)
	}
}
