package archiver_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"coffer/scripts/local/localtest"
	"coffer/shared/archiver"
	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/box/boxsim"
	"coffer/shared/box/boxspec"
	"coffer/shared/bucket"
	"coffer/shared/catalog"
	"coffer/shared/connection"
	"coffer/shared/content"
	"coffer/shared/keys"
	"coffer/shared/queue"
	"coffer/shared/snapshot"
	"coffer/shared/task"
	"coffer/shared/vault"
)

// house is a simulated Box with one task, and an archiver on real DynamoDB, S3
// and KMS interfaces.
type house struct {
	*archiver.Archiver
	sim   *boxsim.Sim
	app   *boxsim.App
	admin backup.BoxUserID
	user  backup.BoxUserID // whose backup is tested
	task  task.Task
	conns *connection.Connections
	shift atomic.Int64 // of the clock, nanoseconds
	puts  atomic.Value // func(*http.Request), called before each write of an object
	rooms rooms
}

// rooms are the names of what a house has in the cloud, and the address of Box.
type rooms struct{ box, key, tasks, snapshots, audit, contents, bucket, runs, mails string }

func newHouse(t *testing.T, options boxsim.Options) *house {
	t.Helper()
	h := &house{sim: boxsim.New(options)}
	enterprise := h.sim.AddEnterprise("Acme")
	h.admin = enterprise.AddUser("Ada", "ada@acme.example", boxsim.Admin)
	h.user = enterprise.AddUser("Bob", "bob@acme.example", boxsim.Member)
	h.open(t)
	return h
}

// another is a second backup of the same Box users, which begins from nothing.
func (h *house) another(t *testing.T) *house {
	t.Helper()
	other := &house{sim: h.sim, admin: h.admin, user: h.user}
	other.shift.Store(h.shift.Load())
	other.open(t)
	return other
}

// open connects a new task to the simulated Box.
func (h *house) open(t *testing.T) {
	t.Helper()
	server := httptest.NewServer(h.sim)
	t.Cleanup(server.Close)
	enterprise, _ := h.sim.FindEnterprise("Acme")
	h.app = enterprise.AddApp("", "", "https://coffer.example/callback")
	cloud := localtest.Start(t)
	h.rooms = rooms{
		box: server.URL, key: cloud.Key(t), tasks: cloud.Table(t, localtest.Due), snapshots: cloud.Table(t), audit: cloud.Table(t),
		contents: cloud.Table(t), bucket: cloud.Bucket(t), runs: cloud.Queue(t), mails: cloud.Queue(t),
	}
	h.Archiver = h.worker(t, h.watched(t, cloud.AWS), described(t))
	h.conns = h.Connections
	h.newTask(t, "files")
}

// worker is an archiver that reaches the cloud and Box in this way.
func (h *house) worker(t *testing.T, cfg aws.Config, calls *http.Client) *archiver.Archiver {
	t.Helper()
	now := func() time.Time { return time.Now().Add(time.Duration(h.shift.Load())) }
	ring := keys.New(cfg, h.rooms.key)
	tasks := task.New(cfg, h.rooms.tasks)
	tasks.Now = now
	activity := audit.New(cfg, h.rooms.audit)
	objects := bucket.New(cfg, h.rooms.bucket)
	contents := content.New(cfg, h.rooms.contents)
	return &archiver.Archiver{
		Tasks: tasks, Snapshots: snapshot.New(cfg, h.rooms.snapshots), Audit: activity,
		Connections: connection.New(
			box.App{ClientID: h.app.ClientID, ClientSecret: h.app.ClientSecret},
			box.Config{API: h.rooms.box, Upload: h.rooms.box, Account: h.rooms.box, Sleep: nap, HTTP: calls},
			tasks, ring, activity, queue.New[backup.MailMessage](cfg, h.rooms.mails)),
		Runs: queue.New[backup.RunMessage](cfg, h.rooms.runs),
		Vault: func(ctx context.Context, b task.Task) (*vault.Vault, error) {
			v, err := vault.Open(ctx, vault.ID{Account: b.Account, Task: b.ID}, b.VaultKey, objects, contents, ring)
			if err == nil {
				v.Patching.From = 1 // even the catalogs of these tests are patched
			}
			return v, err
		},
		Dir: t.TempDir(), Now: now, Beat: 50 * time.Millisecond,
	}
}

// newTask connects the enterprise once more.
func (h *house) newTask(t *testing.T, name backup.TaskID) {
	t.Helper()
	id := vault.ID{Account: "acme", Task: name}
	key, err := vault.NewKey(t.Context(), id, keys.New(localtest.Start(t).AWS, h.rooms.key))
	must(t, err)
	h.task = task.Task{
		Account: id.Account, ID: id.Task, Name: "Files", Connection: backup.Connected,
		Frequency: task.Daily, Hour: 1, VaultKey: key, Created: h.Now(),
	}
	must(t, h.Tasks.Create(t.Context(), h.task))
	must(t, h.conns.Tokens(id.Account, id.Task).Store(t.Context(), h.app.Pair(h.admin)))
	for _, user := range []backup.BoxUserID{h.admin, h.user} {
		u, _ := h.sim.User(user)
		_, err := h.Tasks.Discovered(t.Context(), task.BoxUser{Account: id.Account, Task: id.Task, ID: user, Name: u.Name, Login: u.Login, BoxStatus: u.Status}, true)
		must(t, err)
	}
}

// watched is the configuration of AWS with which writes are noticed.
func (h *house) watched(t *testing.T, config aws.Config) aws.Config {
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	t.Cleanup(transport.CloseIdleConnections)
	config.HTTPClient = &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		if notice, ok := h.puts.Load().(func(*http.Request)); ok && r.Method == http.MethodPut {
			notice(r)
		}
		return transport.RoundTrip(r)
	})}
	return config
}

// roundTripper is a function as an http.RoundTripper.
type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// described is an HTTP client whose calls and answers are compared with Box's
// own description.
func described(t *testing.T) *http.Client {
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: boxspec.Checked(t, transport)}
}

// nap makes the client's waits short; Box's limits are off here.
func nap(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d / 50)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// row is the Box user as the table has it.
func (h *house) row(t *testing.T) task.BoxUser {
	t.Helper()
	row, err := h.Tasks.BoxUser(t.Context(), h.task.Account, h.task.ID, h.user)
	must(t, err)
	return row
}

// request asks for a run and returns its message.
func (h *house) request(t *testing.T) backup.RunMessage {
	t.Helper()
	row, err := h.Tasks.Request(t.Context(), h.row(t), time.Time{})
	must(t, err)
	return row.Message()
}

// backUp runs until the requested run has ended and returns the row then. The
// clock jumps over the waits between attempts.
func (h *house) backUp(t *testing.T) task.BoxUser {
	t.Helper()
	return h.run(t, h.request(t))
}

func (h *house) run(t *testing.T, message backup.RunMessage) task.BoxUser {
	t.Helper()
	for range 100 {
		must(t, h.Run(t.Context(), message))
		if row := h.row(t); row.RunID == "" {
			return row
		}
	}
	t.Fatal("the run did not end within 100 invocations")
	return task.BoxUser{}
}

// expire ends every lease that a dead worker left behind.
func (h *house) expire() { h.shift.Add(int64(task.LeaseTime + time.Second)) }

// node is an item as both a snapshot and Box's truth describe it.
type node struct {
	Kind                           backup.ItemKind
	ID, Path, Description, URL     string
	Tags                           []string
	Content                        backup.Content
	ContentCreated, ContentChanged string
}

// wantSnapshotEqualsSource compares the newest snapshot with what Box holds,
// and reads every content of the vault.
func (h *house) wantSnapshotEqualsSource(t *testing.T) {
	t.Helper()
	row := h.row(t)
	if row.Status != backup.Success || row.Reason != "" {
		t.Fatalf("status %s (%s), want Success", row.Status, row.Reason)
	}
	if diff := cmp.Diff(h.snapshot(t, row), h.source()); diff != "" {
		t.Errorf("snapshot and source differ (-snapshot +source):\n%s", diff)
	}
	h.wantVaultWhole(t)
}

func (h *house) wantVaultWhole(t *testing.T) {
	t.Helper()
	v, err := h.Vault(t.Context(), h.task)
	must(t, err)
	report, err := v.Verify(t.Context())
	must(t, err)
	if len(report.Damaged) > 0 {
		t.Errorf("%d damaged contents, the first: %v", len(report.Damaged), report.Damaged[0])
	}
}

func (h *house) source() []node {
	var nodes []node
	for _, n := range h.sim.Tree(h.user) {
		m := node{Kind: n.Kind, ID: n.ID, Path: n.Path, Description: n.Description, URL: n.URL, Tags: n.Tags, Content: n.Content}
		if n.Kind == backup.File {
			m.ContentCreated, m.ContentChanged = stamp(n.ContentCreated), stamp(n.ContentModified)
		}
		nodes = append(nodes, m)
	}
	sortNodes(nodes)
	return nodes
}

func stamp(at time.Time) string { return at.UTC().Truncate(time.Second).Format(time.RFC3339) }

func sortNodes(nodes []node) {
	for i := range nodes {
		if len(nodes[i].Tags) == 0 {
			nodes[i].Tags = nil
		}
	}
	slices.SortFunc(nodes, func(a, b node) int {
		return strings.Compare(a.Path+string(a.Kind)+a.ID, b.Path+string(b.Kind)+b.ID)
	})
}

// snapshot reads the newest snapshot from the stored catalog.
func (h *house) snapshot(t *testing.T, row task.BoxUser) []node {
	t.Helper()
	c := h.catalog(t, row)
	defer c.Close()
	paths := map[string]string{backup.RootFolder: ""}
	var nodes []node
	root := backup.ItemRef{Kind: backup.Folder, ID: backup.RootFolder}
	must(t, c.Walk(t.Context(), row.Snapshot, root, func(item catalog.Item) error {
		if item.ItemRef == root || item.State == catalog.Reference {
			return nil
		}
		path, ok := paths[item.Parent]
		if !ok {
			return fmt.Errorf("%s comes before its parent %s", item.ItemRef, item.Parent)
		}
		path += "/" + item.Name
		if item.Kind == backup.Folder {
			paths[item.ID] = path
		}
		n := node{Kind: item.Kind, ID: item.ID, Path: path, Description: item.Description, URL: item.URL, Tags: item.Tags, Content: item.Content}
		if item.Kind == backup.File {
			n.ContentCreated, n.ContentChanged = stamp(item.ContentCreatedAt), stamp(item.ContentModifiedAt)
		}
		nodes = append(nodes, n)
		return nil
	}))
	sortNodes(nodes)
	return nodes
}

func (h *house) catalog(t *testing.T, row task.BoxUser) *catalog.Catalog {
	t.Helper()
	var sealed vault.Sealed
	must(t, json.Unmarshal(row.Catalog, &sealed))
	v, err := h.Vault(t.Context(), h.task)
	must(t, err)
	path := filepath.Join(t.TempDir(), "catalog.db")
	f, err := os.Create(path)
	must(t, err)
	must(t, v.GetCatalog(t.Context(), sealed, f))
	must(t, f.Close())
	c, err := catalog.Open(t.Context(), path)
	must(t, err)
	return c
}
