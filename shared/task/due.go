package task

import (
	"context"
	"fmt"
	"hash/fnv"
	"time"

	"github.com/guregu/dynamo/v2"

	"coffer/shared/backup"
)

// shards is how many partitions of the index Due each kind of row is spread
// over. Changing it strands rows in shards that nobody queries.
const shards = 8

func shard(kind, id string) string {
	h := fnv.New32a()
	h.Write([]byte(id))
	return fmt.Sprintf("%s#%d", kind, h.Sum32()%shards)
}

// stamp formats a time so that text sorts as time does, to the millisecond.
func stamp(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z") }

// Due is a task whose next run is due, as a scheduler found it.
type Due struct {
	Task
	// Slot is the scheduled time that the scan is for: the one just due, or an
	// earlier one that a crashed scheduler claimed and never sent.
	Slot  time.Time
	dueAt string
}

// Due calls visit for every task that is due now, earliest first within each
// shard.
func (t *Table) Due(ctx context.Context, visit func(Due) error) error {
	return t.due(ctx, "task", func(iter dynamo.Iter) error {
		var item taskItem
		for iter.Next(ctx, &item) {
			due := Due{Task: item.Task, Slot: item.NextRun, dueAt: item.DueAt}
			if slot, err := time.Parse(time.RFC3339Nano, item.Claimed); err == nil {
				due.Slot = slot
			}
			if err := visit(due); err != nil {
				return err
			}
			item = taskItem{}
		}
		return iter.Err()
	})
}

// Claim takes a due task for the caller until retry: if Sent does not follow,
// the task is due again then, for the same slot. It is a Conflict when another
// scheduler was faster.
func (t *Table) Claim(ctx context.Context, due Due, retry time.Time) error {
	err := t.update(due.Account, due.ID).
		Set("Claimed", due.Slot.UTC().Format(time.RFC3339Nano)).Set("DueAt", stamp(retry)).
		If("DueAt = ?", due.dueAt).Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		return backup.Errorf(backup.Conflict, "The task was claimed by another scheduler.")
	}
	return wrap(err, "claim task %s", due.ID)
}

// Sent records that the claimed slot's scan is on its queue and when the task
// is due next; zero means never.
func (t *Table) Sent(ctx context.Context, due Due, next time.Time) error {
	u := t.update(due.Account, due.ID).Remove("Claimed").
		If("Claimed = ?", due.Slot.UTC().Format(time.RFC3339Nano))
	setNextRun(u, due.ID, next)
	err := u.Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		return nil // the settings were changed meanwhile and decide the next run
	}
	return wrap(err, "sent scan of task %s", due.ID)
}

func setNextRun(u *dynamo.Update, id backup.TaskID, next time.Time) {
	if next.IsZero() {
		u.Remove("NextRun", "DueShard", "DueAt", "Claimed")
		return
	}
	u.Set("NextRun", next).Set("DueShard", shard("task", string(id))).Set("DueAt", stamp(next)).Remove("Claimed")
}

// Abandoned calls visit for every requested run that nobody holds a lease on
// and whose message should have been taken by now.
func (t *Table) Abandoned(ctx context.Context, visit func(BoxUser) error) error {
	return t.due(ctx, "run", func(iter dynamo.Iter) error {
		var item userItem
		for iter.Next(ctx, &item) {
			if err := visit(item.BoxUser); err != nil {
				return err
			}
			item = userItem{}
		}
		return iter.Err()
	})
}

func (t *Table) due(ctx context.Context, kind string, each func(dynamo.Iter) error) error {
	now := stamp(t.Now())
	for n := range shards {
		key := fmt.Sprintf("%s#%d", kind, n)
		query := t.table.Get("DueShard", key).Index("Due").Range("DueAt", dynamo.LessOrEqual, now)
		if err := each(query.Iter()); err != nil {
			return fmt.Errorf("due in %s: %w", key, err)
		}
	}
	return nil
}
