package scanner_test

import (
	"encoding/json"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/scripts/local/localtest"
	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/box/boxsim"
	"coffer/shared/connection"
	"coffer/shared/keys"
	"coffer/shared/queue"
	"coffer/shared/scanner"
	"coffer/shared/snapshot"
	"coffer/shared/task"
)

// office is a simulated enterprise of three users and its scanner.
type office struct {
	*scanner.Scanner
	cloud       *localtest.Cloud
	sim         *boxsim.Sim
	enterprise  *boxsim.Enterprise
	users       []backup.BoxUserID
	runs, mails string // queue addresses
	table       string
	audit       *audit.Table
}

func newOffice(t *testing.T, autoActivate bool) *office {
	t.Helper()
	cloud := localtest.Start(t)
	o := &office{cloud: cloud, sim: boxsim.New(boxsim.Options{Seed: 1}), runs: cloud.Queue(t), mails: cloud.Queue(t)}
	server := httptest.NewServer(o.sim)
	t.Cleanup(server.Close)
	enterprise := o.sim.AddEnterprise("Acme")
	o.enterprise = enterprise
	app := enterprise.AddApp("", "", "https://coffer.example/callback")
	for _, name := range []string{"Ada", "Bob", "Cem"} {
		role := boxsim.Member
		if name == "Ada" {
			role = boxsim.Admin
		}
		o.users = append(o.users, enterprise.AddUser(name, strings.ToLower(name)+"@acme.example", role))
	}
	ring := keys.New(cloud.AWS, cloud.Key(t))
	o.table = cloud.Table(t, localtest.Due)
	tasks := task.New(cloud.AWS, o.table)
	o.audit = audit.New(cloud.AWS, cloud.Table(t))
	err := tasks.Create(t.Context(), task.Task{Account: "acme", ID: "files", Name: "Files", Connection: backup.Connected, AutoActivate: autoActivate, PeopleAt: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	connections := connection.New(
		box.App{ClientID: app.ClientID, ClientSecret: app.ClientSecret},
		box.Config{API: server.URL, Upload: server.URL, Account: server.URL},
		tasks, ring, o.audit, queue.New[backup.MailMessage](cloud.AWS, o.mails))
	if err := connections.Tokens("acme", "files").Store(t.Context(), app.Pair(o.users[0])); err != nil {
		t.Fatal(err)
	}
	o.Scanner = &scanner.Scanner{
		Tasks: tasks, Snapshots: snapshot.New(cloud.AWS, cloud.Table(t)), Audit: o.audit, Connections: connections,
		Runs: queue.New[backup.RunMessage](cloud.AWS, o.runs),
	}
	return o
}

func (o *office) scan(t *testing.T, slot time.Time) {
	t.Helper()
	if err := o.Scan(t.Context(), backup.ScanMessage{Account: "acme", Task: "files", Slot: slot}); err != nil {
		t.Fatal(err)
	}
}

// statuses are those of the Box users that the task knows.
func (o *office) statuses(t *testing.T) map[string]backup.Status {
	t.Helper()
	all := map[string]backup.Status{}
	for u, err := range o.Tasks.BoxUsers(t.Context(), "acme", "files") {
		if err != nil {
			t.Fatal(err)
		}
		all[u.Login] = u.Status
	}
	return all
}

// started are the Box users whose runs are on the queue.
func (o *office) started(t *testing.T) map[backup.BoxUserID]int {
	t.Helper()
	all := map[backup.BoxUserID]int{}
	for _, body := range o.cloud.Received(t, o.runs) {
		var m backup.RunMessage
		if err := json.Unmarshal([]byte(body), &m); err != nil || m.Run == "" {
			t.Fatalf("message %s: %v", body, err)
		}
		all[m.BoxUser]++
	}
	return all
}

func TestDiscoveredUsersWaitForActivation_F42(t *testing.T) {
	t.Parallel()
	o := newOffice(t, false)
	slot := time.Date(2026, 3, 1, 1, 0, 0, 0, time.UTC)
	o.scan(t, slot)
	want := map[string]backup.Status{"ada@acme.example": backup.NotActive, "bob@acme.example": backup.NotActive, "cem@acme.example": backup.NotActive}
	if diff := cmp.Diff(o.statuses(t), want); diff != "" {
		t.Errorf("statuses (-got +want):\n%s", diff)
	}
	if started := o.started(t); len(started) != 0 {
		t.Errorf("runs started: %v, want none", started)
	}
	bob, err := o.Tasks.BoxUser(t.Context(), "acme", "files", o.users[1])
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Tasks.Activate(t.Context(), bob); err != nil {
		t.Fatal(err)
	}
	o.scan(t, slot.Add(24*time.Hour))
	if diff := cmp.Diff(o.started(t), map[backup.BoxUserID]int{bob.ID: 1}); diff != "" {
		t.Errorf("runs started (-got +want):\n%s", diff)
	}
}

func TestRepeatedScanStartsNoRunOfASlotThatHadOne(t *testing.T) {
	t.Parallel()
	o := newOffice(t, true)
	slot := time.Date(2026, 3, 1, 1, 0, 0, 0, time.UTC)
	o.scan(t, slot)
	if started := o.started(t); len(started) != 3 {
		t.Fatalf("runs started: %v, want one of each Box user", started)
	}
	for _, id := range o.users {
		u, err := o.Tasks.BoxUser(t.Context(), "acme", "files", id)
		if err != nil {
			t.Fatal(err)
		}
		if u, err = o.Tasks.Lease(t.Context(), u.Message(), "w"); err != nil {
			t.Fatal(err)
		}
		if err := o.Tasks.End(t.Context(), u, backup.Success, ""); err != nil {
			t.Fatal(err)
		}
	}
	o.scan(t, slot)
	if started := o.started(t); len(started) != 0 {
		t.Errorf("runs started by a repeated scan: %v, want none", started)
	}
}

func TestNewUserIsActivatedAutomaticallyOnlyWhereAsked_F30(t *testing.T) {
	t.Parallel()
	o := newOffice(t, true)
	o.sim.SetStatus(o.users[2], "inactive")
	o.scan(t, time.Time{})
	want := map[string]backup.Status{"ada@acme.example": backup.Scheduled, "bob@acme.example": backup.Scheduled, "cem@acme.example": backup.NotActive}
	if diff := cmp.Diff(o.statuses(t), want); diff != "" {
		t.Errorf("statuses (-got +want):\n%s", diff)
	}
	if started := o.started(t); len(started) != 0 {
		t.Errorf("runs started without a slot: %v, want none", started)
	}
}

// TestInactiveUserIsActivatedWhenActive_F30 finds Box users whom Box has as
// inactive, and who are active there later.
func TestInactiveUserIsActivatedWhenActive_F30(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		auto    bool
		between func(o *office, u task.BoxUser) error
		want    backup.Status
	}{
		"of itself":           {true, nil, backup.Scheduled},
		"not asked for":       {false, nil, backup.NotActive},
		"asked for since":     {false, func(o *office, u task.BoxUser) error { return o.autoActivate(t, true) }, backup.Scheduled},
		"not asked for since": {true, func(o *office, u task.BoxUser) error { return o.autoActivate(t, false) }, backup.NotActive},
		"activated before":    {true, func(o *office, u task.BoxUser) error { return o.Tasks.Activate(t.Context(), u) }, backup.Scheduled},
		"paused before": {true, func(o *office, u task.BoxUser) error {
			return errors.Join(o.Tasks.Activate(t.Context(), u), o.Tasks.Pause(t.Context(), o.user(t, u.ID)))
		}, backup.Paused},
		"deleted before": {true, func(o *office, u task.BoxUser) error { return o.Tasks.Delete(t.Context(), u) }, backup.NotActive},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t, c.auto)
			cem := o.users[2]
			o.sim.SetStatus(cem, "inactive")
			o.scan(t, time.Time{})
			if c.between != nil {
				if err := c.between(o, o.user(t, cem)); err != nil {
					t.Fatal(err)
				}
			}
			o.sim.SetStatus(cem, "active")
			before := len(o.activations(t))
			for range 2 {
				o.scan(t, time.Time{})
			}
			u := o.user(t, cem)
			if u.Status != c.want || u.Active != (c.want == backup.Scheduled) || u.Active == u.Activated.IsZero() {
				t.Errorf("%s, active %v since %v; want %s", u.Status, u.Active, u.Activated, c.want)
			}
			told := o.activations(t)[before:]
			if itself := u.Active && name != "activated before"; itself != (len(told) == 1) {
				t.Errorf("activities %+v", told)
			}
		})
	}
}

// TestUserWhomNobodyActivatedStaysSo_F30 makes a Box user inactive whom the
// administrator has left out, and active again.
func TestUserWhomNobodyActivatedStaysSo_F30(t *testing.T) {
	t.Parallel()
	o := newOffice(t, false)
	o.scan(t, time.Time{})
	if err := o.autoActivate(t, true); err != nil {
		t.Fatal(err)
	}
	for _, status := range []string{"inactive", "active"} {
		o.sim.SetStatus(o.users[2], status)
		o.scan(t, time.Time{})
	}
	if u := o.user(t, o.users[2]); u.Active || u.Status != backup.NotActive {
		t.Errorf("%s, active %v", u.Status, u.Active)
	}
}

// autoActivate changes whether the task activates new Box users.
func (o *office) autoActivate(t *testing.T, on bool) error {
	t.Helper()
	_, err := o.Tasks.Change(t.Context(), "acme", "files", task.Settings{AutoActivate: &on})
	return err
}

func TestLostAuthorisationIsToldOnce_F25(t *testing.T) {
	t.Parallel()
	o := newOffice(t, true)
	o.sim.RevokeTokens(o.users[0])
	for range 3 {
		o.scan(t, time.Time{})
	}
	b, err := o.Tasks.Task(t.Context(), "acme", "files")
	if err != nil || b.Connection != backup.Disconnected || b.Reason == "" {
		t.Errorf("task: %s (%s), %v, want Disconnected with a reason", b.Connection, b.Reason, err)
	}
	if mails := o.cloud.Received(t, o.mails); len(mails) != 1 || !strings.Contains(mails[0], `"disconnected"`) {
		t.Errorf("mails: %v, want one", mails)
	}
	if list, _, err := o.audit.List(t.Context(), "acme", audit.Query{}, 10); err != nil || len(list) != 1 {
		t.Errorf("%d activities, %v, want 1", len(list), err)
	}
}

// Who is in the enterprise is asked at the end of a scan, once a week.
func TestAScanAsksWhoIsInTheEnterprise_D1(t *testing.T) {
	t.Parallel()
	o := newOffice(t, false)
	asked := func() int {
		n := 0
		for _, body := range o.cloud.Received(t, o.runs) {
			var m backup.RunMessage
			if err := json.Unmarshal([]byte(body), &m); err != nil {
				t.Fatal(err)
			}
			if m == (backup.RunMessage{Account: "acme", Task: "files", People: true}) {
				n++
			}
		}
		return n
	}
	slot := time.Date(2026, 3, 1, 1, 0, 0, 0, time.UTC)
	o.scan(t, slot)
	if n := asked(); n != 0 {
		t.Errorf("asked %d times in the first week", n)
	}
	o.Tasks.Now = func() time.Time { return time.Now().Add(7 * 24 * time.Hour) }
	o.scan(t, slot.Add(time.Hour))
	if n := asked(); n != 1 {
		t.Errorf("asked %d times after a week", n)
	}
}
