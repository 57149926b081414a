package job_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/scripts/local/localtest"
	"coffer/shared/backup"
	"coffer/shared/job"
)

func newJob(t *testing.T, choices ...backup.ItemRef) (*job.Table, job.Job, *time.Time) {
	t.Helper()
	cloud := localtest.Start(t)
	table := job.New(cloud.AWS, cloud.Table(t, localtest.Due))
	now := time.UnixMilli(1_790_000_000_000).UTC()
	table.Now = func() time.Time { return now }
	j := job.Job{
		Account: "acme", ID: backup.JobID(backup.NewSortableID(now)), Kind: job.Restore, Label: "Back, please",
		Task: "files", BoxUser: "7", Snapshot: "s", Mode: backup.Bypass, Initiator: "ada@acme.example", Created: now,
	}
	if err := table.Create(t.Context(), j, choices); err != nil {
		t.Fatal(err)
	}
	return table, j, &now
}

func wantKind(t *testing.T, err error, want backup.Kind) {
	t.Helper()
	if err == nil || backup.KindOf(err) != want {
		t.Errorf("got error %v, want one of kind %v", err, want)
	}
}

func TestChoicesOfAnyNumberComeBackInOrder(t *testing.T) {
	t.Parallel()
	var choices []backup.ItemRef
	for i := range 4500 {
		choices = append(choices, backup.ItemRef{Kind: backup.File, ID: fmt.Sprint(i)})
	}
	table, j, _ := newJob(t, choices...)
	got, err := table.Choices(t.Context(), j)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, choices); diff != "" {
		t.Errorf("choices (-got +want):\n%s", diff)
	}
}

func TestJobHasOneWorkerAndEndsOnce(t *testing.T) {
	t.Parallel()
	table, j, now := newJob(t)
	first, err := table.Lease(t.Context(), j.Account, j.ID, "first")
	if err != nil {
		t.Fatal(err)
	}
	_, err = table.Lease(t.Context(), j.Account, j.ID, "second")
	wantKind(t, err, backup.Conflict)
	*now = now.Add(job.LeaseTime + time.Millisecond)
	second, err := table.Lease(t.Context(), j.Account, j.ID, "second")
	if err != nil {
		t.Fatal(err)
	}
	_, err = table.Renew(t.Context(), first)
	wantKind(t, err, backup.Conflict)
	second.Total, second.Done, second.Status = 2, 2, backup.JobSucceeded
	if err := table.End(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	_, err = table.Lease(t.Context(), j.Account, j.ID, "late")
	wantKind(t, err, backup.Conflict)
	wantKind(t, table.Cancel(t.Context(), j.Account, j.ID), backup.Conflict)
	got, err := table.Job(t.Context(), j.Account, j.ID)
	if err != nil || got.Status != backup.JobSucceeded || got.Done != 2 || got.Owner != "" {
		t.Errorf("job after its end: %+v, %v", got, err)
	}
}

func TestCancelEndsAPendingJobAndAsksOneInProgress(t *testing.T) {
	t.Parallel()
	table, j, _ := newJob(t)
	if err := table.Cancel(t.Context(), j.Account, j.ID); err != nil {
		t.Fatal(err)
	}
	got, err := table.Job(t.Context(), j.Account, j.ID)
	if err != nil || got.Status != backup.JobCanceled {
		t.Errorf("pending job after cancel: %s, %v", got.Status, err)
	}
	wantKind(t, table.Cancel(t.Context(), j.Account, "none"), backup.NotFound)

	table, j, _ = newJob(t)
	leased, err := table.Lease(t.Context(), j.Account, j.ID, "w")
	if err != nil {
		t.Fatal(err)
	}
	if err := table.Cancel(t.Context(), j.Account, j.ID); err != nil {
		t.Fatal(err)
	}
	if row, err := table.Renew(t.Context(), leased); err != nil || !row.Cancel {
		t.Errorf("worker learns of the cancel: %v, %v", row.Cancel, err)
	}
}

func TestAbandonedJobIsFoundOnceItsLeaseIsOver(t *testing.T) {
	t.Parallel()
	table, j, now := newJob(t)
	if _, err := table.Lease(t.Context(), j.Account, j.ID, "w"); err != nil {
		t.Fatal(err)
	}
	count := func() (n int) {
		t.Helper()
		err := table.Abandoned(t.Context(), func(found job.Job) error {
			n++
			return table.Resend(t.Context(), found)
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := count(); n != 0 {
		t.Errorf("%d jobs abandoned under a live lease, want 0", n)
	}
	*now = now.Add(job.LeaseTime + time.Millisecond)
	if n := count(); n != 1 {
		t.Errorf("%d jobs abandoned, want 1", n)
	}
	if n := count(); n != 0 {
		t.Errorf("%d jobs abandoned after sending again, want 0", n)
	}
}

func TestLedgerKeepsTheLastWordOnEachItem(t *testing.T) {
	t.Parallel()
	table, j, _ := newJob(t)
	var entries []job.Entry
	for i := range 60 {
		entries = append(entries, job.Entry{Ref: backup.ItemRef{Kind: backup.File, ID: fmt.Sprintf("%03d", i)}, Name: "a", Outcome: job.Intended})
	}
	if err := table.Record(t.Context(), j, entries...); err != nil {
		t.Fatal(err)
	}
	for i := range entries {
		entries[i].Outcome, entries[i].BoxID = job.Created, fmt.Sprint(i)
	}
	if err := table.Record(t.Context(), j, entries...); err != nil {
		t.Fatal(err)
	}
	var got []job.Entry
	for e, err := range table.Ledger(t.Context(), j.Account, j.ID) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, e)
	}
	if diff := cmp.Diff(got, entries); diff != "" {
		t.Errorf("ledger (-got +want):\n%s", diff)
	}
}

func TestJobsOfAnAccountNewestFirst(t *testing.T) {
	t.Parallel()
	table, j, now := newJob(t)
	later := j
	later.ID = backup.JobID(backup.NewSortableID(now.Add(time.Hour)))
	foreign := later
	foreign.Account = "other"
	for _, j := range []job.Job{later, foreign} {
		if err := table.Create(t.Context(), j, nil); err != nil {
			t.Fatal(err)
		}
	}
	ids := func(since time.Time) (ids []backup.JobID) {
		t.Helper()
		jobs, err := table.Jobs(t.Context(), j.Account, since)
		if err != nil {
			t.Fatal(err)
		}
		for _, j := range jobs {
			ids = append(ids, j.ID)
		}
		return ids
	}
	if diff := cmp.Diff(ids(*now), []backup.JobID{later.ID, j.ID}); diff != "" {
		t.Errorf("jobs (-got +want):\n%s", diff)
	}
	if diff := cmp.Diff(ids(now.Add(time.Minute)), []backup.JobID{later.ID}); diff != "" {
		t.Errorf("jobs of the last hour (-got +want):\n%s", diff)
	}
}
