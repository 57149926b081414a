package pruner_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"coffer/shared/backup"
	"coffer/shared/task"
	"coffer/shared/vault"
)

// full lets whole prunes pass over days in which nothing else happens.
func (w *world) full(days int) {
	for range days {
		w.pass(day)
		f := &fate{between: func() {}}
		report, err := w.pruner(f).Prune(w.ctx, w.message())
		check(w.T, err)
		w.removed += report.Contents
		if report.Sent != 0 {
			w.Errorf("%+v", report)
		}
	}
}

// collectsGarbage checks that after some quiet days there is nothing that
// nothing refers to.
func (w *world) collectsGarbage() {
	w.pass(30 * day) // what a killed run had stored waits for the sweep that needs no reason
	w.full(9)
	w.verify()
	relied, catalogs := map[backup.Content]bool{}, map[string]bool{}
	for _, u := range w.users() {
		for i, pointer := range [][]byte{u.Catalog, u.Checkpoint} {
			if len(pointer) == 0 {
				continue
			}
			c, err := w.fetch(pointer, filepath.Join(w.dir, fmt.Sprint("end", u.ID, i)))
			check(w.T, err)
			check(w.T, c.Relied(w.ctx, func(c backup.Content) error { relied[c] = true; return nil }))
			check(w.T, c.Close())
			var sealed vault.Sealed
			check(w.T, json.Unmarshal(pointer, &sealed))
			for _, name := range sealed.Objects() {
				catalogs[name] = true
			}
		}
	}
	packs, rows := map[string]bool{}, 0
	check(w.T, w.index.Walk(w.ctx, w.id, func(r vault.Row) error {
		rows++
		if !relied[r.Content] || !r.Condemned.IsZero() {
			w.Errorf("content %s is kept, condemned %v, and nothing relies on it", r.Content, r.Condemned)
		}
		for _, p := range r.Parts {
			packs[w.id.Packs()+p.Pack] = true
		}
		return nil
	}, func(vault.Progress) error { return nil }))
	check(w.T, w.objects.List(w.ctx, "", func(key string, _ int64, _ time.Time) error {
		if orphan := rows == 0 && strings.HasPrefix(key, w.id.Packs()); orphan {
			return nil // a vault without an index keeps the packs that were never retired
		}
		if !packs[key] && !catalogs[key] {
			w.Errorf("object %s is kept, and nothing refers to it", key)
		}
		return nil
	}))
	retired, err := w.index.Retired(w.ctx, w.id)
	check(w.T, err)
	for name := range retired {
		if !packs[w.id.Packs()+name] {
			w.Errorf("the record of pack %s, which is gone, is left", name)
		}
	}
	w.oldSnapshotsAreGone()
}

// oldSnapshotsAreGone checks that what is left of each Box user are two
// snapshots at most, since none is as young as the retention.
func (w *world) oldSnapshotsAreGone() {
	for _, u := range w.users() {
		rows := 0
		for _, err := range w.snapRows.All(w.ctx, u.Account, u.Task, u.ID) {
			check(w.T, err)
			rows++
		}
		if rows > 2 && u.RunID == "" && u.Alive() {
			w.Errorf("%d snapshots of Box user %s are left", rows, u.ID)
		}
		if !u.Alive() || u.Left() {
			w.Errorf("Box user %s is still %+v", u.ID, u)
		}
	}
}

// deletesTheTask checks that nothing is left of a task after its grace.
func (w *world) deletesTheTask() {
	deleted, err := w.taskRows.DeleteTask(w.ctx, w.id.Account, w.id.Task)
	check(w.T, err)
	w.at = deleted.Deleted.Add(task.Grace - time.Second)
	w.prune(false)
	w.verify() // all of it could still come back
	if w.revoked > 0 {
		w.Error("the authorisation was revoked while the task could come back")
	}
	w.at = deleted.Deleted.Add(task.Grace)
	for range 3 { // killed ones are followed by one that is not
		w.prune(true)
	}
	w.full(1)
	check(w.T, w.objects.List(w.ctx, "", func(key string, _ int64, _ time.Time) error {
		w.Errorf("object %s is left of the deleted task", key)
		return nil
	}))
	if n, err := w.index.Erase(w.ctx, w.id); n != 0 || err != nil {
		w.Errorf("%d rows of contents are left of the deleted task, %v", n, err)
	}
	w.leavesNothing("")
	if w.revoked == 0 {
		w.Error("Box was not told that the task is gone")
	}
	if _, err := w.taskRows.Task(w.ctx, w.id.Account, w.id.Task); err == nil || !strings.Contains(err.Error(), "does not exist") {
		w.Errorf("the deleted task: %v", err)
	}
}
