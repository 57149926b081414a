package archiver_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
	"coffer/shared/task"
)

// stumble carries out the runs of a slot, some of which die, fail for good, are
// cancelled, or cannot read all.
func (e *enterprise) stumble(t *testing.T, quiet bool) {
	t.Helper()
	e.pass(time.Minute)
	e.scan(t, e.Now())
	for user, err := range e.Tasks.BoxUsers(t.Context(), e.task.Account, e.task.ID) {
		must(t, err)
		if user.RunID == "" {
			continue
		}
		ctx, die := context.WithCancel(t.Context())
		refused := []string{"GET /2.0/folders/*/items", "GET /2.0/*/*", "GET /2.0/files/*/content", ""}[e.rng.IntN(4)]
		if refused != "" {
			e.sim.Fault(boxsim.Fault{Endpoint: refused, User: user.ID, Probability: 0.4, Kinds: []boxsim.Kind{boxsim.Forbidden}})
		}
		end := []func(){die, func() { e.sim.SetUnreachable(user.ID, http.StatusForbidden) }, nil}[e.rng.IntN(3)]
		if end != nil {
			e.sim.Fault(boxsim.Fault{User: user.ID, Nth: 1 + e.rng.Int64N(12), Kinds: []boxsim.Kind{boxsim.Late}, Do: end})
		}
		err := e.Run(ctx, user.Message())
		if ctx.Err() == nil {
			must(t, err)
		}
		die()
		e.sim.ClearFaults()
		e.hush(quiet)
		e.sim.SetUnreachable(user.ID, 0)
		e.pass(task.LeaseTime + time.Second)
		row, err := e.Tasks.BoxUser(t.Context(), user.Account, user.Task, user.ID)
		must(t, err)
		if row.RunID != "" && e.rng.IntN(3) == 0 {
			must(t, e.Tasks.Cancel(t.Context(), row))
		}
	}
}

// wantSuccessesEqual compares the newest snapshots that say they lack nothing.
func (e *enterprise) wantSuccessesEqual(t *testing.T) {
	t.Helper()
	for _, e.user = range e.users {
		row := e.row(t)
		if row.Snapshot = row.LatestSealed(); row.Status != backup.Success {
			continue
		}
		if diff := cmp.Diff(e.own(t, row), e.source()); diff != "" {
			t.Errorf("snapshot and source of %s (%s) differ (-snapshot +source):\n%s", row.Name, row.ID, diff)
		}
	}
}

// hush lets nobody read the enterprise's events.
func (e *enterprise) hush(quiet bool) {
	if quiet {
		e.sim.Fault(boxsim.Fault{Endpoint: "GET /2.0/events", User: e.admin, Kinds: []boxsim.Kind{boxsim.Forbidden}})
	}
}

// TestRandomHistoriesOfRunsThatStumbleEqualTheSource_I8 lets the runs of some slots
// go wrong. Behind them a snapshot lacks nothing unless it says so, and the one
// after that lacks nothing. COFFER_SEED begins with another seed, COFFER_SLOTS
// makes the history longer.
func TestRandomHistoriesOfRunsThatStumbleEqualTheSource_I8(t *testing.T) {
	t.Parallel()
	first, slots := number("COFFER_SEED", 1), number("COFFER_SLOTS", 8)
	for seed := first; seed < first+2; seed++ {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			e, quiet := newEnterprise(t, uint64(seed), 0), seed%2 == 0
			e.hush(quiet)
			e.slot(t)
			for n := range slots {
				for range 1 + e.rng.IntN(12) {
					e.act(t)
				}
				for range 1 + e.rng.IntN(3) {
					e.stumble(t, quiet)
					e.pass(time.Hour)
					if e.rng.IntN(2) == 0 {
						e.act(t)
					}
				}
				e.slot(t) // which ends runs that have failures of before
				e.wantSuccessesEqual(t)
				e.pass(time.Hour)
				e.slot(t)
				if e.wantAllEqual(t); t.Failed() {
					t.Fatalf("seed %d, slot %d, after %d operations", seed, n, e.done)
				}
				e.pass(24 * time.Hour)
			}
		})
	}
}
