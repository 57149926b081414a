package api_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/api"
	"coffer/shared/api/tasks"
	"coffer/shared/backup"
	"coffer/shared/task"
)

func TestTasksAreFoundAndSorted_F57(t *testing.T) {
	t.Parallel()
	b := newBackedUp(t)
	for _, name := range []string{"berlin", "Zürich", "50% more"} {
		b.who.ok("POST", "/api/tasks", map[string]any{"name": name}, nil)
	}
	for query, want := range map[string]string{
		"":                           "50% more, Acme Box, berlin, Zürich",
		"order=desc":                 "Zürich, berlin, Acme Box, 50% more",
		"sort=created":               "Acme Box, berlin, Zürich, 50% more",
		"sort=size&order=desc":       "Acme Box",
		"sort=lastBackup&order=desc": "Acme Box",
		"sort=users&order=desc":      "Acme Box",
		"q=BER":                      "berlin",
		"q=z%C3%9CR":                 "Zürich",
		"q=%25":                      "50% more",
		"q=acme":                     "Acme Box", // the task's name and its enterprise's
		"q=nothing":                  "",
	} {
		var list api.List[tasks.Task]
		b.who.ok("GET", "/api/tasks?"+query, nil, &list)
		var names []string
		for _, made := range list.Items {
			names = append(names, made.Name)
		}
		if got := strings.Join(names, ", "); !strings.HasPrefix(got, want) || len(want) == 0 && len(got) > 0 {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
		if list.Total == nil || *list.Total != len(names) {
			t.Errorf("%s: total %v, want %d", query, list.Total, len(names))
		}
	}
	var page api.List[tasks.Task]
	b.who.ok("GET", "/api/tasks?sort=size&limit=3", nil, &page)
	if len(page.Items) != 3 || *page.Total != 4 {
		t.Fatalf("first page %+v", page)
	}
	b.who.refused(400, "GET", "/api/tasks?sort=name&cursor="+page.Next, nil) // a cursor of another order
	var last api.List[tasks.Task]
	b.who.ok("GET", "/api/tasks?sort=size&limit=3&cursor="+page.Next, nil, &last)
	if len(last.Items) != 1 || last.Items[0].Name != "Acme Box" || last.Next != "" {
		t.Errorf("last page %+v", last)
	}
	b.who.refused(400, "GET", "/api/tasks?sort=enterprise", nil)
}

// begin requests a run of both Box users and has a worker take the one of Ann.
func (b *backedUp) begin(t *testing.T) (ann, bob task.BoxUser) {
	t.Helper()
	table := b.archiver.Tasks
	b.who.ok("POST", "/api/tasks/"+b.task+"/users/backup", map[string]any{"all": true}, nil)
	for _, m := range received[backup.RunMessage](b.product, b.runs) {
		u, err := table.BoxUser(t.Context(), m.Account, m.Task, m.BoxUser)
		if err == nil && string(u.ID) == b.user {
			ann, err = table.Lease(t.Context(), m, "worker")
		} else {
			bob = u
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if ann.RunID == "" || bob.RunID == "" {
		t.Fatalf("runs %+v, %+v", ann, bob)
	}
	return ann, bob
}

func TestTaskSumsUpTheProgressOfItsRuns(t *testing.T) {
	t.Parallel()
	b := newBackedUp(t)
	path := "/api/tasks/" + b.task
	var made tasks.Task
	b.who.ok("GET", path, nil, &made)
	if made.Progress != nil {
		t.Errorf("progress %+v while nothing runs", made.Progress)
	}
	ann, bob := b.begin(t)
	b.who.ok("GET", path, nil, &made)
	if p := made.Progress; p == nil || p.Running != 1 || p.Items != 0 || p.Started.IsZero() || p.Updated.IsZero() {
		t.Errorf("progress before the first word: %+v", p)
	}
	table := b.archiver.Tasks
	bob, err := table.Lease(t.Context(), bob.Message(), "worker")
	if err != nil {
		t.Fatal(err)
	}
	early, late := time.Now().UTC().Add(-time.Hour).Truncate(time.Second), time.Now().UTC().Truncate(time.Second)
	for u, p := range map[*task.BoxUser]task.Progress{
		&ann: {Phase: "Listing", Items: 100, Files: 10, Wanted: 50, Bytes: 1000, Calls: 7, Started: late},
		&bob: {Phase: "Downloading", Items: 23, Files: 4, Wanted: 6, Bytes: 89, Calls: 1, Started: early},
	} {
		if _, err := table.Renew(t.Context(), *u, p); err != nil {
			t.Fatal(err)
		}
	}
	b.who.ok("GET", path, nil, &made)
	if made.Progress == nil || made.Progress.Updated.Before(late) {
		t.Fatalf("progress %+v", made.Progress)
	}
	want := tasks.TaskProgress{Running: 2, Items: 123, Files: 14, Wanted: 56, Bytes: 1089, Calls: 8, Started: early, Updated: made.Progress.Updated}
	if diff := cmp.Diff(want, *made.Progress); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
	var list api.List[tasks.Task]
	b.who.ok("GET", "/api/tasks", nil, &list)
	if diff := cmp.Diff(made.Progress, list.Items[0].Progress); diff != "" {
		t.Errorf("progress in the list (-one +list):\n%s", diff)
	}
}

func TestChoiceOfAllIsNarrowedByStatusAndText(t *testing.T) {
	t.Parallel()
	b := newBackedUp(t)
	users := "/api/tasks/" + b.task + "/users"
	act := func(action string, body map[string]any) (done, changed int) {
		t.Helper()
		var result tasks.ActionResult
		b.who.ok("POST", users+"/"+action, body, &result)
		if len(result.Refused) > 0 {
			t.Errorf("%s %v: refused %+v", action, body, result.Refused)
		}
		return result.Done, result.Changed
	}
	for _, c := range []struct {
		action  string
		body    map[string]any
		want    int
		changed int
		bob     backup.Status
	}{
		{"pause", map[string]any{"all": true, "status": "Failed"}, 0, 0, backup.NotActive},
		{"pause", map[string]any{"all": true, "q": "nobody"}, 0, 0, backup.NotActive},
		{"activate", map[string]any{"all": true, "status": "Not Active", "q": "ann"}, 0, 0, backup.NotActive},
		{"activate", map[string]any{"all": true, "status": "Not Active"}, 1, 1, backup.Scheduled},
		{"pause", map[string]any{"all": true, "q": "BOB@"}, 1, 1, backup.Paused},
		{"activate", map[string]any{"all": true}, 2, 1, backup.Scheduled},
	} {
		if n, changed := act(c.action, c.body); n != c.want || changed != c.changed {
			t.Errorf("%s %v: done for %d and changed for %d, want %d and %d", c.action, c.body, n, changed, c.want, c.changed)
		}
		var list api.List[tasks.BoxUser]
		b.who.ok("GET", users+"?q=bob", nil, &list)
		if got := list.Items[0].Status; got != c.bob {
			t.Errorf("%s %v: Bob is %s, want %s", c.action, c.body, got, c.bob)
		}
	}
	b.who.refused(400, "POST", users+"/pause", map[string]any{"ids": []string{b.user}, "status": "Success"})
	b.who.refused(400, "POST", users+"/pause", map[string]any{"ids": []string{b.user}, "q": "ann"})
	b.who.refused(400, "POST", users+"/pause", map[string]any{"all": true, "status": "Nonsense"})
	b.who.refused(400, "POST", users+"/pause", map[string]any{"status": "Success"})
}

func TestBackupsAreCancelled_D9(t *testing.T) {
	t.Parallel()
	b := newBackedUp(t)
	cancel := func(body map[string]any) (out tasks.ActionResult) {
		t.Helper()
		b.who.ok("POST", "/api/tasks/"+b.task+"/users/cancel", body, &out)
		return out
	}
	if got := cancel(map[string]any{"all": true}); got.Done != 0 || len(got.Refused) != 0 {
		t.Errorf("all, while nothing runs: %+v", got)
	}
	if got := cancel(map[string]any{"ids": []string{b.user}}); got.Done != 0 || len(got.Refused) != 1 || !strings.Contains(got.Refused[0].Reason, "No backup of Ann Archer is") {
		t.Errorf("one, while nothing runs: %+v", got)
	}
	ann, bob := b.begin(t)
	if got := cancel(map[string]any{"all": true}); got.Done != 2 || len(got.Refused) != 0 {
		t.Errorf("all: %+v", got)
	}
	var u tasks.BoxUser
	b.who.ok("GET", "/api/tasks/"+b.task+"/users/"+string(bob.ID), nil, &u)
	if u.Status != backup.NotActive || u.Requested || u.Reason != "" {
		t.Errorf("Bob, whose backup had not begun: %+v", u)
	}
	if _, err := b.archiver.Tasks.Lease(t.Context(), bob.Message(), "late"); backup.KindOf(err) != backup.Conflict {
		t.Errorf("the cancelled run is taken up: %v", err)
	}
	b.who.ok("GET", b.base, nil, &u)
	if u.Status != backup.InProcess || !u.Requested {
		t.Errorf("Ann, whose worker is to learn of it: %+v", u)
	}
	if row, err := b.archiver.Tasks.Renew(t.Context(), ann, task.Progress{}); err != nil || !row.Cancel {
		t.Errorf("the worker does not learn of it: %+v, %v", row, err)
	}
	if err := b.archiver.Tasks.HandOver(t.Context(), ann); err != nil {
		t.Fatal(err)
	}
	if err := b.archiver.Run(t.Context(), ann.Message()); err != nil {
		t.Fatal(err)
	}
	b.who.ok("GET", b.base, nil, &u)
	if u.Status != backup.Success || u.Requested || u.Snapshot != b.snapshot.ID {
		t.Errorf("Ann: %+v", u)
	}
	var list api.List[tasks.Activity]
	b.who.ok("GET", "/api/activity?status=Canceled", nil, &list)
	var told []string
	for _, a := range list.Items {
		told = append(told, string(a.Kind)+" "+a.BoxUserName+" "+a.Item+": "+a.Description)
	}
	want := []string{
		"Backup Ann Archer ann@acme.example: The backup was cancelled. What it had stored is kept for the next one.",
		"Backup Bob Baker bob@acme.example: The backup was cancelled before it began.",
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("activity (-want +got):\n%s", diff)
	}
}
