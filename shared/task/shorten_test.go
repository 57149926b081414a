package task_test

import (
	"testing"
	"time"

	"coffer/shared/task"
)

// What is kept for less is kept as before for Grace, whatever is changed
// meanwhile, and what is set back never goes.
func TestShorterRetentionGovernsAfterGrace_D2(t *testing.T) {
	t.Parallel()
	table, b, c := newTable(t)
	start := c.now().UTC()
	_, err := table.Authorised(t.Context(), b.Account, b.ID, "1", "Acme", "ada@acme.example")
	check(t, err)
	days := func(n int) task.Retention { return task.Retention{Number: n, Unit: task.Days} }
	change := func(retention, archive int) {
		t.Helper()
		var r task.Retention
		if retention > 0 {
			r = days(retention)
		}
		_, err := table.Change(t.Context(), b.Account, b.ID, task.Settings{Change: task.PolicyChange{Retention: &r, ArchiveDays: &archive}})
		check(t, err)
	}
	keeps := func(step string, retention, archive int) {
		t.Helper()
		now := c.now().UTC()
		got, err := table.Task(t.Context(), b.Account, b.ID)
		check(t, err)
		var want time.Time
		if retention > 0 {
			want = days(retention).From(now)
		}
		if from := got.Expired(now); !from.Equal(want) || got.Archives(now) != archive {
			t.Errorf("%s: expired is what is before %v and archives are kept %d days, want %v and %d", step, from, got.Archives(now), want, archive)
		}
	}
	const day = 24 * time.Hour
	keeps("at first", 0, 0)
	change(90, 60)
	keeps("shortened", 0, 0)
	c.advance(task.Grace - time.Second)
	keeps("at the end of Grace", 0, 0)
	c.advance(time.Second)
	keeps("after Grace", 90, 60)
	change(30, 60)
	keeps("shortened again", 90, 60)
	c.advance(3 * day)
	change(10, 70)
	keeps("and again, with longer archives", 90, 70)
	c.advance(5 * day)
	keeps("Grace of the first is over, not of the second", 90, 70)
	change(20, 70)
	keeps("lengthened a little", 90, 70)
	c.advance(2 * day)
	keeps("after Grace of the second", 20, 70)
	change(5, 70)
	change(20, 70)
	keeps("set back", 20, 70)
	got, err := table.Task(t.Context(), b.Account, b.ID)
	check(t, err)
	if got.Shortened != nil {
		t.Errorf("set back after %v, it has still %+v", c.now().Sub(start), got.Shortened)
	}
	change(20, 5)
	change(20, 50)
	change(20, 40)
	keeps("archives shortened three times", 20, 70)
	c.advance(task.Grace)
	keeps("and Grace is over", 20, 40)
	change(20, 30)
	change(80, 30)
	change(30, 30)
	keeps("retention lengthened and shortened meanwhile", 80, 40)
	c.advance(task.Grace)
	change(10, 30)
	change(10, 60)
	change(10, 50)
	keeps("archives lengthened and shortened meanwhile", 30, 60)
	c.advance(task.Grace)
	keeps("and Grace is over again", 10, 50)
	name := "Another"
	_, err = table.Change(t.Context(), b.Account, b.ID, task.Settings{Name: &name})
	check(t, err)
	change(40, 0)
	keeps("lengthened", 40, 0)
}
