package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"

	"coffer/shared/backup"
	"coffer/shared/bucket"
	"coffer/shared/content"
	"coffer/shared/env"
	"coffer/shared/keys"
	"coffer/shared/snapshot"
	"coffer/shared/task"
	"coffer/shared/vault"
	"coffer/shared/verifier"
)

// source is a backup that is read.
type source struct {
	*verifier.Backup
	task   task.Task
	bucket string // its name, where the tables are read
	key    string // of KMS, where the tables are read
	keys   vault.Keys
	closes []func() error
}

func (s *source) close() {
	for _, f := range s.closes {
		_ = f() // only read
	}
}

// open opens what the options name: tables, or a recovery file.
func open(ctx context.Context, o options) (*source, error) {
	if err := applySettings(o.settings); err != nil {
		return nil, err
	}
	s := &source{Backup: &verifier.Backup{}}
	var err error
	if o.recovery != "" {
		err = s.openFile(ctx, o)
	} else {
		err = s.openTables(ctx, o)
	}
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// applySettings puts settings into the environment, where the AWS SDK looks for
// its own among them.
func applySettings(file string) error {
	if file == "" {
		return nil
	}
	b, err := os.ReadFile(file) // #nosec G304 -- the person names it
	if err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	var settings map[string]string
	if err := json.Unmarshal(b, &settings); err != nil {
		return fmt.Errorf("settings in %s: %w", file, err)
	}
	for name, value := range settings {
		if err := os.Setenv(name, value); err != nil {
			return fmt.Errorf("setting %s: %w", name, err)
		}
	}
	return nil
}

func awsConfig(ctx context.Context) (aws.Config, error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return cfg, fmt.Errorf("AWS configuration: %w", err)
	}
	return cfg, nil
}

// openObjects opens a folder or a bucket.
func (s *source) openObjects(ctx context.Context, name string) (vault.Objects, error) {
	if bucketName, ok := strings.CutPrefix(name, "s3://"); ok {
		cfg, err := awsConfig(ctx)
		return bucket.New(cfg, strings.TrimSuffix(bucketName, "/")), err
	}
	folder, err := vault.OpenFolder(name)
	if err != nil {
		return nil, err
	}
	s.closes = append(s.closes, folder.Close)
	return folder, nil
}

// openTables reads the product's tables.
func (s *source) openTables(ctx context.Context, o options) error {
	cfg, err := awsConfig(ctx)
	if err != nil {
		return err
	}
	values := map[env.Setting]string{}
	for _, name := range []env.Setting{env.TasksTable, env.SnapshotsTable, env.ContentsTable, env.VaultBucket, env.VaultKey} {
		if values[name], err = env.Lookup(name); err != nil {
			return fmt.Errorf("%w; -settings FILE gives all, or read a -recovery file", err)
		}
	}
	return s.readTables(ctx, cfg, values, o)
}

func (s *source) readTables(ctx context.Context, cfg aws.Config, values map[env.Setting]string, o options) (err error) {
	tasks, snapshots := task.New(cfg, values[env.TasksTable]), snapshot.New(cfg, values[env.SnapshotsTable])
	if s.task, err = choose(ctx, tasks, o); err != nil {
		return err
	}
	s.bucket, s.key, s.keys = values[env.VaultBucket], values[env.VaultKey], keys.New(cfg, values[env.VaultKey])
	objects := vault.Objects(bucket.New(cfg, s.bucket))
	if o.bucket != "" {
		if objects, err = s.openObjects(ctx, o.bucket); err != nil {
			return err
		}
	}
	s.Index = content.New(cfg, values[env.ContentsTable])
	s.Vault, err = vault.Open(ctx, vault.ID{Account: s.task.Account, Task: s.task.ID}, s.task.VaultKey, objects, s.Index, s.keys)
	s.Users = func(ctx context.Context) iter.Seq2[task.BoxUser, error] {
		return tasks.BoxUsers(ctx, s.task.Account, s.task.ID)
	}
	s.Snapshots = func(ctx context.Context, u task.BoxUser) iter.Seq2[snapshot.Snapshot, error] {
		return allSnapshots(ctx, snapshots, u)
	}
	return err
}

func allSnapshots(ctx context.Context, table *snapshot.Table, u task.BoxUser) iter.Seq2[snapshot.Snapshot, error] {
	return func(yield func(snapshot.Snapshot, error) bool) {
		page := snapshot.Page{Limit: 500}
		for {
			list, next, err := table.List(ctx, u.Account, u.Task, u.ID, page)
			if err != nil {
				yield(snapshot.Snapshot{}, err)
				return
			}
			for _, s := range list {
				if !yield(s, nil) {
					return
				}
			}
			if page.After = next; next == "" {
				return
			}
		}
	}
}

// choose returns the task that the options name, or the only one there is.
func choose(ctx context.Context, tasks *task.Table, o options) (task.Task, error) {
	if o.account != "" && o.task != "" {
		return tasks.Task(ctx, backup.AccountID(o.account), backup.TaskID(o.task))
	}
	var found []task.Task
	err := tasks.All(ctx, func(t task.Task) error {
		if (o.account == "" || o.account == string(t.Account)) && (o.task == "" || o.task == string(t.ID)) {
			found = append(found, t)
		}
		return nil
	})
	switch {
	case err != nil:
		return task.Task{}, err
	case len(found) == 1:
		return found[0], nil
	case len(found) == 0:
		return task.Task{}, errors.New("the tables have no such backup task")
	}
	var list strings.Builder
	for _, t := range found {
		fmt.Fprintf(&list, "\n  -account %s -task %s  %s", t.Account, t.ID, t.Name)
	}
	return task.Task{}, fmt.Errorf("there are %d backup tasks; say which:%s", len(found), list.String())
}

// user finds a Box user by id, or by an e-mail address that only one has: those
// who left may have had it before.
func (s *source) user(ctx context.Context, name string) (task.BoxUser, error) {
	var found []task.BoxUser
	for u, err := range s.Users(ctx) {
		if err != nil || string(u.ID) == name {
			return u, err
		}
		if name != "" && strings.EqualFold(u.Login, name) {
			found = append(found, u)
		}
	}
	switch len(found) {
	case 0:
		return task.BoxUser{}, fmt.Errorf("there is no Box user %q", name)
	case 1:
		return found[0], nil
	}
	var list strings.Builder
	for _, u := range found {
		fmt.Fprintf(&list, "\n  %s  %s, %s, %d items", u.ID, shown(u.Name), u.Status, u.Items)
	}
	return task.BoxUser{}, fmt.Errorf("%d Box users have the address %s; name one by its id:%s", len(found), name, list.String())
}

// snapshot finds a Box user's snapshot by id, or the latest.
func (s *source) snapshot(ctx context.Context, u task.BoxUser, name string) (snapshot.Snapshot, error) {
	if name == "latest" {
		name = string(u.Snapshot)
	}
	for shot, err := range s.Snapshots(ctx, u) {
		if err != nil || string(shot.ID) == name {
			return shot, err
		}
	}
	return snapshot.Snapshot{}, fmt.Errorf("Box user %s has no snapshot %q", u.Login, name)
}
