package api_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"testing"
	"time"

	"coffer/scripts/local/fault"
	"coffer/shared/api"
	"coffer/shared/api/recovery"
	"coffer/shared/api/tasks"
	"coffer/shared/backup"
	"coffer/shared/task"
)

// making is an operation that makes something, or ends it.
type making struct {
	method  string // POST where it is empty
	path    string
	status  int
	body    func(name string) any
	between func(t *testing.T)                             // before it is asked for again, if not nil
	check   func(t *testing.T, name string, answer []byte) // that it is made once
	clear   func(t *testing.T)
}

// TestWhatIsAskedForAgainIsMadeOnce_C2 has each call of AWS that an operation
// makes go wrong, in a request of its own: before its effect, after it with the
// answer lost, each where the client tries again by itself and where it cannot,
// and with the process dead from then on. Then the request is sent again with its
// key, as by a person who saw no answer.
func TestWhatIsAskedForAgainIsMadeOnce_C2(t *testing.T) {
	t.Parallel()
	for name, operation := range map[string]func(*backedUp) *making{
		"task": newTask, "tag": newTag, "job": newJob, "report": newReport, "backup of some": someNow, "backup of all": allNow,
		"backup that has ended when it is asked for again": endedNow,
		"deletion of a task": taskDeletion, "deletion of some": someDeleted, "deletion of all": allDeleted,
		"deletion of a task that is back when it is asked for again": taskBack, "deletion of one who is back when it is asked for again": userBack,
		"cancelled backup": cancelled, "all cancelled backups": allCancelled,
		"cancelled backup after which another one began": cancelledBefore,
		"cancelled job": jobCancelled, "cancelled job in progress that has ended when it is asked for again": jobEnded,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBackedUp(t)
			exhaust(t, b, operation(b))
		})
	}
}

func exhaust(t *testing.T, b *backedUp, op *making) {
	n := 0
	fresh := func() *person { n++; return b.who.with(fmt.Sprint("key ", n)) }
	var calls int64
	for range 2 { // once for what is kept from then on, such as catalogs
		w := fresh()
		calls = b.weather.during(0, fault.Pass, fault.Pass, func() { b.answers(op, w, true) })
		op.clear(t)
	}
	if calls < 5 {
		t.Fatalf("an operation of %d calls", calls)
	}
	for k := int64(1); k <= calls; k++ {
		for _, test := range []struct {
			name        string
			fate, later fault.Fate
			fine        bool // the first answer must be
		}{
			{"fails and is tried again", fault.Reset, fault.Pass, true},
			{"loses its answer and is tried again", fault.Lost, fault.Pass, true},
			{"fails", fault.Refused, fault.Pass, false},
			{"loses its answer", fault.Denied, fault.Pass, false},
			{"fails, and the process dies", fault.Refused, fault.Refused, false},
			{"is the last before the process dies", fault.Pass, fault.Refused, false},
		} {
			w := fresh()
			before := b.weather.transport.Used(test.fate)
			// The last call only notes the answer, which stands without that.
			b.weather.during(k, test.fate, test.later, func() { b.answers(op, w, test.fine || k == calls) })
			if b.weather.transport.Used(test.fate) == before {
				t.Fatalf("call %d of %d is not made", k, calls)
			}
			if op.between != nil {
				op.between(t)
			}
			b.passed.Add(int64(61 * time.Second)) // whoever began it is taken for dead
			op.check(t, w.key, b.answers(op, w, true))
			op.check(t, w.key, b.answers(op, w, true))
			op.clear(t)
			if t.Failed() {
				t.Fatalf("call %d of %d %s", k, calls, test.name)
			}
		}
	}
	t.Logf("%d calls, %d requests", calls, n)
}

// TestWhatWasAcceptedIsAcceptedAfterTheTaskWasDisconnected_C2 has the process die
// when all is done but the note of it.
func TestWhatWasAcceptedIsAcceptedAfterTheTaskWasDisconnected_C2(t *testing.T) {
	t.Parallel()
	b := newBackedUp(t)
	for name, op := range map[string]*making{"job": newJob(b), "backup": allNow(b)} {
		var calls int64
		for range 2 {
			calls = b.weather.during(0, fault.Pass, fault.Pass, func() { b.answers(op, b.who.with(backup.NewID()), true) })
			op.clear(t)
		}
		w := b.who.with("key of " + name)
		b.weather.during(calls-1, fault.Pass, fault.Refused, func() { b.answers(op, w, true) })
		connected, err := b.archiver.Tasks.Task(t.Context(), b.account(), backup.TaskID(b.task))
		if err != nil {
			t.Fatal(err)
		}
		if was, err := b.archiver.Tasks.Disconnect(t.Context(), connected, "Revoked."); err != nil || !was {
			t.Fatalf("%t, %v", was, err)
		}
		b.passed.Add(int64(61 * time.Second))
		op.check(t, w.key, b.answers(op, w, true))
		op.clear(t)
		b.who.with("new key of "+name).refused(409, "POST", op.path, op.body("new"))
		b.who.connect(b.task, "ann@acme.example")
		b.work()
	}
}

// answers sends the request and returns what it answers. That is what it should,
// or else that something is wrong on our side.
func (b *backedUp) answers(op *making, w *person, fine bool) []byte {
	b.t.Helper()
	response, answer := w.send(cmp.Or(op.method, "POST"), op.path, op.body(w.key))
	if s := response.StatusCode; s != op.status && (fine || s < 500) {
		b.t.Errorf("%s: %d %s", op.path, s, answer)
	}
	return answer
}

func newTask(b *backedUp) *making {
	return &making{
		path: "/api/tasks", status: 201,
		body: func(name string) any { return map[string]any{"name": name} },
		check: func(t *testing.T, name string, answer []byte) {
			var list api.List[tasks.Task]
			b.who.ok("GET", "/api/tasks?q="+url.QueryEscape(name), nil, &list)
			list.Items = slices.DeleteFunc(list.Items, func(t tasks.Task) bool { return t.Name != name })
			if got := decoded[tasks.Task](t, answer); len(list.Items) != 1 || got.ID != list.Items[0].ID || got.Name != name {
				t.Errorf("tasks %+v, answer %s", list.Items, answer)
			}
		},
		clear: func(*testing.T) {},
	}
}

func newTag(b *backedUp) *making {
	path := "/api/tasks/" + b.task + "/tags"
	all := func() []tasks.Tag {
		var list api.List[tasks.Tag]
		b.who.ok("GET", path, nil, &list)
		return slices.DeleteFunc(list.Items, func(t tasks.Tag) bool { return t.BuiltIn })
	}
	return &making{
		path: path, status: 201,
		body: func(name string) any { return map[string]any{"name": name} },
		check: func(t *testing.T, name string, answer []byte) {
			if tags, got := all(), decoded[tasks.Tag](t, answer); len(tags) != 1 || got != tags[0] || got.Name != name {
				t.Errorf("tags %+v, answer %s", tags, answer)
			}
		},
		clear: func(*testing.T) {
			for _, tag := range all() {
				b.who.ok("DELETE", path+"/"+string(tag.ID), nil, nil)
			}
		},
	}
}

func newJob(b *backedUp) *making {
	return &making{
		path: "/api/jobs", status: 201,
		body: func(name string) any {
			return map[string]any{
				"task": b.task, "user": b.user, "snapshot": b.snapshot.ID, "mode": "bypass", "label": name,
				"items": []map[string]any{{"kind": "file", "id": b.file}},
			}
		},
		check: func(t *testing.T, name string, answer []byte) {
			var ids []backup.JobID
			all, err := b.jobs.Jobs(t.Context(), b.account(), b.here().Add(-24*time.Hour))
			if err != nil {
				t.Fatal(err)
			}
			for _, j := range all {
				if j.Label == name {
					ids = append(ids, j.ID)
				}
			}
			if got := decoded[recovery.Job](t, answer); len(ids) != 1 || got.ID != string(ids[0]) {
				t.Errorf("jobs %v, answer %s", ids, answer)
			}
		},
		clear: func(t *testing.T) {
			sent := received[backup.JobMessage](b.product, b.recover)
			if len(sent) == 0 || slices.ContainsFunc(sent, func(m backup.JobMessage) bool { return m != sent[0] }) {
				t.Errorf("messages %+v", sent)
			}
		},
	}
}

func newReport(b *backedUp) *making {
	subject := "usage report of " + string(b.account())
	return &making{
		path: "/api/usage-report", status: 202, body: func(string) any { return nil },
		check: func(t *testing.T, _ string, answer []byte) {
			counted, err := b.identity.Accounts.Attempts(t.Context(), subject, b.here())
			if err != nil || len(counted.Latest) != 1 || len(answer) > 0 {
				t.Errorf("counted %+v, %v, answer %s", counted, err, answer)
			}
		},
		clear: func(t *testing.T) {
			sent := received[backup.ReportMessage](b.product, b.reports)
			if len(sent) == 0 || slices.ContainsFunc(sent, func(m backup.ReportMessage) bool { return m != sent[0] }) {
				t.Errorf("messages %+v", sent)
			}
			if err := b.identity.Accounts.ForgetAttempts(t.Context(), subject); err != nil {
				t.Fatal(err)
			}
		},
	}
}

// now is Backup now.
func now(b *backedUp, path string, body any, want int) *making {
	runs := map[backup.BoxUserID]backup.SnapshotID{}
	each := func(t *testing.T, visit func(task.BoxUser)) {
		t.Helper()
		for u, err := range b.archiver.Tasks.BoxUsers(t.Context(), b.account(), backup.TaskID(b.task)) {
			if err != nil {
				t.Fatal(err)
			}
			visit(u)
		}
	}
	op := &making{
		path: "/api/tasks/" + b.task + path, status: 200, body: func(string) any { return body },
		check: func(t *testing.T, _ string, answer []byte) {
			if got := decoded[tasks.ActionResult](t, answer); got.Done != want || len(got.Refused) > 0 {
				t.Errorf("answer %s", answer)
			}
			each(t, func(u task.BoxUser) {
				if u.RunID != "" && runs[u.ID] == "" {
					runs[u.ID] = u.RunID
				}
			})
			if len(runs) != want {
				t.Errorf("runs %v", runs)
			}
		},
	}
	op.between = func(t *testing.T) {
		each(t, func(u task.BoxUser) {
			if u.RunID != "" {
				runs[u.ID] = u.RunID
			}
		})
	}
	op.clear = func(t *testing.T) {
		each(t, func(u task.BoxUser) {
			if u.RunID != "" {
				if runs[u.ID] != "" && u.RunID != runs[u.ID] {
					t.Errorf("a second run %s after %s", u.RunID, runs[u.ID])
				}
				end(t, b, u)
			}
		})
		for _, m := range received[backup.RunMessage](b.product, b.product.runs) {
			if runs[m.BoxUser] != "" && m.Run != runs[m.BoxUser] {
				t.Errorf("message %+v, runs %v", m, runs)
			}
		}
		clear(runs)
	}
	return op
}

func someNow(b *backedUp) *making {
	return now(b, "/users/backup", map[string]any{"all": true, "q": "acme.example"}, 2)
}

func allNow(b *backedUp) *making { return now(b, "/backup", nil, 1) }

// endedNow has the backup end before it is asked for again.
func endedNow(b *backedUp) *making {
	op := now(b, "/users/backup", map[string]any{"ids": []string{b.user}}, 1)
	note := op.between
	op.between = func(t *testing.T) {
		note(t)
		u, err := b.archiver.Tasks.BoxUser(t.Context(), b.account(), backup.TaskID(b.task), backup.BoxUserID(b.user))
		if err != nil {
			t.Fatal(err)
		}
		if u.RunID != "" {
			end(t, b, u)
		}
	}
	return op
}

// end ends a run without a snapshot.
func end(t *testing.T, b *backedUp, u task.BoxUser) {
	t.Helper()
	if err := b.archiver.Tasks.Cancel(t.Context(), u); err != nil {
		t.Fatal(err)
	}
}

func decoded[T any](t *testing.T, answer []byte) (out T) {
	t.Helper()
	if err := json.Unmarshal(answer, &out); err != nil {
		t.Fatalf("answer %s: %v", answer, err)
	}
	return out
}
