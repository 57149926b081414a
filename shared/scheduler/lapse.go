package scheduler

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/task"
)

const (
	// lapseNear is how long before an authorisation lapses people are told.
	lapseNear = 10 * 24 * time.Hour
	// warnedEvery is the time between two e-mails about that.
	warnedEvery = 3 * 24 * time.Hour
)

// lapse has people told where Box will soon let a task's authorisation lapse. It
// is used at each of the task's slots, so something has kept it from that for
// weeks, and whoever signs in to Box again has 60 days more.
func (s *Scheduler) lapse(ctx context.Context, t task.Task, w *task.Watch, now time.Time) error {
	var at time.Time
	if t.Connection == backup.Connected {
		var err error
		if at, err = s.Tasks.Lapse(ctx, t.Account, t.ID); err != nil {
			return err
		}
	}
	if at.Sub(now) > lapseNear {
		at = time.Time{}
	}
	if err := s.Tasks.Lapsing(ctx, t, at); err != nil || at.IsZero() || now.Sub(w.Warned) < warnedEvery {
		return err
	}
	slog.WarnContext(ctx, "authorisation is about to lapse", "account", t.Account, "task", t.ID, "at", at)
	w.Warned = now
	cause, day := "lapsing-"+string(t.ID), at.UTC().Format("2 January 2006")
	return errors.Join(
		s.Audit.Add(ctx, audit.Activity{
			Account: t.Account, ID: audit.ID(now, cause), At: now, Kind: audit.Exception, Status: audit.Failed,
			Task: t.ID, TaskName: t.Name, Item: t.EnterpriseName,
			Description: "Box ends the authorisation of this backup task on " + day + ", since it has not been used for weeks. Connect the task to Box again before that.",
		}),
		s.Mails.Send(ctx, string(t.Account), 0, backup.MailMessage{
			ID: cause + "-" + now.UTC().Format(time.RFC3339), Account: t.Account, Template: "lapsing",
			Data: map[string]string{"task": string(t.ID), "taskName": t.Name, "day": day},
		}),
	)
}
