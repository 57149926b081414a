package demo

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"text/tabwriter"
	"time"

	"coffer/shared/api/recovery"
	"coffer/shared/api/tasks"
	"coffer/shared/backup"
)

// backupTimeout bounds a backup of a whole enterprise.
const backupTimeout = 30 * time.Minute

// Row is what one backup did for one Box user.
type Row struct {
	User     tasks.BoxUser
	Snapshot recovery.Snapshot // zero where the backup failed
}

func taskPath(task string, rest ...string) string {
	path := "/api/tasks/" + url.PathEscape(task)
	for _, r := range rest {
		path += "/" + url.PathEscape(r)
	}
	return path
}

// Users returns a task's Box users by name.
func (p *Portal) Users(ctx context.Context, task string) ([]tasks.BoxUser, error) {
	return All[tasks.BoxUser](ctx, p, taskPath(task, "users"))
}

// Activate has all Box users of a task backed up.
func (p *Portal) Activate(ctx context.Context, task string) error {
	return p.Call(ctx, http.MethodPost, taskPath(task, "users", "activate"), map[string]bool{"all": true}, nil)
}

// BackUp backs up every activated Box user of a task and returns when all are
// done. Progress, if not nil, is told how many are.
func (p *Portal) BackUp(ctx context.Context, task string, progress func(done, of int)) ([]Row, error) {
	before, err := p.Users(ctx, task)
	if err != nil {
		return nil, err
	}
	old := map[string]string{}
	for _, u := range before {
		old[u.ID] = u.Snapshot
	}
	var result tasks.ActionResult
	if err := p.Call(ctx, http.MethodPost, taskPath(task, "backup"), nil, &result); err != nil {
		return nil, err
	}
	var users []tasks.BoxUser
	err = Until(ctx, backupTimeout, "the backup ended", func() (bool, error) {
		var err error
		if users, err = p.Users(ctx, task); err != nil {
			return false, err
		}
		done, of := 0, 0
		for _, u := range users {
			if !u.Active {
				continue
			}
			of++
			if !u.Requested && (u.Snapshot != old[u.ID] || u.Status == backup.Failed) {
				done++
			}
		}
		if progress != nil {
			progress(done, of)
		}
		return done == of, nil
	})
	if err != nil {
		return nil, err
	}
	return p.rows(ctx, task, users)
}

// rows looks up the latest snapshots of the activated Box users.
func (p *Portal) rows(ctx context.Context, task string, users []tasks.BoxUser) ([]Row, error) {
	var rows []Row
	for _, u := range users {
		if !u.Active {
			continue
		}
		row := Row{User: u}
		if u.Snapshot != "" {
			if err := p.Call(ctx, http.MethodGet, taskPath(task, "users", u.ID, "snapshots", u.Snapshot), nil, &row.Snapshot); err != nil {
				return nil, err
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// Print writes rows as a table.
func Print(w io.Writer, rows []Row) error {
	out := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintln(out, "Box user\tfiles\tbytes\tstored\tBox calls\tseconds\tstatus")
	var total recovery.Snapshot
	for _, r := range rows {
		s := r.Snapshot
		status := string(r.User.Status)
		if r.User.Reason != "" {
			status += ": " + r.User.Reason
		}
		fmt.Fprintf(out, "%s\t%d\t%d\t%d\t%d\t%.1f\t%s\n", r.User.Name, s.Files, s.Size, s.Stored, s.Calls, s.Ended.Sub(s.Started).Seconds(), status)
		total.Files += s.Files
		total.Size += s.Size
		total.Stored += s.Stored
		total.Calls += s.Calls
	}
	fmt.Fprintf(out, "%d Box users\t%d\t%d\t%d\t%d\t\t\n", len(rows), total.Files, total.Size, total.Stored, total.Calls)
	return out.Flush()
}
