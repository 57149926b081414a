// Package archiver backs up one Box user: one run, from lease to seal.
//
// A run works on a copy of the Box user's catalog in a local file, in which it
// writes a draft of the new snapshot:
//
//  1. Take the lease of the run that the message names. A run that has ended or
//     that somebody else works on needs nothing.
//  2. Fetch the working catalog: the run's checkpoint, or the Box user's
//     current catalog, or a new one.
//  3. List what changed: the first time by a crawl of every folder, later where
//     hints and the Box user's change stream point. Hints are what scans keep of
//     the enterprise's stream; they tell everything since the latest snapshot
//     where the task Covers the Box user. The change stream alone will do where
//     it reaches back that far; otherwise everything is listed. The position in
//     the stream is read before the crawl, so what happens during the crawl is
//     seen again next time. Events only say where to look; the truth is read
//     from Box. Then some of the folders that were listed longest ago, and what
//     listings do not tell: see below.
//  4. Fetch contents that the vault lacks: small ones many at a time as an
//     archive, others one by one, each pinned to the version that was listed,
//     each checked by SHA-1 and size.
//  5. Seal: store the catalog, then in one transaction the snapshot and the Box
//     user's status, catalog and position, on condition that the lease is still
//     ours. Then remove the hints that were looked at.
//
// A large catalog is stored, at a checkpoint and at the seal, as the pages that
// differ from what is stored of it already, until these come to half of it. So
// what a later run writes is in proportion to what changed, not to what the Box
// user has; it still reads the catalog, in one piece and up to twelve patches.
//
// # Whether anything was missed
//
// What a listing does not show any more is read by itself unless an event told
// of its deletion, for it may be elsewhere; only a crawl that has the change
// stream needs no such look. An empty root folder of somebody who had items is
// listed twice. Every folder is listed again within 28 days, a share at a time;
// what differs there though nothing told of it is drift, counted with the snapshot
// and the Box user.
//
// What moves to another owner leaves the former owner's snapshot because the new
// owner's run tells those who may have had it: see arrived.
//
// What others own is kept as references as long as they are Protected. Where
// their backup is paused, or fails from the start or for a week, as that of someone
// for whom Box does not let the connected administrator act, those who have the
// items hold them from their next run on, which is within a week.
//
// References follow the Box user's own stream, which a run reads, and the listing
// of the root folder, which a run repeats where it has any. An item that is shared
// with the Box user or taken back makes a run, and one that its owner renames,
// moves, deletes or restores does when the owner's run has seen it: see shared.
// Only those who have it through a group whose members Box does not let be read
// are not told, and are behind until their next weekly run. So are those of whom
// the enterprise's stream tells nothing else where somebody of another company
// shares something with them, if they have nothing of another company so far: the
// weekly run reads their own stream.
//
// # Details
//
// No call is made where a listing says that there is nothing, and none where the
// item and what the listing says of the part are as they were, unless something
// pointed at the item:
//
//   - past versions where version_number is above 1 and the policy wants them;
//     versions that somebody deleted are not among them
//   - comments where comment_count is not 0
//   - collaborations where has_collaborations is true, those of the item itself;
//     not of other companies' items
//   - metadata comes with listings, for all templates of the enterprise whose
//     names fit an address; with a call per item where there are more, or where
//     an item has a classification that its listing does not tell
//   - tasks are in no listing: they are read of files that the enterprise's
//     events of the past year name, when everything is listed, or that an event
//     about a task names later, and again when something else happens to them.
//     Without the permission to read the enterprise's events those made before
//     the first backup are not known.
//
// Items that are but references have none. The trash is listed where the policy
// wants it, once in each run, below a folder beside the root folder.
//
// What is written about an item, as comments, tasks, tags and shared links, only
// the Box user's stream of everything tells. It has all that is looked at as well,
// our own downloads among it: a Box call for 500 of them, in the next run.
// No stream of a Box user tells of metadata. A change of metadata alone is seen
// at a slot, for which the enterprise's stream was read, or where that cannot be
// read, when the item or its folder is next looked at for another reason.
//
// # Figures
//
// What a snapshot tells of its run is of the whole run, whoever worked on it: a
// checkpoint has the figures that belong to it. What a worker stored and did not
// live to tell is found in the vault, in packs whose names begin with the run's
// mark, and counted then. Only Box calls of the last heartbeat before a death are
// not known.
//
// # Invocations
//
// A heartbeat renews the lease, reports progress and learns of a wish to
// cancel. Shortly before the invocation's deadline the working catalog is saved
// as a checkpoint and the run's message is sent again. A kill at any instant
// costs repeated listing at most: contents are found in the vault again.
//
// An item at which Coffer itself fails, by a panic or by the worker's death, is a
// failure of its own: see care.go for how the latter is found out.
package archiver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/connection"
	"coffer/shared/dispatch"
	"coffer/shared/lease"
	"coffer/shared/queue"
	"coffer/shared/snapshot"
	"coffer/shared/task"
	"coffer/shared/vault"
)

const (
	// maxAttempts is how often a run may be begun without getting on before it
	// is given up. Kills are rare and most are followed by progress.
	maxAttempts = 20
	// retryDelay is the time after a passing trouble at which the run goes on.
	retryDelay = 2 * time.Minute
)

// Archiver carries out the runs of one region.
type Archiver struct {
	Tasks       *task.Table
	Snapshots   *snapshot.Table
	Audit       *audit.Table
	Connections *connection.Connections
	Runs        *queue.Queue[backup.RunMessage]
	// Vault opens the vault of a task.
	Vault func(context.Context, task.Task) (*vault.Vault, error)
	// Dir is where working files are kept during a run.
	Dir string
	Now func() time.Time
	// Beat is the time between two heartbeats.
	Beat time.Duration

	templates templates
}

// Run carries out one message. It returns an error only where the message
// should come again at once; everything else is recorded with the run.
func (a *Archiver) Run(ctx context.Context, m backup.RunMessage) error {
	user, err := a.Tasks.Lease(ctx, m, backup.NewID())
	if backup.KindOf(err) == backup.Conflict {
		slog.InfoContext(ctx, "run needs nothing", "account", m.Account, "task", m.Task, "boxUser", m.BoxUser, "run", m.Run)
		return nil
	}
	if err != nil {
		return err
	}
	t, err := a.Tasks.Task(ctx, m.Account, m.Task)
	if err != nil {
		return err
	}
	err = a.work(ctx, t, user)
	log := slog.With("account", t.Account, "task", t.ID)
	if counting := a.Connections.Settle(ctx, t.Account, t.ID); counting != nil {
		log.ErrorContext(ctx, "count Box calls", "err", counting)
	}
	if filling := (dispatch.Dispatcher{Tasks: a.Tasks, Runs: a.Runs}).Fill(ctx, t.Account, t.ID); filling != nil {
		log.ErrorContext(ctx, "dispatch", "err", filling) // a scheduler does it
	}
	return err
}

// work does what can be done for a leased run.
func (a *Archiver) work(ctx context.Context, t task.Task, user task.BoxUser) error {
	if user.Cancel || !t.Alive() {
		return a.cancel(ctx, t, user)
	}
	if user.RunAttempts > maxAttempts {
		return a.fail(ctx, t, user, "The backup stopped unexpectedly several times in a row. It is tried again at the next scheduled time. If that ends in the same way, ask support.")
	}
	if t.Connection != backup.Connected {
		return a.fail(ctx, t, user, t.Reason)
	}
	r, err := a.open(ctx, t, user)
	if err == nil {
		err = errors.Join(r.run(ctx), r.close())
	}
	return a.settle(ctx, t, user, r, err)
}

// settle records how the invocation ended.
func (a *Archiver) settle(ctx context.Context, t task.Task, user task.BoxUser, r *run, err error) error {
	log := slog.With("account", user.Account, "task", user.Task, "boxUser", user.ID, "run", user.RunID)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, lease.ErrLost) || backup.KindOf(err) == backup.Conflict:
		log.WarnContext(ctx, "run was taken over", "err", err)
		return nil
	case errors.Is(err, lease.ErrCanceled):
		log.InfoContext(ctx, "run was cancelled")
		return a.cancel(ctx, t, user)
	case errors.Is(err, lease.ErrDeadline):
		if err := a.Tasks.HandOver(ctx, user); err != nil {
			return err
		}
		log.InfoContext(ctx, "run goes on in another invocation", "calls", r.total())
		return a.Runs.Send(ctx, string(user.Task), 0, user.Message())
	case errors.Is(err, box.ErrDisconnected):
		return errors.Join(a.Connections.Lost(ctx, t),
			a.fail(ctx, t, user, "Box no longer accepts the authorisation of this backup task. Connect the task to Box again; backups then go on from here."))
	case isCeiling(err):
		return a.wait(ctx, t, user, err)
	case box.IsUserUnreachable(err):
		return a.fail(ctx, t, user, "Box does not let the connected administrator read this Box user's content. See in Box's Admin Console whether the user is active. For the content of an administrator, connect the task as the enterprise's primary administrator.")
	}
	log.ErrorContext(ctx, "run", "attempt", user.RunAttempts, "err", err)
	if user.RunAttempts >= maxAttempts {
		return a.fail(ctx, t, user, "Box or the storage could not be used for a while. The backup is tried again at the next scheduled time; Backup Now tries at once.")
	}
	return a.Tasks.Retry(ctx, user, a.Now().Add(retryDelay))
}

// ends reports whether an error is the whole run's end, not an item's.
func ends(err error) bool {
	return errors.Is(err, box.ErrDisconnected) || box.IsUserUnreachable(err) || isCeiling(err)
}

// isCeiling reports whether the task's ceiling of Box calls is reached.
func isCeiling(err error) bool {
	_, ok := errors.AsType[*task.CeilingError](err)
	return ok
}

// wait gives the run back until Box may be called again. Its working catalog is
// saved, and it goes on from there.
func (a *Archiver) wait(ctx context.Context, t task.Task, user task.BoxUser, err error) error {
	ceiling, _ := errors.AsType[*task.CeilingError](err)
	slog.InfoContext(ctx, "run waits for the ceiling", "account", user.Account, "task", user.Task, "boxUser", user.ID, "run", user.RunID, "until", ceiling.Until)
	return errors.Join(a.Connections.Stopped(ctx, t, ceiling), a.Tasks.Hold(ctx, user, ceiling.Again(a.Now()), ceiling.Error()))
}

// fail ends the run as Failed and tells the activity list.
func (a *Archiver) fail(ctx context.Context, t task.Task, user task.BoxUser, reason string) error {
	return a.Tasks.End(ctx, user, backup.Failed, reason, a.Audit.Put(a.told(t, user, audit.Failed, reason)))
}

// cancel ends the run as if it had not been, and tells the activity list.
func (a *Archiver) cancel(ctx context.Context, t task.Task, user task.BoxUser) error {
	told := a.told(t, user, audit.Canceled, "The backup was cancelled. What it had stored is kept for the next one.")
	return a.Tasks.EndCancelled(ctx, user, a.Audit.Put(told))
}

// told is what the activity list says of a run that ends now.
func (a *Archiver) told(t task.Task, user task.BoxUser, status audit.Status, description string) audit.Activity {
	now := a.Now()
	return audit.Activity{
		Account: t.Account, ID: audit.ID(now, string(user.RunID)), At: now, Kind: audit.Backup, Status: status,
		Task: t.ID, TaskName: t.Name, BoxUser: user.ID, BoxUserName: user.Name, Item: user.Login,
		Duration: now.Sub(user.RunAsked), Description: description,
	}
}

// reasonFor is the sentence that a person reads about an item that could not
// be backed up.
func reasonFor(err error) string {
	switch {
	case box.IsForbidden(err):
		return "Box refuses to hand out the content: a policy, a lock or missing permissions."
	case box.IsNotFound(err):
		return "Box no longer has this version of the file."
	case errors.Is(err, vault.ErrMismatch):
		return "Box sent bytes that do not match the checksum it promises, several times."
	case isBoxTrouble(err):
		return "Box could not serve the request, several times."
	}
	return fmt.Sprintf("The item could not be read (%s).", backup.KindOf(err))
}
