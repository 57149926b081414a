package tasks

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"coffer/shared/account"
	"coffer/shared/backup"
	"coffer/shared/task"
)

// atOnce is how many Box users of one request are worked on at a time.
const atOnce = 16

// BoxUserChoice says which Box users something is to be done for.
type BoxUserChoice struct {
	IDs []backup.BoxUserID `json:"ids,omitempty" maxItems:"1000" nullable:"false" doc:"The Box users; absent with all."`
	All bool               `json:"all,omitempty" doc:"Every Box user of the task."`
}

type actionInput struct {
	TaskPath
	Body BoxUserChoice
}

type actionOutput struct {
	Body ActionResult
}

// ActionResult says for how many Box users something was done, and for which
// it was not.
type ActionResult struct {
	Done    int       `json:"done"`
	Refused []Refusal `json:"refused" nullable:"false"`
}

// Refusal is why something was not done for a Box user.
type Refusal struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Reason string `json:"reason"`
}

func (s *Server) activate(ctx context.Context, who account.Session, in *actionInput) (*actionOutput, error) {
	return s.each(ctx, who, in, s.Tasks.Activate)
}

func (s *Server) pause(ctx context.Context, who account.Session, in *actionInput) (*actionOutput, error) {
	return s.each(ctx, who, in, s.Tasks.Pause)
}

func (s *Server) backupUsers(ctx context.Context, who account.Session, in *actionInput) (*actionOutput, error) {
	if err := s.connected(ctx, who.Account, in.Task); err != nil {
		return nil, err
	}
	return s.each(ctx, who, in, s.start)
}

// backupTask starts what can be started; Box users that are not activated stay
// out of it.
func (s *Server) backupTask(ctx context.Context, who account.Session, in *TaskPath) (*actionOutput, error) {
	if err := s.connected(ctx, who.Account, in.Task); err != nil {
		return nil, err
	}
	all, err := s.chosen(ctx, who.Account, in.Task, nil)
	if err != nil {
		return nil, err
	}
	var active []task.BoxUser
	for _, u := range all {
		if u.Active {
			active = append(active, u)
		}
	}
	return do(ctx, active, s.start)
}

func (s *Server) connected(ctx context.Context, account backup.AccountID, id backup.TaskID) error {
	t, err := s.Tasks.Task(ctx, account, id)
	if err == nil && t.Connection != backup.Connected {
		err = backup.Errorf(backup.Conflict, "This backup task is not connected to Box. Connect it first.")
	}
	return err
}

// start requests a run and sends its message.
func (s *Server) start(ctx context.Context, u task.BoxUser) error {
	if u.Status == backup.Archived {
		return backup.Errorf(backup.Conflict, "This Box user has left the enterprise; the backup is archived.")
	}
	u, err := s.Tasks.Request(ctx, u, time.Time{})
	if err != nil {
		return err
	}
	return s.Runs.Send(ctx, string(u.Task), 0, u.Message())
}

// each does something for the Box users of the request.
func (s *Server) each(ctx context.Context, who account.Session, in *actionInput, act func(context.Context, task.BoxUser) error) (*actionOutput, error) {
	if in.Body.All == (len(in.Body.IDs) > 0) {
		return nil, backup.Field("ids", "Name Box users, or say all, but not both.")
	}
	if _, err := s.Tasks.Task(ctx, who.Account, in.Task); err != nil {
		return nil, err
	}
	users, err := s.chosen(ctx, who.Account, in.Task, in.Body.IDs)
	if err != nil {
		return nil, err
	}
	return do(ctx, users, act)
}

// chosen returns the Box users of these ids, all of them for none.
func (s *Server) chosen(ctx context.Context, account backup.AccountID, id backup.TaskID, ids []backup.BoxUserID) ([]task.BoxUser, error) {
	wanted := map[backup.BoxUserID]bool{}
	for _, id := range ids {
		wanted[id] = true
	}
	var users []task.BoxUser
	for u, err := range s.Tasks.BoxUsers(ctx, account, id) {
		if err != nil {
			return nil, err
		}
		if len(ids) == 0 || wanted[u.ID] {
			delete(wanted, u.ID)
			users = append(users, u)
		}
	}
	if len(wanted) > 0 {
		return nil, backup.Errorf(backup.NotFound, "This Box user does not exist.")
	}
	return users, nil
}

// do acts for each Box user. A refusal that a person may read does not stop
// the others.
func do(ctx context.Context, users []task.BoxUser, act func(context.Context, task.BoxUser) error) (*actionOutput, error) {
	out := &actionOutput{Body: ActionResult{Refused: []Refusal{}}}
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for _, u := range users {
		group.Go(func() error {
			err := act(ctx, u)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				out.Body.Done++
			case backup.KindOf(err) == backup.Internal:
				return err
			default:
				out.Body.Refused = append(out.Body.Refused, Refusal{ID: string(u.ID), Name: u.Name, Reason: err.Error()})
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return out, nil
}
