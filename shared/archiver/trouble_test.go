package archiver_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
	"coffer/shared/catalog"
	"coffer/shared/snapshot"
)

// TestTroubleThatNeverEndsFailsTheRun refuses what every attempt needs.
func TestTroubleThatNeverEndsFailsTheRun(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 16})
	h.furnish(t, 5)
	h.backUp(t)
	h.sim.Fault(boxsim.Fault{Endpoint: "GET /2.0/events", Kinds: []boxsim.Kind{boxsim.NotFound}})
	if row := h.backUp(t); row.Status != backup.Failed || row.Reason == "" {
		t.Errorf("status %s (%s), want Failed with a reason", row.Status, row.Reason)
	}
	h.sim.ClearFaults()
	h.backUp(t)
	h.wantSnapshotEqualsSource(t)
}

func TestRepeatedAndSimultaneousMessagesMakeOneSnapshot_C3(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 6})
	h.furnish(t, 60)
	message := h.request(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err := h.Run(t.Context(), message); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	must(t, h.Run(t.Context(), message))
	h.wantSnapshotEqualsSource(t)
	list, _, err := h.Snapshots.List(t.Context(), h.task.Account, h.task.ID, h.user, snapshot.Page{Limit: 10})
	if err != nil || len(list) != 1 {
		t.Errorf("%d snapshots, %v, want 1", len(list), err)
	}
	activity, _, err := h.Audit.List(t.Context(), h.task.Account, audit.Query{}, 10)
	if err != nil || len(activity) != 1 {
		t.Errorf("%d activities, %v, want 1", len(activity), err)
	}
	row := h.row(t)
	_, err = h.Tasks.Request(t.Context(), row, time.Time{})
	must(t, err)
	if _, err = h.Tasks.Request(t.Context(), row, time.Time{}); backup.KindOf(err) != backup.Conflict {
		t.Errorf("backup now while one is requested: %v, want a conflict (D9)", err)
	}
}

func TestWorkerThatDiesAnywhereLosesNothing_C1(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 7})
	h.furnish(t, 150)
	message := h.request(t)
	rng := rand.New(rand.NewPCG(7, 7))
	deaths := 0
	for h.row(t).RunID != "" {
		ctx, kill := context.WithCancel(t.Context())
		time.AfterFunc(time.Duration(rng.IntN(400))*time.Millisecond, kill)
		if err := h.Run(ctx, message); err != nil {
			deaths++
			h.expire()
		}
		kill()
		if deaths == 10 {
			must(t, h.Run(t.Context(), message))
		}
	}
	if deaths < 5 {
		t.Errorf("the worker died %d times, want at least 5", deaths)
	}
	h.wantSnapshotEqualsSource(t)
	list, _, err := h.Snapshots.List(t.Context(), h.task.Account, h.task.ID, h.user, snapshot.Page{Limit: 10})
	if err != nil || len(list) != 1 {
		t.Errorf("%d snapshots, %v, want 1", len(list), err)
	}
}

func TestPositionBeyondTheStreamsReachIsCrawled_I8(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 13})
	h.furnish(t, 10)
	h.backUp(t)
	_, err := h.sim.Upload(h.user, backup.RootFolder, "meanwhile.txt", []byte("meanwhile"))
	must(t, err)
	month := 30 * 24 * time.Hour // longer than Box keeps events
	h.sim.Advance(month)
	h.shift.Add(int64(month))
	row := h.backUp(t)
	h.wantSnapshotEqualsSource(t)
	s, err := h.Snapshots.Snapshot(t.Context(), h.task.Account, h.task.ID, h.user, row.Snapshot)
	if err != nil || s.Method != snapshot.Crawl {
		t.Errorf("listed by %s, %v, want by a crawl", s.Method, err)
	}
}

func TestCheckpointBeyondTheStreamsReachIsCrawledAnew_I8(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 14, Latency: 30 * time.Millisecond})
	h.furnish(t, 20)
	h.Beat = 400 * time.Millisecond // until then the root is listed, and the 60 folders in a row are not
	h.cancelUnderWay(t)
	if row := h.row(t); row.RunID != "" || len(row.Checkpoint) == 0 {
		t.Fatalf("the cancelled run left run %q and a checkpoint of %d bytes", row.RunID, len(row.Checkpoint))
	}
	_, err := h.sim.Upload(h.user, backup.RootFolder, "meanwhile.txt", []byte("meanwhile"))
	must(t, err)
	month := 30 * 24 * time.Hour // longer than Box keeps events
	h.sim.Advance(month)
	h.shift.Add(int64(month))
	h.backUp(t)
	h.wantSnapshotEqualsSource(t)
}

func TestUnreachableUserFailsWithAReasonAndIsRetried(t *testing.T) {
	t.Parallel()
	for _, status := range []int{403, 404} {
		h := newHouse(t, boxsim.Options{Seed: 9})
		h.furnish(t, 10)
		h.sim.SetUnreachable(h.user, status)
		row := h.backUp(t)
		if row.Status != backup.Failed || !strings.Contains(row.Reason, "Box user") {
			t.Errorf("status %s (%s) after %d, want Failed with a reason", row.Status, row.Reason, status)
		}
		h.sim.SetUnreachable(h.user, 0)
		h.backUp(t)
		h.wantSnapshotEqualsSource(t)
	}
}

func TestRevokedAuthorisationDisconnectsAndLosesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 10})
	h.furnish(t, 30)
	first := h.backUp(t)
	h.sim.RevokeTokens(h.admin)
	row := h.backUp(t)
	if row.Status != backup.Failed || row.Snapshot != first.Snapshot || !bytes.Equal(row.Catalog, first.Catalog) {
		t.Errorf("after the revocation: status %s, snapshot %s, want Failed and the first snapshot", row.Status, row.Snapshot)
	}
	b, err := h.Tasks.Task(t.Context(), h.task.Account, h.task.ID)
	if err != nil || b.Connection != backup.Disconnected || !strings.Contains(b.Reason, "Connect") {
		t.Errorf("task %s (%s), %v, want Disconnected with what to do", b.Connection, b.Reason, err)
	}

	must(t, h.conns.Tokens(b.Account, b.ID).Store(t.Context(), h.app.Pair(h.admin)))
	h.conns.Forget(b.ID)
	_, err = h.Tasks.Authorised(t.Context(), b.Account, b.ID, h.app.Enterprise, "Acme", "ada@acme.example")
	must(t, err)
	h.backUp(t)
	h.wantSnapshotEqualsSource(t)
}

func TestForeignFoldersAreReferencesWhereTheirOwnerIsProtected(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 11})
	shared, err := h.sim.CreateFolder(h.admin, backup.RootFolder, "Ada's folder")
	must(t, err)
	_, err = h.sim.Upload(h.admin, shared, "Ada's file", []byte("ada"))
	must(t, err)
	_, err = h.sim.Collaborate(h.admin, backup.ItemRef{Kind: backup.Folder, ID: shared}, h.user, "editor")
	must(t, err)
	outside := h.sim.AddEnterprise("Elsewhere").AddUser("Eve", "eve@else.example", boxsim.Admin)
	foreign, err := h.sim.CreateFolder(outside, backup.RootFolder, "Eve's folder")
	must(t, err)
	_, err = h.sim.Upload(outside, foreign, "Eve's file", []byte("eve"))
	must(t, err)
	_, err = h.sim.Collaborate(outside, backup.ItemRef{Kind: backup.Folder, ID: foreign}, h.user, "viewer")
	must(t, err)
	h.furnish(t, 5)

	row := h.backUp(t)
	own := len(h.sim.Tree(h.user))
	if got := len(h.snapshot(t, row)); got != own+2 {
		t.Errorf("the snapshot has %d items, want %d own ones and Eve's folder and file", got, own)
	}
	c := h.catalog(t, row)
	defer c.Close()
	if item, err := c.Item(t.Context(), row.Snapshot, backup.ItemRef{Kind: backup.Folder, ID: shared}); err != nil || item.OwnedBy != "ada@acme.example" {
		t.Errorf("Ada's folder as a reference: %+v, %v", item, err)
	}
	if items, _, err := c.Children(t.Context(), row.Snapshot, shared, catalog.Listing{}, "", 10); err != nil || len(items) != 0 {
		t.Errorf("Ada's folder holds %d items in Bob's backup, %v, want none", len(items), err)
	}
	if items, _, err := c.Children(t.Context(), row.Snapshot, foreign, catalog.Listing{}, "", 10); err != nil || len(items) != 1 || !items[0].ExternallyOwned {
		t.Errorf("Eve's folder holds %+v, %v, want her file marked as external", items, err)
	}
}

// Box says once that a folder is not there, when it is listed, and that a file
// is not there, when it is read.
func TestWhatBoxDeniesOnceIsNotLost(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 25})
	h.furnish(t, 10)
	h.backUp(t)
	folder, err := h.sim.CreateFolder(h.user, backup.RootFolder, "New")
	must(t, err)
	file, err := h.sim.Upload(h.user, folder, "In it", []byte("in it"))
	must(t, err)
	denied := []int{
		h.sim.Fault(boxsim.Fault{Endpoint: "GET /2.0/folders/" + folder + "/items", Kinds: []boxsim.Kind{boxsim.NotFound}, Times: 1}),
		h.sim.Fault(boxsim.Fault{Endpoint: "GET /2.0/folders/" + folder, Kinds: []boxsim.Kind{boxsim.NotFound}, Times: 1}),
		h.sim.Fault(boxsim.Fault{Endpoint: "GET /2.0/files/" + file, Kinds: []boxsim.Kind{boxsim.NotFound}, Times: 1}),
	}
	h.backUp(t)
	h.backUp(t)
	h.wantSnapshotEqualsSource(t)
	used := int64(0)
	for _, f := range denied {
		used += h.sim.Stats().Faults[f]
	}
	if used == 0 {
		t.Error("Box denied nothing")
	}
}

// TestFolderThatCannotBeReadIsAFailureOfItsOwn_I4 has Box show a file and refuse
// the new folder that it is in.
func TestFolderThatCannotBeReadIsAFailureOfItsOwn_I4(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 26})
	h.furnish(t, 10)
	h.backUp(t)
	folder, err := h.sim.CreateFolder(h.user, backup.RootFolder, "Refused")
	must(t, err)
	_, err = h.sim.Upload(h.user, folder, "In it", []byte("in it"))
	must(t, err)
	h.sim.Fault(boxsim.Fault{Endpoint: "GET /2.0/folders/" + folder, Kinds: []boxsim.Kind{boxsim.Forbidden}})
	before := h.apiCalls()
	row := h.backUp(t)
	if got := h.failures(t, row); row.Status != backup.Partial || !got[folder] {
		t.Errorf("%s (%s), failed are %v, want Partial and folder %s among them", row.Status, row.Reason, got, folder)
	}
	if n := h.apiCalls() - before; n > 20 {
		t.Errorf("%d calls of Box for two new items, want a few", n)
	}
	h.sim.ClearFaults()
	h.backUp(t)
	h.wantSnapshotEqualsSource(t)
}
