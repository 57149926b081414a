// Package operator does what people of the provider's support do for a customer:
// it finds an account, describes a backup task, and changes the settings that
// are the customer's own as well, by the same rules. It reads neither content
// nor names of files, and cannot.
//
//	| action        | takes beside the reason                | does                                      |
//	|---------------|----------------------------------------|-------------------------------------------|
//	| find-account  | email or account                       | shows the account, who signs in, its tasks |
//	| describe-task | account, task                          | shows its settings and states             |
//	| set-index     | account, task, index                   | true or false: whether names are searched |
//	| set-retention | account, task, retention, confirm      | how long snapshots are kept               |
//	| set-frequency | account, task, frequency               | how often it backs up                     |
//	| change-region | account, region                        | says why not, and what to do instead      |
//
// A retention is one of {"days": 90}, {"months": 6}, {"years": 7} and
// {"unlimited": true}. Where snapshots would expire sooner than before, the
// answer says how many, and nothing is changed without "confirm": true.
//
// Whatever is done needs a reason, such as the number of a ticket. The customer
// sees it: a row of the activity tells of each look and of each change, in the
// same transaction as the change, and each change is mailed to the primary user.
// What is as wanted already is not changed, told or mailed again.
//
// The function is named operator, as the folder of its payloads is, and not by a
// verb as the others are: each function's payloads are in the folder of its name.
package operator

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"coffer/shared/account"
	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/queue"
	"coffer/shared/snapshot"
	"coffer/shared/task"
)

// Operator does the actions in one region.
type Operator struct {
	Accounts  *account.Table
	Directory *account.Directory
	Tasks     *task.Table
	Snapshots *snapshot.Table
	Audit     *audit.Table
	Mails     *queue.Queue[backup.MailMessage]
	Region    string
	Now       func() time.Time
	// MostRead bounds the rows that are read to say how many snapshots expire.
	MostRead int
}

// Answer is what an operator reads.
type Answer struct {
	Action  string   `json:"action,omitempty"`
	Changed bool     `json:"changed"`
	Message string   `json:"message,omitempty"`
	Confirm bool     `json:"confirm,omitempty"` // nothing was changed, and would be with "confirm": true
	Expires *Expiry  `json:"expires,omitempty"`
	Account *Account `json:"account,omitempty"`
	Task    *Task    `json:"task,omitempty"`
	Refused *Refusal `json:"refused,omitempty"` // instead of all else
}

// Refusal says why nothing was done.
type Refusal struct {
	Kind    string `json:"kind"`
	Field   string `json:"field,omitempty"`
	Message string `json:"message"`
}

// Do does what the payload asks for. ID names the request; the activity that
// tells of it has it too. What is wrong with the request is in the answer; an
// error is of Coffer's own.
func (o *Operator) Do(ctx context.Context, id string, payload []byte) (Answer, error) {
	r, err := decode(payload)
	if err == nil {
		r.id = id
		var out Answer
		if out, err = actions()[r.Action].do(o, ctx, r); err == nil {
			out.Action = r.Action
			slog.InfoContext(ctx, "operate", "action", r.Action, "account", r.Account, "task", r.Task, "changed", out.Changed)
			return out, nil
		}
	}
	refused, ok := errors.AsType[*backup.Error](err)
	if !ok {
		return Answer{}, fmt.Errorf("%s for account %s, task %s: %w", r.Action, r.Account, r.Task, err)
	}
	slog.InfoContext(ctx, "refused", "action", r.Action, "account", r.Account, "task", r.Task, "kind", refused.Kind.String(), "field", refused.Field)
	return Answer{Action: r.Action, Refused: &Refusal{Kind: refused.Kind.String(), Field: refused.Field, Message: refused.Message}}, nil
}

// told is the activity that tells the customer what support has done.
func (o *Operator) told(r request, t task.Task, what string) audit.Activity {
	now := o.Now().UTC()
	return audit.Activity{
		Account: r.Account, ID: audit.ID(now, "support-"+r.id), At: now, Kind: audit.Support, Status: audit.Succeeded,
		Task: t.ID, TaskName: t.Name, Item: t.EnterpriseName, Description: fmt.Sprintf("Coffer's support %s: %s", what, r.Reason),
	}
}

// known returns the account of the request, and who signs in to it.
func (o *Operator) known(ctx context.Context, r request) (account.Account, []account.User, error) {
	a, users, err := o.Accounts.Named(ctx, r.Account)
	if backup.KindOf(err) == backup.NotFound {
		err = &backup.Error{Kind: backup.NotFound, Field: "account", Message: fmt.Sprintf("There is no account %q in %s.", r.Account, o.Region)}
	}
	return a, users, err
}

// task returns the task of the request, which may be deleted.
func (o *Operator) task(ctx context.Context, r request) (task.Task, error) {
	if _, _, err := o.known(ctx, r); err != nil {
		return task.Task{}, err
	}
	t, err := o.Tasks.Task(ctx, r.Account, r.Task)
	if backup.KindOf(err) == backup.NotFound {
		err = &backup.Error{Kind: backup.NotFound, Field: "task", Message: fmt.Sprintf("The account has no backup task %q. find-account lists those that it has.", r.Task)}
	}
	return t, err
}
