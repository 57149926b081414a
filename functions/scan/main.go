// Command scan is the Lambda function behind the scan queue: it finds out who
// a task's Box users are and what has happened, and starts the runs of a slot.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/boot"
	"coffer/shared/connection"
	"coffer/shared/env"
	"coffer/shared/keys"
	"coffer/shared/queue"
	"coffer/shared/scanner"
	"coffer/shared/snapshot"
	"coffer/shared/task"
	"coffer/shared/wiring"
)

func main() {
	app := boot.Start()
	credentials, endpoints := wiring.Box(app)
	tasks := task.New(app.AWS, app.Setting(env.TasksTable))
	activity := audit.New(app.AWS, app.Setting(env.AuditTable))
	s := &scanner.Scanner{
		Tasks:     tasks,
		Snapshots: snapshot.New(app.AWS, app.Setting(env.SnapshotsTable)),
		Audit:     activity,
		Runs:      queue.New[backup.RunMessage](app.AWS, app.Setting(env.BackupQueue)),
		Scans:     queue.New[backup.ScanMessage](app.AWS, app.Setting(env.ScanQueue)),
		Connections: connection.New(credentials, endpoints, tasks,
			keys.New(app.AWS, app.Setting(env.VaultKey)),
			activity,
			queue.New[backup.MailMessage](app.AWS, app.Setting(env.MailQueue))),
	}
	lambda.Start(queue.Receiver(s.Scan))
}
