package restorer

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/catalog"
	"coffer/shared/job"
	"coffer/shared/task"
	"coffer/shared/vault"
)

// maxMargin is the time before the deadline that is kept for saving.
const maxMargin = 75 * time.Second

var root = backup.ItemRef{Kind: backup.Folder, ID: backup.RootFolder}

// work is one invocation's work on one job.
type work struct {
	*Restorer
	user    backup.BoxUserID
	client  *box.Client // acts as the Box user
	vault   *vault.Vault
	catalog *catalog.Catalog
	roots   []backup.ItemRef // what the job is for; none is below another
	list    listings
	large   sync.Mutex // held for the one large upload at a time

	mu       sync.Mutex
	job      job.Job
	finished map[backup.ItemRef]bool
	begun    map[backup.ItemRef]job.Entry // intended by an earlier invocation
	places   map[string]string            // folders: id in the snapshot to id at Box
	waiting  int                          // items left for better times
	row      int                          // of them, without a success in between
}

// open gets at the snapshot of a leased job.
func (r *Restorer) open(ctx context.Context, t task.Task, user task.BoxUser, j job.Job) (*work, error) {
	v, err := r.Shelf.Vault(ctx, t)
	if err != nil {
		return nil, fmt.Errorf("vault of task %s: %w", t.ID, err)
	}
	c, err := r.Shelf.Open(ctx, t, user)
	if err != nil {
		return nil, err
	}
	client := r.Connections.Client(t.Account, t.ID).As(user.ID)
	return &work{
		Restorer: r, user: user.ID, client: client, vault: v, catalog: c, job: j, list: listings{client: client},
		finished: map[backup.ItemRef]bool{}, begun: map[backup.ItemRef]job.Entry{}, places: map[string]string{},
	}, nil
}

func (w *work) close() error { return w.catalog.Close() }

// state is the job with its counters.
func (w *work) state() job.Job {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.job
}

// run works until every item is dealt with or a cause to stop comes up.
func (w *work) run(ctx context.Context) error {
	work, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	if deadline, ok := ctx.Deadline(); ok {
		margin := min(maxMargin, time.Until(deadline)/4)
		timer := time.AfterFunc(time.Until(deadline)-margin, func() { stop(errDeadline) })
		defer timer.Stop()
	}
	beating := make(chan struct{})
	go func() {
		defer close(beating)
		w.beat(work, stop)
	}()
	err := w.restore(work)
	cause := context.Cause(work)
	stop(nil)
	<-beating
	if err != nil && cause != nil {
		return errors.Join(cause, err)
	}
	return err
}

// beat renews the lease and reports the counters until ctx ends, and ends it
// where the lease is lost or someone asked to stop.
func (w *work) beat(ctx context.Context, stop context.CancelCauseFunc) {
	ticker := time.NewTicker(w.Beat)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		row, err := w.Jobs.Renew(ctx, w.state())
		switch {
		case ctx.Err() != nil:
			return
		case backup.KindOf(err) == backup.Conflict:
			stop(errLost)
		case err == nil && row.Cancel:
			stop(errCanceled)
		}
	}
}

// restore does the whole job: folders, then files, then web links.
func (w *work) restore(ctx context.Context) error {
	if w.job.Cancel {
		return errCanceled
	}
	if err := w.resume(ctx); err != nil {
		return err
	}
	if err := w.plan(ctx); err != nil {
		return err
	}
	if err := w.prepare(ctx); err != nil {
		return err
	}
	for _, kind := range []backup.ItemKind{backup.Folder, backup.File, backup.WebLink} {
		if err := w.pass(ctx, kind); err != nil {
			return err
		}
	}
	if w.waiting > 0 {
		return errTroubles
	}
	return nil
}

// resume takes over what the ledger says of earlier invocations.
func (w *work) resume(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.job.Done, w.job.Skipped, w.job.Failed, w.job.Bytes = 0, 0, 0, 0
	for e, err := range w.Jobs.Ledger(ctx, w.job.Account, w.job.ID) {
		if err != nil {
			return err
		}
		if e.Outcome == job.Intended {
			w.begun[e.Ref] = e
		} else {
			w.count(e)
		}
	}
	return nil
}

// count adds a finished item to the job's counters.
func (w *work) count(e job.Entry) {
	w.finished[e.Ref] = true
	if e.Ref.Kind == backup.Folder && e.BoxID != "" {
		w.places[e.Ref.ID] = e.BoxID
	}
	switch e.Outcome {
	case job.Created, job.Replaced:
		w.job.Done++
		w.job.Bytes += e.Size
	case job.Kept:
		w.job.Skipped++
	case job.Refused:
		w.job.Failed++
	}
}

func (w *work) isFinished(ref backup.ItemRef) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.finished[ref]
}

// place returns where a folder of the snapshot is at Box.
func (w *work) place(folder string) (string, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	id, ok := w.places[folder]
	return id, ok
}

func (w *work) setPlace(folder, id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.places[folder] = id
}
