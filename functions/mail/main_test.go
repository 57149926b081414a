package main

import (
	"testing"

	"coffer/scripts/local/localtest"
	"coffer/shared/api/gateway/gatewaytest"
	"coffer/shared/boot"
	"coffer/shared/env"
)

func TestEventsAreSentOrGivenBack(t *testing.T) {
	cloud := localtest.Start(t)
	t.Setenv(string(env.AccountsTable), gatewaytest.Session(t, cloud))
	t.Setenv(string(env.MailFrom), "coffer@example.com")
	t.Setenv(string(env.PortalURL), "https://portal.example.com")
	h := handler(&boot.App{AWS: cloud.AWS})
	localtest.Deliver(t, "mail", h, "unknown-template.json")
	if mails := cloud.Mails(t, "ann@example.com"); len(mails) != 4 {
		t.Errorf("mails %+v", mails)
	}
}
