package api_test

import (
	"strings"
	"testing"

	"coffer/shared/api/tasks"
	"coffer/shared/backup"
)

func TestDamageIsShownUntilItIsAcknowledged_I5(t *testing.T) {
	t.Parallel()
	b := newBackedUp(t)
	row, err := b.archiver.Tasks.Task(t.Context(), b.account(), backup.TaskID(b.task))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.archiver.Tasks.Damaged(t.Context(), row.Account, row.ID, "A pack is damaged.", nil); err != nil {
		t.Fatal(err)
	}
	path := "/api/tasks/" + b.task
	var before, after, again tasks.Task
	b.who.ok("GET", path, nil, &before)
	b.who.ok("POST", path+"/acknowledge-damage", nil, &after)
	b.who.ok("POST", path+"/acknowledge-damage", nil, &again)
	if before.Damage != "A pack is damaged." || after.Damage != "" || again.Damage != "" {
		t.Errorf("damage %q, acknowledged %q, again %q", before.Damage, after.Damage, again.Damage)
	}
	if told := b.told(t, "Verification"); len(told) != 1 || !strings.Contains(told[0], "A pack is damaged.") {
		t.Errorf("activities: %q", told)
	}
}
