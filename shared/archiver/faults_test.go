package archiver_test

import (
	"crypto/sha1"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
	"coffer/shared/scanner"
	"coffer/shared/task"
)

// all are the ways for a call to go wrong that a client must get over.
var all = []boxsim.Kind{
	boxsim.TooMany, boxsim.ServerError, boxsim.BadGateway, boxsim.Unavailable, boxsim.Timeout, boxsim.Reset, boxsim.Cut, boxsim.Lost,
	boxsim.Short, boxsim.Flip, boxsim.BadJSON, boxsim.HTML, boxsim.Empty, boxsim.Accepted, boxsim.Slow, boxsim.Unauthorized,
}

// TestFaultyBoxIsBackedUpWhole lets a fifth of all calls fail. COFFER_FILES is
// the number of files, COFFER_SEED varies what fails.
func TestFaultyBoxIsBackedUpWhole_I2_I3(t *testing.T) {
	t.Parallel()
	files, seed := number("COFFER_FILES", 200), uint64(number("COFFER_SEED", 5))
	clean := newHouse(t, boxsim.Options{Seed: 4})
	clean.furnish(t, files)
	clean.backUp(t)
	h := newHouse(t, boxsim.Options{Seed: 4})
	h.furnish(t, files)
	fault := h.sim.Fault(boxsim.Fault{Kinds: all, Probability: 0.2, RetryAfter: -1, Delay: 20 * time.Millisecond, Seed: seed})
	row := h.backUp(t)
	h.wantSnapshotEqualsSource(t)
	few, many := clean.sim.Stats().Users[clean.user].Calls, h.sim.Stats().Users[h.user].Calls
	if float64(many) > 1.6*float64(few) {
		t.Errorf("a backup with faults took %d calls, %d without, want at most 1.6 times as many", many, few)
	}
	s, err := h.Snapshots.Snapshot(t.Context(), h.task.Account, h.task.ID, h.user, row.Snapshot)
	if must(t, err); s.Calls <= few {
		t.Errorf("%d calls are told of, want more than the %d without faults: each try counts", s.Calls, few)
	}
	rng := rand.New(rand.NewPCG(4, 4))
	for range 3 {
		h.change(t, rng, 20)
		h.backUp(t)
		h.wantSnapshotEqualsSource(t)
	}
	if n := h.sim.Stats().Faults[fault]; n < 20 {
		t.Errorf("%d faults were injected, want many", n)
	}
}

// TestFalseContentsAreNeverStored_I2 makes a fifth of the contents shorter than
// they are, or false by a bit.
func TestFalseContentsAreNeverStored_I2(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 17})
	h.furnish(t, number("COFFER_FILES", 100))
	for _, endpoint := range []string{"GET /d/1/**", "GET /zip/*/content"} {
		h.sim.Fault(boxsim.Fault{Endpoint: endpoint, Kinds: []boxsim.Kind{boxsim.Short, boxsim.Flip}, Probability: 0.2, Seed: uint64(number("COFFER_SEED", 5))})
	}
	for i := range 30 { // too few at a time for an archive
		_, err := h.sim.Upload(h.user, backup.RootFolder, fmt.Sprintf("single %d", i), fmt.Appendf(nil, "single %d", i))
		must(t, err)
		if i%3 == 0 {
			h.backUp(t)
		}
	}
	h.backUp(t)
	h.wantSnapshotEqualsSource(t)
	h.wantContentsRead(t)
	if kinds := h.sim.Stats().Kinds; kinds[boxsim.Short]+kinds[boxsim.Flip] == 0 {
		t.Error("no content was false")
	}
}

// TestLostArchiveIsAskedForAgain_I3_L2 has archives not be where Box says: its files
// are not fetched one by one for that.
func TestLostArchiveIsAskedForAgain_I3_L2(t *testing.T) {
	t.Parallel()
	for _, kind := range []boxsim.Kind{boxsim.Unauthorized, boxsim.NotFound, boxsim.Forbidden, boxsim.Accepted} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, boxsim.Options{Seed: 19})
			h.furnish(t, 50)
			fault := h.sim.Fault(boxsim.Fault{Endpoint: "GET /zip/*/content", Kinds: []boxsim.Kind{kind}, Times: 2})
			h.backUp(t)
			h.wantSnapshotEqualsSource(t)
			if s := h.sim.Stats(); s.Faults[fault] != 2 || s.Endpoints["GET /2.0/files/{id}/content"] > 5 {
				t.Errorf("%d archives were lost, and %d files were fetched one by one", s.Faults[fault], s.Endpoints["GET /2.0/files/{id}/content"])
			}
		})
	}
}

// wantContentsRead compares what the vault gives of each file with its SHA-1,
// whatever the vault thinks of it.
func (h *house) wantContentsRead(t *testing.T) {
	t.Helper()
	v, err := h.Vault(t.Context(), h.task)
	must(t, err)
	for _, n := range h.source() {
		if n.Kind != backup.File {
			continue
		}
		src, err := v.Read(t.Context(), n.Content)
		must(t, err)
		hash := sha1.New()
		size, err := io.Copy(hash, src)
		must(t, src.Close())
		if got := (backup.Content{SHA1: backup.SHA1(hash.Sum(nil)), Size: size}); got != n.Content || err != nil {
			t.Errorf("%s has %s in the vault, want %s: %v", n.ID, got, n.Content, err)
		}
	}
}

// TestVeryFaultyBoxIsNeverBackedUpWrong lets half of all calls fail: the backup
// may lack something then and says what.
func TestVeryFaultyBoxIsNeverBackedUpWrong_I3(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 18})
	h.furnish(t, number("COFFER_FILES", 100))
	h.sim.Fault(boxsim.Fault{Kinds: all, Probability: 0.5, RetryAfter: -1, Delay: 20 * time.Millisecond, Seed: uint64(number("COFFER_SEED", 5))})
	row := h.backUp(t)
	t.Logf("%s (%s)", row.Status, row.Reason)
	if row.Snapshot != "" {
		lacks := h.failures(t, row)
		if got, want := row.Status == backup.Success, len(lacks) == 0; got != want {
			t.Errorf("%s with %d failures", row.Status, len(lacks))
		}
		source := map[string]node{}
		for _, n := range h.source() {
			source[n.ID] = n
		}
		for _, n := range h.snapshot(t, row) {
			if diff := cmp.Diff(n, source[n.ID]); diff != "" && !lacks[n.ID] {
				t.Errorf("%s %s is wrong (-snapshot +source):\n%s", n.Kind, n.ID, diff)
			}
			delete(source, n.ID)
		}
		if len(source) > 0 && len(lacks) == 0 {
			t.Errorf("%d items are missing, and none is told of", len(source))
		}
	}
	h.sim.ClearFaults()
	h.backUp(t)
	h.wantSnapshotEqualsSource(t)
}

// failures are the items that the newest snapshot's ledger has.
func (h *house) failures(t *testing.T, row task.BoxUser) map[string]bool {
	t.Helper()
	c := h.catalog(t, row)
	defer c.Close()
	failed, err := c.Failures(t.Context(), row.Snapshot)
	must(t, err)
	found := map[string]bool{}
	for _, f := range failed {
		found[f.ID] = true
		if f.Reason == "" {
			t.Errorf("%s failed without a reason", f.ItemRef)
		}
	}
	return found
}

// TestItemsThatAlwaysFailMakeThePartialList refuses seven files for ever, by
// two calls with 403, two with 404 and three with 500.
func TestItemsThatAlwaysFailMakeThePartialListAndAreRetried_I4(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 5})
	h.furnish(t, number("COFFER_FILES", 100))
	want, faults := map[string]bool{}, []int{}
	kinds := []boxsim.Kind{boxsim.Forbidden, boxsim.Policy, boxsim.NotFound, boxsim.NotFound, boxsim.ServerError, boxsim.ServerError, boxsim.ServerError}
	for i, kind := range kinds {
		id, err := h.sim.Upload(h.user, backup.RootFolder, fmt.Sprintf("Bad %d", i), fmt.Appendf(nil, "bad %d", i))
		must(t, err)
		want[id] = true
		faults = append(faults, h.sim.Fault(boxsim.Fault{Endpoint: "GET /2.0/files/" + id + "/content", Kinds: []boxsim.Kind{kind}, RetryAfter: -1}))
		must(t, h.sim.Block(h.user, id)) // archives leave it out as well
	}
	row := h.backUp(t)
	calls := h.sim.Stats().Users[h.user].Calls
	if row.Status != backup.Partial || !strings.HasPrefix(row.Reason, "7 of ") || !strings.Contains(row.Reason, "again in the next backup") {
		t.Fatalf("status %s (%s), want Partial with 7 failures", row.Status, row.Reason)
	}
	if diff := cmp.Diff(h.failures(t, row), want); diff != "" {
		t.Errorf("failed items (-got +want):\n%s", diff)
	}
	sealed, err := h.Snapshots.Snapshot(t.Context(), h.task.Account, h.task.ID, h.user, row.Snapshot)
	must(t, err)
	if sealed.Lost != (backup.Kinds{Files: 7}) || sealed.Absent != 7 || sealed.Fresh.Files != sealed.Files-7 {
		t.Errorf("without content are %d of %d files, %d are new, and failed are %+v", sealed.Absent, sealed.Files, sealed.Fresh.Files, sealed.Lost)
	}
	good := func(nodes []node) []node {
		return slices.DeleteFunc(nodes, func(n node) bool { return want[n.ID] })
	}
	if diff := cmp.Diff(good(h.snapshot(t, row)), good(h.source())); diff != "" {
		t.Errorf("the others in snapshot and source differ (-snapshot +source):\n%s", diff)
	}
	if got, want := len(h.snapshot(t, row)), len(h.source()); got != want {
		t.Errorf("the snapshot has %d items, want %d", got, want)
	}
	h.wantVaultWhole(t)

	before := h.sim.Stats().Faults
	h.atNextSlot(t)
	if diff := cmp.Diff(h.failures(t, h.row(t)), want); diff != "" {
		t.Errorf("failed items of the next backup (-got +want):\n%s", diff)
	}
	for i, f := range faults {
		if n := h.sim.Stats().Faults[f] - before[f]; n == 0 {
			t.Errorf("Bad %d was not tried again at the task's next time", i)
		}
	}

	h.sim.ClearFaults()
	for id := range want {
		must(t, h.sim.Unblock(h.user, id))
	}
	h.backUp(t)
	h.wantSnapshotEqualsSource(t)

	start := h.sim.Stats().Users[h.user].Calls
	h.another(t).backUp(t)
	if clean := h.sim.Stats().Users[h.user].Calls - start; float64(calls) > 1.5*float64(clean) {
		t.Errorf("with items that always fail a first backup takes %d calls, without %d, want at most 1.5 times as many", calls, clean)
	}
}

// atNextSlot lets the time come at which the task is backed up next, which is
// when what failed is tried again, and carries out the Box user's run of then.
func (h *house) atNextSlot(t *testing.T) {
	t.Helper()
	slot := h.task.Next(h.Now())
	h.sim.Advance(slot.Sub(h.Now()))
	h.shift.Add(int64(slot.Sub(h.Now())))
	s := &scanner.Scanner{Tasks: h.Tasks, Snapshots: h.Snapshots, Audit: h.Audit, Connections: h.conns, Runs: h.Runs}
	must(t, s.Scan(t.Context(), backup.ScanMessage{Account: h.task.Account, Task: h.task.ID, Slot: slot}))
	row := h.row(t)
	if row.RunID == "" || !row.Had(slot) {
		t.Fatalf("nothing is tried at %s: %+v", slot, row)
	}
	must(t, h.Run(t.Context(), row.Message()))
}
