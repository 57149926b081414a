package scanner

import (
	"context"
	"strings"

	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/task"
)

// keep stores what events tell as hints for the task's Box users. Of those who
// are not backed up on schedule it only notes that there was something.
func (r *reader) keep(ctx context.Context, source string, events []box.Event) error {
	all := map[backup.BoxUserID]notes{}
	for i := range events {
		for _, user := range whose(&events[i]) {
			if all[user] == nil {
				all[user] = notes{}
			}
			all[user].add(&events[i])
		}
	}
	if len(all) == 0 {
		return nil
	}
	if err := r.know(ctx); err != nil {
		return err
	}
	hints := map[backup.BoxUserID][]task.Hint{}
	for id, noted := range all {
		user, known := r.users[id]
		if !known || len(noted) == 0 {
			continue // of another company, or found by the next scan
		}
		if !user.Active {
			err := r.Tasks.Uncover(ctx, user)
			if err == nil || backup.KindOf(err) != backup.Conflict {
				if err != nil {
					return err
				}
				continue
			}
		}
		for _, hint := range noted {
			hints[id] = append(hints[id], hint)
		}
	}
	return r.Tasks.Hint(ctx, r.task.Account, r.task.ID, source, hints)
}

// know reads the task's Box users, once.
func (r *reader) know(ctx context.Context) error {
	if r.users != nil {
		return nil
	}
	users := map[backup.BoxUserID]task.BoxUser{}
	for user, err := range r.Tasks.BoxUsers(ctx, r.task.Account, r.task.ID) {
		if err != nil {
			return err
		}
		users[user.ID] = user
	}
	r.users = users
	return nil
}

// whose returns the ids of the users whose backup an event is about: the owner
// of the item, and for a collaboration or a group who came to it or left. An
// event that names no owner is taken to be about its actor's items.
func whose(e *box.Event) []backup.BoxUserID {
	var ids []backup.BoxUserID
	if e.Item != nil {
		owner := e.Item.OwnedBy.ID
		if owner == "" {
			owner = e.CreatedBy.ID
		}
		ids = append(ids, backup.BoxUserID(owner))
	}
	other := backup.BoxUserID(e.User.ID)
	shared := strings.HasPrefix(e.Type, "COLLABORATION_") || strings.HasPrefix(e.Type, "GROUP_")
	if shared && other != "" && (len(ids) == 0 || other != ids[0]) {
		ids = append(ids, other)
	}
	return ids
}

// notes are hints by item.
type notes map[backup.ItemRef]task.Hint

// add notes what an event points at. What changes who is in a group changes what
// they find in their root folder.
func (n notes) add(e *box.Event) {
	hint := task.Hint{ItemRef: backup.ItemRef{Kind: backup.Folder, ID: backup.RootFolder}, Actor: backup.BoxUserID(e.CreatedBy.ID)}
	if e.Item != nil {
		hint.ItemRef, hint.Parent = e.Item.Ref(), e.Item.Parent.ID
	}
	if hint.ID == "" {
		return
	}
	switch e.Type {
	case "DELETE":
		hint.Deleted = true
	case "UNDELETE":
		hint.Back, hint.Renewed = true, hint.Kind == backup.Folder
	case "COPY":
		hint.Renewed = hint.Kind == backup.Folder
	}
	hint.Tasked = hint.Kind == backup.File && strings.HasPrefix(e.Type, "TASK_")
	if before, known := n[hint.ItemRef]; known {
		if before.Parent != hint.Parent {
			hint.Parent = ""
		}
		hint.Renewed = hint.Renewed || before.Renewed
		hint.Deleted = hint.Deleted || before.Deleted
		hint.Back = hint.Back || before.Back
		hint.Tasked = hint.Tasked || before.Tasked
	}
	n[hint.ItemRef] = hint
}
