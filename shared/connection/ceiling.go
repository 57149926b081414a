package connection

import (
	"context"
	"time"

	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/task"
)

// meter returns the meter of a task's calls in this process. The caller holds
// the lock.
func (c *Connections) meter(account backup.AccountID, id backup.TaskID) *task.Meter {
	m := c.meters[id]
	if m == nil {
		m = c.tasks.Meter(account, id)
		c.meters[id] = m
	}
	return m
}

// Count stores the Box calls of the task that this process has made since the
// last time. Work that lasts calls it at each heartbeat.
func (c *Connections) Count(ctx context.Context, account backup.AccountID, id backup.TaskID) error {
	c.mu.Lock()
	m := c.meter(account, id)
	c.mu.Unlock()
	return m.Write(ctx)
}

// Settle does what Count does and gives back the calls that were set aside and
// not made. Whatever used a Client calls it at its end.
func (c *Connections) Settle(ctx context.Context, account backup.AccountID, id backup.TaskID) error {
	c.mu.Lock()
	m := c.meter(account, id)
	c.mu.Unlock()
	return m.Settle(ctx)
}

// Stopped tells the account's primary user and the activity list that the
// task's ceiling of Box calls is reached, once a month.
func (c *Connections) Stopped(ctx context.Context, t task.Task, e *task.CeilingError) error {
	now := c.Now()
	cause := "ceiling-" + string(t.ID) + "-" + e.Until.UTC().Format(time.DateOnly)
	mail := backup.MailMessage{
		ID: cause, Account: t.Account, Template: "ceiling",
		Data: map[string]string{"task": string(t.ID), "taskName": t.Name, "reason": e.Error()},
	}
	first, err := c.tasks.TellOfCeiling(ctx, t.Account, t.ID, e, c.tasks.KeepMail(mail), c.audit.Put(audit.Activity{
		Account: t.Account, ID: audit.ID(now, cause), At: now, Kind: audit.Backup, Status: audit.Failed,
		Task: t.ID, TaskName: t.Name, Item: t.EnterpriseName, Description: "Backup and restore wait. " + e.Error(),
	}))
	if err != nil || !first {
		return err
	}
	return c.Mail(ctx, mail)
}
