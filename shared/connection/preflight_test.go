package connection_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
	"coffer/shared/connection"
	"coffer/shared/task"
)

func (o *office) check(t *testing.T) connection.Preflight {
	t.Helper()
	c := o.connect()
	if err := c.Tokens("acme", "files").Store(t.Context(), o.app.Pair(o.users[0])); err != nil {
		t.Fatal(err)
	}
	found, err := c.Check(t.Context(), o.task)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func missing(p connection.Preflight) string {
	var names []string
	for _, s := range p.Scopes {
		if !s.OK {
			names = append(names, s.Name)
			if s.Message == "" {
				names = append(names, "without a message")
			}
		}
	}
	return strings.Join(names, " ")
}

func TestCheckNamesEveryBoxUserWhoCannotBeReached_B2(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	if found := o.check(t); !found.OK() || missing(found) != "" || found.Reachable != 3 || found.Total != 3 {
		t.Errorf("a healthy connection: %+v", found)
	}
	usage, err := o.tasks.Usage(t.Context(), o.task.Account, o.task.ID, task.MonthOf(time.Now()))
	if err != nil || usage.Calls["check.upload"] != 1 || usage.Calls["file.preflight"] != 0 {
		t.Errorf("calls %v, %v, want none that a restore makes", usage.Calls, err)
	}
	coAdmin := o.enterprise.AddUser("Dee", "dee@acme.example", boxsim.CoAdmin)
	o.sim.SetUnreachable(coAdmin, 404)
	gone := o.enterprise.AddUser("Eli", "eli@acme.example", boxsim.Member)
	o.sim.SetUnreachable(gone, 404)
	barred := o.enterprise.AddUser("Fay", "fay@acme.example", boxsim.Member)
	o.sim.SetUnreachable(barred, 403)
	o.sim.SetStatus(o.users[2], "inactive")
	found := o.check(t)
	reasons := map[backup.BoxUserID]string{}
	for _, u := range found.Unreachable {
		reasons[u.ID] = u.Reason
	}
	for id, says := range map[backup.BoxUserID]string{
		coAdmin: "is an administrator", gone: "does not find", barred: "does not let the app act", o.users[2]: "inactive",
	} {
		if !strings.Contains(reasons[id], says) {
			t.Errorf("user %s: %q, want it to say %q", id, reasons[id], says)
		}
	}
	if found.OK() || len(found.Unreachable) != 4 || found.Reachable != 2 || found.Total != 6 || missing(found) != "" {
		t.Errorf("%+v", found)
	}
}

func TestCheckNamesWhatTheAuthorisationLacks_B2(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		endpoint, missing string
		ok                bool
	}{
		{"GET /2.0/folders/*/items", "read", false},
		{"GET /2.0/users", "manage_users", false},
		{"GET /2.0/events", "enterprise_events", true},
		{"GET /2.0/groups", "manage_groups", true},
		{"OPTIONS /2.0/files/content", "write", true},
	} {
		t.Run(test.missing, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			o.sim.Fault(boxsim.Fault{Endpoint: test.endpoint, Kinds: []boxsim.Kind{boxsim.OutOfScope}, Times: 100})
			if found := o.check(t); missing(found) != test.missing || found.OK() != test.ok {
				t.Errorf("missing %q, ok %t, want %q, %t", missing(found), found.OK(), test.missing, test.ok)
			}
		})
	}
	t.Run("as_user", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		for _, u := range o.users {
			o.sim.SetUnreachable(u, 403)
		}
		if found := o.check(t); !strings.Contains(missing(found), "as_user") || found.OK() {
			t.Errorf("%+v", found)
		}
	})
}

func TestCheckWithoutTimeSaysWhomItDidNotTry_B2(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	c := o.connect()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Tokens("acme", "files").Store(t.Context(), o.app.Pair(o.users[0])); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Check(ctx, o.task); backup.KindOf(err) != backup.Busy {
		t.Errorf("without any time: %v", err)
	}
}
