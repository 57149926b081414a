package task

import (
	"context"
	"fmt"
	"time"

	"github.com/guregu/dynamo/v2"

	"coffer/shared/backup"
)

// Alive reports whether nobody has deleted the task.
func (t Task) Alive() bool { return t.Deleted.IsZero() }

// Alive reports whether nobody has deleted the Box user's backup. Lists leave
// out what is not alive; what is Archived is.
func (u BoxUser) Alive() bool { return u.Deleted.IsZero() }

// Living returns a task that nobody has deleted, or a NotFound error.
func (t *Table) Living(ctx context.Context, account backup.AccountID, id backup.TaskID) (Task, error) {
	task, err := t.Task(ctx, account, id)
	if err == nil && !task.Alive() {
		return Task{}, backup.Errorf(backup.NotFound, "This backup task does not exist.")
	}
	return task, err
}

// LivingUser returns a Box user of the task whose backup nobody has deleted, or
// a NotFound error.
func (t *Table) LivingUser(ctx context.Context, account backup.AccountID, task backup.TaskID, id backup.BoxUserID) (BoxUser, error) {
	u, err := t.BoxUser(ctx, account, task, id)
	if err == nil && !u.Alive() {
		return BoxUser{}, backup.Errorf(backup.NotFound, "This Box user does not exist.")
	}
	return u, err
}

// Left reports whether the Box user is gone from the enterprise, and with that
// done with being backed up.
func (u BoxUser) Left() bool { return !u.Archived.IsZero() }

// refuse says why no run of the Box user can be asked for, nor its schedule be
// changed.
func (u BoxUser) refuse() error {
	switch {
	case !u.Alive():
		return backup.Errorf(backup.Conflict, "The backup of %s was deleted.", u.Name)
	case u.Left():
		return backup.Errorf(backup.Conflict, "%s has left the Box enterprise, so the backup is archived. It can be browsed and restored, not continued.", u.Name)
	}
	return nil
}

// Leave records that a last run of a Box user who is inactive at Box was asked
// for. The Box user is archived when it has ended.
func (t *Table) Leave(ctx context.Context, u BoxUser) error {
	return t.live(ctx, t.updateUser(u).SetIfNotExists("Leaving", t.Now()).If("attribute_exists(PK)"), u)
}

// Archive keeps the backup of a Box user who has left, and ends its schedule.
// It is a Conflict while a run is requested or under way, and where the backup
// was deleted. Archiving twice keeps the first time. Why the last run failed or
// was Partial the activity list tells: nothing tries again what this row would
// speak of.
func (t *Table) Archive(ctx context.Context, u BoxUser) error {
	up := t.updateUser(u).Set("Status", backup.Archived).Set("Archived", t.Now()).
		SetExpr("WasActive = Active").Set("Active", false).Remove("Leaving", "Activated", "Reason").
		If("attribute_exists(PK) AND attribute_not_exists(Archived) AND attribute_not_exists('Deleted')").If("attribute_not_exists(RunID)")
	err := up.Run(ctx)
	if !dynamo.IsCondCheckFailed(err) {
		return wrap(err, "archive Box user %s", u.ID)
	}
	row, err := t.BoxUser(ctx, u.Account, u.Task, u.ID)
	if err != nil || row.Left() {
		return err
	}
	if err := row.refuse(); err != nil {
		return err
	}
	return backup.Errorf(backup.Conflict, "A backup of %s is requested or in progress.", u.Name)
}

// Return makes an archived Box user, or one that was leaving, who is at Box
// again one like the others: Scheduled where active says so or the Box user was
// active before, otherwise Paused. It does nothing where the backup is being
// removed for good, or was deleted or brought back just now: the next scan sees.
func (t *Table) Return(ctx context.Context, u BoxUser, active bool) error {
	if !u.Left() {
		return t.live(ctx, t.updateUser(u).Remove("Leaving").If("attribute_exists(PK)"), u)
	}
	active = active || u.WasActive
	status := backup.Paused
	if active {
		status = backup.Scheduled
	}
	up := t.updateUser(u).Set("Status", status).Set("Active", active && u.Alive()).Remove("Archived", "Leaving")
	if active && u.Alive() {
		up.Set("Activated", t.Now())
	}
	deleted := "attribute_not_exists('Deleted')"
	if !u.Alive() {
		deleted = "attribute_exists('Deleted')"
	}
	err := up.If("Archived = ? AND attribute_not_exists(Purging)", u.Archived).If(deleted).Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		return nil
	}
	return wrap(err, "return of Box user %s", u.ID)
}

// Delete hides the Box user's backup and ends its schedule, and its run where
// there is one. Within Grace it can be brought back. Deleting twice keeps the
// first time. With are other parts of the same transaction, as with all changes
// of this kind: all happen or none does.
func (t *Table) Delete(ctx context.Context, u BoxUser, with ...func(*dynamo.WriteTx)) error {
	return t.DeleteFor(ctx, u, "", with...)
}

// DeleteFor is Delete by a person, in a request of that id. Where this has deleted
// it already, whether or not it was brought back, it only ends what run there is of
// what is deleted.
func (t *Table) DeleteFor(ctx context.Context, u BoxUser, request string, with ...func(*dynamo.WriteTx)) error {
	if request == "" || u.DeletedFor != request {
		if err := t.userChanged(t.delete(ctx, u, request, with), u); err != nil {
			return err
		}
	}
	row, err := t.BoxUser(ctx, u.Account, u.Task, u.ID)
	if err != nil || row.Alive() || row.RunID == "" {
		return err
	}
	if err := t.Cancel(ctx, row); err != nil && backup.KindOf(err) != backup.Conflict {
		return err
	}
	return nil
}

// delete asks whoever gets the run, where there is one, to end it: whoever deletes
// may not live to cancel it.
func (t *Table) delete(ctx context.Context, u BoxUser, request string, with []func(*dynamo.WriteTx)) error {
	up := func() *dynamo.Update {
		return setIf(t.updateUser(u).Set("Active", false).Set("Cancel", true), "DeletedFor", request)
	}
	err := t.together(ctx, up().Set("Deleted", t.Now()).SetExpr("WasActive = Active").
		If("attribute_exists(PK) AND attribute_not_exists(Deleted)").If("attribute_not_exists(Archived)"), with)
	if dynamo.IsCondCheckFailed(err) { // archived: it is not active, and remembers whether it was
		err = t.together(ctx, up().SetIfNotExists("Deleted", t.Now()).If("attribute_exists(PK)"), with)
	}
	return err
}

// setIf sets a text that is there.
func setIf(up *dynamo.Update, name, value string) *dynamo.Update {
	if value == "" {
		return up
	}
	return up.Set(name, value)
}

// Undelete brings a deleted backup back as it was. It is a Conflict when Grace
// has ended; a backup that is not deleted stays as it is.
func (t *Table) Undelete(ctx context.Context, u BoxUser, with ...func(*dynamo.WriteTx)) error {
	row, err := t.BoxUser(ctx, u.Account, u.Task, u.ID)
	if err != nil || row.Alive() {
		return err
	}
	late := backup.Errorf(backup.Conflict, "The backup of %s was deleted too long ago. It cannot be brought back.", row.Name)
	if t.ended(row.Deleted) {
		return late
	}
	up := t.updateUser(u).Remove("Deleted").If("'Deleted' = ? AND attribute_not_exists(Purging)", row.Deleted)
	if !row.Left() {
		up.Set("Active", row.WasActive).Remove("WasActive")
		if row.WasActive {
			up.Set("Activated", t.Now())
		}
		switch {
		case row.WasActive && (row.Status == backup.Paused || row.Status == backup.NotActive):
			up.Set("Status", backup.Scheduled)
		case !row.WasActive && row.Status == backup.Scheduled:
			up.Set("Status", backup.Paused)
		}
	}
	err = t.together(ctx, up, with)
	if dynamo.IsCondCheckFailed(err) {
		return late
	}
	return wrap(err, "undelete Box user %s", u.ID)
}

// ended reports whether what was deleted at that time cannot be brought back.
func (t *Table) ended(deleted time.Time) bool { return t.Now().Sub(deleted) >= Grace }

// DeleteTask hides the task and ends its schedule; its Box users' rows stay as
// they are. Within Grace it can be brought back. Deleting twice keeps the first
// time.
func (t *Table) DeleteTask(ctx context.Context, account backup.AccountID, id backup.TaskID, with ...func(*dynamo.WriteTx)) (Task, error) {
	return t.DeleteTaskFor(ctx, account, id, "", with...)
}

// DeleteTaskFor is DeleteTask by a person, in a request of that id. Where this has
// deleted it already, it stays as it is, also where it was brought back.
func (t *Table) DeleteTaskFor(
	ctx context.Context, account backup.AccountID, id backup.TaskID, request string, with ...func(*dynamo.WriteTx),
) (Task, error) {
	task, err := t.Task(ctx, account, id)
	if err != nil || !task.Alive() || request != "" && task.DeletedFor == request {
		return task, err
	}
	up := setIf(t.update(account, id), "DeletedFor", request).Set("Deleted", t.Now()).Remove("NextRun", "DueShard", "DueAt", "Claimed").
		If("attribute_exists(PK) AND attribute_not_exists('Deleted')")
	if task.Name != "" {
		up.If("'Name' = ?", task.Name)
	}
	err = t.together(ctx, up, append(with, func(tx *dynamo.WriteTx) { t.freeName(tx, task) }))
	if dynamo.IsCondCheckFailed(err) {
		if task, err = t.Task(ctx, account, id); err == nil && task.Alive() {
			err = backup.Errorf(backup.Conflict, "This backup task was renamed just now. Try again.")
		}
		return task, err
	}
	if err != nil {
		return Task{}, fmt.Errorf("delete task %s: %w", id, err)
	}
	return t.Task(ctx, account, id)
}

// UndeleteTask brings a deleted task back, to run next at that time; zero means
// never. It is a Conflict when Grace has ended, or another task has its name by
// now; a task that is not deleted stays as it is.
func (t *Table) UndeleteTask(
	ctx context.Context, account backup.AccountID, id backup.TaskID, next time.Time, with ...func(*dynamo.WriteTx),
) (Task, error) {
	task, err := t.Task(ctx, account, id)
	if err != nil || task.Alive() {
		return task, err
	}
	late := backup.Errorf(backup.Conflict, "This backup task was deleted too long ago. It cannot be brought back.")
	if t.ended(task.Deleted) {
		return Task{}, late
	}
	up := t.update(account, id).Remove("Deleted").If("'Deleted' = ? AND attribute_not_exists(Purging)", task.Deleted)
	if !next.IsZero() {
		setNextRun(up, id, next)
	}
	err = t.together(ctx, up, append(with, func(tx *dynamo.WriteTx) { t.takeName(tx, task) }))
	if dynamo.IsCondCheckFailed(err) {
		if taken := t.nameTaken(ctx, task); backup.KindOf(taken) == backup.Conflict {
			return Task{}, backup.Errorf(backup.Conflict, "Another backup task is named %q by now. Rename that one, then bring this one back.", task.Name)
		}
		return Task{}, late
	}
	if err != nil {
		return Task{}, fmt.Errorf("undelete task %s: %w", id, err)
	}
	return t.Task(ctx, account, id)
}

// together runs an update in one transaction with others.
func (t *Table) together(ctx context.Context, up *dynamo.Update, with []func(*dynamo.WriteTx)) error {
	if len(with) == 0 {
		return up.Run(ctx)
	}
	tx := t.db.WriteTx().Update(up)
	for _, add := range with {
		add(tx)
	}
	return tx.Run(ctx)
}

// Release lets the Box user's snapshots expire again, after an administrator has
// looked at what made them be held.
func (t *Table) Release(ctx context.Context, u BoxUser) error {
	return t.live(ctx, t.updateUser(u).Remove("Held").If("attribute_exists(PK)"), u)
}

// live runs an update of a row that must be there and not deleted.
func (t *Table) live(ctx context.Context, up *dynamo.Update, u BoxUser) error {
	return t.userChanged(up.If("attribute_not_exists('Deleted')").Run(ctx), u)
}

func (t *Table) userChanged(err error, u BoxUser) error {
	if dynamo.IsCondCheckFailed(err) {
		return backup.Errorf(backup.NotFound, "This Box user does not exist.")
	}
	if err != nil {
		return fmt.Errorf("Box user %s: %w", u.ID, err)
	}
	return nil
}
