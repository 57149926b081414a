package pruner

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/task"
)

// over reports whether the time of a Box user's backup is over.
func (v *pruning) over(u task.BoxUser) bool {
	switch {
	case u.Purging:
		return true
	case !u.Alive():
		return v.started.Sub(u.Deleted) >= task.Grace
	}
	days := v.task.Archives(v.started)
	return v.task.Alive() && u.Left() && u.Held == "" && days > 0 && !v.started.Before(u.Archived.AddDate(0, 0, days))
}

// purgeUser removes a Box user's backup for good: its snapshots, then its
// catalogs and jobs, then the row or what it says of them.
func (v *pruning) purgeUser(ctx context.Context, u task.BoxUser) error {
	if !u.Purging {
		if err := v.idle(ctx, u.ID); err != nil {
			return err
		}
		if err := v.Tasks.Purge(ctx, u); err != nil {
			return err
		}
	}
	if err := v.purgeSnapshots(ctx, u); err != nil {
		return err
	}
	if err := v.purgeObjects(ctx, v.id.Catalogs()+string(u.ID)+"/", &v.done.Catalogs); err != nil {
		return err
	}
	if err := v.purgeJobs(ctx, u.ID); err != nil {
		return err
	}
	if err := v.Tasks.DropHints(ctx, u); err != nil {
		return err
	}
	if err := v.sweepNow(ctx); err != nil {
		return err
	}
	err := v.Tasks.Erased(ctx, u)
	if err == nil {
		v.done.Users++
	}
	return err
}

func (v *pruning) purgeSnapshots(ctx context.Context, u task.BoxUser) error {
	all, err := collect(v.Snapshots.All(ctx, u.Account, u.Task, u.ID))
	if err != nil || len(all) == 0 {
		return err
	}
	if err := v.Snapshots.Expire(ctx, all); err != nil {
		return err
	}
	v.done.Snapshots += len(all)
	return nil
}

// idle is a Conflict while somebody works on a job of the task, or of one Box
// user of it: the purge waits for the next day.
func (v *pruning) idle(ctx context.Context, user backup.BoxUserID) error {
	jobs, err := v.Jobs.Of(ctx, v.id.Account, v.id.Task, user)
	if err == nil && slices.ContainsFunc(jobs, v.Jobs.Busy) {
		return backup.Errorf(backup.Conflict, "A job is in progress.")
	}
	return err
}

// purgeJobs removes the jobs of the task, or of one Box user of it.
func (v *pruning) purgeJobs(ctx context.Context, user backup.BoxUserID) error {
	jobs, err := v.Jobs.Of(ctx, v.id.Account, v.id.Task, user)
	if err != nil {
		return err
	}
	for _, j := range jobs {
		if late(ctx) {
			return errLate
		}
		rows, err := v.Jobs.Erase(ctx, j)
		v.done.Rows += rows
		if err != nil {
			return err
		}
		v.done.Jobs++
	}
	return nil
}

// purgeObjects removes all objects below a prefix, some at a time.
func (v *pruning) purgeObjects(ctx context.Context, prefix string, count *int) error {
	const batch = 1000
	var some []object
	err := v.Objects.List(ctx, prefix, func(key string, size int64, _ time.Time) error {
		if some = append(some, object{key, size}); len(some) < batch {
			return nil
		}
		if late(ctx) {
			return errLate
		}
		err := v.remove(ctx, some, count)
		some = some[:0]
		return err
	})
	return errors.Join(err, v.remove(ctx, some, count))
}

// purgeTask removes a task for good: its authorisation at Box, the snapshots of
// its Box users, its jobs, the keys of all contents, the vault's objects, and the
// task's rows. The row of the task, which has the vault's key, is the last.
func (v *pruning) purgeTask(ctx context.Context) error {
	if !v.task.Purging {
		err := v.idle(ctx, "")
		if err == nil {
			err = v.Tasks.PurgeTask(ctx, v.task)
		}
		if backup.KindOf(err) == backup.Conflict {
			return nil // brought back in the last moment
		}
		if err != nil {
			return err
		}
	}
	v.task.Purging = true
	unrevoked := v.Revoke(ctx, v.task)
	for u, err := range v.Tasks.BoxUsersAfter(ctx, v.id.Account, v.id.Task, v.rest.After) {
		if err == nil && late(ctx) {
			err = errLate
		}
		if err == nil {
			err = v.purgeSnapshots(ctx, u)
		}
		if err != nil {
			return err
		}
		v.done.Users++
		v.rest.After = u.ID
	}
	if err := v.purgeJobs(ctx, ""); err != nil {
		return err
	}
	contents, err := v.Index.Erase(ctx, v.id)
	v.done.Contents += contents
	if err == nil {
		err = v.purgeObjects(ctx, v.id.Packs(), &v.done.Packs)
	}
	if err == nil {
		err = v.purgeObjects(ctx, v.id.Catalogs(), &v.done.Catalogs)
	}
	if err == nil {
		err = v.purgeObjects(ctx, v.id.People(), &v.done.Lists)
	}
	if err == nil {
		err = v.purgeObjects(ctx, v.id.Marks(), &v.done.Marks)
	}
	if err != nil {
		return err
	}
	if unrevoked != nil && v.started.Sub(v.task.Deleted) < revokeAge {
		return unrevoked
	}
	d := v.done
	records := d.Snapshots + d.Jobs + d.Contents + d.Packs + d.Catalogs + d.Users
	err = v.add(ctx, "purge#"+string(v.id.Task), audit.Succeeded, records, "Removed the deleted backup task for good, and its authorisation at Box: "+v.purged())
	if err != nil {
		return err
	}
	rows, err := v.Tasks.ErasedTask(ctx, v.task)
	v.done.Rows += rows
	if err == nil {
		v.done.Tasks = 1
	}
	return err
}

// purged says what this invocation has removed of a deleted task.
func (v *pruning) purged() string {
	d := v.done
	return fmt.Sprintf("%d Box users, %d snapshots, %d jobs, %d contents, %d packs and %d catalogs.", d.Users, d.Snapshots, d.Jobs, d.Contents, d.Packs, d.Catalogs)
}
