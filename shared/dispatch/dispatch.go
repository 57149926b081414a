// Package dispatch sends the runs of a task to their queue, no more of them at a
// time than the task may have out. The others wait in the table, first come
// first served, those that a person asked for first. So one task with a hundred
// thousand Box users takes no more workers than one with twenty, and its place
// in the queue is the same.
//
// Whoever requests runs, and whoever ends one, fills the places that are free;
// a scheduler does so for what a crash left behind.
package dispatch

import (
	"context"
	"fmt"

	"coffer/shared/backup"
	"coffer/shared/queue"
	"coffer/shared/task"
)

// Dispatcher dispatches runs.
type Dispatcher struct {
	Tasks *task.Table
	Runs  *queue.Queue[backup.RunMessage]
}

// Fill sends the messages of waiting runs for as long as the task may have more
// of them out.
func (d Dispatcher) Fill(ctx context.Context, account backup.AccountID, id backup.TaskID) error {
	t, err := d.Tasks.Task(ctx, account, id)
	if backup.KindOf(err) == backup.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	for {
		runs, err := d.Tasks.Dispatch(ctx, t)
		if err != nil || len(runs) == 0 {
			return err
		}
		messages := make([]backup.RunMessage, len(runs))
		for i, u := range runs {
			messages[i] = u.Message()
		}
		if err := d.Runs.Send(ctx, string(id), 0, messages...); err != nil {
			return fmt.Errorf("runs of task %s: %w", id, err)
		}
	}
}
