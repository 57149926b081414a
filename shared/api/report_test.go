package api_test

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/api/tasks"
	"coffer/shared/backup"
	"coffer/shared/mailer"
	"coffer/shared/reporter"
)

// usage exports the usage report.
func (w *person) usage() [][]string {
	w.p.t.Helper()
	response, file := w.send("GET", "/api/usage-report.csv", nil)
	h := response.Header
	if response.StatusCode != 200 || !strings.HasPrefix(h.Get("Content-Type"), "text/csv") || !strings.HasPrefix(h.Get("Content-Disposition"), `attachment; filename="usage-`) {
		w.p.t.Fatalf("%d %v", response.StatusCode, h)
	}
	return w.p.cells(file)
}

func (p *product) cells(file []byte) [][]string {
	p.t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(file)).ReadAll()
	if err != nil {
		p.t.Fatal(err)
	}
	return rows
}

// report carries out what is on the report queue, as the function report does.
func (p *product) report() {
	p.t.Helper()
	accounts := p.identity.Accounts
	m, err := mailer.New(p.cloud.AWS, accounts, "coffer@example.com", p.web.URL)
	if err != nil {
		p.t.Fatal(err)
	}
	r := reporter.New(p.scanner.Tasks, accounts, m.SendWith)
	messages := received[backup.ReportMessage](p, p.reports)
	if len(messages) != 1 {
		p.t.Fatalf("messages %+v", messages)
	}
	for range 2 { // a message may come twice
		if err := r.Report(p.t.Context(), messages[0]); err != nil {
			p.t.Fatal(err)
		}
	}
}

func TestUsageReportIsExportedAndMailedTheSame_F55_F56(t *testing.T) {
	t.Parallel()
	b := newBackedUp(t)
	second := b.who.secondary("usage-second@example.com")
	b.who.ok("POST", "/api/tasks/"+b.task+"/users/tag", map[string]any{"ids": []string{b.user}, "add": []string{string(backup.LimitedAccess)}}, nil)
	var u tasks.BoxUser
	b.who.ok("GET", b.base, nil, &u)
	day := func(at time.Time) string { return at.UTC().Format(time.RFC3339) }
	row := func(items, size string) [][]string {
		return [][]string{
			{"Task", "Name", "E-mail", "State", "Backup Status", "Items", "Bytes", "First Backup", "Last Backup"},
			{"Acme Box", "Ann Archer", "ann@acme.example", "active", "Success", items, size, day(u.FirstBackup), day(u.LastBackup)},
			{"Acme Box", "Bob Baker", "bob@acme.example", "inactive", "Not Active", "0", "0", "", ""},
		}
	}
	if u.Items == 0 || u.Size == 0 {
		t.Fatalf("Ann has no figures: %+v", u)
	}
	for _, test := range []struct {
		who   *person
		email string
		want  [][]string
	}{
		{b.who, "ann@example.com", row(strconv.FormatInt(u.Items, 10), strconv.FormatInt(u.Size, 10))},
		{second, "usage-second@example.com", row("", "")},
	} {
		if diff := cmp.Diff(test.who.usage(), test.want); diff != "" {
			t.Errorf("%s exports (-got +want):\n%s", test.email, diff)
		}
		if response, body := test.who.send("POST", "/api/usage-report", nil); response.StatusCode != 202 || len(body) > 0 {
			t.Fatalf("%d %s", response.StatusCode, body)
		}
		b.report()
		mails := b.cloud.Mails(t, test.email)
		if len(mails) != 1 || len(mails[0].Attachments) != 1 {
			t.Fatalf("mails to %s: %+v", test.email, mails)
		}
		if diff := cmp.Diff(b.cells(mails[0].Attachments[0].Content), test.want); diff != "" {
			t.Errorf("%s is mailed (-got +want):\n%s", test.email, diff)
		}
	}

	// Of another account there is nothing to see.
	if got := b.newPerson("usage-eve@example.com").usage(); len(got) != 1 {
		t.Errorf("a stranger exports %q", got)
	}
}

func TestReportsAreMailedTenTimesInAnHour(t *testing.T) {
	t.Parallel()
	p := newProduct(t)
	ann, eve := p.newPerson("ann@example.com"), p.newPerson("eve@example.com")
	for n := range 11 {
		response, body := ann.send("POST", "/api/usage-report", nil)
		if want := map[bool]int{true: 202, false: 429}[n < 10]; response.StatusCode != want {
			t.Fatalf("report %d: %d %s", n+1, response.StatusCode, body)
		}
		if wait, err := strconv.Atoi(response.Header.Get("Retry-After")); n == 10 && (err != nil || wait < 3500 || wait > 3601) {
			t.Errorf("Retry-After %q", response.Header.Get("Retry-After"))
		}
	}
	if sent := received[backup.ReportMessage](p, p.reports); len(sent) != 10 {
		t.Errorf("%d reports are written", len(sent))
	}
	eve.ok("POST", "/api/usage-report", nil, nil)

	bea := p.newPerson("bea@example.com")
	for n := range 15 { // every 5 minutes; the eleventh has to wait until an hour after the first
		response, body := bea.send("POST", "/api/usage-report", nil)
		if want := map[bool]int{true: 202, false: 429}[n != 10 && n != 11]; response.StatusCode != want {
			t.Fatalf("report %d: %d %s", n+1, response.StatusCode, body)
		}
		if wait, err := strconv.Atoi(response.Header.Get("Retry-After")); n == 10 && (err != nil || wait < 590 || wait > 601) {
			t.Errorf("Retry-After %q", response.Header.Get("Retry-After"))
		}
		p.passed.Add(int64(5 * time.Minute))
	}
}
