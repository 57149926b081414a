package task_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/backup"
	"coffer/shared/task"
)

func row(t *testing.T, table *task.Table, u task.BoxUser) task.BoxUser {
	t.Helper()
	u, err := table.BoxUser(t.Context(), u.Account, u.Task, u.ID)
	check(t, err)
	return u
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// known returns an active Box user without a run.
func known(t *testing.T, table *task.Table, b task.Task) task.BoxUser {
	t.Helper()
	u := newRun(t, table, b)
	check(t, table.Cancel(t.Context(), u))
	return row(t, table, u)
}

func TestArchivedBoxUserIsNotBackedUpUntilTheReturn_F31(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	table, b, c := newTable(t)
	u := newRun(t, table, b)
	wantKind(t, table.Archive(ctx, u), backup.Conflict)
	check(t, table.Cancel(ctx, u))
	check(t, table.Leave(ctx, u))
	check(t, table.Archive(ctx, u))
	at := c.now()
	c.advance(time.Hour)
	check(t, table.Archive(ctx, u))
	u = row(t, table, u)
	if u.Status != backup.Archived || u.Active || !u.Archived.Equal(at) || !u.Alive() || !u.Leaving.IsZero() {
		t.Errorf("archived: %+v", u)
	}
	stale := u
	stale.Archived = time.Time{}
	for _, u := range []task.BoxUser{u, stale} {
		_, err := table.Request(ctx, u, time.Time{})
		wantKind(t, err, backup.Conflict)
	}
	wantKind(t, table.Activate(ctx, u), backup.Conflict)
	wantKind(t, table.Pause(ctx, u), backup.Conflict)
	if isNew, err := table.Discovered(ctx, u, true); isNew || err != nil || row(t, table, u).Active {
		t.Errorf("discovered again: new %v, %v", isNew, err)
	}
	check(t, table.Return(ctx, u, false))
	if u = row(t, table, u); u.Status != backup.Scheduled || !u.Active || u.Left() {
		t.Errorf("a Box user who was active has returned as %+v", u)
	}
	check(t, table.Pause(ctx, u))
	check(t, table.Archive(ctx, u))
	check(t, table.Return(ctx, row(t, table, u), false))
	if u = row(t, table, u); u.Status != backup.Paused || u.Active {
		t.Errorf("a Box user who was paused has returned as %+v", u)
	}
}

func TestDeletedBackupComesBackWithinGrace_F54(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	table, b, c := newTable(t)
	u := newRun(t, table, b)
	check(t, table.Delete(ctx, u))
	first := row(t, table, u)
	if first.Alive() || first.Active || first.RunID != "" {
		t.Errorf("deleted: %+v", first)
	}
	c.advance(task.Grace - time.Millisecond)
	check(t, table.Delete(ctx, u))
	if got := row(t, table, u); !got.Deleted.Equal(first.Deleted) {
		t.Errorf("deleting again moved the time from %v to %v", first.Deleted, got.Deleted)
	}
	_, err := table.Request(ctx, first, time.Time{})
	wantKind(t, err, backup.Conflict)
	wantKind(t, table.Activate(ctx, u), backup.Conflict)
	if isNew, err := table.Discovered(ctx, u, true); isNew || err != nil || row(t, table, u).Alive() {
		t.Errorf("a scan brought the deleted back: %v, %v", isNew, err)
	}
	check(t, table.Undelete(ctx, u))
	if u = row(t, table, u); !u.Alive() || !u.Active || u.Status != backup.Scheduled {
		t.Errorf("brought back: %+v", u)
	}
	check(t, table.Undelete(ctx, u))
	check(t, table.Delete(ctx, u))
	c.advance(task.Grace)
	wantKind(t, table.Undelete(ctx, u), backup.Conflict)
}

func TestWorkerOfADeletedBackupIsToldToStop_F53(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	table, b, c := newTable(t)
	leased, err := table.Lease(ctx, newRun(t, table, b).Message(), "w")
	check(t, err)
	check(t, table.Delete(ctx, leased))
	if got, err := table.Renew(ctx, leased, task.Progress{}); err != nil || !got.Cancel {
		t.Errorf("renewed: %+v, %v", got, err)
	}
	wantKind(t, table.Purge(ctx, row(t, table, leased)), backup.Conflict)
	c.advance(task.LeaseTime + time.Second) // that worker has died
	again, err := table.Lease(ctx, leased.Message(), "w2")
	if err != nil || !again.Cancel {
		t.Errorf("another worker: %+v, %v", again, err)
	}
	check(t, table.EndCancelled(ctx, again))
}

func TestPurgedBackupStaysAsNotActive_D2(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	table, b, c := newTable(t)
	u := known(t, table, b)
	wantKind(t, table.Purge(ctx, u), backup.Conflict)
	wantKind(t, table.Erased(ctx, u), backup.Conflict)
	check(t, table.Tag(ctx, u, []backup.TagID{backup.LimitedAccess}, nil))
	check(t, table.Delete(ctx, u))
	u = row(t, table, u)
	check(t, table.Purge(ctx, u))
	check(t, table.Purge(ctx, u))
	wantKind(t, table.Undelete(ctx, u), backup.Conflict)
	check(t, table.Erased(ctx, u))
	wantKind(t, table.Erased(ctx, u), backup.Conflict)
	want := task.BoxUser{Account: u.Account, Task: u.Task, ID: u.ID, Name: u.Name, Login: u.Login, BoxStatus: u.BoxStatus, Status: backup.NotActive, Tags: u.Tags}
	if diff := cmp.Diff(row(t, table, u), want); diff != "" || !u.Tagged(backup.LimitedAccess) {
		t.Errorf("after the purge (-got +want):\n%s", diff)
	}
	if isNew, err := table.Discovered(ctx, u, true); isNew || err != nil || row(t, table, u).Active {
		t.Errorf("a scan activated what was deleted: %v, %v", isNew, err)
	}

	check(t, table.Archive(ctx, u))
	u = row(t, table, u)
	c.advance(time.Hour)
	check(t, table.Purge(ctx, u))
	check(t, table.Return(ctx, u, true))
	check(t, table.Erased(ctx, u))
	_, err := table.BoxUser(ctx, u.Account, u.Task, u.ID)
	wantKind(t, err, backup.NotFound)
	if isNew, err := table.Discovered(ctx, u, false); !isNew || err != nil {
		t.Errorf("one who left for good and is at Box again: new %v, %v", isNew, err)
	}
	check(t, table.Forget(ctx, u))
	_, err = table.BoxUser(ctx, u.Account, u.Task, u.ID)
	wantKind(t, err, backup.NotFound)
}

func TestDeletedTaskComesBackWithinGrace_F52(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	table, b, c := newTable(t)
	u := known(t, table, b)
	deleted, err := table.DeleteTask(ctx, b.Account, b.ID)
	check(t, err)
	if deleted.Alive() || !deleted.NextRun.IsZero() || countDue(t, table) != 0 {
		t.Errorf("deleted: %+v", deleted)
	}
	c.advance(task.Grace - time.Millisecond)
	again, err := table.DeleteTask(ctx, b.Account, b.ID)
	if err != nil || !again.Deleted.Equal(deleted.Deleted) {
		t.Errorf("deleted again: %v, %v", again.Deleted, err)
	}
	_, err = table.Change(ctx, b.Account, b.ID, task.Settings{NextRun: new(c.now())})
	wantKind(t, err, backup.NotFound)
	_, err = table.Authorised(ctx, b.Account, b.ID, "1", "Acme", "ada@acme.example")
	wantKind(t, err, backup.NotFound)
	back, err := table.UndeleteTask(ctx, b.Account, b.ID, c.now())
	if err != nil || !back.Alive() || countDue(t, table) != 1 {
		t.Errorf("brought back: %+v, %v", back, err)
	}

	wantKind(t, table.PurgeTask(ctx, deleted), backup.Conflict)
	deleted, err = table.DeleteTask(ctx, b.Account, b.ID)
	check(t, err)
	c.advance(task.Grace)
	_, err = table.UndeleteTask(ctx, b.Account, b.ID, c.now())
	wantKind(t, err, backup.Conflict)
	check(t, table.PurgeTask(ctx, deleted))
	if rows, err := table.ErasedTask(ctx, deleted); rows != 2 || err != nil {
		t.Errorf("erased %d rows, %v, want the Box user's and the task's", rows, err)
	}
	_, err = table.Task(ctx, b.Account, b.ID)
	wantKind(t, err, backup.NotFound)
	_, err = table.BoxUser(ctx, u.Account, u.Task, u.ID)
	wantKind(t, err, backup.NotFound)
}

// Somebody has it backed up, then activates it while that run waits, and deletes it.
func TestUndeletedBackupIsScheduledWhereItWasActive_F54(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	table, b, _ := newTable(t)
	u := task.BoxUser{Account: b.Account, Task: b.ID, ID: "8", Name: "Bob"}
	_, err := table.Discovered(ctx, u, false)
	check(t, err)
	_, err = table.Request(ctx, row(t, table, u), time.Time{})
	check(t, err)
	check(t, table.Activate(ctx, row(t, table, u)))
	check(t, table.Delete(ctx, row(t, table, u)))
	check(t, table.Undelete(ctx, u))
	if got := row(t, table, u); !got.Active || got.Status != backup.Scheduled || got.RunID != "" {
		t.Errorf("brought back: %s, active %t, run %q", got.Status, got.Active, got.RunID)
	}
}

// A scan may have read the Box user long before it comes to the return.
func TestReturnLeavesDeletedWhatWasDeletedMeanwhile_F53(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	table, b, _ := newTable(t)
	u := known(t, table, b)
	check(t, table.Archive(ctx, u))
	archived := row(t, table, u)
	check(t, table.Delete(ctx, archived))
	check(t, table.Return(ctx, archived, true))
	if got := row(t, table, u); got.Active || got.Alive() {
		t.Errorf("deleted and back at Box: active %t, deleted %v", got.Active, got.Deleted)
	}
	check(t, table.Return(ctx, row(t, table, u), true))
	check(t, table.Undelete(ctx, u))
	if got := row(t, table, u); !got.Active || got.Left() || got.Status != backup.Scheduled {
		t.Errorf("brought back: %s, active %t, archived %v", got.Status, got.Active, got.Archived)
	}
}
