package scanner_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"testing"
	"time"

	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
	"coffer/shared/queue"
	"coffer/shared/task"
)

var fan = flag.Int("fan", 60, "Box users of the task whose slot is started")

// TestSlotOfManyBoxUsersIsStartedAcrossInvocations begins with invocations that
// have no time left after the first Box user, and ends with one that has. Each
// Box user has one run; no more are dispatched than may be out.
func TestSlotOfManyBoxUsersIsStartedAcrossInvocations_L4(t *testing.T) {
	t.Parallel()
	o := newOffice(t, true)
	enterprise, _ := o.sim.FindEnterprise("Acme")
	scans := o.cloud.Queue(t)
	o.Scans = queue.New[backup.ScanMessage](o.cloud.AWS, scans)
	for i := range *fan {
		enterprise.AddUser(fmt.Sprintf("User %d", i), fmt.Sprintf("user%d@acme.example", i), boxsim.Member)
	}
	m := backup.ScanMessage{Account: "acme", Task: "files", Slot: time.Date(2026, 3, 1, 1, 0, 0, 0, time.UTC)}
	start := time.Now()
	o.scan(t, time.Time{})
	t.Logf("%d Box users found in %s", *fan+3, time.Since(start).Round(time.Millisecond))
	for range 3 {
		if err := o.Scan(nearlyOver{t.Context()}, m); err != nil {
			t.Fatal(err)
		}
		left := o.cloud.Received(t, scans)
		var next backup.ScanMessage
		if len(left) != 1 || json.Unmarshal([]byte(left[0]), &next) != nil || next.After <= m.After || !next.Slot.Equal(m.Slot) {
			t.Fatalf("handed over %v after %+v", left, m)
		}
		m = next
	}
	start = time.Now()
	if err := o.Scan(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d runs requested in %s", *fan, time.Since(start).Round(time.Millisecond))
	if left := o.cloud.Received(t, scans); len(left) != 0 {
		t.Errorf("handed over %v although there was time", left)
	}
	requested := 0
	for u, err := range o.Tasks.BoxUsers(t.Context(), "acme", "files") {
		if err != nil {
			t.Fatal(err)
		}
		if u.RunID != "" {
			requested++
		}
	}
	if out := o.started(t); requested != *fan+3 || len(out) != task.DefaultConcurrency {
		t.Errorf("%d of %d runs requested, %d dispatched, want %d", requested, *fan+3, len(out), task.DefaultConcurrency)
	}
}

// nearlyOver is an invocation that has less time left than is kept for its end,
// however long that takes on a busy machine.
type nearlyOver struct{ context.Context }

// Deadline implements context.Context.
func (nearlyOver) Deadline() (time.Time, bool) { return time.Now().Add(50 * time.Second), true }

// TestFoundBoxUsersAreCountedBeforeSomebodyLooks finds more than are added up
// when somebody does: the totals are of when they were found, not of now.
func TestFoundBoxUsersAreCountedBeforeSomebodyLooks_L3(t *testing.T) {
	t.Parallel()
	o := newOffice(t, false)
	enterprise, _ := o.sim.FindEnterprise("Acme")
	for i := range 500 {
		enterprise.AddUser(fmt.Sprintf("User %d", i), fmt.Sprintf("user%d@acme.example", i), boxsim.Member)
	}
	o.scan(t, time.Time{})
	of, err := o.Tasks.Task(t.Context(), "acme", "files")
	if err != nil {
		t.Fatal(err)
	}
	for u, err := range o.Tasks.BoxUsers(t.Context(), "acme", "files") {
		if err == nil {
			err = o.Tasks.Activate(t.Context(), u)
		}
		if err != nil {
			t.Fatal(err)
		}
		break
	}
	if got, ask, err := o.Tasks.Totals(t.Context(), of); err != nil || ask || got.Total != 503 || got.Active != 0 {
		t.Errorf("totals %+v, ask %t, %v", got, ask, err)
	}
}
