package mailer_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"coffer/scripts/local/localtest"
	"coffer/shared/account"
	"coffer/shared/backup"
	"coffer/shared/mailer"
)

const portal = "https://portal.example.com"

func newMailer(t *testing.T) (*localtest.Cloud, *account.Table, *mailer.Mailer) {
	t.Helper()
	cloud := localtest.Start(t)
	accounts := account.New(cloud.AWS, cloud.Table(t))
	m, err := mailer.New(cloud.AWS, accounts, "Coffer <coffer@example.com>", portal)
	if err != nil {
		t.Fatal(err)
	}
	return cloud, accounts, m
}

func TestMessageIsSentOnceHoweverOftenItComes(t *testing.T) {
	t.Parallel()
	cloud, _, m := newMailer(t)
	message := backup.MailMessage{
		ID: "1", To: "once@example.com", Template: "activate", Data: map[string]string{"name": "Ann", "link": portal + "/activate#a.b"},
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if err := m.Send(t.Context(), message); err != nil && backup.KindOf(err) != backup.Busy {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if err := m.Send(t.Context(), message); err != nil {
		t.Error(err)
	}
	mails := cloud.Mails(t, "once@example.com")
	if len(mails) != 1 {
		t.Fatalf("%d mails", len(mails))
	}
	got := mails[0]
	if got.Subject != "Activate your Coffer account" || !strings.Contains(got.From, "coffer@example.com") {
		t.Errorf("from %q: %q", got.From, got.Subject)
	}
	for part, text := range map[string]string{"text": got.Text, "HTML": got.HTML} {
		if !strings.Contains(text, "Hello Ann,") || !strings.Contains(text, "Welcome to Coffer.") || !strings.Contains(text, portal+"/activate#a.b") {
			t.Errorf("%s:\n%s", part, text)
		}
	}
}

func TestFilesArriveAsTheyAre(t *testing.T) {
	t.Parallel()
	cloud, _, m := newMailer(t)
	file := backup.Attachment{Name: "usage.csv.gz", Type: "application/gzip", Content: []byte("\x1f\x8b\x00\r\n.\r\n\xff")}
	for range 2 {
		err := m.SendWith(t.Context(), backup.MailMessage{ID: "files", To: "files@example.com", Template: "usage-report"}, file)
		if err != nil {
			t.Fatal(err)
		}
	}
	mails := cloud.Mails(t, "files@example.com")
	if len(mails) != 1 || len(mails[0].Attachments) != 1 {
		t.Fatalf("mails %+v", mails)
	}
	got := mails[0].Attachments[0]
	if got.Name != file.Name || got.Type != file.Type || !bytes.Equal(got.Content, file.Content) || mails[0].HTML == "" {
		t.Errorf("%+v", mails[0])
	}
}

func TestMessageWithoutAnAddressGoesToThePrimaryUser(t *testing.T) {
	t.Parallel()
	cloud, accounts, m := newMailer(t)
	l := account.Link{Account: "acme", User: "u", Secret: "s", Until: time.Now().Add(time.Hour)}
	u := account.User{Account: "acme", ID: "u", Email: "primary@example.com", Primary: true}
	if err := accounts.Create(t.Context(), account.Account{ID: "acme"}, u, l); err != nil {
		t.Fatal(err)
	}
	data := map[string]string{"task": "t1", "taskName": "Acme", "reason": "It was revoked."}
	for _, to := range []backup.AccountID{"acme", "gone"} {
		if err := m.Send(t.Context(), backup.MailMessage{ID: string(to), Account: to, Template: "disconnected", Data: data}); err != nil {
			t.Fatal(err)
		}
	}
	mails := cloud.Mails(t, "primary@example.com")
	if len(mails) != 1 || !strings.Contains(mails[0].Text, portal+"/tasks/t1") || !strings.Contains(mails[0].Text, "It was revoked.") {
		t.Errorf("mails %+v", mails)
	}
}

func TestBothPartsSayWhatTheReaderNeeds(t *testing.T) {
	t.Parallel()
	cloud, _, m := newMailer(t)
	data := map[string]string{
		"name": "Ann", "email": "ann@acme.example", "address": "203.0.113.7", "when": "1 September 2026, 12:00 UTC", "link": portal + "/page#a.b",
		"task": "bbbb", "taskName": "Acme Box", "reason": "The ceiling of 50,000 Box calls for November is reached.",
		"by": "bob@acme.example", "until": "8 September 2026, 12:00 UTC", "number": "2", "names": "Cara, Dan",
		"what": "set the retention to 90 days", "effect": "Older snapshots are deleted.",
	}
	for template, want := range map[string][]string{
		"reset":            {"Hello Ann,", "Somebody, perhaps you, asked", "60 minutes", portal + "/page#a.b"},
		"password-changed": {"Hello Ann,", "The password of", "ann@acme.example", "203.0.113.7", "1 September 2026, 12:00 UTC", portal + "/page#a.b"},
		"task-deleted":     {"“Acme Box” was deleted by bob@acme.example", "Until 8 September 2026, 12:00 UTC", portal + "/?deleted=shown"},
		"users-deleted":    {"bob@acme.example deleted the backups of 2 Box users: Cara, Dan.", "8 September 2026", portal + "/tasks/bbbb?deleted=shown"},
		"support":          {"support set the retention to 90 days", "Reason: The ceiling", "Older snapshots", portal + "/tasks/bbbb/settings"},
		"ceiling":          {"“Acme Box”", "ceiling of 50,000 Box calls", portal + "/tasks/bbbb/settings"},
		"disconnected":     {"“Acme Box”", "no new backups", portal + "/tasks/bbbb/settings"},
	} {
		to := "parts-" + template + "@example.com"
		if err := m.Send(t.Context(), backup.MailMessage{ID: "parts-" + template, To: to, Template: template, Data: data}); err != nil {
			t.Fatal(err)
		}
		mails := cloud.Mails(t, to)
		if len(mails) != 1 {
			t.Fatalf("%d mails of %s", len(mails), template)
		}
		for _, phrase := range want {
			if !strings.Contains(mails[0].Text, phrase) || !strings.Contains(mails[0].HTML, phrase) {
				t.Errorf("%s does not say %q in both parts:\n%s\n%s", template, phrase, mails[0].Text, mails[0].HTML)
			}
		}
		if !strings.Contains(mails[0].HTML, `<a href="`+want[len(want)-1]+`"`) {
			t.Errorf("%s has no button:\n%s", template, mails[0].HTML)
		}
	}
}

// TestNamesStayNames puts what people may call things into every template.
func TestNamesStayNames_B7(t *testing.T) {
	t.Parallel()
	cloud, _, m := newMailer(t)
	const nasty = "x\r\nBcc: eve@example.com\n\n<script>alert(1)</script>\u2028\"&{{.portal}}"
	data := map[string]string{"link": "https://portal.example.com/a?b=1&c=2"}
	for _, key := range []string{"name", "task", "taskName", "reason", "job", "label", "userName", "status", "done", "skipped", "failed", "email", "address", "when", "by", "until", "number", "names", "rows", "file", "packed", "ended", "hours", "why", "what", "effect"} {
		data[key] = nasty
	}
	names, err := filepath.Glob("templates/*.txt")
	if err != nil || len(names) < 4 {
		t.Fatalf("templates %v, %v", names, err)
	}
	for _, name := range names {
		template := strings.TrimSuffix(filepath.Base(name), ".txt")
		to := template + "@example.com"
		if err := m.Send(t.Context(), backup.MailMessage{ID: "names-" + template, To: to, Template: template, Data: data}); err != nil {
			t.Fatal(err)
		}
		for _, mail := range cloud.Mails(t, to) {
			if strings.ContainsAny(mail.Subject, "\r\n") || len(mail.To)+len(mail.Cc)+len(mail.Bcc) != 1 {
				t.Errorf("%s: subject %q to %v %v %v", template, mail.Subject, mail.To, mail.Cc, mail.Bcc)
			}
			if strings.Contains(mail.HTML, "<script") || strings.Contains(mail.Text, "\nBcc") {
				t.Errorf("%s:\n%s\n%s", template, mail.Text, mail.HTML)
			}
		}
	}
	if err := m.Send(t.Context(), backup.MailMessage{ID: "none", To: "x@example.com", Template: "no-such-template"}); err == nil {
		t.Error("a template that does not exist is sent")
	}
}

// TestEveryTemplateThatIsSentExists looks for the names in the whole tree.
func TestRestoreElsewhereNamesItsDestination_F73(t *testing.T) {
	t.Parallel()
	cloud, _, m := newMailer(t)
	for to, test := range map[string]struct{ destination, want string }{
		"elsewhere@example.com": {"the folder “In” of Carol", "from the backup task “Acme” to the folder “In” of Carol has ended: Succeeded."},
		"home@example.com":      {"", "from the backup task “Acme” has ended: Succeeded."},
	} {
		data := map[string]string{"job": "j", "taskName": "Acme", "userName": "Bob", "status": "Succeeded", "done": "1", "skipped": "0", "failed": "0", "destination": test.destination}
		if err := m.Send(t.Context(), backup.MailMessage{ID: "job-" + to, To: to, Template: "restored", Data: data}); err != nil {
			t.Fatal(err)
		}
		if mails := cloud.Mails(t, to); len(mails) != 1 || !strings.Contains(mails[0].Text, test.want) {
			t.Errorf("%s: %+v", to, mails)
		}
	}
}

func TestEveryTemplateThatIsSentExists(t *testing.T) {
	t.Parallel()
	found := 0
	err := filepath.WalkDir("..", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		source, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		for rest := string(source); ; {
			_, after, ok := strings.Cut(rest, `Template: "`)
			if !ok {
				return nil
			}
			template, _, _ := strings.Cut(after, `"`)
			if _, err := os.Stat(filepath.Join("templates", template+".txt")); err != nil {
				t.Errorf("%s sends %q: %v", name, template, err)
			}
			found++
			rest = after
		}
	})
	if err != nil || found < 3 {
		t.Errorf("%d messages found, %v", found, err)
	}
}
