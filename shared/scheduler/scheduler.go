// Package scheduler decides when tasks run and finds what a crash left behind.
//
// A tick does five things, in this order, each safe to do twice: it claims the
// tasks that are due and sends one scan message for each; it sends the message
// of every run again that was requested and that nobody works on; the same for
// jobs; it looks at the ages of backups; and it sends the e-mails that somebody may
// have died over. A task whose slots were missed, after an outage say, gets one scan
// and then its next slot in the future; scans that are late are spread over some
// minutes, so an outage causes no stampede.
//
// Every connected task is scanned at each of its slots, also when all of its
// Box users are paused: the scan uses the authorisation, which Box would let
// lapse after 60 days without use.
//
// The newest backup of a Box user who is backed up on schedule must never be
// more than 26 hours old, or two hours more than what lies between two slots of
// the task, without somebody being told. A task is looked at when the first of
// its backups could become too old, which is once a day where all goes well.
// Where some are, the primary user gets one e-mail a day for the task, and the
// task's page says so until it is over. Along with that it looks at when Box will
// let the authorisation lapse, should no scan have come to use it.
package scheduler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/dispatch"
	"coffer/shared/job"
	"coffer/shared/queue"
	"coffer/shared/task"
)

// claimTime is how long a claimed task waits before another tick may claim it
// again, should this one not get as far as sending the scan message.
const claimTime = 5 * time.Minute

// Scheduler works on the tasks and jobs of one region.
type Scheduler struct {
	Tasks    *task.Table
	Jobs     *job.Table
	Scans    *queue.Queue[backup.ScanMessage]
	Runs     *queue.Queue[backup.RunMessage]
	Recovers *queue.Queue[backup.JobMessage]
	Mails    *queue.Queue[backup.MailMessage]
	Audit    *audit.Table
	Now      func() time.Time
}

// Report counts what a tick did.
type Report struct {
	Scans int `json:"scans"` // scan messages sent
	Runs  int `json:"runs"`  // abandoned runs sent again
	Jobs  int `json:"jobs"`  // abandoned jobs sent again
	Late  int `json:"late"`  // Box users found whose backups are too old
	Mails int `json:"mails"` // kept e-mails sent, whether or not they were sent before
}

// Tick sends the work that is due now. Where one kind of work fails, the
// others are still looked at.
func (s *Scheduler) Tick(ctx context.Context) (Report, error) {
	var r Report
	err := errors.Join(
		s.Tasks.Due(ctx, func(due task.Due) error { return s.scan(ctx, due, &r) }),
		s.Tasks.Abandoned(ctx, func(u task.BoxUser) error { return s.run(ctx, u, &r) }),
		s.Tasks.Expected(ctx, func(account backup.AccountID, id backup.TaskID) error {
			return dispatch.Dispatcher{Tasks: s.Tasks, Runs: s.Runs}.Fill(ctx, account, id)
		}),
		s.Jobs.Abandoned(ctx, func(j job.Job) error { return s.recover(ctx, j, &r) }),
		s.Tasks.Watched(ctx, s.Now().Add(claimTime), func(w task.Watch) error { return s.watch(ctx, w, &r) }),
		s.Tasks.Unsent(ctx, func(m backup.MailMessage) error {
			r.Mails++
			return s.Mails.Send(ctx, string(m.Account), 0, m)
		}),
	)
	return r, err
}

func (s *Scheduler) scan(ctx context.Context, due task.Due, r *Report) error {
	if err := s.Tasks.Claim(ctx, due, s.Now().Add(claimTime)); err != nil {
		return unlessConflict(err)
	}
	if err := s.Tasks.Watch(ctx, due.Account, due.ID, s.Now().Add(task.Allowance)); err != nil {
		return err
	}
	if due.Connection == backup.Connected {
		message := backup.ScanMessage{Account: due.Account, Task: due.ID, Slot: due.Slot}
		if err := s.Scans.Send(ctx, string(due.ID), s.spread(due), message); err != nil {
			return fmt.Errorf("scan of task %s: %w", due.ID, err)
		}
		r.Scans++
	}
	return s.Tasks.Sent(ctx, due, due.Next(s.Now()))
}

// spread is how long the scan of a task waits whose slot is long over: after an
// outage all tasks are due at once, and they begin over as long a time as those
// of one hour otherwise do.
func (s *Scheduler) spread(due task.Due) time.Duration {
	if s.Now().Sub(due.Slot) < task.Spread {
		return 0
	}
	return due.Jitter()
}

func (s *Scheduler) run(ctx context.Context, u task.BoxUser, r *Report) error {
	if err := s.Tasks.Resend(ctx, u); err != nil {
		return unlessConflict(err)
	}
	slog.WarnContext(ctx, "run taken up again", "account", u.Account, "task", u.Task, "boxUser", u.ID, "run", u.RunID, "attempts", u.RunAttempts)
	r.Runs++
	return s.Runs.Send(ctx, string(u.Task), 0, u.Message())
}

func (s *Scheduler) recover(ctx context.Context, j job.Job, r *Report) error {
	if err := s.Jobs.Resend(ctx, j); err != nil {
		return unlessConflict(err)
	}
	slog.WarnContext(ctx, "job taken up again", "account", j.Account, "job", j.ID)
	r.Jobs++
	return s.Recovers.Send(ctx, string(j.Account), 0, backup.JobMessage{Account: j.Account, Job: j.ID})
}

// unlessConflict drops the error of having been slower than another scheduler.
func unlessConflict(err error) error {
	if backup.KindOf(err) == backup.Conflict {
		return nil
	}
	return err
}
