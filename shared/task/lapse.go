package task

import (
	"context"
	"errors"
	"time"

	"github.com/guregu/dynamo/v2"

	"coffer/shared/backup"
)

// RefreshLife is how long Box waits for a pair of tokens to be refreshed until it
// lets a person's authorisation lapse.
const RefreshLife = 60 * 24 * time.Hour

// Lapse returns when Box lets the authorisation of a task lapse unless it is used
// before. It is the zero time where none lapses by itself: that of the customer's
// own application does not.
func (t *Table) Lapse(ctx context.Context, account backup.AccountID, id backup.TaskID) (time.Time, error) {
	var item tokenItem
	err := t.table.Get("PK", partition(account, id)).Range("SK", dynamo.Equal, "TOKEN").Consistent(true).One(ctx, &item)
	if errors.Is(err, dynamo.ErrNotFound) || err == nil && (len(item.Sealed) == 0 || item.Refreshed.IsZero()) {
		return time.Time{}, nil
	}
	return item.Refreshed.Add(RefreshLife), wrap(err, "tokens of task %s", id)
}

// Lapsing stores when the task's authorisation lapses, where that is near, and
// the zero time otherwise.
func (t *Table) Lapsing(ctx context.Context, b Task, at time.Time) error {
	if at.Equal(b.Lapses) {
		return nil
	}
	up := t.update(b.Account, b.ID).If("attribute_exists(PK)")
	if at.IsZero() {
		up.Remove("Lapses")
	} else {
		up.Set("Lapses", at)
	}
	err := up.Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		return nil // the task was removed meanwhile
	}
	return wrap(err, "authorisation of task %s", b.ID)
}
