package archiver_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"coffer/scripts/local/localtest"
	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
	"coffer/shared/vault"
)

// C5: what Box sends of some items makes the worker panic, each time.
func TestItemsThatMakeTheWorkerPanicAreFailuresOfTheirOwn_C5(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 22})
	h.furnishSmall(t)
	folder, err := h.sim.CreateFolder(h.user, backup.RootFolder, "Poisonous")
	must(t, err)
	_, err = h.sim.Upload(h.user, folder, "Unseen", []byte("unseen"))
	must(t, err)
	commented, err := h.sim.Upload(h.user, backup.RootFolder, "Commented", []byte("commented"))
	must(t, err)
	_, err = h.sim.Comment(h.user, commented, "Poison")
	must(t, err)
	small, err := h.sim.Upload(h.user, backup.RootFolder, "Small", []byte("poison"))
	must(t, err)
	large, err := h.sim.UploadGenerated(h.user, backup.RootFolder, "Large", vault.Large+2, 6)
	must(t, err)
	poisonous := []string{
		"/2.0/zip_downloads", "/2.0/folders/" + folder + "/items", "/2.0/files/" + commented + "/comments",
		"/2.0/files/" + small + "/content", "/2.0/files/" + large + "/content",
	}
	calls := described(t)
	worker := h.worker(t, localtest.Start(t).AWS, &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		for i, path := range poisonous {
			if strings.HasSuffix(r.URL.Path, path) {
				panic(fmt.Sprint("poison ", i))
			}
		}
		return calls.Transport.RoundTrip(r)
	})})
	must(t, worker.Run(t.Context(), h.request(t)))
	row := h.row(t)
	if row.Status != backup.Partial || row.RunID != "" || !strings.HasPrefix(row.Reason, "4 of ") {
		t.Fatalf("the run ended %s: %s (run %q), want Partial with 4 failures", row.Status, row.Reason, row.RunID)
	}
	c := h.catalog(t, row)
	failures, err := c.Failures(t.Context(), row.Snapshot)
	must(t, err)
	must(t, c.Close())
	got := map[string]bool{}
	for _, f := range failures {
		got[f.ID] = strings.Contains(f.Reason, "Coffer itself failed")
	}
	if diff := cmp.Diff(got, map[string]bool{folder: true, commented: true, small: true, large: true}); diff != "" {
		t.Errorf("failures with the right reason (-got +want):\n%s", diff)
	}
	if got, want := len(h.snapshot(t, row)), len(h.source())-1; got != want {
		t.Errorf("the snapshot has %d items, want %d: all but what is in the folder", got, want)
	}
	h.wantVaultWhole(t)

	h.backUp(t) // with the worker mended
	h.wantSnapshotEqualsSource(t)

	// What has changed is read by itself.
	must(t, h.sim.Rename(h.user, boxsim.FileRef(small), "Renamed"))
	poisonous = []string{"/2.0/files/" + small}
	must(t, worker.Run(t.Context(), h.request(t)))
	if row := h.row(t); row.Status != backup.Partial || !h.failures(t, row)[small] {
		t.Errorf("the run ended %s: %s", row.Status, row.Reason)
	}
	h.backUp(t)
	h.wantSnapshotEqualsSource(t)
}
