// Package people backs up who is in a Box enterprise: its users, its groups, and
// who is in which group. What a group may see is in the backups of items; who
// that was on a day only this tells.
//
// Once a week the whole list is read, which takes a call for 1,000 users, one for
// 1,000 groups and one for each group, and is stored where it differs from the one
// before. A list holds from its time until that of the next. Where Box does not
// let the administrator who connected the task read groups, it has the users
// alone, and says so. Nothing of it is ever restored: people come and go by the
// company's own directory, and a group that comes back would let people in.
//
// The list is JSON, one document a line: first what of it there is
//
//	{"format": 1, "groups": true}
//
// then each user as {"user": {…}} and each group as {"group": {…}, "members": […]},
// with what Box's API tells of users, groups and memberships, ordered by id.
//
// It works in the backup function, which opens the vault and asks Box as it is:
// the function that scans enterprises has no right to open vaults, and needs none.
package people

import (
	"bufio"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/connection"
	"coffer/shared/task"
	"coffer/shared/vault"
)

const (
	readers = 4   // of members of groups, at a time
	batch   = 100 // groups whose members are held in memory
)

// Keeper keeps the lists of a region's tasks.
type Keeper struct {
	Tasks       *task.Table
	Connections *connection.Connections
	// Vault opens the vault of a task.
	Vault func(context.Context, task.Task) (*vault.Vault, error)
	// Dir is where temporary files go; "" is the system's folder.
	Dir string
}

// Keep carries out one message. A task that needs nothing, because it is gone,
// Disconnected or was just looked at, gets nothing. Where the ceiling of Box calls
// is reached, the next scan asks again.
func (k *Keeper) Keep(ctx context.Context, m backup.RunMessage) error {
	t, err := k.Tasks.Task(ctx, m.Account, m.Task)
	if backup.KindOf(err) == backup.NotFound {
		return nil
	}
	now := k.Tasks.Now()
	if err != nil || t.Connection != backup.Connected || !t.Alive() || !t.PeopleDue(now) {
		return err
	}
	name, err := k.store(ctx, t, now)
	err = errors.Join(err, k.Connections.Settle(context.WithoutCancel(ctx), t.Account, t.ID))
	ceiling, stopped := errors.AsType[*task.CeilingError](err)
	switch {
	case backup.KindOf(err) == backup.Conflict: // somebody else was faster, in the same second
		return nil
	case errors.Is(err, box.ErrDisconnected):
		return k.Connections.Lost(ctx, t)
	case stopped:
		return k.Connections.Stopped(ctx, t, ceiling)
	case err != nil:
		return fmt.Errorf("people of task %s: %w", t.ID, err)
	}
	err = k.Tasks.KeepPeople(ctx, t, now, name)
	if backup.KindOf(err) == backup.Conflict { // somebody else was faster
		return nil
	}
	return err
}

// store reads the list, stores it unless it is as the one before, and returns the
// name of the one that holds.
func (k *Keeper) store(ctx context.Context, t task.Task, now time.Time) (name string, err error) {
	f, err := os.CreateTemp(k.Dir, "people-")
	if err != nil {
		return "", fmt.Errorf("temporary file: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	sum := sha256.New()
	out := bufio.NewWriter(io.MultiWriter(f, sum))
	l := &list{client: k.Connections.Client(t.Account, t.ID), out: json.NewEncoder(out)}
	if err := errors.Join(l.write(ctx), out.Flush()); err != nil {
		return "", err
	}
	slog.InfoContext(ctx, "people", "account", t.Account, "task", t.ID, "users", l.users, "groups", l.groups)
	v, err := k.Vault(ctx, t)
	if err != nil {
		return "", err
	}
	if t.People != "" {
		before := sha256.New()
		err := v.GetPeople(ctx, t.People, before)
		if err == nil && string(before.Sum(nil)) == string(sum.Sum(nil)) {
			return t.People, nil
		}
		if err != nil && !errors.Is(err, vault.ErrDamaged) {
			return "", err
		}
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return "", fmt.Errorf("temporary file: %w", err)
	}
	name = now.UTC().Format(vault.PeopleLayout)
	return name, v.PutPeople(ctx, name, f)
}

// list is a list that is being written.
type list struct {
	client        *box.Client
	out           *json.Encoder
	users, groups int
}

type head struct {
	Format int    `json:"format"`
	Groups bool   `json:"groups"`
	Why    string `json:"why,omitempty"` // there are none
}

type userLine struct {
	User json.RawMessage `json:"user"`
}

type groupLine struct {
	Group   json.RawMessage   `json:"group"`
	Members []json.RawMessage `json:"members"`
}

func (l *list) write(ctx context.Context) error {
	groups, err := l.client.Groups(ctx)
	h := head{Format: 1, Groups: true}
	if box.IsForbidden(err) {
		h.Groups, h.Why, err = false, "Box does not let the administrator who connected the backup task read groups.", nil
	}
	if err != nil {
		return fmt.Errorf("groups: %w", err)
	}
	if err := l.out.Encode(h); err != nil {
		return err
	}
	if err := l.writeUsers(ctx); err != nil {
		return fmt.Errorf("users: %w", err)
	}
	for some := range slices.Chunk(byID(groups), batch) {
		if err := l.writeGroups(ctx, some); err != nil {
			return err
		}
	}
	return nil
}

func (l *list) writeUsers(ctx context.Context) error {
	var users []box.Record
	for marker := ""; ; {
		page, err := l.client.People(ctx, marker)
		if err != nil {
			return err
		}
		users = append(users, page.Entries...)
		if marker = page.Next; marker == "" {
			break
		}
	}
	for _, u := range byID(users) {
		l.users++
		if err := l.out.Encode(userLine{u.All}); err != nil {
			return err
		}
	}
	return nil
}

func (l *list) writeGroups(ctx context.Context, some []box.Record) error {
	members := make([][]box.Record, len(some))
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(readers)
	for i, g := range some {
		group.Go(func() (err error) {
			members[i], err = l.client.Members(gctx, g.ID)
			if box.IsNotFound(err) { // removed a moment ago
				return nil
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return fmt.Errorf("members of groups: %w", err)
	}
	for i, g := range some {
		l.groups++
		line := groupLine{Group: g.All, Members: []json.RawMessage{}}
		for _, m := range byID(members[i]) {
			line.Members = append(line.Members, m.All)
		}
		if err := l.out.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

// byID sorts records and leaves out those that Box gave twice, as it may where
// people come and go while it is asked.
func byID(records []box.Record) []box.Record {
	slices.SortStableFunc(records, func(a, b box.Record) int {
		return cmp.Or(cmp.Compare(len(a.ID), len(b.ID)), cmp.Compare(a.ID, b.ID))
	})
	return slices.CompactFunc(records, func(a, b box.Record) bool { return a.ID == b.ID })
}
