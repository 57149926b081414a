package pruner

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/task"
	"coffer/shared/vault"
)

// errLate says that the invocation's time is over.
var errLate = errors.New("no time is left")

// pruning is an invocation for one task.
type pruning struct {
	*Pruner
	id      vault.ID
	task    task.Task
	started time.Time
	opened  *vault.Vault
	rest    backup.PruneMessage // where another invocation is to go on
	done    Report
	failed  []error
	lost    *task.BoxUser   // one whose catalog cannot be read any more, as people know
	wanted  map[wanted]bool // snapshots that jobs are for, once they were looked up
	told    bool            // in the activity
}

// vault opens the task's vault once.
func (v *pruning) vault(ctx context.Context) (*vault.Vault, error) {
	if v.opened == nil {
		opened, err := v.Vault(ctx, v.task)
		if err != nil {
			return nil, err
		}
		v.opened = opened
	}
	return v.opened, nil
}

// invocation does what there is time for, tells of it in the activity even where
// it could not do all, and hands over the rest.
func (v *pruning) invocation(ctx context.Context) error {
	steps := v.steps()
	before := v.place()
	more := v.take(ctx, steps)
	err := errors.Join(v.failed...)
	if err = errors.Join(err, v.tell(ctx, err)); err != nil {
		err = fmt.Errorf("prune task %s: %w", v.id.Task, err)
	}
	switch {
	case more:
		return v.handOver(ctx, v.place() != before || v.done != Report{}, err)
	case err == nil && v.rest.Failed:
		return fmt.Errorf("prune task %s: an earlier invocation could not do all, as the log says", v.id.Task)
	}
	return err
}

// handOver has another invocation go on, unless several in a row got nowhere. Of
// what failed the last one tells: this one's message would bring a second chain
// of invocations if it came again.
func (v *pruning) handOver(ctx context.Context, moved bool, failed error) error {
	if v.rest.Idle++; moved {
		v.rest.Idle = 0
	}
	if v.rest.Idle >= patience {
		return errors.Join(failed, fmt.Errorf("prune task %s: %d invocations in a row got nowhere at %s %s: it waits for the next day",
			v.id.Task, v.rest.Idle, v.rest.Step, v.rest.After))
	}
	if failed != nil {
		v.rest.Failed = true
		slog.ErrorContext(ctx, "prune", "account", v.id.Account, "task", v.id.Task, "err", failed)
	}
	v.done.Sent++
	return v.Messages.Send(ctx, string(v.id.Account), 0, v.rest)
}

// place is how far the pruning of a task has come.
type place struct {
	step          string
	after, marked backup.BoxUserID
	noted         bool
	swept         int
}

func (v *pruning) place() place {
	at := place{step: v.rest.Step, after: v.rest.After}
	if m := v.task.Mark; m != nil {
		at.marked, at.noted, at.swept = m.After, m.Noted, m.Swept
	}
	return at
}

// step is a part of a pruning, each looking at what the one before has left. One
// that there is no time for returns errLate, and goes on, or begins anew with
// less to do, in another invocation.
type step struct {
	name string
	do   func(context.Context) error
}

// steps are what is left to do. What is deleted and can be brought back stays as
// it is. What cannot any more goes, though the whole task was deleted after it.
func (v *pruning) steps() []step {
	all := []step{{"users", v.users}, {"sweep", v.sweep}, {"packs", v.prunePacks}, {"catalogs", v.pruneCatalogs}, {"people", v.prunePeople}, {"marks", v.pruneMarks}}
	switch {
	case v.task.Purging || !v.task.Alive() && v.started.Sub(v.task.Deleted) >= task.Grace:
		all = []step{{"purge", v.purgeTask}}
	case !v.task.Alive() && v.task.Damage != "":
		return nil
	case !v.task.Alive():
		all = all[:1]
	}
	first := slices.IndexFunc(all, func(s step) bool { return s.name == v.rest.Step })
	if first < 0 { // nobody has begun, or not with this
		first, v.rest.Step, v.rest.After = 0, all[0].name, ""
	}
	return all[first:]
}

// take takes one step after another, and reports whether there is more to do than
// there is time for.
func (v *pruning) take(ctx context.Context, steps []step) (more bool) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if deadline, ok := ctx.Deadline(); ok {
		defer time.AfterFunc(time.Until(deadline)-cutOff, func() { cancel(errLate) }).Stop()
	}
	for _, s := range steps {
		v.rest.Step = s.name
		err := errLate
		if !late(ctx) {
			err = s.do(ctx)
		}
		switch {
		case isLate(ctx, err):
			return true
		case err != nil:
			v.failing(err)
		}
		v.rest.After = ""
	}
	return false
}

// late reports whether the invocation has to come to its end.
func late(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	return ok && time.Until(deadline) < reserve
}

// isLate reports whether an error is for lack of time.
func isLate(ctx context.Context, err error) bool {
	return errors.Is(err, errLate) || err != nil && errors.Is(context.Cause(ctx), errLate)
}

// users purges and expires what is due of each Box user; of a deleted task only
// backups that had been deleted before.
func (v *pruning) users(ctx context.Context) error {
	for u, err := range v.Tasks.BoxUsersAfter(ctx, v.id.Account, v.id.Task, v.rest.After) {
		if err != nil {
			return err
		}
		if late(ctx) {
			return errLate
		}
		switch {
		case v.over(u):
			err = v.purgeUser(ctx, u)
		case v.task.Alive():
			err = v.expire(ctx, u)
		}
		switch {
		case isLate(ctx, err):
			return errLate
		case err != nil && backup.KindOf(err) != backup.Conflict: // somebody was faster, or a run begins
			v.failing(fmt.Errorf("Box user %s: %w", u.ID, err))
		}
		v.rest.After = u.ID
	}
	return nil
}

// tell writes an activity row where there is something to tell.
func (v *pruning) tell(ctx context.Context, failed error) error {
	d := v.done
	records := d.Snapshots + d.Jobs + d.Contents + d.Moved + d.Packs + d.Catalogs + d.Users
	if records == 0 && v.lost == nil || v.told {
		return nil
	}
	status := audit.Succeeded
	if failed != nil || v.lost != nil {
		status = audit.Partial
	}
	description := fmt.Sprintf("Removed %d packs and %d catalogs that nothing referred to any more.", d.Packs, d.Catalogs)
	if d.Snapshots+d.Contents > 0 {
		description = fmt.Sprintf("Removed %d expired snapshots and %d contents that only they had. %s", d.Snapshots, d.Contents, description)
	}
	if d.Users > 0 {
		description = fmt.Sprintf("Removed the backups of %d Box users for good. %s", d.Users, description)
	}
	if d.Moved > 0 {
		description += fmt.Sprintf(" Copied %d contents out of packs that were mostly empty.", d.Moved)
	}
	if records == 0 {
		description = "Nothing was removed."
	}
	if v.lost != nil {
		description += fmt.Sprintf(" What expired snapshots had stays: the list of what is in the backup of %s cannot be read, so nobody knows what that needs. It can be removed when that backup is deleted.", v.lost.Name)
	}
	if v.task.Purging {
		description = "Removed a part of the deleted backup task for good: " + v.purged()
	}
	return v.add(ctx, "prune#"+string(v.id.Task), status, records, description)
}

func (v *pruning) add(ctx context.Context, cause string, status audit.Status, records int, description string) error {
	now := v.Now()
	err := v.Audit.Add(ctx, audit.Activity{
		Account: v.id.Account, ID: audit.ID(now, cause), At: now, Kind: audit.Prune, Status: status,
		Task: v.id.Task, TaskName: v.task.Name, Duration: now.Sub(v.started), Bytes: v.done.Bytes, Records: int64(records), Description: description,
	})
	v.told = err == nil
	return err
}
