package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/google/go-cmp/cmp"

	"coffer/scripts/local/localtest"
	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/job"
	"coffer/shared/queue"
	"coffer/shared/scheduler"
	"coffer/shared/task"
)

func TestEveryEventTicks(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../events/schedule/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no events: %v", err)
	}
	cloud := localtest.Start(t)
	s := &scheduler.Scheduler{
		Tasks:    task.New(cloud.AWS, cloud.Table(t, localtest.Due)),
		Jobs:     job.New(cloud.AWS, cloud.Table(t, localtest.Due)),
		Scans:    queue.New[backup.ScanMessage](cloud.AWS, cloud.Queue(t)),
		Runs:     queue.New[backup.RunMessage](cloud.AWS, cloud.Queue(t)),
		Recovers: queue.New[backup.JobMessage](cloud.AWS, cloud.Queue(t)),
		Mails:    queue.New[backup.MailMessage](cloud.AWS, cloud.Queue(t)),
		Audit:    audit.New(cloud.AWS, cloud.Table(t)),
		Now:      time.Now,
	}
	handler := lambda.NewHandler(handle(s))
	for _, file := range files {
		due := task.Task{
			Account: "acme", ID: backup.TaskID(filepath.Base(file)), Connection: backup.Connected, Frequency: task.Daily,
			Created: time.Now().AddDate(0, 0, -2), NextRun: time.Now().Add(-time.Minute),
		}
		if err := s.Tasks.Create(t.Context(), due); err != nil {
			t.Fatal(err)
		}
		event, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := handler.Invoke(t.Context(), event)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		var got scheduler.Report
		if err := json.Unmarshal(answer, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(got, scheduler.Report{Scans: 1}); diff != "" {
			t.Errorf("%s (-got +want):\n%s", file, diff)
		}
	}
}
