package job

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/guregu/dynamo/v2"

	"coffer/shared/backup"
)

// Outcome is what became of one item of a job.
type Outcome string

// The outcomes. Intended means that a worker began and may have been stopped
// before it could tell.
const (
	Intended Outcome = "intended"
	Created  Outcome = "created"
	Replaced Outcome = "replaced"
	Kept     Outcome = "kept" // it exists, or equals the snapshot, and was left alone
	Refused  Outcome = "failed"
)

// Entry is a line of a job's ledger.
type Entry struct {
	Ref     backup.ItemRef // the item in the snapshot
	Name    string         // shown to people who may see content, never logged
	Outcome Outcome
	BoxID   string `dynamo:",omitempty"` // the item's id at Box after the job
	Size    int64
	Reason  string `dynamo:",omitempty"` // why it failed, or what could not be brought back
	Session string `dynamo:",omitempty"` // a large upload that is under way, as JSON
}

type entryItem struct {
	PK string `dynamo:"PK,hash"`
	SK string `dynamo:"SK,range"`
	Entry
}

type choiceItem struct {
	PK    string `dynamo:"PK,hash"`
	SK    string `dynamo:"SK,range"`
	Items []string
}

// Record writes lines of the job's ledger, over what was there of the same
// items.
func (t *Table) Record(ctx context.Context, j Job, entries ...Entry) error {
	rows := make([]any, len(entries))
	for i, e := range entries {
		rows[i] = entryItem{PK: ledger(j.Account, j.ID), SK: "ITEM#" + e.Ref.String(), Entry: e}
	}
	if len(rows) == 0 {
		return nil
	}
	_, err := t.table.Batch("PK", "SK").Write().Put(rows...).Run(ctx)
	return wrap(err, "ledger of job %s", j.ID)
}

// Entry returns an item's line of the job's ledger, or a NotFound error.
func (t *Table) Entry(ctx context.Context, j Job, ref backup.ItemRef) (Entry, error) {
	var row entryItem
	err := t.table.Get("PK", ledger(j.Account, j.ID)).Range("SK", dynamo.Equal, "ITEM#"+ref.String()).Consistent(true).One(ctx, &row)
	if errors.Is(err, dynamo.ErrNotFound) {
		return Entry{}, backup.Errorf(backup.NotFound, "The job has no line for this item.")
	}
	return row.Entry, wrap(err, "ledger of job %s", j.ID)
}

// Ledger yields the lines of a job's ledger in the order of their items' kinds
// and ids.
func (t *Table) Ledger(ctx context.Context, account backup.AccountID, id backup.JobID) iter.Seq2[Entry, error] {
	return t.LedgerAfter(ctx, account, id, "")
}

// LedgerAfter is Ledger from behind the item that after writes, if not empty.
func (t *Table) LedgerAfter(ctx context.Context, account backup.AccountID, id backup.JobID, after string) iter.Seq2[Entry, error] {
	from := "ITEM#"
	if after != "" {
		from += after + " " // sorts before whatever could follow an id
	}
	return func(yield func(Entry, error) bool) {
		query := t.table.Get("PK", ledger(account, id)).Range("SK", dynamo.Between, from, "ITEM#~").Consistent(true).Iter()
		var row entryItem
		for query.Next(ctx, &row) {
			if !yield(row.Entry, nil) {
				return
			}
			row = entryItem{}
		}
		if err := query.Err(); err != nil {
			yield(Entry{}, fmt.Errorf("ledger of job %s: %w", id, err))
		}
	}
}

// Choices returns the items that the job is for.
func (t *Table) Choices(ctx context.Context, j Job) ([]backup.ItemRef, error) {
	var rows []choiceItem
	err := t.table.Get("PK", ledger(j.Account, j.ID)).Range("SK", dynamo.BeginsWith, "CHOICE#").Consistent(true).All(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("choices of job %s: %w", j.ID, err)
	}
	var refs []backup.ItemRef
	for _, row := range rows {
		for _, s := range row.Items {
			ref, err := backup.ParseItemRef(s)
			if err != nil {
				return nil, fmt.Errorf("choices of job %s, %s: %w", j.ID, strings.ToLower(row.SK), err)
			}
			refs = append(refs, ref)
		}
	}
	return refs, nil
}

func (t *Table) putChoices(ctx context.Context, j Job, n int, choices []backup.ItemRef) error {
	row := choiceItem{PK: ledger(j.Account, j.ID), SK: fmt.Sprintf("CHOICE#%06d", n)}
	for _, ref := range choices {
		row.Items = append(row.Items, ref.String())
	}
	return wrap(t.table.Put(row).Run(ctx), "choices of job %s", j.ID)
}
