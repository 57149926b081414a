package pruner_test

import (
	"testing"
	"time"

	"coffer/scripts/local/localtest"
	"coffer/shared/task"
)

// TestHeldSnapshotsOutliveRetention_D3 prunes long after all have expired, with
// one Box user held and another not.
func TestHeldSnapshotsOutliveRetention_D3(t *testing.T) {
	t.Parallel()
	w := newWorld(t, newTables(t, localtest.Start(t)), 10)
	held, other := w.users()[0], w.users()[1]
	for range 6 {
		w.hold = "Most of it was deleted."
		for range w.backup(held) {
			w.at = w.at.Add(time.Minute)
		}
		w.hold = ""
		for range w.backup(other) {
			w.at = w.at.Add(time.Minute)
		}
		w.at = w.at.Add(day)
		held, other = w.users()[0], w.users()[1]
	}
	for other.RunID != "" { // as long as one is cut off, nothing expires
		for range w.backup(other) {
			w.at = w.at.Add(time.Minute)
		}
		other = w.users()[1]
	}
	w.hold = "Most of it was deleted."
	for held.RunID != "" {
		for range w.backup(held) {
			w.at = w.at.Add(time.Minute)
		}
		held = w.users()[0]
	}
	w.hold = ""
	count := func(u task.BoxUser) (rows int) {
		for _, err := range w.snapRows.All(w.ctx, u.Account, u.Task, u.ID) {
			check(t, err)
			rows++
		}
		return rows
	}
	before := count(held)
	w.at = w.at.Add(365 * day)
	w.full(1)
	if before < 3 || count(held) != before || count(other) > 2 {
		t.Errorf("%d of %d snapshots of the held Box user are left and %d of the other", count(held), before, count(other))
	}
	check(t, w.taskRows.Release(w.ctx, held))
	w.full(1)
	if n := count(held); n > 2 {
		t.Errorf("%d snapshots are left once released", n)
	}
	w.verify()
}
