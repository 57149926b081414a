package restorer

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/catalog"
	"coffer/shared/job"
	"coffer/shared/lease"
	"coffer/shared/task"
	"coffer/shared/vault"
)

var root = backup.ItemRef{Kind: backup.Folder, ID: backup.RootFolder}

// work is one invocation's work on one job.
type work struct {
	*Restorer
	user    backup.BoxUserID // into whose account items go
	client  *box.Client      // acts as that Box user
	vault   *vault.Vault
	catalog *catalog.Catalog
	roots   []backup.ItemRef // what the job is for; none is below another
	list    listings
	large   sync.Mutex // held for the one large upload at a time

	mu       sync.Mutex
	job      job.Job
	finished map[backup.ItemRef]bool
	begun    map[backup.ItemRef]job.Entry // intended by an earlier invocation
	flight   map[backup.ItemRef]job.Entry // being worked on: Intended with the bytes sent so far, or what became of them
	places   map[string]string            // folders: id in the snapshot to id at Box
	hidden   string                       // why who asked may not have it done any more
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
	to := j.Into().BoxUser
	client := r.Connections.Client(t.Account, t.ID).As(to)
	return &work{
		Restorer: r, user: to, client: client, vault: v, catalog: c, job: j, list: listings{client: client},
		finished: map[backup.ItemRef]bool{}, begun: map[backup.ItemRef]job.Entry{}, flight: map[backup.ItemRef]job.Entry{},
		places: map[string]string{},
	}, nil
}

func (w *work) close() error { return w.catalog.Close() }

// state is the job with its counters, what is under way included.
func (w *work) state() job.Job {
	w.mu.Lock()
	defer w.mu.Unlock()
	j := w.job
	for _, e := range w.flight {
		tally(&j, e)
	}
	return j
}

// tally adds an item to the job's counters.
func tally(j *job.Job, e job.Entry) {
	switch e.Outcome {
	case job.Created, job.Replaced:
		j.Done++
		j.Bytes += e.Size
	case job.Kept:
		j.Skipped++
	case job.Refused:
		j.Failed++
	case job.Intended:
		j.Bytes += e.Size
	}
}

// flies notes how far an item that is being worked on has come.
func (w *work) flies(e job.Entry) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if before, ok := w.flight[e.Ref]; ok && before.Outcome == job.Intended {
		w.flight[e.Ref] = e
	}
}

// run works until every item is dealt with or a cause to stop comes up.
func (w *work) run(ctx context.Context) error {
	return lease.Hold(ctx, w.Beat, w.renew, w.restore)
}

// renew reports the counters and tells whether someone asked to stop, or has
// limited the access of who asked for the job.
func (w *work) renew(ctx context.Context) (bool, error) {
	if err := w.Connections.Count(ctx, w.job.Account, w.job.Task); err != nil {
		slog.WarnContext(ctx, "count Box calls", "account", w.job.Account, "task", w.job.Task, "err", err) // the next beat tries again
	}
	row, err := w.Jobs.Renew(ctx, w.state())
	if err != nil {
		return false, err
	}
	hidden, err := w.limited(ctx, row)
	if err != nil {
		slog.WarnContext(ctx, "access of who asked for a job", "account", w.job.Account, "job", w.job.ID, "err", err) // the next beat tries again
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hidden = hidden
	return row.Cancel || hidden != "", nil
}

// restore does the whole job: folders, then files, then web links, and when all
// is there, who else may see it: sharing earlier would tell people of each file.
func (w *work) restore(ctx context.Context) error {
	if w.job.Cancel {
		return lease.ErrCanceled
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
	if err := w.share(ctx); err != nil {
		return err
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
		switch {
		case e.Outcome == job.Intended:
			w.begun[e.Ref] = e
		case e.Ref != root: // which stands for the folder of a non-destructive restore
			w.count(e)
		}
	}
	return nil
}

// count adds an item that the ledger says is finished to the job's counters.
func (w *work) count(e job.Entry) {
	delete(w.flight, e.Ref)
	tally(&w.job, e)
	w.finished[e.Ref] = true
	if e.Ref.Kind == backup.Folder && e.BoxID != "" {
		w.places[e.Ref.ID] = e.BoxID
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
