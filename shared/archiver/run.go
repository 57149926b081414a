package archiver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/catalog"
	"coffer/shared/lease"
	"coffer/shared/task"
	"coffer/shared/vault"
)

const (
	// checkpointEvery is how much work a kill may cost, as long as checkpoints
	// are cheap.
	checkpointEvery = time.Minute
	// checkpointShare bounds the time spent on checkpoints: the catalog of a
	// million items takes many seconds to copy, so it is saved less often.
	checkpointShare = 10
	// checkpointMost is how much work a kill may cost at most.
	checkpointMost = 5 * time.Minute
)

// run is one invocation's work on one run.
type run struct {
	*Archiver
	task    task.Task
	user    task.BoxUser
	admin   *box.Client // acts as who connected the task
	client  *box.Client // acts as the Box user
	vault   *vault.Vault
	dir     string
	catalog *catalog.Catalog
	draft   *catalog.Draft
	image   vault.Image // a stored state of the catalog, by which later ones are stored

	started    time.Time
	earlier    task.Progress // what earlier invocations of the run did
	checkpoint int           // checkpoints written by this invocation
	saved      time.Time     // when the latest was
	pause      time.Duration // until the next
	stepping   sync.Mutex    // held while one is being written

	done   atomic.Pointer[catalog.Tally] // what the whole run did, as the draft has it
	wanted atomic.Int64
	phase  atomic.Value // string

	singly sync.Mutex // held while contents are downloaded one by one

	sealing sync.Mutex // held by the seal and by renewals
	sealed  bool

	fields    fields          // what asking asks for
	asking    *box.Client     // see lister; guarded by templates.mu
	tasked    map[string]bool // files that events about tasks named
	pointedMu sync.Mutex
	pointed   map[backup.ItemRef]bool // see point

	caution caution

	covered     bool            // the enterprise's stream has told everything since the latest snapshot
	mute        bool            // Box does not let the Box user's own changes be read
	marks       dirty           // what this invocation looked at
	listedAgain map[string]bool // folders listed for reconciliation

	missedMu sync.Mutex
	missed   []backup.ItemRef        // what listings did not show any more
	seeking  []backup.ItemRef        // those of them that are being looked for
	suspects map[backup.ItemRef]bool // what differed in folders listed again, as the draft's state has it

	ownersMu sync.Mutex
	owners   map[backup.BoxUserID]bool // of foreign items: whether their own backup holds them
}

// open prepares the working files of a leased run.
func (a *Archiver) open(ctx context.Context, t task.Task, user task.BoxUser) (*run, error) {
	v, err := a.Vault(ctx, t)
	if err != nil {
		return nil, fmt.Errorf("vault of task %s: %w", t.ID, err)
	}
	dir, err := os.MkdirTemp(a.Dir, "run-")
	if err != nil {
		return nil, fmt.Errorf("working folder: %w", err)
	}
	v.Mark = markOf(user.RunID)
	admin := a.Connections.Client(t.Account, t.ID)
	r := &run{
		Archiver: a, task: t, user: user, vault: v, dir: dir, admin: admin, client: admin.As(user.ID),
		started: a.Now(), saved: a.Now(), pause: checkpointEvery, owners: map[backup.BoxUserID]bool{}, suspects: map[backup.ItemRef]bool{},
		tasked: map[string]bool{}, pointed: map[backup.ItemRef]bool{},
	}
	if user.Progress != nil {
		r.earlier = *user.Progress
	} else {
		r.earlier.Started = r.started
	}
	r.phase.Store("Listing")
	if err := r.beCautious(ctx); err != nil {
		return nil, errors.Join(err, r.close())
	}
	if err := r.fetchCatalog(ctx); err != nil {
		return nil, errors.Join(err, r.close())
	}
	return r, nil
}

// fetchCatalog brings the working catalog here and opens the run's draft in it.
func (r *run) fetchCatalog(ctx context.Context) error {
	path := filepath.Join(r.dir, "catalog.db")
	sealed := r.user.Checkpoint
	if sealed == nil {
		sealed = r.user.Catalog
	}
	var err error
	if sealed == nil {
		r.catalog, err = catalog.Create(ctx, path)
	} else {
		r.catalog, err = r.openCatalog(ctx, sealed, path)
	}
	if err != nil {
		return fmt.Errorf("working catalog: %w", err)
	}
	if r.draft, err = r.catalog.Draft(ctx, r.user.RunID, r.started); err != nil {
		return err
	}
	return r.count(ctx)
}

// markOf is what the names of a run's packs begin with: a few of the random
// letters of its id, as rows of contents are many.
func markOf(run backup.SnapshotID) string { return string(run[max(0, len(run)-8):]) }

// count reads what the run has done from the draft.
func (r *run) count(ctx context.Context) error {
	done, err := r.draft.Tally(ctx)
	if err == nil {
		r.done.Store(&done)
	}
	return err
}

func (r *run) openCatalog(ctx context.Context, pointer []byte, path string) (*catalog.Catalog, error) {
	var sealed vault.Sealed
	if err := json.Unmarshal(pointer, &sealed); err != nil {
		return nil, fmt.Errorf("pointer: %w", err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	r.image, err = r.vault.GetImage(ctx, sealed, f)
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	return catalog.Open(ctx, path)
}

// upload stores the working catalog and returns the pointer to it: of a large one
// what it has different from what is stored, as long as that is little. What is
// stored whole for good is made compact first; a checkpoint is stored as it is, so
// that the next need not be whole.
func (r *run) upload(ctx context.Context, generation string, final bool) ([]byte, error) {
	if final && r.user.Snapshot == "" { // what the first one has stays for long
		return r.uploadWhole(ctx, generation)
	}
	patched := false
	err := r.draft.Still(ctx, func(src io.Reader) (err error) {
		r.image, patched, err = r.vault.PutPatch(ctx, r.user.ID, generation, r.image, src)
		return err
	})
	switch {
	case err != nil || patched:
	case final:
		return r.uploadWhole(ctx, generation)
	default:
		err = r.draft.Still(ctx, func(src io.Reader) (err error) {
			r.image, err = r.vault.PutImage(ctx, r.user.ID, generation, src)
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("store catalog: %w", err)
	}
	return json.Marshal(r.image.Sealed)
}

// uploadWhole stores a compact copy of the working catalog.
func (r *run) uploadWhole(ctx context.Context, generation string) ([]byte, error) {
	path := filepath.Join(r.dir, generation+".db")
	if err := r.catalog.Checkpoint(ctx, path); err != nil {
		return nil, err
	}
	defer os.Remove(path)
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	sealed, err := r.vault.PutCatalog(ctx, r.user.ID, generation, f)
	if err != nil {
		return nil, fmt.Errorf("store catalog: %w", err)
	}
	return json.Marshal(sealed)
}

// save stores the working catalog as the run's checkpoint, and whether the run
// got on.
func (r *run) save(ctx context.Context, gotOn bool) error {
	r.checkpoint++
	begun := r.Now()
	if err := r.keepMissed(ctx); err != nil {
		return err
	}
	pointer, err := r.upload(ctx, fmt.Sprintf("%s-%s-%d", r.user.RunID, r.user.RunOwner, r.checkpoint), false)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	r.saved = r.Now()
	r.pause = between(r.saved.Sub(begun))
	return r.Tasks.SaveCheckpoint(ctx, r.user, pointer, r.progress(), gotOn)
}

// between is how long to work after a checkpoint that took so long.
func between(took time.Duration) time.Duration {
	return min(max(checkpointEvery, (checkpointShare-1)*took), checkpointMost)
}

// step is called between pieces of work: it saves a checkpoint now and then.
// While one is being saved, other work goes on.
func (r *run) step(ctx context.Context) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if !r.stepping.TryLock() {
		return nil
	}
	defer r.stepping.Unlock()
	if r.Now().Sub(r.saved) < r.pause {
		return nil
	}
	return r.save(ctx, true)
}

// saveNow saves a checkpoint, whatever the time.
func (r *run) saveNow(ctx context.Context) error {
	r.stepping.Lock()
	defer r.stepping.Unlock()
	return r.save(ctx, true)
}

// close removes the working files.
func (r *run) close() error {
	var errs []error
	if r.draft != nil {
		errs = append(errs, r.draft.Close())
	}
	if r.catalog != nil {
		errs = append(errs, r.catalog.Close())
	}
	return errors.Join(append(errs, r.vault.Close(), os.RemoveAll(r.dir))...)
}

// run works until the snapshot is sealed or a cause to stop comes up. What
// stops it early leaves a checkpoint, except a lost lease. A run that stored
// nothing before it was stopped may have come to where it was before.
func (r *run) run(ctx context.Context) error {
	before := *r.done.Load()
	err := lease.Hold(ctx, r.Beat, r.renew, r.backUp)
	if err == nil || ctx.Err() != nil || errors.Is(err, lease.ErrLost) {
		return err
	}
	return errors.Join(err, r.save(ctx, r.done.Load().Contents > before.Contents))
}

// renew reports progress and tells whether someone asked to stop. It waits
// while the seal is under way, which ends the lease.
func (r *run) renew(ctx context.Context) (bool, error) {
	r.sealing.Lock()
	defer r.sealing.Unlock()
	if r.sealed {
		return false, nil
	}
	if err := r.Connections.Count(ctx, r.task.Account, r.task.ID); err != nil {
		slog.WarnContext(ctx, "count Box calls", "account", r.task.Account, "task", r.task.ID, "err", err) // the next beat tries again
	}
	row, err := r.Tasks.Renew(ctx, r.user, r.progress())
	return row.Cancel, err
}

// progress is that of the whole run, earlier invocations included. What it did,
// the draft says: of an invocation that died it has what its last checkpoint has,
// and the rest is done, or found in the vault, and counted again. Calls that were
// made were made, so they are counted from the last that the dead one told.
func (r *run) progress() task.Progress {
	p, done := r.earlier, r.done.Load()
	p.Phase = r.phase.Load().(string)
	p.Items, p.Files, p.Bytes = done.Items, done.Contents, done.Bytes
	p.Wanted = r.wanted.Load()
	p.Calls += r.total()
	return p
}

// total is the number of Box calls that this invocation made so far.
func (r *run) total() int64 {
	var total int64
	for kind, n := range r.client.Calls() {
		if kind != "content" { // transfers from download hosts are no API calls
			total += n
		}
	}
	return total
}

// backUp lists, fetches and seals.
func (r *run) backUp(ctx context.Context) error {
	method, err := r.list(ctx)
	if err != nil {
		return fmt.Errorf("list: %w", err)
	}
	if err := r.trash(ctx); err != nil {
		return fmt.Errorf("trash: %w", err)
	}
	for more := true; more; { // what changes while it is fetched is described anew
		if err := r.describe(ctx); err != nil {
			return fmt.Errorf("details: %w", err)
		}
		r.phase.Store("Downloading")
		if err := r.fetch(ctx); err != nil {
			return fmt.Errorf("fetch contents: %w", err)
		}
		rest, err := r.draft.Inspections(ctx, 1)
		if err != nil {
			return err
		}
		if more = len(rest) > 0; more {
			continue
		}
		if more, err = r.tryAgain(ctx); err != nil {
			return fmt.Errorf("try again what workers died at: %w", err)
		}
	}
	r.phase.Store("Sealing")
	return r.seal(ctx, method)
}
