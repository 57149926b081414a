package chaos_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"coffer/scripts/demo"
	"coffer/scripts/local/cloud"
	"coffer/scripts/local/lambda"
	"coffer/scripts/local/loopback"
	"coffer/shared/api/access"
	"coffer/shared/api/recovery"
	"coffer/shared/api/tasks"
	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/box/boxsim"
	"coffer/shared/env"
)

// house is the product with a simulated Box and a customer who has connected
// an enterprise.
type house struct {
	*clock
	state   *cloud.State
	cloud   *cloud.Cloud
	sim     *boxsim.Sim
	server  *http.Server
	portal  *demo.Portal
	person  demo.Person
	admin   string // who connects the task
	account backup.AccountID
	task    string
	users   map[string]backup.BoxUserID // by name
	log     tail
	weather weather
	trap    trap
	record  record
}

// The enterprise's people. Every test has Box users of its own.
var people = []string{"Ada", "Bob", "Killed", "Restored", "Large", "Wide", "Revoked", "Twice 1", "Twice 2", "Twice 3", "Twice 4", "Points", "Poisoned", "Cured"}

// administrators may connect: Ada has, Bob is free to.
var administrators = map[string]boxsim.Role{"Ada": boxsim.Admin, "Bob": boxsim.CoAdmin}

func login(name string) string { return url.PathEscape(name) + "@acme.example" }

// shared is the house of all tests but those of the runner: starting one takes
// seconds.
var shared = &sharing{}

type sharing struct {
	once  sync.Once
	house *house
	err   error
}

func (s *sharing) close() {
	if s.house != nil {
		s.house.close()
	}
}

// enter returns the house. What the functions log at the end is shown where
// the test fails.
func enter(t *testing.T) *house {
	t.Helper()
	shared.once.Do(func() { shared.house, shared.err = open("state", append(slices.Clone(people), crews()...), nil) })
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	h := shared.house
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the functions' log ends:\n%s", h.log.String())
		}
	})
	return h
}

// open starts a house on a folder and brings the customer in. The functions'
// limits may be changed.
func open(folder string, people []string, change func(*lambda.Function)) (h *house, err error) {
	ctx := context.Background()
	h = &house{admin: "Ada", users: map[string]backup.BoxUserID{}, person: demo.Person{
		Email: "ada@acme.example", Password: "correct horse battery staple", Name: "Ada", Company: "Acme",
	}}
	defer func() {
		if err != nil {
			h.close()
			h = nil
		}
	}()
	if h.state, err = cloud.Open(folder); err != nil {
		return nil, err
	}
	listen, err := loopback.Listen("127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := "http://localhost:" + port(listen)
	secret, boxURL, err := h.openBox(address, people)
	if err != nil {
		return nil, errors.Join(err, listen.Close())
	}
	h.cloud, err = cloud.Start(ctx, cloud.Options{
		State: h.state, Build: "dist", Region: "eu-central-1", Listen: listen, Portal: address, Box: boxURL,
		Secrets: map[env.Setting]string{env.BoxSecret: secret}, Log: io.MultiWriter(&h.log, &h.record),
		Function: change, Through: h.weather.through,
	})
	if err != nil {
		return nil, err
	}
	h.clock = &clock{
		db:    dynamodb.NewFromConfig(h.cloud.AWS),
		tasks: h.setting(env.TasksTable), jobs: h.setting(env.JobsTable), portal: address,
	}
	return h, h.signUp(ctx, address)
}

func port(l net.Listener) string { return fmt.Sprint(l.Addr().(*net.TCPAddr).Port) }

// openBox starts the simulated Box. It returns its address and the credentials
// of Coffer's application in it.
func (h *house) openBox(portal string, people []string) (secret, address string, err error) {
	h.sim = boxsim.New(boxsim.Options{Seed: 7})
	acme := h.sim.AddEnterprise("Acme")
	for _, name := range people {
		role := boxsim.Member
		if r, ok := administrators[name]; ok {
			role = r
		}
		h.users[name] = acme.AddUser(name, login(name), role)
	}
	app := acme.AddApp("", "", portal+"/api/box/callback")
	text, err := json.Marshal(box.App{ClientID: app.ClientID, ClientSecret: app.ClientSecret})
	if err != nil {
		return "", "", err
	}
	listen, err := loopback.Listen("127.0.0.1:0")
	if err != nil {
		return "", "", err
	}
	h.server = &http.Server{Handler: h.record.tokens(h.trap.before(h.sim))}
	go func() { _ = h.server.Serve(listen) }() // returns when close is called
	return string(text), "http://localhost:" + port(listen), nil
}

func (h *house) signUp(ctx context.Context, address string) error {
	h.portal = demo.NewPortal(address)
	if err := h.portal.SignUp(ctx, h.person, cloud.MailPath); err != nil {
		return err
	}
	var who access.Session
	if err := h.portal.Call(ctx, http.MethodGet, "/api/session", nil, &who); err != nil {
		return err
	}
	h.account = backup.AccountID(who.Account.ID)
	t, err := h.portal.Connect(ctx, "Acme", login(h.admin), len(h.users))
	h.task = t.ID
	return err
}

func (h *house) setting(s env.Setting) string { return h.cloud.Product.Setting(s) }

func (h *house) close() {
	if h.cloud != nil {
		h.cloud.Close()
	}
	if h.server != nil {
		_ = h.server.Close()
	}
	if h.state != nil {
		h.state.Close()
	}
}

// call calls the API; what the test expects, it gets in out.
func (h *house) call(t *testing.T, method, path string, in, out any) {
	t.Helper()
	if err := h.portal.Call(t.Context(), method, path, in, out); err != nil {
		t.Fatal(err)
	}
}

func usersPath(task string) string { return "/api/tasks/" + task + "/users" }

func snapshotsPath(task string, user backup.BoxUserID) string {
	return usersPath(task) + "/" + string(user) + "/snapshots"
}

// request activates Box users of a task and asks for their backup.
func (h *house) request(t *testing.T, task string, users ...backup.BoxUserID) {
	t.Helper()
	for _, action := range []string{"activate", "backup"} {
		var got tasks.ActionResult
		h.call(t, http.MethodPost, usersPath(task)+"/"+action, map[string]any{"ids": users}, &got)
		if got.Done != len(users) {
			t.Fatalf("%s of %d Box users: %+v", action, len(users), got)
		}
	}
}

// user returns a Box user as the API shows it.
func (h *house) user(t *testing.T, task string, user backup.BoxUserID) tasks.BoxUser {
	t.Helper()
	var u tasks.BoxUser
	h.call(t, http.MethodGet, usersPath(task)+"/"+string(user), nil, &u)
	return u
}

// finished waits until no backup of the Box user is requested or in progress.
func (h *house) finished(t *testing.T, task string, user backup.BoxUserID) tasks.BoxUser {
	t.Helper()
	var u tasks.BoxUser
	eventually(t, "the backup has ended", func() bool {
		u = h.user(t, task, user)
		return !u.Requested
	})
	return u
}

// snapshots lists a Box user's snapshots, the newest first.
func (h *house) snapshots(t *testing.T, task string, user backup.BoxUserID) []recovery.Snapshot {
	t.Helper()
	list, err := demo.All[recovery.Snapshot](t.Context(), h.portal, snapshotsPath(task, user))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// failures is what a snapshot lacks.
func (h *house) failures(t *testing.T, task string, user backup.BoxUserID, snapshot string) []recovery.Failure {
	t.Helper()
	list, err := demo.All[recovery.Failure](t.Context(), h.portal, snapshotsPath(task, user)+"/"+snapshot+"/failures")
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// equalsBox fails the test where a snapshot differs from what Box truly has.
func (h *house) equalsBox(t *testing.T, task string, user backup.BoxUserID, snapshot string) {
	t.Helper()
	h.equals(t, task, user, snapshot, demo.Entries(h.sim.Tree(user), ""))
}

func (h *house) equals(t *testing.T, task string, user backup.BoxUserID, snapshot string, want []demo.Entry) {
	t.Helper()
	got, err := h.portal.Browse(t.Context(), task, string(user), snapshot)
	if err != nil {
		t.Fatal(err)
	}
	differences := demo.Differences(want, got)
	for _, d := range differences[:min(10, len(differences))] {
		t.Error(d)
	}
	if n := len(differences); n > 10 {
		t.Errorf("and %d more differences", n-10)
	}
}

// activities is what the activity list tells of a Box user, once activated.
func (h *house) activities(t *testing.T, user backup.BoxUserID) []tasks.Activity {
	t.Helper()
	all, err := demo.All[tasks.Activity](t.Context(), h.portal, "/api/activity")
	if err != nil {
		t.Fatal(err)
	}
	var own []tasks.Activity
	for _, a := range all {
		if a.BoxUser == string(user) && a.Kind != audit.Activate {
			own = append(own, a)
		}
	}
	return own
}

// tail keeps the end of what is written to it.
type tail struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write implements io.Writer.
func (l *tail) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.buf.Len() > 32<<10 {
		l.buf.Next(l.buf.Len() - 16<<10)
	}
	return l.buf.Write(p)
}

func (l *tail) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// self is this process, which runs the functions.
var self = os.Getpid()
