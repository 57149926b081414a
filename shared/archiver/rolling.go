package archiver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
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
// of it is drift. It may take several invocations: which folders they are and
// what differed in them is kept in the draft.
func (r *run) reconcile(ctx context.Context) error {
	if r.listedAgain == nil {
		begun, err := r.beginReconciling(ctx)
		if err != nil || !begun {
			return err
		}
	}
	if err := r.suspect(ctx); err != nil {
		return err
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

// beginReconciling queues the folders, unless it was done with this draft or is
// not yet time.
func (r *run) beginReconciling(ctx context.Context) (bool, error) {
	at, err := r.when(ctx, stateReconciled)
	if err != nil || !at.IsZero() && !at.Before(r.user.LastBackup) {
		return false, err
	}
	now := r.Now()
	since := now.Sub(r.user.Reconciled)
	if r.user.Reconciled.IsZero() {
		since = day
	}
	if since < day {
		return false, nil
	}
	n, err := r.draft.Folders(ctx)
	if err != nil {
		return false, err
	}
	share := int64(math.Ceil(float64(n) * float64(min(since, round)) / float64(round)))
	stale, err := r.draft.Stale(ctx, now, share)
	if err != nil {
		return false, err
	}
	if err := r.draft.Enqueue(ctx, stale...); err != nil {
		return false, err
	}
	if err := r.remember(ctx, stateAgain, stale); err != nil {
		return false, err
	}
	if err := r.draft.SetState(ctx, stateReconciled, now.UTC().Format(time.RFC3339Nano)); err != nil {
		return false, err
	}
	r.listAgain(stale)
	return true, nil
}

func (r *run) listAgain(folders []string) {
	r.listedAgain = map[string]bool{}
	for _, folder := range folders {
		r.listedAgain[folder] = true
	}
}

// goOnReconciling takes up what an earlier invocation has begun. What it found
// missing has to be looked for again: it may not have come to that.
func (r *run) goOnReconciling(ctx context.Context) error {
	var folders []string
	var suspects []backup.ItemRef
	if found, err := r.remembered(ctx, stateAgain, &folders); err != nil || !found {
		return err
	}
	if _, err := r.remembered(ctx, stateSuspects, &suspects); err != nil {
		return err
	}
	r.listAgain(folders)
	for _, ref := range suspects {
		r.suspects[ref] = true
	}
	r.missed = append(r.missed, suspects...)
	return nil
}

// remember keeps a value in the draft's state.
func (r *run) remember(ctx context.Context, key string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("state %s: %w", key, err)
	}
	return r.draft.SetState(ctx, key, string(text))
}

// remembered reads what remember has kept, if it has.
func (r *run) remembered(ctx context.Context, key string, value any) (bool, error) {
	text, err := r.draft.State(ctx, key)
	if err != nil {
		return false, err
	}
	return decoded(key, text, value)
}

// recalled reads what the run of the latest snapshot has kept with remember, if
// it has.
func (r *run) recalled(ctx context.Context, key string, value any) (bool, error) {
	latest := r.user.LatestSealed()
	if latest == "" {
		return false, nil
	}
	text, err := r.catalog.State(ctx, latest, key)
	if err != nil {
		return false, err
	}
	return decoded(key, text, value)
}

func decoded(key, text string, value any) (bool, error) {
	if text == "" {
		return false, nil
	}
	if err := json.Unmarshal([]byte(text), value); err != nil {
		return false, fmt.Errorf("state %s: %w", key, err)
	}
	return true, nil
}

// compare notes what a folder that is listed again has different from the draft.
func (r *run) compare(ctx context.Context, folder string, items []catalog.Item) error {
	if !r.listedAgain[folder] {
		return nil
	}
	var differs []backup.ItemRef
	for i := range items {
		known, err := r.draft.Item(ctx, items[i].ItemRef)
		if err != nil && backup.KindOf(err) != backup.NotFound {
			return err
		}
		if err != nil || !alike(&known, &items[i]) {
			differs = append(differs, items[i].ItemRef)
		}
	}
	if len(differs) == 0 {
		return nil
	}
	return r.suspect(ctx, differs...)
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

// miss notes what a listing did not show any more. The draft lacks it already,
// so this must not be cut off.
func (r *run) miss(ctx context.Context, folder string, refs []backup.ItemRef) error {
	if len(refs) == 0 {
		return nil
	}
	r.missedMu.Lock()
	r.missed = append(r.missed, refs...)
	r.missedMu.Unlock()
	if !r.listedAgain[folder] {
		return nil
	}
	return r.suspect(context.WithoutCancel(ctx), refs...)
}

// keepMissed notes in the draft what is still to be looked for.
func (r *run) keepMissed(ctx context.Context) error {
	r.missedMu.Lock()
	defer r.missedMu.Unlock()
	return r.remember(ctx, stateMissed, slices.Concat(r.seeking, r.missed))
}

// suspect notes more of what may be drift, and no more of what events told.
func (r *run) suspect(ctx context.Context, refs ...backup.ItemRef) error {
	r.missedMu.Lock()
	defer r.missedMu.Unlock()
	for _, ref := range refs {
		r.suspects[ref] = true
	}
	maps.DeleteFunc(r.suspects, func(ref backup.ItemRef, _ bool) bool { return r.marks[ref] != nil })
	return r.remember(ctx, stateSuspects, slices.Collect(maps.Keys(r.suspects)))
}

// countDrift counts what was found different and what neither the run's hints
// nor the change stream tell of, which is read again up to now: people go on
// working while folders are listed.
func (r *run) countDrift(ctx context.Context) error {
	if len(r.suspects) > 0 {
		position, err := r.draft.State(ctx, statePosition)
		if err != nil {
			return err
		}
		since := dirty{}
		if _, err := r.readChanges(ctx, position, since); err != nil && !errors.Is(err, errNoStream) {
			return err
		}
		maps.DeleteFunc(r.suspects, func(ref backup.ItemRef, _ bool) bool { return since[ref] != nil })
	}
	var drift int
	if _, err := r.remembered(ctx, stateDrift, &drift); err != nil { // of an earlier run, which was not sealed
		return err
	}
	drift += len(r.suspects)
	r.listedAgain, r.suspects = nil, map[backup.ItemRef]bool{}
	ctx = context.WithoutCancel(ctx) // all of it or nothing
	return errors.Join(r.remember(ctx, stateDrift, drift), r.draft.SetState(ctx, stateAgain, ""), r.draft.SetState(ctx, stateSuspects, ""))
}
