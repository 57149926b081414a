package pruner

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"coffer/shared/backup"
	"coffer/shared/catalog"
	"coffer/shared/snapshot"
	"coffer/shared/task"
	"coffer/shared/vault"
)

// expire removes the Box user's expired snapshots.
func (v *pruning) expire(ctx context.Context, u task.BoxUser) error {
	from := v.task.Expired(v.started)
	if from.IsZero() || u.Held != "" || !u.Alive() || u.RunID != "" || len(u.Catalog) == 0 {
		return nil
	}
	old, err := collect(v.Snapshots.Before(ctx, u.Account, u.Task, u.ID, from))
	if err != nil || len(old) == 0 {
		return err
	}
	all, err := collect(v.Snapshots.All(ctx, u.Account, u.Task, u.ID))
	if err != nil {
		return err
	}
	gone, kept := snapshot.Expired(all, from)
	if len(gone) > 0 {
		gone, kept, err = v.spare(ctx, gone, kept)
	}
	if err != nil || len(gone) == 0 {
		return err
	}
	keep := map[backup.SnapshotID]bool{}
	for _, s := range kept {
		keep[s.Sealed()] = true
	}
	if slices.ContainsFunc(gone, func(s snapshot.Snapshot) bool { return !keep[s.Sealed()] }) {
		err = v.rewrite(ctx, u, keep, gone)
	} else {
		err = v.Snapshots.Expire(ctx, gone) // all equal one that stays
	}
	if err == nil {
		v.done.Snapshots += len(gone)
	}
	return err
}

// spare keeps, of what is to go, the snapshots that a job which has not ended is
// for: a restore may take days, and opens the catalog anew in each invocation.
func (v *pruning) spare(ctx context.Context, gone, kept []snapshot.Snapshot) ([]snapshot.Snapshot, []snapshot.Snapshot, error) {
	if v.wanted == nil {
		jobs, err := v.Jobs.Of(ctx, v.id.Account, v.id.Task, "")
		if err != nil {
			return nil, nil, err
		}
		v.wanted = map[wanted]bool{}
		for _, j := range jobs {
			if !j.Status.Final() {
				v.wanted[wanted{j.BoxUser, j.Snapshot}] = true
			}
		}
	}
	gone = slices.DeleteFunc(gone, func(s snapshot.Snapshot) bool {
		stays := v.wanted[wanted{s.BoxUser, s.ID}]
		if stays {
			kept = append(kept, s)
		}
		return stays
	})
	return gone, kept, nil
}

// wanted is a snapshot of a Box user that a job is for.
type wanted struct {
	user backup.BoxUserID
	shot backup.SnapshotID
}

// rewrite stores the Box user's catalog without what it need not keep, and makes
// it the current one with the end of the snapshots.
func (v *pruning) rewrite(ctx context.Context, u task.BoxUser, keep map[backup.SnapshotID]bool, gone []snapshot.Snapshot) (err error) {
	dir, err := os.MkdirTemp(v.Dir, "expire-")
	if err != nil {
		return fmt.Errorf("temporary folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	opened, err := v.vault(ctx)
	if err != nil {
		return err
	}
	c, err := v.fetch(ctx, u, u.Catalog, filepath.Join(dir, "catalog"))
	if err != nil {
		return err
	}
	_, err = c.Expire(ctx, func(id backup.SnapshotID) bool { return keep[id] })
	if err == nil {
		err = c.Checkpoint(ctx, filepath.Join(dir, "rewritten"))
	}
	if err := errors.Join(err, c.Close()); err != nil {
		return err
	}
	f, err := os.Open(filepath.Join(dir, "rewritten"))
	if err != nil {
		return fmt.Errorf("rewritten catalog: %w", err)
	}
	defer f.Close() // only read
	sealed, err := opened.PutCatalog(ctx, u.ID, "expired-"+backup.NewSortableID(v.Now()), f)
	if err != nil {
		return err
	}
	pointer, err := json.Marshal(sealed)
	if err != nil {
		return fmt.Errorf("pointer: %w", err)
	}
	if err := v.sweepNow(ctx); err != nil {
		return err
	}
	return v.Snapshots.Expire(ctx, gone, v.Tasks.Expired(u, pointer))
}

// lostError says that a Box user's catalog cannot be read any more, which
// verification has told already.
type lostError struct{ user task.BoxUser }

// Error implements error.
func (e *lostError) Error() string { return fmt.Sprintf("catalog of Box user %s is lost", e.user.ID) }

// failing notes why something was not done: what is lost for good is told in the
// activity, all else fails the message.
func (v *pruning) failing(err error) {
	if lost, ok := errors.AsType[*lostError](err); ok {
		v.lost = &lost.user
		return
	}
	v.failed = append(v.failed, err)
}

// fetch opens a copy of the catalog that a Box user's pointer names.
func (v *pruning) fetch(ctx context.Context, u task.BoxUser, pointer []byte, path string) (*catalog.Catalog, error) {
	var sealed vault.Sealed
	if err := json.Unmarshal(pointer, &sealed); err != nil {
		return nil, fmt.Errorf("pointer: %w", err)
	}
	opened, err := v.vault(ctx)
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("copy of the catalog: %w", err)
	}
	err = errors.Join(opened.GetCatalog(ctx, sealed, f), f.Close())
	if errors.Is(err, vault.ErrDamaged) && u.Damage != "" {
		return nil, &lostError{u}
	}
	if err != nil {
		return nil, err
	}
	return catalog.Open(ctx, path)
}

func collect(all func(func(snapshot.Snapshot, error) bool)) (list []snapshot.Snapshot, err error) {
	for s, err := range all {
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, nil
}
