// Package gatewaytest replays the sample events of a function behind the API,
// the same files that the console's Test button and make invoke take.
package gatewaytest

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"coffer/scripts/local/localtest"
	"coffer/shared/account"
	"coffer/shared/api/gateway"
)

// Want is how an event is to be answered.
type Want struct {
	File   string // without its folder and ending
	Status int
	Holds  string // something in the body
}

// Replay sends every event of the folder to the handler, in the order of want,
// which must be that of the folder and complete.
func Replay(t *testing.T, h gateway.Handler, folder string, want []Want) {
	t.Helper()
	var files []string
	for _, w := range want {
		file := filepath.Join(folder, w.File+".json")
		files = append(files, file)
		out, err := h(t.Context(), Event(t, file))
		if err != nil || out.StatusCode != w.Status || !strings.Contains(out.Body, w.Holds) {
			t.Errorf("%s: %d %s, %v, want %d %q", w.File, out.StatusCode, out.Body, err, w.Status, w.Holds)
		}
	}
	if all, err := filepath.Glob(filepath.Join(folder, "*.json")); err != nil || !cmp.Equal(all, files) {
		t.Errorf("the events are %v (%v), those replayed %v", all, err, files)
	}
}

// Event reads an event, which must have the form that API Gateway gives it. It
// asks for an answer that is not packed.
func Event(t *testing.T, file string) events.APIGatewayV2HTTPRequest {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	var event events.APIGatewayV2HTTPRequest
	if err := decoder.Decode(&event); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	delete(event.Headers, "accept-encoding")
	return event
}

// Session makes a table of accounts with the account and session that the
// events speak of, and returns its name.
func Session(t *testing.T, cloud *localtest.Cloud) string {
	t.Helper()
	name := cloud.Table(t)
	table := account.New(cloud.AWS, name)
	now := time.Now()
	a := account.Account{ID: "aaaaaaaaaaaaaaaaaaaaaaaaaa", Company: "Acme"}
	u := account.User{Account: a.ID, ID: "u", Email: "ann@example.com", Primary: true}
	if err := table.Create(t.Context(), a, u, account.Link{Account: a.ID, User: u.ID, Secret: "x", Until: now.Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	s := account.Session{Account: a.ID, ID: "ssssssssssssssssssssssssss", User: u.ID, Email: u.Email, Key: make([]byte, 32), Created: now, Seen: now}
	if err := table.PutSession(t.Context(), s, "cccccccccccccccccccccccccc", now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	return name
}
