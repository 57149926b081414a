package restorer

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"coffer/shared/backup"
	"coffer/shared/catalog"
	"coffer/shared/job"
)

const (
	batchSize = 24 // items whose intents and outcomes are written together
	workers   = 8
	// maxWaiting is how many items in a row may meet passing troubles before
	// the job itself waits for better times.
	maxWaiting = 10
	// patience is how often the job is taken up for items that meet passing
	// troubles while nothing else is left to do.
	patience = 3
)

// pass restores the job's items of one kind, folders before what is in them.
func (w *work) pass(ctx context.Context, kind backup.ItemKind) error {
	var items []catalog.Item
	flush := func() error {
		err := w.batch(ctx, items)
		items = items[:0]
		return err
	}
	for _, from := range w.roots {
		err := w.catalog.Walk(ctx, w.job.Sealed(), from, func(it catalog.Item) error {
			if it.Kind != kind || w.isFinished(it.ItemRef) {
				return nil
			}
			holds := func(f catalog.Item) bool { return f.Kind == backup.Folder && f.ID == it.Parent }
			if len(items) == batchSize || slices.ContainsFunc(items, holds) {
				if err := flush(); err != nil {
					return err
				}
			}
			items = append(items, it)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return flush()
}

// batch restores items that do not depend on each other: notes the intents,
// works on several at a time, then one by one on those whose names are taken by
// others of the job, and notes the outcomes.
func (w *work) batch(ctx context.Context, items []catalog.Item) error {
	if len(items) == 0 {
		return nil
	}
	intents := make([]job.Entry, len(items))
	for i := range items {
		intents[i] = w.entry(&items[i])
	}
	if err := w.Jobs.Record(ctx, w.state(), intents...); err != nil {
		return err
	}
	w.takeOff(intents)
	defer w.land()
	results := make([]result, len(items))
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(workers)
	for i := range items {
		group.Go(func() error {
			results[i] = w.try(gctx, &items[i], false)
			if results[i].ended {
				w.flies(results[i].entry)
			}
			return results[i].stop
		})
	}
	stop := group.Wait()
	for i := range results {
		if stop == nil && results[i].aside {
			results[i] = w.try(ctx, &items[i], true)
			stop = results[i].stop
		}
	}
	for i := range results {
		if stop == nil && results[i].tired {
			results[i].ended = true
		}
	}
	return errors.Join(stop, w.record(ctx, results))
}

// takeOff shows items as being worked on, with nothing of them sent yet.
func (w *work) takeOff(intents []job.Entry) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range intents {
		e.Size = 0
		w.flight[e.Ref] = e
	}
}

// land ends that for all of them.
func (w *work) land() {
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.flight)
}

// entry is the ledger's line of an item that is about to be restored.
func (w *work) entry(it *catalog.Item) job.Entry {
	e := job.Entry{Ref: it.ItemRef, Name: it.Name, Size: it.Content.Size, Outcome: job.Intended}
	w.mu.Lock()
	defer w.mu.Unlock()
	e.Session = w.begun[it.ItemRef].Session
	return e
}

// result is how the work on one item went. Where nothing is set, the item is
// left for later.
type result struct {
	entry job.Entry
	ended bool
	tired bool  // ended, unless it turns out that nothing works at the moment
	aside bool  // an item that is to go elsewhere has the name; try again alone
	stop  error // the whole job has to stop
}

// try restores one item. Alone, no other item of the job is worked on.
func (w *work) try(ctx context.Context, it *catalog.Item, alone bool) result {
	e := w.entry(it)
	parent, ok := w.place(it.Parent)
	switch {
	case it.State == catalog.Reference:
		e.Outcome, e.Reason = job.Kept, "It belongs to another Box user and is in that user's backup."
	case it.ID == catalog.Trash && w.job.Mode != backup.NonDestructive:
		e.Outcome, e.BoxID = job.Kept, backup.RootFolder
	case it.State == catalog.Absent && it.Parent == catalog.Trash:
		e.Outcome, e.Reason = job.Refused, "It was in the trash, and Box hands out no content from there. An earlier snapshot may have it."
	case it.State == catalog.Absent:
		e.Outcome, e.Reason = job.Refused, "Its content could not be backed up, so this snapshot has nothing to restore. An earlier one may have it."
	case !ok && w.isFinished(backup.ItemRef{Kind: backup.Folder, ID: it.Parent}):
		e.Outcome, e.Reason = job.Refused, "The folder that it belongs into could not be restored. See that folder's line for why."
	case !ok:
		return result{} // the folder is left for later
	default:
		p := piece{work: w, item: it, parent: parent, alone: alone, entry: &e}
		_, p.begun = w.begun[it.ItemRef]
		if err := p.restore(ctx); err != nil {
			return w.judge(ctx, e, err)
		}
		if it.State == catalog.Earlier && e.Reason == "" && e.Outcome != job.Kept {
			e.Reason = "Its content is that of an earlier version: the latest could not be backed up."
		}
	}
	return result{entry: e, ended: true}
}

// judge says what an error means for the item and for the job.
func (w *work) judge(ctx context.Context, e job.Entry, err error) result {
	switch {
	case errors.Is(err, errAside):
		return result{aside: true}
	case ctx.Err() != nil:
		return result{stop: context.Cause(ctx)}
	case ends(err):
		return result{stop: err}
	}
	e.Outcome, e.Reason = job.Refused, reasonFor(err)
	if e.Reason == "" {
		return w.wait(e, err)
	}
	return result{entry: e, ended: true}
}

// wait leaves an item that met a passing trouble for later, and the whole job
// where many in a row do. An item that alone keeps failing is given up.
func (w *work) wait(e job.Entry, err error) result {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.row++; w.row >= maxWaiting && w.job.Attempts < maxAttempts {
		return result{stop: fmt.Errorf("%w, %d in a row, the last: %w", errTroubles, w.row, err)}
	}
	if w.job.Attempts < patience {
		w.waiting++
		return result{}
	}
	e.Reason = "Box or the storage could not be used for it, several times. Restore it again later."
	return result{entry: e, tired: true}
}

// record notes what became of items. It does so although the work has to stop:
// what was done is done.
func (w *work) record(ctx context.Context, results []result) error {
	var entries []job.Entry
	for _, r := range results {
		if r.ended {
			entries = append(entries, r.entry)
		}
	}
	if len(entries) == 0 {
		return nil
	}
	if err := w.Jobs.Record(context.WithoutCancel(ctx), w.state(), entries...); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range entries {
		w.count(e)
		if e.Outcome != job.Refused {
			w.row, w.job.Attempts = 0, 0 // the job gets on
		}
	}
	return nil
}
