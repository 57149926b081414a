// Package scanner looks at a task's Box enterprise: it finds out who its Box
// users are and what has happened, and starts the runs of a scheduled slot.
//
// What has happened the enterprise's event stream tells, with one position for
// all Box users. Each part of it is stored as hints for those whose items it is
// about, under keys that follow from the position, and only then the position
// moves: a part that is read twice changes nothing, and none is skipped. A
// position that Box does not know any more is replaced by the present one, and
// the enterprise's history fills the gap. Since the history has events only a while
// after they happened, it is read again by the scans of the next day. Where Box does not let us read the
// stream, each Box user's run asks for that user's changes; every later scan
// tries the stream again and returns to it.
//
// At a slot those Box users get a run of whom there are hints, or of whom the
// stream cannot tell all: the first time, after a run that failed or was not
// whole, with items of other companies or of colleagues who have no backup, and
// once a week for listing some folders
// again. All others get a snapshot that equals their latest, without one Box
// call.
//
// At its end a scan, once a week, also has the list of the enterprise's
// users and groups backed up, by the backup function (see package people).
//
// A scan may be repeated or stopped anywhere: Box users are stored one by one,
// a run is requested on condition that its slot has had none, and a run that
// was requested but not dispatched is dispatched by a scheduler. Shortly before
// an invocation's time is over, the rest goes to another one, as a message that
// names the last Box user.
//
// What an enterprise of 100,000 Box users costs, all of whom need a run: 100
// calls of Box for the list, a read of what is known of them, and per user one
// write to request the run, and, in transactions, which count double, one to
// dispatch and one to end it; most of them again in the index. That is about 10
// write units, 1 million in all: $0.63 at $0.625 a million. On a machine with two
// busy processors and DynamoDB Local 100,000 new ones were found in 164 s and
// requested in 139 s (TestSlotOfManyBoxUsersIsStartedAcrossInvocations with -fan
// 100000); a partition of DynamoDB takes 1,000 writes a second, and so about 2
// minutes and 5.
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
	// Scans takes what is left of a scan when an invocation's time is over.
	Scans *queue.Queue[backup.ScanMessage]
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
	found, added := 0, 0
	if m.After == "" {
		t, found, added, err = s.ask(ctx, t)
		if errors.Is(err, box.ErrDisconnected) {
			return s.Connections.Lost(ctx, t)
		}
		if err == nil && added > 0 {
			err = s.Tasks.Count(ctx, t.Account, t.ID) // before somebody looks, and would have to
		}
		if err != nil {
			return err
		}
	}
	if m.Slot.IsZero() {
		slog.InfoContext(ctx, "scan", "account", t.Account, "task", t.ID, "found", found, "added", added, "feed", t.Feed)
		return s.people(ctx, t)
	}
	started, unchanged, last, err := s.start(ctx, t, m)
	if err != nil {
		return fmt.Errorf("runs of task %s for %s: %w", t.ID, m.Slot.Format(time.RFC3339), err)
	}
	slog.InfoContext(ctx, "scan", "account", t.Account, "task", t.ID, "slot", m.Slot, "found", found, "added", added,
		"feed", t.Feed, "started", started, "unchanged", unchanged, "last", last)
	if last == "" {
		return s.people(ctx, t)
	}
	m.After = last
	return s.Scans.Send(ctx, string(t.ID), 0, m)
}

// people has it asked who is in the enterprise, once a week.
func (s *Scanner) people(ctx context.Context, t task.Task) error {
	if !t.PeopleDue(s.Tasks.Now()) {
		return nil
	}
	return s.Runs.Send(ctx, string(t.ID), 0, backup.RunMessage{Account: t.Account, Task: t.ID, People: true})
}

// ask asks Box who the Box users are and what has happened. Where the ceiling of
// Box calls is reached, what is known has to do: the slot's runs are requested
// all the same, and wait. Of nobody else it is known that there is nothing new.
func (s *Scanner) ask(ctx context.Context, t task.Task) (_ task.Task, found, added int, err error) {
	found, added, err = s.discover(ctx, t)
	if err != nil {
		err = fmt.Errorf("Box users of task %s: %w", t.ID, err)
	} else if t, err = s.follow(ctx, t); err != nil {
		err = fmt.Errorf("events of task %s: %w", t.ID, err)
	}
	err = errors.Join(err, s.Connections.Settle(ctx, t.Account, t.ID))
	if ceiling, ok := errors.AsType[*task.CeilingError](err); ok {
		err = s.Connections.Stopped(ctx, t, ceiling)
	}
	return t, found, added, err
}
