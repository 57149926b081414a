package snapshot

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/guregu/dynamo/v2"

	"coffer/shared/backup"
)

// atOnce is how many rows Expire removes in one transaction, which takes 100
// parts.
const atOnce = 90

// All yields a Box user's snapshots, oldest first.
func (t *Table) All(ctx context.Context, account backup.AccountID, task backup.TaskID, user backup.BoxUserID) iter.Seq2[Snapshot, error] {
	return t.query(ctx, t.table.Get("PK", partition(account, task, user)).Consistent(true), user)
}

// Before yields a Box user's snapshots whose runs were asked for before that
// time, oldest first.
func (t *Table) Before(ctx context.Context, account backup.AccountID, task backup.TaskID, user backup.BoxUserID, to time.Time) iter.Seq2[Snapshot, error] {
	return t.query(ctx, t.table.Get("PK", partition(account, task, user)).Range("SK", dynamo.Less, bound(to, "~")), user)
}

func (t *Table) query(ctx context.Context, query *dynamo.Query, user backup.BoxUserID) iter.Seq2[Snapshot, error] {
	return func(yield func(Snapshot, error) bool) {
		rows := query.Iter()
		var row item
		for rows.Next(ctx, &row) {
			if !yield(row.Snapshot, nil) {
				return
			}
			row = item{}
		}
		if err := rows.Err(); err != nil {
			yield(Snapshot{}, fmt.Errorf("snapshots of Box user %s: %w", user, err))
		}
	}
}

// Expired returns those of a Box user's snapshots, given oldest first, that were
// taken before a time, save the newest and the newest that is a Success.
func Expired(all []Snapshot, from time.Time) (gone, kept []Snapshot) {
	good := -1
	for i, s := range all {
		if s.Status == backup.Success {
			good = i
		}
	}
	for i, s := range all {
		if s.Taken.Before(from) && i != good && i != len(all)-1 {
			gone = append(gone, s)
		} else {
			kept = append(kept, s)
		}
	}
	return gone, kept
}

// Expire removes the rows of a Box user's snapshots. With are other parts of the
// transaction that removes the last of them, the catalog without them: until it
// has happened a row is left, and what it is about has to be done again. It is a
// Conflict when the condition of such a part does not hold.
func (t *Table) Expire(ctx context.Context, list []Snapshot, with ...func(*dynamo.WriteTx)) error {
	for len(list) > 0 {
		some := list[:min(atOnce, len(list))]
		list = list[len(some):]
		tx := t.db.WriteTx()
		for _, s := range some {
			tx.Delete(t.table.Delete("PK", partition(s.Account, s.Task, s.BoxUser)).Range("SK", string(s.ID)))
		}
		if len(list) == 0 {
			for _, add := range with {
				add(tx)
			}
		}
		err := tx.Run(ctx)
		if dynamo.IsCondCheckFailed(err) {
			return backup.Errorf(backup.Conflict, "The backup was changed meanwhile.")
		}
		if err != nil {
			return fmt.Errorf("expire %d snapshots: %w", len(some), err)
		}
	}
	return nil
}
