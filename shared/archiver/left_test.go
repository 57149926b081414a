package archiver_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"coffer/scripts/local/localtest"
	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
)

// giveUp makes the run fail for good when it makes a call, and returns what lets
// the next one succeed.
func (h *house) giveUp(endpoint string) (end func()) {
	h.sim.Fault(boxsim.Fault{
		Endpoint: endpoint, Kinds: []boxsim.Kind{boxsim.ServerError}, Times: 1, RetryAfter: -1,
		Do: func() { h.sim.SetUnreachable(h.user, http.StatusForbidden) },
	})
	return func() {
		h.sim.ClearFaults()
		h.sim.SetUnreachable(h.user, 0)
	}
}

// TestWhatARunThatWasGivenUpLeftOutTheNextOneTries_I4 has Box refuse a folder, and
// an item that an event told of, in a run that then fails.
func TestWhatARunThatWasGivenUpLeftOutTheNextOneTries_I4(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 71})
	folder, err := h.sim.CreateFolder(h.user, backup.RootFolder, "Refused")
	must(t, err)
	_, err = h.sim.Upload(h.user, folder, "In it", []byte("in it"))
	must(t, err)
	edited, err := h.sim.Upload(h.user, backup.RootFolder, "Edited", []byte("once"))
	must(t, err)
	other, err := h.sim.CreateFolder(h.user, backup.RootFolder, "Other")
	must(t, err)
	last, err := h.sim.Upload(h.user, other, "Last", []byte("last"))
	must(t, err)
	h.sim.Fault(boxsim.Fault{Endpoint: "GET /2.0/folders/" + folder + "/items", Kinds: []boxsim.Kind{boxsim.Forbidden}})
	again := h.giveUp("GET /2.0/files/" + last + "/content")
	if row := h.backUp(t); row.Status != backup.Failed || len(row.Checkpoint) == 0 {
		t.Fatalf("the first run: %s (%s), want Failed with a checkpoint", row.Status, row.Reason)
	}
	again()
	h.backUp(t)
	h.wantSnapshotEqualsSource(t)

	must(t, h.sim.NewVersion(h.user, edited, []byte("twice")))
	must(t, h.sim.NewVersion(h.user, last, []byte("last but one")))
	h.sim.Fault(boxsim.Fault{Endpoint: "GET /2.0/files/" + edited, Kinds: []boxsim.Kind{boxsim.Forbidden}})
	again = h.giveUp("GET /2.0/files/" + last + "/content")
	if row := h.backUp(t); row.Status != backup.Failed || len(row.Checkpoint) == 0 {
		t.Fatalf("the run of the edit: %s (%s), want Failed with a checkpoint", row.Status, row.Reason)
	}
	again()
	h.backUp(t)
	h.wantSnapshotEqualsSource(t)
}

// TestWhatAListingDidNotShowIsLookedForByTheNextWorker_I8 has a file move while
// nobody tells of it, and the run be given up between the listing that does not
// show it any more and the look for it.
func TestWhatAListingDidNotShowIsLookedForByTheNextWorker_I8(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 73})
	from, err := h.sim.CreateFolder(h.user, backup.RootFolder, "From")
	must(t, err)
	into, err := h.sim.CreateFolder(h.user, backup.RootFolder, "Into")
	must(t, err)
	file, err := h.sim.Upload(h.user, from, "Moved", []byte("moved"))
	must(t, err)
	h.backUp(t)
	must(t, h.sim.Unheard(func() error { return h.sim.Move(h.user, boxsim.FileRef(file), into) }))
	for _, name := range []string{"One", "Two"} { // for which the folder is listed
		_, err := h.sim.Upload(h.user, from, name, []byte(name))
		must(t, err)
	}
	again := h.giveUp("GET /2.0/files/" + file)
	if row := h.backUp(t); row.Status != backup.Failed || len(row.Checkpoint) == 0 {
		t.Fatalf("the run: %s (%s), want Failed with a checkpoint", row.Status, row.Reason)
	}
	again()
	h.backUp(t)
	h.wantSnapshotEqualsSource(t)
}

// TestWhatWasSealedAndNeverSeenIsNoSnapshot_I4 cancels a run that has sealed its
// catalog and could not make the snapshot visible.
func TestWhatWasSealedAndNeverSeenIsNoSnapshot_I4(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 72})
	h.furnish(t, 5)
	before := h.backUp(t)
	folder, err := h.sim.CreateFolder(h.user, backup.RootFolder, "Refused")
	must(t, err)
	_, err = h.sim.Upload(h.user, folder, "In it", []byte("in it"))
	must(t, err)
	file, err := h.sim.Upload(h.user, backup.RootFolder, "Blocked", []byte("blocked"))
	must(t, err)
	h.sim.Fault(boxsim.Fault{Endpoint: "GET /2.0/folders/" + folder + "/items", Kinds: []boxsim.Kind{boxsim.Forbidden}})
	must(t, h.sim.Block(h.user, file))

	cfg := localtest.Start(t).AWS.Copy()
	cfg.HTTPClient = &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".TransactWriteItems") {
			r.URL.Host = "127.0.0.1:1" // nobody is there
		}
		return http.DefaultTransport.RoundTrip(r)
	})}
	must(t, h.worker(t, cfg, described(t)).Run(t.Context(), h.request(t)))
	row := h.row(t)
	if row.Snapshot != before.Snapshot || len(row.Checkpoint) == 0 {
		t.Fatalf("after a seal that was not seen: %+v", row)
	}
	must(t, h.Tasks.Cancel(t.Context(), row))

	h.sim.ClearFaults()
	must(t, h.sim.Unblock(h.user, file))
	h.shift.Add(int64(time.Minute))
	row = h.backUp(t)
	h.wantSnapshotEqualsSource(t)
	if s := h.latest(t); s.Added != 3 {
		t.Errorf("%d items are new in the snapshot, want the 3 that the one before lacks", s.Added)
	}
	c := h.catalog(t, row)
	defer c.Close()
	if all, err := c.Snapshots(t.Context()); err != nil || len(all) != 2 {
		t.Errorf("the catalog has %d snapshots, %v, want 2", len(all), err)
	}
}

// TestDraftOfSomebodyWhoWasPausedIsListedAnew_I8 gives a run up that follows the
// enterprise's stream and pauses the Box user for longer than their own stream
// remembers: nobody keeps hints for them then.
func TestDraftOfSomebodyWhoWasPausedIsListedAnew_I8(t *testing.T) {
	t.Parallel()
	e := newEnterprise(t, 7, 0)
	var files []string
	for i := range 40 { // so that most folders are not listed again soon
		folder, err := e.sim.CreateFolder(e.user, backup.RootFolder, fmt.Sprint("Below ", i))
		must(t, err)
		file, err := e.sim.Upload(e.user, folder, "file.txt", fmt.Appendf(nil, "file %d", i))
		must(t, err)
		files = append(files, file)
	}
	user := e.user
	e.settled(t)
	e.user = user
	must(t, e.sim.NewVersion(user, files[0], []byte("given up")))
	again := e.giveUp("GET /2.0/files/" + files[0] + "/content")
	e.slot(t)
	again()
	row := e.row(t)
	if row.Status != backup.Failed || len(row.Checkpoint) == 0 {
		t.Fatalf("the run: %s (%s), want Failed with a checkpoint", row.Status, row.Reason)
	}
	must(t, e.Tasks.Pause(t.Context(), row))
	for _, file := range files {
		must(t, e.sim.NewVersion(user, file, []byte("changed "+file)))
	}
	for range 2 {
		e.pass(11 * 24 * time.Hour)
		e.slot(t)
	}
	must(t, e.Tasks.Activate(t.Context(), e.row(t)))
	e.slot(t)
	e.wantAllEqual(t)
}
