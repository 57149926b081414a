package task

import (
	"context"
	"time"

	"github.com/guregu/dynamo/v2"

	"coffer/shared/backup"
)

// Watch is what the ages of a task's backups were when they were last looked at.
type Watch struct {
	Account backup.AccountID
	Task    backup.TaskID
	Told    time.Time `dynamo:",omitempty"` // when people were last told that backups are too old
	Warned  time.Time `dynamo:",omitempty"` // when they were last told that the authorisation is about to lapse
}

type watchItem struct {
	PK       string `dynamo:"PK,hash"`
	SK       string `dynamo:"SK,range"`
	DueShard string `index:"Due,hash"`
	DueAt    string `index:"Due,range"`
	Watch
}

const watchKey = "WATCH"

// Overdue says that backups of Box users are too old.
type Overdue struct {
	Overdue       int    `dynamo:",omitempty"` // how many are
	OverdueReason string `dynamo:",omitempty"` // why, for a person
}

func (t *Table) updateWatch(w Watch) *dynamo.Update {
	return t.table.Update("PK", partition(w.Account, w.Task)).Range("SK", watchKey)
}

// Watch has the ages of the task's backups looked at from the given time on, if
// they are not looked at already.
func (t *Table) Watch(ctx context.Context, account backup.AccountID, id backup.TaskID, from time.Time) error {
	err := t.table.Put(watchItem{
		PK: partition(account, id), SK: watchKey, DueShard: shard("watch", string(id)), DueAt: stamp(from), Watch: Watch{Account: account, Task: id},
	}).If("attribute_not_exists(PK)").Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		return nil
	}
	return wrap(err, "watch of task %s", id)
}

// Watched calls visit for every task whose ages are to be looked at now. Another
// scheduler does not look at them before retry, nor this one, unless Looked says
// otherwise.
func (t *Table) Watched(ctx context.Context, retry time.Time, visit func(Watch) error) error {
	return t.due(ctx, "watch", func(iter dynamo.Iter) error {
		var item watchItem
		for iter.Next(ctx, &item) {
			err := t.updateWatch(item.Watch).Set("DueAt", stamp(retry)).If("DueAt = ?", item.DueAt).Run(ctx)
			switch {
			case dynamo.IsCondCheckFailed(err): // another scheduler was faster
			case err != nil:
				return wrap(err, "watch of task %s", item.Task)
			default:
				if err := visit(item.Watch); err != nil {
					return err
				}
			}
			item = watchItem{}
		}
		return iter.Err()
	})
}

// Found stores which backups of the task are too old.
func (t *Table) Found(ctx context.Context, b Task, found Overdue) error {
	if found == b.Overdue {
		return nil
	}
	up := t.update(b.Account, b.ID).If("attribute_exists(PK)")
	if found.Overdue == 0 {
		up.Remove("Overdue", "OverdueReason")
	} else {
		up.Set("Overdue", found.Overdue).Set("OverdueReason", found.OverdueReason)
	}
	err := up.Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		return nil // the task was removed meanwhile
	}
	return wrap(err, "ages of backups of task %s", b.ID)
}

// Unwatch ends what Watch began: the task is gone.
func (t *Table) Unwatch(ctx context.Context, w Watch) error {
	return wrap(t.table.Delete("PK", partition(w.Account, w.Task)).Range("SK", watchKey).Run(ctx), "watch of task %s", w.Task)
}

// Looked stores when to look at the task again, and when people were told.
func (t *Table) Looked(ctx context.Context, w Watch, next time.Time) error {
	look := t.updateWatch(w).Set("DueAt", stamp(next)).If("attribute_exists(PK)")
	if !w.Told.IsZero() {
		look.Set("Told", w.Told)
	}
	if !w.Warned.IsZero() {
		look.Set("Warned", w.Warned)
	}
	err := look.Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		return nil // the task was removed meanwhile
	}
	return wrap(err, "watch of task %s", w.Task)
}
