package main

import (
	"testing"

	"coffer/scripts/local/localtest"
	"coffer/shared/api/gateway/gatewaytest"
	"coffer/shared/boot"
	"coffer/shared/env"
)

func TestEventsAreAnswered(t *testing.T) {
	cloud := localtest.Start(t)
	for setting, value := range map[env.Setting]string{
		env.AccountsTable: gatewaytest.Session(t, cloud), env.TasksTable: cloud.Table(t, localtest.Due), env.SnapshotsTable: cloud.Table(t),
		env.JobsTable: cloud.Table(t, localtest.Due), env.RecoverQueue: cloud.Queue(t),
		env.VaultBucket: cloud.Bucket(t), env.VaultKey: cloud.Key(t), env.PortalURL: "https://portal.example.com",
	} {
		t.Setenv(string(setting), value)
	}
	gatewaytest.Replay(t, handler(&boot.App{AWS: cloud.AWS}), "../../events/recovery", []gatewaytest.Want{
		{File: "browse-unknown", Status: 404, Holds: "does not exist"},
		{File: "cancel-unknown", Status: 404, Holds: "does not exist"},
		{File: "count-unknown", Status: 404, Holds: "does not exist"},
		{File: "details-unknown", Status: 404, Holds: "does not exist"},
		{File: "history-unknown", Status: 404, Holds: "does not exist"},
		{File: "jobs-filtered", Status: 200, Holds: `"total":0`},
		{File: "jobs-forged-cursor", Status: 400, Holds: "cursor"},
		{File: "jobs-without-session", Status: 401, Holds: "Sign in"},
		{File: "jobs", Status: 200, Holds: `"items":[]`},
		{File: "restore-elsewhere-in-place", Status: 400, Holds: `"location":"destination"`},
		{File: "restore-unknown", Status: 404, Holds: "does not exist"},
	})
}
