package archiver

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/catalog"
)

// rootRef is the Box user's root folder.
var rootRef = backup.ItemRef{Kind: backup.Folder, ID: backup.RootFolder}

// listingPage is how many items Box lists with one call.
const listingPage = 1000

// errNoStream says that the change stream cannot tell what happened since the
// last run, so that everything must be listed.
var errNoStream = errors.New("the change stream does not reach back to the last run")

// follow looks at everything that the hints and the Box user's change stream
// point at since the draft's position. Both are hints: they may come twice, late
// and in any order, so only what Box says now counts.
func (r *run) follow(ctx context.Context) error {
	position, err := r.draft.State(ctx, statePosition)
	if err != nil {
		return err
	}
	now := r.Now()
	d := dirty{}
	keys, err := r.readHints(ctx, d)
	if err != nil {
		return err
	}
	position, err = r.readChanges(ctx, position, d)
	if err != nil {
		return err
	}
	if r.covered && position == "" {
		if !r.upToDate() {
			return errNoStream
		}
		if err := r.alone(ctx); err != nil {
			return err
		}
	}
	if err := r.callOn(ctx); err != nil {
		return err
	}
	grouped, err := r.look(ctx, d)
	if err != nil {
		return err
	}
	if err := r.crawl(ctx, false); err != nil {
		return err
	}
	if err := r.confirm(ctx, d, grouped); err != nil {
		return err
	}
	r.marks = d
	if err := r.arrived(ctx); err != nil { // before what told of it counts as heard
		return err
	}
	if err := r.heard(ctx, keys); err != nil {
		return err
	}
	return r.reached(ctx, position, now)
}

// alone reports errNoStream where the enterprise's stream cannot do without the
// Box user's own: it says nothing of items of others that this backup holds.
func (r *run) alone(ctx context.Context) error {
	external, err := r.draft.External(ctx)
	if err != nil {
		return err
	}
	unprotected, err := r.draft.Unprotected(ctx, r.self())
	if err == nil && external+unprotected > 0 {
		err = errNoStream
	}
	return err
}

// callOn lists the root folder again where it has items of others: nobody tells
// a collaborator when a folder above such an item is deleted.
func (r *run) callOn(ctx context.Context) error {
	guests, err := r.draft.Guests(ctx, backup.RootFolder, r.self())
	if err != nil || !guests {
		return err
	}
	return r.draft.Enqueue(ctx, backup.RootFolder)
}

// self is how the catalog spells the Box user.
func (r *run) self() string {
	return person(box.Mini{ID: string(r.user.ID), Name: r.user.Name, Login: r.user.Login})
}

// upToDate reports whether the enterprise's stream is enough for the run: a scan
// has read it for this one, or nobody expects what is newer than that. Where a
// person asked for the run, what that person has just done at Box belongs to it.
func (r *run) upToDate() bool {
	return !r.user.RunWanted || !r.task.ReadAt.Before(r.user.RunAsked.Add(-clockSkew))
}

// readChanges adds what the change stream points at after the position, and
// returns the position behind it. Where Box does not know the position any more
// and the enterprise's stream has told all, the present one is as good. Without
// a position nothing is told.
func (r *run) readChanges(ctx context.Context, position string, d dirty) (string, error) {
	for position != "" {
		page, err := r.client.Changes(ctx, position)
		if box.IsForbidden(err) {
			r.mute = true
			if r.covered {
				return "", nil
			}
			return "", errNoStream
		}
		if box.IsRefused(err) && r.covered && r.upToDate() {
			return r.changesNow(ctx)
		}
		if box.IsRefused(err) {
			return "", errNoStream
		}
		if err != nil {
			return "", fmt.Errorf("changes: %w", err)
		}
		for i := range page.Entries {
			d.add(&page.Entries[i])
			r.addTask(&page.Entries[i])
		}
		stop := len(page.Entries) == 0 || page.Next == position
		if page.Next != "" && page.Next != "0" {
			position = page.Next
		}
		if stop {
			break
		}
	}
	return position, nil
}

// look reads the truth about what is dirty: a folder with many dirty items is
// listed whole, which takes fewer calls than single reads. It returns the items
// that such listings are to show.
func (r *run) look(ctx context.Context, d dirty) (grouped []backup.ItemRef, err error) {
	siblings := map[string]int{}
	for _, m := range d {
		if m.parent != "" && !m.several && !m.lost {
			siblings[m.parent]++
		}
	}
	whole := map[string]bool{}
	for parent, n := range siblings {
		if n < 2 || !r.holds(ctx, parent) {
			continue
		}
		known, err := r.draft.ChildCount(ctx, parent)
		if err != nil {
			return nil, err
		}
		if pages := known/listingPage + 1; pages < int64(n) {
			whole[parent] = true
			if err := r.draft.Enqueue(ctx, parent); err != nil {
				return nil, err
			}
		}
	}
	var single []backup.ItemRef
	for ref, m := range d {
		r.point(ref)
		switch {
		case ref == rootRef:
			if err := r.draft.Enqueue(ctx, ref.ID); err != nil {
				return nil, err
			}
			continue
		case m.lost:
			owns, err := r.draft.Owns(ctx, ref)
			if err != nil {
				return nil, err
			}
			if !owns {
				continue
			}
		case whole[m.parent] && !m.several:
			grouped = append(grouped, ref)
			if !m.renewed {
				continue
			}
		}
		single = append(single, ref)
	}
	return grouped, r.rereadAll(ctx, single, func(ref backup.ItemRef) bool { return d[ref].renewed })
}

// rereadAll reads items one by one, several at a time.
func (r *run) rereadAll(ctx context.Context, refs []backup.ItemRef, renewed func(backup.ItemRef) bool) error {
	troubles := troubles{max: maxTroubles}
	pieces := make([]piece, len(refs))
	for i, ref := range refs {
		pieces[i] = read(ref)
	}
	return r.each(ctx, listers, together, pieces, func(ctx context.Context, i int) error {
		work := func() error { return r.reread(ctx, refs[i], renewed(refs[i])) }
		return troubles.count(r.guard(ctx, pieces[i], work, func() error { return r.draft.Fail(ctx, refs[i], poisonReason) }))
	})
}

// confirm looks for what a listing did not show though nobody told of its
// deletion: it may be in another folder, and the event that says so still on its
// way. Only a crawl lists every place where it could be. What was moved and then
// deleted, or moved again, is in the draft still, at its old place.
func (r *run) confirm(ctx context.Context, d dirty, grouped []backup.ItemRef) error {
	for range maxDepth {
		r.missedMu.Lock()
		r.seeking, r.missed = r.missed, nil
		missed := slices.Concat(r.seeking, grouped)
		r.missedMu.Unlock()
		var single []backup.ItemRef
		for i, ref := range missed {
			m, told := d[ref], i >= len(missed)-len(grouped)
			item, err := r.draft.Item(ctx, ref)
			switch {
			case err != nil && backup.KindOf(err) != backup.NotFound:
				return err
			case err == nil && told && item.Parent != m.parent, err != nil && (m == nil || !m.deleted):
				single = append(single, ref)
			}
		}
		grouped = nil
		if err := r.rereadAll(ctx, single, func(backup.ItemRef) bool { return false }); err != nil {
			return err
		}
		r.missedMu.Lock()
		r.seeking = nil
		r.missedMu.Unlock()
		if len(single) == 0 {
			return nil
		}
		if err := r.crawl(ctx, false); err != nil {
			return err
		}
	}
	return errors.New("items keep moving while they are looked for")
}

// reread stores what Box says now about one item, or that it is gone.
func (r *run) reread(ctx context.Context, ref backup.ItemRef, subtree bool) error {
	r.point(ref)
	client, err := r.lister(ctx)
	if err != nil {
		return err
	}
	item, err := client.Item(ctx, ref)
	if box.IsNotFound(err) { // see gone
		item, err = client.Item(ctx, ref)
	}
	switch {
	case err == nil:
	case ctx.Err() != nil || ends(err):
		return err
	case box.IsNotFound(err):
		return r.draft.Remove(ctx, ref)
	default:
		if err := r.draft.Fail(ctx, ref, reasonFor(err)); err != nil {
			return err
		}
		if box.IsBusy(err) {
			return trouble{err}
		}
		return nil
	}
	if ref == rootRef {
		return nil
	}
	parent := item.Parent.ID
	if parent == "" && item.OwnedBy.ID != string(r.user.ID) {
		parent = backup.RootFolder // where a collaborator finds what is shared with them
	}
	if item.Status != "" && item.Status != "active" || parent == "" {
		return r.draft.Remove(ctx, ref)
	}
	items, err := r.convertAll(ctx, parent, []box.Item{item}, subtree)
	if err != nil {
		return err
	}
	if items[0].State == catalog.Reference && !r.holds(ctx, parent) {
		return r.draft.Remove(ctx, ref) // inside a folder that is itself but a reference
	}
	return errors.Join(r.draft.Put(ctx, items...), r.count(ctx))
}

// holds reports whether the draft has the folder and what is in it.
func (r *run) holds(ctx context.Context, folder string) bool {
	item, err := r.draft.Item(ctx, backup.ItemRef{Kind: backup.Folder, ID: folder})
	return folder == backup.RootFolder || err == nil && item.State != catalog.Reference
}
