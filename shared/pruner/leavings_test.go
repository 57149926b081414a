package pruner_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"coffer/scripts/local/localtest"
	"coffer/shared/backup"
	"coffer/shared/job"
	"coffer/shared/task"
)

// belongings gives the task and each of its Box users what they come to have
// besides backups.
func (w *world) belongings() {
	jobs := job.New(w.cfg, w.jobs)
	check(w.T, w.taskRows.CreateTag(w.ctx, task.Tag{Account: w.id.Account, Task: w.id.Task, ID: "t", Name: "Sales"}))
	meter := w.taskRows.Meter(w.id.Account, w.id.Task)
	check(w.T, meter.Spend(w.ctx, "files.get"))
	check(w.T, meter.Settle(w.ctx))
	for i, u := range w.users() {
		ref := backup.ItemRef{Kind: backup.File, ID: "1"}
		j := job.Job{
			Account: u.Account, Task: u.Task, BoxUser: u.ID, UserName: u.Name, Kind: job.Restore,
			ID: backup.JobID(fmt.Sprintf("%s-%d", u.Task, i)), Created: w.at,
		}
		check(w.T, jobs.Create(w.ctx, j, []backup.ItemRef{ref}))
		check(w.T, jobs.Record(w.ctx, j, job.Entry{Ref: ref, Name: "a file"}))
		check(w.T, w.taskRows.Hint(w.ctx, u.Account, u.Task, "stream", map[backup.BoxUserID][]task.Hint{u.ID: {{ItemRef: ref}}}))
	}
}

// rows returns the rows of a table that are the task's, or one Box user's, by
// their keys.
func (w *world) rows(table string, user backup.BoxUserID) (keys []string) {
	pages := dynamodb.NewScanPaginator(dynamodb.NewFromConfig(w.cfg), &dynamodb.ScanInput{TableName: &table})
	text := func(v types.AttributeValue) string {
		s, _ := v.(*types.AttributeValueMemberS)
		if s == nil {
			return ""
		}
		return s.Value
	}
	for pages.HasMorePages() {
		page, err := pages.NextPage(w.ctx)
		check(w.T, err)
		for _, row := range page.Items {
			pk, sk := text(row["PK"]), text(row["SK"])
			of := slices.Contains(strings.FieldsFunc(pk+"#"+sk, func(r rune) bool { return r == '#' || r == '-' }), string(w.id.Task)) ||
				text(row["Task"]) == string(w.id.Task)
			if of && (user == "" || text(row["BoxUser"]) == string(user) || strings.Contains(pk+"#"+sk+"#", "#"+string(user)+"#")) {
				keys = append(keys, pk+" "+sk)
			}
		}
	}
	return keys
}

// leavesNothing checks that no row tells of the task, or of one Box user but for
// the row that says there is one.
func (w *world) leavesNothing(user backup.BoxUserID) {
	w.Helper()
	for _, table := range []string{w.tasks, w.snapshots, w.jobs} {
		left := slices.DeleteFunc(w.rows(table, user), func(key string) bool { return user != "" && strings.HasSuffix(key, " USER#"+string(user)) })
		if len(left) > 0 {
			w.Errorf("rows are left: %q", left)
		}
	}
}

// TestPurgedBoxUserLeavesNothing_D1 purges one of three Box users.
func TestPurgedBoxUserLeavesNothing_D1(t *testing.T) {
	t.Parallel()
	w := newLastingWorld(t, 8)
	for _, u := range w.users() {
		for range w.backup(u) {
			w.at = w.at.Add(time.Hour)
		}
	}
	gone, stays := w.users()[0], w.users()[1]
	check(t, w.taskRows.Delete(w.ctx, gone))
	w.at = w.at.Add(task.Grace - time.Second)
	w.full(0)
	before := len(w.rows(w.jobs, gone.ID))
	w.full(1)
	w.leavesNothing(gone.ID)
	if rows := w.rows(w.jobs, stays.ID); before != 1 || len(rows) != 1 {
		t.Errorf("%d jobs before, and %d of another Box user are left", before, len(rows))
	}
	check(t, w.objects.List(w.ctx, w.id.Catalogs()+string(gone.ID)+"/", func(key string, _ int64, _ time.Time) error {
		t.Errorf("object %s is left", key)
		return nil
	}))
	if w.revoked != 0 {
		t.Error("the task's authorisation was revoked")
	}
	w.verify()
}

// TestPurgeWaitsForAJobInProgress_D1 has a worker on a restore of what the days
// of an archive are over for.
func TestPurgeWaitsForAJobInProgress_D1(t *testing.T) {
	t.Parallel()
	w := newWorld(t, newTables(t, localtest.Start(t)), 9)
	u := w.users()[0]
	check(t, w.taskRows.Archive(w.ctx, u))
	jobs := job.New(w.cfg, w.jobs)
	jobs.Now = w.now
	w.at = w.at.Add(30 * day)
	all, err := jobs.Of(w.ctx, u.Account, u.Task, u.ID)
	check(t, err)
	_, err = jobs.Lease(w.ctx, u.Account, all[0].ID, "w")
	check(t, err)
	if report, err := w.pruner(&fate{between: func() {}}).Prune(w.ctx, w.message()); err != nil || report.Users != 0 || report.Jobs != 0 {
		t.Errorf("in progress: %+v, %v", report, err)
	}
	w.at = w.at.Add(job.LeaseTime + time.Second)
	if report, err := w.pruner(&fate{between: func() {}}).Prune(w.ctx, w.message()); err != nil || report.Users != 1 || report.Jobs != 1 {
		t.Errorf("afterwards: %+v, %v", report, err)
	}
	w.leavesNothing(u.ID)
}
