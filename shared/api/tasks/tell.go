package tasks

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"coffer/shared/account"
	"coffer/shared/api"
	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/task"
)

// tell adds what a person did to a task to the activity list.
func (s *Server) tell(ctx context.Context, who account.Session, t task.Task, kind audit.Kind, text string) error {
	return s.Audit.Add(ctx, s.did(ctx, who, t, kind, text))
}

// did is that line. A request that comes again tells of the same.
func (s *Server) did(ctx context.Context, who account.Session, t task.Task, kind audit.Kind, text string) audit.Activity {
	now := s.Now().UTC()
	return audit.Activity{
		Account: t.Account, ID: audit.ID(now, string(kind)+"-"+api.NewID(ctx, now)), At: now, Kind: kind, Status: audit.Succeeded,
		Task: t.ID, TaskName: t.Name, Item: t.EnterpriseName, Description: text + " by " + who.Email + ".",
	}
}

// tellAll adds one line about those for whom an action changed something:
// "Activated: Ann, Bob, by …", also of what was not done in the background. One is
// the only Box user whom it was asked for, if any.
func (s *Server) tellAll(ctx context.Context, who account.Session, t task.Task, d deed, a task.Action, one task.BoxUser) error {
	if d.kind == "" || a.Changed == 0 {
		return nil
	}
	names := a.Named
	if more := a.Changed - len(names); more > 0 {
		names = append(slices.Clone(names), fmt.Sprintf("%d more", more))
	}
	told := s.did(ctx, who, t, d.kind, d.text+": "+strings.Join(names, ", ")+",")
	told.Records = int64(a.Changed)
	if !a.Asked.IsZero() { // what is done again tells of the same
		told.At, told.ID = a.Asked, audit.ID(a.Asked, string(d.kind)+"-"+a.ID)
	}
	if a.Asked.IsZero() && a.Changed == 1 {
		told.BoxUser, told.BoxUserName, told.Item = one.ID, one.Name, one.Login
	}
	return s.Audit.Add(ctx, told)
}

// settled is what of a task's settings differs, "Name: A → B" each.
func settled(before, after task.Task) []string {
	var all []string
	differ := func(what, a, b string) {
		if a != b {
			all = append(all, what+": "+a+" → "+b)
		}
	}
	differ("Name", before.Name, after.Name)
	differ("Backup frequency", readableFrequency[before.Frequency], readableFrequency[after.Frequency])
	differ("Backup hour (UTC)", strconv.Itoa(before.Hour), strconv.Itoa(after.Hour))
	differ("Automatically activate new users", onOff(before.AutoActivate), onOff(after.AutoActivate))
	p, q := before.Policy, after.Policy
	differ("Previous versions", onOff(p.Versions), onOff(q.Versions))
	differ("Trash", onOff(p.Trash), onOff(q.Trash))
	differ("Index for search", onOff(!p.Unsearched), onOff(!q.Unsearched))
	differ("Retention period", p.Retention.String(), q.Retention.String())
	differ("Retain auto-archived backups", days(p.ArchiveDays), days(q.ArchiveDays))
	differ("Ceiling of Box calls in a month", limit(p.Ceiling, "none"), limit(q.Ceiling, "none"))
	differ("Box users backed up at a time", limit(int64(p.Concurrency), "the usual number"), limit(int64(q.Concurrency), "the usual number"))
	return all
}

var readableFrequency = map[task.Frequency]string{
	task.Daily: "daily", task.Every3Days: "every 3 days", task.Weekly: "weekly", task.ThreeTimesDaily: "3 times a day",
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

func days(n int) string {
	if n == 0 {
		return "for good"
	}
	return task.Retention{Number: n, Unit: task.Days}.String()
}

// shorter is the e-mail that tells the primary user that things will be kept for
// less, and until when that can be set back.
func (s *Server) shorter(who account.Session, t task.Task) backup.MailMessage {
	is := t.Shortened
	id := "kept-shorter-" + string(t.ID) + "-" + is.Until.UTC().Format(time.RFC3339Nano)
	return s.mail(id, t, "kept-shorter", is.Until.Add(-task.Grace), map[string]string{
		"by": who.Email, "retention": t.Retention.String(), "archive": days(t.ArchiveDays),
		"wasRetention": is.Retention.String(), "wasArchive": days(is.ArchiveDays),
	})
}

func limit(n int64, none string) string {
	if n == 0 {
		return none
	}
	return strconv.FormatInt(n, 10)
}

// gets reports whether the Box user gets or loses one of the tags.
func gets(u task.BoxUser, add, remove []backup.TagID) bool {
	return slices.ContainsFunc(add, func(id backup.TagID) bool { return !u.Tagged(id) }) || slices.ContainsFunc(remove, u.Tagged)
}
