package job

import (
	"context"
	"fmt"
	"math"

	"github.com/guregu/dynamo/v2"

	"coffer/shared/backup"
)

const batchSize = 25 // DynamoDB's limit

// Of returns the jobs of a task, or of one Box user of it, in no order. It reads
// all of the account's jobs and is for daily housekeeping only.
func (t *Table) Of(ctx context.Context, account backup.AccountID, task backup.TaskID, user backup.BoxUserID) ([]Job, error) {
	query := t.table.Get("PK", string(account)).Range("SK", dynamo.BeginsWith, jobKey("")).Filter("'Task' = ?", task).Consistent(true)
	if user != "" {
		query.Filter("'BoxUser' = ?", user)
	}
	var rows []jobItem
	if err := query.All(ctx, &rows); err != nil {
		return nil, fmt.Errorf("jobs of task %s: %w", task, err)
	}
	jobs := make([]Job, len(rows))
	for i, row := range rows {
		jobs[i] = row.Job
	}
	return jobs, nil
}

// Busy reports whether a worker holds the job.
func (t *Table) Busy(j Job) bool {
	return j.Owner != "" && j.Owner != eraser && j.Until >= t.Now().UnixMilli()
}

// eraser owns a job that is being erased.
const eraser = "erasure"

// bar takes a job away from all workers, for good.
func (t *Table) bar(ctx context.Context, j Job) error {
	err := t.update(j.Account, j.ID).Set("Owner", eraser).Set("Until", int64(math.MaxInt64)).Remove("DueShard", "DueAt").
		If("attribute_exists(PK) AND (attribute_not_exists('Owner') OR 'Until' < ? OR 'Owner' = ?)", t.Now().UnixMilli(), eraser).Run(ctx)
	if !dynamo.IsCondCheckFailed(err) {
		return wrap(err, "erase job %s", j.ID)
	}
	if _, err := t.Job(ctx, j.Account, j.ID); backup.KindOf(err) == backup.NotFound {
		return nil
	}
	return lost()
}

// Erase removes a job: what it was for and its ledger first, its own row last.
// It returns how many rows went. It is a Conflict while a worker holds the job,
// and nothing goes then. A job whose erasure was stopped is there still; no
// worker gets it any more, and Erase goes on with it.
func (t *Table) Erase(ctx context.Context, j Job) (int, error) {
	if err := t.bar(ctx, j); err != nil {
		return 0, err
	}
	query := t.table.Get("PK", ledger(j.Account, j.ID)).Project("PK", "SK").Consistent(true).Iter()
	var row struct{ PK, SK string }
	var keys []dynamo.Keyed
	rows := 0
	flush := func() error {
		if len(keys) == 0 {
			return nil
		}
		n, err := t.table.Batch("PK", "SK").Write().Delete(keys...).Run(ctx)
		rows, keys = rows+n, keys[:0]
		return wrap(err, "erase job %s", j.ID)
	}
	for query.Next(ctx, &row) {
		keys = append(keys, dynamo.Keys{row.PK, row.SK})
		if len(keys) == batchSize {
			if err := flush(); err != nil {
				return rows, err
			}
		}
	}
	if err := query.Err(); err != nil {
		return rows, fmt.Errorf("erase job %s: %w", j.ID, err)
	}
	if err := flush(); err != nil {
		return rows, err
	}
	err := t.table.Delete("PK", string(j.Account)).Range("SK", jobKey(j.ID)).Run(ctx)
	return rows + 1, wrap(err, "erase job %s", j.ID)
}
