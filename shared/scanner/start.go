package scanner

import (
	"context"
	"fmt"
	"hash/fnv"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/dispatch"
	"coffer/shared/snapshot"
	"coffer/shared/task"
)

const (
	// week is how often a Box user without changes gets a run that lists some
	// folders again.
	week = 7 * 24 * time.Hour
	// sealers is how many snapshots are written, and runs requested, at a time.
	sealers = 32
	// fillEvery is after how many requests runs are dispatched, so that the first
	// ones begin while others are still asked for.
	fillEvery = 500
	// margin is kept of an invocation's time for ending what is under way.
	margin = time.Minute
)

// start requests the slot's run of every active Box user for whom there may be
// something to do, and gives the others a snapshot that equals their latest. It
// counts both. Where the ceiling of Box calls has kept the scan from reading what
// happened, nobody knows of whom there is something new: those have to wait for a
// slot at which that is read, and then it costs no more calls than otherwise. Where
// the invocation's time is nearly over, last is the Box user that it got to, and
// otherwise empty.
func (s *Scanner) start(ctx context.Context, t task.Task, m backup.ScanMessage) (started, unchanged int64, last backup.BoxUserID, err error) {
	slot := m.Slot
	hinted, err := s.Tasks.Hinted(ctx, t.Account, t.ID)
	if err != nil {
		return 0, 0, "", err
	}
	if err := s.Tasks.Expect(ctx, t.Account, t.ID); err != nil {
		return 0, 0, "", err
	}
	read := !t.ReadAt.Before(slot.Add(-skew))
	dispatcher := dispatch.Dispatcher{Tasks: s.Tasks, Runs: s.Runs}
	var requested, same atomic.Int64
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(sealers)
	err = func() error {
		for user, err := range s.Tasks.BoxUsersAfter(ctx, t.Account, t.ID, m.After) {
			if err != nil {
				return err
			}
			switch {
			case !user.Active:
			case s.needsRun(t, user) || hinted[user.ID]:
				group.Go(func() error {
					asked, err := s.request(gctx, user, slot)
					if err != nil || !asked {
						return err
					}
					if requested.Add(1)%fillEvery == 1 {
						return dispatcher.Fill(gctx, t.Account, t.ID)
					}
					return nil
				})
			case read && !user.Had(slot):
				group.Go(func() error {
					done, err := s.seal(gctx, t, user, slot)
					if done {
						same.Add(1)
					}
					return err
				})
			}
			if late(ctx) {
				last = user.ID
				return nil
			}
		}
		return nil
	}()
	if waitErr := group.Wait(); err == nil {
		err = waitErr
	}
	if err == nil {
		err = dispatcher.Fill(ctx, t.Account, t.ID)
	}
	if err == nil && same.Load() > 0 {
		err = s.tell(ctx, t, m, same.Load())
	}
	return requested.Load(), same.Load(), last, err
}

// late reports whether the invocation's time is nearly over.
func late(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	return ok && time.Until(deadline) < margin
}

// needsRun reports whether only a run can say what the Box user has now, were
// there no hints: the enterprise's stream does not cover everything, the last
// run left something undone, the policy asks for more than it did then, or folders are due to be listed again.
func (s *Scanner) needsRun(t task.Task, u task.BoxUser) bool {
	versions, trash := t.Lacks(u)
	return versions || trash || u.RunID != "" || u.Status != backup.Success || u.External+u.Unprotected > 0 || !t.Covers(u) || due(u, s.Tasks.Now())
}

// due reports whether the Box user's day of the week has come since folders were
// last listed again. The day follows from the id, so that not all come at once.
func due(u task.BoxUser, now time.Time) bool {
	h := fnv.New32a()
	h.Write([]byte(u.ID))
	shift := time.Duration(h.Sum32()%7) * 24 * time.Hour
	period := func(at time.Time) int64 { return at.Add(shift).Unix() / int64(week/time.Second) }
	return period(u.Reconciled) < period(now)
}

// request asks for the slot's run and reports whether it did: the slot may have
// had its run, or a run is requested already.
func (s *Scanner) request(ctx context.Context, user task.BoxUser, slot time.Time) (bool, error) {
	_, err := s.Tasks.Request(ctx, user, slot)
	if err != nil && backup.KindOf(err) == backup.Conflict {
		return false, nil
	}
	return err == nil, err
}

// seal writes the snapshot of a Box user of whom the stream told nothing new,
// and reports whether it did: somebody may ask for a run at the same time.
func (s *Scanner) seal(ctx context.Context, t task.Task, u task.BoxUser, slot time.Time) (bool, error) {
	same, err := s.Snapshots.Snapshot(ctx, u.Account, u.Task, u.ID, u.Snapshot)
	if err != nil {
		return false, err
	}
	now := s.Tasks.Now()
	same.Same = same.Sealed()
	same.ID, same.Method, same.Status, same.Why = backup.SnapshotID(backup.NewSortableID(now)), snapshot.EnterpriseStream, backup.Success, ""
	same.Taken, same.Started, same.Ended = t.ReadAt, now, now
	same.Added, same.Changed, same.Removed, same.Failed, same.Drift, same.Stored, same.Calls = 0, 0, 0, 0, 0, 0, 0
	same.Fresh, same.Lost = backup.Kinds{}, backup.Kinds{}
	err = s.Snapshots.Seal(ctx, same, s.Tasks.Unchanged(u, same.ID, now, slot))
	if backup.KindOf(err) == backup.Conflict {
		return false, nil
	}
	return err == nil, err
}

// tell adds one line to the activity list for all who had nothing new.
func (s *Scanner) tell(ctx context.Context, t task.Task, m backup.ScanMessage, users int64) error {
	text := fmt.Sprintf("%d Box users had nothing new since their last backups, as the enterprise's events tell. Each has a snapshot of this time that equals the one before.", users)
	if users == 1 {
		text = "1 Box user had nothing new since the last backup, as the enterprise's events tell, and has a snapshot of this time that equals the one before."
	}
	now := s.Tasks.Now()
	return s.Audit.Add(ctx, audit.Activity{
		Account: t.Account, ID: audit.ID(m.Slot, "unchanged-"+string(t.ID)+string(m.After)), At: m.Slot, Kind: audit.Backup, Status: audit.Succeeded,
		Task: t.ID, TaskName: t.Name, Item: t.EnterpriseName, Duration: now.Sub(m.Slot), Records: users, Description: text,
	})
}
