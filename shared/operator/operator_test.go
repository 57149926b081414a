package operator_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/scripts/local/localtest"
	"coffer/shared/account"
	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/operator"
	"coffer/shared/queue"
	"coffer/shared/snapshot"
	"coffer/shared/task"
)

// desk is an operator's place in a region with one customer, Acme, who has a
// task with two Box users and a deleted task.
type desk struct {
	*operator.Operator
	t     *testing.T
	cloud *localtest.Cloud
	mails string // the queue
	audit string // the table
	asked int
	now   time.Time
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	cloud := localtest.Start(t)
	d := &desk{t: t, cloud: cloud, mails: cloud.Queue(t), audit: cloud.Table(t), now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return d.now }
	d.Operator = &operator.Operator{
		Accounts:  account.New(cloud.AWS, cloud.Table(t)),
		Directory: account.NewDirectory(cloud.AWS, cloud.Table(t)),
		Tasks:     task.New(cloud.AWS, cloud.Table(t, localtest.Due)),
		Snapshots: snapshot.New(cloud.AWS, cloud.Table(t)),
		Audit:     audit.New(cloud.AWS, d.audit),
		Mails:     queue.New[backup.MailMessage](cloud.AWS, d.mails),
		Region:    "eu-central-1", Now: clock, MostRead: 10_000,
	}
	d.Tasks.Now = clock
	a := account.Account{ID: "acme", Company: "Acme", Location: "de", Region: "eu-central-1", Created: d.now}
	ann := account.User{Account: "acme", ID: "u1", Email: "ann@acme.example", Name: "Ann", Password: "secret-hash", Primary: true, Created: d.now}
	link := account.Link{Account: "acme", User: "u1", Secret: "s", Until: d.now.Add(time.Hour)}
	d.must(d.Accounts.Create(t.Context(), a, ann, link))
	d.must(d.Accounts.Activate(t.Context(), link))
	d.must(d.Directory.Claim(t.Context(), account.Address{Email: "ann@acme.example", Account: "acme", User: "u1", Region: "eu-central-1"}, ""))
	d.must(d.Directory.Claim(t.Context(), account.Address{Email: "eve@else.example", Account: "else", User: "u2", Region: "us-east-1"}, ""))
	for _, id := range []backup.TaskID{"files", "gone"} {
		d.must(d.Tasks.Create(t.Context(), task.Task{
			Account: "acme", ID: id, Name: "Acme " + string(id), Connection: backup.Connected, EnterpriseName: "Acme Ltd", Frequency: task.Daily, Hour: 1,
			VaultKey: []byte("wrapped-vault-key"), Created: d.now.AddDate(-1, 0, 0), NextRun: d.now.Add(13 * time.Hour),
		}))
	}
	_, err := d.Tasks.DeleteTask(t.Context(), "acme", "gone")
	d.must(err)
	for _, id := range []backup.BoxUserID{"7", "8"} {
		d.backUp(id, 200, 150, 100, 50, 1)
	}
	return d
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// backUp gives a Box user snapshots of so many days ago.
func (d *desk) backUp(id backup.BoxUserID, days ...int) {
	d.t.Helper()
	ctx, today := d.t.Context(), d.now
	defer func() { d.now = today }()
	u := task.BoxUser{Account: "acme", Task: "files", ID: id, Name: "Bob " + string(id), Login: string(id) + "@acme.example", BoxStatus: "active"}
	_, err := d.Tasks.Discovered(ctx, u, true)
	d.must(err)
	for _, ago := range days {
		d.now = today.AddDate(0, 0, -ago)
		run, err := d.Tasks.Request(ctx, u, time.Time{})
		d.must(err)
		run, err = d.Tasks.Lease(ctx, run.Message(), "worker")
		d.must(err)
		s := snapshot.Snapshot{Account: "acme", Task: "files", BoxUser: id, ID: run.RunID, Status: backup.Success, Taken: d.now}
		d.must(d.Snapshots.Seal(ctx, s, d.Tasks.Seal(run, task.Sealed{Status: s.Status, At: d.now, Catalog: []byte("{}")})))
	}
}

// ask sends a payload and returns the answer.
func (d *desk) ask(payload string) operator.Answer {
	d.t.Helper()
	d.asked++
	out, err := d.Do(d.t.Context(), fmt.Sprint("request-", d.asked), []byte(payload))
	d.must(err)
	return out
}

// set asks for a change of the task "files".
func (d *desk) set(action, more string) operator.Answer {
	d.t.Helper()
	return d.ask(`{"action":"` + action + `","account":"acme","task":"files","reason":"ticket 4711",` + more + `}`)
}

func (d *desk) task() task.Task {
	d.t.Helper()
	t, err := d.Tasks.Task(d.t.Context(), "acme", "files")
	d.must(err)
	return t
}

// told returns what the customer's activity says, newest first.
func (d *desk) told() (said []string) {
	d.t.Helper()
	rows, _, err := d.Audit.List(d.t.Context(), "acme", audit.Query{Kind: audit.Support}, 100)
	d.must(err)
	for _, row := range rows {
		said = append(said, row.Description)
	}
	return said
}

func (d *desk) mailed() (messages []backup.MailMessage) {
	d.t.Helper()
	for _, body := range d.cloud.Received(d.t, d.mails) {
		var m backup.MailMessage
		d.must(json.Unmarshal([]byte(body), &m))
		messages = append(messages, m)
	}
	return messages
}

// once checks that a change was told and mailed once.
func (d *desk) once(want string) {
	d.t.Helper()
	if diff := cmp.Diff(d.told(), []string{"Coffer's support " + want + ": ticket 4711"}); diff != "" {
		d.t.Errorf("activity (-got +want):\n%s", diff)
	}
	mails := d.mailed()
	if len(mails) != 1 || mails[0].Account != "acme" || mails[0].To != "" || mails[0].Data["what"] != want || mails[0].Data["reason"] != "ticket 4711" {
		d.t.Errorf("mails %+v", mails)
	}
}

func (d *desk) untouched(before task.Task) {
	d.t.Helper()
	if diff := cmp.Diff(d.task(), before); diff != "" {
		d.t.Errorf("the task was changed (-got +before):\n%s", diff)
	}
	if told, mails := d.told(), d.mailed(); len(told) > 0 || len(mails) > 0 {
		d.t.Errorf("told %q, mailed %+v", told, mails)
	}
}

func TestOperatorFindsAnAccount_B10(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, by := range []string{`"email":" Ann@Acme.example"`, `"account":"acme"`} {
		out := d.ask(`{"action":"find-account","reason":"ticket 1",` + by + `}`)
		if out.Account == nil || out.Changed {
			t.Fatalf("%s: %+v", by, out)
		}
		a := out.Account
		if a.Company != "Acme" || !a.Active || len(a.Users) != 1 || a.Users[0].Email != "ann@acme.example" || !a.Users[0].Primary {
			t.Errorf("%s: %+v", by, a)
		}
		if len(a.Tasks) != 2 || a.Tasks[0].ID != "files" || a.Tasks[0].BoxUsers.Total != 2 || a.Tasks[1].DeletedUntil.IsZero() {
			t.Errorf("%s: tasks %+v", by, a.Tasks)
		}
		all, err := json.Marshal(out)
		if err != nil || strings.Contains(string(all), "secret-hash") || strings.Contains(string(all), "d3JhcHBlZC12YXVsdC1rZXk") {
			t.Errorf("the answer holds a secret: %s, %v", all, err)
		}
	}
	if told := d.told(); len(told) != 2 || told[0] != "Coffer's support looked at the account's users, tasks and settings: ticket 1" {
		t.Errorf("activity %q", told)
	}
	for payload, want := range map[string]operator.Refusal{
		`{"action":"find-account","reason":"why","email":"nobody@acme.example"}`: {"not found", "email", "Nobody signs in with this e-mail address."},
		`{"action":"find-account","reason":"why","email":"eve@else.example"}`:    {"conflict", "email", "This is of account else, which lives in us-east-1. Invoke this function in that region."},
		`{"action":"find-account","reason":"why","account":"else"}`:              {"not found", "account", `There is no account "else" in eu-central-1.`},
	} {
		if out := d.ask(payload); out.Refused == nil || *out.Refused != want || out.Account != nil {
			t.Errorf("%s: %+v", payload, out.Refused)
		}
	}
}

func TestOperatorDescribesATask_B10(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	u, err := d.Tasks.BoxUser(t.Context(), "acme", "files", "8")
	d.must(err)
	d.must(d.Tasks.Verified(t.Context(), u, "The backed up content of 3 files is damaged."))
	out := d.ask(`{"action":"describe-task","account":"acme","task":"files","reason":"ticket 2"}`)
	if out.Task == nil || out.Task.Retention != "unlimited" || !out.Task.Index || out.Task.BoxUsers.ByStatus[backup.Success] != 2 {
		t.Fatalf("%+v", out.Task)
	}
	if troubled := out.Task.BoxUsers.Troubled; len(troubled) != 1 || troubled[0].ID != "8" || troubled[0].Damage == "" {
		t.Errorf("troubled %+v", troubled)
	}
	if told := d.told(); !slices.Equal(told, []string{"Coffer's support looked at the settings and states of the backup task: ticket 2"}) {
		t.Errorf("activity %q", told)
	}
	if out := d.ask(`{"action":"describe-task","account":"acme","task":"gone","reason":"ticket 2"}`); out.Task == nil || out.Task.DeletedUntil.IsZero() {
		t.Errorf("deleted task: %+v", out)
	}
}

func TestOperatorTurnsTheIndexOffAndOn_F29(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if out := d.set("set-index", `"index":false`); !out.Changed || out.Task.Index || !d.task().Unsearched {
		t.Errorf("off: %+v", out)
	}
	d.once("turned searching by name off")
	if out := d.set("set-index", `"index":false`); out.Changed || out.Message != "Searching by name is off already. Nothing was changed." {
		t.Errorf("off again: %+v", out)
	}
	if told, mails := d.told(), d.mailed(); len(told) != 1 || len(mails) != 0 {
		t.Errorf("a repeat is told: %q, %+v", told, mails)
	}
	if out := d.set("set-index", `"index":true`); !out.Changed || d.task().Unsearched {
		t.Errorf("on: %+v", out)
	}
}

func TestOperatorShortensRetentionWhenConfirmed_F37(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	before := d.task()
	out := d.set("set-retention", `"retention":{"days":90}`)
	if want := (operator.Expiry{Snapshots: 6, BoxUsers: 2}); out.Changed || !out.Confirm || out.Expires == nil || *out.Expires != want {
		t.Errorf("dry run: %+v, %+v", out, out.Expires)
	}
	if !strings.Contains(out.Message, "6 snapshots of 2 Box users expire") {
		t.Errorf("dry run: %s", out.Message)
	}
	d.untouched(before)
	out = d.set("set-retention", `"retention":{"days":90},"confirm":true`)
	if !out.Changed || out.Confirm || out.Expires.Snapshots != 6 || out.Task.Retention != "90 days" || d.task().Retention != (task.Retention{Number: 90, Unit: task.Days}) {
		t.Errorf("confirmed: %+v", out)
	}
	d.once("set the retention to 90 days (it was unlimited)")
	if out := d.set("set-retention", `"retention":{"days":90},"confirm":true`); out.Changed || len(d.told()) != 1 || len(d.mailed()) != 0 {
		t.Errorf("repeated: %+v", out)
	}
	for _, longer := range []string{`{"months":6}`, `{"years":7}`, `{"unlimited":true}`} {
		if out := d.set("set-retention", `"retention":`+longer); !out.Changed || out.Expires != nil {
			t.Errorf("%s: %+v", longer, out)
		}
	}
	if got := d.task().Retention; got != (task.Retention{}) {
		t.Errorf("retention %v", got)
	}
}

// TestOperatorIsToldOfWhatWouldExpire keeps what the pruner keeps.
func TestOperatorIsToldOfWhatWouldExpire_F37(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.backUp("9", 300, 250) // the newest stays
	out := d.set("set-retention", `"retention":{"years":1}`)
	if out.Expires == nil || *out.Expires != (operator.Expiry{}) {
		t.Errorf("a year: %+v", out.Expires)
	}
	if out := d.set("set-retention", `"retention":{"days":30}`); *out.Expires != (operator.Expiry{Snapshots: 9, BoxUsers: 3}) {
		t.Errorf("30 days: %+v", out.Expires)
	}
	d.MostRead = 1
	if out := d.set("set-retention", `"retention":{"days":30}`); *out.Expires != (operator.Expiry{Snapshots: 4, BoxUsers: 1, More: true}) || !strings.Contains(out.Message, "at least 4 snapshots") {
		t.Errorf("not all read: %+v, %s", out.Expires, out.Message)
	}
}

func TestOperatorSetsTheFrequency_F40(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	out := d.set("set-frequency", `"frequency":"three_times_daily"`)
	got := d.task()
	if !out.Changed || got.Frequency != task.ThreeTimesDaily || !got.NextRun.Equal(got.Next(d.now)) || got.NextRun.Sub(d.now) > 8*time.Hour {
		t.Errorf("%+v, next run %v", out, got.NextRun)
	}
	d.once("set the backup frequency to three times a day (it was daily)")
	if out := d.set("set-frequency", `"frequency":"three_times_daily"`); out.Changed || len(d.told()) != 1 || len(d.mailed()) != 0 {
		t.Errorf("repeated: %+v", out)
	}
}

func TestOperatorCannotMoveAnAccount_F35_F141(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	before := d.task()
	out := d.ask(`{"action":"change-region","account":"acme","region":"eu-west-3","reason":"ticket 5"}`)
	for _, want := range []string{"Nothing was changed.", "lives in eu-central-1", "sign up for another account", "connect the same Box enterprise", "export them"} {
		if out.Changed || out.Refused != nil || !strings.Contains(out.Message, want) {
			t.Errorf("no %q in %+v", want, out)
		}
	}
	if told := d.told(); len(told) != 1 || !strings.Contains(told[0], "another region, which cannot be done: ticket 5") {
		t.Errorf("activity %q", told)
	}
	if diff := cmp.Diff(d.task(), before); diff != "" {
		t.Error(diff)
	}
	if out := d.ask(`{"action":"change-region","account":"acme","region":"eu-central-1","reason":"ticket 5"}`); !strings.Contains(out.Message, "lives in eu-central-1 already") {
		t.Errorf("its own: %+v", out)
	}
}

func TestOperatorIsToldWhatIsWrong(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	before := d.task()
	set := func(action, account, task, more string) string {
		return `{"action":"` + action + `","account":"` + account + `","task":"` + task + `","reason":"ticket 4711",` + more + `}`
	}
	for _, c := range []struct{ payload, kind, field, says string }{
		{`[]`, "invalid", "", "JSON object"},
		{`{"action":"x"}{}`, "invalid", "", "JSON object"},
		{`null`, "invalid", "", "JSON object"},
		{`{}`, "invalid", "action", "change-region, describe-task, find-account, set-frequency, set-index, set-retention"},
		{`{"action":"drop","account":"acme"}`, "invalid", "action", "must be one of"},
		{`{"action":"find-account","reason":"why"}`, "invalid", "email", "either"},
		{`{"action":"find-account","reason":"why","account":"acme","email":"ann@acme.example"}`, "invalid", "email", "either"},
		{`{"action":"find-account","account":"acme"}`, "invalid", "reason", "needs"},
		{`{"action":"find-account","account":"acme","reason":"a\nb c"}`, "invalid", "reason", "one line"},
		{`{"action":"find-account","account":"acme","reason":" x "}`, "invalid", "reason", "one line"},
		{`{"action":"describe-task","account":"acme","reason":"why"}`, "invalid", "task", "needs"},
		{`{"action":"describe-task","account":"acme","task":7,"reason":"why"}`, "invalid", "task", "text, not a number"},
		{set("set-index", "acme", "files", `"index":"off"`), "invalid", "index", "true or false, not a string"},
		{set("set-index", "acme", "files", `"index":null`), "invalid", "index", "null"},
		{set("set-index", "acme", "files", `"index":true,"confirm":true`), "invalid", "confirm", "takes no field"},
		{set("set-retention", "acme", "files", `"retention":{"days":90},"Confirm":true`), "invalid", "Confirm", "takes no field"},
		{set("set-retention", "acme", "files", `"retention":90`), "invalid", "retention", "one of"},
		{set("set-retention", "acme", "files", `"retention":{}`), "invalid", "retention", "one of"},
		{set("set-retention", "acme", "files", `"retention":{"weeks":2}`), "invalid", "retention", "one of"},
		{set("set-retention", "acme", "files", `"retention":{"days":1,"months":1}`), "invalid", "retention", "one of"},
		{set("set-retention", "acme", "files", `"retention":{"unlimited":false}`), "invalid", "retention", "one of"},
		{set("set-retention", "acme", "files", `"retention":{"days":0},"confirm":true`), "invalid", "retention.days", "1 to 3650 days"},
		{set("set-retention", "acme", "files", `"retention":{"days":null},"confirm":true`), "invalid", "retention.days", "1 to 3650 days"},
		{set("set-retention", "acme", "files", `"retention":{"days":3651}`), "invalid", "retention.days", "1 to 3650 days"},
		{set("set-retention", "acme", "files", `"retention":{"months":1.5}`), "invalid", "retention.months", "whole number"},
		{set("set-retention", "acme", "files", `"retention":{"years":51}`), "invalid", "retention.years", "1 to 50 years"},
		{set("set-frequency", "acme", "files", `"frequency":"hourly"`), "invalid", "frequency", "three_times_daily"},
		{set("set-index", "else", "files", `"index":false`), "not found", "account", "no account"},
		{set("set-index", "acme", "none", `"index":false`), "not found", "task", "no backup task"},
		{set("set-index", "acme", "gone", `"index":false`), "conflict", "task", "deleted on 23 November 2026"},
		{set("set-retention", "acme", "gone", `"retention":{"days":9},"confirm":true`), "conflict", "task", "deleted on"},
		{set("set-frequency", "acme", "gone", `"frequency":"weekly"`), "conflict", "task", "deleted on"},
	} {
		out := d.ask(c.payload)
		if r := out.Refused; r == nil || r.Kind != c.kind || r.Field != c.field || !strings.Contains(r.Message, c.says) || out.Changed {
			t.Errorf("%s: %+v", c.payload, out.Refused)
		}
	}
	d.untouched(before)
}

// TestNothingIsDoneThatCannotBeTold_A4 takes the audit away.
func TestNothingIsDoneThatCannotBeTold_A4(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	before := d.task()
	d.Audit = audit.New(d.cloud.AWS, "no-such-table")
	for _, payload := range []string{
		`{"action":"set-retention","account":"acme","task":"files","reason":"why","retention":{"days":1},"confirm":true}`,
		`{"action":"describe-task","account":"acme","task":"files","reason":"why"}`,
		`{"action":"find-account","account":"acme","reason":"why"}`,
	} {
		if out, err := d.Do(t.Context(), "r", []byte(payload)); err == nil || out.Account != nil || out.Task != nil {
			t.Errorf("%s: %+v, %v", payload, out, err)
		}
	}
	d.Audit = audit.New(d.cloud.AWS, d.audit)
	d.untouched(before)
}

// TestChangeIsMailedLaterWhereItCannotBeMailed_C2 takes the mail queue away.
func TestChangeIsMailedLaterWhereItCannotBeMailed_C2(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Mails = queue.New[backup.MailMessage](d.cloud.AWS, d.mails+"-gone")
	if out := d.set("set-index", `"index":false`); !out.Changed || len(d.told()) != 1 {
		t.Errorf("%+v", out)
	}
	d.now = d.now.Add(3 * time.Minute)
	var kept []backup.MailMessage
	d.must(d.Tasks.Unsent(t.Context(), func(m backup.MailMessage) error { kept = append(kept, m); return nil }))
	if len(kept) != 1 || kept[0].Template != "support" || kept[0].Account != "acme" {
		t.Errorf("kept %+v", kept)
	}
}

// FuzzRequest asks for nothing but answers: no payload makes it fail or panic.
func FuzzRequest(f *testing.F) {
	f.Add([]byte(`{"action":"set-retention","account":"a","task":"t","reason":"why","retention":{"days":1e3}}`))
	f.Add([]byte(`{"action":"set-frequency","account":"a","task":"t","reason":"why","frequency":{"a":[null]}}`))
	cloud := localtest.Start(f)
	accounts := cloud.Table(f)
	o := &operator.Operator{Accounts: account.New(cloud.AWS, accounts), Directory: account.NewDirectory(cloud.AWS, accounts), Region: "eu-central-1", Now: time.Now}
	f.Fuzz(func(t *testing.T, payload []byte) {
		out, err := o.Do(t.Context(), "r", payload)
		if err != nil || out.Refused == nil || out.Refused.Message == "" {
			t.Errorf("%s: %+v, %v", payload, out, err)
		}
	})
}
