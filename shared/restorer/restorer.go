// Package restorer carries out restore jobs: it brings items of a snapshot back
// into the Box user's account, acting as that Box user, or into that of another
// Box user of the task, acting as that one.
//
// # What the modes promise
//
// NonDestructive makes one new folder, named after the job's time, and recreates
// the items in it under their whole paths. Nothing else at Box is touched. The
// folder is made in the job's Destination: a folder of any Box user of the task,
// as a rule the root folder of the one whose items they are. Where that folder
// is gone, or Box lets that user make no folder there, the job fails before it
// has made anything, anywhere.
//
// Replace makes each chosen item what it was: its content, name, description
// and tags, in the folder that it was in. The item is known by its Box id, so
// one that was renamed or moved comes back to its place, and a folder that was
// moved brings along what is in it now. An item that is gone is created anew,
// unless another item of the same kind, which the snapshot does not know, has
// its name there by now; that one is taken for it and gets the content as a new
// version, so Box keeps what it had before. Items that the job does not name
// stay as they are.
//
// Bypass creates what is gone and touches nothing that exists, wherever and
// whatever it is by now. An item of the same kind that the snapshot does not
// know and that has the name counts as existing.
//
// Folders that a chosen item was in and that are gone are created as well. What
// is in the trash counts as gone and stays in the trash: an item in the trash
// may hold more, or later things than the snapshot, which nobody asked to bring
// back. Where a name is taken by an item that may not be touched, the restored
// item gets a name with "(restored)" in it and its ledger line says so.
//
// # What else comes back
//
// Names, contents, dates, descriptions, tags and addresses always; the rest where
// the job's Include asks for it, of items that the job created and, with Replace,
// of those that it left in place or overwrote. Bypass touches nothing of what
// exists here either.
//
//   - Versions: the past versions of a file that the job creates, oldest first,
//     as versions of it. A file that exists has its history at Box.
//   - Metadata: each instance that the snapshot has becomes what it was,
//     classifications too. Instances of other templates stay.
//   - Comments: those that the file lacks, answers as answers, under the Box
//     user's name with who wrote them and when in the text, since Box lets nobody
//     set either. None is removed.
//   - Sharing, when all else is there, so that nobody is told of each file: who
//     had access has it again, in the role they had, without an e-mail of the
//     invitation; the shared link has its access, permission, expiry and custom
//     name; open tasks are given to whom had not finished them. Sharing is taken
//     from nobody: who was invited later stays, and so does a link made later.
//     The password of a link cannot be read from Box, so the link gets a random
//     one, which is in the item's line of the ledger and nowhere else.
//
// What Box does not allow is said in the item's line of the ledger; the item
// counts as restored. What was in the trash comes back into the root folder, or
// into a folder "Trash" in the new one.
//
// # Once, whatever happens
//
// The job's ledger has a line for each item, written with the outcome Intended
// before Box is asked to create anything, and again with what became of it. A
// worker that takes over reads the ledger, leaves alone what is finished, and
// for what was only intended finds the name taken by just what it was to
// create, equal in kind and SHA-1, and takes that for its own. Names are unique
// in a folder, so nothing is ever created twice. Versions, comments, metadata,
// collaborations, links and tasks are compared with what the item has at Box
// before any is added.
//
// While items are worked on, every heartbeat tells the job's row how many have
// ended and how many bytes were sent, those of unfinished files included.
//
// One item's failure ends in the ledger and stops nothing else. Troubles that
// pass are left for a later invocation, up to a bound.
package restorer

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"coffer/shared/account"
	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/connection"
	"coffer/shared/job"
	"coffer/shared/lease"
	"coffer/shared/queue"
	"coffer/shared/shelf"
	"coffer/shared/task"
)

const (
	// maxAttempts is how often a job may be taken up without getting on.
	maxAttempts = 20
	// retryDelay is the time after passing troubles at which the job goes on.
	retryDelay = 2 * time.Minute
)

// Restorer carries out the restore jobs of one region.
type Restorer struct {
	Jobs        *job.Table
	Tasks       *task.Table
	Accounts    *account.Table
	Audit       *audit.Table
	Connections *connection.Connections
	// Shelf holds the catalogs; its vaults know their contents.
	Shelf    *shelf.Shelf
	Messages *queue.Queue[backup.JobMessage]
	Mails    *queue.Queue[backup.MailMessage]
	Now      func() time.Time
	// Beat is the time between two heartbeats.
	Beat time.Duration
}

// errTroubles ends an invocation early, beside what lease.Hold ends it for.
var errTroubles = errors.New("some items have to wait for better times")

// Run carries out one message. It returns an error only where the message
// should come again at once; everything else is recorded with the job.
func (r *Restorer) Run(ctx context.Context, m backup.JobMessage) error {
	j, err := r.Jobs.Lease(ctx, m.Account, m.Job, backup.NewID())
	if backup.KindOf(err) == backup.Conflict {
		slog.InfoContext(ctx, "job needs nothing", "account", m.Account, "job", m.Job)
		return nil
	}
	if err != nil {
		return err
	}
	t, user, reason, err := r.check(ctx, j)
	if err != nil {
		return err
	}
	if reason != "" {
		return r.end(ctx, j, backup.JobFailed, reason)
	}
	w, err := r.open(ctx, t, user, j)
	if err == nil {
		err = errors.Join(w.run(ctx), w.close())
		j = w.state()
		if w.hidden != "" {
			err = refusal(w.hidden)
		}
	}
	err = r.settle(ctx, t, j, err)
	if counting := r.Connections.Settle(ctx, t.Account, t.ID); counting != nil {
		slog.ErrorContext(ctx, "count Box calls", "account", t.Account, "task", t.ID, "err", counting)
	}
	return err
}

// check returns the job's task and Box user, or the reason why it cannot work.
func (r *Restorer) check(ctx context.Context, j job.Job) (t task.Task, user task.BoxUser, reason string, err error) {
	if j.Kind != job.Restore {
		return t, user, "This kind of job cannot be carried out.", nil
	}
	t, err = r.Tasks.Task(ctx, j.Account, j.Task)
	if err == nil {
		user, err = r.Tasks.BoxUser(ctx, j.Account, j.Task, j.BoxUser)
	}
	switch {
	case backup.KindOf(err) == backup.NotFound:
		return t, user, "The backup task or the Box user does not exist any more, and its snapshots with it.", nil
	case err != nil:
		return t, user, "", err
	case !t.Alive():
		return t, user, "The backup task was deleted.", nil
	case !user.Alive():
		return t, user, "The backup of " + user.Name + " was deleted.", nil
	case t.Connection != backup.Connected:
		return t, user, "The backup task is not connected to Box. Connect it and start the restore again.", nil
	case j.Attempts > maxAttempts:
		return t, user, "The restore stopped unexpectedly several times in a row. What it had restored by then is kept. Start it again later.", nil
	}
	reason, err = r.limited(ctx, j)
	return t, user, reason, err
}

// settle records how the invocation ended.
func (r *Restorer) settle(ctx context.Context, t task.Task, j job.Job, err error) error {
	log := slog.With("account", j.Account, "job", j.ID, "task", j.Task, "done", j.Done, "skipped", j.Skipped, "failed", j.Failed)
	why, refused := errors.AsType[refusal](err)
	switch {
	case err == nil:
		log.InfoContext(ctx, "job has ended")
		return r.end(ctx, j, outcome(j), "")
	case errors.Is(err, lease.ErrLost) || backup.KindOf(err) == backup.Conflict:
		log.WarnContext(ctx, "job was taken over", "err", err)
		return nil
	case errors.Is(err, lease.ErrCanceled):
		log.InfoContext(ctx, "job was cancelled")
		return r.end(ctx, j, backup.JobCanceled, "The restore was cancelled. What it had restored by then is kept.")
	case errors.Is(err, box.ErrDisconnected):
		return errors.Join(r.Connections.Lost(ctx, t),
			r.end(ctx, j, backup.JobFailed, "Box no longer accepts the authorisation of the backup task. Connect it again and start the restore again."))
	case isCeiling(err):
		return r.hold(ctx, t, j, err)
	case refused:
		return r.end(ctx, j, backup.JobFailed, why.Error())
	case box.IsUserUnreachable(err):
		return r.end(ctx, j, backup.JobFailed, "Box does not let the connected administrator act as "+j.Into().UserName+
			", who may be inactive, or an administrator whom the connected one may not act for. Change that at Box, or restore to another Box user.")
	case backup.KindOf(err) == backup.NotFound:
		return r.end(ctx, j, backup.JobFailed, "The snapshot, or an item of it, does not exist any more. Choose another snapshot.")
	case errors.Is(err, lease.ErrDeadline):
		log.InfoContext(ctx, "job goes on in another invocation")
		return r.handOver(ctx, j, 0)
	}
	log.ErrorContext(ctx, "job", "attempt", j.Attempts, "err", err)
	if j.Attempts >= maxAttempts {
		return r.end(ctx, j, backup.JobFailed, "Box or the storage could not be used for a long time. What was restored by then is kept. Start the restore again later.")
	}
	return r.handOver(ctx, j, retryDelay)
}

// lookAgain is how long a job that the task's ceiling of Box calls stopped
// waits at most before it sees whether the ceiling was raised.
const lookAgain = 10 * time.Minute

// hold leaves the job In progress, with a reason, until Box may be called
// again.
func (r *Restorer) hold(ctx context.Context, t task.Task, j job.Job, err error) error {
	ceiling, _ := errors.AsType[*task.CeilingError](err)
	at := r.Now().Add(lookAgain)
	if again := ceiling.Again(r.Now()); again.Before(at) {
		at = again
	}
	j.Reason = ceiling.Error()
	return errors.Join(r.Connections.Stopped(ctx, t, ceiling), lost(r.Jobs.Hold(ctx, j, at)))
}

func (r *Restorer) handOver(ctx context.Context, j job.Job, delay time.Duration) error {
	if err := r.Jobs.HandOver(ctx, j); err != nil {
		return lost(err)
	}
	return r.Messages.Send(ctx, string(j.Task), delay, backup.JobMessage{Account: j.Account, Job: j.ID})
}

// lost lets another worker's lease end this one's work without complaint.
func lost(err error) error {
	if backup.KindOf(err) == backup.Conflict {
		return nil
	}
	return err
}
