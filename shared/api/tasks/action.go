package tasks

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"golang.org/x/sync/errgroup"

	"coffer/shared/account"
	"coffer/shared/api"
	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/task"
)

const (
	// atOnce is how many Box users of one request are worked on at a time.
	atOnce = 16
	// defaultMany is for how many Box users a task may have an action on all done
	// while somebody waits: API Gateway gives up after 29 s.
	defaultMany = 5000
)

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
	Changed int       `json:"changed,omitempty" doc:"For how many of them it changed something: activating who is active already does not."`
	Refused []Refusal `json:"refused" nullable:"false"`
	Going   bool      `json:"going,omitempty" doc:"Whether it goes on in the background: of a task of very many Box users, whatever is for all is done there. The task says how far it is."`
	Of      int       `json:"of,omitempty" doc:"For about how many Box users it goes on in the background; absent where nobody knows."`
}

// Refusal is why something was not done for a Box user.
type Refusal struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Reason string `json:"reason"`
}

func (s *Server) activate(ctx context.Context, who account.Session, in *actionInput) (*actionOutput, error) {
	return s.chosen(ctx, who, in, task.Action{Name: activating})
}

func (s *Server) pause(ctx context.Context, who account.Session, in *actionInput) (*actionOutput, error) {
	return s.chosen(ctx, who, in, task.Action{Name: pausing})
}

func (s *Server) backupUsers(ctx context.Context, who account.Session, in *actionInput) (*actionOutput, error) {
	return s.chosen(ctx, who, in, task.Action{Name: backingUp})
}

// cancelUsers stops runs. Of all Box users, those without one are not meant.
func (s *Server) cancelUsers(ctx context.Context, who account.Session, in *actionInput) (*actionOutput, error) {
	return s.chosen(ctx, who, in, task.Action{Name: cancelling})
}

// backupTask starts what can be started; Box users that are not activated stay
// out of it.
func (s *Server) backupTask(ctx context.Context, who account.Session, in *TaskPath) (*actionOutput, error) {
	return s.chosen(ctx, who, &actionInput{TaskPath: *in, Body: BoxUserChoice{All: true}}, task.Action{Name: backingUpAll})
}

// stop cancels a run. One that nobody works on ends here and is told here.
func (s *Server) stop(ctx context.Context, t task.Task, u task.BoxUser, request string) error {
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
	return s.Tasks.CancelFor(ctx, u, request, s.Audit.Put(told))
}

// chosen has an action done for the Box users that the request means.
func (s *Server) chosen(ctx context.Context, who account.Session, in *actionInput, a task.Action) (*actionOutput, error) {
	b := in.Body
	if b.All == (len(b.IDs) > 0) {
		return nil, backup.Field("ids", "Name Box users, or say all, but not both.")
	}
	if !b.All && (b.Status != "" || b.Tag != "" || b.Query != "") {
		return nil, backup.Field("all", "A status, a tag or a text chooses among all Box users, not among named ones.")
	}
	t, err := s.Tasks.Living(ctx, who.Account, in.Task)
	if err != nil {
		return nil, err
	}
	a.Choice = task.Choice{Status: b.Status, Tag: b.Tag, Query: b.Query}
	return s.perform(ctx, who, t, a, b.IDs)
}

// perform has an action done for the Box users with these ids, all of whom must be
// there, or else for all that it chooses: at once where it can look at all Box
// users of the task meanwhile, and otherwise in the background.
func (s *Server) perform(ctx context.Context, who account.Session, t task.Task, a task.Action, ids []backup.BoxUserID) (*actionOutput, error) {
	a.Account, a.Task, a.ID, a.By, a.Email = t.Account, t.ID, api.NewID(ctx, s.Now()), who.User, who.Email
	d, err := s.deed(ctx, who, t, a)
	if err != nil {
		return nil, err
	}
	var users []task.BoxUser
	if len(ids) > 0 {
		users, err = s.named(ctx, t, ids, d.there)
	} else {
		var whole bool
		if users, whole, err = s.among(ctx, t, d, a); err == nil && !whole {
			return s.later(ctx, t, d, a)
		}
	}
	if err == nil && d.begin != nil {
		err = d.begin(ctx, users)
	}
	if err != nil {
		return nil, err
	}
	refused, err := s.do(ctx, &a, d, users)
	if d.step != nil {
		err = errors.Join(err, d.step(ctx))
	}
	if len(users) > 0 { // whatever the error, some may have been changed
		s.recount(ctx, t)
	}
	if err == nil && d.end != nil { // of what failed nobody knows here how far it came
		err = d.end(ctx, a)
	}
	if err != nil {
		return nil, err
	}
	out := &actionOutput{Body: ActionResult{Done: a.Done, Changed: a.Changed, Refused: append([]Refusal{}, refused...)}}
	var one task.BoxUser
	if a.Changed == 1 {
		one = users[slices.IndexFunc(users, func(u task.BoxUser) bool { return d.counts(u, refused) })]
	}
	return out, s.tellAll(ctx, who, t, d, a, one)
}

func (s *Server) many() int { return cmp.Or(s.Many, defaultMany) }

// among returns the Box users whom an action chooses, if it is not for so many
// that it takes too long to look at all: then they are not the whole.
func (s *Server) among(ctx context.Context, t task.Task, d deed, a task.Action) (users []task.BoxUser, whole bool, err error) {
	many := s.many()
	roster, _, err := s.roster(ctx, t)
	if err != nil || len(roster.Entries) > many {
		return nil, false, err
	}
	looked := 0
	for u, err := range s.Tasks.BoxUsers(ctx, t.Account, t.ID) {
		if err != nil {
			return nil, false, err
		}
		if looked++; looked > many {
			return nil, false, nil
		}
		if d.chooses(a, u) {
			users = append(users, u)
		}
	}
	return users, true, nil
}

// chooses reports whether the action is for the Box user. What was done by the
// same request before is chosen, whatever has become of it.
func (d deed) chooses(a task.Action, u task.BoxUser) bool {
	e := u.Entry()
	return d.there(u) && (d.meant == nil || d.meant(u)) && (matches(&e, a.Choice.Status, a.Choice.Tag, a.Choice.Query) || granted(a, u))
}

// counts reports whether the Box user is one for whom the action changed something.
func (d deed) counts(u task.BoxUser, refused []Refusal) bool {
	return (d.changes == nil || d.changes(u)) && !slices.ContainsFunc(refused, func(r Refusal) bool { return r.ID == string(u.ID) })
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

// do acts for each of these Box users, and adds up in the action what came of it. A
// refusal that a person may read does not stop the others.
func (s *Server) do(ctx context.Context, a *task.Action, d deed, users []task.BoxUser) ([]Refusal, error) {
	refusals, done := make([]string, len(users)), make([]bool, len(users))
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for i, u := range users {
		group.Go(func() error {
			err := d.act(gctx, u)
			if done[i] = err == nil; !done[i] {
				if backup.KindOf(err) == backup.Internal {
					return err
				}
				refusals[i] = err.Error()
			}
			return nil
		})
	}
	err := group.Wait()
	var refused []Refusal
	for i, u := range users {
		switch {
		case refusals[i] != "":
			refused = append(refused, Refusal{ID: string(u.ID), Name: u.Name, Reason: refusals[i]})
			a.Refused++
			a.Refusal = cmp.Or(a.Refusal, u.Name+": "+refusals[i])
		case done[i]:
			a.Done++
			if d.changes == nil || d.changes(u) {
				a.Changed++
				if len(a.Named) < task.MaxNamed {
					a.Named = append(a.Named, u.Name)
				}
			}
		}
	}
	return refused, err
}
