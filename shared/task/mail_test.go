package task_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"coffer/shared/backup"
	"coffer/shared/task"
)

// unsent takes all e-mails whose time has come.
func unsent(t *testing.T, table *task.Table) (all []backup.MailMessage) {
	t.Helper()
	check(t, table.Unsent(t.Context(), func(m backup.MailMessage) error { all = append(all, m); return nil }))
	return all
}

func TestMailIsKeptWithItsCauseAndForgottenWhenItIsSent_C2(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	table, b, c := newTable(t)
	mail := backup.MailMessage{ID: "m1", Account: b.Account, Template: "disconnected", Data: map[string]string{"task": "files"}}
	for range 2 { // the second is no cause any more
		mail.ID += "+"
		if _, err := table.Disconnect(ctx, b, "Revoked.", table.KeepMail(mail)); err != nil {
			t.Fatal(err)
		}
	}
	if got := unsent(t, table); len(got) > 0 {
		t.Errorf("sent while its sender may be about to: %+v", got)
	}
	c.advance(3 * time.Minute)
	refused := errors.New("no queue")
	if err := table.Unsent(ctx, func(backup.MailMessage) error { return refused }); !errors.Is(err, refused) {
		t.Errorf("not sent: %v", err)
	}
	if got := unsent(t, table); len(got) != 1 || got[0].ID != "m1+" || got[0].Data["task"] != "files" {
		t.Errorf("sent %+v", got)
	}
	if got := unsent(t, table); len(got) > 0 {
		t.Errorf("sent again: %+v", got)
	}
}

func TestMailOfDeletionsFindsOutWhoseTheyWere_C2(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	table, b, c := newTable(t)
	var users []task.BoxUser
	for i := range 25 {
		u := task.BoxUser{Account: b.Account, Task: b.ID, ID: backup.BoxUserID(fmt.Sprint(100 + i)), Name: fmt.Sprintf("User %02d", i)}
		_, err := table.Discovered(ctx, u, false)
		check(t, err)
		users = append(users, row(t, table, u))
	}
	mail := func() backup.MailMessage {
		return backup.MailMessage{Account: b.Account, Template: "users-deleted", Data: map[string]string{"by": "ada"}}
	}
	for _, n := range []int{0, 2, 22} {
		request := fmt.Sprintf("request of %d", n)
		check(t, table.KeepDeletion(ctx, b.ID, request, mail()))
		for _, u := range users[:n] {
			check(t, table.DeleteFor(ctx, row(t, table, u), request))
			check(t, table.Undelete(ctx, u))
			check(t, table.DeleteFor(ctx, row(t, table, u), request)) // which it is not a second time
			if !row(t, table, u).Alive() {
				t.Errorf("%s: deleted again", u.Name)
			}
		}
		c.advance(3 * time.Minute)
		got := unsent(t, table)
		if n == 0 {
			if len(got) > 0 {
				t.Errorf("told of what was not done: %+v", got)
			}
			continue
		}
		names := map[int]string{2: "User 00, User 01", 22: "User 00, User 01, User 02, User 03, User 04, User 05, User 06, User 07, User 08, User 09, " +
			"User 10, User 11, User 12, User 13, User 14, User 15, User 16, User 17, User 18, User 19 and 2 more"}[n]
		if len(got) != 1 || got[0].Data["names"] != names || got[0].Data["number"] != fmt.Sprint(n) || got[0].Data["by"] != "ada" {
			t.Errorf("%s: sent %+v", request, got)
		}
	}

	// Where it is known, nobody looks; and what goes on is not told of before its end.
	check(t, table.KeepDeletion(ctx, b.ID, "known", mail()))
	c.advance(time.Minute)
	check(t, table.KeepDeletion(ctx, b.ID, "known", mail()))
	c.advance(time.Minute + time.Second)
	if got := unsent(t, table); len(got) > 0 {
		t.Errorf("sent too soon: %+v", got)
	}
	known := task.Deletion("known", mail(), []string{"Bob", "Ann"}, 3)
	check(t, table.KeepDeleted(ctx, "known", known))
	c.advance(3 * time.Minute)
	got := unsent(t, table)
	if len(got) != 1 || got[0].ID != known.ID || got[0].Data["names"] != "Ann, Bob and 1 more" {
		t.Errorf("sent %+v", got)
	}
	again := task.Deletion("known", mail(), []string{"Ann"}, 1)
	if again.ID == known.ID {
		t.Error("a part of it has the id of the whole")
	}
}

func TestCancelOfARequestIsOfOneRun_D9(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	table, b, c := newTable(t)
	u := newRun(t, table, b)
	check(t, table.CancelFor(ctx, u, "r1"))
	check(t, table.CancelFor(ctx, u, "r1")) // the row from before: the answer to the write was lost
	wantKind(t, table.CancelFor(ctx, u, "r2"), backup.Conflict)
	u, err := table.Request(ctx, row(t, table, u), time.Time{})
	check(t, err)
	check(t, table.CancelFor(ctx, u, "r1"))
	if got := row(t, table, u); got.RunID == "" || got.Cancel {
		t.Errorf("the next run is cancelled: %+v", got)
	}
	leased, err := table.Lease(ctx, u.Message(), "w")
	check(t, err)
	check(t, table.CancelFor(ctx, leased, "r3"))
	c.advance(time.Second)
	check(t, table.CancelFor(ctx, row(t, table, u), "r3"))
	if got := row(t, table, u); !got.Cancel || got.RunID == "" {
		t.Errorf("the run in progress: %+v", got)
	}
}
