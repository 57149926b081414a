// Package pruner removes what its time has come for: snapshots that expired,
// backups and tasks that were deleted, archives whose days are over, and from
// the vaults what nothing refers to any more. It alone deletes there. It may be
// killed at any call, run twice, and run at the same time as itself and as
// backups.
//
// # Messages
//
// A message a day without a task becomes one for each, so that none waits for
// another. A task's message takes these steps: the Box users one after another,
// the sweep, packs, catalogs, lists of people, notes; or the purge of the task. Where an
// invocation's time is over, it sends a message that names the step and, where a
// step walks over Box users, the last of them. So a task of 100,000 Box users is
// done within hours. What counts as getting on is something removed or moved, a
// Box user looked at, a step done, or a sweep that is further in the task's row;
// all of these come to an end. Three invocations in a row that got nowhere are
// enough for a day: the third one fails.
//
// What fails keeps nothing else of the task from being done, and then fails the
// message, which comes again some hours long and at last lies among the dead
// letters. A message that was handed over does not come again, or two would go on
// from there; so an invocation that failed and hands over says so in the message,
// and the one at the end fails. One that comes twice, late or from yesterday does
// what is left, which may be nothing.
//
// # Snapshots
//
// A snapshot expires by the task's retention. The newest of a Box user never
// does, nor the newest that is a Success, nor one that a restore or export which
// has not ended is for; of a Box user who is held, deleted or being backed up none
// does. Archived Box users are no exception: retention
// goes on, and when their days are over the whole backup is purged. The rows of
// snapshots and the catalog without them change in one transaction, on condition
// that the catalog is the one that was read and no run is requested: a visible
// snapshot always has its catalog, and a run goes on with the catalog that it
// began with.
//
// # Contents
//
// A content is needed while a catalog or a checkpoint relies on it. A sweep reads
// all of them and notes what they rely on, then looks at every row of the vault's
// index. A row that nothing needs is condemned; two days later another sweep that
// still finds nothing removes it, on condition that it is still condemned since
// then. One that is needed again is rescued.
//
// Nothing that a run relies on is removed, for this reason. A run relies on a
// content because its working catalog, which is the Box user's catalog or
// checkpoint, lists it; because the vault told it so; or because it stored it.
// In the first case every sweep sees it: the row's pointer does not change while
// the run is requested, but to its next checkpoint. In the other two the row was
// not condemned at that moment, since the vault's Missing takes a condemnation
// back and storing writes a new row; if the row had been removed before, it was
// reported as missing. So it can only be condemned later, and removed two days
// after that by a sweep that began then. An invocation lives for 15 minutes and
// saves a checkpoint, or is killed and forgotten: long before that sweep the
// checkpoint or the catalog lists the content, or nobody relies on it.
//
// Sweeps take place when something may have died, when something is condemned,
// and every 30 days. What they note lies in 256 files by the first byte of the
// SHA-1, so they need memory for one 256th of a vault.
//
// A sweep that an invocation has no time for, or no room on its disk, puts what
// it has noted into the vault, where it is encrypted like all else, and then
// how far it has come into the task's row; the next invocation goes on there,
// or the next day's. So a sweep may take days, and catalogs change behind it.
// That harms nothing: what is removed was condemned two days before the sweep
// began, by then everything that relies on it was in the row of its Box user,
// and whatever a row came to hold later was found in the catalog before it,
// stored anew, or rescued. A content that is stored while a sweep goes on may
// be condemned by it; the next sweep finds what relies on it and rescues it.
// What dies behind a sweep makes the next one begin when this one ends. Of two
// invocations that go on with the same sweep the first to save decides. Notes
// that no row names any more go when they are a day old.
//
// # Packs
//
// A pack is an orphan when a run was cut off after storing it and before
// writing its rows, or when another run has stored the same contents. It goes
// when it is a day old and neither a row nor a progress record names it. What
// is younger may belong to a run that goes on; no function lives for a day. So
// that nothing slips through in between, packs are listed before rows are read.
//
// A pack of which less than half is living is rewritten: the living sections are
// copied and their rows moved, each on condition that it is as it was. Before a
// row leaves a pack, by that or by a sweep, the pack is recorded as retired, and
// it stays for a day after: whoever read the row before still finds it. The
// records are read after the rows, so that a pack which was found empty is known
// as retired.
//
// A progress record that nobody has continued for a week is dropped, and its
// packs go a day later, when nobody can hold the record in memory any more.
//
// A vault whose index is empty while it has packs loses only retired ones: more
// likely the index was lost than every run cut off, and packs can still be
// rescued.
//
// # Catalogs
//
// A catalog goes when it is a day old and its Box user's row names another one,
// since an hour at least: whoever read the row before has its catalog by then. Of
// a Box user who has no row it goes when it is 30 days old: its only key was in
// the row, which could until then come back from the table's own backup.
//
// # People
//
// A list of who was in the enterprise holds until the next one. It goes when the
// retention has reached the next one, so that what is oldest among the snapshots
// still has its list.
//
// # Damage
//
// A task in whose vault verification found damage is left alone, so that what can
// be rescued is, until somebody acknowledges the damage or deletes the task. After
// that nothing is known of what a catalog relied on that is lost, so sweeps remove
// nothing until the backup of its Box user is deleted for good. The rest goes on, no
// message fails for it, and the activity says why contents stay.
//
// # Purges
//
// When its grace has ended, a row is first marked as Purging, from which there is
// no way back. Then what it has goes, what is visible first, and the row last: a
// purge that was cut off is taken up again by the row. With snapshots and catalogs
// go the jobs and what they list. A purge does not begin while somebody works on
// such a job. A backup whose grace has ended goes although its task was deleted
// since; retention and days of archives stand still then, for the task may come
// back. Contents that only a purged Box user had go by the next sweeps; its
// catalogs, and with them the names and places of everything, at once. What is
// left in the end are rows of activity and audit, which are kept for their own
// time and say that there was a backup and who deleted it.
//
// The authorisation of a task at Box is revoked when its purge begins, not when
// somebody deletes it. Until then nothing uses it, since nothing runs for what is
// deleted, and Undo brings a task back that works; with the authorisation revoked
// it would need an administrator of the Box enterprise to authorise it again.
// Whoever wants it to end at once removes the application in Box's Admin Console,
// which Box obeys at once. Where Box cannot be told, the row of the task and the
// tokens stay, and the message fails, so that it is told later; after three weeks
// the row goes anyway.
package pruner

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/job"
	"coffer/shared/queue"
	"coffer/shared/snapshot"
	"coffer/shared/task"
	"coffer/shared/vault"
)

const (
	orphanAge    = 24 * time.Hour
	retiredAge   = 24 * time.Hour
	progressAge  = 7 * 24 * time.Hour
	readerAge    = time.Hour
	condemnedAge = 47 * time.Hour      // two days, though one invocation begins a little earlier than another
	sweepAge     = 30 * 24 * time.Hour // between sweeps for which there is no reason
	markAge      = 30 * 24 * time.Hour // from which on a sweep is not gone on with
	strangerAge  = 30 * 24 * time.Hour // of catalogs of Box users without a row
	revokeAge    = 30 * 24 * time.Hour // since its deletion, from which on a task goes though Box could not be told
	handOver     = 3 * time.Minute     // left for handing a sweep over to the next invocation
	reserve      = time.Minute         // left, from which on nothing is begun any more
	cutOff       = 30 * time.Second    // left, when what goes on is broken off
	patience     = 3                   // invocations in a row that may get nowhere
	parallel     = 8                   // deletions at once
)

// Pruner removes what its time has come for.
type Pruner struct {
	Tasks     *task.Table
	Snapshots *snapshot.Table
	Jobs      *job.Table
	Objects   vault.Objects
	Index     vault.Index
	Audit     *audit.Table
	// Messages takes a message for each task, and what an invocation leaves of one.
	Messages *queue.Queue[backup.PruneMessage]
	// Vault opens the vault of a task.
	Vault func(context.Context, task.Task) (*vault.Vault, error)
	// Revoke ends the authorisation of a task at Box.
	Revoke func(context.Context, task.Task) error
	// Dir is where temporary files go; "" is the system's folder.
	Dir string
	// Room is how many bytes of notes a sweep keeps there before it puts them
	// into the vault; 0: 1 GiB.
	Room int64
	Now  func() time.Time
}

// Report is what was done for one message.
type Report struct {
	Sent      int // messages, for tasks or for the rest of one
	Held      int // tasks left alone because their damage is not acknowledged
	Snapshots int // expired or purged
	Jobs      int // purged
	Rows      int // of purged jobs and tasks
	Contents  int // removed
	Moved     int // contents copied into new packs
	Packs     int // removed
	Bytes     int64
	Catalogs  int // removed
	Lists     int // of people, removed
	Marks     int // objects with notes of ended sweeps, removed
	Users     int // Box users purged
	Tasks     int // purged
}

// Prune carries out one message. An error is of that message's task alone, and
// then as much is done as can be.
func (p *Pruner) Prune(ctx context.Context, m backup.PruneMessage) (Report, error) {
	if m.Task == "" {
		return p.each(ctx)
	}
	t, err := p.Tasks.Task(ctx, m.Account, m.Task)
	switch {
	case backup.KindOf(err) == backup.NotFound: // it is gone for good
		return Report{}, nil
	case err != nil:
		return Report{}, err
	case held(t):
		return Report{Held: 1}, nil
	}
	v := &pruning{Pruner: p, id: vault.ID{Account: t.Account, Task: t.ID}, task: t, started: p.Now(), rest: m}
	err = v.invocation(ctx)
	return v.done, err
}

// each sends a message for every task.
func (p *Pruner) each(ctx context.Context) (report Report, err error) {
	messages := map[backup.AccountID][]backup.PruneMessage{}
	err = p.Tasks.All(ctx, func(t task.Task) error {
		if held(t) {
			report.Held++
			return nil
		}
		report.Sent++
		messages[t.Account] = append(messages[t.Account], backup.PruneMessage{Account: t.Account, Task: t.ID})
		return nil
	})
	if err != nil {
		return Report{}, err
	}
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for account, some := range messages {
		group.Go(func() error { return p.Messages.Send(gctx, string(account), 0, some...) })
	}
	return report, group.Wait()
}

// held reports whether a task is left alone.
func held(t task.Task) bool { return t.Damage != "" && t.Alive() }
