// Command operator is the Lambda function that operators invoke from the AWS
// console, with a payload such as those in events/operator: it finds accounts,
// describes tasks, and changes what is a setting of the portal too.
package main

import (
	"context"
	"encoding/json"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"coffer/shared/account"
	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/boot"
	"coffer/shared/env"
	"coffer/shared/operator"
	"coffer/shared/queue"
	"coffer/shared/snapshot"
	"coffer/shared/task"
)

// mostRead is some seconds of reading.
const mostRead = 20_000

func main() { lambda.Start(handler(boot.Start())) }

// handler passes on Lambda's own name for the request, by which AWS's records
// tell who invoked the function.
func handler(app *boot.App) func(context.Context, json.RawMessage) (operator.Answer, error) {
	o := &operator.Operator{
		Accounts:  account.New(app.AWS, app.Setting(env.AccountsTable)),
		Directory: account.NewDirectory(app.AWS, app.Setting(env.DirectoryTable)),
		Tasks:     task.New(app.AWS, app.Setting(env.TasksTable)),
		Snapshots: snapshot.New(app.AWS, app.Setting(env.SnapshotsTable)),
		Audit:     audit.New(app.AWS, app.Setting(env.AuditTable)),
		Mails:     queue.New[backup.MailMessage](app.AWS, app.Setting(env.MailQueue)),
		Region:    app.AWS.Region,
		Now:       time.Now,
		MostRead:  mostRead,
	}
	return func(ctx context.Context, payload json.RawMessage) (operator.Answer, error) {
		id := backup.NewID()
		if of, ok := lambdacontext.FromContext(ctx); ok {
			id = of.AwsRequestID
		}
		return o.Do(ctx, id, payload)
	}
}
