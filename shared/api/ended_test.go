package api_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"coffer/scripts/local/fault"
	"coffer/shared/api/recovery"
	"coffer/shared/api/tasks"
	"coffer/shared/backup"
	"coffer/shared/task"
)

// post returns the e-mails about deletions and shorter retention that were sent
// since the last time, those too that the scheduler sends.
func (b *backedUp) post(t *testing.T) []backup.MailMessage {
	t.Helper()
	mails := received[backup.MailMessage](b.product, b.mails)
	b.later.Add(int64(3 * time.Minute))
	err := b.archiver.Tasks.Unsent(t.Context(), func(m backup.MailMessage) error {
		mails = append(mails, m)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return mails
}

func (b *backedUp) row(t *testing.T) task.BoxUser {
	t.Helper()
	u, err := b.archiver.Tasks.BoxUser(t.Context(), b.account(), backup.TaskID(b.task), backup.BoxUserID(b.user))
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// toldOnce checks that there are so many activities about a deletion more, and one
// e-mail about all of it, and brings back what was deleted.
func (b *backedUp) toldOnce(t *testing.T, each int, number string, undelete func()) func(*testing.T) {
	b.post(t)
	said := len(b.told(t, "Delete"))
	return func(t *testing.T) {
		t.Helper()
		now := len(b.told(t, "Delete"))
		if now != said+each && now < 50 { // the list has no more
			t.Errorf("told %d times, want %d", now-said, each)
		}
		said = now
		undelete()
		ids := map[string]bool{}
		for _, m := range b.post(t) {
			if m.Data["number"] == number { // otherwise of a part of it
				ids[m.ID] = true
			}
		}
		if len(ids) != 1 {
			t.Errorf("%d e-mails", len(ids))
		}
	}
}

func taskDeletion(b *backedUp) *making {
	path := "/api/tasks/" + b.task
	return &making{
		method: "DELETE", path: path, status: 200, body: func(string) any { return nil },
		check: func(t *testing.T, _ string, answer []byte) {
			got, err := b.archiver.Tasks.Task(t.Context(), b.account(), backup.TaskID(b.task))
			if out := decoded[tasks.Task](t, answer); err != nil || got.Alive() || !out.Deleted.Equal(got.Deleted) {
				t.Errorf("deleted %v, %v, answer %s", got.Deleted, err, answer)
			}
		},
		clear: b.toldOnce(b.t.(*testing.T), 1, "", func() { b.who.ok("POST", path+"/undelete", nil, nil) }),
	}
}

// taskBack has the task brought back before its deletion is asked for again.
func taskBack(b *backedUp) *making {
	op := taskDeletion(b)
	back := false
	op.between = func(t *testing.T) {
		got, err := b.archiver.Tasks.Task(t.Context(), b.account(), backup.TaskID(b.task))
		if back = err == nil && !got.Alive(); back {
			b.who.ok("POST", op.path+"/undelete", nil, nil)
		}
	}
	check := op.check
	op.check = func(t *testing.T, name string, answer []byte) {
		if !back {
			check(t, name, answer)
			return
		}
		if got, err := b.archiver.Tasks.Task(t.Context(), b.account(), backup.TaskID(b.task)); err != nil || !got.Alive() {
			t.Errorf("deleted again: %v, %v", got.Deleted, err)
		}
	}
	clear := op.clear
	op.clear = func(t *testing.T) { back = false; clear(t) }
	return op
}

func usersDeletion(b *backedUp, body map[string]any, want int) *making {
	path := "/api/tasks/" + b.task + "/users/"
	return &making{
		path: path + "delete", status: 200, body: func(string) any { return body },
		check: func(t *testing.T, _ string, answer []byte) {
			if got := decoded[tasks.ActionResult](t, answer); got.Done != want || len(got.Refused) > 0 || b.row(t).Alive() {
				t.Errorf("answer %s, deleted %v", answer, b.row(t).Deleted)
			}
		},
		clear: b.toldOnce(b.t.(*testing.T), want, strconv.Itoa(want), func() { b.who.ok("POST", path+"undelete", map[string]any{"all": true}, nil) }),
	}
}

func someDeleted(b *backedUp) *making {
	return usersDeletion(b, map[string]any{"ids": []string{b.user}}, 1)
}

func allDeleted(b *backedUp) *making { return usersDeletion(b, map[string]any{"all": true}, 2) }

// userBack has the backup brought back before its deletion is asked for again.
func userBack(b *backedUp) *making {
	op := someDeleted(b)
	back := false
	op.between = func(t *testing.T) {
		if back = !b.row(t).Alive(); back {
			b.who.ok("POST", strings.Replace(op.path, "/delete", "/undelete", 1), map[string]any{"all": true}, nil)
		}
	}
	check := op.check
	op.check = func(t *testing.T, name string, answer []byte) {
		if !back {
			check(t, name, answer)
		} else if got := decoded[tasks.ActionResult](t, answer); got.Done != 1 || len(got.Refused) > 0 || !b.row(t).Alive() {
			t.Errorf("answer %s, deleted %v", answer, b.row(t).Deleted)
		}
	}
	clear := op.clear
	op.clear = func(t *testing.T) { back = false; clear(t) }
	return op
}

// request asks for a backup that nobody does.
func (b *backedUp) request(t *testing.T) backup.SnapshotID {
	t.Helper()
	u, err := b.archiver.Tasks.Request(t.Context(), b.row(t), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	return u.RunID
}

func cancelled(b *backedUp) *making {
	return cancellation(b, map[string]any{"ids": []string{b.user}})
}

func allCancelled(b *backedUp) *making { return cancellation(b, map[string]any{"all": true}) }

func cancellation(b *backedUp, body map[string]any) *making {
	b.request(b.t.(*testing.T))
	return &making{
		path: "/api/tasks/" + b.task + "/users/cancel", status: 200, body: func(string) any { return body },
		check: func(t *testing.T, _ string, answer []byte) {
			if got := decoded[tasks.ActionResult](t, answer); got.Done != 1 || len(got.Refused) > 0 || b.row(t).RunID != "" {
				t.Errorf("answer %s, run %s", answer, b.row(t).RunID)
			}
		},
		clear: func(t *testing.T) { b.request(t) },
	}
}

// cancelledBefore has another backup requested when it is asked for again.
func cancelledBefore(b *backedUp) *making {
	op := cancelled(b)
	var another backup.SnapshotID
	op.between = func(t *testing.T) {
		if b.row(t).RunID == "" {
			another = b.request(t)
		}
	}
	check := op.check
	op.check = func(t *testing.T, name string, answer []byte) {
		if another == "" {
			check(t, name, answer)
		} else if got := decoded[tasks.ActionResult](t, answer); got.Done != 1 || b.row(t).RunID != another {
			t.Errorf("answer %s, run %s, want %s", answer, b.row(t).RunID, another)
		}
	}
	op.clear = func(t *testing.T) {
		if another == "" {
			b.request(t)
		}
		another = ""
	}
	return op
}

func jobCancelled(b *backedUp) *making { return cancelledJob(b, false) }

func jobEnded(b *backedUp) *making { return cancelledJob(b, true) }

func cancelledJob(b *backedUp, worked bool) *making {
	op := &making{status: 202, body: func(string) any { return nil }}
	var id backup.JobID
	op.clear = func(t *testing.T) {
		var made recovery.Job
		b.who.ok("POST", "/api/jobs", map[string]any{
			"task": b.task, "user": b.user, "snapshot": b.snapshot.ID, "mode": "bypass", "all": true,
		}, &made)
		id, op.path = backup.JobID(made.ID), "/api/jobs/"+made.ID+"/cancel"
		if worked {
			if _, err := b.jobs.Lease(t.Context(), b.account(), id, "worker"); err != nil {
				t.Fatal(err)
			}
		}
	}
	op.check = func(t *testing.T, _ string, answer []byte) {
		j, err := b.jobs.Job(t.Context(), b.account(), id)
		if got := decoded[recovery.Job](t, answer); err != nil || got.ID != string(id) || !j.Cancel || !worked && j.Status != backup.JobCanceled {
			t.Errorf("job %+v, %v, answer %s", j, err, answer)
		}
	}
	if worked {
		op.between = func(t *testing.T) {
			j, err := b.jobs.Job(t.Context(), b.account(), id)
			if err == nil && j.Cancel {
				j.Status = backup.JobCanceled
				err = b.jobs.End(t.Context(), j)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	op.clear(b.t.(*testing.T))
	return op
}

// TestMailOfWhatWasDoneIsSentWhateverDies_C2 has the process die before and after
// each of its calls of AWS: where something was deleted, or is kept for less, the
// primary user is told, once however often it is sent, and nothing is said of what
// was not done.
func TestMailOfWhatWasDoneIsSentWhateverDies_C2(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		template string
		do, undo func(*backedUp)
		done     func(*backedUp) int
	}{
		"task": {
			template: "task-deleted",
			do:       func(b *backedUp) { b.who.send("DELETE", "/api/tasks/"+b.task, nil) },
			done: func(b *backedUp) int {
				got, err := b.archiver.Tasks.Task(b.t.Context(), b.account(), backup.TaskID(b.task))
				if err != nil {
					b.t.Fatal(err)
				}
				if got.Alive() {
					return 0
				}
				return 1
			},
			undo: func(b *backedUp) { b.who.ok("POST", "/api/tasks/"+b.task+"/undelete", nil, nil) },
		},
		"Box users": {
			template: "users-deleted",
			do: func(b *backedUp) {
				b.who.send("POST", "/api/tasks/"+b.task+"/users/delete", map[string]any{"all": true})
			},
			done: func(b *backedUp) (n int) {
				for u, err := range b.archiver.Tasks.BoxUsers(b.t.Context(), b.account(), backup.TaskID(b.task)) {
					if err != nil {
						b.t.Fatal(err)
					}
					if !u.Alive() {
						n++
					}
				}
				return n
			},
			undo: func(b *backedUp) {
				b.who.ok("POST", "/api/tasks/"+b.task+"/users/undelete", map[string]any{"all": true}, nil)
			},
		},
		"retention": {
			template: "kept-shorter",
			do: func(b *backedUp) {
				b.who.send("PATCH", "/api/tasks/"+b.task, map[string]any{"policy": map[string]any{"archiveDays": 5}})
			},
			done: func(b *backedUp) int {
				got, err := b.archiver.Tasks.Task(b.t.Context(), b.account(), backup.TaskID(b.task))
				if err != nil {
					b.t.Fatal(err)
				}
				if got.Shortened == nil {
					return 0
				}
				return 1
			},
			undo: func(b *backedUp) {
				b.who.ok("PATCH", "/api/tasks/"+b.task, map[string]any{"policy": map[string]any{"archiveDays": 0}}, nil)
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBackedUp(t)
			b.post(t)
			calls, told := int64(0), 0
			for k := int64(0); k <= calls; k++ {
				for _, fate := range []fault.Fate{fault.Refused, fault.Denied} {
					later := fault.Refused
					if k == 0 { // undisturbed
						later = fault.Pass
					}
					calls = max(calls, b.weather.during(k, fate, later, func() { test.do(b) }))
					mails := b.post(t)
					done := test.done(b)
					ids := map[string]bool{}
					for _, m := range mails {
						ids[m.ID] = true
						if m.Template != test.template || m.Data["by"] != "ann@example.com" || m.Data["number"] != "" && m.Data["number"] != strconv.Itoa(done) {
							t.Errorf("call %d, %v: mail %+v, done %d", k, fate, m, done)
						}
					}
					if len(ids) != min(done, 1) {
						t.Fatalf("call %d, %v: done %d, mails %+v", k, fate, done, mails)
					}
					if k > 0 && done > 0 {
						told++
					}
					if done > 0 {
						test.undo(b)
						b.post(t)
					}
				}
			}
			if calls < 5 || told < 3 {
				t.Errorf("%d calls, told after %d deaths", calls, told)
			}
		})
	}
}
