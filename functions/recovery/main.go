// Command recovery is the Lambda function behind the API's routes for
// snapshots, what is in them, and jobs.
package main

import (
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"coffer/shared/account"
	"coffer/shared/api"
	"coffer/shared/api/gateway"
	"coffer/shared/api/recovery"
	"coffer/shared/backup"
	"coffer/shared/boot"
	"coffer/shared/bucket"
	"coffer/shared/env"
	"coffer/shared/identity"
	"coffer/shared/job"
	"coffer/shared/keys"
	"coffer/shared/queue"
	"coffer/shared/shelf"
	"coffer/shared/snapshot"
	"coffer/shared/task"
	"coffer/shared/wiring"
)

// room is what the decrypted catalogs may take of /tmp, in bytes.
const room = 1 << 30

func main() { lambda.Start(handler(boot.Start())) }

func handler(app *boot.App) gateway.Handler {
	portal := app.Setting(env.PortalURL)
	ring := keys.New(app.AWS, app.Setting(env.VaultKey))
	objects := bucket.New(app.AWS, app.Setting(env.VaultBucket))
	sessions := &identity.Sessions{Accounts: account.New(app.AWS, app.Setting(env.AccountsTable)), Now: time.Now}
	server := &recovery.Server{
		Sessions:  sessions,
		Tasks:     task.New(app.AWS, app.Setting(env.TasksTable)),
		Snapshots: snapshot.New(app.AWS, app.Setting(env.SnapshotsTable)),
		Jobs:      job.New(app.AWS, app.Setting(env.JobsTable)),
		Recovers:  queue.New[backup.JobMessage](app.AWS, app.Setting(env.RecoverQueue)),
		Shelf: &shelf.Shelf{
			Dir: filepath.Join(os.TempDir(), "catalogs"), Room: room,
			Vault: wiring.Vault(objects, nil, ring), // only catalogs are read here
		},
		Now: time.Now,
	}
	a := api.New(sessions, portal)
	server.Register(a)
	return gateway.Serve(a.Handler())
}
