package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"coffer/scripts/demo"
	"coffer/scripts/local/cloud"
	"coffer/shared/api/recovery"
	"coffer/shared/api/tasks"
	"coffer/shared/backup"
)

// ids names the parts of a path that are known.
var ids = []string{"task", "user", "snapshot", "job", "item"}

// house is the running product with everything that calls are about.
type house struct {
	*demo.Portal // of the demo account's administrator
	address      string
	operations   []operation
	meter        *meter

	ids           map[string]string // by the names in ids, and "folder", the one with the most items
	file          recovery.Choice   // a file of the snapshot
	administrator string            // login at Box
	spare         string            // a task that settings may be changed of
	members       []*demo.Person    // portal users of accounts without tasks
}

// enter signs in, looks around, and has something restored.
func enter(ctx context.Context, p *product) (*house, error) {
	h := &house{address: p.address, ids: map[string]string{"task": p.visitor.Task}}
	var document json.RawMessage
	err := demo.NewPortal(p.address).Call(ctx, http.MethodGet, "/api/openapi.json", nil, &document)
	if err != nil {
		return nil, err
	}
	if h.operations, err = operations(document); err != nil {
		return nil, err
	}
	h.meter = newMeter(h.operations)
	h.Portal = h.visit()
	if err := h.SignIn(ctx, p.visitor.Person); err != nil {
		return nil, err
	}
	if err := h.look(ctx); err != nil {
		return nil, err
	}
	if err := h.restore(ctx); err != nil {
		return nil, err
	}
	var made tasks.Task
	err = h.Call(ctx, http.MethodPost, "/api/tasks", map[string]string{"name": "Spare"}, &made)
	h.spare = made.ID
	return h, err
}

// look finds a Box user with a snapshot and the largest folder in it.
func (h *house) look(ctx context.Context) error {
	var t tasks.Task
	if err := h.Call(ctx, http.MethodGet, h.path("/api/tasks/{task}"), nil, &t); err != nil {
		return err
	}
	if t.Enterprise == nil {
		return errors.New("the demo task is not connected")
	}
	h.administrator = t.Enterprise.Administrator
	users, err := h.Users(ctx, h.ids["task"])
	if err != nil {
		return err
	}
	i := slices.IndexFunc(users, func(u tasks.BoxUser) bool { return u.Status == backup.Success })
	if i < 0 {
		return errors.New("no Box user has been backed up")
	}
	h.ids["user"], h.ids["snapshot"] = users[i].ID, users[i].Snapshot
	return h.browse(ctx)
}

func (h *house) browse(ctx context.Context) error {
	type folder struct {
		id    string
		items int
	}
	largest := folder{id: backup.RootFolder}
	for todo := []string{backup.RootFolder}; len(todo) > 0; todo = todo[1:] {
		items, err := demo.All[recovery.Item](ctx, h.Portal, h.path("/api/tasks/{task}/users/{user}/snapshots/{snapshot}/items?parent=")+url.QueryEscape(todo[0]))
		if err != nil {
			return err
		}
		if len(items) > largest.items {
			largest = folder{todo[0], len(items)}
		}
		for _, i := range items {
			switch {
			case i.State != "complete":
			case i.Kind == backup.Folder:
				todo = append(todo, i.ID)
			case i.Kind == backup.File:
				h.file, h.ids["item"] = recovery.Choice{Kind: i.Kind, ID: i.ID}, i.ID
			}
		}
	}
	h.ids["folder"] = largest.id
	if h.file.ID == "" {
		return errors.New("the snapshot has no file")
	}
	return nil
}

// restore brings the whole snapshot back, into a new folder.
func (h *house) restore(ctx context.Context) error {
	j, _, err := h.Restore(ctx, h.job(backup.NonDestructive))
	h.ids["job"] = j.ID
	return err
}

// job is a restore of these items, or of everything.
func (h *house) job(mode backup.RestoreMode, items ...recovery.Choice) recovery.NewJob {
	return recovery.NewJob{
		Task: backup.TaskID(h.ids["task"]), User: backup.BoxUserID(h.ids["user"]), Snapshot: backup.SnapshotID(h.ids["snapshot"]),
		All: len(items) == 0, Items: items, Mode: mode,
	}
}

// path puts ids into a path. More, in pairs, go before those of the house.
func (h *house) path(template string, more ...string) string {
	return placeholder.ReplaceAllStringFunc(template, func(name string) string {
		name = name[1 : len(name)-1]
		if i := slices.Index(more, name); i >= 0 {
			return url.PathEscape(more[i+1])
		}
		return url.PathEscape(h.ids[name])
	})
}

// visit returns the API for somebody who has not signed in.
func (h *house) visit() *demo.Portal {
	p := demo.NewPortal(h.address)
	p.HTTP.Transport = h.meter
	return p
}

// join signs somebody new up, activates the account and signs in.
func (h *house) join(ctx context.Context) error {
	m := &demo.Person{
		Email: fmt.Sprintf("member-%d@bench.example", len(h.members)), Password: rand.Text(), Name: "Member", Company: "Bench",
	}
	h.members = append(h.members, m)
	return h.visit().SignUp(ctx, *m, cloud.MailPath)
}

// member returns the nth member.
func (h *house) member(ctx context.Context, n int) (*demo.Person, error) {
	for len(h.members) <= n {
		if err := h.join(ctx); err != nil {
			return nil, err
		}
	}
	return h.members[n], nil
}

// signedIn returns the API for a member who has just signed in.
func (h *house) signedIn(ctx context.Context, n int) (*demo.Portal, *demo.Person, error) {
	m, err := h.member(ctx, n)
	if err != nil {
		return nil, nil, err
	}
	p := h.visit()
	return p, m, p.SignIn(ctx, *m)
}

// errLate says that a call came too late: what it was to stop had ended.
var errLate = errors.New("what it was to stop had ended, again and again")

// measure calls an operation in its way as often as its kind is. A call that
// came too late is made again and not counted.
func (h *house) measure(ctx context.Context, s step) ([]sample, error) {
	var all []sample
	for n := range s.kind.calls() {
		var one sample
		err := errLate
		for tries := 0; errors.Is(err, errLate) && tries < 10; tries++ {
			one, err = h.meter.during(s.op, func() error { return s.call(ctx, h, s.op, n) })
		}
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b sample) int { return cmp.Compare(a.took, b.took) })
	return all, nil
}
