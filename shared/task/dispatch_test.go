package task_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"coffer/scripts/local/localtest"
	"coffer/shared/backup"
	"coffer/shared/task"
)

// crowd requests a run for each of n Box users and returns them.
func crowd(t *testing.T, table *task.Table, b task.Task, n int, slot time.Time) []task.BoxUser {
	t.Helper()
	if err := table.Expect(t.Context(), b.Account, b.ID); err != nil {
		t.Fatal(err)
	}
	users := make([]task.BoxUser, n)
	for i := range users {
		u := task.BoxUser{Account: b.Account, Task: b.ID, ID: backup.BoxUserID(fmt.Sprintf("%d-%d", slot.Unix(), i)), Name: "Ada"}
		if _, err := table.Discovered(t.Context(), u, true); err != nil {
			t.Fatal(err)
		}
		var err error
		if users[i], err = table.Request(t.Context(), u, slot); err != nil {
			t.Fatal(err)
		}
	}
	return users
}

func dispatched(t *testing.T, table *task.Table, b task.Task) []task.BoxUser {
	t.Helper()
	users, err := table.Dispatch(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	return users
}

// end ends a run that is out as a worker does.
func end(t *testing.T, table *task.Table, u task.BoxUser) {
	t.Helper()
	u, err := table.Lease(t.Context(), u.Message(), "worker")
	if err != nil {
		t.Fatal(err)
	}
	if err := table.End(t.Context(), u, backup.Failed, "Test."); err != nil {
		t.Fatal(err)
	}
}

func TestOnlySoManyRunsOfATaskAreOut_L4(t *testing.T) {
	t.Parallel()
	table, b, clock := newTable(t)
	b.Concurrency = 3
	scheduled := crowd(t, table, b, 5, clock.now())
	clock.advance(time.Second)
	asked := crowd(t, table, b, 2, time.Time{})
	var ids []backup.BoxUserID
	first := dispatched(t, table, b)
	for _, u := range first {
		ids = append(ids, u.ID)
	}
	// Both that a person asked for, which came later, and one of the schedule.
	if len(ids) != 3 || !slices.Contains(ids, asked[0].ID) || !slices.Contains(ids, asked[1].ID) {
		t.Fatalf("dispatched %v first", ids)
	}
	if more := dispatched(t, table, b); len(more) != 0 {
		t.Errorf("%d more are out than may be", len(more))
	}
	end(t, table, first[0])
	if more := dispatched(t, table, b); len(more) != 1 {
		t.Errorf("%d dispatched after one has ended", len(more))
	}
	if err := table.Cancel(t.Context(), first[1]); err != nil { // out, and nobody works on it
		t.Fatal(err)
	}
	if more := dispatched(t, table, b); len(more) != 1 {
		t.Errorf("%d dispatched after one that was out was cancelled", len(more))
	}
	for _, u := range scheduled { // cancelled as their requests left them: out or not
		if err := table.Cancel(t.Context(), u); err != nil {
			t.Error(err)
		}
	}
	if more := dispatched(t, table, b); len(more) != 0 {
		t.Errorf("%d dispatched that were cancelled", len(more))
	}
}

// Workers end runs and dispatch others at the same time, as fast as they can.
// Every run is dispatched once and never are more out than may be.
func TestManyWorkersDispatchEveryRunOnce_L4(t *testing.T) {
	t.Parallel()
	table, b, _ := newTable(t)
	b.Concurrency = 10
	const runs = 120
	crowd(t, table, b, runs, time.Time{})
	work := make(chan task.BoxUser, runs)
	var mu sync.Mutex
	seen, out := map[backup.BoxUserID]int{}, 0
	fill := func() {
		users, err := table.Dispatch(t.Context(), b)
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		for _, u := range users {
			seen[u.ID]++
			if out++; out > b.Concurrency {
				t.Errorf("%d runs are out", out)
			}
			work <- u
		}
	}
	fill()
	start := time.Now()
	var workers sync.WaitGroup
	for range 10 {
		workers.Go(func() {
			for {
				mu.Lock()
				done := len(seen) == runs && len(work) == 0
				mu.Unlock()
				if done {
					return
				}
				select {
				case u := <-work:
					mu.Lock()
					out--
					mu.Unlock()
					end(t, table, u)
				default:
				}
				fill()
			}
		})
	}
	workers.Wait()
	t.Logf("%d runs ended in %s", runs, time.Since(start).Round(time.Millisecond))
	for id, n := range seen {
		if n != 1 {
			t.Errorf("run of %s was dispatched %d times", id, n)
		}
	}
	if more := dispatched(t, table, b); len(seen) != runs || len(more) != 0 {
		t.Errorf("%d dispatched, then %d more", len(seen), len(more))
	}
}

// between does something once, after the first query of a client has been answered,
// and adds up what queries answer.
type between struct {
	do   func()
	once sync.Once
	read atomic.Int64
}

func (b *between) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err == nil && strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".Query") {
		b.read.Add(resp.ContentLength)
		b.once.Do(b.do)
	}
	return resp, err
}

// Of many runs that wait, no more is read than there are places, though others take
// the first of them at the same time.
func TestDispatchReadsNoMoreThanItTakes_L4(t *testing.T) {
	t.Parallel()
	cloud := localtest.Start(t)
	name := cloud.Table(t, localtest.Due)
	others := task.New(cloud.AWS, name)
	b := task.Task{Account: "acme", ID: "files", Connection: backup.Connected, Policy: task.Policy{Concurrency: 100}}
	if err := others.Create(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	crowd(t, others, b, 200, time.Time{})
	few := b
	few.Concurrency = 25
	calls := &between{do: func() {
		if n := len(dispatched(t, others, few)); n != 25 {
			t.Errorf("others dispatched %d", n)
		}
	}}
	cfg := cloud.AWS.Copy()
	cfg.HTTPClient = &http.Client{Transport: calls}
	table := task.New(cfg, name)
	if n := len(dispatched(t, table, b)); n != 25 {
		t.Errorf("%d dispatched beside the 25 of others, want as many", n)
	}
	if read := calls.read.Load(); read > 60_000 {
		t.Errorf("%d bytes were read of runs that wait", read)
	}
}

func TestRunsThatWereRequestedAndNotDispatchedAreLookedAfter(t *testing.T) {
	t.Parallel()
	table, b, clock := newTable(t)
	b.Concurrency = 1
	crowd(t, table, b, 2, time.Time{})
	expected := func() (n int) {
		err := table.Expected(t.Context(), func(backup.AccountID, backup.TaskID) error { n++; return nil })
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if expected() != 0 {
		t.Error("a request that is under way is taken for a crash")
	}
	clock.advance(3 * time.Minute)
	if expected() != 1 || expected() != 0 {
		t.Error("the waiting runs are not looked after once")
	}
	for range 2 {
		end(t, table, dispatched(t, table, b)[0])
	}
	clock.advance(3 * time.Minute)
	if expected() != 1 {
		t.Error("the task was forgotten too early")
	}
	clock.advance(3 * time.Minute)
	if expected() != 0 {
		t.Error("a task without waiting runs is looked after for ever")
	}
}

func TestRaisingTheCeilingWakesWhatItStopped_B1(t *testing.T) {
	t.Parallel()
	table, b, clock := newTable(t)
	crowd(t, table, b, 1, time.Time{})
	u, err := table.Lease(t.Context(), dispatched(t, table, b)[0].Message(), "worker")
	if err != nil {
		t.Fatal(err)
	}
	if err := table.Hold(t.Context(), u, clock.now().Add(time.Hour), "The ceiling is reached."); err != nil {
		t.Fatal(err)
	}
	abandoned := func() (n int) {
		if err := table.Abandoned(t.Context(), func(task.BoxUser) error { n++; return nil }); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if abandoned() != 0 {
		t.Fatal("the stopped run is due at once")
	}
	setCeiling(t, table, b, 1000)
	if abandoned() != 1 {
		t.Error("the stopped run is not due although the ceiling was raised")
	}
}

func TestDispatchedRunWhoseMessageWasNeverSentIsFoundWithinMinutes(t *testing.T) {
	t.Parallel()
	table, b, clock := newTable(t)
	crowd(t, table, b, 1, time.Time{})
	u := dispatched(t, table, b)[0]
	abandoned := func() (n int) {
		if err := table.Abandoned(t.Context(), func(task.BoxUser) error { n++; return nil }); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := abandoned(); n != 0 {
		t.Errorf("%d abandoned runs right after they were dispatched", n)
	}
	for range 2 { // dispatched, then handed over
		clock.advance(5*time.Minute + time.Second)
		if n := abandoned(); n != 1 {
			t.Errorf("%d abandoned runs after five minutes, want 1", n)
		}
		leased, err := table.Lease(t.Context(), u.Message(), "worker")
		if err == nil {
			err = table.HandOver(t.Context(), leased)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// dying is the transport of a process that dies behind its first answered write.
type dying struct{ dead atomic.Bool }

func (d *dying) RoundTrip(r *http.Request) (*http.Response, error) {
	if d.dead.Load() {
		return nil, errors.New("the process is dead")
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if target := r.Header.Get("X-Amz-Target"); strings.HasSuffix(target, ".UpdateItem") || strings.HasSuffix(target, ".TransactWriteItems") {
		d.dead.Store(true)
	}
	return resp, err
}

// Whoever deletes a backup may die before its run is cancelled. The run's place is
// free again all the same, wherever the run was.
func TestRunOfADeletedBackupGivesUpItsPlace_L4(t *testing.T) {
	t.Parallel()
	for _, out := range []bool{false, true} {
		cloud := localtest.Start(t)
		name := cloud.Table(t, localtest.Due)
		table := task.New(cloud.AWS, name)
		b := task.Task{Account: "acme", ID: "files", Connection: backup.Connected, Policy: task.Policy{Concurrency: 1}}
		check(t, table.Create(t.Context(), b))
		first := crowd(t, table, b, 1, time.Unix(1, 0))[0]
		if out {
			first = dispatched(t, table, b)[0]
		}
		cfg := cloud.AWS.Copy()
		cfg.HTTPClient, cfg.RetryMaxAttempts = &http.Client{Transport: &dying{}}, 1
		if err := task.New(cfg, name).Delete(t.Context(), first); err == nil {
			t.Fatal("whoever deleted it did not die")
		}
		crowd(t, table, b, 1, time.Unix(2, 0))
		if !out {
			first = dispatched(t, table, b)[0]
		}
		leased, err := table.Lease(t.Context(), first.Message(), "worker")
		if err != nil || !leased.Cancel {
			t.Fatalf("out %t: nobody can end the run: %+v, %v", out, leased, err)
		}
		check(t, table.EndCancelled(t.Context(), leased))
		if next := dispatched(t, table, b); len(next) != 1 {
			t.Errorf("out %t: %d dispatched after it", out, len(next))
		}
	}
}

func TestPurgeGivesUpThePlaceOfARun_L4(t *testing.T) {
	t.Parallel()
	table, b, c := newTable(t)
	b.Concurrency = 1
	users := crowd(t, table, b, 2, c.now())
	first := dispatched(t, table, b)[0]
	leased, err := table.Lease(t.Context(), first.Message(), "worker")
	check(t, err)
	check(t, table.Delete(t.Context(), leased))
	c.advance(task.Grace) // of workers none was left
	check(t, table.Purge(t.Context(), row(t, table, first)))
	check(t, table.Purge(t.Context(), row(t, table, first)))
	if next := dispatched(t, table, b); len(next) != 1 || next[0].ID == first.ID {
		t.Errorf("dispatched %d of %d behind a purged one", len(next), len(users))
	}
}
