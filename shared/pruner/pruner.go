// Package pruner removes from the vaults what nothing refers to any more. It
// alone deletes there.
//
// A pack is an orphan when a run was cut off after storing it and before
// writing its rows, or when another run has stored the same contents. It goes
// when it is a day old and neither a row nor a progress record names it. What
// is younger may belong to a run that goes on; no function lives for a day. So
// that nothing slips through in between, packs are listed before rows are read.
//
// A progress record that nobody has continued for a week is dropped, and its
// packs go a day later, when nobody can hold the record in memory any more.
//
// A catalog goes when it is a day old and its Box user's row names another one,
// since an hour at least: whoever read the row before has its catalog by then.
//
// A vault whose index is empty while it has packs is left alone: more likely
// the index was lost than every run cut off, and packs can still be rescued.
package pruner

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/task"
	"coffer/shared/vault"
)

const (
	orphanAge   = 24 * time.Hour
	progressAge = 7 * 24 * time.Hour
	readerAge   = time.Hour
	reserve     = time.Minute // left for the end of an invocation
	parallel    = 8           // deletions at once
)

// Pruner removes what nothing refers to.
type Pruner struct {
	Tasks   *task.Table
	Objects vault.Objects
	Index   vault.Index
	Audit   *audit.Table
	Now     func() time.Time
}

// Report is what a run of the pruner did.
type Report struct {
	Vaults   int // looked at
	Failed   int // of these
	Left     int // not looked at, for lack of time
	Packs    int // removed
	Bytes    int64
	Catalogs int // removed
}

// Prune looks at every vault, in an order that differs from day to day, until
// a minute before the context's deadline. What fails in one vault does not keep
// it from the others. It is safe to run twice, also at the same time.
func (p *Pruner) Prune(ctx context.Context) (Report, error) {
	var tasks []task.Task
	err := p.Tasks.All(ctx, func(t task.Task) error {
		tasks = append(tasks, task.Task{Account: t.Account, ID: t.ID, Name: t.Name})
		return nil
	})
	if err != nil {
		return Report{}, err
	}
	rand.Shuffle(len(tasks), func(i, j int) { tasks[i], tasks[j] = tasks[j], tasks[i] }) // #nosec G404 -- no secret
	var report Report
	var failed []error
	for i, t := range tasks {
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < reserve {
			report.Left = len(tasks) - i
			break
		}
		v := &pruning{Pruner: p, id: vault.ID{Account: t.Account, Task: t.ID}, task: t, started: p.Now()}
		report.Vaults++
		if err := v.prune(ctx); err != nil {
			report.Failed++
			failed = append(failed, fmt.Errorf("prune vault of task %s: %w", t.ID, err))
		}
		report.Packs += v.packs
		report.Bytes += v.bytes
		report.Catalogs += v.catalogs
	}
	return report, errors.Join(failed...)
}

// pruning is the pruning of one vault.
type pruning struct {
	*Pruner
	id      vault.ID
	task    task.Task
	started time.Time

	mu       sync.Mutex
	packs    int
	catalogs int
	bytes    int64
}

// prune removes from one vault, and tells of it in the activity even where it
// could not do all.
func (v *pruning) prune(ctx context.Context) error {
	err := errors.Join(v.prunePacks(ctx), v.pruneCatalogs(ctx))
	if v.packs+v.catalogs == 0 {
		return err
	}
	status := audit.Succeeded
	if err != nil {
		status = audit.Partial
	}
	now := v.Now()
	return errors.Join(err, v.Audit.Add(ctx, audit.Activity{
		Account: v.id.Account, ID: audit.ID(now, "prune#"+string(v.id.Task)), At: now,
		Kind: audit.Prune, Status: status, Task: v.id.Task, TaskName: v.task.Name,
		Duration: now.Sub(v.started), Bytes: v.bytes, Records: int64(v.packs + v.catalogs),
		Description: fmt.Sprintf("Removed %d packs and %d catalogs that nothing referred to any more.", v.packs, v.catalogs),
	}))
}

// object is an object that may be removed.
type object struct {
	key  string
	size int64
}

func (v *pruning) prunePacks(ctx context.Context) error {
	old := map[string]object{} // by the pack's name
	err := v.Objects.List(ctx, v.id.Packs(), func(key string, size int64, modified time.Time) error {
		if name, ok := v.id.PackName(key); ok && v.started.Sub(modified) > orphanAge {
			old[name] = object{key, size}
		}
		return nil
	})
	if err != nil || len(old) == 0 {
		return err
	}
	rows, stale := 0, []vault.Progress(nil)
	used := func(r vault.Row) error {
		rows++
		for _, part := range r.Parts {
			delete(old, part.Pack)
		}
		return nil
	}
	err = v.Index.Walk(ctx, v.id, used, func(p vault.Progress) error {
		if v.started.Sub(p.Updated) > progressAge {
			stale = append(stale, p)
		}
		return used(p.Row)
	})
	if err != nil {
		return err
	}
	if rows == 0 {
		slog.WarnContext(ctx, "vault has packs and no index", "account", v.id.Account, "task", v.id.Task, "packs", len(old))
		return nil
	}
	for _, p := range stale {
		if err := v.Index.DropProgress(ctx, v.id, p); err != nil && backup.KindOf(err) != backup.Conflict {
			return err
		}
	}
	var orphans []object
	for _, o := range old {
		orphans = append(orphans, o)
	}
	return v.remove(ctx, orphans, &v.packs)
}

// remove deletes objects and counts them.
func (v *pruning) remove(ctx context.Context, objects []object, count *int) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for _, o := range objects {
		group.Go(func() error {
			if err := v.Objects.Delete(ctx, o.key); err != nil {
				return err
			}
			v.mu.Lock()
			defer v.mu.Unlock()
			*count++
			v.bytes += o.size
			return nil
		})
	}
	return group.Wait()
}
