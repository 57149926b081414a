// Command schedule is the Lambda function that EventBridge invokes every
// minute: it claims the tasks that are due and takes up what a crash left
// behind.
package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/boot"
	"coffer/shared/env"
	"coffer/shared/job"
	"coffer/shared/queue"
	"coffer/shared/scheduler"
	"coffer/shared/task"
)

func main() {
	app := boot.Start()
	s := &scheduler.Scheduler{
		Tasks:    task.New(app.AWS, app.Setting(env.TasksTable)),
		Jobs:     job.New(app.AWS, app.Setting(env.JobsTable)),
		Scans:    queue.New[backup.ScanMessage](app.AWS, app.Setting(env.ScanQueue)),
		Runs:     queue.New[backup.RunMessage](app.AWS, app.Setting(env.BackupQueue)),
		Recovers: queue.New[backup.JobMessage](app.AWS, app.Setting(env.RecoverQueue)),
		Mails:    queue.New[backup.MailMessage](app.AWS, app.Setting(env.MailQueue)),
		Audit:    audit.New(app.AWS, app.Setting(env.AuditTable)),
		Now:      time.Now,
	}
	lambda.Start(handle(s))
}

// handle answers with what the tick did.
func handle(s *scheduler.Scheduler) func(context.Context, events.EventBridgeEvent) (scheduler.Report, error) {
	return func(ctx context.Context, _ events.EventBridgeEvent) (scheduler.Report, error) {
		report, err := s.Tick(ctx)
		slog.InfoContext(ctx, "tick", "scans", report.Scans, "runs", report.Runs, "jobs", report.Jobs, "late", report.Late, "err", err)
		return report, err
	}
}
