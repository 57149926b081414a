package pruner_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"coffer/scripts/local/localtest"
	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/catalog"
	"coffer/shared/pruner"
	"coffer/shared/snapshot"
	"coffer/shared/task"
	"coffer/shared/vault"
)

// tables are tables that histories use one after another.
type tables struct {
	cfg                     aws.Config
	tasks, snapshots, audit string
}

func newTables(t *testing.T, cloud *localtest.Cloud) tables {
	t.Helper()
	return tables{cfg: cloud.AWS, tasks: cloud.Table(t, localtest.Due), snapshots: cloud.Table(t), audit: cloud.Table(t)}
}

// files are what a snapshot has: names of files and their texts.
type files map[string]string

// world is a task with its Box users, and what must be readable.
type world struct {
	*testing.T
	tables
	ctx       context.Context
	rng       *rand.Rand
	at        time.Time
	id        vault.ID
	dir       string
	taskRows  *task.Table
	snapRows  *snapshot.Table
	objects   aged
	index     *vault.Memory
	keys      *vault.StaticKeys
	key       []byte
	vault     *vault.Vault
	truth     map[backup.SnapshotID]files
	running   []*running
	names     int
	removed   int
	killed    int
	retention task.Retention
}

// running is an invocation of a run, a step at a time.
type running struct {
	next func() (struct{}, bool)
	stop func()
}

func newWorld(t *testing.T, in tables, seed int64) *world {
	t.Helper()
	w := &world{
		T: t, tables: in, ctx: t.Context(), rng: rand.New(rand.NewPCG(uint64(seed), 6)), dir: t.TempDir(),
		at: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), id: vault.ID{Account: "acme", Task: backup.TaskID(fmt.Sprint("t", seed))},
		index: vault.NewMemory(), truth: map[backup.SnapshotID]files{},
	}
	check(t, os.Mkdir(filepath.Join(w.dir, "objects"), 0o700))
	folder, err := vault.OpenFolder(filepath.Join(w.dir, "objects"))
	check(t, err)
	t.Cleanup(func() { folder.Close() })
	w.objects = aged{Objects: folder, now: w.now, mu: new(sync.Mutex), put: map[string]time.Time{}}
	sum := sha256.Sum256([]byte("key"))
	w.keys, err = vault.NewStaticKeys(sum[:])
	check(t, err)
	w.key, err = vault.NewKey(w.ctx, w.id, w.keys)
	check(t, err)
	w.vault = w.open(w.objects, w.index)
	w.taskRows, w.snapRows = task.New(in.cfg, in.tasks), snapshot.New(in.cfg, in.snapshots)
	w.taskRows.Now = w.now
	w.retention = task.Retention{Number: 1 + w.rng.IntN(6), Unit: task.Days}
	check(t, w.taskRows.Create(w.ctx, task.Task{
		Account: w.id.Account, ID: w.id.Task, Name: "Box", VaultKey: w.key,
		Policy: task.Policy{Retention: w.retention, ArchiveDays: 5},
	}))
	for i := range 3 {
		u := task.BoxUser{Account: w.id.Account, Task: w.id.Task, ID: backup.BoxUserID(fmt.Sprint(i + 1)), Name: fmt.Sprint("User ", i)}
		_, err := w.taskRows.Discovered(w.ctx, u, true)
		check(t, err)
	}
	return w
}

func (w *world) now() time.Time { return w.at }

func (w *world) open(objects vault.Objects, index vault.Index) *vault.Vault {
	v, err := vault.Open(w.ctx, w.id, w.key, objects, index, w.keys)
	check(w.T, err)
	v.Dir, v.Now = w.dir, w.now
	return v
}

// users returns the rows of the Box users.
func (w *world) users() []task.BoxUser {
	var all []task.BoxUser
	for u, err := range w.taskRows.BoxUsers(w.ctx, w.id.Account, w.id.Task) {
		check(w.T, err)
		all = append(all, u)
	}
	return all
}

func (w *world) anyUser() task.BoxUser {
	all := w.users()
	return all[w.rng.IntN(len(all))]
}

// play is one history.
func (w *world) play() {
	for range 20 {
		switch n := w.rng.IntN(20); {
		case n < 8:
			w.begin()
		case n < 11:
			w.steps(1 + w.rng.IntN(12))
		case n < 14:
			w.pass(time.Duration(1+w.rng.IntN(60)) * time.Hour)
		case n < 18:
			w.prune(w.rng.IntN(3) == 0)
			w.verify()
		default:
			w.live()
		}
		if w.Failed() {
			return
		}
	}
	w.finish()
	w.verify()
	w.collectsGarbage()
	w.deletesTheTask()
}

// live changes the life of a Box user.
func (w *world) live() {
	u := w.anyUser()
	var err error
	switch w.rng.IntN(4) {
	case 0:
		err = w.taskRows.Delete(w.ctx, u)
	case 1:
		err = w.taskRows.Undelete(w.ctx, u)
	case 2:
		err = w.taskRows.Archive(w.ctx, u)
	default:
		err = w.taskRows.Return(w.ctx, u, true)
	}
	if k := backup.KindOf(err); err != nil && k != backup.Conflict && k != backup.NotFound {
		w.Fatal(err)
	}
}

// pass lets time pass; no invocation lives that long.
func (w *world) pass(d time.Duration) {
	for _, r := range w.running {
		r.stop()
	}
	w.running = nil
	w.at = w.at.Add(d)
}

// begin starts an invocation of a run.
func (w *world) begin() {
	next, stop := iter.Pull(w.backup(w.anyUser()))
	w.running = append(w.running, &running{next, stop})
}

// steps lets invocations go on.
func (w *world) steps(n int) {
	for ; n > 0 && len(w.running) > 0; n-- {
		i := w.rng.IntN(len(w.running))
		if _, more := w.running[i].next(); !more {
			w.running = slices.Delete(w.running, i, i+1)
		}
		w.at = w.at.Add(10 * time.Second)
	}
}

// finish lets all invocations end.
func (w *world) finish() {
	for len(w.running) > 0 {
		w.steps(1)
	}
}

// prune lets a pruner work, with steps of backups between its calls; it may be
// killed at one of them.
func (w *world) prune(kill bool) {
	f := &fate{between: func() {
		if w.rng.IntN(25) == 0 {
			w.steps(1 + w.rng.IntN(3))
		}
	}}
	if kill {
		f.at, f.before = 1+w.rng.IntN([]int{12, 40, 330}[w.rng.IntN(3)]), w.rng.IntN(2) == 0 // a sweep alone has 256 calls
	}
	report, err := w.pruner(f).Prune(w.ctx)
	w.removed += report.Contents
	switch {
	case kill && err != nil:
		w.killed++
	case err != nil:
		w.Errorf("prune: %v", err)
	}
}

func (w *world) pruner(f *fate) *pruner.Pruner {
	cfg := f.mortal(w.cfg)
	objects, index := fatedObjects{w.objects, f}, fatedIndex{w.index, f}
	tasks := task.New(cfg, w.tasks)
	tasks.Now = w.now
	return &pruner.Pruner{
		Tasks: tasks, Snapshots: snapshot.New(cfg, w.snapshots), Audit: audit.New(cfg, w.audit),
		Objects: objects, Index: index, Dir: w.dir, Now: w.now,
		Vault: func(context.Context, task.Task) (*vault.Vault, error) { return w.open(objects, index), nil },
	}
}

// backup is an invocation of a run; it can be killed wherever it yields.
func (w *world) backup(u task.BoxUser) iter.Seq[struct{}] {
	return func(yield func(struct{}) bool) {
		step := func() bool { return yield(struct{}{}) }
		if u.RunID == "" {
			requested, err := w.taskRows.Request(w.ctx, u, time.Time{})
			if backup.KindOf(err) == backup.Conflict {
				return
			}
			check(w.T, err)
			u = requested
		}
		if !step() {
			return
		}
		w.names++
		u, err := w.taskRows.Lease(w.ctx, u.Message(), fmt.Sprint("owner", w.names))
		if backup.KindOf(err) == backup.Conflict || !step() {
			return
		}
		check(w.T, err)
		if u.Cancel {
			check(w.T, w.ended(w.taskRows.End(w.ctx, u, u.Before(), "")))
			return
		}
		check(w.T, w.ended(w.run(u, step)))
	}
}

// ended makes a lost lease no error.
func (w *world) ended(err error) error {
	if backup.KindOf(err) == backup.Conflict {
		return nil
	}
	return err
}

func (w *world) run(u task.BoxUser, step func() bool) (err error) {
	w.names++
	dir := filepath.Join(w.dir, fmt.Sprint("run", w.names))
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	pointer := u.Checkpoint
	if pointer == nil {
		pointer = u.Catalog
	}
	var c *catalog.Catalog
	if pointer == nil {
		c, err = catalog.Create(w.ctx, filepath.Join(dir, "catalog"))
	} else {
		c, err = w.fetch(pointer, filepath.Join(dir, "catalog"))
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	d, err := c.Draft(w.ctx, u.RunID, w.at)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if err := w.change(d, u); err != nil || !step() {
		return err
	}
	wanted, err := d.Wanted(w.ctx, backup.Content{Size: -1}, 1000)
	if err != nil {
		return err
	}
	var contents []backup.Content
	for _, it := range wanted {
		contents = append(contents, it.Content)
	}
	missing, err := w.vault.Missing(w.ctx, contents)
	if err != nil || !step() {
		return err
	}
	writer := w.vault.Writer()
	for _, c := range missing {
		text := texts()[c]
		if err := writer.Add(w.ctx, c, strings.NewReader(text)); err != nil {
			return err
		}
	}
	if err := writer.Flush(w.ctx); err != nil || !step() {
		return err
	}
	if err := d.Stored(w.ctx, contents...); err != nil || !step() {
		return err
	}
	if w.rng.IntN(2) == 0 {
		pointer, err := w.upload(c, u, filepath.Join(dir, "checkpoint"))
		if err != nil || !step() {
			return err
		}
		if err := w.taskRows.SaveCheckpoint(w.ctx, u, pointer); err != nil || !step() || w.rng.IntN(4) == 0 {
			return err
		}
	}
	return w.seal(c, d, u, dir, step)
}

// texts are all contents there are, few enough that Box users share them.
var texts = sync.OnceValue(func() map[backup.Content]string {
	all := map[backup.Content]string{}
	for i := range 24 {
		s := strings.Repeat(fmt.Sprint("text ", i, " "), 1+i*20)
		all[contentOf(s)] = s
	}
	return all
})

// change puts and removes some files.
func (w *world) change(d *catalog.Draft, u task.BoxUser) error {
	sorted := slices.Sorted(maps.Values(texts()))
	for range 1 + w.rng.IntN(4) {
		ref := backup.ItemRef{Kind: backup.File, ID: fmt.Sprint(1 + w.rng.IntN(6))}
		if w.rng.IntN(3) == 0 {
			if err := d.Remove(w.ctx, ref); err != nil {
				return err
			}
			continue
		}
		it := catalog.Item{ItemRef: ref, Parent: backup.RootFolder, Name: "file " + ref.ID, Content: contentOf(sorted[w.rng.IntN(len(sorted))])}
		if err := d.Put(w.ctx, it); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) seal(c *catalog.Catalog, d *catalog.Draft, u task.BoxUser, dir string, step func() bool) error {
	if _, err := d.Seal(w.ctx); err != nil {
		return err
	}
	pointer, err := w.upload(c, u, filepath.Join(dir, "sealed"))
	if err != nil || !step() {
		return err
	}
	found, err := w.read(c, d.ID)
	if err != nil {
		return err
	}
	status := backup.Success
	if w.rng.IntN(4) == 0 {
		status = backup.Partial
	}
	s := snapshot.Snapshot{Account: u.Account, Task: u.Task, BoxUser: u.ID, ID: u.RunID, Status: status, Taken: d.At}
	if err := w.snapRows.Seal(w.ctx, s, w.taskRows.Seal(u, task.Sealed{Status: status, At: w.at, Catalog: pointer})); err != nil {
		return err
	}
	w.truth[s.ID] = found
	if w.rng.IntN(2) == 0 { // the next slot finds nothing changed
		s.Same, s.ID = s.ID, backup.SnapshotID(backup.NewSortableID(w.at.Add(time.Minute)))
		s.Taken = w.at.Add(time.Duration(w.rng.IntN(72)) * time.Hour)
		w.truth[s.ID] = found
		return w.snapRows.Seal(w.ctx, s)
	}
	return nil
}

func (w *world) upload(c *catalog.Catalog, u task.BoxUser, path string) ([]byte, error) {
	w.names++
	if err := c.Checkpoint(w.ctx, path); err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	sealed, err := w.vault.PutCatalog(w.ctx, u.ID, fmt.Sprint("g", w.names), f)
	if err != nil {
		return nil, err
	}
	return json.Marshal(sealed)
}

func (w *world) fetch(pointer []byte, path string) (*catalog.Catalog, error) {
	var sealed vault.Sealed
	if err := json.Unmarshal(pointer, &sealed); err != nil {
		return nil, err
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(w.vault.GetCatalog(w.ctx, sealed, f), f.Close()); err != nil {
		return nil, err
	}
	return catalog.Open(w.ctx, path)
}

// read reads every file of a snapshot from the vault.
func (w *world) read(c *catalog.Catalog, id backup.SnapshotID) (files, error) {
	found := files{}
	err := c.Walk(w.ctx, id, backup.ItemRef{Kind: backup.Folder, ID: backup.RootFolder}, func(it catalog.Item) error {
		r, err := w.vault.Read(w.ctx, it.Content)
		if err != nil {
			return fmt.Errorf("%s: %w", it.Name, err)
		}
		b, err := io.ReadAll(r)
		found[it.Name] = string(b)
		return errors.Join(err, r.Close())
	})
	return found, err
}

// verify reads every snapshot that lives, those of deleted Box users too.
func (w *world) verify() {
	for _, u := range w.users() {
		if u.Purging {
			continue
		}
		var c *catalog.Catalog
		for s, err := range w.snapRows.All(w.ctx, u.Account, u.Task, u.ID) {
			check(w.T, err)
			if c == nil {
				w.names++
				c, err = w.fetch(u.Catalog, filepath.Join(w.dir, fmt.Sprint("verify", w.names)))
				check(w.T, err)
				defer c.Close()
			}
			id := s.ID
			if s.Same != "" {
				id = s.Same
			}
			found, err := w.read(c, id)
			if err != nil {
				w.Fatalf("snapshot %s of Box user %s: %v", s.ID, u.ID, err)
			}
			if diff := cmp.Diff(found, w.truth[s.ID]); diff != "" {
				w.Fatalf("snapshot %s of Box user %s:\n%s", s.ID, u.ID, diff)
			}
		}
	}
	report, err := w.vault.Verify(w.ctx)
	check(w.T, err)
	for _, d := range report.Damaged {
		w.Errorf("damaged: %+v", d)
	}
}
