package dispatch_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"coffer/scripts/local/localtest"
	"coffer/shared/backup"
	"coffer/shared/dispatch"
	"coffer/shared/queue"
	"coffer/shared/task"
)

// TestTaskInTroubleLeavesTheQueueToOthers_L4 gives one task a crowd of runs that
// Box answers with errors only, so that none of them ends. Another one's ten
// begin at once all the same, and end.
func TestTaskInTroubleLeavesTheQueueToOthers_L4(t *testing.T) {
	t.Parallel()
	cloud := localtest.Start(t)
	runs := cloud.Queue(t)
	d := dispatch.Dispatcher{
		Tasks: task.New(cloud.AWS, cloud.Table(t, localtest.Due)),
		Runs:  queue.New[backup.RunMessage](cloud.AWS, runs),
	}
	ask := func(id backup.TaskID, users int) {
		if err := d.Tasks.Create(t.Context(), task.Task{Account: "acme", ID: id, Connection: backup.Connected}); err != nil {
			t.Fatal(err)
		}
		if err := d.Tasks.Expect(t.Context(), "acme", id); err != nil {
			t.Fatal(err)
		}
		for i := range users {
			u := task.BoxUser{Account: "acme", Task: id, ID: backup.BoxUserID(fmt.Sprint(i))}
			if _, err := d.Tasks.Discovered(t.Context(), u, true); err != nil {
				t.Fatal(err)
			}
			if _, err := d.Tasks.Request(t.Context(), u, time.Time{}); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.Fill(t.Context(), "acme", id); err != nil {
			t.Fatal(err)
		}
	}
	received := func() map[backup.TaskID][]backup.RunMessage {
		all := map[backup.TaskID][]backup.RunMessage{}
		for _, body := range cloud.Received(t, runs) {
			var m backup.RunMessage
			if err := json.Unmarshal([]byte(body), &m); err != nil {
				t.Fatal(err)
			}
			all[m.Task] = append(all[m.Task], m)
		}
		return all
	}

	ask("troubled", 300)
	ask("healthy", 10)
	first := received()
	if len(first["troubled"]) != task.DefaultConcurrency || len(first["healthy"]) != 10 {
		t.Fatalf("%d and %d messages, want %d and 10", len(first["troubled"]), len(first["healthy"]), task.DefaultConcurrency)
	}
	for _, m := range first["troubled"] { // tried in vain
		u, err := d.Tasks.Lease(t.Context(), m, "worker")
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Tasks.Retry(t.Context(), u, time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if err := d.Fill(t.Context(), "acme", "troubled"); err != nil {
			t.Fatal(err)
		}
	}
	if more := received(); len(more) != 0 {
		t.Errorf("the troubled task got more workers: %v", more)
	}
	for _, m := range first["healthy"] {
		u, err := d.Tasks.Lease(t.Context(), m, "worker")
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Tasks.End(t.Context(), u, backup.Success, ""); err != nil {
			t.Fatal(err)
		}
	}
	u, err := d.Tasks.Lease(t.Context(), first["troubled"][0], "worker")
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Tasks.End(t.Context(), u, backup.Failed, "Test."); err != nil {
		t.Fatal(err)
	}
	if err := d.Fill(t.Context(), "acme", "troubled"); err != nil {
		t.Fatal(err)
	}
	if more := received(); len(more["troubled"]) != 1 {
		t.Errorf("%d runs follow one that has ended", len(more["troubled"]))
	}
}
