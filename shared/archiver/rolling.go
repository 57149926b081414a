package archiver

import (
	"context"
	"math"
	"slices"
	"time"

	"coffer/shared/backup"
	"coffer/shared/catalog"
)

const (
	// round is the time within which every folder is listed again.
	round = 28 * 24 * time.Hour
	// day is the least time between two listings of a share.
	day = 24 * time.Hour
)

// noSlot is that of runs that are not for a scheduled time.
var noSlot time.Time

// reconcile lists those folders again that were listed longest ago: as many as
// make the whole round in 28 days. What it finds different though nothing told
// of it is drift.
func (r *run) reconcile(ctx context.Context) error {
	at, err := r.when(ctx, stateReconciled)
	if err != nil || !at.IsZero() && !at.Before(r.user.LastBackup) {
		return err // an earlier invocation of this run has
	}
	now := r.Now()
	since := now.Sub(r.user.Reconciled)
	if r.user.Reconciled.IsZero() {
		since = day
	}
	if since < day {
		return nil
	}
	n, err := r.draft.Folders(ctx)
	if err != nil {
		return err
	}
	share := int64(math.Ceil(float64(n) * float64(min(since, round)) / float64(round)))
	stale, err := r.draft.Stale(ctx, now, share)
	if err != nil {
		return err
	}
	if err := r.draft.Enqueue(ctx, stale...); err != nil {
		return err
	}
	if err := r.draft.SetState(ctx, stateReconciled, now.UTC().Format(time.RFC3339Nano)); err != nil {
		return err
	}
	r.listedAgain = map[string]bool{}
	for _, folder := range stale {
		r.listedAgain[folder] = true
	}
	if err := r.crawl(ctx, false); err != nil {
		return err
	}
	if err := r.confirm(ctx, r.marks, nil); err != nil {
		return err
	}
	if err := r.settle(ctx); err != nil {
		return err
	}
	return r.countDrift(ctx)
}

// compare notes what a folder that is listed again has different from the draft.
func (r *run) compare(ctx context.Context, folder string, items []catalog.Item) error {
	if !r.listedAgain[folder] {
		return nil
	}
	for i := range items {
		known, err := r.draft.Item(ctx, items[i].ItemRef)
		if err != nil && backup.KindOf(err) != backup.NotFound {
			return err
		}
		if err != nil || !alike(&known, &items[i]) {
			r.suspect(items[i].ItemRef)
		}
	}
	return nil
}

// alike reports whether two items are the same to a person: what else Box says
// changes without events.
func alike(a, b *catalog.Item) bool {
	state := a.State
	if state != catalog.Reference {
		state = catalog.Complete
	}
	same := a.Parent == b.Parent && a.Name == b.Name && a.Description == b.Description && a.URL == b.URL && state == b.State && slices.Equal(a.Tags, b.Tags)
	return same && (a.State == catalog.Earlier || a.State == catalog.Absent || a.Content == b.Content && a.VersionID == b.VersionID)
}

// miss notes what a listing did not show any more.
func (r *run) miss(folder string, refs []backup.ItemRef) {
	r.missedMu.Lock()
	r.missed = append(r.missed, refs...)
	r.missedMu.Unlock()
	if r.listedAgain[folder] {
		for _, ref := range refs {
			r.suspect(ref)
		}
	}
}

func (r *run) suspect(ref backup.ItemRef) {
	r.missedMu.Lock()
	defer r.missedMu.Unlock()
	r.suspects[ref] = true
}

// countDrift counts what was found different and what neither the run's hints
// nor the change stream tell of, which is read again up to now: people go on
// working while folders are listed.
func (r *run) countDrift(ctx context.Context) error {
	if len(r.suspects) == 0 {
		return nil
	}
	position, err := r.draft.State(ctx, statePosition)
	if err != nil {
		return err
	}
	since := dirty{}
	if _, err := r.readChanges(ctx, position, since); err != nil {
		return err
	}
	for ref := range r.suspects {
		if r.marks[ref] == nil && since[ref] == nil {
			r.drift++
		}
	}
	return nil
}
