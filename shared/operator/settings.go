package operator

import (
	"context"
	"fmt"
	"log/slog"

	"coffer/shared/backup"
	"coffer/shared/snapshot"
	"coffer/shared/task"
)

// Expiry says what a shorter retention lets expire.
type Expiry struct {
	Snapshots int  `json:"snapshots"`
	BoxUsers  int  `json:"boxUsers"`       // whose snapshots they are
	More      bool `json:"more,omitempty"` // there may be more; not all were looked at
}

// String says it in words.
func (e Expiry) String() string {
	least := ""
	if e.More {
		least = "at least "
	}
	return fmt.Sprintf("%s%d snapshots of %d Box users", least, e.Snapshots, e.BoxUsers)
}

// living returns the task of a request that changes something.
func (o *Operator) living(ctx context.Context, r request) (task.Task, error) {
	t, err := o.task(ctx, r)
	if err == nil && !t.Alive() {
		err = &backup.Error{Kind: backup.Conflict, Field: "task", Message: fmt.Sprintf(
			"This backup task was deleted on %s, so nothing of it can be changed. An administrator of the account can bring it back in the portal within 7 days.",
			t.Deleted.UTC().Format("2 January 2006"))}
	}
	return t, err
}

func (o *Operator) setIndex(ctx context.Context, r request) (Answer, error) {
	t, err := o.living(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	words := map[bool]string{true: "on", false: "off"}[r.Index]
	if t.Unsearched == !r.Index {
		return already("Searching by name is %s already.", words)
	}
	return o.change(ctx, r, t, task.Settings{Change: task.PolicyChange{Unsearched: new(!r.Index)}}, "turned searching by name "+words, "")
}

func (o *Operator) setRetention(ctx context.Context, r request) (Answer, error) {
	t, err := o.living(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	if t.Retention == r.retention {
		return already("The retention is %s already.", r.retention)
	}
	what := fmt.Sprintf("set the retention to %s (it was %s)", r.retention, t.Retention)
	settings := task.Settings{Change: task.PolicyChange{Retention: &r.retention}}
	if !r.retention.Shorter(t.Retention, o.Now()) {
		return o.change(ctx, r, t, settings, what, "")
	}
	expires, err := o.expiring(ctx, t, r.retention)
	if err != nil {
		return Answer{}, err
	}
	if !r.Confirm {
		return Answer{Confirm: true, Expires: &expires, Message: fmt.Sprintf(
			"Nothing was changed. With a retention of %s instead of %s, %s expire and are deleted for good in 7 days, unless it is set back before. To do it, send the same with \"confirm\": true.",
			r.retention, t.Retention, expires)}, nil
	}
	out, err := o.change(ctx, r, t, settings, what, "Older snapshots are deleted for good 7 days after this change, unless an administrator sets it back before.")
	out.Expires = &expires
	return out, err
}

func (o *Operator) setFrequency(ctx context.Context, r request) (Answer, error) {
	t, err := o.living(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	if t.Frequency == r.Frequency {
		return already("The backup frequency is %s already.", words(r.Frequency))
	}
	settings := task.Settings{Frequency: &r.Frequency}
	settings.Reschedule(t, o.Now())
	return o.change(ctx, r, t, settings, fmt.Sprintf("set the backup frequency to %s (it was %s)", words(r.Frequency), words(t.Frequency)), "")
}

func words(f task.Frequency) string {
	switch f {
	case task.Every3Days:
		return "every 3 days"
	case task.ThreeTimesDaily:
		return "three times a day"
	}
	return string(f)
}

func already(format string, args ...any) (Answer, error) {
	return Answer{Message: fmt.Sprintf(format, args...) + " Nothing was changed."}, nil
}

// change stores settings of the task, tells of it in the same transaction, and
// mails it to the primary user.
func (o *Operator) change(ctx context.Context, r request, t task.Task, s task.Settings, what, effect string) (Answer, error) {
	mail := backup.MailMessage{
		ID: "support-" + r.id, Account: t.Account, Template: "support",
		Data: map[string]string{"task": string(t.ID), "taskName": t.Name, "what": what, "reason": r.Reason, "effect": effect},
	}
	t, err := o.Tasks.Change(ctx, t.Account, t.ID, s, o.Audit.Put(o.told(r, t, what)), o.Tasks.KeepMail(mail))
	if err != nil {
		return Answer{}, err
	}
	out := Answer{Changed: true, Message: "Support " + what + ". The primary user is told by e-mail."}
	if err := o.Mails.Send(ctx, string(t.Account), 0, mail); err != nil { // the scheduler sends it
		slog.WarnContext(ctx, "mail of a change by support", "account", t.Account, "task", t.ID, "err", err)
	}
	described, err := o.describe(ctx, t)
	out.Task = &described
	return out, err
}

// expiring counts what a task loses by a retention, until MostRead rows have
// been read; a Box user counts as ten.
func (o *Operator) expiring(ctx context.Context, t task.Task, r task.Retention) (out Expiry, err error) {
	from, read := r.From(o.Now()), 0
	for u, err := range o.Tasks.BoxUsers(ctx, t.Account, t.ID) {
		if err != nil {
			return out, err
		}
		if !u.Alive() || u.Held != "" || len(u.Catalog) == 0 {
			continue
		}
		if read >= o.MostRead {
			out.More = true
			break
		}
		var all []snapshot.Snapshot
		for s, err := range o.Snapshots.All(ctx, t.Account, t.ID, u.ID) {
			if err != nil {
				return out, err
			}
			all = append(all, s)
		}
		read += 10 + len(all)
		if gone, _ := snapshot.Expired(all, from); len(gone) > 0 {
			out.Snapshots += len(gone)
			out.BoxUsers++
		}
	}
	return out, nil
}
