// Command verify is the Lambda function that EventBridge invokes daily: it
// verifies a part of every vault. What it finds is also a metric, in CloudWatch's
// embedded format, which an alarm watches.
package main

import (
	"context"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/boot"
	"coffer/shared/bucket"
	"coffer/shared/content"
	"coffer/shared/env"
	"coffer/shared/keys"
	"coffer/shared/metric"
	"coffer/shared/queue"
	"coffer/shared/task"
	"coffer/shared/verifier"
)

func main() {
	app := boot.Start()
	lambda.Start(handle(&verifier.Verifier{
		Tasks:   task.New(app.AWS, app.Setting(env.TasksTable)),
		Objects: bucket.New(app.AWS, app.Setting(env.VaultBucket)),
		Index:   content.New(app.AWS, app.Setting(env.ContentsTable)),
		Keys:    keys.New(app.AWS, app.Setting(env.VaultKey)),
		Audit:   audit.New(app.AWS, app.Setting(env.AuditTable)),
		Mails:   queue.New[backup.MailMessage](app.AWS, app.Setting(env.MailQueue)),
		Dir:     os.TempDir(),
		Now:     time.Now,
	}))
}

func handle(v *verifier.Verifier) func(context.Context, events.EventBridgeEvent) (verifier.Daily, error) {
	return func(ctx context.Context, _ events.EventBridgeEvent) (verifier.Daily, error) {
		day, err := v.Sample(ctx)
		slog.InfoContext(ctx, "verify", "vaults", day.Vaults, "failed", day.Failed, "left", day.Left, "rows", day.Rows,
			"contents", day.Contents, "bytes", day.Bytes, "catalogs", day.Catalogs, "err", err,
			metric.Count(v.Now(), "Damaged", day.Damaged))
		return day, err
	}
}
