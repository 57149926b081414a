package task_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/scripts/local/localtest"
	"coffer/shared/backup"
	"coffer/shared/keys"
	"coffer/shared/task"
)

// clock is a clock that only the test moves.
type clock struct{ ms atomic.Int64 }

func (c *clock) now() time.Time          { return time.UnixMilli(c.ms.Load()).UTC() }
func (c *clock) advance(d time.Duration) { c.ms.Add(d.Milliseconds()) }

// newTable returns a table with one task, due now, and its clock.
func newTable(t *testing.T) (*task.Table, task.Task, *clock) {
	t.Helper()
	cloud := localtest.Start(t)
	table := task.New(cloud.AWS, cloud.Table(t, localtest.Due))
	c := &clock{}
	c.ms.Store(1_790_000_000_000)
	table.Now = c.now
	b := task.Task{
		Account: "acme", ID: "files", Name: "Files", Connection: backup.Connected,
		Frequency: task.Daily, Hour: 1, VaultKey: []byte{1}, NextRun: c.now(), Created: c.now().Add(-time.Hour),
	}
	if err := table.Create(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	return table, b, c
}

// newRun returns a Box user with a requested run.
func newRun(t *testing.T, table *task.Table, b task.Task) task.BoxUser {
	t.Helper()
	u := task.BoxUser{Account: b.Account, Task: b.ID, ID: "7", Name: "Ada", Login: "ada@acme.example", BoxStatus: "active"}
	if isNew, err := table.Discovered(t.Context(), u, true); err != nil || !isNew {
		t.Fatalf("Discovered = %v, %v", isNew, err)
	}
	u, err := table.Request(t.Context(), u, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func wantKind(t *testing.T, err error, want backup.Kind) {
	t.Helper()
	if err == nil || backup.KindOf(err) != want {
		t.Errorf("got error %v, want one of kind %v", err, want)
	}
}

func TestTaskComesBackAsStored(t *testing.T) {
	t.Parallel()
	table, b, _ := newTable(t)
	got, err := table.Task(t.Context(), b.Account, b.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, b); diff != "" {
		t.Errorf("task (-got +want):\n%s", diff)
	}
	wantKind(t, table.Create(t.Context(), b), backup.Conflict)
	_, err = table.Task(t.Context(), "other", b.ID)
	wantKind(t, err, backup.NotFound)
}

func TestSlotThatWasClaimedAndNotSentComesDueAgain(t *testing.T) {
	t.Parallel()
	table, b, c := newTable(t)
	due := onlyDue(t, table)
	if !due.Slot.Equal(b.NextRun) {
		t.Errorf("slot %v, want %v", due.Slot, b.NextRun)
	}
	if err := table.Claim(t.Context(), due, c.now().Add(5*time.Minute)); err != nil {
		t.Fatal(err)
	}
	wantKind(t, table.Claim(t.Context(), due, c.now().Add(5*time.Minute)), backup.Conflict)
	if n := countDue(t, table); n != 0 {
		t.Errorf("%d tasks due while one is claimed, want 0", n)
	}

	c.advance(5 * time.Minute)
	due = onlyDue(t, table)
	if !due.Slot.Equal(b.NextRun) {
		t.Errorf("slot %v after a crash, want the same, %v", due.Slot, b.NextRun)
	}
	if err := table.Claim(t.Context(), due, c.now().Add(5*time.Minute)); err != nil {
		t.Fatal(err)
	}
	if err := table.Sent(t.Context(), due, c.now().Add(24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	c.advance(24*time.Hour - time.Millisecond)
	if n := countDue(t, table); n != 0 {
		t.Errorf("%d tasks due before the next slot, want 0", n)
	}
	c.advance(time.Millisecond)
	onlyDue(t, table)
}

func onlyDue(t *testing.T, table *task.Table) (found task.Due) {
	t.Helper()
	n := 0
	if err := table.Due(t.Context(), func(d task.Due) error { found = d; n++; return nil }); err != nil || n != 1 {
		t.Fatalf("%d tasks due, %v, want 1", n, err)
	}
	return found
}

func countDue(t *testing.T, table *task.Table) (n int) {
	t.Helper()
	if err := table.Due(t.Context(), func(task.Due) error { n++; return nil }); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestSlotHasOneRun(t *testing.T) {
	t.Parallel()
	table, b, c := newTable(t)
	u := task.BoxUser{Account: b.Account, Task: b.ID, ID: "7", Name: "Ada"}
	if _, err := table.Discovered(t.Context(), u, true); err != nil {
		t.Fatal(err)
	}
	slot := c.now()
	var requested atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := table.Request(t.Context(), u, slot); err == nil {
				requested.Add(1)
			} else if backup.KindOf(err) != backup.Conflict {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := requested.Load(); n != 1 {
		t.Errorf("%d of 8 requests for a slot were granted, want 1", n)
	}
	row, err := table.BoxUser(t.Context(), b.Account, b.ID, "7")
	if err != nil {
		t.Fatal(err)
	}
	row, err = table.Lease(t.Context(), row.Message(), "w")
	if err != nil {
		t.Fatal(err)
	}
	if err := table.End(t.Context(), row, backup.Failed, "It failed."); err != nil {
		t.Fatal(err)
	}
	_, err = table.Request(t.Context(), u, slot)
	wantKind(t, err, backup.Conflict)
	if _, err := table.Request(t.Context(), u, slot.Add(time.Hour)); err != nil {
		t.Errorf("request of the next slot: %v", err)
	}
}

func TestOnlyTheHolderOfTheLeaseWrites(t *testing.T) {
	t.Parallel()
	table, b, c := newTable(t)
	message := newRun(t, table, b).Message()
	first, err := table.Lease(t.Context(), message, "first")
	if err != nil {
		t.Fatal(err)
	}
	_, err = table.Lease(t.Context(), message, "second")
	wantKind(t, err, backup.Conflict)

	c.advance(task.LeaseTime + time.Millisecond)
	second, err := table.Lease(t.Context(), message, "second")
	if err != nil {
		t.Fatalf("lease after the first expired: %v", err)
	}
	if second.RunAttempts != 2 || second.Status != backup.InProcess {
		t.Errorf("attempts %d, status %s, want 2 and In Process", second.RunAttempts, second.Status)
	}

	_, err = table.Renew(t.Context(), first, task.Progress{})
	wantKind(t, err, backup.Conflict)
	wantKind(t, table.SaveCheckpoint(t.Context(), first, []byte("x"), task.Progress{}, true), backup.Conflict)
	wantKind(t, table.HandOver(t.Context(), first), backup.Conflict)
	wantKind(t, table.End(t.Context(), first, backup.Failed, "No."), backup.Conflict)

	if err := table.SaveCheckpoint(t.Context(), second, []byte("x"), task.Progress{Items: 4}, true); err != nil {
		t.Error(err)
	}
	if err := table.Cancel(t.Context(), second); err != nil {
		t.Error(err)
	}
	row, err := table.Renew(t.Context(), second, task.Progress{Phase: "Listing", Items: 3})
	if err != nil {
		t.Fatal(err)
	}
	if !row.Cancel || row.RunAttempts != 0 || row.Progress.Items != 3 || string(row.Checkpoint) != "x" {
		t.Errorf("row after renewal: %+v", row)
	}
}

func TestAbandonedRunIsFoundOnceItsLeaseIsOver(t *testing.T) {
	t.Parallel()
	table, b, c := newTable(t)
	u := newRun(t, table, b)
	if _, err := table.Lease(t.Context(), u.Message(), "w"); err != nil {
		t.Fatal(err)
	}
	if found := abandoned(t, table); len(found) != 0 {
		t.Errorf("%d runs abandoned under a live lease, want 0", len(found))
	}
	c.advance(task.LeaseTime + time.Millisecond)
	found := abandoned(t, table)
	if len(found) != 1 || found[0].RunID != u.RunID {
		t.Fatalf("abandoned runs: %v, want %s", found, u.RunID)
	}
	if err := table.Resend(t.Context(), found[0]); err != nil {
		t.Fatal(err)
	}
	wantKind(t, table.Resend(t.Context(), found[0]), backup.Conflict)
	if found := abandoned(t, table); len(found) != 0 {
		t.Errorf("%d runs abandoned after the message was sent again, want 0", len(found))
	}
	row, err := table.Lease(t.Context(), u.Message(), "x")
	if err != nil {
		t.Fatal(err)
	}
	if err := table.End(t.Context(), row, backup.Success, ""); err != nil {
		t.Fatal(err)
	}
	c.advance(48 * time.Hour)
	if found := abandoned(t, table); len(found) != 0 {
		t.Errorf("%d runs abandoned after the end, want 0", len(found))
	}
	_, err = table.Lease(t.Context(), u.Message(), "late")
	wantKind(t, err, backup.Conflict)
}

func abandoned(t *testing.T, table *task.Table) (found []task.BoxUser) {
	t.Helper()
	if err := table.Abandoned(t.Context(), func(u task.BoxUser) error { found = append(found, u); return nil }); err != nil {
		t.Fatal(err)
	}
	return found
}

func TestPauseKeepsARunUnderWay(t *testing.T) {
	t.Parallel()
	table, b, _ := newTable(t)
	u := newRun(t, table, b)
	if _, err := table.Lease(t.Context(), u.Message(), "w"); err != nil {
		t.Fatal(err)
	}
	if err := table.Pause(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	row, err := table.BoxUser(t.Context(), b.Account, b.ID, u.ID)
	if err != nil {
		t.Fatal(err)
	}
	if row.Active || row.Status != backup.InProcess {
		t.Errorf("active %v, status %s, want paused for later and In Process now", row.Active, row.Status)
	}
}

func TestDisconnectTellsOnceAndAnotherEnterpriseIsRefused(t *testing.T) {
	t.Parallel()
	table, b, _ := newTable(t)
	b, err := table.Authorised(t.Context(), b.Account, b.ID, "100", "Acme", "ada@acme.example")
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{true, false} {
		if first, err := table.Disconnect(t.Context(), b, "Revoked."); err != nil || first != want {
			t.Errorf("disconnect %d = %v, %v, want %v", i+1, first, err, want)
		}
	}
	_, err = table.Authorised(t.Context(), b.Account, b.ID, "200", "Other", "eve@other.example")
	wantKind(t, err, backup.Conflict)
	got, err := table.Authorised(t.Context(), b.Account, b.ID, "100", "Acme", "bob@acme.example")
	if err != nil || got.Connection != backup.Connected || got.Reason != "" {
		t.Errorf("authorised again: %+v, %v", got, err)
	}
}

func TestTokensAreSealedForTheirTaskAndRefreshedByOne(t *testing.T) {
	t.Parallel()
	table, b, c := newTable(t)
	cloud := localtest.Start(t)
	ring := keys.New(cloud.AWS, cloud.Key(t))
	tokens := table.Tokens(ring, b.Account, b.ID)
	_, _, err := tokens.Load(t.Context())
	wantKind(t, err, backup.NotFound)
	if err := tokens.Store(t.Context(), backup.Token{Access: "a1", Refresh: "r1", Expiry: c.now()}); err != nil {
		t.Fatal(err)
	}
	_, version, err := tokens.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}

	var leases atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if ok, err := tokens.Lease(t.Context(), version); err != nil {
				t.Error(err)
			} else if ok {
				leases.Add(1)
			}
		})
	}
	wg.Wait()
	if n := leases.Load(); n != 1 {
		t.Errorf("%d of 8 callers may refresh, want 1", n)
	}
	want := backup.Token{Access: "a2", Refresh: "r2", Expiry: c.now().Add(time.Hour)}
	if err := tokens.Save(t.Context(), version, want); err != nil {
		t.Fatal(err)
	}
	wantKind(t, tokens.Save(t.Context(), version, want), backup.Conflict)
	got, next, err := tokens.Load(t.Context())
	if err != nil || next != version+1 {
		t.Fatalf("version %d, %v, want %d", next, err, version+1)
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("tokens (-got +want):\n%s", diff)
	}
	if s := fmt.Sprintf("%v %+v %#v", got, got, got); s != "Token(hidden) Token(hidden) Token(hidden)" {
		t.Errorf("tokens print as %s", s)
	}
}

func TestAllVisitsEveryTaskAndStopsOnError(t *testing.T) {
	t.Parallel()
	table, b, _ := newTable(t)
	other := b
	other.Account, other.ID = "zenith", "mail"
	if err := table.Create(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	newRun(t, table, b)
	seen := map[backup.TaskID]bool{}
	if err := table.All(t.Context(), func(b task.Task) error { seen[b.ID] = true; return nil }); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(seen, map[backup.TaskID]bool{"files": true, "mail": true}); diff != "" {
		t.Errorf("tasks (-got +want):\n%s", diff)
	}
	stop := errors.New("stop")
	if err := table.All(t.Context(), func(task.Task) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("got %v, want the visitor's error", err)
	}
}
