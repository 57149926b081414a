package connection_test

import (
	"testing"
	"time"

	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/task"
)

// TestLossAndCeilingAreToldAlsoWhereWhoFoundThemDied_C2 has the e-mail get lost on
// its way, after which nobody tells of them a second time.
func TestLossAndCeilingAreToldAlsoWhereWhoFoundThemDied_C2(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	o := newOffice(t)
	var err error
	if o.task, err = o.tasks.Authorised(ctx, o.task.Account, o.task.ID, o.enterprise.ID, "Acme", "ada@acme.example"); err != nil {
		t.Fatal(err)
	}
	o.mails += "-gone"
	c := o.connect()
	reached := &task.CeilingError{Ceiling: 5, Until: time.Now().AddDate(0, 1, 0)}
	for name, tell := range map[string]func() error{
		"disconnected": func() error { return c.Lost(ctx, o.task) },
		"ceiling":      func() error { return c.Stopped(ctx, o.task, reached) },
	} {
		if err := tell(); err == nil {
			t.Fatalf("%s: the e-mail is sent", name)
		}
		if err := tell(); err != nil {
			t.Errorf("%s is told twice: %v", name, err)
		}
		o.tasks.Now = func() time.Time { return time.Now().Add(3 * time.Minute) }
		var kept []backup.MailMessage
		if err := o.tasks.Unsent(ctx, func(m backup.MailMessage) error { kept = append(kept, m); return nil }); err != nil {
			t.Fatal(err)
		}
		if len(kept) != 1 || kept[0].Template != name || kept[0].Data["taskName"] != "Files" {
			t.Errorf("%s: kept %+v", name, kept)
		}
		o.tasks.Now = time.Now
	}
	if told, _, err := o.activity.List(ctx, "acme", audit.Query{}, 10); err != nil || len(told) != 2 {
		t.Errorf("activities %+v, %v", told, err)
	}
}

// A worker that needs its time to find out that an authorisation was lost says
// nothing of the next one.
func TestLateLossIsNotOfTheNextAuthorisation_F26(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	o := newOffice(t)
	authorise := func() task.Task {
		got, err := o.tasks.Authorised(ctx, o.task.Account, o.task.ID, o.enterprise.ID, "Acme", "ada@acme.example")
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	c, before := o.connect(), authorise()
	for step, want := range []backup.Connection{backup.Disconnected, backup.Connected} {
		if err := c.Lost(ctx, before); err != nil {
			t.Fatal(err)
		}
		if now, err := o.tasks.Task(ctx, o.task.Account, o.task.ID); err != nil || now.Connection != want {
			t.Errorf("step %d: %s, %v, want %s", step, now.Connection, err, want)
		}
		o.tasks.Now = func() time.Time { return time.Now().Add(time.Minute) }
		if step == 0 {
			authorise()
		}
	}
}
