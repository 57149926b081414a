package restorer_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/google/go-cmp/cmp"

	"coffer/scripts/local/localtest"
	"coffer/shared/account"
	"coffer/shared/archiver"
	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/box/boxsim"
	"coffer/shared/bucket"
	"coffer/shared/connection"
	"coffer/shared/content"
	"coffer/shared/job"
	"coffer/shared/keys"
	"coffer/shared/queue"
	"coffer/shared/restorer"
	"coffer/shared/shelf"
	"coffer/shared/snapshot"
	"coffer/shared/task"
	"coffer/shared/vault"
)

// house is a simulated Box with one task, whose user Bob is backed up, and a
// restorer, on real DynamoDB, S3, SQS and KMS interfaces.
type house struct {
	*restorer.Restorer
	archiver *archiver.Archiver
	sim      *boxsim.Sim
	user     backup.BoxUserID
	admin    backup.BoxUserID
	task     task.Task
	cloud    *localtest.Cloud
	objects  *bucket.Bucket
	queues   struct{ jobs, mails string }
	plug     *plug
	shift    atomic.Int64 // of the clock, nanoseconds
	jobs     atomic.Int64
	revoke   func() // takes Box's authorisation back
}

func newHouse(t *testing.T, options boxsim.Options) *house {
	t.Helper()
	h := &house{sim: boxsim.New(options), plug: &plug{}, cloud: localtest.Start(t)}
	server := httptest.NewServer(h.sim)
	t.Cleanup(server.Close)
	enterprise := h.sim.AddEnterprise("Acme")
	admin := enterprise.AddUser("Ada", "ada@acme.example", boxsim.Admin)
	h.admin = admin
	h.user = enterprise.AddUser("Bob", "bob@acme.example", boxsim.Member)
	app := enterprise.AddApp("", "", "https://coffer.example/callback")
	h.revoke = func() { h.sim.RevokeTokens(admin) }

	aws := h.cloud.AWS
	ring := keys.New(aws, h.cloud.Key(t))
	table := h.cloud.Table(t, localtest.Due)
	tasks := task.New(aws, table)
	tasks.Now = h.now
	activity := audit.New(aws, h.cloud.Table(t))
	h.objects = bucket.New(aws, h.cloud.Bucket(t))
	contents := content.New(aws, h.cloud.Table(t))
	id := vault.ID{Account: "acme", Task: "files"}
	key, err := vault.NewKey(t.Context(), id, ring)
	must(t, err)
	h.task = task.Task{
		Account: id.Account, ID: id.Task, Name: "Files", Connection: backup.Connected,
		Frequency: task.Daily, Hour: 1, VaultKey: key, Created: h.now(),
	}
	must(t, tasks.Create(t.Context(), h.task))
	h.queues.jobs, h.queues.mails = h.cloud.Queue(t), h.cloud.Queue(t)
	open := func(ctx context.Context, b task.Task) (*vault.Vault, error) {
		return vault.Open(ctx, id, b.VaultKey, h.objects, contents, ring)
	}
	connections := func(client *http.Client) *connection.Connections {
		return connection.New(box.App{ClientID: app.ClientID, ClientSecret: app.ClientSecret}, box.Config{
			API: server.URL, Upload: server.URL, Account: server.URL, HTTP: client,
			Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
		}, tasks, ring, activity, queue.New[backup.MailMessage](aws, h.queues.mails))
	}
	must(t, connections(nil).Tokens(id.Account, id.Task).Store(t.Context(), app.Pair(admin)))
	_, err = tasks.Discovered(t.Context(), task.BoxUser{Account: id.Account, Task: id.Task, ID: h.user, Name: "Bob", Login: "bob@acme.example", BoxStatus: "active"}, true)
	must(t, err)
	h.archiver = &archiver.Archiver{
		Tasks: tasks, Snapshots: snapshot.New(aws, h.cloud.Table(t)), Audit: activity, Connections: connections(nil),
		Runs: queue.New[backup.RunMessage](aws, h.queues.jobs), Vault: open, Dir: t.TempDir(), Now: h.now, Beat: time.Second,
	}
	// Whatever the restorer says to Box and to its ledger goes through the plug.
	h.plug.to = http.DefaultTransport
	aws.HTTPClient = &http.Client{Transport: h.plug}
	aws.Retryer = func() sdk.Retryer { return retry.AddWithMaxBackoffDelay(retry.NewStandard(), time.Millisecond) }
	jobs := job.New(aws, h.cloud.Table(t, localtest.Due))
	jobs.Now = h.now
	h.Restorer = &restorer.Restorer{
		Jobs: jobs, Tasks: tasks, Accounts: account.New(aws, h.cloud.Table(t)), Audit: activity, Connections: connections(&http.Client{Transport: h.plug}),
		Shelf:    &shelf.Shelf{Dir: t.TempDir(), Room: 1 << 30, Vault: open},
		Messages: queue.New[backup.JobMessage](aws, h.queues.jobs), Mails: queue.New[backup.MailMessage](aws, h.queues.mails),
		Now: h.now, Beat: 50 * time.Millisecond,
	}
	return h
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (h *house) now() time.Time { return time.Now().Add(time.Duration(h.shift.Load())) }

// expire ends every lease that a dead worker left behind.
func (h *house) expire() { h.shift.Add(int64(job.LeaseTime + time.Second)) }

// backUp makes a snapshot of what Bob has now.
func (h *house) backUp(t *testing.T) backup.SnapshotID {
	t.Helper()
	row, err := h.Tasks.BoxUser(t.Context(), h.task.Account, h.task.ID, h.user)
	must(t, err)
	row, err = h.Tasks.Request(t.Context(), row, time.Time{})
	must(t, err)
	must(t, h.archiver.Run(t.Context(), row.Message()))
	row, err = h.Tasks.BoxUser(t.Context(), h.task.Account, h.task.ID, h.user)
	must(t, err)
	if row.RunID != "" || row.Status != backup.Success && row.Status != backup.Partial {
		t.Fatalf("backup: %s %s", row.Status, row.Reason)
	}
	return row.Snapshot
}

// ask creates a job for the snapshot's items, or for all.
func (h *house) ask(t *testing.T, snap backup.SnapshotID, mode backup.RestoreMode, items ...backup.ItemRef) backup.JobMessage {
	t.Helper()
	return h.askFor(t, snap, mode, nil, items...)
}

// askFor is ask with a destination.
func (h *house) askFor(t *testing.T, snap backup.SnapshotID, mode backup.RestoreMode, to *job.Destination, items ...backup.ItemRef) backup.JobMessage {
	t.Helper()
	at := h.now().Add(time.Duration(h.jobs.Add(1)) * time.Millisecond)
	j := job.Job{
		Account: h.task.Account, ID: backup.JobID(backup.NewSortableID(at)), Kind: job.Restore, Label: "Back, please",
		Task: h.task.ID, TaskName: "Files", BoxUser: h.user, UserName: "Bob", UserLogin: "bob@acme.example", Snapshot: snap,
		Whole: len(items) == 0, Mode: mode, Destination: to, Initiator: "ada@acme.example", Created: at,
	}
	must(t, h.Jobs.Create(t.Context(), j, items))
	return backup.JobMessage{Account: j.Account, Job: j.ID}
}

// finish delivers the message until the job has ended.
func (h *house) finish(t *testing.T, m backup.JobMessage) job.Job {
	t.Helper()
	for range 60 {
		must(t, h.Run(t.Context(), m))
		j, err := h.Jobs.Job(t.Context(), m.Account, m.Job)
		must(t, err)
		if j.Status.Final() {
			return j
		}
		h.expire()
	}
	t.Fatal("the job did not end within 60 invocations")
	return job.Job{}
}

func (h *house) restore(t *testing.T, snap backup.SnapshotID, mode backup.RestoreMode, items ...backup.ItemRef) job.Job {
	t.Helper()
	return h.finish(t, h.ask(t, snap, mode, items...))
}

func (h *house) ledger(t *testing.T, j job.Job) map[string]job.Entry {
	t.Helper()
	lines := map[string]job.Entry{}
	for e, err := range h.Jobs.Ledger(t.Context(), j.Account, j.ID) {
		must(t, err)
		lines[e.Name] = e
	}
	return lines
}

// node is an item without what Box makes anew for a restored one.
type node struct {
	Kind                           backup.ItemKind
	Path, Description, URL         string
	Tags                           string
	Content                        backup.Content
	ContentCreated, ContentChanged string
}

// tree is what Bob has below a path, without the path.
func (h *house) tree(below string) []node { return h.treeOf(h.user, below) }

func (h *house) treeOf(user backup.BoxUserID, below string) []node {
	var nodes []node
	for _, n := range h.sim.Tree(user) {
		path, ok := strings.CutPrefix(n.Path, below+"/")
		if !ok {
			continue
		}
		m := node{Kind: n.Kind, Path: path, Description: n.Description, URL: n.URL, Tags: strings.Join(n.Tags, "|"), Content: n.Content}
		if n.Kind == backup.File {
			m.ContentCreated = n.ContentCreated.UTC().Truncate(time.Second).Format(time.RFC3339)
			m.ContentChanged = n.ContentModified.UTC().Truncate(time.Second).Format(time.RFC3339)
		}
		nodes = append(nodes, m)
	}
	slices.SortFunc(nodes, func(a, b node) int { return strings.Compare(a.Path, b.Path) })
	return nodes
}

// wantAll wants a job that restored everything, and tells what it did not.
func (h *house) wantAll(t *testing.T, j job.Job, items int) {
	t.Helper()
	if j.Status == backup.JobSucceeded && j.Failed == 0 && j.Done+j.Skipped == int64(items) {
		return
	}
	t.Errorf("job %s (%s): %d done and %d skipped of %d, want %d", j.Status, j.Reason, j.Done, j.Skipped, j.Total, items)
	for _, e := range h.ledger(t, j) {
		if e.Outcome == job.Refused {
			t.Errorf("%s %s: %s", e.Ref, e.Name, e.Reason)
		}
	}
}

func wantTree(t *testing.T, got, want []node) {
	t.Helper()
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("tree (-got +want):\n%s", diff)
	}
}

func wantJob(t *testing.T, j job.Job, status backup.JobStatus, done, skipped, failed int64) {
	t.Helper()
	if j.Status != status || j.Done != done || j.Skipped != skipped || j.Failed != failed || j.Total != done+skipped+failed {
		t.Errorf("job %s (%s): %d done, %d skipped, %d failed of %d; want %s, %d, %d, %d",
			j.Status, j.Reason, j.Done, j.Skipped, j.Failed, j.Total, status, done, skipped, failed)
	}
}

// plug is a worker's connection to the world, pulled at a chosen call.
type plug struct {
	to http.RoundTripper

	mu     sync.Mutex
	calls  int
	at     int  // the call at which it is pulled; 0 is never
	after  bool // the call takes effect, and only its reply is lost
	pulled func()
	dead   bool
}

var errPulled = errors.New("the worker is dead")

// pull plans the death at a call, counted from here.
func (p *plug) pull(at int, after bool, pulled func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls, p.at, p.after, p.pulled, p.dead = 0, at, after, pulled, false
}

func (p *plug) RoundTrip(r *http.Request) (*http.Response, error) {
	p.mu.Lock()
	p.calls++
	now := p.at > 0 && p.calls == p.at && !p.dead
	if now {
		p.dead = true
	}
	dead, after := p.dead, p.after
	p.mu.Unlock()
	if !dead {
		return p.to.RoundTrip(r)
	}
	if now && after {
		if resp, err := p.to.RoundTrip(r); err == nil {
			resp.Body.Close()
		}
	}
	if now {
		p.pulled()
	}
	return nil, errPulled
}
