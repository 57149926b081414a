package pruner

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"coffer/shared/backup"
	"coffer/shared/task"
	"coffer/shared/vault"
)

// readers is how many catalogs are read at once.
const readers = 4

// sweepNow notes that contents may have died, before they do.
func (v *pruning) sweepNow(ctx context.Context) error {
	if !v.task.SweepAt.After(v.started) {
		return nil
	}
	v.task.SweepAt = v.started
	return v.Tasks.Sweep(ctx, v.id.Account, v.id.Task, v.started)
}

// sweep removes contents that nothing needs, where it is time for that. One that
// was cut off begins anew the next day, with other contents first.
func (v *pruning) sweep(ctx context.Context) (err error) {
	if v.task.SweepAt.After(v.started) {
		return nil
	}
	n, err := newNotes(v.Dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.close()) }()
	if err := v.note(ctx, n); err != nil {
		return fmt.Errorf("note what catalogs rely on: %w", err)
	}
	next := v.started.Add(sweepAge)
	begin := rand.IntN(256) // #nosec G404 -- no secret
	for i := range 256 {
		if late(ctx) {
			return errLate
		}
		first := byte((begin + i) % 256) // #nosec G115 -- below 256
		waiting, err := v.section(ctx, n, first)
		if err != nil {
			return err
		}
		if waiting {
			next = v.started.Add(condemnedAge)
		}
	}
	v.task.SweepAt = next
	return v.Tasks.Sweep(ctx, v.id.Account, v.id.Task, next)
}

// note writes down what every catalog and checkpoint of the task relies on.
func (v *pruning) note(ctx context.Context, n *notes) error {
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(readers)
	for u, err := range v.Tasks.BoxUsers(gctx, v.id.Account, v.id.Task) {
		if err == nil && late(ctx) {
			err = errLate
		}
		if err == nil && (len(u.Catalog) > 0 || len(u.Checkpoint) > 0) {
			_, err = v.vault(gctx)
		}
		if err != nil {
			return errors.Join(err, group.Wait())
		}
		if u.Purging { // there is nothing to read any more
			continue
		}
		group.Go(func() error { return v.noteUser(gctx, n, u) })
	}
	return group.Wait()
}

func (v *pruning) noteUser(ctx context.Context, n *notes, u task.BoxUser) error {
	for i, pointer := range [][]byte{u.Catalog, u.Checkpoint} {
		if len(pointer) == 0 {
			continue
		}
		path := filepath.Join(n.dir, fmt.Sprintf("catalog-%s-%d", u.ID, i))
		c, err := v.fetch(ctx, pointer, path)
		if err == nil {
			err = errors.Join(c.Relied(ctx, n.add), c.Close())
		}
		if err := errors.Join(err, os.RemoveAll(path)); err != nil {
			return fmt.Errorf("catalog of Box user %s: %w", u.ID, err)
		}
	}
	return nil
}

// section sweeps the rows whose SHA-1 begins with a byte, and reports whether
// some are condemned that cannot be removed yet.
func (v *pruning) section(ctx context.Context, n *notes, first byte) (waiting bool, err error) {
	needed, err := n.read(first)
	if err != nil {
		return false, err
	}
	var condemn, rescue, remove []vault.Row
	err = v.Index.Section(ctx, v.id, first, func(r vault.Row) error {
		_, found := slices.BinarySearchFunc(needed, r.Content, compare)
		switch {
		case found && !r.Condemned.IsZero():
			rescue = append(rescue, r)
		case found:
		case r.Condemned.IsZero():
			condemn, waiting = append(condemn, r), true
		case v.started.Sub(r.Condemned) >= condemnedAge:
			remove = append(remove, r)
		default:
			waiting = true
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	var packs []string
	for _, r := range remove {
		for _, part := range r.Parts {
			packs = append(packs, part.Pack)
		}
	}
	slices.Sort(packs)
	if err := v.Index.Retire(ctx, v.id, slices.Compact(packs), v.Now()); err != nil {
		return false, err
	}
	removed, err := v.each(ctx, remove, func(ctx context.Context, r vault.Row) error { return v.Index.Remove(ctx, v.id, r) })
	v.done.Contents += removed
	if err != nil {
		return false, err
	}
	if _, err := v.each(ctx, rescue, func(ctx context.Context, r vault.Row) error { return v.Index.Rescue(ctx, v.id, r.Content) }); err != nil {
		return false, err
	}
	_, err = v.each(ctx, condemn, func(ctx context.Context, r vault.Row) error {
		return v.Index.Condemn(ctx, v.id, r.Content, v.Now())
	})
	return waiting, err
}

// each changes rows and returns how many it changed. Somebody who was faster
// decides.
func (v *pruning) each(ctx context.Context, rows []vault.Row, change func(context.Context, vault.Row) error) (int, error) {
	var mu sync.Mutex
	changed := 0
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for _, r := range rows {
		group.Go(func() error {
			switch err := change(ctx, r); {
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
