package job

import (
	"context"
	"fmt"

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
func (t *Table) Busy(j Job) bool { return j.Owner != "" && j.Until >= t.Now().UnixMilli() }

// Erase removes a job: what it was for and its ledger first, its own row last.
// It returns how many rows went. It is a Conflict while a worker holds the job.
func (t *Table) Erase(ctx context.Context, j Job) (int, error) {
	if t.Busy(j) {
		return 0, lost()
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
	err := t.table.Delete("PK", string(j.Account)).Range("SK", jobKey(j.ID)).
		If("attribute_not_exists('Owner') OR 'Until' < ?", t.Now().UnixMilli()).Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		return rows, lost()
	}
	return rows + 1, wrap(err, "erase job %s", j.ID)
}
