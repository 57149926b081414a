package main

import (
	"testing"

	"coffer/scripts/local/localtest"
	"coffer/shared/boot"
	"coffer/shared/env"
)

func TestEventsAreActedOnOrGivenBack(t *testing.T) {
	cloud := localtest.Start(t)
	for setting, value := range map[env.Setting]string{
		env.AccountsTable: cloud.Table(t), env.TasksTable: cloud.Table(t, localtest.Due), env.AuditTable: cloud.Table(t),
		env.BackupQueue: cloud.Queue(t), env.MailQueue: cloud.Queue(t), env.CountQueue: cloud.Queue(t), env.ActQueue: cloud.Queue(t),
	} {
		t.Setenv(string(setting), value)
	}
	localtest.Deliver(t, "act", handler(&boot.App{AWS: cloud.AWS}), "malformed.json")
}
