package pruner

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"coffer/shared/backup"
	"coffer/shared/vault"
)

// rewritten is how many packs are rewritten in one invocation, which holds their
// rows in memory.
const rewritten = 500

// object is an object that may be removed.
type object struct {
	key  string
	size int64
}

// packed is a pack, and what rows say of it.
type packed struct {
	object
	sections int
	living   int64
	whole    bool // it is not to be rewritten
}

// prunePacks removes packs that nothing names and rewrites those that are
// mostly empty.
func (v *pruning) prunePacks(ctx context.Context) error {
	old := map[string]*packed{} // by the pack's name
	err := v.Objects.List(ctx, v.id.Packs(), func(key string, size int64, modified time.Time) error {
		if name, ok := v.id.PackName(key); ok && v.started.Sub(modified) > orphanAge {
			old[name] = &packed{object: object{key, size}}
		}
		return nil
	})
	if err != nil {
		return err
	}
	rows := 0
	if len(old) > 0 {
		if rows, err = v.count(ctx, old); err != nil {
			return err
		}
	}
	retired, err := v.Index.Retired(ctx, v.id)
	if err != nil {
		return err
	}
	var orphans []object
	var forget []string
	for name, p := range old {
		at, known := retired[name]
		switch {
		case p.sections > 0, known && v.started.Sub(at) < retiredAge:
		case rows == 0 && !known:
			slog.WarnContext(ctx, "vault has a pack and no index", "account", v.id.Account, "task", v.id.Task, "pack", name)
		default:
			orphans = append(orphans, p.object)
			if known {
				forget = append(forget, name)
			}
		}
	}
	if err := v.remove(ctx, orphans, &v.done.Packs); err != nil {
		return err
	}
	for name, at := range retired { // of a removal that was cut off here
		if old[name] == nil && v.started.Sub(at) >= retiredAge {
			forget = append(forget, name)
		}
	}
	if err := v.Index.Forget(ctx, v.id, forget); err != nil {
		return err
	}
	return v.compact(ctx, old)
}

// count adds up what rows and progress records say of packs, and drops the
// records that nobody continues. It returns how many there are.
func (v *pruning) count(ctx context.Context, packs map[string]*packed) (rows int, err error) {
	var stale []vault.Progress
	used := func(r vault.Row, whole bool) error {
		rows++
		for _, part := range r.Parts {
			if p := packs[part.Pack]; p != nil {
				p.sections++
				p.living += part.Length
				p.whole = p.whole || whole
			}
		}
		return nil
	}
	err = v.Index.Walk(ctx, v.id, func(r vault.Row) error { return used(r, len(r.Parts) > 1) }, func(p vault.Progress) error {
		if v.started.Sub(p.Updated) > progressAge {
			stale = append(stale, p)
		}
		return used(p.Row, true)
	})
	if err != nil {
		return 0, err
	}
	for _, p := range stale {
		if err := v.Index.DropProgress(ctx, v.id, p); err != nil && backup.KindOf(err) != backup.Conflict {
			return 0, err
		}
	}
	return rows, nil
}

// compact rewrites packs of which less than half is living.
func (v *pruning) compact(ctx context.Context, packs map[string]*packed) error {
	sparse := map[string]bool{}
	for name, p := range packs {
		if p.sections > 0 && !p.whole && 2*p.living < vault.Sections(p.size, p.sections) && len(sparse) < rewritten {
			sparse[name] = true
		}
	}
	if len(sparse) == 0 {
		return nil
	}
	var rows []vault.Row
	err := v.Index.Walk(ctx, v.id, func(r vault.Row) error {
		if len(r.Parts) == 1 && sparse[r.Parts[0].Pack] {
			rows = append(rows, r)
		}
		return nil
	}, func(vault.Progress) error { return nil })
	if err != nil {
		return err
	}
	opened, err := v.vault(ctx)
	if err != nil {
		return err
	}
	const batch = 20_000
	for len(rows) > 0 {
		if late(ctx) {
			return errLate
		}
		some := rows[:min(batch, len(rows))]
		rows = rows[len(some):]
		moved, err := opened.Compact(ctx, some, v.Now())
		v.done.Moved += moved
		switch {
		case errors.Is(err, vault.ErrDamaged): // is told, and left for a person
			v.failed = append(v.failed, err)
		case err != nil:
			return err
		}
	}
	if len(sparse) == rewritten {
		return errLate // there may be more
	}
	return nil
}

// remove deletes objects and counts them.
func (v *pruning) remove(ctx context.Context, objects []object, count *int) error {
	done := make([]bool, len(objects))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for i, o := range objects {
		group.Go(func() error {
			err := v.Objects.Delete(ctx, o.key)
			done[i] = err == nil
			return err
		})
	}
	err := group.Wait()
	for i, o := range objects {
		if done[i] {
			*count++
			v.done.Bytes += o.size
		}
	}
	return err
}
