package task

import (
	"context"
	"fmt"

	"github.com/guregu/dynamo/v2"

	"coffer/shared/backup"
)

// Purge begins the removal for good of a Box user's backup: from now on it
// cannot be brought back. It is a Conflict unless the row is still deleted, or
// archived, since the same time as u, or while somebody works on a run of it.
// A run that nobody works on ends.
func (t *Table) Purge(ctx context.Context, u BoxUser) error {
	out := "attribute_not_exists(RunOut)"
	if u.RunOut {
		out = "attribute_exists(RunOut)"
	}
	up := endRun(t.updateUser(u)).Set("Purging", true).Set("Active", false).If(out).
		If("attribute_not_exists(RunOwner) OR RunUntil < ?", t.Now().UnixMilli())
	if u.Alive() {
		up.If("Archived = ? AND attribute_not_exists('Deleted')", u.Archived)
	} else {
		up.If("'Deleted' = ?", u.Deleted)
	}
	tx := t.db.WriteTx().Update(up)
	t.release(u)(tx)
	return purged(tx.Run(ctx), "purge Box user %s", u.ID)
}

// Erased ends the removal of a Box user's backup, when nothing of it is left: a
// Box user who had left goes from the table, any other is Not Active, as if it
// had never been backed up. Its tags stay, so that access to what is backed up
// later is as limited as before.
func (t *Table) Erased(ctx context.Context, u BoxUser) error {
	if u.Left() {
		err := t.table.Delete("PK", partition(u.Account, u.Task)).Range("SK", userKey(u.ID)).If("Purging = ?", true).Run(ctx)
		return purged(err, "erase Box user %s", u.ID)
	}
	plain := userItem{PK: partition(u.Account, u.Task), SK: userKey(u.ID), BoxUser: BoxUser{
		Account: u.Account, Task: u.Task, ID: u.ID, Name: u.Name, Login: u.Login, BoxStatus: u.BoxStatus, Status: backup.NotActive, Tags: u.Tags,
	}}
	return purged(t.table.Put(plain).If("Purging = ?", true).Run(ctx), "erase Box user %s", u.ID)
}

// Forget removes a Box user who has left and of whom nothing was ever backed
// up, and the hints for that one.
func (t *Table) Forget(ctx context.Context, u BoxUser) error {
	err := t.table.Delete("PK", partition(u.Account, u.Task)).Range("SK", userKey(u.ID)).
		If("attribute_not_exists('Catalog') AND attribute_not_exists('Snapshot') AND attribute_not_exists('Checkpoint') AND attribute_not_exists(RunID)").Run(ctx)
	if err := purged(err, "forget Box user %s", u.ID); err != nil {
		return err
	}
	return t.DropHints(ctx, u)
}

// PurgeTask begins the removal for good of a deleted task: from now on it cannot
// be brought back. It is a Conflict unless the task is still deleted since the
// same time.
func (t *Table) PurgeTask(ctx context.Context, task Task) error {
	return purged(t.update(task.Account, task.ID).Set("Purging", true).If("'Deleted' = ?", task.Deleted).Run(ctx), "purge task %s", task.ID)
}

// ErasedTask ends the removal of a task, when nothing of its vault is left: all
// its rows go, the Box token and the vault's key among them, its own last. It
// returns how many went.
func (t *Table) ErasedTask(ctx context.Context, task Task) (int, error) {
	pk := partition(task.Account, task.ID)
	query := t.table.Get("PK", pk).Consistent(true).Project("PK", "SK").Iter()
	var row struct{ PK, SK string }
	rows := 0
	for query.Next(ctx, &row) {
		if err := t.table.Delete("PK", row.PK).Range("SK", row.SK).Run(ctx); err != nil {
			return rows, fmt.Errorf("erase rows of task %s: %w", task.ID, err)
		}
		rows++
	}
	if err := query.Err(); err != nil {
		return rows, fmt.Errorf("erase rows of task %s: %w", task.ID, err)
	}
	err := t.table.Delete("PK", string(task.Account)).Range("SK", taskKey(task.ID)).If("Purging = ?", true).Run(ctx)
	return rows + 1, purged(err, "erase task %s", task.ID)
}

// purged translates the outcome of a step of a removal.
func purged(err error, format string, args ...any) error {
	if dynamo.IsCondCheckFailed(err) {
		return backup.Errorf(backup.Conflict, "It was changed meanwhile.")
	}
	return wrap(err, format, args...)
}

// Expired returns the Box user's part of the transaction that removes expired
// snapshots: catalog is the generation without them. It is on condition that
// the catalog is still the one of u and no run is requested. The checkpoint of
// a run that ended without a snapshot goes, since it has what expired; contents
// that it stored are found in the vault again.
func (t *Table) Expired(u BoxUser, catalog []byte) func(*dynamo.WriteTx) {
	up := t.updateUser(u).Set("Catalog", catalog).Remove("Checkpoint").
		If("'Catalog' = ? AND attribute_not_exists(RunID) AND attribute_not_exists(Purging)", u.Catalog)
	return func(tx *dynamo.WriteTx) { tx.Update(up) }
}
