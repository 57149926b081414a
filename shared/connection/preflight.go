package connection

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/task"
)

const (
	// maxProbed is how many Box users are tried in one check. Others are
	// reported as not checked; their own first backup tells.
	maxProbed = 1000
	probers   = 16
)

// Scope is something that the authorisation allows, or not.
type Scope struct {
	Name    string // read, manage_users, as_user, enterprise_events, manage_groups, write
	OK      bool
	Needed  bool // for backups
	Message string
}

// Unreachable is a Box user whom the authorisation does not reach.
type Unreachable struct {
	ID          backup.BoxUserID
	Name, Login string
	Reason      string
}

// Preflight is what a check of a task's authorisation found.
type Preflight struct {
	Scopes      []Scope
	Total       int // Box users of the enterprise, inactive ones included
	Reachable   int
	NotChecked  int
	Unreachable []Unreachable
}

// OK reports whether everything that backups need is allowed and every Box user
// who was checked can be reached.
func (p Preflight) OK() bool {
	return len(p.Unreachable) == 0 && !slices.ContainsFunc(p.Scopes, func(s Scope) bool { return s.Needed && !s.OK })
}

// Check finds out what the task's authorisation allows, by calls that change
// nothing at Box: a listing of the root folder, the list of users, a look at the
// event stream, the question whether a file could be uploaded, and one call as
// each of the first active Box users. Box users that it has no time for before
// ctx ends are reported as not checked.
func (c *Connections) Check(ctx context.Context, t task.Task) (Preflight, error) {
	p := &probe{client: c.Client(t.Account, t.ID)}
	err := p.run(ctx)
	err = errors.Join(err, c.Settle(context.WithoutCancel(ctx), t.Account, t.ID))
	if errors.Is(err, box.ErrDisconnected) {
		return Preflight{}, errors.Join(c.Lost(ctx, t), backup.Errorf(backup.Conflict, "Box no longer accepts the authorisation of this backup task. Connect it again."))
	}
	if stopped, ok := errors.AsType[*task.CeilingError](err); ok {
		return Preflight{}, backup.Errorf(backup.Conflict, "The check was not made. %s", stopped.Error())
	}
	if err != nil && (box.IsBusy(err) || ctx.Err() != nil) {
		return Preflight{}, backup.Errorf(backup.Busy, "Box could not be asked just now. Try again in a few minutes.")
	}
	return p.found, err
}

// probe is one check.
type probe struct {
	client *box.Client
	found  Preflight

	mu      sync.Mutex
	refused int // Box users for whom Box did not take the header As-User at all
}

func (p *probe) run(ctx context.Context) error {
	me, err := p.client.Me(ctx)
	if err != nil {
		return err
	}
	root := func() error {
		_, err := p.client.FolderItems(ctx, backup.RootFolder, "")
		return err
	}
	if err := p.scope("read", true, "The app may not read files and folders. Give it the scope to read all files and folders stored in Box.", root()); err != nil {
		return err
	}
	users, err := p.users(ctx)
	if err := p.scope("manage_users", true, "The app may not list the users of the enterprise. Give it the scope to manage users, and connect as an administrator who may manage users.", err); err != nil {
		return err
	}
	if err := p.reach(ctx, me, users); err != nil {
		return err
	}
	_, err = p.client.AdminEventsNow(ctx)
	if err := p.scope("enterprise_events", false, "The app may not read the events of the enterprise, so that changes are looked for with each Box user: one call for each Box user and backup, rather than one for all. Give it the scope to manage enterprise properties, and connect as an administrator who may run reports.", err); err != nil {
		return err
	}
	_, err = p.client.Groups(ctx)
	if err := p.scope("manage_groups", false, "The app may not read the groups of the enterprise, so that backups do not tell who was in which group. Give it the scope to manage groups.", err); err != nil {
		return err
	}
	err = p.client.MayUpload(ctx, backup.RootFolder, "Coffer checks whether it may restore")
	if box.IsConflict(err) {
		err = nil
	}
	return p.scope("write", false, "The app may not write files and folders, so that nothing can be restored to Box. Give it the scope to write all files and folders stored in Box.", err)
}

// scope notes whether a call was allowed. It returns an error where the call
// failed for another reason.
func (p *probe) scope(name string, needed bool, message string, err error) error {
	e, refused := errors.AsType[*box.Error](err)
	refused = refused && (e.Status == 403 || e.Status == 401 || e.Status == 400 && e.Code == "insufficient_scope")
	if err != nil && !refused {
		return err
	}
	s := Scope{Name: name, Needed: needed, OK: !refused}
	if refused {
		s.Message = message
	}
	p.found.Scopes = append(p.found.Scopes, s)
	return nil
}

// users lists the enterprise's users.
func (p *probe) users(ctx context.Context) ([]box.User, error) {
	var users []box.User
	for marker := ""; ; {
		page, err := p.client.Users(ctx, marker)
		if err != nil {
			return nil, err
		}
		users = append(users, page.Entries...)
		if marker = page.Next; marker == "" {
			return users, nil
		}
	}
}

// reach tries to act as each of the users.
func (p *probe) reach(ctx context.Context, me box.User, users []box.User) error {
	p.found.Total = len(users)
	var group errgroup.Group
	group.SetLimit(probers)
	probed := 0
	for _, u := range users {
		if !u.Active() {
			p.lost(u, "The user is inactive at Box, and Box lets nobody act as one who is. What was backed up before is kept.")
			continue
		}
		if u.ID == me.ID {
			p.add(&p.found.Reachable)
			continue
		}
		if probed++; probed > maxProbed {
			p.add(&p.found.NotChecked)
			continue
		}
		group.Go(func() error { return p.try(ctx, u) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	slices.SortFunc(p.found.Unreachable, func(a, b Unreachable) int { return strings.Compare(string(a.ID), string(b.ID)) })
	tried := probed - p.found.NotChecked
	if len(users) > 0 {
		s := Scope{Name: "as_user", Needed: true, OK: tried <= 0 || p.refused < tried}
		if !s.OK {
			s.Message = "The app may not act as the Box users. Turn on “Make API calls using the as-user header” in the app's configuration, and connect as an administrator who may manage users."
		}
		p.found.Scopes = append(p.found.Scopes, s)
	}
	return nil
}

// try acts as one user.
func (p *probe) try(ctx context.Context, u box.User) error {
	if ctx.Err() != nil {
		p.add(&p.found.NotChecked)
		return nil
	}
	_, err := p.client.As(backup.BoxUserID(u.ID)).Me(ctx)
	e, _ := errors.AsType[*box.Error](err)
	switch {
	case err == nil:
		p.add(&p.found.Reachable)
	case ctx.Err() != nil || box.IsBusy(err):
		p.add(&p.found.NotChecked)
	case box.IsUserUnreachable(err) && (u.Role == "admin" || u.Role == "coadmin"):
		p.lost(u, "The user is an administrator, and the connected administrator may not act for another one. Connect the task as the enterprise's primary administrator, or with an app of your own.")
	case box.IsUserUnreachable(err) && e.Status == 403:
		p.add(&p.refused)
		p.lost(u, "Box does not let the app act as this user.")
	case box.IsUserUnreachable(err):
		p.lost(u, "Box does not find this user for the app: a service account of an app, or somebody who is being removed.")
	default:
		return err
	}
	return nil
}

func (p *probe) add(counter *int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	*counter++
}

func (p *probe) lost(u box.User, reason string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.found.Unreachable = append(p.found.Unreachable, Unreachable{ID: backup.BoxUserID(u.ID), Name: u.Name, Login: u.Login, Reason: reason})
}
