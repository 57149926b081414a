package archiver_test

import (
	"bytes"
	"crypto/sha1" // #nosec G505 -- Box's checksum
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"coffer/scripts/local/localtest"
	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
	"coffer/shared/catalog"
)

// TestAFileWithoutAChecksumIsAFailureOfItsOwn_I4 has Box not tell the SHA-1 of a
// file that is new, and of one whose content is known.
func TestAFileWithoutAChecksumIsAFailureOfItsOwn_I4(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 50})
	var silent atomic.Bool
	next := described(t).Transport
	h.Archiver = h.worker(t, localtest.Start(t).AWS, &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		resp, err := next.RoundTrip(r)
		if err != nil || !silent.Load() || !strings.Contains(r.URL.Path, "/2.0/f") || r.URL.Query().Get("fields") == "" {
			return resp, err
		}
		text, err := io.ReadAll(resp.Body)
		text = bytes.ReplaceAll(text, []byte(backup.SHA1(sha1.Sum([]byte("mute"))).String()), nil) // #nosec G401 -- as above
		resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
		resp.Header.Del("Content-Length")
		return resp, err
	})})
	known, err := h.sim.Upload(h.user, backup.RootFolder, "known.txt", []byte("mute"))
	must(t, err)
	h.backUp(t)
	silent.Store(true)
	must(t, h.sim.Rename(h.user, boxsim.FileRef(known), "renamed.txt"))
	fresh, err := h.sim.Upload(h.user, backup.RootFolder, "fresh.txt", []byte("mute"))
	must(t, err)
	row := h.backUp(t)
	if row.Status != backup.Partial {
		t.Fatalf("status %s (%s)", row.Status, row.Reason)
	}
	for id, want := range map[string]catalog.State{known: catalog.Complete, fresh: catalog.Absent} {
		if item, _ := h.details(t, row, boxsim.FileRef(id)); item.State != want {
			t.Errorf("%s is in state %d, want %d", item.Name, item.State, want)
		}
	}
	silent.Store(false)
	h.backUp(t)
	h.wantSnapshotEqualsSource(t)
}
