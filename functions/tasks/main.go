// Command tasks is the Lambda function behind the API's routes for backup
// tasks, Box users and activity. It may not read content.
package main

import (
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"coffer/shared/account"
	"coffer/shared/api"
	"coffer/shared/api/gateway"
	"coffer/shared/api/tasks"
	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/boot"
	"coffer/shared/connection"
	"coffer/shared/env"
	"coffer/shared/identity"
	"coffer/shared/keys"
	"coffer/shared/queue"
	"coffer/shared/task"
	"coffer/shared/wiring"
)

func main() { lambda.Start(handler(boot.Start())) }

func handler(app *boot.App) gateway.Handler {
	credentials, endpoints := wiring.Box(app)
	portal := app.Setting(env.PortalURL)
	ring := keys.New(app.AWS, app.Setting(env.VaultKey))
	table := task.New(app.AWS, app.Setting(env.TasksTable))
	activity := audit.New(app.AWS, app.Setting(env.AuditTable))
	mails := queue.New[backup.MailMessage](app.AWS, app.Setting(env.MailQueue))
	sessions := &identity.Sessions{Accounts: account.New(app.AWS, app.Setting(env.AccountsTable)), Now: time.Now}
	server := &tasks.Server{
		Sessions:    sessions,
		Tasks:       table,
		Audit:       activity,
		Ring:        ring,
		Connections: connection.New(credentials, endpoints, table, ring, activity, mails),
		Box:         endpoints,
		Mails:       mails,
		Scans:       queue.New[backup.ScanMessage](app.AWS, app.Setting(env.ScanQueue)),
		Runs:        queue.New[backup.RunMessage](app.AWS, app.Setting(env.BackupQueue)),
		Reports:     queue.New[backup.ReportMessage](app.AWS, app.Setting(env.ReportQueue)),
		Counts:      queue.New[backup.CountMessage](app.AWS, app.Setting(env.CountQueue)),
		Acts:        queue.New[backup.ActMessage](app.AWS, app.Setting(env.ActQueue)),
		Portal:      portal,
		Region:      app.AWS.Region,
		Now:         time.Now,
	}
	a := api.New(sessions, portal)
	server.Register(a)
	return gateway.Serve(a.Handler())
}
