// Package audit keeps what the system did (activity) in the DynamoDB table
// "audit". Rows are only ever added.
//
//	| row      | PK                | SK          |
//	|----------|-------------------|-------------|
//	| activity | account#ACTIVITY  | activity id |
//
// Access pattern: an account's activity, newest first (query, since ids sort
// by time).
package audit

import (
	"context"
	"fmt"
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
)

// Activity is one thing that the system did. ID is made from the time and the
// cause, so that telling of the same thing twice adds one row.
type Activity struct {
	Account     backup.AccountID
	ID          string
	At          time.Time
	Kind        Kind
	Status      string // Succeeded, Partially succeeded, Failed
	Task        backup.TaskID
	TaskName    string
	BoxUser     backup.BoxUserID `dynamo:",omitempty"`
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
func ID(at time.Time, cause string) string {
	return at.UTC().Format("2006-01-02T15:04:05.000Z") + "#" + cause
}

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

// List returns at most limit activities, newest first, beginning after the
// activity whose ID is given where it is not empty.
func (t *Table) List(ctx context.Context, account backup.AccountID, after string, limit int) ([]Activity, error) {
	query := t.table.Get("PK", partition(account)).Order(dynamo.Descending).SearchLimit(limit)
	if after != "" {
		query.Range("SK", dynamo.Less, after)
	}
	var rows []activityItem
	if _, err := query.AllWithLastEvaluatedKey(ctx, &rows); err != nil {
		return nil, fmt.Errorf("activity of account %s: %w", account, err)
	}
	list := make([]Activity, len(rows))
	for i, row := range rows {
		list[i] = row.Activity
	}
	return list, nil
}
