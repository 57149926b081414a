package model_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
	"coffer/shared/job"
	"coffer/shared/task"
)

// op is one operation. Its numbers choose among what there is at the time, so
// that it means something after others were left out.
type op struct {
	do      string
	a, b, c int
}

// String names the operation as a test of it would be written.
func (o op) String() string { return fmt.Sprintf("{%q, %d, %d, %d}", o.do, o.a, o.b, o.c) }

// ops are the operations, each as often as it is to be drawn.
var ops = strings.Fields(`upload upload upload upload folder folder edit edit rename rename move move move trash trash trash
	untrash untrash untrash purge share share give give late duplicate shuffle gap forbid
	backup backup backup backup backup backup backup backup backup backup backup backup
	restore restore expire expire erase recall close reopen reopen`)

// texts are the contents of files, few enough to be there several times.
var texts = []string{"", "one", "two", "three", "four", "five"}

// play carries out one operation on both sides. What is not possible at the time
// does nothing.
func (w *world) play(o op) error {
	p, other := w.people[o.a%2], w.people[1-o.a%2]
	d := w.drives
	pick := func(from []*node) *node {
		if len(from) == 0 {
			return nil
		}
		return from[o.b%len(from)]
	}
	name := fmt.Sprintf("n%d", w.names)
	w.names++
	switch o.do {
	case "upload", "folder":
		place := pick(d.places(p.id))
		n := &node{parent: place, name: name, ItemRef: backup.ItemRef{Kind: backup.Folder}}
		var err error
		if o.do == "upload" {
			n.Kind, n.text = backup.File, texts[o.c%len(texts)]
			n.ID, err = w.sim.Upload(p.id, place.at(), name, []byte(n.text))
		} else {
			n.ID, err = w.sim.CreateFolder(p.id, place.at(), name)
		}
		d.add(n)
		return err
	case "edit":
		if n := pick(d.living(p.id, backup.File)); n != nil {
			n.text = texts[o.c%len(texts)]
			return w.sim.NewVersion(p.id, n.ID, []byte(n.text))
		}
	case "rename":
		if n := pick(d.living(p.id)); n != nil {
			n.name = name
			return w.sim.Rename(p.id, n.ItemRef, name)
		}
	case "move":
		n, places := pick(d.living(p.id)), d.places(p.id)
		if place := places[o.c%len(places)]; n != nil && !place.within(n) && !d.taken(place, n.name) {
			n.parent = place
			return w.sim.Move(p.id, n.ItemRef, place.at())
		}
	case "trash":
		if n := pick(d.living(p.id)); n != nil && !d.holdsTrash(n) {
			n.trashed = w.sim.Now()
			return w.sim.Delete(p.id, n.ItemRef)
		}
	case "untrash":
		if n := pick(d.trash(p.id)); n != nil && !n.parent.gone() && !d.taken(n.parent, n.name) {
			n.trashed = time.Time{}
			return w.sim.Restore(p.id, n.ItemRef)
		}
	case "purge":
		if n := pick(d.trash(p.id)); n != nil && !n.parent.gone() {
			d.purge(n)
			return w.sim.Purge(p.id, n.ItemRef)
		}
	case "share":
		if n := pick(d.living(p.id, backup.Folder)); n != nil && !n.shared {
			n.shared = true
			_, err := w.sim.Collaborate(p.id, n.ItemRef, other.id, "editor")
			return err
		}
	case "give": // a file into what the other one shares
		n := pick(d.living(p.id, backup.File))
		places := d.some(func(n *node) bool { return n.top().owner == other.id && n.shared && !n.gone() })
		if n != nil && len(places) > 0 {
			if place := places[o.c%len(places)]; !d.taken(place, n.name) {
				n.parent = place
				return w.sim.Move(p.id, n.ItemRef, place.at())
			}
		}
	case "late":
		w.sim.Straggle(0.5)
	case "duplicate":
		w.sim.Fault(boxsim.Fault{Endpoint: "GET /2.0/events", Kinds: []boxsim.Kind{boxsim.Repeat}})
	case "shuffle":
		w.sim.Fault(boxsim.Fault{Endpoint: "GET /2.0/events", Kinds: []boxsim.Kind{boxsim.Shuffle}})
	case "gap":
		t, err := w.tasks.Task(w.ctx, w.id.Account, w.id.Task)
		if w.gap || err != nil || t.Position == "" {
			return nil // there is no position to refuse
		}
		w.gap = true
		w.sim.Fault(boxsim.Fault{Endpoint: "GET /2.0/events", Kinds: []boxsim.Kind{boxsim.BadMarker}, User: w.admin, Nth: 1})
	case "forbid":
		w.sim.Fault(boxsim.Fault{Endpoint: "GET /2.0/events", Kinds: []boxsim.Kind{boxsim.Forbidden}, User: w.admin})
	default:
		if !w.ended {
			return w.coffer(o, p)
		}
	}
	return nil
}

// coffer carries out what Coffer does.
func (w *world) coffer(o op, p *person) error {
	switch o.do {
	case "backup":
		return w.backUp()
	case "restore":
		return w.restore(o, p)
	case "expire":
		return w.expire(time.Duration(1+o.c%4) * 24 * time.Hour)
	case "erase":
		row, err := w.row(p)
		if backup.KindOf(err) == backup.NotFound || !p.deleted.IsZero() || err == nil && row.Status == backup.NotActive {
			return nil
		}
		p.deleted = w.now()
		return errors.Join(err, w.tasks.Delete(w.ctx, row))
	case "recall":
		if p.deleted.IsZero() || !w.now().Before(p.deleted.Add(task.Grace)) {
			return nil
		}
		row, err := w.row(p)
		p.deleted = time.Time{}
		return errors.Join(err, w.tasks.Undelete(w.ctx, row))
	case "close":
		if !w.closed.IsZero() {
			return nil
		}
		w.closed = w.now()
		_, err := w.tasks.DeleteTask(w.ctx, w.id.Account, w.id.Task)
		return err
	case "reopen":
		if w.closed.IsZero() || !w.now().Before(w.closed.Add(task.Grace)) {
			return nil
		}
		w.closed = time.Time{}
		_, err := w.tasks.UndeleteTask(w.ctx, w.id.Account, w.id.Task, time.Time{})
		return err
	}
	return fmt.Errorf("no operation %q", o.do)
}

// backUp carries out the slot of a day. The newest snapshot of everybody whose
// backup is alive then shows what Box holds, unless events are still on their
// way.
func (w *world) backUp() error {
	w.pass(24 * time.Hour)
	if err := w.slot(); err != nil {
		return err
	}
	w.sim.ClearFaults()
	w.sim.Straggle(0)
	w.gap = false
	for _, p := range w.people {
		listed, err := w.listed(p)
		if err != nil {
			return err
		}
		if len(listed) < len(p.snapshots) {
			return fmt.Errorf("%s has %d snapshots after a slot, and had %d before", p.login, len(listed), len(p.snapshots))
		}
		fresh := listed[len(p.snapshots):]
		for _, s := range fresh {
			p.snapshots = append(p.snapshots, taken{Snapshot: s})
		}
		if sleeps := !p.deleted.IsZero() || !w.closed.IsZero(); sleeps != (len(fresh) == 0) {
			return fmt.Errorf("%s has %d new snapshots after a slot (deleted %s, closed %s)", p.login, len(fresh), p.deleted, w.closed)
		}
		if len(fresh) == 0 {
			continue
		}
		newest := &p.snapshots[len(p.snapshots)-1]
		if newest.Status != backup.Success {
			return fmt.Errorf("%s: the newest snapshot is %s", p.login, newest.Status)
		}
		if w.sim.Stragglers() > 0 {
			continue
		}
		newest.tree = w.drives.tree(p.id)
		shown, err := w.shown(p, []backup.SnapshotID{newest.Sealed()})
		if err != nil {
			return err
		}
		if diff := cmp.Diff(shown[0], newest.tree); diff != "" {
			return fmt.Errorf("%s: the newest snapshot and Box differ (-snapshot +Box):\n%s", p.login, diff)
		}
	}
	return nil
}

// restore brings everything of some snapshot back, into a new folder. What the
// snapshot has of the person's own was compared with Box when it was taken.
func (w *world) restore(o op, p *person) error {
	if len(p.snapshots) == 0 || !p.deleted.IsZero() || !w.closed.IsZero() {
		return nil
	}
	from := p.snapshots[o.b%len(p.snapshots)]
	if len(from.tree) == 0 {
		return nil
	}
	w.names++
	w.pass(time.Minute) // the folder is named by the time
	j := job.Job{
		Account: w.id.Account, ID: backup.JobID(backup.NewSortableID(w.now())), Kind: job.Restore, Task: w.id.Task, TaskName: "Files",
		BoxUser: p.id, UserName: p.login, UserLogin: p.login, Snapshot: from.ID, Same: from.Same, Whole: true, Mode: backup.NonDestructive,
		Initiator: "ada@acme.example", Created: w.now(),
	}
	if err := w.jobs.Create(w.ctx, j, nil); err != nil {
		return err
	}
	if err := w.restorer.Run(w.ctx, backup.JobMessage{Account: j.Account, Job: j.ID}); err != nil {
		return err
	}
	done, err := w.jobs.Job(w.ctx, j.Account, j.ID)
	if err != nil {
		return err
	}
	if done.Status != backup.JobSucceeded {
		return fmt.Errorf("%s: the restore %s (%s)", p.login, done.Status, done.Reason)
	}
	var lines []string
	below := ""
	for _, n := range w.sim.Tree(p.id) { // a folder comes before what it holds
		if w.drives.items[n.ItemRef] != nil {
			continue
		}
		parent := w.drives.roots[p.id]
		if n.Parent != backup.RootFolder {
			parent = w.drives.items[backup.ItemRef{Kind: backup.Folder, ID: n.Parent}]
		}
		if below == "" {
			below = n.Path
		} else {
			lines = append(lines, line(n.Kind, n.Path, below, n.Content))
		}
		made := &node{ItemRef: n.ItemRef, parent: parent, name: n.Name}
		if n.Kind == backup.File {
			made.text = texts[slices.IndexFunc(texts, func(s string) bool { return contentOf(s) == n.Content })]
		}
		w.drives.add(made)
	}
	slices.Sort(lines)
	held, err := w.held(p, from.Sealed())
	if err != nil {
		return err
	}
	if diff := cmp.Diff(lines, held); diff != "" {
		return fmt.Errorf("%s: what was restored and the snapshot differ (-restored +snapshot):\n%s", p.login, diff)
	}
	return nil
}

// expire lets days pass and prunes. What is gone then follows from the ages
// alone, and what stays shows what it did.
func (w *world) expire(days time.Duration) error {
	w.pass(days)
	now := w.now()
	if _, err := w.pruner.Prune(w.ctx, w.prune()); err != nil {
		return err
	}
	w.ended = !w.closed.IsZero() && !now.Before(w.closed.Add(task.Grace))
	for _, p := range w.people {
		if err := w.outlived(p, now); err != nil {
			return err
		}
	}
	return nil
}

// outlived lets the model's snapshots expire as the product's did.
func (w *world) outlived(p *person, now time.Time) error {
	erased := !p.deleted.IsZero() && !now.Before(p.deleted.Add(task.Grace))
	switch row, err := w.row(p); {
	case w.ended || erased:
		if backup.KindOf(err) != backup.NotFound && (w.ended || err != nil || row.Status != backup.NotActive || len(row.Catalog) > 0) {
			return fmt.Errorf("%s is still %s after the grace, %v", p.login, row.Status, err)
		}
		p.snapshots, p.deleted = nil, time.Time{}
	case backup.KindOf(err) == backup.NotFound:
		return nil // no scan has found them yet
	case err != nil:
		return err
	case p.deleted.IsZero() && w.closed.IsZero() && row.Held == "":
		good, last := -1, len(p.snapshots)-1
		for i, s := range p.snapshots {
			if s.Status == backup.Success {
				good = i
			}
		}
		var kept []taken
		for i, s := range p.snapshots {
			if i == good || i == last || !s.Taken.Before(now.AddDate(0, 0, -retention)) {
				kept = append(kept, s)
			}
		}
		p.snapshots = kept
	}
	return w.agrees(p)
}

// agrees compares a person's snapshots with the model, all of them.
func (w *world) agrees(p *person) error {
	listed, err := w.listed(p)
	if err != nil {
		return err
	}
	var got, want, sealed []backup.SnapshotID
	for _, s := range listed {
		got = append(got, s.ID)
	}
	for _, s := range p.snapshots {
		want, sealed = append(want, s.ID), append(sealed, s.Sealed())
	}
	if diff := cmp.Diff(got, want); diff != "" {
		return fmt.Errorf("%s: snapshots and model differ (-snapshots +model):\n%s", p.login, diff)
	}
	if len(want) == 0 {
		return nil
	}
	shown, err := w.shown(p, sealed)
	if err != nil {
		return err
	}
	for i, s := range p.snapshots {
		if diff := cmp.Diff(shown[i], s.tree); s.tree != nil && diff != "" {
			return fmt.Errorf("%s: snapshot %d of %d has changed (-is +was):\n%s", p.login, i+1, len(shown), diff)
		}
	}
	return nil
}

// end checks everything once more, deletes the task, and sees that nothing is
// left of it.
func (w *world) end() error {
	if w.ended {
		return w.nothingLeft()
	}
	for _, p := range w.people {
		if err := w.agrees(p); err != nil {
			return err
		}
	}
	report, err := w.vault.Verify(w.ctx)
	if err != nil || len(report.Damaged) > 0 {
		return fmt.Errorf("the vault has %d damaged contents, %w", len(report.Damaged), err)
	}
	if _, err := w.tasks.DeleteTask(w.ctx, w.id.Account, w.id.Task); err != nil {
		return err
	}
	w.pass(task.Grace)
	if _, err := w.pruner.Prune(w.ctx, w.prune()); err != nil {
		return err
	}
	return w.nothingLeft()
}

func (w *world) nothingLeft() error {
	var left []string
	err := w.objects.List(w.ctx, "", func(key string, _ int64, _ time.Time) error {
		left = append(left, key)
		return nil
	})
	if len(left) > 0 {
		return fmt.Errorf("objects %q are left of the deleted task", left)
	}
	for _, p := range w.people {
		listed, listErr := w.listed(p)
		if err = errors.Join(err, listErr); len(listed) > 0 {
			return fmt.Errorf("%d snapshots of %s are left of the deleted task", len(listed), p.login)
		}
	}
	return err
}
