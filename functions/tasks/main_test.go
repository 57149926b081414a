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
		env.AccountsTable: gatewaytest.Session(t, cloud), env.TasksTable: cloud.Table(t, localtest.Due), env.AuditTable: cloud.Table(t),
		env.ScanQueue: cloud.Queue(t), env.BackupQueue: cloud.Queue(t), env.MailQueue: cloud.Queue(t), env.ReportQueue: cloud.Queue(t), env.CountQueue: cloud.Queue(t), env.ActQueue: cloud.Queue(t),
		env.VaultKey: cloud.Key(t), env.BoxSecret: cloud.Secret(t, "box", `{"client_id":"coffer","client_secret":"secret"}`),
		env.BoxAPI: "http://127.0.0.1:1", env.BoxUpload: "http://127.0.0.1:1", env.BoxAccount: "http://127.0.0.1:1",
		env.PortalURL: "https://portal.example.com",
	} {
		t.Setenv(string(setting), value)
	}
	gatewaytest.Replay(t, handler(&boot.App{AWS: cloud.AWS}), "../../events/tasks", []gatewaytest.Want{
		{File: "acknowledge-damage-of-unknown", Status: 404, Holds: "does not exist"},
		{File: "activate-all-of-unknown", Status: 404, Holds: "does not exist"},
		{File: "activity-export", Status: 200, Holds: `"Sub-Service","Status","Task Name"`},
		{File: "activity-filtered", Status: 200, Holds: `"items":[]`},
		{File: "activity", Status: 200, Holds: `"items":[]`},
		{File: "callback-foreign-state", Status: 303},
		{File: "callback-without-session", Status: 303},
		{File: "calls-of-unknown", Status: 404, Holds: "does not exist"},
		{File: "cancel-running-of-unknown", Status: 404, Holds: "does not exist"},
		{File: "connect-unknown-with-app", Status: 404, Holds: "does not exist"},
		{File: "create-no-hour-of-day", Status: 400, Holds: "hour"},
		{File: "create", Status: 201, Holds: `"connection":"Disconnected"`},
		{File: "delete-unknown", Status: 404, Holds: "does not exist"},
		{File: "delete-users-of-unknown", Status: 404, Holds: "does not exist"},
		{File: "get-unknown", Status: 404, Holds: "does not exist"},
		{File: "list-without-session", Status: 401, Holds: "Sign in"},
		{File: "list", Status: 200, Holds: "Acme"},
		{File: "method-not-allowed", Status: 405, Holds: "does not do that"},
		{File: "preflight-of-unknown", Status: 404, Holds: "does not exist"},
		{File: "report-mailed", Status: 202},
		{File: "report-without-session", Status: 401, Holds: "Sign in"},
		{File: "report", Status: 200, Holds: `"Task","Name","E-mail","State"`},
		{File: "tag-limited-access", Status: 404, Holds: "does not exist"},
		{File: "tags-of-unknown", Status: 404, Holds: "does not exist"},
		{File: "undelete-unknown", Status: 404, Holds: "does not exist"},
	})
}
