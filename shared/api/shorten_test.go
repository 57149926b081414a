package api_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/api/tasks"
	"coffer/shared/backup"
	"coffer/shared/task"
)

// Whoever shortens how long backups are kept deletes some. The primary user is
// told, and can set it back for as long as what is deleted can be brought back.
func TestShorterRetentionIsMailedAndCanBeSetBack_D2(t *testing.T) {
	t.Parallel()
	b := newBackedUp(t)
	p, who := b.product, b.who
	var made, got tasks.Task
	who.ok("GET", "/api/tasks/"+b.task, nil, &made)
	path := "/api/tasks/" + made.ID
	policy := func(change map[string]any) *tasks.Shortened {
		t.Helper()
		got = tasks.Task{}
		who.ok("PATCH", path, map[string]any{"policy": change}, &got)
		return got.Policy.Shortened
	}
	mailed := func(want int) []backup.MailMessage {
		t.Helper()
		mails := received[backup.MailMessage](p, p.mails)
		if len(mails) != want {
			t.Fatalf("mails %+v, want %d", mails, want)
		}
		return mails
	}
	mailed(0)
	is := policy(map[string]any{"retention": map[string]any{"number": 1, "unit": "months"}})
	if is == nil || is.Retention != nil || is.ArchiveDays != 0 || time.Until(is.Until) > task.Grace || time.Until(is.Until) < task.Grace-time.Minute {
		t.Fatalf("shortened: %+v", is)
	}
	mail := mailed(1)[0]
	want := map[string]string{
		"task": made.ID, "taskName": "Acme Box", "by": "ann@example.com", "until": is.Until.UTC().Format("2 January 2006, 15:04 UTC"),
		"retention": "1 month", "wasRetention": "unlimited", "archive": "for good", "wasArchive": "for good",
	}
	if diff := cmp.Diff(want, mail.Data); diff != "" || mail.Template != "kept-shorter" || mail.To != "" {
		t.Errorf("mail %s to %q (-want +got):\n%s", mail.Template, mail.To, diff)
	}
	if is := policy(map[string]any{"versions": true}); is == nil {
		t.Error("another change ends the delay")
	}
	mailed(0)
	if is := policy(map[string]any{"archiveDays": 10}); is == nil || is.Retention != nil {
		t.Errorf("archives shortened as well: %+v", is)
	}
	mailed(1)
	if is := policy(map[string]any{"retention": nil, "archiveDays": 0}); is != nil {
		t.Errorf("set back: %+v", is)
	}
	mailed(0)
}
