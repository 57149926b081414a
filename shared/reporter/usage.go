package reporter

import (
	"context"
	"iter"
	"strconv"
	"time"

	"coffer/shared/backup"
	"coffer/shared/task"
)

// Head returns the names of the usage report's columns.
func Head() []string {
	return []string{"Task", "Name", "E-mail", "State", "Backup Status", "Items", "Bytes", "First Backup", "Last Backup"}
}

// Usage yields a row for each Box user of the account's tasks, deleted tasks
// and backups left out, with one page of the table in memory at a time. Where
// not all is to be seen, the items and bytes of Box users whose access is
// limited are empty, as they are in lists.
func Usage(ctx context.Context, tasks *task.Table, account backup.AccountID, all bool) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		list, err := tasks.Tasks(ctx, account)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, t := range list {
			if !t.Alive() {
				continue
			}
			for u, err := range tasks.BoxUsers(ctx, account, t.ID) {
				if err != nil {
					yield(nil, err)
					return
				}
				if u.Alive() && !yield(row(t, u, all || !u.Tagged(backup.LimitedAccess)), nil) {
					return
				}
			}
		}
	}
}

func row(t task.Task, u task.BoxUser, figures bool) []string {
	state := "inactive"
	switch {
	case u.Left():
		state = "archived"
	case u.Active:
		state = "active"
	}
	items, size := "", ""
	if figures {
		items, size = strconv.FormatInt(u.Items, 10), strconv.FormatInt(u.Size, 10)
	}
	return []string{t.Name, u.Name, u.Login, state, string(u.Status), items, size, at(u.FirstBackup), at(u.LastBackup)}
}

func at(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// FileName is what the report of this time is called.
func FileName(now time.Time) string { return "usage-" + now.UTC().Format(time.DateOnly) + ".csv" }

// Note returns the last row of a report that ends too early.
func Note(why string) []string { return []string{"Note", why} }
