package archiver

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"coffer/shared/backup"
	"coffer/shared/task"
)

// What moves from one owner to another Box tells the new owner and whoever moved
// it, not the old one. The new owner's run sees an item that its catalog lacked
// though it is older than the snapshot before, and hints at it to those who may
// have had it: who moved it, who made it, and the owners of what this Box user
// has references to, or had according to an event. Who moved it must have had
// access to it at its old owner's, so those who did not own it pass the hint on,
// once, to the owners of what they have references to.
//
// That somebody had access may become known later than what they did with it,
// since events come late. So such items are remembered for some days, and who
// turns out to be near meanwhile is told of them too.

// strays are items that came from, or went to, somebody unknown.
type strays struct {
	At    time.Time        `json:"at"` // when the run heard or saw it
	Items []backup.ItemRef `json:"items"`
	Told  []string         `json:"told,omitempty"` // ids and logins of those who were hinted at them

	doers []string // who made or moved them, ids and logins; known only to the invocation that saw them arrive
}

// strayFor is how long strays are remembered: far longer than events are late.
const strayFor = 7 * 24 * time.Hour

// straying returns the strays that are remembered, those of the runs before
// included.
func (r *run) straying(ctx context.Context) ([]strays, error) {
	var all []strays
	found, err := r.remembered(ctx, stateStrays, &all)
	if err == nil && !found {
		_, err = r.recalled(ctx, stateStrays, &all)
	}
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(s strays) bool { return r.Now().Sub(s.At) > strayFor }), nil
}

// astray passes on, and remembers, what hints say went somewhere and this Box
// user never owned.
func (r *run) astray(ctx context.Context, hints []task.Hint) error {
	var items []backup.ItemRef
	for _, h := range hints {
		owns, err := r.draft.Owns(ctx, h.ItemRef)
		if err != nil {
			return err
		}
		if !owns {
			items = append(items, h.ItemRef)
		}
	}
	if len(items) == 0 {
		return nil
	}
	all, err := r.straying(ctx)
	if err != nil {
		return err
	}
	return r.spread(ctx, append(all, strays{At: r.Now(), Items: items}))
}

// arrived hints at items that came from other owners, and again at those that are
// remembered. It needs to be known who did what: see marks.
func (r *run) arrived(ctx context.Context) error {
	all, err := r.straying(ctx)
	if err != nil {
		return err
	}
	here, err := r.arrivals(ctx, all)
	if err != nil {
		return err
	}
	if len(here.Items) > 0 {
		all = append(all, here)
	}
	return r.spread(ctx, all)
}

// spread hints at strays to whoever is near and was not told yet, and remembers
// them.
func (r *run) spread(ctx context.Context, all []strays) error {
	if len(all) == 0 {
		return nil
	}
	near, err := r.near(ctx)
	if err != nil {
		return err
	}
	for i := range all {
		people := map[string]bool{} // ids and logins; those who can pass the hint on are true
		for _, person := range near {
			people[person] = false
		}
		for _, person := range all[i].doers {
			people[person] = true
		}
		for _, person := range all[i].Told {
			delete(people, person)
		}
		if len(people) == 0 {
			continue
		}
		hints := make([]task.Hint, len(all[i].Items))
		for n, ref := range all[i].Items {
			hints[n] = task.Hint{ItemRef: ref, Lost: true}
		}
		source := fmt.Sprintf("moved-%s-%s-%d-%d", r.user.RunID, r.user.RunOwner, all[i].At.UnixMilli(), i)
		if err := r.tell(ctx, source, hints, people); err != nil {
			return err
		}
		for person := range people {
			all[i].Told = append(all[i].Told, person)
		}
	}
	return r.remember(ctx, stateStrays, all)
}

// arrivals returns the items that came from other owners, without those that are
// remembered already.
func (r *run) arrivals(ctx context.Context, known []strays) (strays, error) {
	here := strays{At: r.Now()}
	if r.user.Snapshot == "" {
		return here, nil
	}
	found, err := r.draft.Arrivals(ctx, r.user.LastBackup)
	if err != nil {
		return here, err
	}
	remembered := map[backup.ItemRef]bool{}
	for _, s := range known {
		for _, ref := range s.Items {
			remembered[ref] = true
		}
	}
	for _, it := range found {
		if remembered[it.ItemRef] {
			continue
		}
		here.Items, here.doers = append(here.Items, it.ItemRef), append(here.doers, it.CreatedBy)
		if m := r.marks[it.ItemRef]; m != nil {
			for _, actor := range m.actors {
				here.doers = append(here.doers, string(actor))
			}
		}
	}
	return here, nil
}

// near returns the ids and logins of the owners of what this Box user has
// references to, and of what events spoke of.
func (r *run) near(ctx context.Context) ([]string, error) {
	near, err := r.draft.Referred(ctx)
	if err != nil {
		return nil, err
	}
	for _, m := range r.marks {
		for _, owner := range m.owners {
			if owner != r.user.ID {
				near = append(near, string(owner))
			}
		}
	}
	return near, nil
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
