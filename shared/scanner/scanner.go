// Package scanner looks at a task's Box enterprise: it finds out who its Box
// users are and what has happened, and starts the runs of a scheduled slot.
//
// What has happened the enterprise's event stream tells, with one position for
// all Box users. Each part of it is stored as hints for those whose items it is
// about, under keys that follow from the position, and only then the position
// moves: a part that is read twice changes nothing, and none is skipped. A
// position that Box does not know any more is replaced by the present one, and
// the enterprise's history fills the gap. Where Box does not let us read the
// stream, each Box user's run asks for that user's changes; every later scan
// tries the stream again and returns to it.
//
// At a slot those Box users get a run of whom there are hints, or of whom the
// stream cannot tell all: the first time, after a run that failed or was not
// whole, with items of other companies, and once a week for listing some folders
// again. All others get a snapshot that equals their latest, without one Box
// call.
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

	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/connection"
	"coffer/shared/queue"
	"coffer/shared/snapshot"
	"coffer/shared/task"
)

// Scanner scans the tasks of one region.
type Scanner struct {
	Tasks       *task.Table
	Snapshots   *snapshot.Table
	Audit       *audit.Table
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
	if err == nil {
		t, err = s.follow(ctx, t)
	}
	err = errors.Join(err, s.Connections.Settle(ctx, t.Account, t.ID))
	if errors.Is(err, box.ErrDisconnected) {
		return s.Connections.Lost(ctx, t)
	}
	if ceiling, ok := errors.AsType[*task.CeilingError](err); ok {
		// The slot's runs are requested all the same, of all, and wait.
		t.Feed = ""
		err = s.Connections.Stopped(ctx, t, ceiling)
	}
	if err != nil {
		return fmt.Errorf("Box users and events of task %s: %w", t.ID, err)
	}
	started, unchanged := 0, int64(0)
	if !m.Slot.IsZero() {
		if started, unchanged, err = s.start(ctx, t, m.Slot); err != nil {
			return fmt.Errorf("runs of task %s for %s: %w", t.ID, m.Slot.Format(time.RFC3339), err)
		}
	}
	slog.InfoContext(ctx, "scan", "account", t.Account, "task", t.ID, "slot", m.Slot, "found", found, "added", added,
		"feed", t.Feed, "started", started, "unchanged", unchanged)
	return nil
}

// discover stores the enterprise's Box users, counts those found and those that
// are new, and looks after those who leave.
func (s *Scanner) discover(ctx context.Context, t task.Task) (found, added int, err error) {
	client := s.Connections.Client(t.Account, t.ID)
	present := map[backup.BoxUserID]bool{} // and whether they are active at Box
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
			present[backup.BoxUserID(user.ID)] = user.Active()
		}
		if marker = page.Next; marker == "" {
			return found, added, s.leave(ctx, t, present)
		}
	}
}
