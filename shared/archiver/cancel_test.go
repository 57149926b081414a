package archiver_test

import (
	"strings"
	"testing"
	"time"

	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
)

// cancelUnderWay begins a run, cancels it as soon as a worker has it, and waits
// for its end.
func (h *house) cancelUnderWay(t *testing.T) {
	t.Helper()
	message := h.request(t)
	ended := make(chan error, 1)
	go func() { ended <- h.Run(t.Context(), message) }()
	for deadline := time.Now().Add(20 * time.Second); h.row(t).RunOwner == ""; {
		if time.Now().After(deadline) {
			t.Fatal("nobody takes up the run")
		}
	}
	must(t, h.Tasks.Cancel(t.Context(), h.row(t)))
	must(t, <-ended)
}

func TestCancelledRunKeepsWhatItStored_D9(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 12, Latency: 30 * time.Millisecond})
	h.furnish(t, 60)
	id, err := h.sim.Upload(h.user, backup.RootFolder, "Blocked", []byte("blocked"))
	must(t, err)
	must(t, h.sim.Block(h.user, id))

	h.cancelUnderWay(t)
	if row := h.row(t); row.RunID != "" || row.Snapshot != "" || row.Status != backup.Scheduled || row.Reason != "" {
		t.Errorf("after cancelling the first run: %+v", row)
	}
	activity, _, err := h.Audit.List(t.Context(), h.task.Account, audit.Query{}, 10)
	if err != nil || len(activity) != 1 || activity[0].Status != audit.Canceled || activity[0].BoxUserName == "" || !strings.Contains(activity[0].Description, "cancelled") {
		t.Errorf("activity %+v, %v, want the cancelled run", activity, err)
	}
	first := h.backUp(t)
	if first.Status != backup.Partial || first.Reason == "" {
		t.Fatalf("first backup: %s (%s), want Partial", first.Status, first.Reason)
	}
	must(t, h.sim.Unblock(h.user, id))
	h.backUp(t)
	h.wantSnapshotEqualsSource(t)
}

func TestRunThatIsCancelledBetweenTwoWorkersEndsWithTheNext_D9(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 12})
	h.furnish(t, 10)
	id, err := h.sim.Upload(h.user, backup.RootFolder, "Blocked", []byte("blocked"))
	must(t, err)
	must(t, h.sim.Block(h.user, id))
	before := h.backUp(t)

	message := h.request(t)
	held, err := h.Tasks.Lease(t.Context(), message, "first worker")
	must(t, err)
	must(t, h.Tasks.Cancel(t.Context(), held))
	must(t, h.Tasks.HandOver(t.Context(), held))
	calls := h.sim.Stats().Calls
	must(t, h.Run(t.Context(), message))
	row := h.row(t)
	if row.RunID != "" || row.Snapshot != before.Snapshot || row.Status != backup.Partial || row.Reason != before.Reason {
		t.Errorf("after the cancel: %+v, want it as after the first backup", row)
	}
	if n := h.sim.Stats().Calls - calls; n != 0 {
		t.Errorf("%d calls of Box for a run that was cancelled, want 0", n)
	}

	message = h.request(t)
	held, err = h.Tasks.Lease(t.Context(), message, "first worker")
	must(t, err)
	must(t, h.Tasks.Cancel(t.Context(), held))
	must(t, h.Tasks.Pause(t.Context(), held)) // as who cancels may do, too
	must(t, h.Tasks.HandOver(t.Context(), held))
	must(t, h.Run(t.Context(), message))
	if row := h.row(t); row.Status != backup.Paused {
		t.Errorf("paused while it ran and cancelled: %s, want Paused", row.Status)
	}
}
