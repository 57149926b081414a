package api_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"coffer/scripts/local/fault"
	"coffer/shared/api"
	"coffer/shared/api/tasks"
	"coffer/shared/backup"
	"coffer/shared/task"
)

// newVast is a task of so many Box users that what is for all goes on in the
// background.
func newVast(t *testing.T) *crowded {
	t.Helper()
	c := newCrowded(t, 603, func(i int) task.BoxUser {
		u := task.BoxUser{ID: backup.BoxUserID(fmt.Sprintf("%04d", i)), Name: fmt.Sprintf("User %04d", i), Status: backup.NotActive}
		if i%3 == 0 {
			u.Tags = []backup.TagID{"third"}
		}
		return u
	})
	c.tasks.Many = 500
	c.count()
	return c
}

// states counts the Box users by what state says of them.
func (c *crowded) states(state func(task.BoxUser) string) map[string]int {
	c.t.Helper()
	out := map[string]int{}
	for u, err := range c.rows.BoxUsers(c.t.Context(), c.of.Account, c.of.ID) {
		if err != nil {
			c.t.Fatal(err)
		}
		out[state(u)]++
	}
	return out
}

// act delivers all messages of actions until there are no more.
func (c *crowded) act() (messages int) {
	c.t.Helper()
	for {
		all := received[backup.ActMessage](c.product, c.acts)
		if len(all) == 0 {
			return messages
		}
		for _, m := range all {
			messages++
			if err := c.tasks.Act(c.t.Context(), m); err != nil {
				c.t.Fatal(err)
			}
		}
	}
}

func (c *crowded) told(kind string) (all []string) {
	c.t.Helper()
	var list api.List[tasks.Activity]
	c.who.ok("GET", "/api/activity?limit=5&kind="+kind, nil, &list)
	for _, a := range list.Items {
		all = append(all, fmt.Sprintf("%d: %s", a.Records, a.Description))
	}
	return all
}

// TestActionForAllOfAVastTaskGoesOnInTheBackground_L3_A1 does every action there
// is for all Box users: it answers at once, the task says how far it is, and in
// the end it is done, once, and told.
func TestActionForAllOfAVastTaskGoesOnInTheBackground_L3_A1(t *testing.T) {
	t.Parallel()
	c := newVast(t)
	var tag tasks.Tag
	c.who.ok("POST", c.path+"/tags", map[string]any{"name": "Management"}, &tag)
	status := func(u task.BoxUser) string { return string(u.Status) }
	for _, step := range []struct {
		action string
		body   map[string]any
		of     int
		state  func(task.BoxUser) string
		want   string
		n      int
		told   string
		prefix string
	}{
		{"users/activate", map[string]any{"tag": "third"}, 201, status, "Scheduled", 201, "Activate", "201: Activated: User 0000, User 0003, "},
		{"users/activate", nil, 603, status, "Scheduled", 603, "Activate", "402: Activated: User 0001, User 0002, "},
		{"users/pause", map[string]any{"q": "user 00"}, 100, status, "Paused", 100, "Pause", "100: Paused: User 0000, "},
		{"users/tag", map[string]any{"add": []string{string(tag.ID)}, "status": "Paused"}, 100, func(u task.BoxUser) string { return fmt.Sprint(u.Tagged(tag.ID)) }, "true", 100, "Tags", "100: Management given: User 0000, "},
		{"users/delete", map[string]any{"tag": tag.ID}, 100, func(u task.BoxUser) string { return fmt.Sprint(u.Alive()) }, "false", 100, "Delete", "0: Deleted by "},
		{"users/undelete", nil, 100, func(u task.BoxUser) string { return fmt.Sprint(u.Alive()) }, "true", 603, "Undelete", "0: Brought back by "},
	} {
		body := map[string]any{"all": true}
		for name, value := range step.body {
			body[name] = value
		}
		var got tasks.ActionResult
		c.who.ok("POST", c.path+"/"+step.action, body, &got)
		if !got.Going || got.Of != step.of || got.Done != 0 {
			t.Errorf("%s: %+v, want %d", step.action, got, step.of)
		}
		var of tasks.Task
		c.who.ok("GET", c.path, nil, &of)
		if of.Going == nil || of.Going.Of != step.of || of.Going.By != "ann@example.com" || of.Going.Done != 0 {
			t.Errorf("%s: the task says %+v", step.action, of.Going)
		}
		if reason := c.who.refused(409, "POST", c.path+"/users/pause", map[string]any{"all": true}); !strings.HasPrefix(reason, "What ann@example.com has asked for") {
			t.Errorf("another one is refused: %q", reason)
		}
		c.act()
		if states := c.states(step.state); states[step.want] != step.n {
			t.Errorf("%s: %v, want %d %s", step.action, states, step.n, step.want)
		}
		if told := c.told(step.told); len(told) == 0 || !strings.HasPrefix(told[0], step.prefix) {
			t.Errorf("%s: told %q", step.action, told)
		}
		of = tasks.Task{}
		if c.who.ok("GET", c.path, nil, &of); of.Going != nil {
			t.Errorf("%s: the task still says %+v", step.action, of.Going)
		}
		c.count()
	}
	mails := slices.DeleteFunc(received[backup.MailMessage](c.product, c.mails), func(m backup.MailMessage) bool { return m.Template != "users-deleted" })
	if len(mails) != 1 || mails[0].Data["number"] != "100" || !strings.HasSuffix(mails[0].Data["names"], " and 80 more") {
		t.Errorf("mails %+v", mails)
	}
	c.who.ok("DELETE", c.path+"/tags/"+string(tag.ID), nil, nil)
	c.act()
	if n := c.states(func(u task.BoxUser) string { return fmt.Sprint(u.Tagged(tag.ID)) })["true"]; n > 0 {
		t.Errorf("%d have the deleted tag", n)
	}
	c.who.refused(409, "POST", c.path+"/users/backup", map[string]any{"all": true}) // it is not connected
	c.who.refused(409, "POST", c.path+"/backup", nil)
	if n := c.act(); n > 0 {
		t.Errorf("%d messages of what was refused", n)
	}
}

// TestActionIsDoneOnceWhateverHappensToItsMessages_C2_C3_C7 delivers messages
// several times at once, has a worker without time hand over, and delivers all
// again in the end.
func TestActionIsDoneOnceWhateverHappensToItsMessages_C2_C3_C7(t *testing.T) {
	t.Parallel()
	c := newVast(t)
	ctx := t.Context()
	for round, damage := range []func(m backup.ActMessage) error{
		func(m backup.ActMessage) error {
			group, ctx := errgroup.WithContext(ctx)
			for range 3 {
				group.Go(func() error { return c.tasks.Act(ctx, m) })
			}
			return group.Wait()
		},
		func(m backup.ActMessage) error { // no time for more than to hand over, then for all
			short, cancel := context.WithTimeout(ctx, 20*time.Second)
			defer cancel()
			return c.tasks.Act(short, m)
		},
	} {
		action, state, kind := "activate", backup.Scheduled, "Activate"
		if round%2 == 1 {
			action, state, kind = "pause", backup.Paused, "Pause"
		}
		c.who.ok("POST", c.path+"/users/"+action, map[string]any{"all": true}, nil)
		sent := received[backup.ActMessage](c.product, c.acts)
		if len(sent) != 1 {
			t.Fatalf("messages %+v", sent)
		}
		if err := damage(sent[0]); err != nil {
			t.Fatal(err)
		}
		c.act()
		again := c.told(kind)
		if err := c.tasks.Act(ctx, sent[0]); err != nil {
			t.Fatal(err)
		}
		if states := c.states(func(u task.BoxUser) string { return string(u.Status) }); states[string(state)] != 603 {
			t.Errorf("round %d: %v", round, states)
		}
		if told := c.told(kind); len(told) != (round+2)/2 || !slices.Equal(told, again) {
			t.Errorf("round %d: told %q", round, told)
		}
	}
}

// TestActionIsToldOnceWhicheverCallFails_C2 has a worker die at each of its calls of
// AWS, before its effect and after it, and the message come again.
func TestActionIsToldOnceWhicheverCallFails_C2(t *testing.T) {
	t.Parallel()
	c := newVast(t)
	told, calls := 0, int64(0)
	for k := int64(0); k <= calls; k++ {
		for _, fate := range []fault.Fate{fault.Refused, fault.Lost} {
			action := []string{"activate", "pause"}[told%2]
			c.who.ok("POST", c.path+"/users/"+action, map[string]any{"all": true, "q": "user 0007"}, nil)
			sent := received[backup.ActMessage](c.product, c.acts)
			after := fault.Refused
			if k == 0 { // undisturbed
				after = fault.Pass
			}
			calls = max(calls, c.weather.during(k, fate, after, func() { _ = c.tasks.Act(t.Context(), sent[0]) }))
			told++
			if err := c.tasks.Act(t.Context(), sent[0]); err != nil {
				t.Fatal(err)
			}
			c.act()
			u, err := c.rows.BoxUser(t.Context(), c.of.Account, c.of.ID, "0007")
			if err != nil || u.Active != (action == "activate") {
				t.Fatalf("call %d, %v: %s left active %t, %v", k, fate, action, u.Active, err)
			}
			if n := c.toldOf("Activate") + c.toldOf("Pause"); n != told {
				t.Fatalf("call %d, %v: %d times told, want %d", k, fate, n, told)
			}
		}
	}
	if calls < 8 {
		t.Errorf("an action of %d calls", calls)
	}
}

// toldOf counts the activities of a kind.
func (c *crowded) toldOf(kind string) int {
	c.t.Helper()
	var list api.List[tasks.Activity]
	c.who.ok("GET", "/api/activity?limit=200&kind="+kind, nil, &list)
	return len(list.Items)
}

// TestActionStopsWhereWhoAskedForItMayNotAnyMore_Z2 takes the right away while the
// action waits.
func TestActionStopsWhereWhoAskedForItMayNotAnyMore_Z2(t *testing.T) {
	t.Parallel()
	c := newVast(t)
	c.second.ok("POST", c.path+"/users/activate", map[string]any{"all": true}, nil)
	user, err := c.identity.Peek(t.Context(), c.second.cookie)
	if err != nil {
		t.Fatal(err)
	}
	c.remove(user)
	c.act()
	if states := c.states(func(u task.BoxUser) string { return string(u.Status) }); states["Scheduled"] != 0 {
		t.Errorf("done all the same: %v", states)
	}
	if told := c.told("Activate"); len(told) != 1 || !strings.HasPrefix(told[0], "1: Not done for 1 Box users (second@example.com is not a portal user any more.)") {
		t.Errorf("told %q", told)
	}
	c.who.ok("POST", c.path+"/users/activate", map[string]any{"all": true}, nil) // nothing is in the way
}

// TestActionThatDiedMakesRoom has a message get lost for good.
func TestActionThatDiedMakesRoom(t *testing.T) {
	t.Parallel()
	c := newVast(t)
	c.who.ok("POST", c.path+"/users/activate", map[string]any{"all": true}, nil)
	lost := received[backup.ActMessage](c.product, c.acts)
	c.ahead(14 * time.Minute)
	c.who.refused(409, "POST", c.path+"/users/pause", map[string]any{"all": true})
	c.ahead(16 * time.Minute)
	c.who.ok("POST", c.path+"/users/pause", map[string]any{"all": true, "q": "nobody"}, nil)
	c.act()
	if err := c.tasks.Act(t.Context(), lost[0]); err != nil {
		t.Fatal(err)
	}
	if states := c.states(func(u task.BoxUser) string { return string(u.Status) }); states["Not Active"] != 603 {
		t.Errorf("the one that was given up went on: %v", states)
	}
}
