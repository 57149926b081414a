package api_test

import (
	"fmt"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"coffer/shared/api"
	"coffer/shared/api/tasks"
	"coffer/shared/backup"
	"coffer/shared/task"
)

// TestFiguresOfALargeTaskFollowWhatAPersonDoes_L3 looks again after each action:
// the figures are said to be outdated, one message asks for a count, and after
// that they are right.
func TestFiguresOfALargeTaskFollowWhatAPersonDoes_L3(t *testing.T) {
	t.Parallel()
	b := newBackedUp(t)
	account := b.account()
	group, ctx := errgroup.WithContext(t.Context())
	group.SetLimit(16)
	for i := range 500 { // beside Ann and Bob
		group.Go(func() error {
			_, err := b.archiver.Tasks.Discovered(ctx, task.BoxUser{Account: account, Task: backup.TaskID(b.task), ID: backup.BoxUserID(fmt.Sprint("u", i))}, false)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	path, ids := "/api/tasks/"+b.task, []string{"u1", "u2", "u1"}
	var tag tasks.Tag
	b.who.ok("POST", path+"/tags", map[string]any{"name": "Management"}, &tag)
	look := func() tasks.Task {
		var list api.List[tasks.Task]
		b.who.ok("GET", "/api/tasks", nil, &list)
		return list.Items[0]
	}
	tagged := func(tasks.Task) int {
		var list api.List[tasks.Tag]
		b.who.ok("GET", path+"/tags?q=management", nil, &list)
		return list.Items[0].Users
	}
	if first := look(); first.Users.Outdated || first.Users.Total != 502 {
		t.Fatalf("at first %+v", first.Users)
	}
	for n, step := range []struct {
		action string
		more   map[string]any
		figure func(tasks.Task) int
		change int
	}{
		{"activate", nil, func(m tasks.Task) int { return m.Users.Active }, 2},
		{"pause", nil, func(m tasks.Task) int { return m.Users.ByStatus[backup.Paused] }, 2},
		{"backup", nil, func(m tasks.Task) int { return m.Users.ByStatus[backup.Scheduled] }, 2},
		{"cancel", nil, func(m tasks.Task) int { return m.Users.ByStatus[backup.Scheduled] }, -2},
		{"tag", map[string]any{"add": []backup.TagID{tag.ID}}, tagged, 2},
		{"delete", nil, func(m tasks.Task) int { return m.Users.Deleted }, 2},
		{"undelete", nil, func(m tasks.Task) int { return m.Users.Total }, 2},
	} {
		before := step.figure(look())
		body := map[string]any{"ids": ids}
		for name, value := range step.more {
			body[name] = value
		}
		var got tasks.ActionResult
		b.who.ok("POST", path+"/users/"+step.action, body, &got)
		b.ahead(time.Duration(n+1) * 2 * time.Second)
		now := look()
		asked := received[backup.CountMessage](b.product, b.counts)
		if got.Done != 2 || !now.Users.Outdated || len(asked) != 1 {
			t.Fatalf("%s: %+v, outdated %t, %d messages", step.action, got, now.Users.Outdated, len(asked))
		}
		if err := b.archiver.Tasks.Count(t.Context(), asked[0].Account, asked[0].Task); err != nil {
			t.Fatal(err)
		}
		if now = look(); now.Users.Outdated || step.figure(now) != before+step.change {
			t.Errorf("%s: from %d to %d, %+v", step.action, before, step.figure(now), now.Users)
		}
	}
	b.who.refused(404, "POST", path+"/users/pause", map[string]any{"ids": []string{"u1", "nobody"}})
}
