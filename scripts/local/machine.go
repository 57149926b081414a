package main

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

	"coffer/scripts/local/cloud"
	"coffer/scripts/local/loopback"
	"coffer/scripts/local/statefile"
	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/box/boxsim"
	"coffer/shared/box/boxsim/company"
	"coffer/shared/env"
)

const (
	region = "eu-central-1" // where the local account lives
	build  = "dist"         // what `make local` builds into
)

// options are what a machine is made of.
type options struct {
	settings
	users, files int // of the demo enterprise when it is new
	log          io.Writer
}

// machine is the whole product and a simulated Box.
type machine struct {
	state  *cloud.State
	cloud  *cloud.Cloud
	portal string // addresses, as people write them
	box    string
	sim    *boxsim.Sim
	people []backup.BoxUserID // of the demo enterprise; the first is the administrator

	server *http.Server // of the simulator
}

// start starts a machine. The ports are taken first: somebody who has started
// it twice should not wait to hear so.
func start(ctx context.Context, o options) (_ *machine, err error) {
	m := &machine{}
	defer func() {
		if err != nil {
			m.close()
		}
	}()
	if m.state, err = cloud.Open(o.data); err != nil {
		return nil, err
	}
	listen, err := loopback.Listen(fmt.Sprintf("127.0.0.1:%d", o.port))
	if err != nil {
		return nil, fmt.Errorf("the portal: %w (set PORT)", err)
	}
	boxListen, err := loopback.Listen(fmt.Sprintf("127.0.0.1:%d", o.boxPort))
	if err != nil {
		_ = listen.Close()
		return nil, fmt.Errorf("the simulated Box: %w (set BOX_PORT)", err)
	}
	m.portal, m.box = address(listen), address(boxListen)
	if err := m.startBox(boxListen, o); err != nil {
		_ = listen.Close()
		return nil, err
	}
	application, err := m.application()
	if err != nil {
		_ = listen.Close()
		return nil, err
	}
	m.cloud, err = cloud.Start(ctx, cloud.Options{
		State: m.state, Build: build, Region: region, Listen: listen, Portal: m.portal, Box: m.box,
		Secrets: map[env.Setting]string{env.BoxSecret: application}, Log: o.log,
	})
	if err != nil {
		_ = listen.Close()
		return nil, err
	}
	return m, m.state.Note(m.portal)
}

func address(l net.Listener) string {
	return fmt.Sprintf("http://localhost:%d", l.Addr().(*net.TCPAddr).Port)
}

// startBox starts the simulator with what it had, or with a new demo
// enterprise.
func (m *machine) startBox(listen net.Listener, o options) error {
	contents := m.state.Path("box", "contents")
	if err := os.MkdirAll(contents, 0o700); err != nil {
		_ = listen.Close()
		return err
	}
	m.sim = boxsim.New(boxsim.Options{Seed: 1, Dir: contents})
	m.server = &http.Server{Handler: loopback.Local(m.sim), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = m.server.Serve(listen) }() // returns when close is called
	kept, err := m.sim.Keep(m.state.Path("box", "state"))
	if err != nil {
		return fmt.Errorf("%w: delete it, or the whole state folder, to start afresh", err)
	}
	enterprise, ok := m.sim.FindEnterprise(company.Name)
	switch {
	case ok:
		m.people = enterprise.Users()
	case kept:
		return errors.New("the simulated Box in the state folder has no demo enterprise: set DATA to another folder")
	default:
		made, err := company.Build(m.sim, 1, o.users, o.files)
		if err != nil {
			return fmt.Errorf("demo enterprise: %w", err)
		}
		m.people = made.Users
	}
	if err := m.load(o.folder); err != nil {
		return err
	}
	return m.sim.Flush()
}

// load gives the first Box user a copy of a real folder, once.
func (m *machine) load(dir string) error {
	if dir == "" {
		return nil
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	user, name := m.people[0], filepath.Base(dir)
	if _, there := m.sim.Lookup(user, "/"+name); there {
		return nil
	}
	folder, err := m.sim.CreateFolder(user, backup.RootFolder, name)
	if err == nil {
		_, err = m.sim.Import(user, folder, os.DirFS(dir))
	}
	if err != nil {
		return fmt.Errorf("files of IMPORT: %w", err)
	}
	return nil
}

// registration is Coffer's application at the simulated Box.
type registration struct{ ID, Secret, Redirect string }

// application returns the credentials of Coffer's application at Box, as the
// secret holds them. Box sends people back to registered addresses only, so a
// new address of the portal is registered anew.
func (m *machine) application() (string, error) {
	path := m.state.Path("box", "application.json")
	var r registration
	if err := statefile.Load(path, &r); err != nil {
		return "", err
	}
	if back := m.portal + "/api/box/callback"; r.Redirect != back {
		enterprise, _ := m.sim.FindEnterprise(company.Name)
		app := enterprise.AddApp(r.ID, r.Secret, back)
		r = registration{ID: app.ClientID, Secret: app.ClientSecret, Redirect: back}
		if err := errors.Join(m.sim.Flush(), statefile.Save(path, r)); err != nil {
			return "", err
		}
	}
	secret, err := json.Marshal(box.App{ClientID: r.ID, ClientSecret: r.Secret})
	return string(secret), err
}

// administrator is the login of the demo enterprise's administrator.
func (m *machine) administrator() string {
	u, _ := m.sim.User(m.people[0]) // the enterprise has users
	return u.Login
}

// close stops everything and returns when no child process is left.
func (m *machine) close() {
	if m.cloud != nil {
		m.cloud.Close()
	}
	if m.server != nil {
		_ = m.server.Close()
		_ = m.sim.Flush() // what a change could not save, nobody can now
	}
	if m.state != nil {
		m.state.Close()
	}
}
