package task_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"coffer/shared/backup"
	"coffer/shared/task"
)

// wantTaken fails the test unless err is a Conflict about the field "name".
func wantTaken(t *testing.T, err error) {
	t.Helper()
	wantKind(t, err, backup.Conflict)
	if e, ok := err.(*backup.Error); !ok || e.Field != "name" || !strings.Contains(e.Message, "already") {
		t.Errorf("%#v, want a Conflict about the name", err)
	}
}

// Ten are created at once with names that differ in their case: one has it.
func TestOneOfManyTasksGetsTheName(t *testing.T) {
	t.Parallel()
	table, b, _ := newTable(t)
	var mu sync.Mutex
	var group sync.WaitGroup
	made := 0
	for i := range 10 {
		group.Go(func() {
			other := b
			other.ID, other.Name = backup.TaskID(fmt.Sprint("other", i)), []string{"Northwind", "NORTHWIND"}[i%2]
			err := table.Create(t.Context(), other)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				made++
				return
			}
			wantTaken(t, err)
		})
	}
	group.Wait()
	if made != 1 {
		t.Errorf("%d tasks were created, want 1", made)
	}
}

func TestNameBelongsToOneTaskUntilItIsRenamedOrDeleted(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	table, _, c := newTable(t)
	create := func(id backup.TaskID, name string) error {
		return table.Create(ctx, task.Task{Account: "acme", ID: id, Name: name, Frequency: task.Daily, Created: c.now()})
	}
	rename := func(id backup.TaskID, name string) error {
		_, err := table.Change(ctx, "acme", id, task.Settings{Name: &name})
		return err
	}
	check(t, create("one", "Ocean"))
	wantTaken(t, create("two", "ocean"))
	err := create("one", "Ocean") // the same again
	wantKind(t, err, backup.Conflict)
	if e, ok := err.(*backup.Error); !ok || e.Field != "" {
		t.Errorf("the same task again: %#v", err)
	}
	check(t, create("two", "Sea"))
	wantTaken(t, rename("two", "OCEAN"))
	check(t, rename("one", "ocean")) // in another case
	check(t, rename("one", "Lake"))
	check(t, rename("two", "Ocean"))
	check(t, create("three", "Sea"))

	_, err = table.DeleteTask(ctx, "acme", "three")
	check(t, err)
	check(t, create("four", "Sea"))
	_, err = table.DeleteTask(ctx, "acme", "three") // once more
	check(t, err)
	wantTaken(t, create("five", "Sea"))
	_, err = table.UndeleteTask(ctx, "acme", "three", c.now())
	wantKind(t, err, backup.Conflict)
	check(t, rename("four", "Bay"))
	_, err = table.UndeleteTask(ctx, "acme", "three", c.now())
	check(t, err)
	wantTaken(t, create("five", "Sea"))
	wantKind(t, rename("none", "Sea"), backup.NotFound)
}
