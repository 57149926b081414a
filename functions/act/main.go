// Command act is the Lambda function behind the act queue: it does for all Box
// users of a very large task what a person asked the API for.
package main

import (
	"context"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"coffer/shared/account"
	"coffer/shared/api/tasks"
	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/boot"
	"coffer/shared/env"
	"coffer/shared/identity"
	"coffer/shared/queue"
	"coffer/shared/task"
)

func main() { lambda.Start(handler(boot.Start())) }

func handler(app *boot.App) func(context.Context, events.SQSEvent) (events.SQSEventResponse, error) {
	server := &tasks.Server{
		Sessions: &identity.Sessions{Accounts: account.New(app.AWS, app.Setting(env.AccountsTable)), Now: time.Now},
		Tasks:    task.New(app.AWS, app.Setting(env.TasksTable)),
		Audit:    audit.New(app.AWS, app.Setting(env.AuditTable)),
		Runs:     queue.New[backup.RunMessage](app.AWS, app.Setting(env.BackupQueue)),
		Mails:    queue.New[backup.MailMessage](app.AWS, app.Setting(env.MailQueue)),
		Counts:   queue.New[backup.CountMessage](app.AWS, app.Setting(env.CountQueue)),
		Acts:     queue.New[backup.ActMessage](app.AWS, app.Setting(env.ActQueue)),
		Now:      time.Now,
	}
	return queue.Receiver(server.Act)
}
