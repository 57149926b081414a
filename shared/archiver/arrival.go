package archiver

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"coffer/shared/backup"
	"coffer/shared/task"
)

// What moves from one owner to another Box tells the new owner and whoever moved
// it, not the old one. The new owner's run sees an item that its catalog lacked
// though it is older than the snapshot before, and hints at it to those who may
// have had it: who moved it, who made it, and the owners of what this Box user
// has references to. Who moved it must have had access to it at its old owner's,
// so those who did not own it pass the hint on, once, to the owners of what they
// have references to.

// arrived hints at items that came from other owners.
func (r *run) arrived(ctx context.Context) error {
	if r.user.Snapshot == "" {
		return nil
	}
	arrivals, err := r.draft.Arrivals(ctx, r.user.LastBackup)
	if err != nil || len(arrivals) == 0 {
		return err
	}
	near, err := r.draft.Referred(ctx)
	if err != nil {
		return err
	}
	people := map[string]bool{} // ids and logins; those who can pass the hint on are true
	for _, login := range near {
		people[login] = false
	}
	var hints []task.Hint
	for _, it := range arrivals {
		m := r.marks[it.ItemRef]
		if m != nil && m.back {
			continue
		}
		hints = append(hints, task.Hint{ItemRef: it.ItemRef, Lost: true})
		people[it.CreatedBy] = true
		if m != nil {
			for _, actor := range m.actors {
				people[string(actor)] = true
			}
		}
	}
	return r.tell(ctx, "moved-"+string(r.user.RunID), hints, people)
}

// passOn hands hints at what this Box user never owned on to the owners of what
// the Box user has references to.
func (r *run) passOn(ctx context.Context, astray []task.Hint) error {
	var hints []task.Hint
	for _, h := range astray {
		owns, err := r.draft.Owns(ctx, h.ItemRef)
		if err != nil {
			return err
		}
		if !owns {
			hints = append(hints, task.Hint{ItemRef: h.ItemRef, Lost: true})
		}
	}
	if len(hints) == 0 {
		return nil
	}
	near, err := r.draft.Referred(ctx)
	if err != nil {
		return err
	}
	people := map[string]bool{}
	for _, login := range near {
		people[login] = false
	}
	return r.tell(ctx, "passed-"+string(r.user.RunID), hints, people)
}

// tellAtOnce is how many hints go into one row.
const tellAtOnce = 500

// tell stores hints for other Box users of the task, given by id or login, and
// requests a run of each. Those whose value is true may pass them on.
func (r *run) tell(ctx context.Context, source string, hints []task.Hint, people map[string]bool) error {
	if len(hints) == 0 {
		return nil
	}
	for user, err := range r.Tasks.BoxUsers(ctx, r.user.Account, r.user.Task) {
		if err != nil {
			return err
		}
		byID, named := people[string(user.ID)]
		byLogin, spelled := people[user.Login]
		if !named && !spelled && user.Login != strings.ToLower(user.Login) {
			byLogin, spelled = people[strings.ToLower(user.Login)]
		}
		if user.ID == r.user.ID || !named && !spelled {
			continue
		}
		theirs := slices.Clone(hints)
		if byID || byLogin {
			for i := range theirs {
				theirs[i].Passes = 1
			}
		}
		if err := r.tellOne(ctx, source, user, theirs); err != nil {
			return err
		}
	}
	return nil
}

// tellOne stores hints for another Box user and requests a run.
func (r *run) tellOne(ctx context.Context, source string, user task.BoxUser, hints []task.Hint) error {
	if !user.Active {
		if err := r.Tasks.Uncover(ctx, user); err == nil || backup.KindOf(err) != backup.Conflict {
			return err
		}
	}
	part := 0
	for some := range slices.Chunk(hints, tellAtOnce) {
		part++
		err := r.Tasks.Hint(ctx, user.Account, user.Task, fmt.Sprintf("%s-%d", source, part), map[backup.BoxUserID][]task.Hint{user.ID: some})
		if err != nil {
			return err
		}
	}
	return r.ask(ctx, user)
}

// ask requests a run of a Box user, which is dispatched when this one ends.
// Where one is under way already, the hints wait for the next.
func (r *run) ask(ctx context.Context, user task.BoxUser) error {
	if !user.Active || user.Snapshot == "" {
		return nil
	}
	_, err := r.Tasks.Request(ctx, user, noSlot)
	if backup.KindOf(err) == backup.Conflict {
		return nil
	}
	return err
}
