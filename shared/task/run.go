package task

import (
	"context"
	"time"

	"github.com/guregu/dynamo/v2"

	"coffer/shared/backup"
)

const (
	// LeaseTime is how long a lease lives without being renewed.
	LeaseTime = 2 * time.Minute
	// sendTime is how long a run may wait for a worker before its message is sent
	// a second time, should whoever was about to send it have died, or the worker
	// that got it. A second message does no harm.
	sendTime = 5 * time.Minute
	// queueTime is the same for further messages: queues may be long.
	queueTime = time.Hour
)

// Request asks for a run of the Box user and returns the user's row with the
// run's id. The run waits until it is dispatched. It is a Conflict when a run is
// requested or under way already, or when slot (the scheduled time it is for;
// zero when there is none) has had its run, or when the backup was deleted or
// the Box user has left.
func (t *Table) Request(ctx context.Context, u BoxUser, slot time.Time) (BoxUser, error) {
	return t.request(ctx, u, slot, "")
}

// RequestFor is Request by a person, in a request of that id. Where this has been
// granted a run already, it is as if it were granted that now, whether or not the
// run has ended.
func (t *Table) RequestFor(ctx context.Context, u BoxUser, request string) (BoxUser, error) {
	return t.request(ctx, u, time.Time{}, request)
}

func (t *Table) request(ctx context.Context, u BoxUser, slot time.Time, request string) (BoxUser, error) {
	granted := func(row BoxUser) bool { return request != "" && row.RunFor == request }
	if granted(u) {
		return u, nil
	}
	if err := u.refuse(); err != nil {
		return BoxUser{}, err
	}
	now := t.Now()
	id := backup.SnapshotID(backup.NewSortableID(now))
	up := t.updateUser(u).Set("RunID", id).SetExpr("'RunBefore' = 'Status'").Set("RunAsked", now).Set("RunWanted", request != "").Set("RunAttempts", 0).Set("Cancel", false).
		Set("DueShard", waitShard(u.Account, u.Task)).Set("DueAt", place(now, slot)).
		If("attribute_exists(PK) AND attribute_not_exists(RunID)").
		If("attribute_not_exists('Deleted') AND attribute_not_exists(Archived)")
	if u.Status == backup.NotActive || u.Status == backup.Paused {
		up.Set("Status", backup.Scheduled)
	}
	if !slot.IsZero() {
		up.Set("RunSlot", stamp(slot)).If("attribute_not_exists(RunSlot) OR RunSlot < ?", stamp(slot))
	}
	if request != "" {
		up.Set("RunFor", request).If("attribute_not_exists(RunFor) OR RunFor <> ?", request)
	}
	conflict := backup.Errorf(backup.Conflict, "A backup of %s is already requested or in progress.", u.Name)
	asked, err := userValue(ctx, up, conflict)
	if backup.KindOf(err) != backup.Conflict {
		return asked, err
	}
	row, err := t.BoxUser(ctx, u.Account, u.Task, u.ID)
	if err == nil && row.RunID != id && !granted(row) {
		err = conflict
	}
	return row, err // its own: the answer was lost
}

// Resend moves the time at which an abandoned run is looked at again. The
// caller sends the run's message afterwards. It is a Conflict when somebody
// took up the run meanwhile.
func (t *Table) Resend(ctx context.Context, u BoxUser) error {
	now := t.Now()
	err := t.updateUser(u).Set("DueAt", stamp(now.Add(queueTime))).
		If("RunID = ? AND DueAt <= ?", u.RunID, stamp(now)).Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		return backup.Errorf(backup.Conflict, "The run was taken up meanwhile.")
	}
	return wrap(err, "resend run of Box user %s", u.ID)
}

// Lease gives the run that the message asks for to owner for LeaseTime and returns the row.
// It is a Conflict when the run has ended, is another one, or is somebody
// else's, or when the backup was deleted; a run that was cancelled with that can
// be leased, to be ended.
func (t *Table) Lease(ctx context.Context, m backup.RunMessage, owner string) (BoxUser, error) {
	now := t.Now()
	u := BoxUser{Account: m.Account, Task: m.Task, ID: m.BoxUser}
	up := t.updateUser(u).Set("RunOwner", owner).Set("RunUntil", now.Add(LeaseTime).UnixMilli()).
		Add("RunAttempts", 1).Add("RunSilent", 1).Set("Status", backup.InProcess).Remove("RunStopped").
		Set("DueShard", runShard(u)).Set("DueAt", stamp(now.Add(LeaseTime))).
		If("RunID = ? AND (attribute_not_exists(RunOwner) OR RunUntil < ?)", m.Run, now.UnixMilli()).
		If("attribute_not_exists('Deleted') OR Cancel = ?", true)
	return userValue(ctx, up, backup.Errorf(backup.Conflict, "This run has ended or is in progress."))
}

// Renew reports progress, lengthens the lease and reads the row back, Cancel
// included, in one write. It is a Conflict when the lease is lost.
func (t *Table) Renew(ctx context.Context, u BoxUser, p Progress) (BoxUser, error) {
	now := t.Now()
	p.Updated = now
	up := t.own(u).Set("RunUntil", now.Add(LeaseTime).UnixMilli()).Set("DueAt", stamp(now.Add(LeaseTime))).Set("Progress", p)
	return userValue(ctx, up, lost())
}

// Message is the message that asks for the run of u.
func (u BoxUser) Message() backup.RunMessage {
	return backup.RunMessage{Account: u.Account, Task: u.Task, BoxUser: u.ID, Run: u.RunID}
}

// SaveCheckpoint records where the working catalog lies, how far the run has come
// with it, and whether it got on, so that it is not counted as an attempt. It is
// a Conflict when the lease is lost.
func (t *Table) SaveCheckpoint(ctx context.Context, u BoxUser, checkpoint []byte, p Progress, gotOn bool) error {
	p.Updated = t.Now()
	up := t.own(u).Set("Checkpoint", checkpoint).Set("Progress", p)
	if gotOn {
		up.Set("RunAttempts", 0)
	}
	return t.ran(ctx, u, up)
}

// Announce records what a careful worker is about to do, so that whoever goes on
// after its death knows; nil for nothing special. It is a Conflict when the lease
// is lost.
func (t *Table) Announce(ctx context.Context, u BoxUser, work []byte) error {
	if work == nil {
		return t.ran(ctx, u, t.own(u).Remove("RunAt"))
	}
	return t.ran(ctx, u, t.own(u).Set("RunAt", work))
}

// Learn records at what work workers have died, in place of what was announced.
// To know more is to get on. It is a Conflict when the lease is lost.
func (t *Table) Learn(ctx context.Context, u BoxUser, caution []byte) error {
	return t.ran(ctx, u, beCautious(t.own(u), caution).Remove("RunAt").Set("RunAttempts", 0))
}

func beCautious(up *dynamo.Update, caution []byte) *dynamo.Update {
	if caution == nil {
		return up.Remove("Caution")
	}
	return up.Set("Caution", caution)
}

// HandOver gives the lease back so that another invocation can go on; the
// caller sends the run's message afterwards.
func (t *Table) HandOver(ctx context.Context, u BoxUser) error {
	up := t.giveBack(u).Set("RunAttempts", 0).Set("DueAt", stamp(t.Now().Add(sendTime)))
	return t.ran(ctx, u, up)
}

// Retry gives the lease back after a passing trouble and has the run looked at
// again at the given time.
func (t *Table) Retry(ctx context.Context, u BoxUser, at time.Time) error {
	return t.ran(ctx, u, t.giveBack(u).Set("DueAt", stamp(at)))
}

// Hold gives the lease back because nothing can be done before the given time,
// for a reason that people read, and has the run looked at again then. That it
// waits does not count as an attempt.
func (t *Table) Hold(ctx context.Context, u BoxUser, at time.Time, reason string) error {
	up := t.giveBack(u).Set("RunAttempts", 0).
		Set("Status", backup.Scheduled).Set("RunStopped", reason).Set("DueAt", stamp(at))
	return t.ran(ctx, u, up)
}

// End is how a run ended without a snapshot, mostly Failed, with a reason; the
// status is what After says of that. The checkpoint stays, so that the next run
// goes on from it. With are other parts of the same transaction, the activity:
// all happen or none does.
func (t *Table) End(ctx context.Context, u BoxUser, outcome backup.Status, reason string, with ...func(*dynamo.WriteTx)) error {
	return t.end(ctx, u, func(now BoxUser) (backup.Status, string) { return now.After(outcome), reason }, with)
}

// EndCancelled is End of a run that was cancelled: the row is as Before says.
func (t *Table) EndCancelled(ctx context.Context, u BoxUser, with ...func(*dynamo.WriteTx)) error {
	return t.end(ctx, u, func(now BoxUser) (backup.Status, string) { return now.Before(), now.Reason }, with)
}

// end reads the row before it writes, since the Box user may have been paused or
// activated, and does so again where that happens in between.
func (t *Table) end(ctx context.Context, u BoxUser, as func(now BoxUser) (backup.Status, string), with []func(*dynamo.WriteTx)) error {
	with = append(with[:len(with):len(with)], t.release(u))
	for {
		now, err := t.BoxUser(ctx, u.Account, u.Task, u.ID)
		if err != nil {
			return err
		}
		if now.RunID != u.RunID || now.RunOwner != u.RunOwner {
			return lost()
		}
		status, reason := as(now)
		tx := t.db.WriteTx().Update(endRun(t.own(u)).If("Active = ?", now.Active).Set("Status", status).Set("Reason", reason))
		for _, add := range with {
			add(tx)
		}
		if err = tx.Run(ctx); !dynamo.IsCondCheckFailed(err) {
			return wrap(err, "end run of Box user %s", u.ID)
		}
	}
}

// Before is the status to show after a run that was cancelled: that from before
// the run, unless the Box user was activated or paused meanwhile.
func (u BoxUser) Before() backup.Status {
	ended := u.RunBefore == backup.Success || u.RunBefore == backup.Partial || u.RunBefore == backup.Failed
	switch {
	case u.RunBefore == backup.Archived, u.Active && ended, !u.Active && u.RunBefore == backup.NotActive:
		return u.RunBefore
	case u.Active:
		return backup.Scheduled
	}
	return backup.Paused
}

// Sealed is what a sealed run changes in the Box user's row.
type Sealed struct {
	Status            backup.Status // Success or Partial
	Reason            string
	At                time.Time
	Items             int64
	Size              int64
	Catalog           []byte
	Cursor            string
	Began, Reconciled time.Time
	External          int64
	Unprotected       int64
	Drift             int64  // what this run found
	Held              string // why snapshots do not expire from now on; empty leaves it as it was
	Versions, Trash   bool   // of the Policy, as the run followed it
	Caution           []byte // the work at which workers died that is still to be done
}

// After is the status to show after a run with that outcome: who is not backed
// up on schedule is Paused or Not Active, whatever came of it.
func (u BoxUser) After(outcome backup.Status) backup.Status {
	switch {
	case u.Active:
		return outcome
	case u.RunBefore == backup.NotActive:
		return backup.NotActive
	}
	return backup.Paused
}

// Seal returns the Box user's part of the transaction that makes a snapshot
// visible, on condition that the lease is still u's and u still Active or not.
func (t *Table) Seal(u BoxUser, s Sealed) func(*dynamo.WriteTx) {
	up := beCautious(endRun(t.own(u)), s.Caution).If("Active = ?", u.Active).Set("Status", u.After(s.Status)).Set("Reason", s.Reason).
		Set("Snapshot", u.RunID).SetIfNotExists("FirstBackup", s.At).Set("LastBackup", s.At).
		Set("Items", s.Items).Set("Size", s.Size).Set("Catalog", s.Catalog).Set("Cursor", s.Cursor).
		Set("Began", s.Began).Set("Reconciled", s.Reconciled).Set("External", s.External).Set("Unprotected", s.Unprotected).Add("Drift", s.Drift).
		Set("Versions", s.Versions).Set("Trash", s.Trash).
		Remove("Checkpoint", "Same")
	if s.Held != "" {
		up.Set("Held", s.Held)
	}
	return func(tx *dynamo.WriteTx) {
		tx.Update(up)
		t.release(u)(tx)
	}
}

func endRun(up *dynamo.Update) *dynamo.Update {
	return up.Remove("RunID", "RunOwner", "RunUntil", "RunAsked", "RunStopped", "RunOut", "RunSilent", "RunAt", "Progress", "DueShard", "DueAt").
		Set("RunAttempts", 0).Set("Cancel", false)
}

// giveBack ends the lease without the run.
func (t *Table) giveBack(u BoxUser) *dynamo.Update {
	return t.own(u).Remove("RunOwner", "RunUntil", "RunSilent", "RunAt")
}

// own is an update on condition that the run's lease is u's.
func (t *Table) own(u BoxUser) *dynamo.Update {
	return t.updateUser(u).If("RunID = ? AND RunOwner = ?", u.RunID, u.RunOwner)
}

func (t *Table) ran(ctx context.Context, u BoxUser, up *dynamo.Update) error {
	err := up.Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		return lost()
	}
	return wrap(err, "run of Box user %s", u.ID)
}

func lost() error {
	return backup.Errorf(backup.Conflict, "Another worker has taken over this run.")
}

// Cancel ends the run at once where nobody works on it, and asks who does to
// stop otherwise. With are other parts of the transaction that ends it; whoever
// is asked tells of the end. It is a Conflict when that run has ended.
func (t *Table) Cancel(ctx context.Context, u BoxUser, with ...func(*dynamo.WriteTx)) error {
	return t.CancelFor(ctx, u, "", with...)
}

// CancelFor is Cancel by a person, in a request of that id. Where this has cancelled
// a run already, it is done, whether or not that has ended and another one began.
func (t *Table) CancelFor(ctx context.Context, u BoxUser, request string, with ...func(*dynamo.WriteTx)) error {
	if request != "" && u.CancelFor == request {
		return nil
	}
	none := backup.Errorf(backup.Conflict, "No backup of %s is requested or in progress.", u.Name)
	if u.RunID == "" {
		return none
	}
	for now := u; now.RunID == u.RunID && (now.RunOwner == "" || now.RunUntil < t.Now().UnixMilli()); {
		out := "attribute_not_exists(RunOut)"
		if now.RunOut {
			out = "attribute_exists(RunOut)"
		}
		tx := t.db.WriteTx().Update(setIf(endRun(t.updateUser(u)), "CancelFor", request).Set("Status", now.Before()).If(out).
			If("RunID = ? AND Active = ? AND (attribute_not_exists(RunOwner) OR RunUntil < ?)", u.RunID, now.Active, t.Now().UnixMilli()))
		for _, add := range append(with, t.release(now)) {
			add(tx)
		}
		err := tx.Run(ctx)
		if !dynamo.IsCondCheckFailed(err) {
			return wrap(err, "cancel run of Box user %s", u.ID)
		}
		now, err = t.BoxUser(ctx, u.Account, u.Task, u.ID) // it was dispatched, taken, ended, or whether it is active was changed just now
		if err != nil {
			return err
		}
	}
	err := setIf(t.updateUser(u), "CancelFor", request).Set("Cancel", true).If("RunID = ?", u.RunID).Run(ctx)
	if !dynamo.IsCondCheckFailed(err) {
		return wrap(err, "cancel run of Box user %s", u.ID)
	}
	row, err := t.BoxUser(ctx, u.Account, u.Task, u.ID)
	if err == nil && (request == "" || row.CancelFor != request) {
		err = none
	}
	return err // its own: the answer was lost
}

func userValue(ctx context.Context, up *dynamo.Update, conflict error) (BoxUser, error) {
	var item userItem
	err := up.Value(ctx, &item)
	if dynamo.IsCondCheckFailed(err) {
		return BoxUser{}, conflict
	}
	return item.BoxUser, wrap(err, "Box user's row")
}
