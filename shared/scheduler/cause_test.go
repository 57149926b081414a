package scheduler

import (
	"fmt"
	"testing"
	"time"

	"coffer/shared/backup"
	"coffer/shared/task"
)

func TestCauseOfAnOldBackupIsWhatStandsInTheWay_L5(t *testing.T) {
	t.Parallel()
	connected := task.Task{Connection: backup.Connected}
	failed := task.BoxUser{Reason: "It failed."}
	running := task.BoxUser{RunID: "r", Reason: "It failed."}
	stopped := task.BoxUser{RunID: "r", RunStopped: "The ceiling is reached.", Reason: "It failed."}
	for _, test := range []struct {
		task task.Task
		user task.BoxUser
		want string
	}{
		{connected, task.BoxUser{}, "No backup was started."},
		{connected, failed, "It failed."},
		{connected, running, "A backup is requested or in progress, and has not ended yet."},
		{connected, stopped, "The ceiling is reached."},
		{task.Task{Connection: backup.Disconnected, Reason: "Revoked."}, stopped, "The backup task is not connected to Box. Revoked."},
		{task.Task{Connection: backup.Disconnected}, failed, "The backup task is not connected to Box."},
	} {
		if got := cause(test.task, test.user, ""); got != test.want {
			t.Errorf("%+v: %q, want %q", test.user, got, test.want)
		}
	}

	var all causes
	for n := range 7 { // the sixth reason has most, and the others one each
		all.add(fmt.Sprintf("Reason %d.", n), fmt.Sprint("User ", n))
	}
	for n := range 5 {
		all.add("Reason 5.", fmt.Sprint("More ", n))
	}
	const want = "User 5, More 0, More 1, More 2, More 3 and 1 more: Reason 5. User 0: Reason 0. User 1: Reason 1. User 2: Reason 2. User 3: Reason 3. There are 2 more reasons."
	if got := all.String(); got != want || all.total != 12 {
		t.Errorf("%d: %q, want %q", all.total, got, want)
	}
}

func TestOneBoxUserIsNotSeveral(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{1: "1 Box user has", 2: "2 Box users have", 21: "21 Box users have"} {
		if got := whoHave(n); got != want {
			t.Errorf("of %d: %q, want %q", n, got, want)
		}
	}
}

func TestBackupIsTooOldOnlyWhereOneIsExpected_L5(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	active := func(change func(*task.BoxUser)) task.BoxUser {
		u := task.BoxUser{Active: true}
		change(&u)
		return u
	}
	for name, test := range map[string]struct {
		frequency task.Frequency
		user      task.BoxUser
		want      time.Time // zero: never
	}{
		"never backed up":      {task.Daily, active(func(*task.BoxUser) {}), at.Add(26 * time.Hour)},
		"backed up":            {task.Daily, active(func(u *task.BoxUser) { u.LastBackup = at.Add(time.Hour) }), at.Add(27 * time.Hour)},
		"activated after that": {task.Daily, active(func(u *task.BoxUser) { u.LastBackup, u.Activated = at.Add(time.Hour), at.Add(5*time.Hour) }), at.Add(31 * time.Hour)},
		"three times a day":    {task.ThreeTimesDaily, active(func(*task.BoxUser) {}), at.Add(26 * time.Hour)},
		"every third day":      {task.Every3Days, active(func(*task.BoxUser) {}), at.Add(74 * time.Hour)},
		"weekly":               {task.Weekly, active(func(*task.BoxUser) {}), at.Add(170 * time.Hour)},
		"paused":               {task.Daily, task.BoxUser{LastBackup: at}, time.Time{}},
		"deleted":              {task.Daily, active(func(u *task.BoxUser) { u.Deleted = at }), time.Time{}},
		"gone from Box":        {task.Daily, active(func(u *task.BoxUser) { u.Archived = at }), time.Time{}},
	} {
		got, expected := deadline(task.Task{Frequency: test.frequency, Created: at}, test.user)
		if !got.Equal(test.want) || expected == test.want.IsZero() {
			t.Errorf("%s: %v, %t, want %v", name, got, expected, test.want)
		}
	}
}
