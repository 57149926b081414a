package tasks

import (
	"context"
	"iter"
	"log/slog"
	"time"

	"coffer/shared/backup"
	"coffer/shared/task"
)

// crowd is the Box users of a task, or one of them: of a few all rows, of many the
// roster, and the rows of those whose runs are out.
type crowd struct {
	s        *Server
	task     task.Task
	roster   []task.Entry
	read     map[backup.BoxUserID]task.BoxUser
	outdated bool
}

// crowd returns the Box users of a task, or the one alone that is named, if any.
func (s *Server) crowd(ctx context.Context, t task.Task, one backup.BoxUserID) (*crowd, error) {
	c := &crowd{s: s, task: t, read: map[backup.BoxUserID]task.BoxUser{}}
	if one != "" {
		users, err := s.Tasks.Named(ctx, t.Account, t.ID, []backup.BoxUserID{one})
		c.took(users...)
		return c, err
	}
	roster, found, err := s.roster(ctx, t)
	if err != nil {
		return nil, err
	}
	if found {
		c.roster, c.outdated = roster.Entries, roster.Outdated
		running, err := s.Tasks.Running(ctx, t.Account, t.ID)
		for _, u := range running {
			c.read[u.ID] = u
		}
		return c, err
	}
	for u, err := range s.Tasks.BoxUsers(ctx, t.Account, t.ID) {
		if err != nil {
			return nil, err
		}
		c.took(u)
	}
	if len(c.roster) > task.Few { // nobody has counted them yet
		s.count(ctx, t)
	}
	return c, nil
}

// roster returns the roster of a task, if it has one, and has it made anew where it
// is time.
func (s *Server) roster(ctx context.Context, t task.Task) (task.Roster, bool, error) {
	roster, found, ask, err := s.rosters.Of(ctx, s.Tasks, t)
	if ask {
		s.count(ctx, t)
	}
	return roster, found, err
}

// took adds Box users whose rows were read.
func (c *crowd) took(users ...task.BoxUser) {
	for _, u := range users {
		c.roster = append(c.roster, u.Entry())
		c.read[u.ID] = u
	}
}

// entries yields the Box users as lists know them.
func (c *crowd) entries() iter.Seq[*task.Entry] {
	return func(yield func(*task.Entry) bool) {
		for i := range c.roster {
			e := &c.roster[i]
			if u, ok := c.read[e.ID]; ok && len(c.read) < len(c.roster) {
				now := u.Entry()
				e = &now
			}
			if !yield(e) {
				return
			}
		}
	}
}

// rows returns the rows, by id, of those who are listed and exist.
func (c *crowd) rows(ctx context.Context, listed []*task.Entry) (map[backup.BoxUserID]task.BoxUser, error) {
	var missing []backup.BoxUserID
	for _, e := range listed {
		if _, ok := c.read[e.ID]; !ok {
			missing = append(missing, e.ID)
		}
	}
	users, err := c.s.Tasks.Named(ctx, c.task.Account, c.task.ID, missing)
	for _, u := range users {
		c.read[u.ID] = u
	}
	return c.read, err
}

// count asks for the totals and the roster to be made anew. Nobody waits for
// that, and who comes next asks again.
func (s *Server) count(ctx context.Context, t task.Task) { s.countIn(ctx, t, 0) }

// countAtOnce has the totals counted whether or not they have rested: what somebody
// may not see is in those of before. The delay is for DynamoDB, since counting reads
// what may be some moments old.
func (s *Server) countAtOnce(ctx context.Context, t task.Task) { s.countIn(ctx, t, 2*time.Second) }

func (s *Server) countIn(ctx context.Context, t task.Task, delay time.Duration) {
	if err := s.Counts.Send(ctx, string(t.ID), delay, backup.CountMessage{Account: t.Account, Task: t.ID}); err != nil {
		slog.ErrorContext(ctx, "ask for a count", "account", t.Account, "task", t.ID, "err", err)
	}
}
