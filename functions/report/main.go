// Command report is the Lambda function behind the report queue: it mails usage
// reports.
package main

import (
	"context"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"coffer/shared/account"
	"coffer/shared/boot"
	"coffer/shared/env"
	"coffer/shared/mailer"
	"coffer/shared/queue"
	"coffer/shared/reporter"
	"coffer/shared/task"
)

func main() { lambda.Start(handler(boot.Start())) }

func handler(app *boot.App) func(context.Context, events.SQSEvent) (events.SQSEventResponse, error) {
	accounts := account.New(app.AWS, app.Setting(env.AccountsTable))
	m, err := mailer.New(app.AWS, accounts, app.Setting(env.MailFrom), app.Setting(env.PortalURL))
	if err != nil {
		slog.Error("start", "err", err)
		os.Exit(1)
	}
	r := reporter.New(task.New(app.AWS, app.Setting(env.TasksTable)), accounts, m.SendWith)
	return queue.Receiver(r.Report)
}
