// Package connection makes the Box client of a task, from Coffer's application
// at Box and the tokens that the task's administrator authorised, or from the
// customer's own application. It deals with an authorisation that is lost, finds
// out what one lacks, and has every call counted against the task's ceiling.
package connection

import (
	"context"
	"sync"
	"time"

	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/keys"
	"coffer/shared/queue"
	"coffer/shared/task"
)

// Connections makes Box clients for tasks. The clients of one task share a
// token source for as long as the process lives, so that a warm function asks
// for tokens once, but each client counts its own calls.
type Connections struct {
	app   box.App
	cfg   box.Config
	tasks *task.Table
	ring  *keys.Ring
	audit *audit.Table
	mails *queue.Queue[backup.MailMessage]
	// Now tells the time of notices.
	Now func() time.Time

	mu      sync.Mutex
	sources map[backup.TaskID]*source
	meters  map[backup.TaskID]*task.Meter
}

// reason is what an administrator reads about a lost authorisation.
const reason = "Box no longer accepts the authorisation of this backup task: it was revoked, has expired, or the application was disabled in Box. Nothing that is backed up is lost. Connect the task to Box again to go on."

// New returns the connections that the application has. Cfg has no Tokens yet.
func New(app box.App, cfg box.Config, tasks *task.Table, ring *keys.Ring, audits *audit.Table, mails *queue.Queue[backup.MailMessage]) *Connections {
	app.API, app.Account = cfg.API, cfg.Account
	return &Connections{app: app, cfg: cfg, tasks: tasks, ring: ring, audit: audits, mails: mails, Now: time.Now, sources: map[backup.TaskID]*source{}, meters: map[backup.TaskID]*task.Meter{}}
}

// App returns the application, for authorising.
func (c *Connections) App() box.App { return c.app }

// Tokens returns the store of a task's token pair.
func (c *Connections) Tokens(account backup.AccountID, id backup.TaskID) *task.Tokens {
	return c.tasks.Tokens(c.ring, account, id)
}

// Client returns a client that acts as the administrator who authorised the
// task; its As acts as one of the Box users.
func (c *Connections) Client(account backup.AccountID, id backup.TaskID) *box.Client {
	c.mu.Lock()
	defer c.mu.Unlock()
	tokens := c.sources[id]
	if tokens == nil {
		tokens = &source{connections: c, tokens: c.Tokens(account, id)}
		c.sources[id] = tokens
	}
	cfg := c.cfg
	cfg.Tokens = tokens
	cfg.Budget = c.meter(account, id).Spend
	return box.New(cfg)
}

// Lost records that Box no longer accepts the authorisation that t has: the task is
// Disconnected with a reason, and the account's primary user and the activity
// list are told, once. Where it has another one by now, nothing is lost.
func (c *Connections) Lost(ctx context.Context, t task.Task) error {
	c.Forget(t.ID)
	now := c.Now()
	cause := "disconnected-" + string(t.ID) + "-" + now.UTC().Format(time.RFC3339)
	mail := backup.MailMessage{
		ID: cause, Account: t.Account, Template: "disconnected",
		Data: map[string]string{"task": string(t.ID), "taskName": t.Name, "reason": reason},
	}
	first, err := c.tasks.Disconnect(ctx, t, reason, c.tasks.KeepMail(mail), c.audit.Put(audit.Activity{
		Account: t.Account, ID: audit.ID(now, cause), At: now, Kind: audit.Connect, Status: audit.Failed,
		Task: t.ID, TaskName: t.Name, Item: t.EnterpriseName, Description: reason,
	}))
	if err != nil || !first {
		return err
	}
	return c.Mail(ctx, mail)
}

// Mail asks for an e-mail.
func (c *Connections) Mail(ctx context.Context, m backup.MailMessage) error {
	return c.mails.Send(ctx, string(m.Account), 0, m)
}

// Forget drops what the process knows of a task's tokens, after a new
// authorisation or a revocation.
func (c *Connections) Forget(id backup.TaskID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.sources, id)
}
