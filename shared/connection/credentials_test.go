package connection_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"coffer/scripts/local/localtest"
	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/box/boxsim"
	"coffer/shared/connection"
	"coffer/shared/keys"
	"coffer/shared/queue"
	"coffer/shared/task"
)

// office is a simulated enterprise with a task that is not connected yet.
type office struct {
	sim        *boxsim.Sim
	enterprise *boxsim.Enterprise
	app        *boxsim.App
	users      []backup.BoxUserID
	tasks      *task.Table
	activity   *audit.Table
	cfg        aws.Config
	mails      string                         // the queue
	connect    func() *connection.Connections // another process
	shift      atomic.Int64
	task       task.Task
}

func newOffice(t *testing.T) *office {
	t.Helper()
	cloud := localtest.Start(t)
	o := &office{sim: boxsim.New(boxsim.Options{Seed: 31})}
	server := httptest.NewServer(o.sim)
	t.Cleanup(server.Close)
	o.enterprise = o.sim.AddEnterprise("Acme")
	for i, name := range []string{"Ada", "Bob", "Cem"} {
		role := []boxsim.Role{boxsim.Admin, boxsim.Member, boxsim.Member}[i]
		o.users = append(o.users, o.enterprise.AddUser(name, strings.ToLower(name)+"@acme.example", role))
	}
	o.app = o.enterprise.AddApp("", "", "https://coffer.example/callback")
	o.tasks = task.New(cloud.AWS, cloud.Table(t, localtest.Due))
	ring, activity := keys.New(cloud.AWS, cloud.Key(t)), audit.New(cloud.AWS, cloud.Table(t))
	o.activity, o.cfg, o.mails = activity, cloud.AWS, cloud.Queue(t)
	o.connect = func() *connection.Connections {
		c := connection.New(
			box.App{ClientID: o.app.ClientID, ClientSecret: o.app.ClientSecret, Sleep: nap},
			box.Config{API: server.URL, Upload: server.URL, Account: server.URL, Sleep: nap},
			o.tasks, ring, activity, queue.New[backup.MailMessage](o.cfg, o.mails))
		c.Now = func() time.Time { return time.Now().Add(time.Duration(o.shift.Load())) }
		return c
	}
	o.task = task.Task{Account: "acme", ID: "files", Name: "Files", Connection: backup.Disconnected}
	if err := o.tasks.Create(t.Context(), o.task); err != nil {
		t.Fatal(err)
	}
	return o
}

// own returns credentials of another app in the enterprise, which is the
// customer's own.
func (o *office) own(t *testing.T, grant backup.Grant) (*boxsim.App, backup.Credentials) {
	t.Helper()
	app := o.enterprise.AddApp("", "")
	c := backup.Credentials{Grant: grant, ClientID: app.ClientID, ClientSecret: app.ClientSecret, Enterprise: o.enterprise.ID}
	if grant == backup.JWT {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			t.Fatal(err)
		}
		if err := app.AddKey("k1", &key.PublicKey); err != nil {
			t.Fatal(err)
		}
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		c.KeyID, c.PrivateKey = "k1", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	}
	return app, c
}

// reaches reports what stands between a process and Bob's files.
func (o *office) reaches(t *testing.T, c *connection.Connections) error {
	t.Helper()
	_, err := c.Client(o.task.Account, o.task.ID).As(o.users[1]).FolderItems(t.Context(), backup.RootFolder, "")
	return err
}

func TestTaskConnectsWithTheCustomersOwnApp_B2(t *testing.T) {
	t.Parallel()
	for _, grant := range []backup.Grant{backup.ClientCredentials, backup.JWT} {
		t.Run(string(grant), func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			app, own := o.own(t, grant)
			worker := o.connect()
			got, err := o.connect().Connect(t.Context(), o.task, own, "ann@acme.example")
			if err != nil || got.Connection != backup.Connected || got.Grant != grant || got.Enterprise != o.enterprise.ID {
				t.Fatalf("%+v, %v", got, err)
			}
			if err := o.reaches(t, worker); err != nil {
				t.Fatalf("another process: %v", err)
			}
			app.Deauthorize()
			if err := o.reaches(t, worker); err == nil {
				t.Fatal("the app works although the enterprise took its authorisation back")
			}
			if err := worker.Lost(t.Context(), got); err != nil {
				t.Fatal(err)
			}
			if got, err = o.tasks.Task(t.Context(), "acme", "files"); err != nil || got.Connection != backup.Disconnected || got.Reason == "" {
				t.Fatalf("%+v, %v", got, err)
			}
			_, other := o.own(t, backup.ClientCredentials)
			if got, err = o.connect().Connect(t.Context(), got, other, "ann@acme.example"); err != nil || got.Connection != backup.Connected || got.Reason != "" {
				t.Fatalf("connected again: %+v, %v", got, err)
			}
			if err := o.reaches(t, worker); err != nil {
				t.Errorf("a process that knew the old app: %v", err)
			}
		})
	}
}

func TestProcessThatKnowsAnotherAuthorisationLearnsOfTheNewOne_F26(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	worker := o.connect()
	if err := worker.Tokens("acme", "files").Store(t.Context(), o.app.Pair(o.users[0])); err != nil {
		t.Fatal(err)
	}
	if err := o.reaches(t, worker); err != nil {
		t.Fatal(err)
	}
	_, own := o.own(t, backup.ClientCredentials)
	if _, err := o.connect().Connect(t.Context(), o.task, own, "ann@acme.example"); err != nil {
		t.Fatal(err)
	}
	o.shift.Store(int64(6 * time.Minute))
	me, err := worker.Client("acme", "files").Me(t.Context())
	if err != nil || me.ID == string(o.users[0]) {
		t.Errorf("acts as %+v, %v, want the service account of the customer's app", me, err)
	}
	if err := worker.Tokens("acme", "files").Store(t.Context(), o.app.Pair(o.users[0])); err != nil { // OAuth again
		t.Fatal(err)
	}
	o.shift.Store(int64(12 * time.Minute))
	if me, err := worker.Client("acme", "files").Me(t.Context()); err != nil || me.ID != string(o.users[0]) {
		t.Errorf("acts as %+v, %v, want the administrator", me, err)
	}
}

func TestCredentialsThatDoNotWorkAreExplainedAndNotStored_B2(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	app, own := o.own(t, backup.JWT)
	_, stranger := o.own(t, backup.JWT)
	elsewhere := o.sim.AddEnterprise("Other")
	foreign := elsewhere.AddApp("", "")
	elsewhere.AddUser("Eve", "eve@other.example", boxsim.Admin)
	change := func(f func(*backup.Credentials)) backup.Credentials {
		c := own
		f(&c)
		return c
	}
	unauthorised, apart := o.own(t, backup.ClientCredentials)
	unauthorised.Deauthorize()
	if _, err := o.tasks.Authorised(t.Context(), "acme", "files", o.enterprise.ID, "Acme", "ada@acme.example"); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		credentials backup.Credentials
		kind        backup.Kind
		says        string
	}{
		"grant":        {change(func(c *backup.Credentials) { c.Grant = backup.OAuth }), backup.Invalid, "Choose"},
		"secret":       {change(func(c *backup.Credentials) { c.ClientSecret = "wrong" }), backup.Invalid, "client secret"},
		"client":       {change(func(c *backup.Credentials) { c.ClientID = "wrong" }), backup.Invalid, "client ID"},
		"enterprise":   {change(func(c *backup.Credentials) { c.Enterprise = "1" }), backup.Invalid, "enterprise ID"},
		"no key":       {change(func(c *backup.Credentials) { c.PrivateKey = "BEGIN" }), backup.Invalid, "cannot be read"},
		"other key":    {change(func(c *backup.Credentials) { c.PrivateKey = stranger.PrivateKey }), backup.Invalid, "does not belong"},
		"unauthorised": {apart, backup.Conflict, "has not authorised"},
		"other enterprise": {
			backup.Credentials{Grant: backup.ClientCredentials, ClientID: foreign.ClientID, ClientSecret: foreign.ClientSecret, Enterprise: elsewhere.ID},
			backup.Conflict, "another Box enterprise",
		},
	} {
		_, err := o.connect().Connect(t.Context(), o.task, test.credentials, "ann@acme.example")
		if backup.KindOf(err) != test.kind || !strings.Contains(fmt.Sprint(err), test.says) {
			t.Errorf("%s: %v, want %v that says %q", name, err, test.kind, test.says)
		}
		for _, secret := range []string{own.ClientSecret, app.ClientSecret} {
			if strings.Contains(fmt.Sprint(err), secret) {
				t.Errorf("%s: the error holds the secret", name)
			}
		}
	}
	c, err := o.connect().Tokens("acme", "files").Credentials(t.Context())
	if err != nil || c.Grant != backup.OAuth {
		t.Errorf("stored: grant %s, %v", c.Grant, err)
	}
}
