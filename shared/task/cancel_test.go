package task_test

import (
	"testing"
	"time"

	"github.com/guregu/dynamo/v2"

	"coffer/shared/backup"
	"coffer/shared/task"
)

func TestCancelEndsAtOnceWhatNobodyWorksOn_D9(t *testing.T) {
	t.Parallel()
	table, b, c := newTable(t)
	asked := newRun(t, table, b)
	if err := table.Cancel(t.Context(), asked); err != nil {
		t.Fatal(err)
	}
	row, err := table.BoxUser(t.Context(), b.Account, b.ID, asked.ID)
	if err != nil || row.RunID != "" || row.Status != backup.Scheduled || !row.Active {
		t.Errorf("after cancelling what had not begun: %+v, %v", row, err)
	}
	_, err = table.Lease(t.Context(), asked.Message(), "late")
	wantKind(t, err, backup.Conflict)
	wantKind(t, table.Cancel(t.Context(), row), backup.Conflict)
	wantKind(t, table.Cancel(t.Context(), asked), backup.Conflict)
	c.advance(48 * time.Hour)
	if found := abandoned(t, table); len(found) != 0 {
		t.Errorf("%d runs abandoned after cancelling, want 0", len(found))
	}

	again, err := table.Request(t.Context(), row, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	wantKind(t, table.Cancel(t.Context(), asked), backup.Conflict) // not the run that it meant
	leased, err := table.Lease(t.Context(), again.Message(), "w")
	if err != nil {
		t.Fatal(err)
	}
	if err := table.Cancel(t.Context(), leased); err != nil {
		t.Fatal(err)
	}
	row, err = table.Renew(t.Context(), leased, task.Progress{})
	if err != nil || !row.Cancel || row.Status != backup.InProcess {
		t.Errorf("the worker is asked to stop: %+v, %v", row, err)
	}

	c.advance(task.LeaseTime + time.Second) // the worker is gone, or so it seems
	if err := table.Cancel(t.Context(), leased); err != nil {
		t.Fatal(err)
	}
	row, err = table.BoxUser(t.Context(), b.Account, b.ID, leased.ID)
	if err != nil || row.RunID != "" || row.Cancel || row.Progress != nil {
		t.Errorf("after cancelling what nobody holds: %+v, %v", row, err)
	}
	_, err = table.Renew(t.Context(), leased, task.Progress{})
	wantKind(t, err, backup.Conflict)
}

func TestCancelledRunLeavesTheStatusFromBefore_D9(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		before backup.Status
		active bool
		want   backup.Status
	}{
		{backup.Success, true, backup.Success},
		{backup.Partial, true, backup.Partial},
		{backup.Failed, true, backup.Failed},
		{backup.Scheduled, true, backup.Scheduled},
		{backup.NotActive, true, backup.Scheduled}, // activated meanwhile
		{backup.Paused, true, backup.Scheduled},
		{backup.NotActive, false, backup.NotActive},
		{backup.Paused, false, backup.Paused},
		{backup.Success, false, backup.Paused}, // paused meanwhile
		{backup.Scheduled, false, backup.Paused},
		{backup.Archived, false, backup.Archived},
	} {
		if got := (task.BoxUser{RunBefore: c.before, Active: c.active}).Before(); got != c.want {
			t.Errorf("%s, active %v: %s, want %s", c.before, c.active, got, c.want)
		}
	}
}

// Whoever cancels may know less than somebody who has paused or activated meanwhile.
func TestLateCancelLeavesWhatWasMadeActiveOrNot_D9(t *testing.T) {
	t.Parallel()
	table, b, _ := newTable(t)
	asked := newRun(t, table, b)
	check(t, table.Pause(t.Context(), asked))
	check(t, table.Cancel(t.Context(), asked))
	paused := row(t, table, asked)
	if paused.Active || paused.Status != backup.Paused || paused.RunID != "" {
		t.Errorf("paused and cancelled: %s, active %t", paused.Status, paused.Active)
	}
	asked, err := table.Request(t.Context(), paused, time.Time{})
	check(t, err)
	check(t, table.Activate(t.Context(), row(t, table, asked)))
	check(t, table.Cancel(t.Context(), asked))
	if u := row(t, table, asked); !u.Active || u.Status != backup.Scheduled {
		t.Errorf("activated and cancelled: %s, active %t", u.Status, u.Active)
	}
}

// Whoever ends a run may know less than somebody who pauses or activates meanwhile,
// even in the moment between reading the row and writing it.
func TestRunThatEndsLeavesWhatWasMadeActiveOrNot_D9(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	for name, end := range map[string]func(*task.Table, task.BoxUser, func(*dynamo.WriteTx)) error{
		"failed": func(table *task.Table, u task.BoxUser, meanwhile func(*dynamo.WriteTx)) error {
			return table.End(ctx, u, backup.Failed, "It failed.", meanwhile)
		},
		"cancelled": func(table *task.Table, u task.BoxUser, meanwhile func(*dynamo.WriteTx)) error {
			return table.EndCancelled(ctx, u, meanwhile)
		},
	} {
		table, b, _ := newTable(t)
		u := newRun(t, table, b)
		for range 2 { // paused, then activated
			leased, err := table.Lease(ctx, u.Message(), "w")
			check(t, err)
			changes := 0
			check(t, end(table, leased, func(*dynamo.WriteTx) {
				if changes++; changes > 1 {
					return
				}
				if leased.Active {
					check(t, table.Pause(ctx, row(t, table, u)))
				} else {
					check(t, table.Activate(ctx, row(t, table, u)))
				}
			}))
			after := row(t, table, u)
			idle := after.Status == backup.Paused
			if after.Active == leased.Active || after.Active == idle || after.RunID != "" {
				t.Errorf("%s: %s, active %t, run %q", name, after.Status, after.Active, after.RunID)
			}
			u, err = table.Request(ctx, after, time.Time{})
			check(t, err)
		}
	}
}
