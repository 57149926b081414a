// Command prune is the Lambda function behind the prune queue, which EventBridge
// sends a message daily: it removes expired snapshots, deleted backups whose
// grace has ended, and from the vaults what nothing refers to any more.
package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/boot"
	"coffer/shared/bucket"
	"coffer/shared/connection"
	"coffer/shared/content"
	"coffer/shared/env"
	"coffer/shared/job"
	"coffer/shared/keys"
	"coffer/shared/pruner"
	"coffer/shared/queue"
	"coffer/shared/snapshot"
	"coffer/shared/task"
	"coffer/shared/wiring"
)

func main() {
	app := boot.Start()
	ring := keys.New(app.AWS, app.Setting(env.VaultKey))
	objects := bucket.New(app.AWS, app.Setting(env.VaultBucket))
	contents := content.New(app.AWS, app.Setting(env.ContentsTable))
	tasks := task.New(app.AWS, app.Setting(env.TasksTable))
	activity := audit.New(app.AWS, app.Setting(env.AuditTable))
	credentials, endpoints := wiring.Box(app)
	connections := connection.New(credentials, endpoints, tasks, ring, activity, nil) // it only revokes, and mails nobody
	lambda.Start(queue.Receiver(handle(&pruner.Pruner{
		Tasks:     tasks,
		Snapshots: snapshot.New(app.AWS, app.Setting(env.SnapshotsTable)),
		Jobs:      job.New(app.AWS, app.Setting(env.JobsTable)),
		Objects:   objects,
		Index:     contents,
		Audit:     activity,
		Messages:  queue.New[backup.PruneMessage](app.AWS, app.Setting(env.PruneQueue)),
		Vault:     wiring.Vault(objects, contents, ring),
		Revoke:    connections.Revoke,
		Now:       time.Now,
	})))
}

func handle(p *pruner.Pruner) func(context.Context, backup.PruneMessage) error {
	return func(ctx context.Context, m backup.PruneMessage) error {
		report, err := p.Prune(ctx, m)
		slog.InfoContext(ctx, "prune", "account", m.Account, "task", m.Task, "step", m.Step, "after", m.After, "sent", report.Sent, "held", report.Held,
			"snapshots", report.Snapshots, "jobs", report.Jobs, "rows", report.Rows, "contents", report.Contents, "moved", report.Moved, "packs", report.Packs,
			"catalogs", report.Catalogs, "marks", report.Marks, "bytes", report.Bytes, "users", report.Users, "tasks", report.Tasks)
		return err
	}
}
