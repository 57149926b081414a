package archiver

import (
	"context"

	"coffer/shared/backup"
	"coffer/shared/task"
)

// When an owner renames, moves, deletes or restores what is shared, Box tells the
// collaborators nothing, and the enterprise's stream names the owner alone. The
// owner's run, which that event makes, has from the snapshot before who they are,
// and hints them at it, without a call of Box.

// shared hints at the Box user's shared items that are not what they were.
func (r *run) shared(ctx context.Context) error {
	if r.user.Snapshot == "" {
		return nil
	}
	changes, err := r.draft.SharedChanges(ctx, r.user.LastBackup)
	if err != nil {
		return err
	}
	hints := map[backup.BoxUserID][]task.Hint{}
	for _, it := range changes {
		for _, c := range it.Collaborations {
			if c.Who.Type == "user" {
				id := backup.BoxUserID(c.Who.ID)
				hints[id] = append(hints[id], task.Hint{ItemRef: it.ItemRef})
			}
		}
	}
	for id, theirs := range hints {
		user, err := r.Tasks.BoxUser(ctx, r.user.Account, r.user.Task, id)
		if backup.KindOf(err) == backup.NotFound {
			continue // of another company
		}
		if err == nil {
			err = r.tellOne(ctx, "shared-"+string(r.user.RunID), user, theirs)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
