package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"coffer/scripts/local/localtest"
	"coffer/shared/account"
	"coffer/shared/api"
	"coffer/shared/api/access"
	"coffer/shared/api/recovery"
	"coffer/shared/api/tasks"
	"coffer/shared/archiver"
	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/box/boxsim"
	"coffer/shared/bucket"
	"coffer/shared/connection"
	"coffer/shared/content"
	"coffer/shared/identity"
	"coffer/shared/job"
	"coffer/shared/keys"
	"coffer/shared/queue"
	"coffer/shared/scanner"
	"coffer/shared/shelf"
	"coffer/shared/snapshot"
	"coffer/shared/task"
	"coffer/shared/vault"
)

// product is the whole API with the workers behind it, on the local cloud and
// a simulated Box.
type product struct {
	t     testing.TB
	cloud *localtest.Cloud
	web   *httptest.Server
	box   *httptest.Server
	sim   *boxsim.Sim

	identity                    *identity.Service
	jobs                        *job.Table
	connections                 *connection.Connections
	scanner                     *scanner.Scanner
	archiver                    *archiver.Archiver
	mails, scans, runs, recover string
	reports, counts, acts       string
	tasks                       *tasks.Server
	accounts, rows              string       // tables: of accounts, and of tasks
	later                       atomic.Int64 // how far its clock is ahead, in nanoseconds
	passed                      atomic.Int64 // and how far that of sessions is
	weather                     weather      // of all its calls of AWS
}

// ahead sets the clock of tasks and jobs ahead by so much, not that of sessions.
func (p *product) ahead(by time.Duration) { p.later.Store(int64(by)) }

// here tells the time of sessions.
func (p *product) here() time.Time { return time.Now().Add(time.Duration(p.passed.Load())) }

func (p *product) now() time.Time { return time.Now().Add(time.Duration(p.later.Load())) }

func newProduct(t testing.TB) *product {
	t.Helper()
	cloud := localtest.Start(t)
	p := &product{
		t: t, cloud: cloud, sim: boxsim.New(boxsim.Options{Seed: 1}), accounts: cloud.Table(t), rows: cloud.Table(t, localtest.Due),
		mails: cloud.Queue(t), scans: cloud.Queue(t), runs: cloud.Queue(t), recover: cloud.Queue(t), reports: cloud.Queue(t), counts: cloud.Queue(t), acts: cloud.Queue(t),
	}
	p.box = httptest.NewServer(p.sim)
	t.Cleanup(p.box.Close)
	var handler http.Handler
	p.web = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(p.web.Close)

	enterprise := p.sim.AddEnterprise("Acme")
	app := enterprise.AddApp("coffer", "secret", p.web.URL+"/api/box/callback")
	cfg := p.weather.over(cloud.AWS)
	endpoints := box.Config{API: p.box.URL, Upload: p.box.URL, Account: p.box.URL}
	ring := keys.New(cfg, cloud.Key(t))
	table := task.New(cfg, p.rows)
	table.Now = p.now
	snapshots := snapshot.New(cfg, cloud.Table(t))
	activity := audit.New(cfg, cloud.Table(t))
	objects, contents := bucket.New(cfg, cloud.Bucket(t)), content.New(cfg, cloud.Table(t))
	mails := queue.New[backup.MailMessage](cfg, p.mails)
	runs := queue.New[backup.RunMessage](cfg, p.runs)
	open := func(ctx context.Context, t task.Task) (*vault.Vault, error) {
		return vault.Open(ctx, vault.ID{Account: t.Account, Task: t.ID}, t.VaultKey, objects, contents, ring)
	}
	p.jobs = job.New(cfg, cloud.Table(t, localtest.Due))
	p.connections = connection.New(box.App{ClientID: app.ClientID, ClientSecret: app.ClientSecret}, endpoints, table, ring, activity, mails)
	p.scanner = &scanner.Scanner{Tasks: table, Snapshots: snapshots, Audit: activity, Connections: p.connections, Runs: runs}
	p.archiver = &archiver.Archiver{
		Tasks: table, Snapshots: snapshots, Audit: activity, Connections: p.connections, Runs: runs, Vault: open,
		Dir: t.TempDir(), Now: time.Now, Beat: time.Second,
	}
	sessions := &identity.Sessions{Accounts: account.New(cfg, p.accounts), Now: p.here}
	p.identity = &identity.Service{
		Sessions: sessions, Directory: account.NewDirectory(cfg, cloud.Table(t)), Mail: mails, Portal: p.web.URL, Region: cfg.Region,
	}
	a := api.New(sessions, p.web.URL)
	(&access.Server{Identity: p.identity}).Register(a)
	p.tasks = &tasks.Server{
		Sessions: sessions, Mails: mails, Tasks: table, Audit: activity, Ring: ring, Connections: p.connections, Box: endpoints,
		Scans: queue.New[backup.ScanMessage](cfg, p.scans), Runs: runs, Portal: p.web.URL, Region: cfg.Region, Now: p.now,
		Reports: queue.New[backup.ReportMessage](cfg, p.reports), Counts: queue.New[backup.CountMessage](cfg, p.counts),
		Acts: queue.New[backup.ActMessage](cfg, p.acts),
	}
	p.tasks.Register(a)
	(&recovery.Server{
		Sessions: sessions, Tasks: table, Snapshots: snapshots, Jobs: p.jobs, Recovers: queue.New[backup.JobMessage](cfg, p.recover),
		Shelf: &shelf.Shelf{Dir: t.TempDir(), Room: 1 << 20, Vault: open}, Now: p.now,
	}).Register(a)
	handler = a.Handler()
	return p
}

// enterprise is the one that the simulator began with.
func (p *product) enterprise() *boxsim.Enterprise {
	p.t.Helper()
	e, ok := p.sim.FindEnterprise("Acme")
	if !ok {
		p.t.Fatal("no enterprise")
	}
	return e
}

// person is a signed-in portal user.
type person struct {
	p      *product
	cookie string
	key    string // of the requests that it sends, if any
}

// newPerson signs up, follows the mailed link and signs in, over HTTP.
func (p *product) newPerson(email string) *person {
	p.t.Helper()
	const password = "correct horse battery staple"
	w := &person{p: p}
	w.ok("POST", "/api/sign-up", map[string]any{"email": email, "password": password, "company": "Acme"}, nil)
	for _, m := range received[backup.MailMessage](p, p.mails) {
		if _, token, ok := strings.Cut(m.Data["link"], "#"); ok && m.To == email {
			w.ok("POST", "/api/activate", map[string]any{"token": token}, nil)
		}
	}
	response := w.ok("POST", "/api/session", map[string]any{"email": email, "password": password}, nil)
	for _, c := range response.Cookies() {
		if c.Name == api.Cookie {
			if !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
				p.t.Errorf("cookie %v", c)
			}
			w.cookie = c.Value
		}
	}
	if w.cookie == "" {
		p.t.Fatal("signing in gave no cookie")
	}
	return w
}

// received takes all messages off a queue.
func received[M any](p *product, url string) []M {
	p.t.Helper()
	var all []M
	for _, body := range p.cloud.Received(p.t, url) {
		var m M
		if err := json.Unmarshal([]byte(body), &m); err != nil {
			p.t.Fatal(err)
		}
		all = append(all, m)
	}
	return all
}

// send makes a call and returns the answer and its body.
func (w *person) send(method, path string, body any) (*http.Response, []byte) {
	w.p.t.Helper()
	var sent io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			w.p.t.Fatal(err)
		}
		sent = bytes.NewReader(data)
	}
	r, err := http.NewRequestWithContext(w.p.t.Context(), method, w.p.web.URL+path, sent)
	if err != nil {
		w.p.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if w.key != "" {
		r.Header.Set("Idempotency-Key", w.key)
	}
	r.AddCookie(&http.Cookie{Name: api.Cookie, Value: w.cookie})
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(r)
	if err != nil {
		w.p.t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		w.p.t.Fatal(err)
	}
	return response, data
}

// ok makes a call that must succeed, and decodes the answer into out.
func (w *person) ok(method, path string, body, out any) *http.Response {
	w.p.t.Helper()
	response, data := w.send(method, path, body)
	if response.StatusCode >= 400 {
		w.p.t.Fatalf("%s %s: %s", method, path, data)
	}
	if out != nil {
		if err := json.Unmarshal(data, out); err != nil {
			w.p.t.Fatalf("%s %s: %s: %v", method, path, data, err)
		}
	}
	return response
}

// refused makes a call that must fail with the status, and returns the detail.
func (w *person) refused(status int, method, path string, body any) string {
	w.p.t.Helper()
	response, data := w.send(method, path, body)
	var problem struct{ Detail string }
	if err := json.Unmarshal(data, &problem); err != nil || response.StatusCode != status {
		w.p.t.Errorf("%s %s: %d %s, want %d", method, path, response.StatusCode, data, status)
	}
	return problem.Detail
}

// connect authorises the task at Box as the person with the login there, and
// returns where the browser ends.
func (w *person) connect(task, login string) (state, location string) {
	w.p.t.Helper()
	var begin tasks.Authorization
	w.ok("POST", "/api/tasks/"+task+"/authorize", nil, &begin)
	u, err := url.Parse(begin.URL)
	if err != nil || !strings.HasPrefix(begin.URL, w.p.box.URL+"/api/oauth2/authorize?") {
		w.p.t.Fatalf("authorize at %q, %v", begin.URL, err)
	}
	form := url.Values{"login": {login}, "consent": {"grant"}}
	for _, name := range []string{"client_id", "redirect_uri", "state"} {
		form.Set(name, u.Query().Get(name))
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.PostForm(w.p.box.URL+"/api/oauth2/authorize", form)
	if err != nil {
		w.p.t.Fatal(err)
	}
	response.Body.Close()
	back, ok := strings.CutPrefix(response.Header.Get("Location"), w.p.web.URL)
	if !ok {
		w.p.t.Fatalf("Box sends the browser to %q (%d)", response.Header.Get("Location"), response.StatusCode)
	}
	return u.Query().Get("state"), w.ok("GET", back, nil, nil).Header.Get("Location")
}

// work carries out what is on the scan and backup queues.
func (p *product) work() {
	p.t.Helper()
	for _, m := range received[backup.ScanMessage](p, p.scans) {
		if err := p.scanner.Scan(p.t.Context(), m); err != nil {
			p.t.Fatal(err)
		}
	}
	for _, m := range received[backup.RunMessage](p, p.runs) {
		if err := p.archiver.Run(p.t.Context(), m); err != nil {
			p.t.Fatal(err)
		}
	}
}

// backedUp is a product with a connected task whose first Box user has files.
type backedUp struct {
	*product
	who                *person
	task, user         string
	snapshot           recovery.Snapshot
	base               string // the path of the Box user
	folder, file, link string // ids
}

func newBackedUp(t *testing.T) *backedUp {
	t.Helper()
	p := newProduct(t)
	admin := p.enterprise().AddUser("Ann Archer", "ann@acme.example", boxsim.Admin)
	p.enterprise().AddUser("Bob Baker", "bob@acme.example", boxsim.Member)
	must := func(id string, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	b := &backedUp{product: p, user: string(admin)}
	b.folder = must(p.sim.CreateFolder(admin, "0", "Plans"))
	b.file = must(p.sim.Upload(admin, b.folder, "plan \"A\" 🗺.txt", []byte("the plan")))
	b.link = must(p.sim.AddWebLink(admin, "0", "Site", "https://example.com/"))
	for i := range 7 {
		must(p.sim.Upload(admin, "0", fmt.Sprintf("file %d.txt", i), fmt.Appendf(nil, "content %d", i)))
	}
	b.who = p.newPerson("ann@example.com")
	var made tasks.Task
	b.who.ok("POST", "/api/tasks", map[string]any{"name": "Acme Box"}, &made)
	b.task = made.ID
	b.base = "/api/tasks/" + b.task + "/users/" + b.user
	if _, location := b.who.connect(b.task, "ann@acme.example"); location != p.web.URL+"/tasks/"+b.task+"/settings?connect=connected" {
		t.Fatalf("connecting ends at %q", location)
	}
	p.work()
	b.who.ok("POST", "/api/tasks/"+b.task+"/users/activate", map[string]any{"ids": []string{b.user}}, nil)
	b.who.ok("POST", "/api/tasks/"+b.task+"/backup", nil, nil)
	p.work()
	var list api.List[recovery.Snapshot]
	b.who.ok("GET", b.base+"/snapshots", nil, &list)
	if len(list.Items) != 1 {
		t.Fatalf("snapshots %+v", list)
	}
	b.snapshot = list.Items[0]
	return b
}
