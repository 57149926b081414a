package job_test

import (
	"fmt"
	"testing"
	"time"

	"coffer/shared/backup"
	"coffer/shared/job"
)

func TestErasedJobLeavesNothing_D1(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	var choices []backup.ItemRef
	for i := range 100 {
		choices = append(choices, backup.ItemRef{Kind: backup.File, ID: fmt.Sprint(i)})
	}
	table, j, now := newJob(t, choices...)
	for _, ref := range choices {
		if err := table.Record(ctx, j, job.Entry{Ref: ref, Name: "secret.txt"}); err != nil {
			t.Fatal(err)
		}
	}
	other := j
	other.ID, other.BoxUser = "another", "8"
	if err := table.Create(ctx, other, choices); err != nil {
		t.Fatal(err)
	}
	if jobs, err := table.Of(ctx, j.Account, j.Task, ""); len(jobs) != 2 || err != nil {
		t.Errorf("%d jobs of the task, %v", len(jobs), err)
	}
	if jobs, err := table.Of(ctx, j.Account, "another task", ""); len(jobs) != 0 || err != nil {
		t.Errorf("%d jobs of another task, %v", len(jobs), err)
	}
	jobs, err := table.Of(ctx, other.Account, other.Task, "8")
	if len(jobs) != 1 || err != nil || jobs[0].ID != other.ID {
		t.Fatalf("jobs of the other Box user: %+v, %v", jobs, err)
	}
	leased, err := table.Lease(ctx, j.Account, j.ID, "w")
	if err != nil {
		t.Fatal(err)
	}
	_, err = table.Erase(ctx, leased)
	wantKind(t, err, backup.Conflict)
	_, err = table.Erase(ctx, j) // read before the worker took it
	wantKind(t, err, backup.Conflict)
	kept := 0
	for _, err := range table.Ledger(ctx, j.Account, j.ID) {
		if kept++; err != nil {
			t.Fatal(err)
		}
	}
	if kept != 100 {
		t.Errorf("the job in progress has %d of 100 entries", kept)
	}
	if left, err := table.Choices(ctx, j); len(left) != 100 || err != nil {
		t.Errorf("the job in progress has %d of 100 choices, %v", len(left), err)
	}
	if _, err := table.Job(ctx, j.Account, j.ID); err != nil {
		t.Errorf("the job in progress: %v", err)
	}
	*now = now.Add(job.LeaseTime + time.Second)
	if _, err := table.Erase(ctx, leased); err != nil {
		t.Fatal(err)
	}
	_, err = table.Job(ctx, j.Account, j.ID)
	wantKind(t, err, backup.NotFound)
	for e, err := range table.Ledger(ctx, j.Account, j.ID) {
		t.Errorf("left in the ledger: %+v, %v", e, err)
	}
	if left, err := table.Choices(ctx, j); len(left) != 0 || err != nil {
		t.Errorf("%d choices left, %v", len(left), err)
	}
	if left, err := table.Choices(ctx, other); len(left) != 100 || err != nil {
		t.Errorf("%d choices of the other job left, %v", len(left), err)
	}
}
