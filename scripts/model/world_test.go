package model_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/scripts/local/localtest"
	"coffer/shared/archiver"
	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/box/boxsim"
	"coffer/shared/catalog"
	"coffer/shared/connection"
	"coffer/shared/job"
	"coffer/shared/keys"
	"coffer/shared/pruner"
	"coffer/shared/queue"
	"coffer/shared/restorer"
	"coffer/shared/scanner"
	"coffer/shared/shelf"
	"coffer/shared/snapshot"
	"coffer/shared/task"
	"coffer/shared/vault"
)

// services are what sequences use one after another.
type services struct {
	ring      *keys.Ring
	tasks     *task.Table
	snapshots *snapshot.Table
	jobs      *job.Table
	audit     *audit.Table
	runs      *queue.Queue[backup.RunMessage]
	mails     *queue.Queue[backup.MailMessage]
	messages  *queue.Queue[backup.JobMessage]
	shift     *atomic.Int64 // of the clock, nanoseconds
	worlds    int
}

func newServices(t *testing.T) *services {
	t.Helper()
	cloud := localtest.Start(t)
	s := &services{
		ring: keys.New(cloud.AWS, cloud.Key(t)), tasks: task.New(cloud.AWS, cloud.Table(t, localtest.Due)),
		snapshots: snapshot.New(cloud.AWS, cloud.Table(t)), jobs: job.New(cloud.AWS, cloud.Table(t, localtest.Due)),
		audit: audit.New(cloud.AWS, cloud.Table(t)), shift: new(atomic.Int64),
		runs: queue.New[backup.RunMessage](cloud.AWS, cloud.Queue(t)), mails: queue.New[backup.MailMessage](cloud.AWS, cloud.Queue(t)),
		messages: queue.New[backup.JobMessage](cloud.AWS, cloud.Queue(t)),
	}
	s.tasks.Now, s.jobs.Now = s.now, s.now
	return s
}

func (s *services) now() time.Time { return time.Now().Add(time.Duration(s.shift.Load())) }

// taken is a snapshot as the model has it.
type taken struct {
	snapshot.Snapshot
	tree []string // nil where nobody can know
}

// person is a Box user as the model has them.
type person struct {
	id        backup.BoxUserID
	login     string
	deleted   time.Time // when the backup was
	snapshots []taken   // oldest first
}

// world is one enterprise with one task, and its model.
type world struct {
	*services
	ctx         context.Context
	sim         *boxsim.Sim
	id          vault.ID
	objects     *vault.Folder
	index       *vault.Memory
	vault       *vault.Vault
	scanner     *scanner.Scanner
	archiver    *archiver.Archiver
	restorer    *restorer.Restorer
	pruner      *pruner.Pruner
	connections *connection.Connections
	dir         string

	drives *drives
	people []*person
	admin  backup.BoxUserID
	closed time.Time // when the task was deleted
	ended  bool      // and removed for good
	gap    bool      // the next position is refused
	names  int
}

const retention = 5 // days

// newWorld connects a new task to a new Box. Client is how Coffer talks to it.
func (s *services) newWorld(ctx context.Context, dir string, client *http.Client) (*world, func(), error) {
	s.worlds++
	w := &world{services: s, ctx: ctx, dir: dir, sim: boxsim.New(boxsim.Options{Seed: uint64(s.worlds), PageSize: 3}), index: vault.NewMemory()}
	w.sim.Advance(time.Duration(s.shift.Load()))
	server := httptest.NewServer(w.sim)
	acme := w.sim.AddEnterprise("Acme")
	w.admin = acme.AddUser("Ada", "ada@acme.example", boxsim.Admin)
	for _, name := range []string{"bob", "cem"} {
		w.people = append(w.people, &person{id: acme.AddUser(name, name+"@acme.example", boxsim.Member), login: name + "@acme.example"})
	}
	w.drives = newDrives(w.people[0].id, w.people[1].id)
	app := acme.AddApp("", "", "https://coffer.example/callback")
	w.id = vault.ID{Account: "acme", Task: backup.TaskID(fmt.Sprint("task", s.worlds))}
	sum := sha256.Sum256([]byte("key"))
	static, err := vault.NewStaticKeys(sum[:])
	objects := filepath.Join(dir, "objects")
	err = errors.Join(err, os.Mkdir(objects, 0o700))
	if err == nil {
		w.objects, err = vault.OpenFolder(objects)
	}
	if err != nil {
		return nil, nil, err
	}
	key, err := vault.NewKey(ctx, w.id, static)
	if err != nil {
		return nil, nil, err
	}
	if w.vault, err = vault.Open(ctx, w.id, key, w.objects, w.index, static); err != nil {
		return nil, nil, err
	}
	open := func(context.Context, task.Task) (*vault.Vault, error) { return w.vault, nil }
	w.connections = connection.New(box.App{ClientID: app.ClientID, ClientSecret: app.ClientSecret}, box.Config{
		API: server.URL, Upload: server.URL, Account: server.URL, HTTP: client,
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}, s.tasks, s.ring, s.audit, s.mails)
	w.scanner = &scanner.Scanner{Tasks: s.tasks, Snapshots: s.snapshots, Audit: s.audit, Connections: w.connections, Runs: s.runs}
	w.archiver = &archiver.Archiver{
		Tasks: s.tasks, Snapshots: s.snapshots, Audit: s.audit, Connections: w.connections, Runs: s.runs, Vault: open, Dir: dir, Now: s.now, Beat: time.Minute,
	}
	w.restorer = &restorer.Restorer{
		Jobs: s.jobs, Tasks: s.tasks, Audit: s.audit, Connections: w.connections, Shelf: &shelf.Shelf{Dir: dir, Room: 1 << 30, Vault: open},
		Messages: s.messages, Mails: s.mails, Now: s.now, Beat: time.Minute,
	}
	w.pruner = &pruner.Pruner{
		Tasks: s.tasks, Snapshots: s.snapshots, Jobs: s.jobs, Objects: w.objects, Index: w.index, Audit: s.audit, Vault: open,
		Revoke: w.connections.Revoke, Dir: dir, Now: s.now,
	}
	err = s.tasks.Create(ctx, task.Task{
		Account: w.id.Account, ID: w.id.Task, Name: "Files", Connection: backup.Connected, Frequency: task.Daily, VaultKey: key, Created: s.now(),
		Policy: task.Policy{Retention: task.Retention{Number: retention, Unit: task.Days}},
	})
	err = errors.Join(err, w.connections.Tokens(w.id.Account, w.id.Task).Store(ctx, app.Pair(w.admin)))
	return w, func() { server.Close(); w.objects.Close() }, err
}

// pass lets time pass for Box, for Coffer and for the model.
func (w *world) pass(d time.Duration) {
	w.sim.Advance(d)
	w.shift.Add(int64(d))
	w.drives.pass(w.sim.Now())
}

// prune asks for the world's task to be pruned.
func (w *world) prune() backup.PruneMessage {
	return backup.PruneMessage{Account: w.id.Account, Task: w.id.Task}
}

func (w *world) row(p *person) (task.BoxUser, error) {
	return w.tasks.BoxUser(w.ctx, w.id.Account, w.id.Task, p.id)
}

// boxAgrees compares what Box holds with the model of it.
func (w *world) boxAgrees() error {
	for _, p := range w.people {
		var lines []string
		for _, n := range w.sim.Tree(p.id) {
			lines = append(lines, line(n.Kind, n.Path, "", n.Content))
		}
		slices.Sort(lines)
		if diff := cmp.Diff(lines, w.drives.tree(p.id)); diff != "" {
			return fmt.Errorf("Box and its model differ for %s (-Box +model):\n%s", p.login, diff)
		}
	}
	return nil
}

// slot scans and carries out every run that is asked for.
func (w *world) slot() error {
	for _, slot := range []time.Time{{}, w.now()} {
		err := w.scanner.Scan(w.ctx, backup.ScanMessage{Account: w.id.Account, Task: w.id.Task, Slot: slot})
		if err != nil {
			return err
		}
		for _, p := range w.people { // those who are new, or new again
			row, err := w.row(p)
			if err == nil && row.Status == backup.NotActive && row.Alive() {
				err = w.tasks.Activate(w.ctx, row)
			}
			if err != nil && backup.KindOf(err) != backup.NotFound {
				return err
			}
		}
	}
	for range 50 {
		asked := 0
		for user, err := range w.tasks.BoxUsers(w.ctx, w.id.Account, w.id.Task) {
			if err != nil {
				return err
			}
			if user.RunID == "" {
				continue
			}
			asked++
			if err := w.archiver.Run(w.ctx, user.Message()); err != nil {
				return err
			}
		}
		if asked == 0 {
			return nil
		}
	}
	return errors.New("the runs of a slot do not come to rest")
}

// listed are a person's snapshots, oldest first.
func (w *world) listed(p *person) (all []snapshot.Snapshot, err error) {
	for s, err := range w.snapshots.All(w.ctx, w.id.Account, w.id.Task, p.id) {
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// shown is what a person's catalog has for each of some snapshots, without the
// items of others, and every content of it.
func (w *world) shown(p *person, of []backup.SnapshotID) ([][]string, error) {
	return w.catalogued(p, of, func(it catalog.Item) bool { return it.OwnedBy == p.login })
}

// held is likewise what a restore of a snapshot brings back: also what others share
// and no backup of theirs holds, since they had none then.
func (w *world) held(p *person, of backup.SnapshotID) ([]string, error) {
	trees, err := w.catalogued(p, []backup.SnapshotID{of}, func(it catalog.Item) bool { return it.State != catalog.Reference })
	if err != nil {
		return nil, err
	}
	return trees[0], nil
}

func (w *world) catalogued(p *person, of []backup.SnapshotID, counts func(catalog.Item) bool) (trees [][]string, err error) {
	row, err := w.row(p)
	if err != nil {
		return nil, err
	}
	var sealed vault.Sealed
	if err := json.Unmarshal(row.Catalog, &sealed); err != nil {
		return nil, err
	}
	w.names++
	path := filepath.Join(w.dir, fmt.Sprintf("catalog-%d", w.names))
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	defer os.Remove(path)
	if err := errors.Join(w.vault.GetCatalog(w.ctx, sealed, f), f.Close()); err != nil {
		return nil, err
	}
	c, err := catalog.Open(w.ctx, path)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	for _, id := range of {
		tree, err := w.tree(c, id, counts)
		if err != nil {
			return nil, fmt.Errorf("snapshot %s: %w", id, err)
		}
		trees = append(trees, tree)
	}
	return trees, nil
}

func (w *world) tree(c *catalog.Catalog, id backup.SnapshotID, counts func(catalog.Item) bool) ([]string, error) {
	paths := map[string]string{}
	var lines []string
	err := c.Walk(w.ctx, id, backup.ItemRef{Kind: backup.Folder, ID: backup.RootFolder}, func(it catalog.Item) error {
		if it.ID == backup.RootFolder {
			return nil
		}
		path := paths[it.Parent] + "/" + it.Name
		paths[it.ID] = path
		if !counts(it) {
			return nil
		}
		lines = append(lines, line(it.Kind, path, "", it.Content))
		if it.Kind != backup.File {
			return nil
		}
		return w.read(it)
	})
	slices.Sort(lines)
	return lines, err
}

// read compares the content in the vault with what the catalog says.
func (w *world) read(it catalog.Item) error {
	r, err := w.vault.Read(w.ctx, it.Content)
	if err != nil {
		return fmt.Errorf("%s: %w", it.Name, err)
	}
	defer r.Close()
	var b bytes.Buffer
	if _, err := io.Copy(&b, r); err != nil {
		return fmt.Errorf("%s: %w", it.Name, err)
	}
	if contentOf(b.String()) != it.Content {
		return fmt.Errorf("%s: the vault has other bytes", it.Name)
	}
	return nil
}
