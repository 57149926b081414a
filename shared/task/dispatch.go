package task

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/guregu/dynamo/v2"

	"coffer/shared/backup"
)

const (
	// fillTime is how long a request may take before a scheduler looks whether
	// runs of the task wait that nobody has dispatched.
	fillTime = 2 * time.Minute
	// together is how many runs one transaction dispatches at most.
	together = 25
	// takes is how often that is tried where others dispatch at the same time.
	takes = 8
)

// runsItem says which runs of a task are out: dispatched and not ended. It is in
// the index Due while runs may wait.
type runsItem struct {
	PK       string `dynamo:"PK,hash"`
	SK       string `dynamo:"SK,range"`
	DueShard string `dynamo:",omitempty" index:"Due,hash"`
	DueAt    string `dynamo:",omitempty" index:"Due,range"`
	Account  backup.AccountID
	Task     backup.TaskID
	Out      []backup.BoxUserID `dynamo:",set,omitempty"`
}

const runsKey = "RUNS"

func (t *Table) updateRuns(account backup.AccountID, id backup.TaskID) *dynamo.Update {
	return t.table.Update("PK", partition(account, id)).Range("SK", runsKey)
}

// waitShard is where the requested runs of a task wait in the index Due.
func waitShard(account backup.AccountID, id backup.TaskID) string {
	return "wait#" + partition(account, id)
}

// place is a waiting run's place: those that a person asked for come before
// those of the schedule, and then who asked first.
func place(asked, slot time.Time) string {
	if slot.IsZero() {
		return "0 " + stamp(asked)
	}
	return "1 " + stamp(asked)
}

// Expect has a scheduler look soon whether runs of the task wait. Whoever is
// about to request runs calls it first, so that none is forgotten where the
// caller dies before it has them dispatched.
func (t *Table) Expect(ctx context.Context, account backup.AccountID, id backup.TaskID) error {
	err := t.updateRuns(account, id).Set("Account", account).Set("Task", id).
		Set("DueShard", shard("fill", string(id))).Set("DueAt", stamp(t.Now().Add(fillTime))).Run(ctx)
	return wrap(err, "runs of task %s", id)
}

// Dispatch takes waiting runs of the task, first come first served, for as many
// as may be out at a time, and returns them: none where as many are out, or
// none waits. The caller sends their messages; a message that is lost is found
// by Abandoned. A run is out until it ends, whoever works on it.
func (t *Table) Dispatch(ctx context.Context, b Task) ([]BoxUser, error) {
	limit := cmp.Or(b.Concurrency, DefaultConcurrency)
	for range takes {
		out, err := t.out(ctx, b.Account, b.ID)
		if err != nil || len(out) >= limit {
			return nil, err
		}
		waiting, err := t.waiting(ctx, b, min(limit-len(out), together))
		if err != nil || len(waiting) == 0 {
			return nil, err
		}
		if err = t.takeOut(ctx, b, waiting, limit); err == nil {
			return waiting, nil
		}
		if !dynamo.IsCondCheckFailed(err) {
			return nil, fmt.Errorf("dispatch runs of task %s: %w", b.ID, err)
		}
	}
	return nil, nil // the others who dispatch have it all in hand; a scheduler looks again
}

// out returns the Box users whose runs are out.
func (t *Table) out(ctx context.Context, account backup.AccountID, id backup.TaskID) ([]backup.BoxUserID, error) {
	var row runsItem
	err := t.table.Get("PK", partition(account, id)).Range("SK", dynamo.Equal, runsKey).Consistent(true).One(ctx, &row)
	if err != nil && !errors.Is(err, dynamo.ErrNotFound) {
		return nil, fmt.Errorf("runs of task %s: %w", id, err)
	}
	return row.Out, nil
}

// Running returns the Box users whose runs are out.
func (t *Table) Running(ctx context.Context, account backup.AccountID, id backup.TaskID) ([]BoxUser, error) {
	out, err := t.out(ctx, account, id)
	if err != nil {
		return nil, err
	}
	return t.Named(ctx, account, id, out)
}

// waiting returns the first n waiting runs. The index is a moment behind, so
// each is read from its row. A query without a bound would read 1 MB of the index
// for one place that is free.
func (t *Table) waiting(ctx context.Context, b Task, n int) ([]BoxUser, error) {
	var waiting []BoxUser
	query := t.table.Get("DueShard", waitShard(b.Account, b.ID)).Index("Due").SearchLimit(n)
	for {
		page := query.Iter()
		var item userItem
		for len(waiting) < n && page.Next(ctx, &item) {
			var row userItem
			err := t.table.Get("PK", item.PK).Range("SK", dynamo.Equal, item.SK).Consistent(true).One(ctx, &row)
			if err != nil && !errors.Is(err, dynamo.ErrNotFound) {
				return nil, fmt.Errorf("waiting run of Box user %s: %w", item.ID, err)
			}
			if err == nil && row.DueShard == item.DueShard {
				waiting = append(waiting, row.BoxUser)
			}
			item = userItem{}
		}
		if err := page.Err(); err != nil {
			return nil, fmt.Errorf("waiting runs of task %s: %w", b.ID, err)
		}
		if len(waiting) == n {
			return waiting, nil
		}
		next, err := page.LastEvaluatedKey(ctx)
		if err != nil || next == nil {
			return waiting, wrap(err, "waiting runs of task %s", b.ID)
		}
		query.StartFrom(next)
	}
}

// takeOut moves waiting runs out, all or none.
func (t *Table) takeOut(ctx context.Context, b Task, waiting []BoxUser, limit int) error {
	tx, ids := t.db.WriteTx(), make([]string, len(waiting))
	for i, u := range waiting {
		ids[i] = string(u.ID)
		tx.Update(t.updateUser(u).Set("RunOut", true).Set("DueShard", runShard(u)).Set("DueAt", stamp(t.Now().Add(sendTime))).
			If("RunID = ? AND DueShard = ?", u.RunID, waitShard(u.Account, u.Task)))
		waiting[i].RunOut = true
	}
	tx.Update(t.updateRuns(b.Account, b.ID).AddStringsToSet("Out", ids...).
		If("attribute_not_exists('Out') OR size('Out') <= ?", limit-len(ids)))
	return tx.Run(ctx)
}

// release is the part of the transaction that ends a run which gives its place
// to the next one.
func (t *Table) release(u BoxUser) func(*dynamo.WriteTx) {
	return func(tx *dynamo.WriteTx) {
		if u.RunOut {
			tx.Update(t.updateRuns(u.Account, u.Task).DeleteStringsFromSet("Out", string(u.ID)))
		}
	}
}

// runShard is where a run that is out stands in the index Due.
func runShard(u BoxUser) string { return shard("run", string(u.Task)+string(u.ID)) }

// Expected calls visit for every task whose waiting runs a scheduler has to look
// after.
func (t *Table) Expected(ctx context.Context, visit func(account backup.AccountID, task backup.TaskID) error) error {
	return t.due(ctx, "fill", func(iter dynamo.Iter) error {
		var row runsItem
		for iter.Next(ctx, &row) {
			if err := visit(row.Account, row.Task); err != nil {
				return err
			}
			if err := t.looked(ctx, row); err != nil {
				return err
			}
			row = runsItem{}
		}
		return iter.Err()
	})
}

// looked takes the row out of the index where no run waits any more, and has it
// looked at again otherwise. Somebody who expects runs meanwhile wins.
func (t *Table) looked(ctx context.Context, row runsItem) error {
	n, err := t.table.Get("DueShard", waitShard(row.Account, row.Task)).Index("Due").SearchLimit(1).Count(ctx)
	if err != nil {
		return fmt.Errorf("waiting runs of task %s: %w", row.Task, err)
	}
	up := t.updateRuns(row.Account, row.Task).If("DueAt = ?", row.DueAt)
	if n > 0 {
		up.Set("DueAt", stamp(t.Now().Add(fillTime)))
	} else {
		up.Remove("DueShard", "DueAt")
	}
	if err := up.Run(ctx); !dynamo.IsCondCheckFailed(err) {
		return wrap(err, "runs of task %s", row.Task)
	}
	return nil
}

// wake has the runs that the ceiling stopped, and those that wait, looked at
// now: the task's policy has changed.
func (t *Table) wake(ctx context.Context, account backup.AccountID, id backup.TaskID) error {
	now := stamp(t.Now())
	err := t.updateRuns(account, id).Set("DueShard", shard("fill", string(id))).Set("DueAt", now).If("attribute_exists(PK)").Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		return nil // no run was ever asked for
	}
	if err != nil {
		return fmt.Errorf("runs of task %s: %w", id, err)
	}
	out, err := t.out(ctx, account, id)
	if err != nil {
		return err
	}
	for _, user := range out {
		err := t.updateUser(BoxUser{Account: account, Task: id, ID: user}).Set("DueAt", now).If("attribute_exists(RunStopped)").Run(ctx)
		if err != nil && !dynamo.IsCondCheckFailed(err) {
			return fmt.Errorf("stopped run of Box user %s: %w", user, err)
		}
	}
	return nil
}
