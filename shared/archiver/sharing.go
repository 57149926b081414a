package archiver

import (
	"context"
	"encoding/json"
	"fmt"

	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/catalog"
	"coffer/shared/task"
)

// When an owner renames, moves, deletes or restores what is shared, Box tells the
// collaborators nothing, and the enterprise's stream names the owner alone. The
// owner's run, which that event makes, has from the snapshot before who they are,
// and hints them at it, without a call of Box but one for the members of a group.

// shared hints at the Box user's shared items that are not what they were.
func (r *run) shared(ctx context.Context) error {
	if r.user.Snapshot == "" {
		return nil
	}
	changes, err := r.draft.SharedChanges(ctx, r.user.LastBackup)
	if err != nil {
		return err
	}
	hints, known := map[backup.BoxUserID][]task.Hint{}, map[string][]backup.BoxUserID{}
	for _, it := range changes {
		told := map[backup.BoxUserID]bool{r.user.ID: true}
		for _, c := range it.Collaborations {
			people, err := r.people(ctx, c.Who, known)
			if err != nil {
				return err
			}
			for _, id := range people {
				if !told[id] {
					told[id] = true
					hints[id] = append(hints[id], task.Hint{ItemRef: it.ItemRef})
				}
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

// people are who has access where it is given to a user or a group. The members
// of groups that were asked for are known. Where Box does not let them be read,
// they see it with their next weekly run.
func (r *run) people(ctx context.Context, who catalog.Person, known map[string][]backup.BoxUserID) ([]backup.BoxUserID, error) {
	switch who.Type {
	case "user":
		return []backup.BoxUserID{backup.BoxUserID(who.ID)}, nil
	case "group":
	default:
		return nil, nil
	}
	if members, ok := known[who.ID]; ok {
		return members, nil
	}
	records, err := r.admin.Members(ctx, who.ID)
	if err != nil && !box.IsForbidden(err) && !box.IsNotFound(err) {
		return nil, fmt.Errorf("members of group %s: %w", who.ID, err)
	}
	members := make([]backup.BoxUserID, 0, len(records))
	for _, m := range records {
		var in struct {
			User struct {
				ID backup.BoxUserID `json:"id"`
			} `json:"user"`
		}
		if json.Unmarshal(m.All, &in) == nil && in.User.ID != "" {
			members = append(members, in.User.ID)
		}
	}
	known[who.ID] = members
	return members, nil
}
