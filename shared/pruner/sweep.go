package pruner

import (
	"context"
	"errors"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"coffer/shared/backup"
	"coffer/shared/task"
	"coffer/shared/vault"
)

// sweepNow notes that contents may have died, before they do.
func (v *pruning) sweepNow(ctx context.Context) error {
	if !v.task.SweepAt.After(v.started) {
		return nil
	}
	v.task.SweepAt = v.started
	return v.Tasks.Sweep(ctx, v.id.Account, v.id.Task, v.started)
}

// sweep removes contents that nothing needs, where it is time for that or one is
// under way. One that there is no time for goes on in the next invocation.
func (v *pruning) sweep(ctx context.Context) (err error) {
	m := mark{pruning: v, Mark: task.Mark{Started: v.started}}
	switch begun := v.task.Mark; {
	case begun != nil && v.started.Sub(begun.Started) < markAge:
		m.Mark = *begun
	case begun != nil:
		m.Saves = begun.Saves
	case v.task.SweepAt.After(v.started):
		return nil
	}
	if m.notes, err = newNotes(v.Dir); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.notes.close()) }()
	if err := m.note(ctx); err != nil {
		return faster(err)
	}
	for ; m.Swept < sections; m.Swept++ {
		if left(ctx) < handOver {
			return faster(m.leave(ctx))
		}
		if err := v.section(ctx, &m, byte(m.Swept)); err != nil { // #nosec G115 -- below 256
			return err
		}
	}
	next := v.started.Add(sweepAge)
	if m.Parts != nil && v.task.SweepAt.Before(next) { // something may have died since it began
		next = v.task.SweepAt
	}
	if again := v.started.Add(condemnedAge); m.Waiting && again.Before(next) {
		next = again
	}
	if err := v.Tasks.EndMark(ctx, v.id.Account, v.id.Task, m.Saves, next); err != nil {
		return faster(err)
	}
	v.task.SweepAt, v.task.Mark = next, nil
	return nil
}

// faster makes no error of what another invocation has done meanwhile.
func faster(err error) error {
	if backup.KindOf(err) == backup.Conflict {
		return nil
	}
	return err
}

// section sweeps the rows whose SHA-1 begins with a byte.
func (v *pruning) section(ctx context.Context, m *mark, first byte) error {
	needed, err := m.needed(ctx, first)
	if err != nil {
		return err
	}
	var condemn, rescue, remove []vault.Row
	err = v.Index.Section(ctx, v.id, first, func(r vault.Row) error {
		_, found := slices.BinarySearchFunc(needed, r.Content, compare)
		switch {
		case found && !r.Condemned.IsZero():
			rescue = append(rescue, r)
		case found:
		case r.Condemned.IsZero():
			condemn, m.Waiting = append(condemn, r), true
		case m.Started.Sub(r.Condemned) >= condemnedAge:
			remove = append(remove, r)
		default:
			m.Waiting = true
		}
		return nil
	})
	if err != nil {
		return err
	}
	var packs []string
	for _, r := range remove {
		for _, part := range r.Parts {
			packs = append(packs, part.Pack)
		}
	}
	slices.Sort(packs)
	if err := v.Index.Retire(ctx, v.id, slices.Compact(packs), v.Now()); err != nil {
		return err
	}
	removed, err := v.change(ctx, remove, func(ctx context.Context, r vault.Row) error { return v.Index.Remove(ctx, v.id, r) })
	v.done.Contents += removed
	if err != nil {
		return err
	}
	if _, err := v.change(ctx, rescue, func(ctx context.Context, r vault.Row) error { return v.Index.Rescue(ctx, v.id, r.Content) }); err != nil {
		return err
	}
	_, err = v.change(ctx, condemn, func(ctx context.Context, r vault.Row) error {
		return v.Index.Condemn(ctx, v.id, r.Content, v.started)
	})
	return err
}

// change changes rows and returns how many it changed. Somebody who was faster
// decides.
func (v *pruning) change(ctx context.Context, rows []vault.Row, do func(context.Context, vault.Row) error) (int, error) {
	var mu sync.Mutex
	changed := 0
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for _, r := range rows {
		group.Go(func() error {
			switch err := do(ctx, r); {
			case err == nil:
				mu.Lock()
				changed++
				mu.Unlock()
			case backup.KindOf(err) != backup.Conflict && backup.KindOf(err) != backup.NotFound:
				return err
			}
			return nil
		})
	}
	err := group.Wait()
	return changed, err
}
