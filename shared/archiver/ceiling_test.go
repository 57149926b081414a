package archiver_test

import (
	"strings"
	"testing"

	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
	"coffer/shared/task"
)

// ceiling sets the task's ceiling of Box calls.
func (h *house) ceiling(t *testing.T, calls int64) {
	t.Helper()
	h.task.Ceiling = calls
	_, err := h.Tasks.Change(t.Context(), h.task.Account, h.task.ID, task.Settings{Policy: &h.task.Policy})
	must(t, err)
}

// apiCalls is how many API calls Box has seen; transfers are none.
func (h *house) apiCalls() int64 {
	var calls int64
	for endpoint, n := range h.sim.Stats().Endpoints {
		if strings.Contains(endpoint, " /2.0/") {
			calls += n
		}
	}
	return calls
}

func TestCeilingStopsABackupAndItGoesOnFromThere_B1(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 21})
	h.furnish(t, 60)
	h.ceiling(t, 5)
	message := h.request(t)
	must(t, h.Run(t.Context(), message))
	must(t, h.Run(t.Context(), message)) // looks again, in vain

	row := h.row(t)
	if row.RunID == "" || row.RunOwner != "" || row.Status != backup.Scheduled || row.RunAttempts != 0 || !strings.Contains(row.RunStopped, "ceiling of 5 Box calls") {
		t.Errorf("stopped run: %+v", row)
	}
	if n := h.apiCalls(); n != 5 {
		t.Errorf("Box was called %d times, want 5", n)
	}
	told, _, err := h.Audit.List(t.Context(), h.task.Account, audit.Query{}, 10)
	if err != nil || len(told) != 1 || !strings.Contains(told[0].Description, "ceiling") {
		t.Errorf("activity %+v, %v, want the ceiling told once", told, err)
	}

	h.ceiling(t, 0)
	for range 10 {
		must(t, h.Run(t.Context(), message))
	}
	if row := h.row(t); row.RunID != "" || row.RunStopped != "" {
		t.Fatalf("after the ceiling was removed: %+v", row)
	}
	h.wantSnapshotEqualsSource(t)
	u, err := h.Tasks.Usage(t.Context(), h.task.Account, h.task.ID, task.MonthOf(h.Now()))
	must(t, err)
	if counted, seen := u.Total(), h.apiCalls(); counted != seen || u.Taken != seen {
		t.Errorf("%d calls counted and %d taken, Box saw %d: %v", counted, u.Taken, seen, u.Calls)
	}
}
