// Command prune is the Lambda function that EventBridge invokes daily: it
// removes from the vaults what nothing refers to any more.
package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"coffer/shared/audit"
	"coffer/shared/boot"
	"coffer/shared/bucket"
	"coffer/shared/content"
	"coffer/shared/env"
	"coffer/shared/pruner"
	"coffer/shared/task"
)

func main() {
	app := boot.Start()
	lambda.Start(handle(&pruner.Pruner{
		Tasks:   task.New(app.AWS, app.Setting(env.TasksTable)),
		Objects: bucket.New(app.AWS, app.Setting(env.VaultBucket)),
		Index:   content.New(app.AWS, app.Setting(env.ContentsTable)),
		Audit:   audit.New(app.AWS, app.Setting(env.AuditTable)),
		Now:     time.Now,
	}))
}

func handle(p *pruner.Pruner) func(context.Context, events.EventBridgeEvent) (pruner.Report, error) {
	return func(ctx context.Context, _ events.EventBridgeEvent) (pruner.Report, error) {
		report, err := p.Prune(ctx)
		slog.InfoContext(ctx, "prune", "vaults", report.Vaults, "failed", report.Failed, "left", report.Left,
			"packs", report.Packs, "catalogs", report.Catalogs, "bytes", report.Bytes, "err", err)
		return report, err
	}
}
