package main

import (
	"context"

	"coffer/shared/backup"
	"coffer/shared/bucket"
	"coffer/shared/content"
	"coffer/shared/env"
	"coffer/shared/keys"
	"coffer/shared/task"
	"coffer/shared/vault"
)

// verify decrypts every content of a task's vault and compares its SHA-1.
func verify(ctx context.Context, m *machine, account backup.AccountID, id backup.TaskID) (vault.Report, error) {
	cfg, setting := m.cloud.AWS, m.cloud.Product.Setting
	t, err := task.New(cfg, setting(env.TasksTable)).Task(ctx, account, id)
	if err != nil {
		return vault.Report{}, err
	}
	v, err := vault.Open(ctx, vault.ID{Account: account, Task: id}, t.VaultKey,
		bucket.New(cfg, setting(env.VaultBucket)), content.New(cfg, setting(env.ContentsTable)), keys.New(cfg, setting(env.VaultKey)))
	if err != nil {
		return vault.Report{}, err
	}
	return v.Verify(ctx)
}
