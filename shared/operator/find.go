package operator

import (
	"context"
	"fmt"
	"strings"
	"time"

	"coffer/shared/account"
	"coffer/shared/backup"
	"coffer/shared/task"
)

// maxTroubled is how many Box users in trouble a description names.
const maxTroubled = 20

// Account is what an operator sees of an account.
type Account struct {
	ID        backup.AccountID `json:"id"`
	Company   string           `json:"company"`
	Location  string           `json:"location"`
	Region    string           `json:"region"`
	Active    bool             `json:"active"` // the activation link was followed
	Created   time.Time        `json:"created"`
	TrialEnds time.Time        `json:"trialEnds"`
	Users     []User           `json:"users"`
	Tasks     []Task           `json:"tasks"` // deleted ones too
}

// User is a portal user.
type User struct {
	ID      backup.UserID `json:"id"`
	Email   string        `json:"email"`
	Name    string        `json:"name"`
	Primary bool          `json:"primary"`
	Created time.Time     `json:"created"`
}

// Task is what an operator sees of a backup task.
type Task struct {
	ID            backup.TaskID     `json:"id"`
	Name          string            `json:"name"`
	Connection    backup.Connection `json:"connection"`
	Reason        string            `json:"reason,omitempty"` // why it is Disconnected
	Grant         backup.Grant      `json:"grant,omitempty"`
	Enterprise    string            `json:"enterprise,omitempty"`
	Administrator string            `json:"administrator,omitempty"`
	Frequency     task.Frequency    `json:"frequency"`
	Hour          int               `json:"hour"` // UTC
	NextRun       time.Time         `json:"nextRun,omitzero"`
	AutoActivate  bool              `json:"autoActivate"`
	Versions      bool              `json:"versions"`
	Trash         bool              `json:"trash"`
	Index         bool              `json:"index"`
	Retention     string            `json:"retention"`
	ArchiveDays   int               `json:"archiveDays"` // 0: for good
	Ceiling       int64             `json:"ceiling"`     // 0: none
	Concurrency   int               `json:"concurrency"` // 0: as usual
	Feed          task.Feed         `json:"feed,omitempty"`
	FeedReason    string            `json:"feedReason,omitempty"`
	Damage        string            `json:"damage,omitempty"`
	Overdue       int               `json:"overdue,omitempty"`
	OverdueReason string            `json:"overdueReason,omitempty"`
	Created       time.Time         `json:"created"`
	Deleted       time.Time         `json:"deleted,omitzero"`
	DeletedUntil  time.Time         `json:"deletedUntil,omitzero"` // until when it can be brought back
	Purging       bool              `json:"purging,omitempty"`
	BoxUsers      BoxUsers          `json:"boxUsers"`
}

// BoxUsers sums up a task's Box users.
type BoxUsers struct {
	Total      int                   `json:"total"`
	Active     int                   `json:"active"`
	Archived   int                   `json:"archived"`
	Deleted    int                   `json:"deleted"`
	ByStatus   map[backup.Status]int `json:"byStatus"`
	Items      int64                 `json:"items"`
	Bytes      int64                 `json:"bytes"`
	LastBackup time.Time             `json:"lastBackup,omitzero"`
	Troubled   []BoxUser             `json:"troubled,omitempty"` // of describe-task: the first 20
}

// BoxUser is a Box user whose backup is not as it should be.
type BoxUser struct {
	ID         backup.BoxUserID `json:"id"`
	Status     backup.Status    `json:"status"`
	Reason     string           `json:"reason,omitempty"`
	Held       string           `json:"held,omitempty"`
	Damage     string           `json:"damage,omitempty"`
	LastBackup time.Time        `json:"lastBackup,omitzero"`
}

func (o *Operator) findAccount(ctx context.Context, r request) (Answer, error) {
	if r.Email != "" {
		found, err := o.Directory.Lookup(ctx, strings.ToLower(strings.TrimSpace(r.Email)))
		switch {
		case backup.KindOf(err) == backup.NotFound:
			return Answer{}, &backup.Error{Kind: backup.NotFound, Field: "email", Message: "Nobody signs in with this e-mail address."}
		case err != nil:
			return Answer{}, err
		case found.Region != o.Region:
			return Answer{}, &backup.Error{
				Kind: backup.Conflict, Field: "email",
				Message: fmt.Sprintf("This is of account %s, which lives in %s. Invoke this function in that region.", found.Account, found.Region),
			}
		}
		r.Account = found.Account
	}
	a, users, err := o.known(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	tasks, err := o.Tasks.Tasks(ctx, a.ID)
	if err != nil {
		return Answer{}, err
	}
	out := describeAccount(a, users)
	for _, t := range tasks {
		described, err := o.describe(ctx, t)
		if err != nil {
			return Answer{}, err
		}
		out.Tasks = append(out.Tasks, described)
	}
	if err := o.Audit.Add(ctx, o.told(r, task.Task{}, "looked at the account's users, tasks and settings")); err != nil {
		return Answer{}, err
	}
	return Answer{Account: &out}, nil
}

func describeAccount(a account.Account, users []account.User) Account {
	out := Account{
		ID: a.ID, Company: a.Company, Location: a.Location, Region: a.Region, Active: a.Active, Created: a.Created, TrialEnds: a.TrialEnds(),
		Users: []User{}, Tasks: []Task{},
	}
	for _, u := range users {
		out.Users = append(out.Users, User{ID: u.ID, Email: u.Email, Name: u.Name, Primary: u.Primary, Created: u.Created})
	}
	return out
}

func (o *Operator) describeTask(ctx context.Context, r request) (Answer, error) {
	t, err := o.task(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	out, err := o.describe(ctx, t)
	if err != nil {
		return Answer{}, err
	}
	for u, err := range o.Tasks.BoxUsers(ctx, t.Account, t.ID) {
		if err != nil {
			return Answer{}, err
		}
		trouble := u.Status == backup.Failed || u.Status == backup.Partial || u.Held != "" || u.Damage != "" || u.RunStopped != ""
		if !u.Alive() || !trouble {
			continue
		}
		reason := u.Reason
		if u.RunStopped != "" {
			reason = u.RunStopped
		}
		out.BoxUsers.Troubled = append(out.BoxUsers.Troubled, BoxUser{u.ID, u.Status, reason, u.Held, u.Damage, u.LastBackup})
		if len(out.BoxUsers.Troubled) == maxTroubled {
			break
		}
	}
	if err := o.Audit.Add(ctx, o.told(r, t, "looked at the settings and states of the backup task")); err != nil {
		return Answer{}, err
	}
	return Answer{Task: &out}, nil
}

func (o *Operator) describe(ctx context.Context, t task.Task) (Task, error) {
	sum, err := o.Tasks.TotalsUnstored(ctx, t) // support may not store any
	if err != nil {
		return Task{}, err
	}
	out := Task{
		ID: t.ID, Name: t.Name, Connection: t.Connection, Reason: t.Reason, Grant: t.Grant, Enterprise: t.EnterpriseName, Administrator: t.Administrator,
		Frequency: t.Frequency, Hour: t.Hour, NextRun: t.NextRun, AutoActivate: t.AutoActivate,
		Versions: t.Versions, Trash: t.Trash, Index: !t.Unsearched, Retention: t.Retention.String(), ArchiveDays: t.ArchiveDays,
		Ceiling: t.Ceiling, Concurrency: t.Concurrency, Feed: t.Feed, FeedReason: t.FeedReason,
		Damage: t.Damage, Overdue: t.Overdue.Overdue, OverdueReason: t.OverdueReason, Created: t.Created, Deleted: t.Deleted, Purging: t.Purging,
		BoxUsers: BoxUsers{
			Total: sum.Total, Active: sum.Active, Archived: sum.Archived, Deleted: sum.Deleted, ByStatus: sum.ByStatus,
			Items: sum.Items, Bytes: sum.Size, LastBackup: sum.LastBackup,
		},
	}
	if !t.Alive() {
		out.DeletedUntil = t.Deleted.Add(task.Grace)
	}
	return out, nil
}
