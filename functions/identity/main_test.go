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
		env.PortalURL: "https://portal.example.com", env.Portals: `{"ap-northeast-1": "https://jp.example.com"}`,
	} {
		t.Setenv(string(setting), value)
	}
	gatewaytest.Replay(t, handler(&boot.App{AWS: cloud.AWS}), "../../events/identity", []gatewaytest.Want{
		{File: "activate-used-link", Status: 400, Holds: "used already"},
		{File: "change-password-wrong", Status: 400, Holds: "not your current password"},
		{File: "document", Status: 200, Holds: `"openapi": "3.1.0"`},
		{File: "end-other-sessions", Status: 204},
		{File: "end-session-unknown", Status: 404, Holds: "does not exist"},
		{File: "locations", Status: 200, Holds: `"portal":"https://jp.example.com"`},
		{File: "request-password-reset-forged-host", Status: 202, Holds: "If there is an account"},
		{File: "request-password-reset", Status: 202, Holds: "If there is an account"},
		{File: "reset-password-used-link", Status: 400, Holds: "used already"},
		{File: "session-missing", Status: 401, Holds: "Sign in"},
		{File: "session", Status: 200, Holds: "Acme"},
		{File: "sessions", Status: 200, Holds: `"current":true`},
		{File: "sign-in-wrong-password", Status: 401, Holds: "wrong"},
		{File: "sign-out", Status: 204},
		{File: "sign-up-other-site", Status: 403, Holds: "another site"},
		{File: "sign-up-unknown-field", Status: 400, Holds: "role"},
		{File: "sign-up", Status: 202, Holds: "e-mail"},
	})
}
