package pruner_test

import (
	"strings"
	"testing"
	"time"

	"coffer/scripts/local/localtest"
	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/job"
	"coffer/shared/pruner"
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

// TestSnapshotOfAJobOutlivesRetention_D3 has a restore wait while the retention of
// what it restores ends.
func TestSnapshotOfAJobOutlivesRetention_D3(t *testing.T) {
	t.Parallel()
	w := newWorld(t, newTables(t, localtest.Start(t)), 11)
	u := w.users()[0]
	for n := 0; n < 6 || u.RunID != ""; n++ {
		for range w.backup(u) {
			w.at = w.at.Add(time.Minute)
		}
		u = w.users()[0]
	}
	shots := func() (ids []backup.SnapshotID) {
		for s, err := range w.snapRows.All(w.ctx, u.Account, u.Task, u.ID) {
			check(t, err)
			ids = append(ids, s.ID)
		}
		return ids
	}
	before := shots()
	jobs := job.New(w.cfg, w.jobs)
	jobs.Now = w.now
	restore := job.Job{
		Account: u.Account, Task: u.Task, BoxUser: u.ID, UserName: u.Name, Kind: job.Restore,
		ID: backup.JobID(u.Task) + "-long", Snapshot: before[0], Created: w.at,
	}
	check(t, jobs.Create(w.ctx, restore, nil))
	w.at = w.at.Add(60 * day)
	w.full(5)
	if after := shots(); len(before) < 4 || len(after) > 3 || after[0] != before[0] {
		t.Errorf("of snapshots %q there are %q while a restore is for the first", before, after)
	}
	w.verify()
	check(t, jobs.Cancel(w.ctx, u.Account, restore.ID))
	w.full(5)
	if after := shots(); len(after) > 2 || after[0] == before[0] {
		t.Errorf("%q are left when the restore has ended", after)
	}
	w.verify()
}

// TestLostCatalogIsToldAndFailsNoMessage_I5 loses the catalog of a Box user: what
// nobody knew fails, so that somebody looks; what verification has told does not.
func TestLostCatalogIsToldAndFailsNoMessage_I5(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	k := newKit(t)
	k.store(t, "a row")
	sealed := k.seal(t, "lost")
	check(t, k.Objects.Delete(ctx, sealed.Object))
	check(t, k.Tasks.Sweep(ctx, k.id.Account, k.id.Task, time.Now()))
	told := func() (rows []audit.Activity) {
		page, _, err := k.Audit.List(ctx, k.id.Account, audit.Query{}, 100)
		check(t, err)
		return page
	}
	k.Now = func() time.Time { return time.Now().Add(2 * day) }
	if _, err := k.Prune(ctx, k.message()); err == nil || !strings.Contains(err.Error(), "Box user 11") || len(told()) != 0 {
		t.Errorf("lost, and nobody knows: %v, told %+v", err, told())
	}
	check(t, k.Tasks.Verified(ctx, k.user, "The list of what is in the backup cannot be read."))
	k.orphan(t)
	report, err := k.Prune(ctx, k.message())
	if err != nil || report.Packs != 1 || report.Contents != 0 {
		t.Errorf("lost, as people know: %+v, %v", report, err)
	}
	report, err = k.Prune(ctx, k.message())
	if err != nil || report != (pruner.Report{}) {
		t.Errorf("again: %+v, %v", report, err)
	}
	rows := told()
	if len(rows) != 2 || rows[0].Status != audit.Partial || !strings.Contains(rows[0].Description, "the backup of Ada cannot be read") {
		t.Errorf("told: %+v", rows)
	}
	k.wantReadable(t, "a row")
}
