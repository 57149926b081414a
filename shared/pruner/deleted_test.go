package pruner_test

import (
	"testing"
	"time"

	"coffer/scripts/local/localtest"
	"coffer/shared/task"
)

// A Box user's backup was promised to be gone after its grace: that of the task,
// which somebody deletes later, makes it no longer. The others wait for the task.
func TestGraceEndsThoughTheTaskIsDeleted_D2(t *testing.T) {
	t.Parallel()
	w := newWorld(t, newTables(t, localtest.Start(t)), 12)
	snapshots := func(u task.BoxUser) (n int) {
		for _, err := range w.snapRows.All(w.ctx, u.Account, u.Task, u.ID) {
			check(t, err)
			n++
		}
		return n
	}
	for n := range w.users() { // of whose runs some are cut off
		for u := w.users()[n]; snapshots(u) == 0; u = w.users()[n] {
			for range w.backup(u) {
				w.at = w.at.Add(time.Minute)
			}
		}
	}
	gone, stays := w.users()[0], w.users()[1]
	check(t, w.taskRows.Delete(w.ctx, gone))
	w.at = w.at.Add(task.Grace - day)
	_, err := w.taskRows.DeleteTask(w.ctx, w.id.Account, w.id.Task)
	check(t, err)
	if w.prune(false); snapshots(gone) == 0 {
		t.Error("a backup was purged within its grace")
	}
	w.at = w.at.Add(day)
	w.prune(false)
	if n := snapshots(gone); n != 0 {
		t.Errorf("%d snapshots are left after the grace of their deletion", n)
	}
	if snapshots(stays) == 0 {
		t.Error("the task's other backups went before its grace")
	}
}
