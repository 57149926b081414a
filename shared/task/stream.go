package task

import (
	"context"
	"time"

	"github.com/guregu/dynamo/v2"

	"coffer/shared/backup"
)

// Covers reports whether the enterprise's stream, with the hints made of it, has
// told everything that happened to the Box user's items since the latest
// snapshot.
func (t Task) Covers(u BoxUser) bool {
	return t.Feed == EnterpriseFeed && u.Snapshot != "" && !u.Began.IsZero() && !u.Began.Before(t.Since)
}

// Lacks reports whether the task's policy asks for more by now than the Box
// user's latest snapshot has: past versions, which each file's listing tells of,
// or the trash.
func (t Task) Lacks(u BoxUser) (versions, trash bool) {
	return t.Policy.Versions && !u.Versions, t.Policy.Trash && !u.Trash
}

// Advance records how far the enterprise's stream was followed from where task
// has it. It is a Conflict when somebody followed it meanwhile.
func (t *Table) Advance(ctx context.Context, task Task, to Stream) error {
	up := t.update(task.Account, task.ID).Set("Feed", to.Feed).If("attribute_exists(PK)")
	if task.Position == "" {
		up.If("attribute_not_exists('Position')")
	} else {
		up.If("'Position' = ?", task.Position)
	}
	set := func(name string, value any, zero bool) {
		if zero {
			up.Remove(name)
		} else {
			up.Set(name, value)
		}
	}
	set("FeedReason", to.FeedReason, to.FeedReason == "")
	set("Position", to.Position, to.Position == "")
	set("ReadAt", to.ReadAt, to.ReadAt.IsZero())
	set("Since", to.Since, to.Since.IsZero())
	set("Bridged", to.Bridged, to.Bridged.IsZero())
	err := up.Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		return backup.Errorf(backup.Conflict, "Another scan has followed the stream of this task.")
	}
	return wrap(err, "stream of task %s", task.ID)
}

// Uncover records that the stream told something of the Box user that nobody
// keeps as a hint, so the next run must find out by itself. It is a Conflict
// while a run is requested or under way.
func (t *Table) Uncover(ctx context.Context, u BoxUser) error {
	err := t.updateUser(u).Remove("Began").If("attribute_exists(PK) AND attribute_not_exists(RunID)").Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		return backup.Errorf(backup.Conflict, "A backup of %s is requested or in progress.", u.Name)
	}
	return wrap(err, "uncover Box user %s", u.ID)
}

// Had reports whether the slot has had its run of the Box user, or needs none.
func (u BoxUser) Had(slot time.Time) bool { return u.RunSlot >= stamp(slot) }

// LatestSealed is the snapshot of the catalog that holds what the latest one has.
func (u BoxUser) LatestSealed() backup.SnapshotID {
	if u.Same != "" {
		return u.Same
	}
	return u.Snapshot
}

// Unchanged returns the Box user's part of the transaction that makes a snapshot
// visible which is the same as the latest one, on condition that it still is the
// latest, that no run is requested or under way, and that the slot had none.
func (t *Table) Unchanged(u BoxUser, id backup.SnapshotID, at, slot time.Time) func(*dynamo.WriteTx) {
	up := t.updateUser(u).Set("Snapshot", id).Set("Same", u.LatestSealed()).Set("LastBackup", at).Set("Status", backup.Success).
		Set("RunSlot", stamp(slot)).Remove("Reason").
		If("'Snapshot' = ? AND Active = ? AND attribute_not_exists(RunID)", u.Snapshot, true).
		If("attribute_not_exists(RunSlot) OR RunSlot < ?", stamp(slot))
	return func(tx *dynamo.WriteTx) { tx.Update(up) }
}
