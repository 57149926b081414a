package tasks

import (
	"context"
	"errors"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"coffer/shared/account"
	"coffer/shared/api"
	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/dispatch"
	"coffer/shared/task"
)

// atOnce is how many Box users of one request are worked on at a time.
const atOnce = 16

// BoxUserChoice says which Box users something is to be done for.
type BoxUserChoice struct {
	IDs []backup.BoxUserID `json:"ids,omitempty" maxItems:"1000" nullable:"false" doc:"The Box users; absent with all."`
	All bool               `json:"all,omitempty" doc:"Every Box user of the task that status, tag and q hold for."`

	Status backup.Status `json:"status,omitempty" enum:"Not Active,Scheduled,In Process,Success,Partial,Failed,Paused,Archived" doc:"With all: only Box users of this status."`
	Tag    backup.TagID  `json:"tag,omitempty" maxLength:"64" doc:"With all: only Box users who have this tag."`
	Query  string        `json:"q,omitempty" maxLength:"200" doc:"With all: only Box users whose name or e-mail address contains this."`
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
	t, users, err := s.chosen(ctx, who, in)
	if err != nil {
		return nil, err
	}
	return s.doTold(ctx, who, t, audit.Activate, "Activated", users, func(u task.BoxUser) bool { return !u.Active }, s.Tasks.Activate)
}

func (s *Server) pause(ctx context.Context, who account.Session, in *actionInput) (*actionOutput, error) {
	t, users, err := s.chosen(ctx, who, in)
	if err != nil {
		return nil, err
	}
	return s.doTold(ctx, who, t, audit.Pause, "Paused", users, func(u task.BoxUser) bool { return u.Active }, s.Tasks.Pause)
}

func (s *Server) backupUsers(ctx context.Context, who account.Session, in *actionInput) (*actionOutput, error) {
	t, users, err := s.chosen(ctx, who, in)
	if err != nil {
		return nil, err
	}
	return s.start(ctx, t, users)
}

// cancelUsers stops runs. Of all Box users, those without one are not meant.
func (s *Server) cancelUsers(ctx context.Context, who account.Session, in *actionInput) (*actionOutput, error) {
	t, users, err := s.chosen(ctx, who, in)
	if err != nil {
		return nil, err
	}
	if in.Body.All {
		users = slices.DeleteFunc(users, func(u task.BoxUser) bool { return u.RunID == "" })
	}
	return s.do(ctx, t, users, func(ctx context.Context, u task.BoxUser) error { return s.stop(ctx, t, u) })
}

// backupTask starts what can be started; Box users that are not activated stay
// out of it.
func (s *Server) backupTask(ctx context.Context, who account.Session, in *TaskPath) (*actionOutput, error) {
	t, users, err := s.chosen(ctx, who, &actionInput{TaskPath: *in, Body: BoxUserChoice{All: true}})
	if err != nil {
		return nil, err
	}
	return s.start(ctx, t, slices.DeleteFunc(users, func(u task.BoxUser) bool { return !u.Active && !granted(ctx, u) }))
}

func checkConnected(t task.Task) error {
	if t.Connection != backup.Connected {
		return backup.Errorf(backup.Conflict, "This backup task is not connected to Box. Connect it first.")
	}
	return nil
}

// granted reports whether the Box user was granted a run by this very request,
// which comes again.
func granted(ctx context.Context, u task.BoxUser) bool {
	id, again := api.Again(ctx)
	return again && u.RunFor == id
}

// start requests runs and then dispatches as many as the task may have out, so
// that the first of them do not compete with the request. What is lost on the
// way is found by the scheduler.
func (s *Server) start(ctx context.Context, t task.Task, users []task.BoxUser) (*actionOutput, error) {
	began := slices.ContainsFunc(users, func(u task.BoxUser) bool { return granted(ctx, u) })
	if err := checkConnected(t); err != nil && !began {
		return nil, err
	}
	id := api.NewID(ctx, s.Now())
	if err := s.Tasks.Expect(ctx, t.Account, t.ID); err != nil {
		return nil, err
	}
	out, err := s.do(ctx, t, users, func(ctx context.Context, u task.BoxUser) error {
		if u.Status == backup.Archived && !granted(ctx, u) {
			return backup.Errorf(backup.Conflict, "This Box user has left the enterprise; the backup is archived.")
		}
		_, err := s.Tasks.RequestFor(ctx, u, id)
		return err
	})
	return out, errors.Join(err, dispatch.Dispatcher{Tasks: s.Tasks, Runs: s.Runs}.Fill(ctx, t.Account, t.ID))
}

// stop cancels a run. One that nobody works on ends here and is told here.
func (s *Server) stop(ctx context.Context, t task.Task, u task.BoxUser) error {
	now := s.Now()
	told := audit.Activity{
		Account: t.Account, ID: audit.ID(now, string(u.RunID)), At: now, Kind: audit.Backup, Status: audit.Canceled,
		Task: t.ID, TaskName: t.Name, BoxUser: u.ID, BoxUserName: u.Name, Item: u.Login,
		Description: "The backup was cancelled before it began.",
	}
	if u.Progress != nil {
		told.Duration = now.Sub(u.Progress.Started)
		told.Description = "The backup was cancelled. What it had stored is kept for the next one."
	}
	return s.Tasks.Cancel(ctx, u, s.Audit.Put(told))
}

// chosen returns the task of the request and the Box users that it means.
func (s *Server) chosen(ctx context.Context, who account.Session, in *actionInput) (task.Task, []task.BoxUser, error) {
	return s.choose(ctx, who, in, task.BoxUser.Alive)
}

// choose is chosen among those Box users alone that are there.
func (s *Server) choose(
	ctx context.Context, who account.Session, in *actionInput, there func(task.BoxUser) bool,
) (task.Task, []task.BoxUser, error) {
	b := in.Body
	if b.All == (len(b.IDs) > 0) {
		return task.Task{}, nil, backup.Field("ids", "Name Box users, or say all, but not both.")
	}
	if !b.All && (b.Status != "" || b.Tag != "" || b.Query != "") {
		return task.Task{}, nil, backup.Field("all", "A status, a tag or a text chooses among all Box users, not among named ones.")
	}
	t, err := s.Tasks.Living(ctx, who.Account, in.Task)
	if err != nil {
		return task.Task{}, nil, err
	}
	if !b.All {
		users, err := s.named(ctx, t, b.IDs, there)
		return t, users, err
	}
	var users []task.BoxUser
	for u, err := range s.Tasks.BoxUsers(ctx, who.Account, in.Task) {
		if err != nil {
			return task.Task{}, nil, err
		}
		if e := u.Entry(); there(u) && (matches(&e, b.Status, b.Tag, b.Query) || granted(ctx, u)) {
			users = append(users, u)
		}
	}
	return t, users, nil
}

// named returns the Box users with these ids, all of whom must be there.
func (s *Server) named(ctx context.Context, t task.Task, ids []backup.BoxUserID, there func(task.BoxUser) bool) ([]task.BoxUser, error) {
	users, err := s.Tasks.Named(ctx, t.Account, t.ID, ids)
	if err != nil {
		return nil, err
	}
	known := map[backup.BoxUserID]bool{}
	for _, u := range users {
		known[u.ID] = there(u)
	}
	for _, id := range ids {
		if !known[id] {
			return nil, backup.Errorf(backup.NotFound, "This Box user does not exist.")
		}
	}
	return users, nil
}

// do acts for each Box user of the task. A refusal that a person may read does
// not stop the others.
func (s *Server) do(
	ctx context.Context, t task.Task, users []task.BoxUser, act func(context.Context, task.BoxUser) error,
) (*actionOutput, error) {
	out := &actionOutput{Body: ActionResult{Refused: []Refusal{}}}
	var mu sync.Mutex
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for _, u := range users {
		group.Go(func() error {
			err := act(gctx, u)
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
	err := group.Wait()
	if len(users) > 0 { // whatever the error, some may have been changed
		s.recount(ctx, t)
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}
