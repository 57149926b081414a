package scanner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/task"
)

// told is what Box tells of a Box user and the task keeps, and whether that one was
// never active at Box.
type told struct {
	name, login, status string
	dormant             bool
}

// known returns what the task has of its Box users.
func (s *Scanner) known(ctx context.Context, t task.Task) (map[backup.BoxUserID]told, error) {
	known := map[backup.BoxUserID]told{}
	for u, err := range s.Tasks.BoxUsers(ctx, t.Account, t.ID) {
		if err != nil {
			return nil, err
		}
		known[u.ID] = told{name: u.Name, login: u.Login, status: u.BoxStatus, dormant: u.Dormant}
	}
	return known, nil
}

// discover stores those of the enterprise's Box users who are new or of whom Box
// tells other than before, counts those found and those that are new or were
// activated, and looks after those who leave. Of those who were activated by this,
// the activity list tells, also where Box does not answer to the end.
func (s *Scanner) discover(ctx context.Context, t task.Task) (found, added int, err error) {
	known, err := s.known(ctx, t)
	if err != nil {
		return 0, 0, err
	}
	client := s.Connections.Client(t.Account, t.ID)
	present := map[backup.BoxUserID]bool{} // and whether they are active at Box
	var fresh discovered
	defer func() {
		if t.AutoActivate {
			err = errors.Join(err, s.activated(context.WithoutCancel(ctx), t, fresh.active))
		}
	}()
	for marker := ""; ; {
		page, err := client.Users(ctx, marker)
		if err != nil {
			return found, added, err
		}
		group, gctx := errgroup.WithContext(ctx)
		group.SetLimit(sealers)
		for _, user := range page.Entries {
			id := backup.BoxUserID(user.ID)
			present[id] = user.Active()
			had, ok := known[id]
			wakes := had.dormant && user.Active()
			had.dormant = false
			if ok && !wakes && had == (told{name: user.Name, login: user.Login, status: user.Status}) {
				continue
			}
			group.Go(func() error {
				u := task.BoxUser{
					Account: t.Account, Task: t.ID, ID: id,
					Name: user.Name, Login: user.Login, BoxStatus: user.Status, Dormant: !user.Active(),
				}
				isNew, err := s.Tasks.Discovered(gctx, u, t.AutoActivate && user.Active())
				if err != nil {
					return err
				}
				woken := false
				if wakes {
					woken, err = s.Tasks.Waken(gctx, u, t.AutoActivate)
				}
				if isNew || woken {
					fresh.add(u, user.Active())
				}
				return err
			})
		}
		if err := group.Wait(); err != nil {
			return found, fresh.all, err
		}
		found += len(page.Entries)
		added = fresh.all
		if marker = page.Next; marker == "" {
			return found, added, s.leave(ctx, t, present)
		}
	}
}

// discovered collects the Box users who are new, or active for the first time and
// activated.
type discovered struct {
	mu     sync.Mutex
	all    int
	active []task.BoxUser // at Box
}

func (d *discovered) add(u task.BoxUser, active bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all++
	if active {
		d.active = append(d.active, u)
	}
}

// maxNamed is how many Box users one line of the activity list names.
const maxNamed = 20

// activated adds one line to the activity list about all those whom a scan has
// found and activated.
func (s *Scanner) activated(ctx context.Context, t task.Task, users []task.BoxUser) error {
	if len(users) == 0 {
		return nil
	}
	slices.SortFunc(users, func(a, b task.BoxUser) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	var names []string
	for _, u := range users[:min(maxNamed, len(users))] {
		names = append(names, u.Name)
	}
	if more := len(users) - maxNamed; more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	now := s.Tasks.Now().UTC()
	a := audit.Activity{
		Account: t.Account, ID: audit.ID(now, "activated-"+string(t.ID)), At: now, Kind: audit.Activate, Status: audit.Succeeded,
		Task: t.ID, TaskName: t.Name, Item: t.EnterpriseName, Records: int64(len(users)),
		Description: "New in Box and activated by itself: " + strings.Join(names, ", ") + ". The task is set to activate new users.",
	}
	if len(users) == 1 {
		a.BoxUser, a.BoxUserName, a.Item = users[0].ID, users[0].Name, users[0].Login
	}
	return s.Audit.Add(ctx, a)
}
