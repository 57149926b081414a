package restorer

import (
	"context"

	"coffer/shared/backup"
	"coffer/shared/job"
)

// limited says why who asked for the job may not have it done any more, "" where
// they may: access to what a Box user has can be limited while the job waits or
// is under way, and who asked may have lost their role.
func (r *Restorer) limited(ctx context.Context, j job.Job) (string, error) {
	for _, id := range []backup.BoxUserID{j.BoxUser, j.Into().BoxUser} {
		u, err := r.Tasks.BoxUser(ctx, j.Account, j.Task, id)
		if backup.KindOf(err) == backup.NotFound {
			continue // nobody's access is limited; what else follows is found out elsewhere
		}
		if err != nil {
			return "", err
		}
		if !u.Tagged(backup.LimitedAccess) {
			continue
		}
		primary, err := r.primary(ctx, j)
		if err != nil || primary {
			return "", err
		}
		return "Access to what " + u.Name + " has is limited, so only the primary user of the account can have it restored. What was restored by then is kept.", nil
	}
	return "", nil
}

// primary reports whether the primary user of the account asked for the job.
func (r *Restorer) primary(ctx context.Context, j job.Job) (bool, error) {
	if j.By == "" {
		return false, nil
	}
	who, err := r.Accounts.User(ctx, j.Account, j.By)
	if backup.KindOf(err) == backup.NotFound {
		return false, nil
	}
	return who.Primary, err
}
