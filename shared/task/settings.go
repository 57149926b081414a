package task

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/guregu/dynamo/v2"

	"coffer/shared/backup"
)

// Settings are what an administrator may change of a task; nil leaves a
// setting as it is.
type Settings struct {
	Name         *string
	Frequency    *Frequency
	Hour         *int
	AutoActivate *bool
	Policy       *Policy // all of it
	Change       PolicyChange
	NextRun      *time.Time // zero: no next run
}

// PolicyChange is what to change of a policy, so that two who change different
// parts at once both have their way.
type PolicyChange struct {
	Versions, Trash, Unsearched *bool
	Retention                   *Retention
	ArchiveDays, Concurrency    *int
	Ceiling                     *int64
}

func (c PolicyChange) set(u *dynamo.Update) {
	set(u, "Versions", c.Versions)
	set(u, "Trash", c.Trash)
	set(u, "Unsearched", c.Unsearched)
	set(u, "Retention", c.Retention)
	set(u, "ArchiveDays", c.ArchiveDays)
	set(u, "Ceiling", c.Ceiling)
	set(u, "Concurrency", c.Concurrency)
}

func set[T any](u *dynamo.Update, name string, value *T) {
	if value != nil {
		u.Set(name, *value)
	}
}

// Reschedule gives the task the next run that it has by these settings, where
// they say when it runs. Where its newest backup would become too old by then, or
// a slot is due just now, the next run stays what it is, and those after it are by
// these settings.
func (s *Settings) Reschedule(t Task, now time.Time) {
	if s.Frequency == nil && s.Hour == nil {
		return
	}
	was, last := t.NextRun, t.NextRun.Add(-t.Frequency.Period())
	if last.Before(t.Created) {
		last = t.Created
	}
	if s.Frequency != nil {
		t.Frequency = *s.Frequency
	}
	if s.Hour != nil {
		t.Hour = *s.Hour
	}
	next := t.Next(now.UTC())
	if !was.IsZero() && was.Before(next) && next.Sub(last) > max(t.Frequency.Period(), 24*time.Hour)+Allowance {
		next = was
	}
	s.NextRun = &next
}

// Change stores the settings that are given and returns the task as it is
// then. With are other parts of the same transaction. It is a Conflict about the
// field "name" where another task has the new name. What is to be kept for less is
// kept for Grace as before.
func (t *Table) Change(ctx context.Context, account backup.AccountID, id backup.TaskID, s Settings, with ...func(*dynamo.WriteTx)) (Task, error) {
	return t.ChangeTelling(ctx, account, id, s, nil, with...)
}

// ChangeTelling is Change that asks tell for an e-mail to keep, as KeepMail does,
// where something is to be kept for less: the task's Shortened says so.
func (t *Table) ChangeTelling(
	ctx context.Context, account backup.AccountID, id backup.TaskID, s Settings, tell func(Task) backup.MailMessage, with ...func(*dynamo.WriteTx),
) (Task, error) {
	if s == (Settings{}) {
		return t.Task(ctx, account, id)
	}
	u := t.update(account, id).If("attribute_exists(PK) AND attribute_not_exists('Deleted')")
	if s.Name != nil {
		var err error
		if with, err = t.rename(ctx, u, account, id, *s.Name, with); err != nil {
			return Task{}, err
		}
	}
	set(u, "Frequency", s.Frequency)
	set(u, "Hour", s.Hour)
	set(u, "AutoActivate", s.AutoActivate)
	if p := s.Policy; p != nil {
		s.Change = PolicyChange{&p.Versions, &p.Trash, &p.Unsearched, &p.Retention, &p.ArchiveDays, &p.Concurrency, &p.Ceiling}
	}
	s.Change.set(u)
	if s.Change.Retention != nil || s.Change.ArchiveDays != nil {
		before, err := t.Task(ctx, account, id)
		if err != nil {
			return Task{}, err
		}
		was := before.shorten(s.Change, t.Now().UTC())
		if was != nil {
			u.Set("Shortened", was)
		} else {
			u.Remove("Shortened")
		}
		if tell != nil && was != nil && (before.Shortened == nil || !before.Shortened.Until.Equal(was.Until)) {
			with = append(with, t.KeepMail(tell(before.kept(s, was))))
		}
	}
	if s.NextRun != nil {
		setNextRun(u, id, *s.NextRun)
	}
	task, err := t.changed(ctx, u, account, id, with)
	if s.Name != nil && backup.KindOf(err) == backup.NotFound {
		err = cmp.Or(t.nameTaken(ctx, Task{Account: account, ID: id, Name: *s.Name}), err)
	}
	if err == nil && s.Change != (PolicyChange{}) {
		err = t.wake(ctx, account, id)
	}
	return task, err
}

// rename adds to an update that the task has another name, and to its
// transaction that the name is the task's own.
func (t *Table) rename(
	ctx context.Context, u *dynamo.Update, account backup.AccountID, id backup.TaskID, name string, with []func(*dynamo.WriteTx),
) ([]func(*dynamo.WriteTx), error) {
	before, err := t.Task(ctx, account, id)
	if err != nil {
		return nil, err
	}
	u.Set("Name", name)
	if taskNameKey(before.Name) == taskNameKey(name) {
		return with, nil
	}
	if before.Name != "" {
		u.If("'Name' = ?", before.Name)
	}
	after := before
	after.Name = name
	return append(with, func(tx *dynamo.WriteTx) {
		t.freeName(tx, before)
		t.takeName(tx, after)
	}), nil
}

// changed runs an update of a task, and with it the other parts, and returns the
// task as it is then.
func (t *Table) changed(ctx context.Context, u *dynamo.Update, account backup.AccountID, id backup.TaskID, with []func(*dynamo.WriteTx)) (Task, error) {
	if len(with) == 0 {
		return taskValue(ctx, u, id)
	}
	err := t.together(ctx, u, with)
	if dynamo.IsCondCheckFailed(err) {
		return Task{}, backup.Errorf(backup.NotFound, "This backup task does not exist.")
	}
	if err != nil {
		return Task{}, fmt.Errorf("change task %s: %w", id, err)
	}
	return t.Task(ctx, account, id)
}
