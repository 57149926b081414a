package pruner_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"coffer/scripts/local/localtest"
	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/catalog"
	"coffer/shared/job"
	"coffer/shared/pruner"
	"coffer/shared/queue"
	"coffer/shared/snapshot"
	"coffer/shared/task"
	"coffer/shared/vault"
)

// tables are tables, and a queue, that histories use one after another.
type tables struct {
	cloud                                *localtest.Cloud
	cfg                                  aws.Config
	tasks, snapshots, jobs, audit, queue string
}

func newTables(t *testing.T, cloud *localtest.Cloud) tables {
	t.Helper()
	return tables{
		cloud: cloud, cfg: cloud.AWS, tasks: cloud.Table(t, localtest.Due), snapshots: cloud.Table(t), jobs: cloud.Table(t, localtest.Due),
		audit: cloud.Table(t), queue: cloud.Queue(t),
	}
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
	objects   *objects
	index     *vault.Memory
	keys      *vault.StaticKeys
	key       []byte
	vault     *vault.Vault
	truth     map[backup.SnapshotID]files
	running   []*running
	names     int
	patches   int // catalogs stored as what they have different
	removed   int
	killed    int
	handed    int // sweeps that were not at their end
	waiting   []backup.PruneMessage
	repeated  int // messages that came again
	revoked   int // times Box was told
	retention task.Retention
	room      int64  // for notes
	wish      string // what the next run is to find at Box
	revived   int
	hold      string // why what the next run seals is to stay
}

func newWorld(t *testing.T, in tables, seed int64) *world {
	t.Helper()
	w := &world{
		T: t, tables: in, ctx: t.Context(), rng: rand.New(rand.NewPCG(uint64(seed), 6)), dir: t.TempDir(),
		at: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), id: vault.ID{Account: "acme", Task: backup.TaskID(fmt.Sprint("t", seed))},
		index: vault.NewMemory(), truth: map[backup.SnapshotID]files{},
	}
	w.objects = &objects{now: w.now, all: map[string]aged{}}
	sum := sha256.Sum256([]byte("key"))
	keys, err := vault.NewStaticKeys(sum[:])
	check(t, err)
	w.keys = keys
	w.key, err = vault.NewKey(w.ctx, w.id, w.keys)
	check(t, err)
	w.vault = w.open(w.objects, w.index)
	w.taskRows, w.snapRows = task.New(in.cfg, in.tasks), snapshot.New(in.cfg, in.snapshots)
	w.taskRows.Now = w.now
	w.room = int64(28 * w.rng.IntN(10))
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
	w.belongings()
	return w
}

func (w *world) now() time.Time { return w.at }

func (w *world) open(objects vault.Objects, index vault.Index) *vault.Vault {
	v, err := vault.Open(w.ctx, w.id, w.key, objects, index, w.keys)
	check(w.T, err)
	v.Dir, v.Now, v.Patching = w.dir, w.now, vault.Patching{From: 1, Most: 5, Share: 4}
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
		case n < 19:
			w.live()
		default:
			w.revive()
			w.verify()
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

// revive has a Box user put back what is about to be removed, when a sweep has
// just noted that nobody needs it.
func (w *world) revive() {
	all := slices.Sorted(maps.Values(texts()))
	for range 3 {
		w.store(all[w.rng.IntN(len(all))]) // as a run that is cut off does
	}
	check(w.T, w.taskRows.Sweep(w.ctx, w.id.Account, w.id.Task, w.at))
	w.full(1)
	var doomed []string
	check(w.T, w.index.Walk(w.ctx, w.id, func(r vault.Row) error {
		if !r.Condemned.IsZero() {
			doomed = append(doomed, texts()[r.Content])
		}
		return nil
	}, func(vault.Progress) error { return nil }))
	slices.Sort(doomed)
	u := w.anyUser()
	if len(doomed) == 0 || !u.Alive() || u.Left() {
		return
	}
	w.pass(2 * day)
	f := &fate{between: func() {}, noted: func() {
		w.wish = doomed[w.rng.IntN(len(doomed))]
		for range w.backup(u) {
			w.revived++
		}
	}}
	_, err := w.pruner(f).Prune(w.ctx, w.message())
	check(w.T, err)
}

// pass lets time pass; no invocation lives that long.
func (w *world) pass(d time.Duration) {
	for _, r := range w.running {
		r.stop()
	}
	w.running = nil
	w.at = w.at.Add(d)
}

// prune lets a pruner work, with steps of backups between its calls; it may be
// killed or late at one of them. It takes a message of the day or one that
// another has sent, which may come again.
func (w *world) prune(kill bool) {
	f := &fate{between: func() {
		if w.rng.IntN(25) == 0 {
			w.steps(1 + w.rng.IntN(3))
		}
	}}
	if kill {
		f.at, f.before = 1+w.rng.IntN([]int{12, 40, 330}[w.rng.IntN(3)]), w.rng.IntN(2) == 0 // a sweep alone has 256 calls
	}
	if w.rng.IntN(3) == 0 {
		f.late = 1 + w.rng.IntN([]int{12, 40, 330}[w.rng.IntN(3)])
	}
	m := w.message()
	if n := len(w.waiting); n > 0 && w.rng.IntN(3) > 0 {
		i := w.rng.IntN(n)
		m = w.waiting[i]
		if w.rng.IntN(2) == 0 {
			w.repeated++
		} else {
			w.waiting = slices.Delete(w.waiting, i, i+1)
		}
	}
	report, err := w.pruner(f).Prune(until{w.ctx, f}, m)
	w.receive()
	w.removed += report.Contents
	if t, err := w.taskRows.Task(w.ctx, w.id.Account, w.id.Task); err == nil && t.Mark != nil {
		w.handed++
	}
	switch {
	case err != nil && strings.Contains(err.Error(), "got nowhere"):
	case kill && err != nil:
		w.killed++
	case err != nil:
		w.Errorf("prune: %v", err)
	}
}

// message asks for the task, as every day.
func (w *world) message() backup.PruneMessage {
	return backup.PruneMessage{Account: w.id.Account, Task: w.id.Task}
}

// receive takes what pruners have sent.
func (w *world) receive() {
	for _, body := range w.cloud.Received(w.T, w.queue) {
		var m backup.PruneMessage
		check(w.T, json.Unmarshal([]byte(body), &m))
		w.waiting = append(w.waiting, m)
	}
}

func (w *world) pruner(f *fate) *pruner.Pruner {
	cfg := f.mortal(w.cfg)
	jobs := job.New(cfg, w.jobs)
	jobs.Now = w.now
	objects, index := fatedObjects{w.objects, f}, fatedIndex{w.index, f}
	tasks := task.New(cfg, w.tasks)
	tasks.Now = w.now
	return &pruner.Pruner{
		Tasks: tasks, Snapshots: snapshot.New(cfg, w.snapshots), Jobs: jobs, Audit: audit.New(cfg, w.audit),
		Messages: queue.New[backup.PruneMessage](cfg, w.queue), Objects: objects, Index: index, Dir: w.dir, Room: w.room, Now: w.now,
		Vault:  func(context.Context, task.Task) (*vault.Vault, error) { return w.open(objects, index), nil },
		Revoke: func(context.Context, task.Task) error { return f.call(func() error { w.revoked++; return nil }) },
	}
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
