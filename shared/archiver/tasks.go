package archiver

import (
	"context"
	"fmt"
	"strings"
	"time"

	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/catalog"
)

// taskHistory is how far back Box tells in which files tasks were made.
const taskHistory = 365 * 24 * time.Hour

// tasksOf are a file's tasks. No listing tells that there are any.
func (r *run) tasksOf(ctx context.Context, file string) ([]catalog.Task, error) {
	found, err := r.client.Tasks(ctx, file)
	if err != nil {
		return nil, err
	}
	all := make([]catalog.Task, len(found))
	for i, t := range found {
		all[i] = catalog.Task{
			ID: t.ID, Action: t.Action, Message: t.Message, Rule: t.Rule, Due: t.Due, Created: t.CreatedAt, By: who(t.CreatedBy),
		}
		for _, a := range t.Assignments {
			all[i].Assignments = append(all[i].Assignments, catalog.Assignment{ID: a.ID, To: who(a.AssignTo), State: a.State, Message: a.Message})
		}
	}
	return all, nil
}

// addTask notes a file if the event is about a task of it.
func (r *run) addTask(e *box.Event) {
	if e.Item != nil && e.Item.Kind == backup.File && strings.HasPrefix(e.Type, "TASK_") {
		r.tasked[e.Item.ID] = true
	}
}

// history notes the files of the Box user in which tasks were made in the past
// year, before the first listing of everything: nothing else tells. Without the
// permission to read the enterprise's events the tasks are not known.
func (r *run) history(ctx context.Context) error {
	now := r.Now()
	for position := ""; ; {
		page, err := r.admin.AdminHistory(ctx, now.Add(-taskHistory), now, position, "TASK_CREATE", "TASK_ASSIGNMENT_CREATE")
		if box.IsForbidden(err) || box.IsRefused(err) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("history of tasks: %w", err)
		}
		for _, e := range page.Entries {
			r.addTask(&e)
		}
		if len(page.Entries) == 0 || page.Next == position {
			return nil
		}
		position = page.Next
	}
}
