package task

import (
	"context"
	"errors"
	"strings"

	"github.com/guregu/dynamo/v2"

	"coffer/shared/backup"
)

// taskNameItem keeps a second task of the account from having the name. A task
// gives its name back when it is deleted.
type taskNameItem struct {
	PK string `dynamo:"PK,hash"`
	SK string `dynamo:"SK,range"`
	ID backup.TaskID
}

func taskNameKey(name string) string { return "TASKNAME#" + strings.ToLower(name) }

// takeName adds to a transaction that the task has its name for itself.
func (t *Table) takeName(tx *dynamo.WriteTx, task Task) {
	if task.Name == "" {
		return
	}
	item := taskNameItem{PK: string(task.Account), SK: taskNameKey(task.Name), ID: task.ID}
	tx.Put(t.table.Put(item).If("attribute_not_exists(PK) OR ID = ?", task.ID))
}

// freeName adds to a transaction that others may have the task's name.
func (t *Table) freeName(tx *dynamo.WriteTx, task Task) {
	if task.Name == "" {
		return
	}
	tx.Delete(t.table.Delete("PK", string(task.Account)).Range("SK", taskNameKey(task.Name)).If("attribute_not_exists(PK) OR ID = ?", task.ID))
}

// nameTaken returns a Conflict about the field "name" where another task has the
// name.
func (t *Table) nameTaken(ctx context.Context, task Task) error {
	var item taskNameItem
	err := t.table.Get("PK", string(task.Account)).Range("SK", dynamo.Equal, taskNameKey(task.Name)).Consistent(true).One(ctx, &item)
	switch {
	case errors.Is(err, dynamo.ErrNotFound), err == nil && item.ID == task.ID:
		return nil
	case err != nil:
		return wrap(err, "name of task %s", task.ID)
	}
	return backup.Taken("name", "There is a backup task named %q already. Choose another name.", task.Name)
}
