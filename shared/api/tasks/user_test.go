package tasks

import (
	"testing"

	"coffer/shared/backup"
	"coffer/shared/task"
)

func TestReasonIsThatOfTheStatus(t *testing.T) {
	t.Parallel()
	const stopped, failed = "The ceiling is reached.", "Box refused."
	for _, c := range []struct {
		name string
		user task.BoxUser
		want string
	}{
		{"failed", task.BoxUser{Status: backup.Failed, Reason: failed}, failed},
		{"failed, and requested again", task.BoxUser{Status: backup.Failed, Reason: failed, RunID: "r"}, failed},
		{"stopped after it had failed", task.BoxUser{Status: backup.Scheduled, Reason: failed, RunID: "r", RunStopped: stopped}, stopped},
		{"requested after it had failed and was paused", task.BoxUser{Status: backup.Scheduled, Reason: failed, RunID: "r"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := describeUser(c.user).Reason; got != c.want {
				t.Errorf("the reason is %q, want %q", got, c.want)
			}
		})
	}
}
