package pruner_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/scripts/local/localtest"
	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/task"
	"coffer/shared/vault"
)

func TestEveryTaskGetsAMessage(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	want := []string{`{"account":"acme","task":"box"}`}
	for i := range 25 {
		b := task.Task{Account: backup.AccountID(fmt.Sprint("other", i%2)), ID: backup.TaskID(fmt.Sprint("t", i))}
		check(t, k.Tasks.Create(t.Context(), b))
		if i == 7 {
			_, err := k.Tasks.Damaged(t.Context(), b.Account, b.ID, "A pack is damaged.", nil)
			check(t, err)
			continue
		}
		want = append(want, fmt.Sprintf(`{"account":%q,"task":%q}`, b.Account, b.ID))
	}
	report, err := k.Prune(t.Context(), backup.PruneMessage{})
	check(t, err)
	got := k.cloud.Received(t, k.queue)
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(got, want); diff != "" || report.Sent != 25 || report.Held != 1 {
		t.Errorf("%+v, messages (-got +want):\n%s", report, diff)
	}
}

// follow has pruners carry out a message and what comes of it; at steps that
// walk over Box users they are late at a call. It returns the messages that they
// sent, and the last one's error.
func (w *world) follow(m backup.PruneMessage, late int) (sent []backup.PruneMessage, err error) {
	for more := true; more; m, more = w.next() {
		if len(sent) > 100 {
			w.Fatalf("after 100 invocations %+v", m)
		}
		f := &fate{between: func() {}}
		if m.Step == "" || m.Step == "users" || m.Step == "purge" {
			f.late = late
		}
		_, err = w.pruner(f).Prune(until{w.ctx, f}, m)
		w.receive()
		sent = append(sent, w.waiting...)
		w.at = w.at.Add(15 * time.Minute)
	}
	return sent, err
}

// TestWalkOverBoxUsersGoesOn gives each invocation time for a few Box users: a
// walk that began anew would never come to an end.
func TestWalkOverBoxUsersGoesOn_L4(t *testing.T) {
	t.Parallel()
	w := newCrowd(t, 1)
	sent, err := w.follow(w.message(), 8)
	check(t, err)
	walked := 0
	for i, m := range sent {
		if m.Idle != 0 || m.Failed {
			t.Errorf("message %+v", m)
		}
		if m.Step != "users" {
			continue
		}
		if walked++; i > 0 && m.After <= sent[i-1].After {
			t.Errorf("after %s the walk went on at %s", sent[i-1].After, m.After)
		}
	}
	if walked < 3 {
		t.Errorf("the walk was handed over %d times: %+v", walked, sent)
	}
}

// newCrowd returns a world with 30 more Box users, each of whom a prune asks for
// snapshots that are too old.
func newCrowd(t *testing.T, seed int64) *world {
	t.Helper()
	w := newWorld(t, newTables(t, localtest.Start(t)), seed)
	for i := range 30 {
		u := task.BoxUser{Account: w.id.Account, Task: w.id.Task, ID: backup.BoxUserID(fmt.Sprint(100 + i)), Name: "One of many"}
		_, err := w.taskRows.Discovered(w.ctx, u, true)
		check(t, err)
		for range w.backup(u) {
			w.at = w.at.Add(time.Second)
		}
	}
	return w
}

func TestInvocationsThatGetNowhereEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t, newTables(t, localtest.Start(t)), 2)
	sent, err := w.follow(w.message(), 1)
	if err == nil || !strings.Contains(err.Error(), "3 invocations in a row got nowhere at users") {
		t.Errorf("in the end: %v", err)
	}
	if len(sent) != 2 {
		t.Fatalf("messages %+v", sent)
	}
	again, err := w.follow(sent[1], 0) // the message that failed comes again, and there is time
	if err != nil || len(again) > 0 {
		t.Errorf("later: %+v, %v", again, err)
	}
}

// TestPurgeOfATaskGoesOn begins with a message of the living task, which has not
// looked at what the purge has to.
func TestPurgeOfATaskGoesOn_D1(t *testing.T) {
	t.Parallel()
	w := newCrowd(t, 3)
	f := &fate{between: func() {}, late: 12}
	_, err := w.pruner(f).Prune(until{w.ctx, f}, w.message())
	check(t, err)
	m, _ := w.next()
	if m.After == "" {
		t.Fatalf("handed over %+v", m)
	}
	deleted, err := w.taskRows.DeleteTask(w.ctx, w.id.Account, w.id.Task)
	check(t, err)
	w.at = deleted.Deleted.Add(task.Grace)
	sent, err := w.follow(m, 15)
	check(t, err)
	if len(sent) < 2 {
		t.Errorf("the purge took messages %+v", sent)
	}
	w.leavesNothing("")
	rows, _, err := audit.New(w.cfg, w.audit).List(w.ctx, w.id.Account, audit.Query{}, 100)
	check(t, err)
	users, ends := 0, 0
	for _, row := range rows {
		var n int
		_, list, _ := strings.Cut(row.Description, ": ")
		if _, err := fmt.Sscanf(list, "%d Box users", &n); err != nil {
			t.Errorf("activity %q: %v", row.Description, err)
		}
		users += n
		if strings.HasPrefix(row.Description, "Removed the deleted backup task for good") {
			ends++
		}
	}
	if users != 33 || ends != 1 {
		t.Errorf("%d ends, %d Box users in the activity: %+v", ends, users, rows)
	}
}

// TestTroubleIsToldAtTheEnd has a Box user whose catalog is gone, and no time for
// all others.
func TestTroubleIsToldAtTheEnd(t *testing.T) {
	t.Parallel()
	w := newCrowd(t, 4)
	for range 3 {
		w.at = w.at.Add(10 * day)
		u, err := w.taskRows.BoxUser(w.ctx, w.id.Account, w.id.Task, "100")
		check(t, err)
		for range w.backup(u) {
			w.at = w.at.Add(time.Second)
		}
	}
	check(t, w.objects.List(w.ctx, w.id.Catalogs()+"100/", func(key string, _ int64, _ time.Time) error { return w.objects.Delete(w.ctx, key) }))
	sent, err := w.follow(w.message(), 12)
	if err == nil || len(sent) < 3 || !sent[0].Failed || !sent[len(sent)-1].Failed {
		t.Errorf("%+v, %v", sent, err)
	}
	last := w.message()
	last.Step, last.Failed = "marks", true
	if sent, err := w.follow(last, 0); err == nil || !strings.Contains(err.Error(), "an earlier invocation could not do all") || len(sent) > 0 {
		t.Errorf("the last one: %+v, %v", sent, err)
	}
}

// TestPacksAreRewrittenByOneInvocationAfterAnother has more of them than one
// invocation takes.
func TestPacksAreRewrittenByOneInvocationAfterAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t, newTables(t, localtest.Start(t)), 5)
	const packs = 510
	for i := range packs {
		large := strings.Repeat("x", 1000+i)
		writer := w.vault.Writer()
		check(t, writer.Add(w.ctx, contentOf(fmt.Sprint(i)), strings.NewReader(fmt.Sprint(i))))
		check(t, writer.Add(w.ctx, contentOf(large), strings.NewReader(large)))
		check(t, writer.Flush(w.ctx))
		check(t, w.index.Condemn(w.ctx, w.id, contentOf(large), w.at))
		rows, err := w.index.Rows(w.ctx, w.id, []backup.Content{contentOf(large)})
		check(t, err)
		check(t, w.index.Remove(w.ctx, w.id, rows[contentOf(large)]))
	}
	w.at = w.at.Add(2 * day)
	begun := w.at
	m := w.message()
	m.Step = "packs"
	sent, err := w.follow(m, 0)
	check(t, err)
	if want := []backup.PruneMessage{m}; !slices.Equal(sent, want) {
		t.Errorf("sent %+v, want %+v", sent, want)
	}
	check(t, w.index.Walk(w.ctx, w.id, func(r vault.Row) error {
		if at := w.objects.all[w.id.Packs()+r.Parts[0].Pack].at; at.Before(begun) {
			t.Errorf("content %s is still in a pack of %v", r.Content, at)
		}
		return nil
	}, func(vault.Progress) error { return nil }))
}
