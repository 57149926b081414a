package scanner_test

import (
	"testing"
	"time"

	"coffer/shared/backup"
	"coffer/shared/snapshot"
	"coffer/shared/task"
)

// sealed makes Bob's latest run a Success that the stream covers.
func (f *follower) sealed(t *testing.T) {
	t.Helper()
	u, err := f.Tasks.Request(t.Context(), f.user(t, f.bob.ID), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if u, err = f.Tasks.Lease(t.Context(), u.Message(), "w"); err != nil {
		t.Fatal(err)
	}
	now := f.Tasks.Now()
	shot := snapshot.Snapshot{Account: u.Account, Task: u.Task, BoxUser: u.ID, ID: u.RunID, Status: backup.Success, Taken: now}
	err = f.Snapshots.Seal(t.Context(), shot, f.Tasks.Seal(u, task.Sealed{Status: backup.Success, At: now, Began: now, Reconciled: now, Catalog: []byte("{}")}))
	if err != nil {
		t.Fatal(err)
	}
}

// A scan that the ceiling keeps from reading what has happened does not say that
// nothing has. The first one that can read it again has Bob backed up.
func TestCeilingMakesNobodyUnchanged_B1(t *testing.T) {
	t.Parallel()
	f := newFollower(t)
	f.sealed(t)
	f.scan(t, f.Tasks.Now())
	known := f.user(t, f.bob.ID)
	if known.RunID != "" || known.Same == "" {
		t.Fatalf("with nothing new and no ceiling: %+v", known)
	}
	ceiling := int64(1)
	if _, err := f.Tasks.Change(t.Context(), "acme", "files", task.Settings{Change: task.PolicyChange{Ceiling: &ceiling}}); err != nil {
		t.Fatal(err)
	}
	f.upload(t, "new")
	f.pass(24 * time.Hour)
	f.scan(t, f.Tasks.Now())
	if u := f.user(t, f.bob.ID); u.Snapshot != known.Snapshot || !u.LastBackup.Equal(known.LastBackup) {
		t.Errorf("snapshot %s of %s, before that %s of %s", u.Snapshot, u.LastBackup, known.Snapshot, known.LastBackup)
	}

	ceiling = 0
	if _, err := f.Tasks.Change(t.Context(), "acme", "files", task.Settings{Change: task.PolicyChange{Ceiling: &ceiling}}); err != nil {
		t.Fatal(err)
	}
	f.pass(24 * time.Hour)
	f.scan(t, f.Tasks.Now())
	if u := f.user(t, f.bob.ID); u.RunID == "" || u.Snapshot != known.Snapshot {
		t.Errorf("what happened meanwhile was lost: %+v", u)
	}
}
