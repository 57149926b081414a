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
		env.AccountsTable: gatewaytest.Session(t, cloud), env.DirectoryTable: cloud.Table(t), env.MailQueue: cloud.Queue(t),
		env.PortalURL: "https://portal.example.com",
	} {
		t.Setenv(string(setting), value)
	}
	gatewaytest.Replay(t, handler(&boot.App{AWS: cloud.AWS}), "../../events/identity", []gatewaytest.Want{
		{File: "activate-used-link", Status: 400, Holds: "used already"},
		{File: "document", Status: 200, Holds: `"openapi": "3.1.0"`},
		{File: "locations", Status: 200, Holds: "United States"},
		{File: "session-missing", Status: 401, Holds: "Sign in"},
		{File: "session", Status: 200, Holds: "Acme"},
		{File: "sign-in-wrong-password", Status: 401, Holds: "wrong"},
		{File: "sign-out", Status: 204},
		{File: "sign-up-other-site", Status: 403, Holds: "another site"},
		{File: "sign-up-unknown-field", Status: 400, Holds: "role"},
		{File: "sign-up", Status: 202, Holds: "e-mail"},
	})
}
