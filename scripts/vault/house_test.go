package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"coffer/scripts/local/localtest"
	"coffer/shared/archiver"
	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/box/boxsim"
	"coffer/shared/bucket"
	"coffer/shared/connection"
	"coffer/shared/content"
	"coffer/shared/env"
	"coffer/shared/keys"
	"coffer/shared/queue"
	"coffer/shared/snapshot"
	"coffer/shared/task"
	"coffer/shared/vault"
	"coffer/shared/verifier"
)

// house is a simulated Box and a customer's backup of it, in tables and a
// bucket.
type house struct {
	*archiver.Archiver
	cloud    *localtest.Cloud
	settings map[env.Setting]string
	sim      *boxsim.Sim
	task     task.Task
	users    []backup.BoxUserID
}

func newHouse(t *testing.T, names ...string) *house {
	t.Helper()
	h := &house{sim: boxsim.New(boxsim.Options{Seed: 3}), cloud: localtest.Start(t)}
	server := httptest.NewServer(h.sim)
	t.Cleanup(server.Close)
	cloud, enterprise := h.cloud, h.sim.AddEnterprise("Acme")
	app := enterprise.AddApp("", "", "https://coffer.example/callback")
	h.settings = map[env.Setting]string{
		env.TasksTable: cloud.Table(t, localtest.Due), env.SnapshotsTable: cloud.Table(t), env.ContentsTable: cloud.Table(t),
		env.VaultBucket: cloud.Bucket(t), env.VaultKey: cloud.Key(t),
	}
	ring, tasks := keys.New(cloud.AWS, h.settings[env.VaultKey]), task.New(cloud.AWS, h.settings[env.TasksTable])
	activity := audit.New(cloud.AWS, cloud.Table(t))
	id := vault.ID{Account: "acme", Task: "files"}
	key, err := vault.NewKey(t.Context(), id, ring)
	must(t, err)
	h.task = task.Task{
		Account: id.Account, ID: id.Task, Name: "Files", EnterpriseName: "Acme", Connection: backup.Connected,
		Frequency: task.Daily, VaultKey: key, Created: time.Now(),
	}
	must(t, tasks.Create(t.Context(), h.task))
	conns := connection.New(box.App{ClientID: app.ClientID, ClientSecret: app.ClientSecret},
		box.Config{API: server.URL, Upload: server.URL, Account: server.URL}, tasks, ring, activity,
		queue.New[backup.MailMessage](cloud.AWS, cloud.Queue(t)))
	for i, name := range names {
		role := boxsim.Member
		if i == 0 {
			role = boxsim.Admin
		}
		user := enterprise.AddUser(name, strings.ToLower(name)+"@acme.example", role)
		h.users = append(h.users, user)
		if i == 0 {
			must(t, conns.Tokens(id.Account, id.Task).Store(t.Context(), app.Pair(user)))
		}
		_, err := tasks.Discovered(t.Context(), task.BoxUser{
			Account: id.Account, Task: id.Task, ID: user, Name: name, Login: strings.ToLower(name) + "@acme.example", BoxStatus: "active",
		}, true)
		must(t, err)
	}
	objects, contents := bucket.New(cloud.AWS, h.settings[env.VaultBucket]), content.New(cloud.AWS, h.settings[env.ContentsTable])
	h.Archiver = &archiver.Archiver{
		Tasks: tasks, Snapshots: snapshot.New(cloud.AWS, h.settings[env.SnapshotsTable]), Audit: activity, Connections: conns,
		Runs: queue.New[backup.RunMessage](cloud.AWS, cloud.Queue(t)),
		Vault: func(ctx context.Context, b task.Task) (*vault.Vault, error) {
			return vault.Open(ctx, id, b.VaultKey, objects, contents, ring)
		},
		Dir: t.TempDir(), Now: time.Now, Beat: time.Second,
	}
	return h
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// backUp makes a snapshot of a Box user and returns its id.
func (h *house) backUp(t *testing.T, user backup.BoxUserID) backup.SnapshotID {
	t.Helper()
	row, err := h.Tasks.BoxUser(t.Context(), h.task.Account, h.task.ID, user)
	must(t, err)
	row, err = h.Tasks.Request(t.Context(), row, time.Time{})
	must(t, err)
	must(t, h.Run(t.Context(), row.Message()))
	done, err := h.Tasks.BoxUser(t.Context(), h.task.Account, h.task.ID, user)
	must(t, err)
	if done.Status != backup.Success || done.Snapshot != row.RunID {
		t.Fatalf("backup of %s: %s (%s)", user, done.Status, done.Reason)
	}
	return done.Snapshot
}

// tables opens the backup as the command does where it has the tables.
func (h *house) tables(t *testing.T) *source {
	t.Helper()
	s := &source{Backup: &verifier.Backup{Dir: t.TempDir()}}
	must(t, s.readTables(t.Context(), h.cloud.AWS, h.settings, options{}))
	return s
}

// download copies the bucket's objects to a folder.
func (h *house) download(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	objects := bucket.New(h.cloud.AWS, h.settings[env.VaultBucket])
	must(t, objects.List(t.Context(), "", func(key string, _ int64, _ time.Time) error {
		body, err := objects.Get(t.Context(), key, 0, -1)
		if err != nil {
			return err
		}
		b, err := io.ReadAll(body)
		name := filepath.Join(dir, filepath.FromSlash(key))
		return errors.Join(err, body.Close(), os.MkdirAll(filepath.Dir(name), 0o700), os.WriteFile(name, b, 0o600))
	}))
	return dir
}

// export writes a recovery file and returns its path.
func (h *house) export(t *testing.T, o options) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "recovery.jsonl")
	must(t, h.tables(t).export(t.Context(), &printer{out: io.Discard}, path, o))
	return path
}

// say runs the command and decodes the lines of its answer.
func say[T any](t *testing.T, args ...string) (answers []T, err error) {
	t.Helper()
	var out strings.Builder
	err = command(t.Context(), append(args, "-json"), &out)
	for in := json.NewDecoder(strings.NewReader(out.String())); in.More(); {
		var v T
		must(t, in.Decode(&v))
		answers = append(answers, v)
	}
	return answers, err
}
