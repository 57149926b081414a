// Command recover is the Lambda function behind the recover queue: it works on
// one job for each message.
package main

import (
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"coffer/shared/account"
	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/boot"
	"coffer/shared/bucket"
	"coffer/shared/connection"
	"coffer/shared/content"
	"coffer/shared/env"
	"coffer/shared/job"
	"coffer/shared/keys"
	"coffer/shared/queue"
	"coffer/shared/restorer"
	"coffer/shared/shelf"
	"coffer/shared/task"
	"coffer/shared/wiring"
)

const (
	// beat is how often a job reports its progress.
	beat = 4 * time.Second
	// room is what the decrypted catalogs may take of /tmp, in bytes.
	room = 1 << 30
)

func main() {
	app := boot.Start()
	credentials, endpoints := wiring.Box(app)
	ring := keys.New(app.AWS, app.Setting(env.VaultKey))
	tasks := task.New(app.AWS, app.Setting(env.TasksTable))
	activity := audit.New(app.AWS, app.Setting(env.AuditTable))
	mails := queue.New[backup.MailMessage](app.AWS, app.Setting(env.MailQueue))
	objects := bucket.New(app.AWS, app.Setting(env.VaultBucket))
	contents := content.New(app.AWS, app.Setting(env.ContentsTable))
	r := &restorer.Restorer{
		Jobs:        job.New(app.AWS, app.Setting(env.JobsTable)),
		Tasks:       tasks,
		Accounts:    account.New(app.AWS, app.Setting(env.AccountsTable)),
		Audit:       activity,
		Connections: connection.New(credentials, endpoints, tasks, ring, activity, mails),
		Shelf: &shelf.Shelf{
			Dir: filepath.Join(os.TempDir(), "catalogs"), Room: room,
			Vault: wiring.Vault(objects, contents, ring),
		},
		Messages: queue.New[backup.JobMessage](app.AWS, app.Setting(env.RecoverQueue)),
		Mails:    mails,
		Now:      time.Now,
		Beat:     beat,
	}
	lambda.Start(queue.Receiver(r.Run))
}
