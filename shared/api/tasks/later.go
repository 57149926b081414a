package tasks

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"coffer/shared/account"
	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/identity"
	"coffer/shared/task"
)

const (
	// stepOf is how many Box users one step of an action looks at, at most.
	stepOf = 1000
	// stepTime is how long a step may take: none begins in the last of an invocation.
	stepTime = 45 * time.Second
)

// Going is what is being done for very many Box users of a task.
type Going struct {
	Action  string    `json:"action" enum:"activate,pause,backup,backup-active,cancel,delete,undelete,release,tag,untag"`
	Asked   time.Time `json:"asked"`
	By      string    `json:"by" doc:"Who asked for it."`
	Done    int       `json:"done" doc:"For how many it was done or refused."`
	Of      int       `json:"of,omitempty" doc:"Of about how many; absent where nobody knows."`
	Refused int       `json:"refused" doc:"For how many it was refused."`
}

// later has an action done in the background. It answers at once.
func (s *Server) later(ctx context.Context, t task.Task, d deed, a task.Action) (*actionOutput, error) {
	if d.begin != nil {
		if err := d.begin(ctx, nil); err != nil {
			return nil, err
		}
	}
	expected, err := s.expected(ctx, t, a)
	if err != nil {
		return nil, err
	}
	a.Asked, a.Expected = s.Now().UTC(), expected
	if err := s.Tasks.BeginAction(ctx, a); err != nil {
		return nil, err
	}
	if err := s.goOn(ctx, a); err != nil {
		a.Ended = s.Now().UTC()
		_, end := s.Tasks.StepAction(ctx, a) // so that it can be asked for again
		return nil, errors.Join(err, end)
	}
	return &actionOutput{Body: ActionResult{Refused: []Refusal{}, Going: true, Of: expected}}, nil
}

// expected is for about how many Box users an action is, as the roster knows.
func (s *Server) expected(ctx context.Context, t task.Task, a task.Action) (n int, err error) {
	roster, _, err := s.roster(ctx, t)
	for i := range roster.Entries {
		e := &roster.Entries[i]
		there := e.Alive()
		switch a.Name {
		case undeleting:
			there = s.recoverable(e.Deleted)
		case untagging:
			there = slices.ContainsFunc(a.Remove, e.Tagged)
		case backingUpAll:
			there = there && !slices.Contains([]backup.Status{backup.NotActive, backup.Paused, backup.Archived}, e.Status)
		case cancelling:
			there = there && (e.Status == backup.InProcess || e.Status == backup.Scheduled)
		}
		if there && matches(e, a.Choice.Status, a.Choice.Tag, a.Choice.Query) {
			n++
		}
	}
	return n, err
}

func (s *Server) goOn(ctx context.Context, a task.Action) error {
	return s.Acts.Send(ctx, string(a.Task), 0, backup.ActMessage{Account: a.Account, Task: a.Task, ID: a.ID})
}

// going describes an action that has not ended.
func (s *Server) going(ctx context.Context, t task.Task) (*Going, error) {
	a, err := s.Tasks.Action(ctx, t.Account, t.ID)
	if err != nil || a.ID == "" || !a.Ended.IsZero() {
		return nil, err
	}
	return &Going{Action: a.Name, Asked: a.Asked, By: a.Email, Done: a.Done + a.Refused, Of: a.Expected, Refused: a.Refused}, nil
}

// Act goes on with an action of a task for as long as there is time, and then has
// somebody else go on. What was done by a step that was not stored is done again,
// and then counted for all, since nobody knows for whom it changed something. It
// does nothing where the action has ended or another worker is at it.
func (s *Server) Act(ctx context.Context, m backup.ActMessage) error {
	a, err := s.Tasks.Action(ctx, m.Account, m.Task)
	if err != nil || a.ID != m.ID || !a.Ended.IsZero() {
		return err
	}
	again := a.Open
	a.Open = true
	a, err = s.Tasks.StepAction(ctx, a)
	for began := a.Steps; err == nil && a.Ended.IsZero(); again = false {
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < stepTime {
			a.Open = false
			if a, err = s.Tasks.StepAction(ctx, a); err == nil {
				return s.goOn(ctx, a)
			}
			break
		}
		next, failed := s.step(ctx, a, again)
		if failed != nil && a.Steps > began {
			slog.WarnContext(ctx, "step of an action", "account", a.Account, "task", a.Task, "action", a.Name, "err", failed)
			return s.goOn(ctx, a) // it has come further, so it may be tried as often again
		}
		if failed != nil {
			return failed
		}
		a, err = s.Tasks.StepAction(ctx, next)
	}
	if backup.KindOf(err) == backup.Conflict {
		return nil // another worker has taken that step
	}
	return err
}

// step looks at the next Box users and acts for those whom the action is for.
// After the last it ends the action; where it may not be done any more, it ends
// there. Again says that it was perhaps done before.
func (s *Server) step(ctx context.Context, a task.Action, again bool) (task.Action, error) {
	who := account.Session{Account: a.Account, User: a.By, Email: a.Email}
	t, d, err := s.mayGoOn(ctx, who, a)
	switch backup.KindOf(err) {
	case backup.Invalid, backup.NotFound, backup.Conflict, backup.Forbidden:
		a.Refused++
		a.Refusal = err.Error()
		return s.conclude(ctx, who, t, d, a)
	}
	if err != nil {
		return a, err
	}
	var users []task.BoxUser
	looked, most := 0, min(stepOf, s.many())
	for u, err := range s.Tasks.BoxUsersAfter(ctx, a.Account, a.Task, a.After) {
		if err != nil {
			return a, err
		}
		if looked++; looked > most {
			break
		}
		a.After = u.ID
		if d.chooses(a, u) {
			users = append(users, u)
		}
	}
	if again {
		d.changes = nil
	}
	_, err = s.do(ctx, &a, d, users)
	if d.step != nil {
		err = errors.Join(err, d.step(ctx))
	}
	if err != nil {
		return a, err
	}
	if len(users) > 0 {
		s.recount(ctx, t)
	}
	if looked > most {
		return a, nil
	}
	return s.conclude(ctx, who, t, d, a)
}

// mayGoOn returns the task of an action and what it does, if who asked for it is
// one who may still have it done.
func (s *Server) mayGoOn(ctx context.Context, who account.Session, a task.Action) (task.Task, deed, error) {
	t, err := s.Tasks.Living(ctx, a.Account, a.Task)
	if err != nil {
		return t, deed{}, err
	}
	if _, err := s.Sessions.User(ctx, who); err != nil {
		if errors.Is(err, identity.ErrNoSession) {
			err = backup.Errorf(backup.Forbidden, "%s is not a portal user any more.", who.Email)
		}
		return t, deed{}, err
	}
	d, err := s.deed(ctx, who, t, a)
	if err == nil && d.begin != nil {
		err = d.begin(ctx, nil)
	}
	return t, d, err
}

// conclude ends an action, and tells of it before, so that it is told in any case:
// of one that is concluded twice, the activity is there already, and the e-mail
// has the same id.
func (s *Server) conclude(ctx context.Context, who account.Session, t task.Task, d deed, a task.Action) (task.Action, error) {
	if d.end != nil {
		if err := d.end(ctx, a); err != nil {
			return a, err
		}
	}
	if t.ID != "" {
		if err := s.tellAll(ctx, who, t, d, a, task.BoxUser{}); err != nil {
			return a, err
		}
		if err := s.tellRefused(ctx, who, t, a); err != nil {
			return a, err
		}
	}
	a.Ended = s.Now().UTC()
	return a, nil
}

// kinds are what the activities of actions are about.
var kinds = map[string]audit.Kind{
	activating: audit.Activate, pausing: audit.Pause, backingUp: audit.Backup, backingUpAll: audit.Backup, cancelling: audit.Backup,
	deleting: audit.Delete, undeleting: audit.Undelete, releasing: audit.Release, tagging: audit.Tags, untagging: audit.Tags,
}

// tellRefused adds a line about those for whom it was not done: nobody waits to be
// told.
func (s *Server) tellRefused(ctx context.Context, who account.Session, t task.Task, a task.Action) error {
	if a.Refused == 0 {
		return nil
	}
	told := s.did(ctx, who, t, kinds[a.Name], fmt.Sprintf("Not done for %d Box users (%s). Asked for", a.Refused, a.Refusal))
	told.At, told.ID, told.Status = a.Asked, audit.ID(a.Asked, "refused-"+a.ID), audit.Failed
	told.Records = int64(a.Refused)
	return s.Audit.Add(ctx, told)
}
