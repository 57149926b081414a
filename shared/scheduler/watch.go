package scheduler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/task"
)

const (
	// mailedEvery is the time between two e-mails about a task.
	mailedEvery = 24 * time.Hour
	// lookedEvery is how often a task is looked at while it has backups that are
	// too old, lookedAtLeast the longest time between two looks otherwise. It is
	// shorter than any age that is too old.
	lookedEvery   = time.Hour
	lookedAtLeast = 24 * time.Hour
	// maxCauses and maxNamed bound what is said of the causes.
	maxCauses, maxNamed = 5, 5
)

// tooOld returns how old the newest backup of a Box user may not become.
func tooOld(t task.Task) time.Duration {
	return max(t.Frequency.Period(), 24*time.Hour) + task.Allowance
}

// deadline returns when the Box user's newest backup becomes too old, and false
// where nobody expects backups. It counts from when they are expected.
func deadline(t task.Task, u task.BoxUser) (time.Time, bool) {
	if !u.Active || !u.Alive() || u.Left() {
		return time.Time{}, false
	}
	since := u.LastBackup
	for _, at := range []time.Time{u.Activated, t.Created} {
		if at.After(since) {
			since = at
		}
	}
	return since.Add(tooOld(t)), true
}

// watch looks at a task's authorisation and at the ages of its backups, has an e-mail sent where some are
// too old, and decides when to look again: when the first of them could become
// so.
func (s *Scheduler) watch(ctx context.Context, w task.Watch, r *Report) error {
	t, err := s.Tasks.Task(ctx, w.Account, w.Task)
	if backup.KindOf(err) == backup.NotFound || err == nil && !t.Alive() {
		return s.Tasks.Unwatch(ctx, w) // should it come back, its next slot has it watched again
	}
	if err != nil {
		return err
	}
	now := s.Now()
	if err := s.lapse(ctx, t, &w, now); err != nil {
		return err
	}
	ceiling, err := s.ceiling(ctx, t, now)
	if err != nil {
		return err
	}
	next, late := now.Add(lookedAtLeast), causes{}
	for u, err := range s.Tasks.BoxUsers(ctx, t.Account, t.ID) {
		if err != nil {
			return err
		}
		at, expected := deadline(t, u)
		switch {
		case !expected:
		case !now.Before(at):
			late.add(cause(t, u, ceiling), u.Name)
		case at.Before(next):
			next = at
		}
	}
	if late.total == 0 {
		return errors.Join(s.Tasks.Found(ctx, t, task.Overdue{}), s.Tasks.Looked(ctx, w, next))
	}
	r.Late += late.total
	next = now.Add(lookedEvery)
	found := task.Overdue{Overdue: late.total, OverdueReason: late.String()}
	if now.Sub(w.Told) >= mailedEvery {
		if err := s.tell(ctx, t, found, now); err != nil {
			return err
		}
		w.Told = now
	}
	if again := w.Told.Add(mailedEvery); again.Before(next) {
		next = again
	}
	return errors.Join(s.Tasks.Found(ctx, t, found), s.Tasks.Looked(ctx, w, next))
}

// tell has the primary user told, and the activity list.
func (s *Scheduler) tell(ctx context.Context, t task.Task, found task.Overdue, now time.Time) error {
	slog.WarnContext(ctx, "backups are too old", "account", t.Account, "task", t.ID, "boxUsers", found.Overdue)
	hours := strconv.Itoa(int(tooOld(t).Hours()))
	id := "overdue-" + string(t.ID) + "-" + now.UTC().Format(time.RFC3339)
	err := s.Audit.Add(ctx, audit.Activity{
		Account: t.Account, ID: audit.ID(now, "overdue-"+string(t.ID)), At: now, Kind: audit.Exception, Status: audit.Failed,
		Task: t.ID, TaskName: t.Name, Item: t.EnterpriseName, Records: int64(found.Overdue),
		Description: fmt.Sprintf("%s had no backup for more than %s hours. %s", whoHave(found.Overdue), hours, found.OverdueReason),
	})
	return errors.Join(err, s.Mails.Send(ctx, string(t.Account), 0, backup.MailMessage{
		ID: id, Account: t.Account, Template: "overdue", Data: map[string]string{
			"task": string(t.ID), "taskName": t.Name, "number": strconv.Itoa(found.Overdue), "hours": hours, "why": found.OverdueReason,
		},
	}))
}

func whoHave(users int) string {
	if users == 1 {
		return "1 Box user has"
	}
	return fmt.Sprintf("%d Box users have", users)
}

// ceiling says that Box may not be called any more this month, where it is so.
func (s *Scheduler) ceiling(ctx context.Context, t task.Task, now time.Time) (string, error) {
	if t.Ceiling <= 0 {
		return "", nil
	}
	usage, err := s.Tasks.Usage(ctx, t.Account, t.ID, task.MonthOf(now))
	if err != nil {
		return "", err
	}
	until := t.Stopped(usage, now)
	if until.IsZero() {
		return "", nil
	}
	return (&task.CeilingError{Ceiling: t.Ceiling, Until: until}).Error(), nil
}

// cause says why a Box user has no newer backup, as far as is known. Ceiling is
// what is said where that is reached.
func cause(t task.Task, u task.BoxUser, ceiling string) string {
	switch {
	case t.Connection != backup.Connected:
		return strings.TrimSpace("The backup task is not connected to Box. " + t.Reason)
	case u.RunStopped != "":
		return u.RunStopped
	case ceiling != "":
		return ceiling
	case u.RunID != "":
		return "A backup is requested or in progress, and has not ended yet."
	case u.Reason != "":
		return u.Reason
	}
	return "No backup was started."
}

// causes are the reasons for what is too old, and whom they concern.
type causes struct {
	total   int
	reasons []string // in the order in which they came up
	names   map[string][]string
}

func (c *causes) add(reason, name string) {
	if c.names == nil {
		c.names = map[string][]string{}
	}
	if _, known := c.names[reason]; !known {
		c.reasons = append(c.reasons, reason)
	}
	c.names[reason] = append(c.names[reason], name)
	c.total++
}

// String names the causes of most of it, and the first of those they concern.
func (c *causes) String() string {
	slices.SortStableFunc(c.reasons, func(a, b string) int { return len(c.names[b]) - len(c.names[a]) })
	var parts []string
	for _, reason := range c.reasons[:min(maxCauses, len(c.reasons))] {
		names := c.names[reason]
		part := strings.Join(names[:min(maxNamed, len(names))], ", ")
		if more := len(names) - maxNamed; more > 0 {
			part += fmt.Sprintf(" and %d more", more)
		}
		parts = append(parts, part+": "+reason)
	}
	if more := len(c.reasons) - maxCauses; more > 0 {
		parts = append(parts, fmt.Sprintf("There are %d more reasons.", more))
	}
	return strings.Join(parts, " ")
}
