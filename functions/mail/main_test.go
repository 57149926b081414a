package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-lambda-go/events"

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
	files, err := filepath.Glob("../../events/mail/*.json")
	if err != nil || len(files) != 6 {
		t.Fatalf("events %v, %v", files, err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var event events.SQSEvent
		if err := json.Unmarshal(data, &event); err != nil {
			t.Fatal(err)
		}
		out, err := h(t.Context(), event)
		bad := filepath.Base(file) == "unknown-template.json"
		if err != nil || (len(out.BatchItemFailures) == 1) != bad {
			t.Errorf("%s: %+v, %v", file, out, err)
		}
	}
	if mails := cloud.Mails(t, "ann@example.com"); len(mails) != 4 {
		t.Errorf("mails %+v", mails)
	}
}
