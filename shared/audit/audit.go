// Package audit keeps what the system did, and what people changed (activity), in the DynamoDB table
// "audit". Rows are only ever added, each when what it tells of has ended.
//
//	| row      | PK                | SK          |
//	|----------|-------------------|-------------|
//	| activity | account#ACTIVITY  | activity id |
//
// Access pattern: an account's activity between two times, newest first (query,
// since ids sort by time). What else decides about a row is looked at after
// reading it.
package audit

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/guregu/dynamo/v2"

	"coffer/shared/backup"
)

// Kind is what was done.
type Kind string

// The kinds of activity.
const (
	Backup  Kind = "Backup"
	Restore Kind = "Restore"
	Export  Kind = "Export"
	Prune   Kind = "Prune"
	Connect Kind = "Connection"
	// Delete and Undelete are of a task or of a Box user's backup, by a person.
	Delete   Kind = "Delete"
	Undelete Kind = "Undelete"
	Verify   Kind = "Verification"
	// Archive and Return are of a Box user who has left Box, or is there again.
	Archive Kind = "Archive"
	Return  Kind = "Return"
	// Exception is what keeps backups from being as they should, told of once a day.
	Exception Kind = "Exception"
	// Support is what Coffer's support has looked at or changed.
	Support Kind = "Support"
	// What a person changed: settings of a task, the schedule of Box users, whether
	// their access is limited, tags, and whether snapshots are held.
	Settings Kind = "Settings"
	Activate Kind = "Activate"
	Pause    Kind = "Pause"
	Access   Kind = "Limited Access"
	Tags     Kind = "Tags"
	Release  Kind = "Release"
)

// Status is how it went.
type Status string

// The statuses of an activity.
const (
	Succeeded Status = "Succeeded"
	Partial   Status = "Partially succeeded"
	Failed    Status = "Failed"
	Canceled  Status = "Canceled"
)

// Activity is one thing that the system did. ID is made from At and the cause,
// so that telling of the same thing twice adds one row.
type Activity struct {
	Account     backup.AccountID
	ID          string
	At          time.Time // the end of it
	Kind        Kind
	Status      Status
	Task        backup.TaskID // empty where it is about the whole account
	TaskName    string
	BoxUser     backup.BoxUserID `dynamo:",omitempty"`
	BoxUserName string           `dynamo:",omitempty"`
	Item        string           `dynamo:",omitempty"` // the Box user's login or the job's label
	Duration    time.Duration
	Bytes       int64
	Records     int64
	Description string
}

// Table is the table "audit".
type Table struct {
	table dynamo.Table
}

// New returns the table of that name.
func New(cfg aws.Config, name string) *Table {
	return &Table{table: dynamo.New(cfg).Table(name)}
}

type activityItem struct {
	PK string `dynamo:"PK,hash"`
	SK string `dynamo:"SK,range"`
	Activity
}

func partition(account backup.AccountID) string { return string(account) + "#ACTIVITY" }

// ID returns the identifier of the activity that cause (a snapshot's or job's
// id, say) brought about at the time.
func ID(at time.Time, cause string) string { return stamp(at) + "#" + cause }

// At returns the time in an identifier, to the millisecond, or the zero time
// where it has none.
func At(id string) time.Time {
	at, _, _ := strings.Cut(id, "#")
	t, err := time.Parse(time.RFC3339Nano, at)
	if err != nil {
		return time.Time{}
	}
	return t
}

func stamp(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z") }

// Add stores an activity; one with the same ID that is there already stays as
// it is.
func (t *Table) Add(ctx context.Context, a Activity) error {
	err := t.table.Put(activityItem{PK: partition(a.Account), SK: a.ID, Activity: a}).If("attribute_not_exists(PK)").Run(ctx)
	if err != nil && !dynamo.IsCondCheckFailed(err) {
		return fmt.Errorf("activity %s: %w", a.ID, err)
	}
	return nil
}

// Put returns the part of a transaction that stores the activity together with
// its cause.
func (t *Table) Put(a Activity) func(*dynamo.WriteTx) {
	put := t.table.Put(activityItem{PK: partition(a.Account), SK: a.ID, Activity: a})
	return func(tx *dynamo.WriteTx) { tx.Put(put) }
}
