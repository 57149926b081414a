package archiver

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/catalog"
)

// errNoStream says that the change stream cannot tell what happened since the
// last run, so that everything must be listed.
var errNoStream = errors.New("the change stream does not reach back to the last run")

// dirty is what the events since the last run point at.
type dirty struct {
	items   map[backup.ItemRef]string // the parent that the latest event named, "" where unknown
	subtree map[string]bool           // folders whose whole content may be new
}

// follow reads the change stream from the draft's position and looks at
// everything that its events point at. Events are hints: they may come twice,
// late and in any order, so only what Box says now counts.
func (r *run) follow(ctx context.Context) error {
	position, err := r.draft.State(ctx, statePosition)
	if err != nil {
		return err
	}
	now := r.Now()
	d := dirty{items: map[backup.ItemRef]string{}, subtree: map[string]bool{}}
	for {
		page, err := r.client.Changes(ctx, position)
		if box.IsRefused(err) {
			return errNoStream
		}
		if err != nil {
			return fmt.Errorf("changes: %w", err)
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
	if err := r.look(ctx, d); err != nil {
		return err
	}
	if err := r.crawl(ctx, false); err != nil {
		return err
	}
	return r.reached(ctx, position, now)
}

// add notes what an event points at.
func (d *dirty) add(e *box.Event) {
	if e.Item == nil || e.Item.ID == "" {
		return
	}
	ref := e.Item.Ref()
	switch ref.Kind {
	case backup.Folder, backup.File, backup.WebLink:
	default:
		return
	}
	d.items[ref] = e.Item.Parent.ID
	if ref.Kind == backup.Folder {
		switch e.Type {
		case "ITEM_COPY", "ITEM_UNDELETE_VIA_TRASH", "ITEM_CREATE", "ITEM_MOVE", "COLLAB_ADD_COLLABORATOR", "COLLAB_INVITE_COLLABORATOR":
			d.subtree[ref.ID] = true // its items get no dependable events of their own
		}
	}
}

// look reads the truth about what is dirty: a folder with several dirty items
// is listed whole, which takes one call where single reads take many.
func (r *run) look(ctx context.Context, d dirty) error {
	siblings := map[string]int{}
	for _, parent := range d.items {
		siblings[parent]++
	}
	var single []backup.ItemRef
	for ref, parent := range d.items {
		r.point(ref)
		if siblings[parent] > 1 && r.holds(ctx, parent) {
			if err := r.draft.Enqueue(ctx, parent); err != nil {
				return err
			}
			if !d.subtree[ref.ID] {
				continue
			}
		}
		single = append(single, ref)
	}
	troubles := troubles{max: maxTroubles}
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(listers)
	for _, ref := range single {
		group.Go(func() error { return troubles.count(r.reread(gctx, ref, d.subtree[ref.ID])) })
	}
	return group.Wait()
}

// reread stores what Box says now about one item, or that it is gone.
func (r *run) reread(ctx context.Context, ref backup.ItemRef, subtree bool) error {
	r.point(ref)
	client, err := r.lister(ctx)
	if err != nil {
		return err
	}
	item, err := client.Item(ctx, ref)
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
	if ref.Kind == backup.Folder && ref.ID == backup.RootFolder {
		return nil
	}
	parent := item.Parent.ID
	if parent == "" && item.OwnedBy.ID != string(r.user.ID) {
		parent = backup.RootFolder // where a collaborator finds what is shared with them
	}
	if item.Status != "" && item.Status != "active" || parent == "" {
		return r.draft.Remove(ctx, ref)
	}
	r.items.Add(1)
	items, err := r.convertAll(ctx, parent, []box.Item{item}, subtree)
	if err != nil {
		return err
	}
	if items[0].State == catalog.Reference && !r.holds(ctx, parent) {
		return r.draft.Remove(ctx, ref) // inside a folder that is itself but a reference
	}
	return r.draft.Put(ctx, items...)
}

// holds reports whether the draft has the folder and what is in it.
func (r *run) holds(ctx context.Context, folder string) bool {
	item, err := r.draft.Item(ctx, backup.ItemRef{Kind: backup.Folder, ID: folder})
	return folder == backup.RootFolder || err == nil && item.State != catalog.Reference
}
