package task_test

import (
	"testing"
	"time"

	"coffer/shared/backup"
	"coffer/shared/task"
)

func TestProtectedUntilTheBackupFailsForLong(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)
	const day = 24 * time.Hour
	for _, test := range []struct {
		what string
		user task.BoxUser
		want bool
	}{
		{"nobody", task.BoxUser{}, false},
		{"Paused", task.BoxUser{Status: backup.Paused, LastBackup: now}, false},
		{"just activated", task.BoxUser{Active: true, Status: backup.Scheduled}, true},
		{"first run under way", task.BoxUser{Active: true, RunID: "a", Status: backup.InProcess, RunBefore: backup.Scheduled}, true},
		{"first run Failed", task.BoxUser{Active: true, Status: backup.Failed}, false},
		{"second run under way", task.BoxUser{Active: true, RunID: "b", Status: backup.InProcess, RunBefore: backup.Failed}, false},
		{"Success", task.BoxUser{Active: true, Status: backup.Success, LastBackup: now.Add(-30 * day)}, true},
		{"Failed lately", task.BoxUser{Active: true, Status: backup.Failed, LastBackup: now.Add(-6 * day)}, true},
		{"Failed for long", task.BoxUser{Active: true, Status: backup.Failed, LastBackup: now.Add(-8 * day)}, false},
	} {
		if got := test.user.Protected(now); got != test.want {
			t.Errorf("%s: %v, want %v", test.what, got, test.want)
		}
	}
}
