package task_test

import (
	"testing"

	"coffer/shared/backup"
	"coffer/shared/task"
)

// TestHintsThatCameToAPartAreNotTakenForHeard_I8 stores a part of a stream again
// that has got one more event, after a run has read the part's hints and before it
// removes them.
func TestHintsThatCameToAPartAreNotTakenForHeard_I8(t *testing.T) {
	t.Parallel()
	table, b, _ := newTable(t)
	u := task.BoxUser{Account: b.Account, Task: b.ID, ID: "7"}
	hint := func(ids ...string) {
		var items []task.Hint
		for _, id := range ids {
			items = append(items, task.Hint{ItemRef: backup.ItemRef{Kind: backup.File, ID: id}})
		}
		if err := table.Hint(t.Context(), b.Account, b.ID, "115-116", map[backup.BoxUserID][]task.Hint{u.ID: items}); err != nil {
			t.Fatal(err)
		}
	}
	hint("1", "2")
	hint("2", "1")
	heard, err := table.Hints(t.Context(), u)
	if err != nil || len(heard) != 1 {
		t.Fatalf("%+v, %v, want the same hints once", heard, err)
	}
	hint("3", "1", "2")
	if err := table.Unhint(t.Context(), u, []string{heard[0].Key}); err != nil {
		t.Fatal(err)
	}
	left, err := table.Hints(t.Context(), u)
	if err != nil || len(left) != 1 || len(left[0].Items) != 3 {
		t.Errorf("%+v, %v, want what came later", left, err)
	}
}
