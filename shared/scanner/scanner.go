// Package scanner looks at a task's Box enterprise: it finds out who its Box
// users are and starts the runs of a scheduled slot.
//
// A scan may be repeated or stopped anywhere: Box users are stored one by one,
// a run is requested on condition that its slot has had none, and a run that
// was requested but whose message may not have been sent gets one more message.
package scanner

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/connection"
	"coffer/shared/queue"
	"coffer/shared/task"
)

// Scanner scans the tasks of one region.
type Scanner struct {
	Tasks       *task.Table
	Connections *connection.Connections
	Runs        *queue.Queue[backup.RunMessage]
}

// Scan carries out one message. A task that no longer exists, is deleted or
// Disconnected needs no scan.
func (s *Scanner) Scan(ctx context.Context, m backup.ScanMessage) error {
	t, err := s.Tasks.Task(ctx, m.Account, m.Task)
	if backup.KindOf(err) == backup.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	if t.Connection != backup.Connected || !t.Alive() {
		return nil
	}
	found, added, err := s.discover(ctx, t)
	err = errors.Join(err, s.Connections.Settle(ctx, t.Account, t.ID))
	if errors.Is(err, box.ErrDisconnected) {
		return s.Connections.Lost(ctx, t)
	}
	if ceiling, ok := errors.AsType[*task.CeilingError](err); ok {
		// The slot's runs are requested all the same, and wait.
		err = s.Connections.Stopped(ctx, t, ceiling)
	}
	if err != nil {
		return fmt.Errorf("Box users of task %s: %w", t.ID, err)
	}
	started := 0
	if !m.Slot.IsZero() {
		if started, err = s.start(ctx, t, m.Slot); err != nil {
			return fmt.Errorf("runs of task %s for %s: %w", t.ID, m.Slot.Format(time.RFC3339), err)
		}
	}
	slog.InfoContext(ctx, "scan", "account", t.Account, "task", t.ID, "slot", m.Slot, "found", found, "added", added, "started", started)
	return nil
}

// discover stores the enterprise's Box users and counts those found and those
// that are new.
func (s *Scanner) discover(ctx context.Context, t task.Task) (found, added int, err error) {
	client := s.Connections.Client(t.Account, t.ID)
	for marker := ""; ; {
		page, err := client.Users(ctx, marker)
		if err != nil {
			return found, added, err
		}
		for _, user := range page.Entries {
			isNew, err := s.Tasks.Discovered(ctx, task.BoxUser{
				Account: t.Account, Task: t.ID, ID: backup.BoxUserID(user.ID),
				Name: user.Name, Login: user.Login, BoxStatus: user.Status,
			}, t.AutoActivate && user.Active())
			if err != nil {
				return found, added, err
			}
			found++
			if isNew {
				added++
			}
		}
		if marker = page.Next; marker == "" {
			return found, added, nil
		}
	}
}

// start requests the slot's run of every active Box user and counts them.
func (s *Scanner) start(ctx context.Context, t task.Task, slot time.Time) (int, error) {
	started := 0
	for user, err := range s.Tasks.BoxUsers(ctx, t.Account, t.ID) {
		if err != nil {
			return started, err
		}
		if !user.Active {
			continue
		}
		requested, err := s.Tasks.Request(ctx, user, slot)
		switch {
		case err == nil:
			user = requested
		case backup.KindOf(err) != backup.Conflict:
			return started, err
		case user.RunID == "" || user.RunOwner != "":
			continue // the slot has had its run, or has it just now
		}
		if err := s.Runs.Send(ctx, string(t.ID), 0, user.Message()); err != nil {
			return started, err
		}
		started++
	}
	return started, nil
}
