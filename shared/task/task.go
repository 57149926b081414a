// Package task keeps backup tasks, their Box users, the lease and progress of
// each run, the tags and the Box tokens of a task, in the DynamoDB table "tasks".
//
// Rows:
//
//	| row      | PK             | SK                   |
//	|----------|----------------|----------------------|
//	| task     | account        | TASK#task            |
//	| its name | account        | TASKNAME#name        |
//	| Box user | account#task   | USER#box user        |
//	| token    | account#task   | TOKEN                |
//	| tag      | account#task   | TAG#tag              |
//	| its name | account#task   | TAGNAME#name         |
//	| calls    | account#task   | CALLS#2026-11        |
//	| runs out | account#task   | RUNS                 |
//	| hints    | account#task   | HINT#user#source#sum |
//	| watch    | account#task   | WATCH                |
//	| totals   | account#task   | TOTALS               |
//	| roster   | account#task   | ROSTER#generation#n  |
//	| action   | account#task   | ACTION               |
//	| damages  | account#task   | DAMAGES              |
//	| e-mail   | account        | MAIL#id              |
//
// Access patterns:
//
//	| what                             | how                                    |
//	|----------------------------------|----------------------------------------|
//	| tasks of an account              | query PK, SK begins with TASK#         |
//	| a task, a Box user, a token      | get                                    |
//	| Box calls of a task in a month   | get                                    |
//	| Box users of a task              | query PK, SK begins with USER#         |
//	| sums of a task's Box users       | get; of a few: as the line above       |
//	| who is on a page of a list       | query PK, SK begins with ROSTER#gen…#  |
//	| what is on it                    | batch get                              |
//	| what is done for very many       | get                                    |
//	| what damage was told             | get                                    |
//	| tags of a task                   | query PK, SK begins with TAG#          |
//	| tasks whose next run is due      | index Due, DueShard task#n, DueAt      |
//	| hints for a Box user             | query PK, SK begins with HINT#user#    |
//	| Box users that have hints        | query PK, SK begins with HINT#         |
//	| runs that nobody is working on   | index Due, DueShard run#n, DueAt       |
//	| runs of a task that wait         | index Due, DueShard wait#account#task  |
//	| tasks whose runs may wait        | index Due, DueShard fill#n, DueAt      |
//	| tasks whose backups may be old   | index Due, DueShard watch#n, DueAt     |
//	| e-mails that may not be sent yet | index Due, DueShard mail#n, DueAt      |
//	| every task, once a day (pruning) | scan                                   |
//
// A row is in the index Due only while somebody must come back to it: a task
// while it has a next run, a Box user while a run is requested. DueAt is then
// the time at which to look again, so one query finds both the work that falls
// due and the work that a crash left behind.
//
// The states of a run: a run is requested (RunID is set) and waits, is dispatched
// when the task has a place for it (RunOut is set, and the row of runs out names
// it), leased (RunOwner and RunUntil are set) by one invocation after another, and ended by the seal, by
// End, or by Cancel while nobody holds the lease, which remove all of them.
// Every write of a leased run is on condition that the lease is still its own,
// so of two workers the stale one loses whatever it does. RunAttempts and RunSilent
// count the leases since the run got on, and since a worker gave it back: one that
// died does neither, and RunAt is what it had said it was about to do.
//
// Hints are what the enterprise's event stream says about a Box user's items.
// They are stored before the task's position in the stream moves, and removed
// when a run that has looked at them is sealed; a crash in between repeats work.
//
// The life of a Box user: discovered; Archived when it has left Box, with its
// backup, until it returns or the archive's days are over; Deleted when someone
// deletes the backup. Of what is archived or deleted no run begins. What is
// Deleted comes back by Undelete until Grace has ended; then, or when the
// archive's days are over, it is Purging, from which there is no way back, until
// its row is gone or as new. A task is deleted and purged in the same way.
//
// An e-mail that tells of a change is stored in the transaction of the change, and
// whoever made the change sends it. The scheduler sends it again some minutes later,
// which does nothing where the first one has arrived, and removes it: so a crash
// after the change cannot lose it. One about deletions of many Box users is stored
// before the first, and is found out when it is sent: the rows say which request
// deleted them.
//
// The sums of a task's Box users are added up whenever somebody asks, while they
// are up to 500. Of more, a row keeps them, and whoever asks has that. It is
// never changed along with a Box user, so there is nothing to be forgotten and no
// row that all runs write: it is counted anew as a whole, by a function of its
// own, when somebody looks and 2 ms for each Box user have passed, 10 s at least
// and 200 s for 100,000, or a tenth of that where a person has changed something,
// and then they are said to be outdated meanwhile.
// So it is never wrong for longer than somebody looks, whatever went wrong, and
// looking costs the same for any task: about $0.08 an hour at $0.125 for a million
// read units and $0.625 for a million write units (100,000 Box users of 1 kB are
// 12,500 of the former, and their roster 4,000 of the latter). What runs are doing
// is read from their own rows.
//
// Whoever adds them up packs a roster, too: of each Box user what lists filter and
// order by, some 40 bytes, cut into rows, since a row takes 400 KB. A page of a
// list is chosen in the roster, and then the rows of that page alone are read, so
// that what is shown of a Box user is as it is now; only who is on which page is as
// old as the totals, and a row that is not what was asked for any more is left
// out. A roster is never changed, so a function keeps it while the totals name it
// (Rosters); the one before it is removed when the next is there. Why rows and not
// indexes: DynamoDB cannot search for a part of a name, an index for each order
// would make each write of a run dearer, and no index counts. Why not an object in
// S3, where writing 4 MB costs nothing against $0.0025 here: rows go when the task's
// rows go, are read with no further right, and are written only while somebody
// looks.
//
// What is asked for all Box users of a task is done while the caller waits where
// they are up to 5,000, and otherwise in the background, by an action: one at a
// time of a task, in steps of a thousand Box users in the order of their ids. Each
// step is stored on condition that nobody else has stored it, so of two workers one
// stops, and what both did is done once, since doing it again changes nothing.
//
// On a machine with two processors, both busy, and DynamoDB Local, the API gives a
// page of 100,000 Box users in 18 to 90 ms, whatever it is ordered or searched by, the
// first one after a count in 0.5 s, where reading all rows took 16 s, and the task
// with its sums in 3 ms; counting takes 8 s. All of them are activated in 133 s by
// 100,202 writes, $0.06, which Lambda's share of a processor makes some 160 s
// (BenchmarkCrowd in shared/api).
package task

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/guregu/dynamo/v2"

	"coffer/shared/backup"
	"coffer/shared/retry"
)

// Task is one connected Box enterprise and its settings.
type Task struct {
	Account        backup.AccountID
	ID             backup.TaskID
	Name           string
	Enterprise     string `dynamo:",omitempty"` // Box's id, once connected
	EnterpriseName string `dynamo:",omitempty"`
	Administrator  string `dynamo:",omitempty"` // login of who authorised
	Connection     backup.Connection
	Authorised     time.Time    `dynamo:",omitempty"` // when somebody last did
	Grant          backup.Grant `dynamo:",omitempty"` // empty: OAuth
	Reason         string       `dynamo:",omitempty"` // why it is Disconnected, a sentence
	Lapses         time.Time    `dynamo:",omitempty"` // when Box ends the authorisation unless it is used before, where that is near
	Frequency      Frequency
	Hour           int // 0 to 23, UTC
	AutoActivate   bool
	VaultKey       []byte    // the vault's key, wrapped
	NextRun        time.Time `dynamo:",omitempty"`
	Created        time.Time
	Deleted        time.Time `dynamo:",omitempty"` // when someone deleted it; it can be brought back for Grace
	DeletedFor     string    `dynamo:",omitempty"` // the latest request that did; it stays when the task is brought back
	Purging        bool      `dynamo:",omitempty"` // it is being removed for good
	SweepAt        time.Time `dynamo:",omitempty"` // when to look next for contents that nothing needs
	Mark           *Mark     `dynamo:",omitempty"` // how far a look that is not at its end has come

	Shortened *Shortening `dynamo:",omitempty"` // what was kept for longer before, and governs for Grace
	PeopleAt  time.Time   `dynamo:",omitempty"` // when it was last asked who is in the enterprise
	People    string      `dynamo:",omitempty"` // the vault's object that says so

	Policy
	Stream
	Verification
	Overdue
}

// Grace is how long what was deleted can be brought back.
const Grace = 7 * 24 * time.Hour

// Policy is what a task backs up, how long it keeps it, and at what cost.
type Policy struct {
	Versions    bool      // older versions of files too
	Trash       bool      // what is in the trash too
	Unsearched  bool      // no index for searching by name
	Retention   Retention // of snapshots
	ArchiveDays int       // how long backups of Box users who left are kept; 0: for good
	Ceiling     int64     // Box calls that Coffer may make in a calendar month (UTC); 0: as many as it needs
	Concurrency int       // Box users backed up at a time; 0: DefaultConcurrency
}

// DefaultConcurrency is how many Box users of a task are backed up at a time.
const DefaultConcurrency = 20

// Feed is how a task learns what has changed at Box.
type Feed string

// The feeds, the best one first.
const (
	EnterpriseFeed Feed = "enterprise_stream" // the enterprise's event stream, one position for all Box users
	UserFeed       Feed = "user_stream"       // each Box user's own change stream
)

// Stream is how far a task has followed the enterprise's event stream.
type Stream struct {
	Feed       Feed      `dynamo:",omitempty"` // empty before the first scan
	FeedReason string    `dynamo:",omitempty"` // why it is not EnterpriseFeed, a sentence
	Position   string    `dynamo:",omitempty"` // in the enterprise's stream
	ReadAt     time.Time `dynamo:",omitempty"` // when the stream was last read up to Position
	Since      time.Time `dynamo:",omitempty"` // from when on the stream was followed without a gap
	Bridged    time.Time `dynamo:",omitempty"` // when the enterprise's history filled a gap, which is to be read again
}

// Table is the table "tasks".
type Table struct {
	db    *dynamo.DB
	table dynamo.Table
	// Now tells the time; leases and due times are measured by it.
	Now func() time.Time
}

// New returns the table of that name.
func New(cfg aws.Config, name string) *Table {
	db := dynamo.New(cfg, retry.Conflicts)
	return &Table{db: db, table: db.Table(name), Now: time.Now}
}

type taskItem struct {
	PK       string `dynamo:"PK,hash"`
	SK       string `dynamo:"SK,range"`
	DueShard string `dynamo:",omitempty" index:"Due,hash"`
	DueAt    string `dynamo:",omitempty" index:"Due,range"`
	Claimed  string `dynamo:",omitempty"` // the slot that a scheduler has claimed and not yet sent
	Task
}

func taskKey(id backup.TaskID) string { return "TASK#" + string(id) }

// partition is the key under which a task's Box users and token lie.
func partition(account backup.AccountID, id backup.TaskID) string {
	return string(account) + "#" + string(id)
}

// Create stores a new task. It is a Conflict if the id exists, and one about the
// field "name" if another task of the account, not deleted, has the name in
// whatever case.
func (t *Table) Create(ctx context.Context, task Task) error {
	item := taskItem{PK: string(task.Account), SK: taskKey(task.ID), Task: task}
	if !task.NextRun.IsZero() {
		item.DueShard, item.DueAt = shard("task", string(task.ID)), stamp(task.NextRun)
	}
	tx := t.db.WriteTx().Put(t.table.Put(item).If("attribute_not_exists(PK)"))
	t.takeName(tx, task)
	err := tx.Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		if _, err := t.Task(ctx, task.Account, task.ID); backup.KindOf(err) == backup.NotFound {
			if err := t.nameTaken(ctx, task); err != nil {
				return err
			}
		}
		return backup.Errorf(backup.Conflict, "This backup task exists already.")
	}
	return wrap(err, "create task %s", task.ID)
}

// Task returns one task of the account, or a NotFound error.
func (t *Table) Task(ctx context.Context, account backup.AccountID, id backup.TaskID) (Task, error) {
	var item taskItem
	err := t.table.Get("PK", string(account)).Range("SK", dynamo.Equal, taskKey(id)).Consistent(true).One(ctx, &item)
	if errors.Is(err, dynamo.ErrNotFound) {
		return Task{}, backup.Errorf(backup.NotFound, "This backup task does not exist.")
	}
	return item.Task, wrap(err, "task %s", id)
}

// Tasks returns the account's tasks in the order of their ids.
func (t *Table) Tasks(ctx context.Context, account backup.AccountID) ([]Task, error) {
	var items []taskItem
	err := t.table.Get("PK", string(account)).Range("SK", dynamo.BeginsWith, "TASK#").All(ctx, &items)
	if err != nil {
		return nil, fmt.Errorf("tasks of account %s: %w", account, err)
	}
	tasks := make([]Task, len(items))
	for i, item := range items {
		tasks[i] = item.Task
	}
	return tasks, nil
}

// All calls visit for every task of every account. It reads the whole table
// and is for daily housekeeping only.
func (t *Table) All(ctx context.Context, visit func(Task) error) error {
	scan := t.table.Scan().Filter("begins_with(SK, ?)", "TASK#").Iter()
	var item taskItem
	for scan.Next(ctx, &item) {
		if err := visit(item.Task); err != nil {
			return err
		}
		item = taskItem{}
	}
	return wrap(scan.Err(), "all tasks")
}

// Authorised stores what a successful authorisation at Box has told and sets
// the task Connected.
func (t *Table) Authorised(ctx context.Context, account backup.AccountID, id backup.TaskID, enterprise, name, administrator string) (Task, error) {
	u := t.update(account, id).Remove("Grant")
	return t.authorised(ctx, u, account, id, enterprise, name, administrator)
}

// AuthorisedApp is Authorised by the customer's own application at Box, which
// acts as the service account of that login.
func (t *Table) AuthorisedApp(ctx context.Context, account backup.AccountID, id backup.TaskID, grant backup.Grant, enterprise, name, service string) (Task, error) {
	u := t.update(account, id).Set("Grant", grant)
	return t.authorised(ctx, u, account, id, enterprise, name, service)
}

func (t *Table) authorised(ctx context.Context, u *dynamo.Update, account backup.AccountID, id backup.TaskID, enterprise, name, administrator string) (Task, error) {
	u.Set("Enterprise", enterprise).Set("EnterpriseName", name).Set("Administrator", administrator).
		Set("Connection", backup.Connected).Set("Authorised", t.Now()).Remove("Reason", "Lapses").
		If("attribute_exists(PK) AND attribute_not_exists('Deleted') AND (attribute_not_exists(Enterprise) OR Enterprise = ?)", enterprise)
	task, err := taskValue(ctx, u, id)
	if backup.KindOf(err) == backup.NotFound {
		known, missing := t.Task(ctx, account, id)
		if missing != nil {
			return Task{}, missing
		}
		if !known.Alive() {
			return Task{}, err
		}
		return Task{}, backup.Errorf(backup.Conflict, "This backup task belongs to another Box enterprise. Sign in to Box as an administrator of the enterprise that it backs up, or create a new task.")
	}
	return task, err
}

// Disconnect records that Box no longer accepts the authorisation that b has.
// Reason is a sentence for the administrator. It reports whether the task was
// Connected by that until now. With are other parts of the same transaction.
func (t *Table) Disconnect(ctx context.Context, b Task, reason string, with ...func(*dynamo.WriteTx)) (bool, error) {
	up := t.update(b.Account, b.ID).Set("Connection", backup.Disconnected).Set("Reason", reason).
		If("attribute_exists(PK) AND 'Connection' = ?", backup.Connected)
	if b.Authorised.IsZero() {
		up.If("attribute_not_exists(Authorised)")
	} else {
		up.If("Authorised = ?", b.Authorised)
	}
	err := t.together(ctx, up, with)
	if dynamo.IsCondCheckFailed(err) {
		return false, nil
	}
	return err == nil, wrap(err, "disconnect task %s", b.ID)
}

func (t *Table) update(account backup.AccountID, id backup.TaskID) *dynamo.Update {
	return t.table.Update("PK", string(account)).Range("SK", taskKey(id))
}

func taskValue(ctx context.Context, u *dynamo.Update, id backup.TaskID) (Task, error) {
	var item taskItem
	err := u.Value(ctx, &item)
	if dynamo.IsCondCheckFailed(err) {
		return Task{}, backup.Errorf(backup.NotFound, "This backup task does not exist.")
	}
	return item.Task, wrap(err, "task %s", id)
}

func wrap(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf(format+": %w", append(args, err)...)
}
