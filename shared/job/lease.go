package job

import (
	"context"
	"fmt"
	"hash/fnv"
	"time"

	"github.com/guregu/dynamo/v2"

	"coffer/shared/backup"
)

func shardOf(id backup.JobID) string {
	h := fnv.New32a()
	h.Write([]byte(id))
	return fmt.Sprintf("job#%d", h.Sum32()%shards)
}

// Lease gives the job to owner for LeaseTime and returns it. It is a Conflict
// when the job has ended or is somebody else's.
func (t *Table) Lease(ctx context.Context, account backup.AccountID, id backup.JobID, owner string) (Job, error) {
	now := t.Now()
	up := t.update(account, id).Set("Owner", owner).Set("Until", now.Add(LeaseTime).UnixMilli()).
		Set("Status", backup.JobInProgress).SetIfNotExists("Started", now).Add("Attempts", 1).Remove("Reason").Set("DueAt", stamp(now.Add(LeaseTime))).
		If("'Status' IN (?, ?) AND (attribute_not_exists('Owner') OR 'Until' < ?)", backup.JobPending, backup.JobInProgress, now.UnixMilli())
	return value(ctx, up, backup.Errorf(backup.Conflict, "This job has ended or is in progress."))
}

// Renew reports the Attempts, Target and counters of j, lengthens the lease and
// reads the row back, Cancel included, in one write. It is a Conflict when the
// lease is lost.
func (t *Table) Renew(ctx context.Context, j Job) (Job, error) {
	now := t.Now()
	up := counters(t.own(j), j).Set("Until", now.Add(LeaseTime).UnixMilli()).Set("DueAt", stamp(now.Add(LeaseTime)))
	return value(ctx, up, lost())
}

// HandOver reports the counters and gives the lease back so that another
// invocation can go on; the caller sends the job's message afterwards.
func (t *Table) HandOver(ctx context.Context, j Job) error {
	up := counters(t.own(j), j).Remove("Owner", "Until").Set("DueAt", stamp(t.Now().Add(sendTime)))
	return owned(ctx, up, j)
}

// Hold reports the counters, gives the lease back and has the job looked at
// again at the given time, for the Reason of j. That it waits does not count as
// an attempt.
func (t *Table) Hold(ctx context.Context, j Job, at time.Time) error {
	j.Attempts = 0
	up := counters(t.own(j), j).Remove("Owner", "Until").Set("Reason", j.Reason).Set("DueAt", stamp(at))
	return owned(ctx, up, j)
}

// End stores the job's final Status, Reason and counters. With are other parts
// of the same transaction, the activity: all happen or none does.
func (t *Table) End(ctx context.Context, j Job, with ...func(*dynamo.WriteTx)) error {
	tx := t.db.WriteTx().Update(counters(t.own(j), j).Remove("Owner", "Until", "DueShard", "DueAt").
		Set("Status", j.Status).Set("Reason", j.Reason).Set("Ended", t.Now()))
	for _, add := range with {
		add(tx)
	}
	err := tx.Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		return lost()
	}
	return wrap(err, "end job %s", j.ID)
}

// Cancel ends a Pending job and asks one in progress to stop. It is a Conflict
// when the job has ended.
func (t *Table) Cancel(ctx context.Context, account backup.AccountID, id backup.JobID) error {
	now := t.Now()
	err := t.update(account, id).Set("Status", backup.JobCanceled).Set("Cancel", true).Set("Ended", now).
		Remove("DueShard", "DueAt").If("'Status' = ?", backup.JobPending).Run(ctx)
	if !dynamo.IsCondCheckFailed(err) {
		return wrap(err, "cancel job %s", id)
	}
	err = t.update(account, id).Set("Cancel", true).If("'Status' = ?", backup.JobInProgress).Run(ctx)
	if !dynamo.IsCondCheckFailed(err) {
		return wrap(err, "cancel job %s", id)
	}
	j, err := t.Job(ctx, account, id)
	if err != nil || j.Status == backup.JobCanceled && j.Ended.Equal(now) { // its own: the answer was lost
		return err
	}
	return backup.Errorf(backup.Conflict, "This job has ended already.")
}

// Abandoned calls visit for every job that nobody holds a lease on and whose
// message should have been taken by now.
func (t *Table) Abandoned(ctx context.Context, visit func(Job) error) error {
	now := stamp(t.Now())
	for n := range shards {
		shard := fmt.Sprintf("job#%d", n)
		query := t.table.Get("DueShard", shard).Index("Due").Range("DueAt", dynamo.LessOrEqual, now).Iter()
		var row jobItem
		for query.Next(ctx, &row) {
			if err := visit(row.Job); err != nil {
				return err
			}
			row = jobItem{}
		}
		if err := query.Err(); err != nil {
			return fmt.Errorf("abandoned in %s: %w", shard, err)
		}
	}
	return nil
}

// Resend moves the time at which an abandoned job is looked at again. The
// caller sends the job's message afterwards. It is a Conflict when somebody
// took the job up meanwhile.
func (t *Table) Resend(ctx context.Context, j Job) error {
	now := t.Now()
	err := t.update(j.Account, j.ID).Set("DueAt", stamp(now.Add(queueTime))).If("DueAt <= ?", stamp(now)).Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		return backup.Errorf(backup.Conflict, "The job was taken up meanwhile.")
	}
	return wrap(err, "resend job %s", j.ID)
}

func counters(up *dynamo.Update, j Job) *dynamo.Update {
	return up.Set("Attempts", j.Attempts).Set("Total", j.Total).Set("TotalBytes", j.TotalBytes).
		Set("Done", j.Done).Set("Skipped", j.Skipped).Set("Failed", j.Failed).Set("Bytes", j.Bytes).Set("Target", j.Target)
}

// own is an update on condition that the job's lease is j's.
func (t *Table) own(j Job) *dynamo.Update {
	return t.update(j.Account, j.ID).If("'Owner' = ?", j.Owner)
}

func owned(ctx context.Context, up *dynamo.Update, j Job) error {
	err := up.Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		return lost()
	}
	return wrap(err, "job %s", j.ID)
}

func value(ctx context.Context, up *dynamo.Update, conflict error) (Job, error) {
	var row jobItem
	err := up.Value(ctx, &row)
	if dynamo.IsCondCheckFailed(err) {
		return Job{}, conflict
	}
	return row.Job, wrap(err, "job's row")
}

func lost() error { return backup.Errorf(backup.Conflict, "Another worker has taken over this job.") }
