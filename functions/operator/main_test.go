package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"coffer/scripts/local/localtest"
	"coffer/shared/account"
	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/boot"
	"coffer/shared/env"
	"coffer/shared/operator"
	"coffer/shared/task"
)

func TestEventsAreAnswered(t *testing.T) {
	cloud := localtest.Start(t)
	tables := map[env.Setting]string{
		env.AccountsTable: cloud.Table(t), env.DirectoryTable: cloud.Table(t), env.TasksTable: cloud.Table(t, localtest.Due),
		env.SnapshotsTable: cloud.Table(t), env.AuditTable: cloud.Table(t), env.MailQueue: cloud.Queue(t),
	}
	for setting, value := range tables {
		t.Setenv(string(setting), value)
	}
	const email = "admin@northwind.example"
	a := account.Account{ID: "acme", Company: "Acme", Location: "de", Region: cloud.AWS.Region, Created: time.Now()}
	u := account.User{Account: "acme", ID: "u", Email: email, Primary: true}
	link := account.Link{Account: "acme", User: "u", Secret: "s", Until: time.Now().Add(time.Hour)}
	if err := account.New(cloud.AWS, tables[env.AccountsTable]).Create(t.Context(), a, u, link); err != nil {
		t.Fatal(err)
	}
	address := account.Address{Email: email, Account: "acme", User: "u", Region: cloud.AWS.Region}
	if err := account.NewDirectory(cloud.AWS, tables[env.DirectoryTable]).Claim(t.Context(), address, ""); err != nil {
		t.Fatal(err)
	}
	b := task.Task{Account: "acme", ID: "files", Name: "Files", Connection: backup.Connected, Frequency: task.Daily, Created: time.Now()}
	if err := task.New(cloud.AWS, tables[env.TasksTable]).Create(t.Context(), b); err != nil {
		t.Fatal(err)
	}

	h := lambda.NewHandler(handler(&boot.App{AWS: cloud.AWS}))
	want := map[string]string{
		"change-region":                   `sign up for another account`,
		"describe-task":                   `"retention":"unlimited"`,
		"find-account-by-email":           `"company":"Acme"`,
		"find-account-by-id":              `"email":"` + email + `"`,
		"set-frequency-three-times-daily": `"changed":true`,
		"set-index-off":                   `"changed":true`,
		"set-retention-days":              `"confirm":true`,
		"set-retention-unlimited":         `Nothing was changed`, // until the next
		"set-retention-years-confirmed":   `"changed":true`,
		"unknown-field":                   `"field":"confirmed"`,
	}
	files, err := filepath.Glob("../../events/operator/*.json")
	if err != nil || len(files) != len(want) {
		t.Fatalf("events %v, %v", files, err)
	}
	for _, file := range files {
		payload, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		ctx := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: "request-" + name})
		answer, err := h.Invoke(ctx, payload)
		var out operator.Answer
		if err != nil || json.Unmarshal(answer, &out) != nil || want[name] == "" || !strings.Contains(string(answer), want[name]) {
			t.Errorf("%s: %s, %v", name, answer, err)
		}
	}
	rows, _, err := audit.New(cloud.AWS, tables[env.AuditTable]).List(t.Context(), "acme", audit.Query{}, 100)
	if err != nil || len(rows) != 7 || !strings.HasSuffix(rows[0].ID, "#support-request-set-retention-years-confirmed") {
		t.Errorf("activity %+v, %v", rows, err)
	}
}
