package api

import (
	"context"

	"coffer/shared/account"
	"coffer/shared/backup"
	"coffer/shared/identity"
	"coffer/shared/task"
)

// Limits is what the tag Limited Access keeps from all portal users but the
// primary one. The Box user's row stays in lists, without figures, and can be
// activated, paused and backed up; what it has, its snapshots, history, jobs and
// activity do not exist for them, and neither can they delete it.
type Limits struct {
	Sessions *identity.Sessions
	Tasks    *task.Table
}

// Sees reports whether the portal user may see what the Box user has.
func (l Limits) Sees(ctx context.Context, who account.Session, u task.BoxUser) (bool, error) {
	if !u.Tagged(backup.LimitedAccess) {
		return true, nil
	}
	user, err := l.Sessions.User(ctx, who)
	return user.Primary, err
}

// Hides returns what reports whether one of these Box users is kept from the
// portal user. One who is gone is: nobody can tell any more. No id is nobody.
func (l Limits) Hides(ctx context.Context, who account.Session) (func(backup.TaskID, ...backup.BoxUserID) (bool, error), error) {
	user, err := l.Sessions.User(ctx, who)
	if err != nil || user.Primary {
		return func(backup.TaskID, ...backup.BoxUserID) (bool, error) { return false, nil }, err
	}
	type key struct {
		task backup.TaskID
		user backup.BoxUserID
	}
	known := map[key]bool{}
	return func(id backup.TaskID, users ...backup.BoxUserID) (bool, error) {
		for _, one := range users {
			k := key{id, one}
			hidden, ok := known[k]
			if !ok && one != "" {
				u, err := l.Tasks.BoxUser(ctx, who.Account, id, one)
				if err != nil && backup.KindOf(err) != backup.NotFound {
					return false, err
				}
				hidden = err != nil || u.Tagged(backup.LimitedAccess)
				known[k] = hidden
			}
			if hidden {
				return true, nil
			}
		}
		return false, nil
	}, nil
}
