package pruner_test

import (
	"fmt"
	"iter"
	"strings"
	"testing"

	"coffer/scripts/local/localtest"
	"coffer/shared/backup"
	"coffer/shared/task"
	"coffer/shared/vault"
)

// TestSweepGoesOnFromInvocationToInvocation_C6 gives a sweep so little time that
// each invocation gets through one Box user or some sections, and backs up in
// between.
func TestSweepGoesOnFromInvocationToInvocation_C6(t *testing.T) {
	t.Parallel()
	w := newLastingWorld(t, 1)
	for range 3 {
		for _, u := range w.users() {
			for range w.backup(u) {
				w.at = w.at.Add(day)
			}
		}
	}
	w.store("nobody needs this")
	read := map[string]int{}
	invocations := 0
	sweep := func() {
		w.at = w.at.Add(50 * day)
		for m, more := w.message(), true; more; m, more = w.next() {
			f := &fate{between: func() {}, late: 4}
			if w.mark() != nil && w.mark().Noted {
				f.late = 300
			}
			w.objects.read = read
			_, err := w.pruner(f).Prune(until{w.ctx, f}, m)
			check(t, err)
			w.objects.read = nil
			if invocations++; invocations > 100 {
				t.Fatalf("after 100 invocations %+v", w.mark())
			}
			for range w.backup(w.anyUser()) {
				w.at = w.at.Add(10 * 60e9)
			}
			w.verify()
		}
	}
	sweep()
	if invocations < 4 {
		t.Errorf("the sweep took %d invocations: it was not cut off", invocations)
	}
	for key, n := range read {
		if strings.HasPrefix(key, w.id.Catalogs()) && n > 1 {
			t.Errorf("%s was read %d times", key, n)
		}
	}
	clear(read)
	sweep()
	if rows, err := w.index.Rows(w.ctx, w.id, []backup.Content{contentOf("nobody needs this")}); len(rows) != 0 || err != nil {
		t.Errorf("what nobody needs is kept: %v, %v", rows, err)
	}
	w.verify()
}

// TestLongSweepRemovesOnlyWhatWasCondemnedLongBeforeIt_C6 has a run end behind
// a sweep that began just after what the run stored was condemned.
func TestLongSweepRemovesOnlyWhatWasCondemnedLongBeforeIt_C6(t *testing.T) {
	t.Parallel()
	w := newLastingWorld(t, 7)
	next, stop := iter.Pull(w.backup(w.users()[0]))
	defer stop()
	for range 5 { // requested, leased, changed, asked what is missing, stored
		next()
	}
	quiet := &fate{between: func() {}}
	_, err := w.pruner(quiet).Prune(w.ctx, w.message())
	check(t, err)
	condemned := 0
	check(t, w.index.Walk(w.ctx, w.id, func(r vault.Row) error {
		if !r.Condemned.IsZero() {
			condemned++
		}
		return nil
	}, func(vault.Progress) error { return nil }))
	if condemned == 0 {
		t.Fatal("nothing is condemned")
	}
	check(t, w.taskRows.Sweep(w.ctx, w.id.Account, w.id.Task, w.at))
	f := &fate{between: func() {}, late: 4}
	_, err = w.pruner(f).Prune(until{w.ctx, f}, w.message())
	check(t, err)
	if w.mark() == nil {
		t.Fatal("the sweep was not cut off")
	}
	for more := true; more; {
		_, more = next()
	}
	w.at = w.at.Add(2 * day) // in which nobody prunes
	w.full(1)
	w.verify()
	if w.mark() != nil || len(w.truth) == 0 {
		t.Errorf("mark %+v, %d snapshots", w.mark(), len(w.truth))
	}
}

// TestSweepStopsWhereNotesAreMissing_C6 loses what an invocation has noted, which
// must not pass for nothing being needed.
func TestSweepStopsWhereNotesAreMissing_C6(t *testing.T) {
	t.Parallel()
	w := newLastingWorld(t, 2)
	for _, u := range w.users() {
		for range w.backup(u) {
			w.at = w.at.Add(day)
		}
	}
	w.at = w.at.Add(50 * day)
	f := &fate{between: func() {}, late: 4}
	_, err := w.pruner(f).Prune(until{w.ctx, f}, w.message())
	check(t, err)
	m := w.mark()
	if m == nil {
		t.Fatal("the sweep was not cut off")
	}
	for first := range 256 {
		check(t, w.objects.Delete(w.ctx, fmt.Sprintf("%s%s/%02x", w.id.Marks(), m.Parts[0], first)))
	}
	if _, err = w.pruner(&fate{between: func() {}}).Prune(w.ctx, w.message()); err == nil || !strings.Contains(err.Error(), "mark") {
		t.Errorf("a sweep without its notes: %v", err)
	}
	check(t, w.index.Walk(w.ctx, w.id, func(r vault.Row) error {
		if !r.Condemned.IsZero() {
			t.Errorf("content %s is condemned", r.Content)
		}
		return nil
	}, func(vault.Progress) error { return nil }))
	w.at = w.at.Add(30 * day) // then it begins anew
	w.full(1)
	w.verify()
	if m := w.mark(); m != nil {
		t.Errorf("still %+v", m)
	}
}

// newLastingWorld returns a world in which no snapshot expires.
func newLastingWorld(t *testing.T, seed int64) *world {
	t.Helper()
	w := newWorld(t, newTables(t, localtest.Start(t)), seed)
	_, err := w.taskRows.Change(t.Context(), w.id.Account, w.id.Task, task.Settings{Policy: &task.Policy{}})
	check(t, err)
	return w
}

// next returns a message that pruners have sent, if there is one.
func (w *world) next() (m backup.PruneMessage, ok bool) {
	w.receive()
	if len(w.waiting) == 0 {
		return m, false
	}
	m, w.waiting = w.waiting[0], w.waiting[1:]
	return m, true
}

func (w *world) mark() *task.Mark {
	t, err := w.taskRows.Task(w.ctx, w.id.Account, w.id.Task)
	check(w.T, err)
	return t.Mark
}

// store stores a content that no catalog lists.
func (w *world) store(s string) {
	writer := w.vault.Writer()
	check(w.T, writer.Add(w.ctx, contentOf(s), strings.NewReader(s)))
	check(w.T, writer.Flush(w.ctx))
}
