package archiver_test

import (
	"testing"

	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
	"coffer/shared/task"
)

// TestWhoIsNotBackedUpOnScheduleStaysSoAfterARun backs up somebody who is Not
// Active or Paused, and pauses and activates while a run is under way.
func TestWhoIsNotBackedUpOnScheduleStaysSoAfterARun(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 71})
	h.furnish(t, 5)
	want := func(what string, status backup.Status, active bool) {
		t.Helper()
		if row := h.row(t); row.Status != status || row.Active != active || row.RunID != "" {
			t.Errorf("%s: %s, active %v, want %s, active %v", what, row.Status, row.Active, status, active)
		}
	}
	// meanwhile does something while the run lists.
	meanwhile := func(act func()) {
		t.Helper()
		_, err := h.sim.Upload(h.user, backup.RootFolder, backup.NewID(), []byte("new"))
		must(t, err)
		h.sim.Fault(boxsim.Fault{Endpoint: "GET /2.0/events", User: h.user, Kinds: []boxsim.Kind{boxsim.Late}, Nth: 1, Do: act})
		h.backUp(t)
		h.sim.ClearFaults()
	}
	must(t, h.Tasks.Pause(t.Context(), h.row(t)))
	want("paused", backup.Paused, false)
	first := h.backUp(t)
	want("backed up while Paused", backup.Paused, false)
	if first.Snapshot == "" || h.latest(t).Status != backup.Success {
		t.Errorf("the snapshot is %+v", h.latest(t))
	}
	meanwhile(func() { must(t, h.Tasks.Activate(t.Context(), h.row(t))) })
	want("activated meanwhile", backup.Success, true)
	meanwhile(func() { must(t, h.Tasks.Pause(t.Context(), h.row(t))) })
	want("paused meanwhile", backup.Paused, false)

	h.sim.Fault(boxsim.Fault{Endpoint: "GET /2.0/events", Kinds: []boxsim.Kind{boxsim.NotFound}})
	if row := h.backUp(t); row.Reason == "" {
		t.Error("a failed run of somebody Paused has no reason")
	}
	want("failed while Paused", backup.Paused, false)
	h.sim.ClearFaults()

	enterprise, _ := h.sim.FindEnterprise("Acme")
	h.user = enterprise.AddUser("Cid", "cid@acme.example", boxsim.Member)
	_, err := h.Tasks.Discovered(t.Context(), task.BoxUser{Account: h.task.Account, Task: h.task.ID, ID: h.user, Name: "Cid", Login: "cid@acme.example", BoxStatus: "active"}, false)
	must(t, err)
	h.backUp(t)
	want("backed up while Not Active", backup.NotActive, false)
}
