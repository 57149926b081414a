// Command identity is the Lambda function behind the API's routes for sign-up,
// sign-in, passwords and sessions, and for the description of the API.
package main

import (
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"coffer/shared/account"
	"coffer/shared/api"
	"coffer/shared/api/access"
	"coffer/shared/api/gateway"
	"coffer/shared/backup"
	"coffer/shared/boot"
	"coffer/shared/env"
	"coffer/shared/identity"
	"coffer/shared/queue"
)

func main() { lambda.Start(handler(boot.Start())) }

func handler(app *boot.App) gateway.Handler {
	portal := app.Setting(env.PortalURL)
	var portals map[string]string
	app.Decode(env.Portals, &portals)
	sessions := &identity.Sessions{Accounts: account.New(app.AWS, app.Setting(env.AccountsTable)), Now: time.Now}
	server := &access.Server{Portals: portals, Identity: &identity.Service{
		Sessions:  sessions,
		Directory: account.NewDirectory(app.AWS, app.Setting(env.DirectoryTable)),
		Mail:      queue.New[backup.MailMessage](app.AWS, app.Setting(env.MailQueue)),
		Portal:    portal,
		Region:    app.AWS.Region,
	}}
	a := api.New(sessions, portal)
	server.Register(a)
	return gateway.Serve(a.Handler())
}
