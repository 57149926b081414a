package task_test

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"coffer/shared/backup"
	"coffer/shared/task"
)

var (
	lives    = flag.Int("lives", 3, "random lives of four Box users")
	lifeSeed = flag.Uint64("life.seed", 1, "of the first one")
)

// lived is what a random life needs to know.
type lived struct {
	*task.Table
	task   task.Task
	clock  *clock
	rng    *rand.Rand
	leased map[backup.BoxUserID]task.BoxUser
}

// step does something with a Box user, as somebody read it now or a while ago.
func (l *lived) step(t *testing.T, u task.BoxUser) (what string, err error) {
	ctx := t.Context()
	holder, holds := l.leased[u.ID]
	switch what = []string{
		"activate", "pause", "request", "slot", "dispatch", "dispatch", "lease", "lease", "end", "hold",
		"cancel", "delete", "undelete", "archive", "return", "wait", "purge",
	}[l.rng.IntN(17)]; {
	case what == "activate":
		err = l.Activate(ctx, u)
	case what == "pause":
		err = l.Pause(ctx, u)
	case what == "request":
		_, err = l.Request(ctx, u, time.Time{})
	case what == "slot":
		_, err = l.Request(ctx, u, l.clock.now())
	case what == "dispatch":
		_, err = l.Dispatch(ctx, l.task)
	case what == "lease":
		if holder, err = l.Lease(ctx, u.Message(), backup.NewID()); err == nil {
			l.leased[u.ID] = holder
		}
	case what == "end" && holds:
		err = l.End(ctx, holder, backup.Failed, "")
	case what == "hold" && holds:
		err = l.Hold(ctx, holder, l.clock.now(), "It waits.")
	case what == "cancel":
		err = l.Cancel(ctx, u)
	case what == "delete":
		err = l.Delete(ctx, u)
	case what == "undelete":
		err = l.Undelete(ctx, u)
	case what == "archive":
		err = l.Archive(ctx, u)
	case what == "return":
		err = l.Return(ctx, u, l.rng.IntN(2) == 0)
	case what == "wait":
		l.clock.advance([]time.Duration{time.Second, task.LeaseTime + time.Second, 48 * time.Hour}[l.rng.IntN(3)])
	case what == "purge" && (u.Left() || !u.Alive() && l.clock.now().Sub(u.Deleted) >= task.Grace):
		if err = l.Purge(ctx, u); err == nil && l.rng.IntN(2) == 0 {
			err = l.Erased(ctx, u)
		}
	}
	return what, err
}

// wrong says what of a Box user's row makes no sense.
func wrong(u task.BoxUser) string {
	idle := u.Status == backup.Paused || u.Status == backup.NotActive
	switch {
	case u.Active && (!u.Alive() || u.Left()):
		return "active though it is gone"
	case u.Alive() && !u.Purging && u.Left() != (u.Status == backup.Archived):
		return "archived and not"
	case u.RunID == "" && u.Active && idle:
		return "active and paused"
	case u.RunID == "" && u.Alive() && !u.Left() && !u.Active && !idle:
		return "neither active nor paused"
	case u.RunID == "" && (u.Status == backup.InProcess || u.RunOwner != "" || u.RunOut):
		return "in process without a run"
	}
	return ""
}

// TestRowsMakeSenseWhateverHappens_I7 has people, scans and workers do things in any
// order, of whom most know the Box user as it was some time before.
func TestRowsMakeSenseWhateverHappens_I7(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	for n := range *lives {
		table, b, c := newTable(t)
		b.Concurrency = 2
		seed := *lifeSeed + uint64(n) // #nosec G115 -- not negative
		l := &lived{table, b, c, rand.New(rand.NewPCG(seed, 7)), map[backup.BoxUserID]task.BoxUser{}}
		for i := range 4 {
			_, err := table.Discovered(ctx, task.BoxUser{Account: b.Account, Task: b.ID, ID: backup.BoxUserID(fmt.Sprint(i))}, i%2 == 0)
			check(t, err)
		}
		seen := map[backup.BoxUserID]task.BoxUser{}
		var story []string
		for range 120 {
			id := backup.BoxUserID(fmt.Sprint(l.rng.IntN(4)))
			u, known := seen[id]
			if !known || l.rng.IntN(3) == 0 {
				var err error
				if u, err = table.BoxUser(ctx, b.Account, b.ID, id); err != nil {
					continue // it is gone for good
				}
				seen[id] = u
			}
			what, err := l.step(t, u)
			story = append(story, fmt.Sprintf("%s %s: %v", id, what, err))
			tell := func(format string, args ...any) {
				t.Helper()
				t.Fatalf("seed %d: %s\n%s", seed, fmt.Sprintf(format, args...), strings.Join(story, "\n"))
			}
			if _, known := errors.AsType[*backup.Error](err); err != nil && !known {
				tell("%v", err)
			}
			running, err := table.Running(ctx, b.Account, b.ID)
			check(t, err)
			var places, out []backup.BoxUserID
			for _, u := range running {
				places = append(places, u.ID)
			}
			for u, err := range table.BoxUsers(ctx, b.Account, b.ID) {
				check(t, err)
				if what := wrong(u); what != "" {
					tell("%s: %+v", what, u)
				}
				if u.RunOut {
					out = append(out, u.ID)
				}
			}
			if !slices.Equal(places, out) || len(out) > b.Concurrency {
				tell("%v have a place, %v are out", places, out)
			}
		}
	}
}
