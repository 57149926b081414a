package scanner

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/task"
)

const (
	// reach is how old a position may be. Box keeps two weeks of the stream and
	// leaves out what is older without a word.
	reach = 13 * 24 * time.Hour
	// overlap is how far before the gap its history is read again, since events
	// can be late there.
	overlap = 24 * time.Hour
	// skew is by how much Box's clock, or another function's, may be behind ours.
	skew = 10 * time.Minute
	// maxHistory is how many pages a gap may have. Beyond that, looking at each
	// Box user is cheaper.
	maxHistory = 400
	// attempts is how often a scan takes over from another one that was faster.
	attempts = 100
)

// noStream is what an administrator reads about the enterprise's stream.
const noStream = "Box does not let the administrator who connected this backup task read the enterprise's events, so the changes of each Box user are asked for, which takes more Box calls. In Box, give the administrator the permission to run reports and the application the scope to manage enterprise properties, then authorise the application again. Coffer notices at the next backup."

// errAgain says that another scan has followed the stream meanwhile.
var errAgain = errors.New("another scan was faster")

// reader follows the enterprise's stream for one scan.
type reader struct {
	*Scanner
	client *box.Client
	task   task.Task
	users  map[backup.BoxUserID]task.BoxUser // once there was an event
}

// follow reads what is new in the enterprise's stream, keeps it as hints for the
// Box users whose items it is about, and returns the task as it is then.
func (s *Scanner) follow(ctx context.Context, t task.Task) (task.Task, error) {
	r := &reader{Scanner: s, client: s.Connections.Client(t.Account, t.ID), task: t}
	for range attempts {
		err := r.read(ctx)
		if box.IsForbidden(err) {
			to := r.task.Stream
			to.Feed, to.FeedReason = task.UserFeed, noStream
			err = r.advance(ctx, to)
		}
		if !errors.Is(err, errAgain) {
			return r.task, err
		}
		if r.task, err = s.Tasks.Task(ctx, t.Account, t.ID); err != nil {
			return r.task, err
		}
	}
	return r.task, errAgain
}

// read goes to the end of the stream.
func (r *reader) read(ctx context.Context) error {
	if r.task.Position == "" {
		return r.begin(ctx)
	}
	if err := r.again(ctx); err != nil {
		return err
	}
	for {
		now := r.Tasks.Now()
		if now.Sub(r.task.ReadAt) > reach {
			return r.bridge(ctx)
		}
		page, err := r.client.AdminEvents(ctx, r.task.Position, box.ItemEvents()...)
		if box.IsRefused(err) {
			return r.bridge(ctx)
		}
		if err != nil {
			return fmt.Errorf("the enterprise's events: %w", err)
		}
		if err := r.keep(ctx, r.task.Position+"-"+page.Next, page.Entries); err != nil {
			return err
		}
		end := len(page.Entries) == 0 || page.Next == r.task.Position
		to := r.task.Stream
		to.Feed, to.FeedReason, to.Position, to.ReadAt = task.EnterpriseFeed, "", page.Next, now
		if err := r.advance(ctx, to); err != nil || end {
			return err
		}
	}
}

// begin takes the position from which the stream is followed. What happened
// before nobody tells, so Since is a time after the position was taken.
func (r *reader) begin(ctx context.Context) error {
	position, now, err := r.now(ctx)
	if err != nil {
		return err
	}
	return r.advance(ctx, task.Stream{Feed: task.EnterpriseFeed, Position: position, ReadAt: now, Since: now})
}

// now returns the position behind everything, and a time after it was taken.
func (r *reader) now(ctx context.Context) (string, time.Time, error) {
	position, err := r.client.AdminEventsNow(ctx)
	if err != nil {
		return "", time.Time{}, fmt.Errorf("position in the enterprise's events: %w", err)
	}
	if _, err := strconv.ParseUint(position, 10, 64); err != nil {
		return "", time.Time{}, fmt.Errorf("position in the enterprise's events: Box names none")
	}
	return position, r.Tasks.Now(), nil
}

// bridge goes on from now, and fills the gap since the last reading with the
// enterprise's history. Where there is none, Since says that the stream does not
// reach back, and every Box user's next run finds out by itself.
func (r *reader) bridge(ctx context.Context) error {
	position, now, err := r.now(ctx)
	if err != nil {
		return err
	}
	to := task.Stream{Feed: task.EnterpriseFeed, Position: position, ReadAt: now, Since: r.task.Since}
	filled, err := r.history(ctx, r.task.ReadAt.Add(-overlap), now)
	if err != nil {
		return err
	}
	if filled {
		to.Bridged = now
	} else {
		to.Since = now
	}
	return r.advance(ctx, to)
}

// again reads the history of a gap once more, until a day after it was bridged:
// the history has events only a minute or more after they happened, and those
// before the position that the stream is followed from nobody else tells.
func (r *reader) again(ctx context.Context) error {
	at := r.task.Bridged
	if at.IsZero() {
		return nil
	}
	filled, err := r.history(ctx, at.Add(-overlap), at.Add(skew))
	if err != nil {
		return err
	}
	if now := r.Tasks.Now(); !filled {
		r.task.Since, r.task.Bridged = now, time.Time{}
	} else if now.Sub(at) > overlap {
		r.task.Bridged = time.Time{}
	}
	return nil
}

// history keeps the events between two times as hints, and reports whether Box
// told them all.
func (r *reader) history(ctx context.Context, from, to time.Time) (bool, error) {
	position, seen := "", map[string]bool{}
	for range maxHistory {
		page, err := r.client.AdminHistory(ctx, from, to, position, box.ItemEvents()...)
		if box.IsRefused(err) || box.IsForbidden(err) {
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("the enterprise's history: %w", err)
		}
		var fresh []box.Event
		for _, e := range page.Entries {
			if !seen[e.ID] {
				seen[e.ID] = true
				fresh = append(fresh, e)
			}
		}
		if err := r.keep(ctx, fmt.Sprintf("%d-%d-%s", from.Unix(), to.Unix(), page.Next), fresh); err != nil {
			return false, err
		}
		if len(page.Entries) == 0 || page.Next == position {
			return true, nil
		}
		position = page.Next
	}
	return false, nil
}

// advance stores how far the stream was followed.
func (r *reader) advance(ctx context.Context, to task.Stream) error {
	err := r.Tasks.Advance(ctx, r.task, to)
	if backup.KindOf(err) == backup.Conflict {
		return errAgain
	}
	if err == nil {
		r.task.Stream = to
	}
	return err
}
