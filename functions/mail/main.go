// Command mail is the Lambda function behind the mail queue: it sends e-mails.
package main

import (
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"coffer/shared/account"
	"coffer/shared/boot"
	"coffer/shared/env"
	"coffer/shared/mailer"
	"coffer/shared/queue"
)

func main() {
	app := boot.Start()
	m, err := mailer.New(app.AWS, account.New(app.AWS, app.Setting(env.AccountsTable)), app.Setting(env.MailFrom), app.Setting(env.PortalURL))
	if err != nil {
		slog.Error("start", "err", err)
		os.Exit(1)
	}
	lambda.Start(queue.Receiver(m.Send))
}
