package backups

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"coffer/scripts/demo"
	"coffer/scripts/local/cloud"
	"coffer/scripts/local/loopback"
	"coffer/scripts/local/scratch"
	"coffer/scripts/local/tally"
	"coffer/shared/api/access"
	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/box/boxsim"
	"coffer/shared/box/boxsim/proxy"
	"coffer/shared/env"
	"coffer/shared/snapshot"
	"coffer/shared/task"
)

// latency is added to every call of Box.
const latency = 60 * time.Millisecond

// house is the product with a simulated Box of its own, and a customer who has
// connected it.
type house struct {
	dir       string
	sim       *boxsim.Sim
	box       string // addresses: of the simulator, and of its proxy
	proxy     string
	ca        string // file with the proxy's authority
	servers   []*http.Server
	state     *cloud.State
	cloud     *cloud.Cloud
	tally     *tally.Tally // nil where nothing is counted
	portal    *demo.Portal
	account   backup.AccountID
	task      backup.TaskID
	users     map[string]backup.BoxUserID // by name
	tasks     *task.Table
	snapshots *snapshot.Table
	db        *dynamodb.Client
}

const administrator = "administrator"

// open starts a house whose Box has the people and, besides, an administrator.
// Where requests to AWS's services are to be counted, they take a way through
// the tally, which large files would feel.
func open(ctx context.Context, limits bool, count *tally.Tally, log io.Writer, people ...string) (_ *house, err error) {
	h := &house{users: map[string]backup.BoxUserID{}, tally: count}
	defer func() {
		if err != nil {
			h.close()
		}
	}()
	if h.dir, err = scratch.New("coffer-bench"); err != nil {
		return nil, err
	}
	if h.state, err = cloud.Open(filepath.Join(h.dir, "state")); err != nil {
		return nil, err
	}
	listen, err := loopback.Listen("127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := "http://localhost:" + port(listen)
	secret, err := h.openBox(address, limits, people)
	if err != nil {
		return nil, errors.Join(err, listen.Close())
	}
	h.cloud, err = cloud.Start(ctx, cloud.Options{
		State: h.state, Build: "dist", Region: "eu-central-1", Listen: listen, Portal: address, Box: h.box,
		Secrets: map[env.Setting]string{env.BoxSecret: secret}, Log: log, Tally: h.tally, Volatile: true,
	})
	if err != nil {
		return nil, errors.Join(err, listen.Close())
	}
	h.tasks = task.New(h.cloud.AWS, h.cloud.Product.Setting(env.TasksTable))
	h.snapshots = snapshot.New(h.cloud.AWS, h.cloud.Product.Setting(env.SnapshotsTable))
	h.db = dynamodb.NewFromConfig(h.cloud.AWS)
	return h, h.signUp(ctx, address)
}

func port(l net.Listener) string { return fmt.Sprint(l.Addr().(*net.TCPAddr).Port) }

func login(name string) string { return name + "@bench.example" }

// openBox starts the simulated Box and its proxy. It returns the credentials of
// Coffer's application in it.
func (h *house) openBox(portal string, limits bool, people []string) (secret string, err error) {
	h.sim = boxsim.New(boxsim.Options{Seed: 5, Latency: latency, Limits: limits})
	bench := h.sim.AddEnterprise("Bench")
	h.users[administrator] = bench.AddUser(administrator, login(administrator), boxsim.Admin)
	for _, name := range people {
		h.users[name] = bench.AddUser(name, login(name), boxsim.Member)
	}
	app := bench.AddApp("", "", portal+"/api/box/callback")
	text, err := json.Marshal(box.App{ClientID: app.ClientID, ClientSecret: app.ClientSecret})
	if err != nil {
		return "", err
	}
	if h.box, err = h.serve(h.sim); err != nil {
		return "", err
	}
	p, err := proxy.New(h.sim)
	if err != nil {
		return "", err
	}
	if h.proxy, err = h.serve(p); err != nil {
		return "", err
	}
	h.ca = filepath.Join(h.dir, "ca.pem")
	return string(text), os.WriteFile(h.ca, p.CA(), 0o600)
}

func (h *house) serve(handler http.Handler) (address string, err error) {
	listen, err := loopback.Listen("127.0.0.1:0")
	if err != nil {
		return "", err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	h.servers = append(h.servers, server)
	go func() { _ = server.Serve(listen) }() // returns when close is called
	return "http://localhost:" + port(listen), nil
}

func (h *house) signUp(ctx context.Context, address string) error {
	h.portal = demo.NewPortal(address)
	person := demo.Person{Email: "admin@bench.example", Password: "correct horse battery staple", Name: "Bench", Company: "Bench"}
	if err := h.portal.SignUp(ctx, person, cloud.MailPath); err != nil {
		return err
	}
	var who access.Session
	if err := h.portal.Call(ctx, http.MethodGet, "/api/session", nil, &who); err != nil {
		return err
	}
	h.account = backup.AccountID(who.Account.ID)
	t, err := h.portal.Connect(ctx, "Bench", login(administrator), len(h.users))
	h.task = backup.TaskID(t.ID)
	return err
}

func (h *house) close() {
	if h.cloud != nil {
		h.cloud.Close()
	}
	for _, s := range h.servers {
		_ = s.Close()
	}
	if h.state != nil {
		h.state.Close()
	}
	if h.dir != "" {
		_ = os.RemoveAll(h.dir)
	}
}
