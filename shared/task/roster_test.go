package task_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/guregu/dynamo/v2"
	"golang.org/x/sync/errgroup"

	"coffer/shared/backup"
	"coffer/shared/task"
)

// roster reads the roster of a task, which must have one.
func (w *staff) roster(rosters *task.Rosters, of task.Task) task.Roster {
	w.Helper()
	got, found, _, err := rosters.Of(w.Context(), w.Table, of)
	w.ok(err)
	if !found {
		w.Fatalf("task %s of %s has no roster", of.ID, of.Account)
	}
	return got
}

// parts counts the rows of a task's rosters.
func (w *staff) parts() int {
	w.Helper()
	n, err := w.raw.Get("PK", "acme#files").Range("SK", dynamo.BeginsWith, "ROSTER#").Count(w.Context())
	w.ok(err)
	return n
}

// TestRosterOfEachTaskIsItsOwn_T3 reads two accounts' tasks of the same id through
// the same kept rosters, in turn.
func TestRosterOfEachTaskIsItsOwn_T3(t *testing.T) {
	t.Parallel()
	w := newStaff(t, many)
	other := task.Task{Account: "eve", ID: "files", Frequency: task.Daily, Created: w.clock.now()}
	w.ok(w.Create(t.Context(), other))
	for i := range many + 1 {
		_, err := w.Discovered(t.Context(), task.BoxUser{Account: "eve", Task: "files", ID: backup.BoxUserID(fmt.Sprint(i)), Name: "CANARY"}, false)
		w.ok(err)
	}
	var rosters task.Rosters
	if _, found, _, err := rosters.Of(t.Context(), w.Table, w.task); found || err != nil {
		t.Fatalf("found %t, %v before the first count", found, err)
	}
	w.count()
	w.ok(w.Count(t.Context(), "eve", "files"))
	for range 50 {
		for _, of := range []task.Task{w.task, other} {
			got := w.roster(&rosters, of)
			if n := map[backup.AccountID]int{"acme": many, "eve": many + 1}[of.Account]; len(got.Entries) != n || strings.HasPrefix(got.Entries[0].Name, "CANARY") != (of.Account == "eve") {
				t.Fatalf("%s has %d, the first %q", of.Account, len(got.Entries), got.Entries[0].Name)
			}
		}
	}
}

// TestRosterIsReadWhileItIsMadeAnew_L3 reads while counts end one after another
// and remove what was read a moment ago. Nothing of older ones stays.
func TestRosterIsReadWhileItIsMadeAnew_L3(t *testing.T) {
	t.Parallel()
	w := newStaff(t, many)
	w.count()
	var done atomic.Bool
	group, ctx := errgroup.WithContext(t.Context())
	for range 4 {
		group.Go(func() error {
			for !done.Load() {
				var rosters task.Rosters // which keeps nothing
				got, found, _, err := rosters.Of(ctx, w.Table, w.task)
				if backup.KindOf(err) == backup.Busy {
					continue
				}
				if err != nil || !found || len(got.Entries) < many {
					return fmt.Errorf("found %t, %d Box users: %w", found, len(got.Entries), err)
				}
			}
			return nil
		})
	}
	for range 20 {
		w.clock.advance(time.Second)
		w.count()
	}
	done.Store(true)
	w.ok(group.Wait())
	if n := w.parts(); n != 1 {
		t.Errorf("%d rows of rosters are left", n)
	}
}

// TestCountThatEndsLateChangesNothing_C7 has a count end that a later one has
// overtaken.
func TestCountThatEndsLateChangesNothing_C7(t *testing.T) {
	t.Parallel()
	w := newStaff(t, many)
	w.count()
	overtake := true
	w.Now = func() time.Time {
		at := w.clock.now()
		if overtake { // the slow one has its time
			overtake = false
			w.clock.advance(time.Minute)
			_, err := w.Discovered(t.Context(), w.user("new"), false)
			w.ok(err)
			w.count()
		}
		return at
	}
	w.count()
	var row struct{ At time.Time }
	w.ok(w.raw.Get("PK", "acme#files").Range("SK", dynamo.Equal, "TOTALS").One(t.Context(), &row))
	if !row.At.Equal(w.clock.now()) {
		t.Errorf("the totals are those of %s, want %s", row.At, w.clock.now())
	}
	var rosters task.Rosters
	w.roster(&rosters, w.task)
	w.clock.advance(time.Second)
	w.count()
	if n := w.parts(); n != 1 {
		t.Errorf("%d rows of rosters are left", n)
	}
}

// TestOneLimitedAmongManyIsFound_Z2_L3 looks for a tag that nobody has, and then
// the last of all.
func TestOneLimitedAmongManyIsFound_Z2_L3(t *testing.T) {
	t.Parallel()
	w := newStaff(t, 2003)
	look := func(account backup.AccountID) (task.BoxUser, bool) {
		t.Helper()
		u, found, err := w.FirstTagged(t.Context(), account, "files", backup.LimitedAccess)
		w.ok(err)
		return u, found
	}
	w.ok(w.Tag(t.Context(), w.user("7"), []backup.TagID{"limited-access-not"}, nil))
	if u, found := look("acme"); found {
		t.Errorf("%s is limited", u.ID)
	}
	w.ok(w.Tag(t.Context(), w.user("999"), []backup.TagID{"a", backup.LimitedAccess}, nil))
	if u, found := look("acme"); !found || u.ID != "999" || u.Name != "User 999" || !u.Tagged(backup.LimitedAccess) {
		t.Errorf("found %t %+v", found, u)
	}
	if u, found := look("eve"); found {
		t.Errorf("%s is limited in another account", u.ID)
	}
}
