package task

import (
	"context"
	"time"
)

// PeopleDue reports whether it is time to ask who is in the task's enterprise:
// once a week.
func (t Task) PeopleDue(now time.Time) bool { return now.Sub(t.PeopleAt) >= 7*24*time.Hour }

// KeepPeople notes when it was asked who is in the task's enterprise, and the
// name under which the vault has the answer. It is a Conflict
// where somebody has asked since the task was read, or the task is gone.
func (t *Table) KeepPeople(ctx context.Context, b Task, at time.Time, name string) error {
	up := t.update(b.Account, b.ID).Set("PeopleAt", at.UTC()).Set("People", name).If("attribute_exists(PK)")
	if b.PeopleAt.IsZero() {
		up = up.If("attribute_not_exists(PeopleAt)")
	} else {
		up = up.If("PeopleAt = ?", b.PeopleAt)
	}
	return purged(up.Run(ctx), "people of task %s", b.ID)
}
