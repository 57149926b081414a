package audit

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/guregu/dynamo/v2"

	"coffer/shared/backup"
)

const (
	// maxRead bounds the rows that one List reads, matching or not: some 5 MB.
	maxRead = 5000
	// chunk is how many rows are read at once where not all of them match.
	chunk = 1000
)

// Query says which activities to list. What is zero does not matter.
type Query struct {
	Kind   Kind
	Status Status
	Task   backup.TaskID
	// Text is somewhere in the task's name, the Box user's name, the item or the
	// description, whatever the case.
	Text string
	From time.Time // ended at this time or later
	To   time.Time // ended before this time
	// After is what List returned as next: only what comes after.
	After string
}

// List returns at most limit activities that match, newest first, and as next
// the place to go on from, empty at the end. Where few rows match it returns
// fewer than limit, perhaps none, and a next all the same.
func (t *Table) List(ctx context.Context, account backup.AccountID, q Query, limit int) (list []Activity, next string, err error) {
	for read := 0; read < maxRead; {
		rows, more, err := t.page(ctx, account, q, limit)
		if err != nil {
			return nil, "", fmt.Errorf("activity of account %s: %w", account, err)
		}
		for _, row := range rows {
			if row.SK == q.After || !q.matches(row.Activity) {
				continue
			}
			if len(list) == limit {
				return list, list[limit-1].ID, nil
			}
			list = append(list, row.Activity)
		}
		if !more || len(rows) == 0 {
			return list, "", nil
		}
		read += len(rows)
		q.After = rows[len(rows)-1].SK
	}
	return list, q.After, nil
}

// page reads the next rows, the one of After perhaps first, and tells whether
// there are more.
func (t *Table) page(ctx context.Context, account backup.AccountID, q Query, limit int) ([]activityItem, bool, error) {
	from, to := "0", "~"
	if !q.From.IsZero() {
		from = stamp(q.From)
	}
	if !q.To.IsZero() {
		to = stamp(q.To)
	}
	if q.After != "" {
		to = min(to, q.After)
	}
	if from > to {
		return nil, false, nil
	}
	size := chunk
	if q.Kind == "" && q.Status == "" && q.Task == "" && q.Text == "" {
		size = min(limit+2, chunk) // After's and one to see whether there are more
	}
	var rows []activityItem
	last, err := t.table.Get("PK", partition(account)).Range("SK", dynamo.Between, from, to).
		Order(dynamo.Descending).SearchLimit(size).AllWithLastEvaluatedKey(ctx, &rows)
	return rows, last != nil, err
}

func (q Query) matches(a Activity) bool {
	text := a.TaskName + "\n" + a.BoxUserName + "\n" + a.Item + "\n" + a.Description
	return (q.Kind == "" || q.Kind == a.Kind) &&
		(q.Status == "" || q.Status == a.Status) &&
		(q.Task == "" || q.Task == a.Task) &&
		strings.Contains(strings.ToLower(text), strings.ToLower(q.Text))
}
