// Command backup is the Lambda function behind the backup queue: one run of one
// Box user for each message, or the list of who is in the enterprise.
package main

import (
	"context"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"coffer/shared/archiver"
	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/boot"
	"coffer/shared/bucket"
	"coffer/shared/connection"
	"coffer/shared/content"
	"coffer/shared/env"
	"coffer/shared/keys"
	"coffer/shared/people"
	"coffer/shared/queue"
	"coffer/shared/snapshot"
	"coffer/shared/task"
	"coffer/shared/wiring"
)

// beat is how often a run reports its progress.
const beat = 4 * time.Second

func main() {
	app := boot.Start()
	credentials, endpoints := wiring.Box(app)
	ring := keys.New(app.AWS, app.Setting(env.VaultKey))
	tasks := task.New(app.AWS, app.Setting(env.TasksTable))
	activity := audit.New(app.AWS, app.Setting(env.AuditTable))
	objects := bucket.New(app.AWS, app.Setting(env.VaultBucket))
	contents := content.New(app.AWS, app.Setting(env.ContentsTable))
	connections := connection.New(credentials, endpoints, tasks, ring, activity,
		queue.New[backup.MailMessage](app.AWS, app.Setting(env.MailQueue)))
	open := wiring.Vault(objects, contents, ring)
	a := &archiver.Archiver{
		Tasks:       tasks,
		Snapshots:   snapshot.New(app.AWS, app.Setting(env.SnapshotsTable)),
		Audit:       activity,
		Connections: connections,
		Runs:        queue.New[backup.RunMessage](app.AWS, app.Setting(env.BackupQueue)),
		Vault:       open,
		Dir:         os.TempDir(),
		Now:         time.Now,
		Beat:        beat,
	}
	k := &people.Keeper{Tasks: tasks, Connections: connections, Vault: open, Dir: os.TempDir()}
	lambda.Start(queue.Receiver(func(ctx context.Context, m backup.RunMessage) error {
		if m.People {
			return k.Keep(ctx, m)
		}
		return a.Run(ctx, m)
	}))
}
