package reporter_test

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/scripts/local/localtest"
	"coffer/scripts/local/ses"
	"coffer/shared/account"
	"coffer/shared/backup"
	"coffer/shared/mailer"
	"coffer/shared/reporter"
	"coffer/shared/task"
)

const acme backup.AccountID = "acme"

// newReporter returns a reporter whose reader is the primary user "u".
func newReporter(t *testing.T, email string) (*localtest.Cloud, *reporter.Reporter) {
	t.Helper()
	cloud := localtest.Start(t)
	accounts := account.New(cloud.AWS, cloud.Table(t))
	u := account.User{Account: acme, ID: "u", Email: email, Name: "Ann", Primary: true}
	l := account.Link{Account: acme, User: u.ID, Secret: "s", Until: time.Now().Add(time.Hour)}
	if err := accounts.Create(t.Context(), account.Account{ID: acme}, u, l); err != nil {
		t.Fatal(err)
	}
	m, err := mailer.New(cloud.AWS, accounts, "coffer@example.com", "https://portal.example.com")
	if err != nil {
		t.Fatal(err)
	}
	r := reporter.New(task.New(cloud.AWS, cloud.Table(t, localtest.Due)), accounts, m.SendWith)
	r.Now = func() time.Time { return time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC) }
	return cloud, r
}

// found adds a task with Box users of these names, of whom the first is active.
func found(t *testing.T, r *reporter.Reporter, of backup.AccountID, id backup.TaskID, names ...string) {
	t.Helper()
	if err := r.Tasks.Create(t.Context(), task.Task{Account: of, ID: id, Name: "Task " + string(id)}); err != nil {
		t.Fatal(err)
	}
	for i, name := range names {
		u := task.BoxUser{Account: of, Task: id, ID: backup.BoxUserID(fmt.Sprintf("%04d", i)), Name: name, Login: fmt.Sprintf("%d@acme.example", i)}
		if _, err := r.Tasks.Discovered(t.Context(), u, i == 0); err != nil {
			t.Fatal(err)
		}
	}
}

// mailed returns the one mail, and the rows of the file that is attached to it.
func mailed(t *testing.T, cloud *localtest.Cloud, email string) (ses.Mail, [][]string) {
	t.Helper()
	mails := cloud.Mails(t, email)
	if len(mails) != 1 || len(mails[0].Attachments) != 1 {
		t.Fatalf("%d mails to %s: %+v", len(mails), email, mails)
	}
	file := io.Reader(bytes.NewReader(mails[0].Attachments[0].Content))
	if strings.HasSuffix(mails[0].Attachments[0].Name, ".gz") {
		z, err := gzip.NewReader(file)
		if err != nil {
			t.Fatal(err)
		}
		file = z
	}
	reader := csv.NewReader(file)
	reader.FieldsPerRecord = -1
	rows, err := reader.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return mails[0], rows
}

func TestReportTellsOfEveryLivingTaskOfTheAccount_F55_F56(t *testing.T) {
	t.Parallel()
	cloud, r := newReporter(t, "usage@example.com")
	found(t, r, acme, "a", "=Ann", "Bob", "Cleo")
	found(t, r, acme, "b", "Dora", "Gone")
	found(t, r, acme, "deleted", "Eve")
	found(t, r, "zenith", "z", "Zoe")
	if _, err := r.Tasks.DeleteTask(t.Context(), acme, "deleted"); err != nil {
		t.Fatal(err)
	}
	user := func(task backup.TaskID, id backup.BoxUserID) task.BoxUser {
		u, err := r.Tasks.BoxUser(t.Context(), acme, task, id)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	if err := r.Tasks.Archive(t.Context(), user("a", "0002")); err != nil {
		t.Fatal(err)
	}
	if err := r.Tasks.Delete(t.Context(), user("b", "0001")); err != nil {
		t.Fatal(err)
	}
	for range 3 { // messages may come twice
		if err := r.Report(t.Context(), backup.ReportMessage{ID: "usage", Account: acme, User: "u"}); err != nil {
			t.Fatal(err)
		}
	}
	mail, rows := mailed(t, cloud, "usage@example.com")
	want := [][]string{
		{"Task", "Name", "E-mail", "State", "Backup Status", "Items", "Bytes", "First Backup", "Last Backup"},
		{"Task a", "'=Ann", "0@acme.example", "active", "Scheduled", "0", "0", "", ""},
		{"Task a", "Bob", "1@acme.example", "inactive", "Not Active", "0", "0", "", ""},
		{"Task a", "Cleo", "2@acme.example", "archived", "Archived", "0", "0", "", ""},
		{"Task b", "Dora", "0@acme.example", "active", "Scheduled", "0", "0", "", ""},
	}
	if diff := cmp.Diff(rows, want); diff != "" {
		t.Errorf("rows (-got +want):\n%s", diff)
	}
	if a := mail.Attachments[0]; a.Name != "usage-2026-11-30.csv" || a.Type != "text/csv; charset=utf-8" {
		t.Errorf("attached as %q of type %q", a.Name, a.Type)
	}
	if !strings.Contains(mail.Text, "Hello Ann,") || !strings.Contains(mail.Text, "usage-2026-11-30.csv. Box users in it: 4.") || strings.Contains(mail.Text, "gzip") {
		t.Errorf("the letter:\n%s", mail.Text)
	}
}

func TestLargeReportIsPackedAndLargerOneEnds(t *testing.T) {
	t.Parallel()
	names := make([]string, 300)
	for i := range names {
		names[i] = backup.NewID()
	}
	for name, test := range map[string]struct {
		packed int
		ends   bool
	}{"packed": {1 << 20, false}, "ended": {1, true}} {
		cloud, r := newReporter(t, name+"@example.com")
		found(t, r, acme, "a", names...)
		r.Plain, r.Packed = 10_000, test.packed
		if err := r.Report(t.Context(), backup.ReportMessage{ID: name, Account: acme, User: "u"}); err != nil {
			t.Fatal(err)
		}
		mail, rows := mailed(t, cloud, name+"@example.com")
		if a := mail.Attachments[0]; a.Name != "usage-2026-11-30.csv.gz" || a.Type != "application/gzip" || !strings.Contains(mail.Text, "compressed with gzip") {
			t.Errorf("%s: attached as %q of type %q:\n%s", name, a.Name, a.Type, mail.Text)
		}
		ends := rows[len(rows)-1][0] == "Note"
		if ends != test.ends || strings.Contains(mail.Text, "more Box users than") != test.ends {
			t.Errorf("%s: %d rows, the last %q:\n%s", name, len(rows), rows[len(rows)-1], mail.Text)
		}
		if ends {
			rows = rows[:len(rows)-1]
		}
		if all := len(rows) == 1+len(names); all == test.ends {
			t.Errorf("%s: %d rows", name, len(rows))
		}
		for i, row := range rows[1:] {
			if row[1] != names[i] {
				t.Fatalf("%s: row %d is of %q", name, i, row[1])
			}
		}
	}
}

func TestReportForNobodyIsNotSent(t *testing.T) {
	t.Parallel()
	cloud, r := newReporter(t, "somebody@example.com")
	if err := r.Report(t.Context(), backup.ReportMessage{ID: "nobody", Account: acme, User: "gone"}); err != nil {
		t.Fatal(err)
	}
	if mails := cloud.Mails(t, "somebody@example.com"); len(mails) > 0 {
		t.Errorf("mails %+v", mails)
	}
}
