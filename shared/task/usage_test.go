package task_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"coffer/scripts/local/localtest"
	"coffer/shared/task"
)

// setCeiling gives the task a ceiling of Box calls.
func setCeiling(t *testing.T, table *task.Table, b task.Task, ceiling int64) {
	t.Helper()
	b.Ceiling = ceiling
	if _, err := table.Change(t.Context(), b.Account, b.ID, task.Settings{Policy: &b.Policy}); err != nil {
		t.Fatal(err)
	}
}

func usage(t *testing.T, table *task.Table, b task.Task) task.Usage {
	t.Helper()
	u, err := table.Usage(t.Context(), b.Account, b.ID, task.MonthOf(table.Now()))
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestManyWorkersSpendEveryCallBelowTheCeilingAndNoneAbove_B1(t *testing.T) {
	t.Parallel()
	table, b, clock := newTable(t)
	const ceiling = 1234
	setCeiling(t, table, b, ceiling)
	var made atomic.Int64
	var workers sync.WaitGroup
	for range 100 {
		workers.Go(func() {
			m := table.Meter(b.Account, b.ID)
			var err error
			for err == nil {
				if err = m.Spend(t.Context(), "folder.list"); err == nil {
					made.Add(1)
				}
			}
			stopped, ok := errors.AsType[*task.CeilingError](err)
			if !ok || !stopped.Until.After(clock.now()) || stopped.Ceiling != ceiling {
				t.Errorf("a worker ended with %v", err)
			}
			if err := m.Settle(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	workers.Wait()
	u := usage(t, table, b)
	if made.Load() != ceiling || u.Total() != ceiling || u.Taken != ceiling || u.Days[clock.now().Day()] != ceiling {
		t.Errorf("%d calls made, row %+v, want %d", made.Load(), u, ceiling)
	}
	if got, want := (task.Task{Policy: task.Policy{Ceiling: ceiling}}).Stopped(u, clock.now()), time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("stopped until %v, want %v", got, want)
	}
}

func TestWhatAKilledWorkerSetAsideCountsAsMade_B1(t *testing.T) {
	t.Parallel()
	table, b, clock := newTable(t)
	setCeiling(t, table, b, 100)
	spend := func(m *task.Meter) (n int) {
		for m.Spend(t.Context(), "user.list") == nil {
			n++
		}
		if err := m.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		return n
	}
	killed := table.Meter(b.Account, b.ID)
	if err := killed.Spend(t.Context(), "user.list"); err != nil {
		t.Fatal(err)
	}
	lost := usage(t, table, b).Taken
	if n := spend(table.Meter(b.Account, b.ID)); lost == 0 || n != 100-int(lost) {
		t.Errorf("%d calls after a worker had set %d aside and died, want %d", n, lost, 100-lost)
	}
	setCeiling(t, table, b, 110)
	if n := spend(table.Meter(b.Account, b.ID)); n != 10 {
		t.Errorf("%d calls after the ceiling was raised by 10", n)
	}
	clock.advance(31 * 24 * time.Hour)
	if n := spend(table.Meter(b.Account, b.ID)); n != 110 {
		t.Errorf("%d calls in the next month, want 110", n)
	}
}

func TestCallsAreCountedByKindDayAndMonth_B1(t *testing.T) {
	t.Parallel()
	table, b, clock := newTable(t)
	m := table.Meter(b.Account, b.ID)
	spend := func(kind string, n int) {
		for range n {
			if err := m.Spend(t.Context(), kind); err != nil {
				t.Fatal(err)
			}
		}
	}
	spend("folder.items", 3)
	if err := m.Write(t.Context()); err != nil {
		t.Fatal(err)
	}
	first := clock.now()
	clock.advance(24 * time.Hour)
	spend("folder.items", 2)
	spend("user.me", 1)
	clock.advance(31 * 24 * time.Hour)
	spend("zip.create", 4) // stores what September had
	if err := m.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	u, err := table.Usage(t.Context(), b.Account, b.ID, task.MonthOf(first))
	if err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(u.Calls, map[string]int64{"folder.items": 5, "user.me": 1}) || u.Days[first.Day()] != 3 || u.Days[first.Day()+1] != 3 || u.Taken != 6 {
		t.Errorf("%s: %+v", u.Month, u)
	}
	if u := usage(t, table, b); u.Total() != 4 || u.Kinds()[0] != "zip.create" {
		t.Errorf("%s: %+v", u.Month, u)
	}
}

func TestForecastLeavesTheFirstBackupOut_B1(t *testing.T) {
	t.Parallel()
	noon := func(day int) time.Time { return time.Date(2026, 11, day, 12, 0, 0, 0, time.UTC) }
	for name, test := range map[string]struct {
		days map[int]int64
		now  time.Time
		want int64
	}{
		"no call yet":                   {nil, noon(5), 0},
		"only today":                    {map[int]int64{1: 100}, noon(1), 100 + 29*100},
		"first backup, then daily ones": {map[int]int64{10: 50_000, 11: 200, 12: 200, 13: 50}, noon(13), 50_450 + 150 + 17*200},
		"a day without calls":           {map[int]int64{1: 100, 3: 100}, noon(4), 200 + 100 + 26*100},
		"the last day":                  {map[int]int64{29: 10, 30: 10}, noon(30), 20},
		"a month that is over":          {map[int]int64{1: 7}, noon(30).AddDate(0, 1, 0), 7},
	} {
		u := task.Usage{Month: "2026-11", Calls: map[string]int64{}, Days: test.days}
		for _, n := range test.days {
			u.Calls["folder.items"] += n
		}
		if got := u.Forecast(test.now); got != test.want {
			t.Errorf("%s: %d, want %d", name, got, test.want)
		}
	}
}

// A month that ends while a worker asks is the one whose ceiling it met.
func TestCeilingIsOfTheMonthInWhichItWasMet_B1(t *testing.T) {
	t.Parallel()
	table, b, clock := newTable(t)
	setCeiling(t, table, b, 1)
	end := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	clock.ms.Store(end.Add(-time.Second).UnixMilli())
	m := table.Meter(b.Account, b.ID)
	if err := m.Spend(t.Context(), "user.list"); err != nil {
		t.Fatal(err)
	}
	table.Now = func() time.Time {
		defer clock.advance(2 * time.Second)
		return clock.now()
	}
	stopped, ok := errors.AsType[*task.CeilingError](m.Spend(t.Context(), "user.list"))
	if !ok || !stopped.Until.Equal(end) {
		t.Errorf("stopped until %v, want %v", stopped, end)
	}
}

func TestCeilingIsExplainedInASentence_B1(t *testing.T) {
	t.Parallel()
	e := &task.CeilingError{Ceiling: 1_250_000, Until: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)}
	want := "It is stopped because the ceiling of 1,250,000 Box calls for November is reached. It continues on 1 December (UTC), or when the ceiling is raised."
	if e.Error() != want {
		t.Errorf("%q", e.Error())
	}
	if at := e.Again(e.Until.Add(-time.Minute)); !at.Equal(e.Until) {
		t.Errorf("looks again at %v", at)
	}
}

// ending ends the work when the database has done an update and its answer is on
// the way.
type ending struct{ end func() }

func (e ending) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(r.WithContext(context.WithoutCancel(r.Context())))
	if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".UpdateItem") {
		e.end()
	}
	if err == nil && r.Context().Err() != nil {
		return nil, errors.Join(r.Context().Err(), resp.Body.Close())
	}
	return resp, err
}

// The work ends, and with it the context of its heartbeats, while one of them
// stores the calls.
func TestCallsAreCountedOnceThoughTheWorkEndsMeanwhile_B1(t *testing.T) {
	t.Parallel()
	cloud := localtest.Start(t)
	name := cloud.Table(t, localtest.Due)
	ctx, end := context.WithCancel(t.Context())
	cfg := cloud.AWS.Copy()
	cfg.HTTPClient = &http.Client{Transport: ending{end}}
	table := task.New(cfg, name)
	b := task.Task{Account: "acme", ID: "files"}
	if err := table.Create(ctx, b); err != nil {
		t.Fatal(err)
	}
	m := table.Meter(b.Account, b.ID)
	for range 3 {
		if err := m.Spend(ctx, "folder.items"); err != nil {
			t.Fatal(err)
		}
	}
	_ = m.Write(ctx) // the heartbeat's, which nobody waits for
	if ctx.Err() == nil {
		t.Fatal("the work has not ended")
	}
	if err := m.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if u := usage(t, table, b); u.Total() != 3 {
		t.Errorf("%d calls counted of 3", u.Total())
	}
}
