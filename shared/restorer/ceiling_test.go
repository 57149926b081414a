package restorer_test

import (
	"fmt"
	"strings"
	"testing"

	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
	"coffer/shared/task"
)

func TestRestoreWaitsForTheCeilingAndGoesOn_B1(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 25})
	for i := range 20 {
		h.write(t, fmt.Sprint("/", i), fmt.Sprint(i))
	}
	snap := h.backUp(t)
	h.deleteAll(t)
	ceiling := func(calls int64) {
		h.task.Ceiling = calls
		_, err := h.Tasks.Change(t.Context(), h.task.Account, h.task.ID, task.Settings{Policy: &h.task.Policy})
		must(t, err)
	}
	used, err := h.Tasks.Usage(t.Context(), h.task.Account, h.task.ID, task.MonthOf(h.now()))
	must(t, err)
	ceiling(used.Total() + 6)
	m := h.ask(t, snap, backup.NonDestructive)
	must(t, h.Run(t.Context(), m))
	j, err := h.Jobs.Job(t.Context(), m.Account, m.Job)
	must(t, err)
	if j.Status != backup.JobInProgress || j.Owner != "" || j.Attempts != 0 || !strings.Contains(j.Reason, "ceiling") || j.Failed > 0 {
		t.Fatalf("stopped restore: %+v", j)
	}
	ceiling(0)
	must(t, h.Run(t.Context(), m))
	j, err = h.Jobs.Job(t.Context(), m.Account, m.Job)
	must(t, err)
	wantJob(t, j, backup.JobSucceeded, 20, 0, 0)
	if j.Reason != "" {
		t.Errorf("reason %q", j.Reason)
	}
}
