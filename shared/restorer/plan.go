package restorer

import (
	"context"
	"fmt"
	"slices"
	"time"

	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/catalog"
	"coffer/shared/job"
)

// plan finds out what the job is for, and how much that is.
func (w *work) plan(ctx context.Context) error {
	w.roots = []backup.ItemRef{root}
	if !w.job.Whole {
		choices, err := w.Jobs.Choices(ctx, w.job)
		if err != nil {
			return err
		}
		if w.roots, err = w.outermost(ctx, choices); err != nil {
			return err
		}
	}
	e, err := w.catalog.Extent(ctx, w.job.Sealed(), w.roots...)
	if err != nil {
		return fmt.Errorf("count items: %w", err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.job.Total, w.job.TotalBytes = e.Items(), e.Bytes
	return nil
}

// outermost returns the choices without repetition and without those that are
// below another.
func (w *work) outermost(ctx context.Context, choices []backup.ItemRef) ([]backup.ItemRef, error) {
	chosen := map[backup.ItemRef]bool{}
	var unique, roots []backup.ItemRef
	for _, ref := range choices {
		if !chosen[ref] {
			chosen[ref], unique = true, append(unique, ref)
		}
	}
	if chosen[root] {
		return []backup.ItemRef{root}, nil
	}
	for _, ref := range unique {
		path, err := w.catalog.Path(ctx, w.job.Sealed(), ref)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(path[:len(path)-1], func(it catalog.Item) bool { return chosen[it.ItemRef] }) {
			roots = append(roots, ref)
		}
	}
	return roots, nil
}

// within reports whether an item of the snapshot is one of the job's.
func (w *work) within(ctx context.Context, ref backup.ItemRef) (bool, error) {
	if slices.Contains(w.roots, root) {
		return true, nil
	}
	path, err := w.catalog.Path(ctx, w.job.Sealed(), ref)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(path, func(it catalog.Item) bool { return slices.Contains(w.roots, it.ItemRef) }), nil
}

// prepare makes sure of the folders that the chosen items belong into.
func (w *work) prepare(ctx context.Context) error {
	w.setPlace(backup.RootFolder, backup.RootFolder)
	if w.job.Mode == backup.NonDestructive {
		if err := w.target(ctx); err != nil {
			return fmt.Errorf("folder for what is restored: %w", err)
		}
		w.setPlace(backup.RootFolder, w.job.Target)
	}
	seen := map[string]bool{backup.RootFolder: true}
	if w.job.Mode != backup.NonDestructive { // what was in the trash goes where the Box user finds it
		w.setPlace(catalog.Trash, backup.RootFolder)
		seen[catalog.Trash] = true
	}
	for _, ref := range w.roots {
		if ref == root {
			continue
		}
		path, err := w.catalog.Path(ctx, w.job.Sealed(), ref)
		if err != nil {
			return err
		}
		for i := range path[:len(path)-1] {
			if seen[path[i].ID] {
				continue
			}
			seen[path[i].ID] = true
			if err := w.scaffold(ctx, &path[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// scaffold makes sure of a folder that the job is not for, but something in it.
// One that exists is left alone; one that has to be created counts as an item.
func (w *work) scaffold(ctx context.Context, it *catalog.Item) error {
	if !w.isFinished(it.ItemRef) && w.job.Mode != backup.NonDestructive {
		there, ok, err := w.find(ctx, it, "")
		if err != nil {
			return err
		}
		if ok {
			w.setPlace(it.ID, there.ID)
			return nil
		}
	}
	w.mu.Lock()
	w.job.Total++
	w.mu.Unlock()
	if w.isFinished(it.ItemRef) {
		return nil
	}
	return w.batch(ctx, []catalog.Item{*it})
}

// target makes the folder of a non-destructive restore, in the folder that
// someone chose for it. It has a line in the ledger, and counts as no item.
func (w *work) target(ctx context.Context) error {
	entry := job.Entry{
		Ref: root, Name: "Restored by Coffer " + w.job.Created.UTC().Format("2006-01-02 15.04.05") + " UTC", Outcome: job.Intended,
	}
	earlier, begun := w.begun[root]
	if w.job.Target != "" {
		if !begun {
			return nil
		}
		earlier.Outcome, earlier.BoxID = job.Created, w.job.Target
		return w.Jobs.Record(ctx, w.job, earlier)
	}
	into := w.job.Into().Folder
	if err := w.reach(ctx, into); err != nil {
		return err
	}
	if err := w.Jobs.Record(ctx, w.job, entry); err != nil {
		return err
	}
	for n := range maxNames {
		name := variant(backup.Folder, entry.Name, n)
		folder, err := w.client.CreateFolder(ctx, into, name)
		if there, taken := box.Conflict(err); taken {
			if !begun {
				continue
			}
			if mine, err := w.unused(ctx, there); err != nil {
				return err
			} else if !mine {
				continue
			}
			if twin, err := w.hasTwin(ctx, there.ID); err != nil {
				return err
			} else if twin {
				continue
			}
			folder = there
		} else if err != nil {
			return noTarget(err)
		}
		w.mu.Lock()
		w.job.Target = folder.ID
		w.mu.Unlock()
		if _, err = w.Jobs.Renew(ctx, w.state()); err != nil {
			return err
		}
		entry.Name, entry.Outcome, entry.BoxID = name, job.Created, folder.ID
		return w.Jobs.Record(ctx, w.job, entry)
	}
	return refusal(fmt.Sprintf("The folder for what is restored could not be made: %d names like %q are taken. Rename or remove some of them at Box and start the restore again.", maxNames, entry.Name))
}

const noFolder = refusal("The folder that was chosen as the destination does not exist at Box any more. Choose another and start the restore again.")

// reach makes sure that the folder which someone chose is still there.
func (w *work) reach(ctx context.Context, folder string) error {
	if folder == backup.RootFolder {
		return nil
	}
	there, err := w.client.Folder(ctx, folder)
	switch {
	case box.IsNotFound(err), err == nil && there.Status != "" && there.Status != "active":
		return noFolder
	case err == nil && there.ExternallyOwned:
		return refusal("The folder that was chosen as the destination belongs to another company by now. Choose another and start the restore again.")
	}
	return err
}

// noTarget says why the folder for what is restored cannot be made, unless that
// is a trouble that may pass or an error that ends the job anyway.
func noTarget(err error) error {
	reason := reasonFor(err)
	switch {
	case ends(err) || reason == "":
		return err
	case box.IsNotFound(err):
		return noFolder
	}
	return refusal("The folder for what is restored could not be made. " + reason)
}

// hasTwin reports whether a folder that is there may be of another job, which
// makes one of the same name in the same place: of one that has no folder yet
// and is still at work, or whose folder it is.
func (w *work) hasTwin(ctx context.Context, folder string) (bool, error) {
	second := w.job.Created.Truncate(time.Second)
	others, err := w.Jobs.Jobs(ctx, w.job.Account, second)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(others, func(j job.Job) bool {
		return j.ID != w.job.ID && j.Mode == backup.NonDestructive && j.Created.Truncate(time.Second).Equal(second) &&
			j.Into().BoxUser == w.job.Into().BoxUser && j.Into().Folder == w.job.Into().Folder &&
			(j.Target == folder || j.Target == "" && !j.Status.Final())
	}), nil
}

// unused reports whether what has the name is an empty folder, as an earlier
// invocation would have left it.
func (w *work) unused(ctx context.Context, there box.Item) (bool, error) {
	if there.Kind != backup.Folder {
		return false, nil
	}
	page, err := w.client.FolderItems(ctx, there.ID, "")
	return len(page.Entries) == 0, err
}
