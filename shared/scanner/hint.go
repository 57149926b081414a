package scanner

import (
	"context"
	"slices"
	"strings"

	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/task"
)

// keep stores what events tell as hints for the task's Box users. Of those who
// are not backed up on schedule it only notes that there was something.
func (r *reader) keep(ctx context.Context, source string, events []box.Event) error {
	if !slices.ContainsFunc(events, func(e box.Event) bool { return len(whose(&e)) > 0 }) {
		return nil
	}
	if err := r.know(ctx); err != nil {
		return err
	}
	all := map[backup.BoxUserID]notes{}
	at := func(user backup.BoxUserID) notes {
		if all[user] == nil {
			all[user] = notes{}
		}
		return all[user]
	}
	for i := range events {
		e := &events[i]
		for _, user := range whose(e) {
			at(user).add(e, user)
		}
		if e.Type != "MOVE" || e.Item == nil || e.Item.ID == "" || r.backedUp(e) {
			continue
		}
		for _, user := range r.losers(e) {
			at(user).lose(e.Item.Ref())
		}
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

// backedUp reports whether a run of the owner of the event's item will see what
// it is about. Box may not let the items of somebody who is leaving be read.
func (r *reader) backedUp(e *box.Event) bool {
	id := backup.BoxUserID(e.Item.OwnedBy.ID)
	owner := r.users[id]
	return id == "" || owner.Active && owner.Alive() && owner.Leaving.IsZero() && !owner.Left()
}

// losers returns who may have had an item that was moved to somebody whose run
// will not tell who had it before: who moved it, as they had it or had access to
// it, and whoever the folder is named after. When an administrator gives all that
// one user has to another, Box puts it into a folder with the first one's name
// (https://developer.box.com/reference/put-users-id-folders-0/).
func (r *reader) losers(e *box.Event) []backup.BoxUserID {
	losers, place := []backup.BoxUserID{backup.BoxUserID(e.CreatedBy.ID)}, e.Item.Parent.Name
	for id, u := range r.users {
		if u.Name != "" && strings.Contains(place, u.Name) || u.Login != "" && strings.Contains(place, u.Login) {
			losers = append(losers, id)
		}
	}
	return losers
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

// add notes what an event points at, for a user. What changes who is in a group
// changes what they find in their root folder.
func (n notes) add(e *box.Event, user backup.BoxUserID) {
	hint := task.Hint{ItemRef: backup.ItemRef{Kind: backup.Folder, ID: backup.RootFolder}, Actor: backup.BoxUserID(e.CreatedBy.ID)}
	if e.Item != nil {
		hint.ItemRef, hint.Parent = e.Item.Ref(), e.Item.Parent.ID
		if owner := backup.BoxUserID(e.Item.OwnedBy.ID); owner != user {
			hint.Owner = owner
		}
	}
	if hint.ID == "" {
		return
	}
	switch e.Type {
	case "DELETE":
		hint.Deleted = true
	case "UNDELETE", "COPY":
		hint.Renewed = hint.Kind == backup.Folder
	}
	hint.Tasked = hint.Kind == backup.File && strings.HasPrefix(e.Type, "TASK_")
	if before, known := n[hint.ItemRef]; known {
		if before.Parent != hint.Parent {
			hint.Parent = ""
		}
		hint.Renewed = hint.Renewed || before.Renewed
		hint.Deleted = hint.Deleted || before.Deleted
		hint.Tasked = hint.Tasked || before.Tasked
		hint.Passes = before.Passes
	}
	n[hint.ItemRef] = hint
}

// lose notes that the item may have gone to somebody else.
func (n notes) lose(ref backup.ItemRef) {
	hint, known := n[ref]
	if !known {
		hint = task.Hint{ItemRef: ref, Lost: true}
	}
	hint.Passes = 1
	n[ref] = hint
}
