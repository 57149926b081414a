package scanner_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
)

// activations are the lines about Box users who were activated by a scan, newest
// first.
func (o *office) activations(t *testing.T) []audit.Activity {
	t.Helper()
	list, _, err := o.audit.List(t.Context(), "acme", audit.Query{Kind: audit.Activate}, 10)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// One line tells of all whom a scan activates, and none where nobody is new, or
// new ones wait to be activated.
func TestActivationByAScanIsTold_F30_A1(t *testing.T) {
	t.Parallel()
	o := newOffice(t, true)
	o.sim.SetStatus(o.users[2], "inactive")
	for range 2 {
		o.scan(t, time.Time{})
		list := o.activations(t)
		if len(list) != 1 || list[0].Records != 2 || list[0].BoxUser != "" || !strings.Contains(list[0].Description, ": Ada, Bob. ") || list[0].TaskName != "Files" {
			t.Fatalf("activities %+v, want one about Ada and Bob", list)
		}
	}
	dia := o.enterprise.AddUser("Dia", "dia@acme.example", boxsim.Member)
	o.scan(t, time.Time{})
	if list := o.activations(t); len(list) != 2 || list[0].BoxUser != dia || list[0].BoxUserName != "Dia" || list[0].Item != "dia@acme.example" {
		t.Errorf("activities %+v, want one more, about Dia", list)
	}
	for i := range 25 {
		o.enterprise.AddUser(fmt.Sprintf("New %02d", i), backup.NewID()+"@acme.example", boxsim.Member)
	}
	o.scan(t, time.Time{})
	if list := o.activations(t); len(list) != 3 || list[0].Records != 25 || !strings.Contains(list[0].Description, "New 19, 5 more. ") {
		t.Errorf("activities %+v, want one more, about 25", list)
	}

	waits := newOffice(t, false)
	waits.scan(t, time.Time{})
	if list := waits.activations(t); len(list) > 0 {
		t.Errorf("activities %+v, where nobody was activated", list)
	}
}
