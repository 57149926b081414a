package chaos_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"coffer/scripts/demo"
	"coffer/scripts/local/cloud"
	"coffer/scripts/local/ses"
	"coffer/shared/api/tasks"
	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
)

// Bob connects a second task. In the middle of a backup he changes his mind in
// Box's settings, and later once more.
func TestRevokedAuthorisationLosesNothingAndCanBeGivenAgain(t *testing.T) {
	t.Parallel()
	h := enter(t)
	user := h.users["Revoked"]
	h.sim.PopulateUser(user, boxsim.Plan{Seed: 13, Files: 120})
	connected, err := h.portal.Connect(t.Context(), "Bob's", login("Bob"), len(h.users))
	if err != nil {
		t.Fatal(err)
	}
	task := connected.ID
	h.request(t, task, user)
	first := h.finished(t, task, user)
	if first.Status != backup.Success {
		t.Fatalf("the backup ended %s: %s", first.Status, first.Reason)
	}
	before := demo.Entries(h.sim.Tree(user), "")

	if _, err := h.sim.Mutate(user, 14, 60); err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	h.sim.Fault(boxsim.Fault{User: user, Nth: 3, Times: 1, Kinds: []boxsim.Kind{boxsim.Late}, Do: func() {
		once.Do(func() { h.sim.RevokeTokens(h.users["Bob"]) })
	}})
	h.request(t, task, user)
	u := h.finished(t, task, user)
	if u.Status != backup.Failed || !strings.Contains(u.Reason, "authorisation") {
		t.Errorf("the backup without authorisation ended %s: %q", u.Status, u.Reason)
	}
	var now tasks.Task
	h.call(t, http.MethodGet, "/api/tasks/"+task, nil, &now)
	if now.Connection != string(backup.Disconnected) || !strings.Contains(now.Reason, "Connect the task to Box again") {
		t.Errorf("the task is %s: %q", now.Connection, now.Reason)
	}
	if err := h.portal.Call(t.Context(), http.MethodPost, "/api/tasks/"+task+"/backup", nil, nil); err == nil || !strings.Contains(err.Error(), "Connect it first") {
		t.Errorf("a backup of a disconnected task: %v", err)
	}
	eventually(t, "an e-mail about it came", func() bool { return len(h.mails(t, "disconnected from Box")) > 0 })
	if mails := h.mails(t, "disconnected from Box"); len(mails) != 1 || !slices.Contains(mails[0].To, h.person.Email) ||
		!strings.Contains(mails[0].Text, now.Reason) || !strings.Contains(mails[0].Text, h.portal.URL+"/tasks/"+task) {
		t.Errorf("mails: %+v, want one to %s with the reason and a link to the task", mails, h.person.Email)
	}
	h.equals(t, task, user, first.Snapshot, before)

	if err := h.portal.Authorize(t.Context(), task, login("Bob")); err != nil {
		t.Fatal(err)
	}
	now = tasks.Task{}
	h.call(t, http.MethodGet, "/api/tasks/"+task, nil, &now)
	if now.Connection != string(backup.Connected) || now.Reason != "" {
		t.Errorf("after authorising again the task is %s: %q", now.Connection, now.Reason)
	}
	h.request(t, task, user)
	u = h.finished(t, task, user)
	if u.Status != backup.Success || u.Reason != "" {
		t.Fatalf("the backup after that ended %s: %s", u.Status, u.Reason)
	}
	if got := h.snapshots(t, task, user); len(got) != 2 {
		t.Errorf("%d snapshots, want 2", len(got))
	}
	h.equalsBox(t, task, user, u.Snapshot)
	h.equals(t, task, user, first.Snapshot, before)
}

// mails returns the mails with these words in the subject.
func (h *house) mails(t *testing.T, subject string) []ses.Mail {
	t.Helper()
	resp, err := http.Get(h.portal.URL + cloud.MailPath + "/mails.json")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var all []ses.Mail
	if err := json.NewDecoder(resp.Body).Decode(&all); err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(m ses.Mail) bool { return !strings.Contains(m.Subject, subject) })
}
