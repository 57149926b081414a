// Package snapshot keeps one row per sealed snapshot of a Box user in the
// DynamoDB table "snapshots". What a snapshot holds is in the Box user's
// catalog; the row is what lists and reports need.
//
//	| row      | PK                      | SK          |
//	|----------|-------------------------|-------------|
//	| snapshot | account#task#box user   | snapshot id |
//
// Access patterns: a snapshot (get); a Box user's snapshots in a range of time,
// newest first (query, since ids sort by time); all of them, or those before a
// time (pruning, query); sealing and expiry (one transaction with
// the Box user's row in the table "tasks").
package snapshot

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

// Method is how a run found out what has changed.
type Method string

// The methods.
const (
	Crawl            Method = "crawl"             // every folder was listed
	UserStream       Method = "user_stream"       // the Box user's change stream
	EnterpriseStream Method = "enterprise_stream" // the enterprise's event stream
)

// Snapshot is what is known of a sealed snapshot without its catalog.
type Snapshot struct {
	Account  backup.AccountID
	Task     backup.TaskID
	BoxUser  backup.BoxUserID
	ID       backup.SnapshotID
	Same     backup.SnapshotID `dynamo:",omitempty"` // the snapshot of the catalog that this one equals, where nothing had changed
	Status   backup.Status     // Success or Partial
	Method   Method
	Why      string    `dynamo:",omitempty"` // why it was not the best method, a sentence
	Taken    time.Time // what the Box user had at this moment, or since
	Started  time.Time
	Ended    time.Time
	Items    int64 // files, folders and web links
	Files    int64
	Folders  int64
	WebLinks int64
	Bytes    int64 // of all files
	Added    int64 // items that are new in this snapshot
	Changed  int64
	Fresh    backup.Kinds // Added and Changed together, but for files whose content could not be read
	Removed  int64
	Failed   int64        // items that could not be backed up; the catalog lists them
	Lost     backup.Kinds // Failed, by kind
	Absent   int64        // files, among Files, of which there is no content
	Drift    int64        // items that listing folders again found different from what the events had told
	Stored   int64        // bytes downloaded and stored by the run
	Calls    int64        // Box calls of the run
}

// Sealed returns the snapshot of the catalog that holds what this one has.
// Whoever looks into the catalog asks for that one.
func (s Snapshot) Sealed() backup.SnapshotID {
	if s.Same != "" {
		return s.Same
	}
	return s.ID
}

// Table is the table "snapshots".
type Table struct {
	db    *dynamo.DB
	table dynamo.Table
}

// New returns the table of that name.
func New(cfg aws.Config, name string) *Table {
	db := dynamo.New(cfg, retry.Conflicts)
	return &Table{db: db, table: db.Table(name)}
}

type item struct {
	PK string `dynamo:"PK,hash"`
	SK string `dynamo:"SK,range"`
	Snapshot
}

func partition(account backup.AccountID, task backup.TaskID, user backup.BoxUserID) string {
	return string(account) + "#" + string(task) + "#" + string(user)
}

// Seal makes the snapshot visible. With are the other parts of the same
// transaction, the Box user's row and the activity: all happen or none does. It
// is a Conflict when the run's lease is lost or the snapshot exists.
func (t *Table) Seal(ctx context.Context, s Snapshot, with ...func(*dynamo.WriteTx)) error {
	put := t.table.Put(item{PK: partition(s.Account, s.Task, s.BoxUser), SK: string(s.ID), Snapshot: s}).
		If("attribute_not_exists(PK)")
	tx := t.db.WriteTx().Put(put)
	for _, add := range with {
		add(tx)
	}
	err := tx.Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		return backup.Errorf(backup.Conflict, "Another worker has taken over this run.")
	}
	if err != nil {
		return fmt.Errorf("seal snapshot %s: %w", s.ID, err)
	}
	return nil
}

// Snapshot returns one snapshot of a Box user, or a NotFound error.
func (t *Table) Snapshot(ctx context.Context, account backup.AccountID, task backup.TaskID, user backup.BoxUserID, id backup.SnapshotID) (Snapshot, error) {
	var row item
	err := t.table.Get("PK", partition(account, task, user)).Range("SK", dynamo.Equal, string(id)).Consistent(true).One(ctx, &row)
	if errors.Is(err, dynamo.ErrNotFound) {
		return Snapshot{}, backup.Errorf(backup.NotFound, "This snapshot does not exist.")
	}
	if err != nil {
		return Snapshot{}, fmt.Errorf("snapshot %s: %w", id, err)
	}
	return row.Snapshot, nil
}

// Page asks for snapshots taken from From (inclusive) to To (exclusive), a
// zero time meaning no bound. After is the cursor that the page before
// returned.
type Page struct {
	From, To time.Time
	Limit    int
	After    string
}

// List returns a page of a Box user's snapshots, newest first, and the cursor
// of the next page, empty at the end. A cursor that is not one is Invalid.
func (t *Table) List(ctx context.Context, account backup.AccountID, task backup.TaskID, user backup.BoxUserID, p Page) ([]Snapshot, string, error) {
	pk := partition(account, task, user)
	from, to := bound(p.From, "0"), bound(p.To, "~")
	query := t.table.Get("PK", pk).Range("SK", dynamo.Between, from, to).Order(dynamo.Descending).SearchLimit(p.Limit)
	if p.After != "" {
		key, err := dynamo.MarshalItem(struct{ PK, SK string }{pk, p.After})
		if err != nil {
			return nil, "", backup.Field("cursor", "This page does not exist.")
		}
		query.StartFrom(key)
	}
	var rows []item
	next, err := query.AllWithLastEvaluatedKey(ctx, &rows)
	if err != nil {
		return nil, "", fmt.Errorf("snapshots of Box user %s: %w", user, err)
	}
	list := make([]Snapshot, len(rows))
	for i, row := range rows {
		list[i] = row.Snapshot
	}
	if next == nil || len(rows) == 0 {
		return list, "", nil
	}
	return list, string(rows[len(rows)-1].ID), nil
}

// bound is the part of a snapshot's id that a time decides, or otherwise where
// the time is zero.
func bound(at time.Time, otherwise string) string {
	if at.IsZero() {
		return otherwise
	}
	return backup.NewSortableID(at)[:10]
}
