package scheduler_test

import (
	"testing"
	"time"

	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/keys"
	"coffer/shared/task"
)

// Of three tasks none is scanned for 60 days: one that a person authorised, one
// that acts as the customer's own application, and one that is disconnected. The
// first is told of from day 50 on, every third day, until its tokens are refreshed.
func TestLapseOfAnAuthorisationIsToldBefore_D6(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c := newClockwork(t)
	ring := keys.New(c.cloud.AWS, c.cloud.Key(t))
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	b := c.create(t, "files", backup.Connected)
	tokens := c.Tasks.Tokens(ring, "acme", "files")
	check(tokens.Store(ctx, backup.Token{Access: "a", Refresh: "r"}))
	c.create(t, "own", backup.Connected)
	check(c.Tasks.Tokens(ring, "acme", "own").Store(ctx, backup.Token{Access: "a", Refresh: "r"}))
	check(c.Tasks.Tokens(ring, "acme", "own").StoreCredentials(ctx, backup.Credentials{Grant: backup.ClientCredentials, ClientID: "id", ClientSecret: "secret"}))
	c.create(t, "lost", backup.Connected)
	check(c.Tasks.Tokens(ring, "acme", "lost").Store(ctx, backup.Token{Access: "a", Refresh: "r"}))

	start, lapses := c.now, c.now.Add(task.RefreshLife)
	var mailed []int // days
	pass := func(days int) {
		t.Helper()
		for end := c.now.AddDate(0, 0, days); c.now.Before(end); c.now = c.now.Add(12 * time.Hour) {
			_, err := c.Tick(ctx)
			check(err)
			for _, m := range received[backup.MailMessage](t, c, c.mails) {
				if m.Template != "lapsing" || m.Account != "acme" || m.Data["task"] != "files" || m.Data["day"] != lapses.Format("2 January 2006") {
					t.Errorf("mail %+v", m)
				}
				mailed = append(mailed, int(c.now.Sub(start).Hours()/24))
			}
			received[backup.ScanMessage](t, c, c.scans)
		}
	}
	pass(30)
	lost, err := c.Tasks.Task(ctx, "acme", "lost")
	check(err)
	_, err = c.Tasks.Disconnect(ctx, lost, "Revoked.")
	check(err)
	pass(29)
	if len(mailed) < 3 || len(mailed) > 4 || mailed[0] < 50 || mailed[0] > 51 {
		t.Errorf("mails on the days %v, want every third from day 50 on", mailed)
	}
	if b, err = c.Tasks.Task(ctx, "acme", "files"); err != nil || !b.Lapses.Equal(lapses) {
		t.Errorf("the task lapses at %v, %v, want %v", b.Lapses, err, lapses)
	}
	list, _, err := c.activity.List(ctx, "acme", audit.Query{Kind: audit.Exception}, 10)
	if err != nil || len(list) != len(mailed) {
		t.Errorf("%d activities, %v, want one for each mail", len(list), err)
	}

	_, version, err := tokens.Load(ctx)
	check(err)
	check(tokens.Save(ctx, version, backup.Token{Access: "b", Refresh: "s"}))
	mailed = nil
	pass(5)
	if b, err = c.Tasks.Task(ctx, "acme", "files"); err != nil || !b.Lapses.IsZero() || len(mailed) > 0 {
		t.Errorf("with fresh tokens it lapses at %v, mails on %v, %v", b.Lapses, mailed, err)
	}
}
