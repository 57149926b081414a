// Package job keeps restore, export and erasure jobs and the ledger of each
// job's items in the DynamoDB table "jobs".
//
//	| row  | PK           | SK                    |
//	|------|--------------|-----------------------|
//	| job  | account      | JOB#job               |
//	| item | account#job  | ITEM#kind:id          |
//	| part | account#job  | CHOICE#number         |
//
// Access patterns: a job (get); an account's jobs, newest or oldest first
// (query, since ids sort by time); the ledger of a job (query); jobs that nobody works on
// (index Due, as in the table "tasks").
//
// The states of a job: Pending until a worker takes it; In progress; then one
// of the final ones. A worker holds a lease (Owner, Until) and every write is
// on condition that it is still its own.
package job

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/guregu/dynamo/v2"

	"coffer/shared/backup"
)

// Kind is what a job does.
type Kind string

// The kinds of jobs.
const (
	Restore Kind = "restore"
	Export  Kind = "export"
	Erase   Kind = "erase"
)

// Job is a restore, export or erasure that someone asked for.
type Job struct {
	Account   backup.AccountID
	ID        backup.JobID
	Kind      Kind
	Label     string `dynamo:",omitempty"` // at most 50 characters
	Task      backup.TaskID
	TaskName  string
	BoxUser   backup.BoxUserID
	UserName  string // the Box user's name and login, for lists
	UserLogin string
	Snapshot  backup.SnapshotID
	Same      backup.SnapshotID  `dynamo:",omitempty"` // the snapshot of the catalog that Snapshot equals, where nothing had changed
	Taken     time.Time          // when the snapshot was taken
	Whole     bool               // everything in the snapshot; otherwise the job's choices
	Mode      backup.RestoreMode `dynamo:",omitempty"`
	Include   Include            // what to bring back besides
	Initiator string             // e-mail address of the portal user
	By        backup.UserID      `dynamo:",omitempty"` // the portal user
	Status    backup.JobStatus
	Reason    string `dynamo:",omitempty"` // why it failed or waits, a sentence
	Target    string `dynamo:",omitempty"` // Box id of the folder that a non-destructive restore made
	Created   time.Time
	Started   time.Time `dynamo:",omitempty"`
	Ended     time.Time `dynamo:",omitempty"`

	// Destination is where a non-destructive restore makes that folder, if
	// someone chose; otherwise in the Box user's own root folder.
	Destination *Destination `dynamo:",omitempty"`

	Total      int64 // items to do, once known
	TotalBytes int64 // of their contents
	Done       int64
	Skipped    int64 // left alone because they exist or equal the snapshot
	Failed     int64
	Bytes      int64 // done
	Cancel     bool
	Attempts   int // leases taken since the job last got on

	Owner string `dynamo:",omitempty"` // the invocation that holds the lease
	Until int64  `dynamo:",omitempty"` // end of the lease, in Unix milliseconds
}

// Sealed returns the snapshot of the catalog that holds what the job's has.
func (j Job) Sealed() backup.SnapshotID {
	if j.Same != "" {
		return j.Same
	}
	return j.Snapshot
}

// Include says what a restore brings back besides folders, files and web links
// with their names, contents, dates, descriptions and tags.
type Include struct {
	Versions bool // past versions of files that it creates
	Sharing  bool // collaborations, shared links and open tasks: other people learn of it
	Comments bool // on files
	Metadata bool // and classifications
}

// Destination is a folder of a Box user of the job's task.
type Destination struct {
	BoxUser    backup.BoxUserID
	UserName   string
	UserLogin  string
	Folder     string // Box id
	FolderName string // as the Box user's latest snapshot had it
}

// RootName is what Box calls every root folder.
const RootName = "All Files"

// Into returns where what the job brings back belongs: its Destination, or the
// root folder of the Box user whose items they are.
func (j Job) Into() Destination {
	if j.Destination != nil {
		return *j.Destination
	}
	return Destination{BoxUser: j.BoxUser, UserName: j.UserName, UserLogin: j.UserLogin, Folder: backup.RootFolder, FolderName: RootName}
}

const (
	// LeaseTime is how long a lease lives without being renewed.
	LeaseTime = 2 * time.Minute
	// sendTime is how long a job may wait for a worker before its message is sent
	// a second time, should whoever was about to send it have died, or the worker
	// that got it; queueTime is the same for further messages.
	sendTime  = 5 * time.Minute
	queueTime = time.Hour
	shards    = 4
	// choicesPerRow keeps a row of choices far below DynamoDB's 400 KB.
	choicesPerRow = 2000
)

// Table is the table "jobs".
type Table struct {
	db    *dynamo.DB
	table dynamo.Table
	// Now tells the time that leases are measured by.
	Now func() time.Time
}

// New returns the table of that name.
func New(cfg aws.Config, name string) *Table {
	db := dynamo.New(cfg)
	return &Table{db: db, table: db.Table(name), Now: time.Now}
}

type jobItem struct {
	PK       string `dynamo:"PK,hash"`
	SK       string `dynamo:"SK,range"`
	DueShard string `dynamo:",omitempty" index:"Due,hash"`
	DueAt    string `dynamo:",omitempty" index:"Due,range"`
	Job
}

func jobKey(id backup.JobID) string { return "JOB#" + string(id) }

func ledger(account backup.AccountID, id backup.JobID) string {
	return string(account) + "#" + string(id)
}

func stamp(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z") }

// Create stores a new Pending job and the items it is for.
func (t *Table) Create(ctx context.Context, j Job, choices []backup.ItemRef) error {
	for n := 0; n*choicesPerRow < len(choices); n++ {
		part := choices[n*choicesPerRow : min(len(choices), (n+1)*choicesPerRow)]
		if err := t.putChoices(ctx, j, n, part); err != nil {
			return err
		}
	}
	j.Status = backup.JobPending
	row := jobItem{PK: string(j.Account), SK: jobKey(j.ID), Job: j, DueShard: shardOf(j.ID), DueAt: stamp(t.Now().Add(sendTime))}
	err := t.table.Put(row).If("attribute_not_exists(PK)").Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		return backup.Errorf(backup.Conflict, "This job exists already.")
	}
	return wrap(err, "create job %s", j.ID)
}

// Job returns one job of the account, or a NotFound error.
func (t *Table) Job(ctx context.Context, account backup.AccountID, id backup.JobID) (Job, error) {
	var row jobItem
	err := t.table.Get("PK", string(account)).Range("SK", dynamo.Equal, jobKey(id)).Consistent(true).One(ctx, &row)
	if errors.Is(err, dynamo.ErrNotFound) {
		return Job{}, backup.Errorf(backup.NotFound, "This job does not exist.")
	}
	return row.Job, wrap(err, "job %s", id)
}

// Jobs returns the account's jobs created at or after since, newest first.
func (t *Table) Jobs(ctx context.Context, account backup.AccountID, since time.Time) ([]Job, error) {
	from := jobKey(backup.JobID(backup.NewSortableID(since)[:10]))
	var rows []jobItem
	err := t.table.Get("PK", string(account)).Range("SK", dynamo.Between, from, jobKey("~")).Order(dynamo.Descending).All(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("jobs of account %s: %w", account, err)
	}
	jobs := make([]Job, len(rows))
	for i, row := range rows {
		jobs[i] = row.Job
	}
	return jobs, nil
}

// readAtOnce is how many jobs one query of Each reads.
const readAtOnce = 100

// Each yields the account's jobs created at or after since, newest first or last,
// from the one behind after on, if any.
func (t *Table) Each(ctx context.Context, account backup.AccountID, since time.Time, after backup.JobID, newest bool) iter.Seq2[Job, error] {
	from, to := jobKey(backup.JobID(backup.NewSortableID(since)[:10])), jobKey("~")
	query := t.table.Get("PK", string(account)).SearchLimit(readAtOnce).Order(dynamo.Ascending)
	switch {
	case newest && after != "":
		to = jobKey(after)
	case after != "":
		from = max(from, jobKey(after))
	}
	if newest {
		query.Order(dynamo.Descending)
	}
	query.Range("SK", dynamo.Between, from, to)
	return func(yield func(Job, error) bool) {
		for from <= to { // a page behind the last of them has none
			page := query.Iter()
			var row jobItem
			for page.Next(ctx, &row) {
				if row.ID != after && !yield(row.Job, nil) {
					return
				}
				row = jobItem{}
			}
			next, err := page.LastEvaluatedKey(ctx)
			if err = errors.Join(page.Err(), err); err != nil {
				yield(Job{}, fmt.Errorf("jobs of account %s: %w", account, err))
				return
			}
			if next == nil {
				return
			}
			query.StartFrom(next)
		}
	}
}

func (t *Table) update(account backup.AccountID, id backup.JobID) *dynamo.Update {
	return t.table.Update("PK", string(account)).Range("SK", jobKey(id))
}

func wrap(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf(format+": %w", append(args, err)...)
}
