// Command count is the Lambda function behind the count queue: it adds up the
// Box users of tasks that have too many for whoever looks at them to wait, and
// makes the rosters that their lists are read from.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"coffer/shared/backup"
	"coffer/shared/boot"
	"coffer/shared/env"
	"coffer/shared/queue"
	"coffer/shared/task"
)

func main() { lambda.Start(handler(boot.Start())) }

func handler(app *boot.App) func(context.Context, events.SQSEvent) (events.SQSEventResponse, error) {
	tasks := task.New(app.AWS, app.Setting(env.TasksTable))
	return queue.Receiver(func(ctx context.Context, m backup.CountMessage) error { return tasks.Count(ctx, m.Account, m.Task) })
}
