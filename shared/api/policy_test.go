package api_test

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/api/recovery"
	"coffer/shared/api/tasks"
	"coffer/shared/task"
)

func TestPolicyChangesWhereItIsToldTo_F27_F32_F37_D11(t *testing.T) {
	t.Parallel()
	p := newProduct(t)
	who := p.newPerson("ann@example.com")
	var made tasks.Task
	who.ok("POST", "/api/tasks", map[string]any{"name": "Acme"}, &made)
	want := tasks.Policy{Index: true}
	if diff := cmp.Diff(want, made.Policy); diff != "" {
		t.Errorf("policy of a new task (-want +got):\n%s", diff)
	}
	path := "/api/tasks/" + made.ID
	for _, step := range []struct {
		change string
		then   func(*tasks.Policy)
	}{
		{`{"versions":true,"trash":true}`, func(p *tasks.Policy) { p.Versions, p.Trash = true, true }},
		{`{"index":false}`, func(p *tasks.Policy) { p.Index = false }},
		{`{"retention":{"number":18,"unit":"months"}}`, func(p *tasks.Policy) { p.Retention = &tasks.Retention{Number: 18, Unit: task.Months} }},
		{`{"archiveDays":90,"ceiling":50000,"concurrency":5}`, func(p *tasks.Policy) { p.ArchiveDays, p.Ceiling, p.Concurrency = 90, 50000, 5 }},
		{`{}`, func(*tasks.Policy) {}},
		{`{"versions":null,"archiveDays":null,"index":null}`, func(*tasks.Policy) {}},
		{`{"retention":{"number":50,"unit":"years"},"index":true}`, func(p *tasks.Policy) {
			p.Retention, p.Index = &tasks.Retention{Number: 50, Unit: task.Years}, true
		}},
		{`{"retention":null,"trash":false,"archiveDays":0,"ceiling":0}`, func(p *tasks.Policy) {
			p.Retention, p.Trash, p.ArchiveDays, p.Ceiling = nil, false, 0, 0
		}},
	} {
		step.then(&want)
		var changed, read tasks.Task
		who.ok("PATCH", path, map[string]any{"policy": json.RawMessage(step.change)}, &changed)
		who.ok("GET", path, nil, &read)
		if diff := cmp.Diff(want, changed.Policy) + cmp.Diff(want, read.Policy); diff != "" {
			t.Errorf("after %s (-want +got):\n%s", step.change, diff)
		}
	}
	for change, field := range map[string]string{
		`{"retention":{"number":3651,"unit":"days"}}`:        "policy.retention.number",
		`{"retention":{"number":121,"unit":"months"}}`:       "policy.retention.number",
		`{"retention":{"number":51,"unit":"years"}}`:         "policy.retention.number",
		`{"retention":{"number":0,"unit":"years"}}`:          "policy.retention.number",
		`{"retention":{"number":-1,"unit":"days"}}`:          "policy.retention.number",
		`{"retention":{"number":1.5,"unit":"days"}}`:         "policy.retention.number",
		`{"retention":{"number":1,"unit":"weeks"}}`:          "policy.retention.unit",
		`{"retention":{"number":1}}`:                         "policy.retention",
		`{"retention":{"number":1,"unit":"days","for":"x"}}`: "policy.retention.for",
		`{"retention":"forever"}`:                            "policy.retention",
		`{"archiveDays":3651}`:                               "policy.archiveDays",
		`{"archiveDays":-1}`:                                 "policy.archiveDays",
		`{"ceiling":-1}`:                                     "policy.ceiling",
		`{"concurrency":101}`:                                "policy.concurrency",
		`{"unsearched":true}`:                                "policy.unsearched",
	} {
		response, reply := who.send("PATCH", path, map[string]any{"policy": json.RawMessage(change)})
		var problem struct {
			Errors []struct{ Message, Location string }
		}
		if err := json.Unmarshal(reply, &problem); err != nil || response.StatusCode != 400 || len(problem.Errors) != 1 || problem.Errors[0].Location != field {
			t.Errorf("%s: %d %s, want a problem with %s", change, response.StatusCode, reply, field)
		}
	}
	var after tasks.Task
	who.ok("GET", path, nil, &after)
	if diff := cmp.Diff(want, after.Policy); diff != "" {
		t.Errorf("after refused changes (-want +got):\n%s", diff)
	}
}

func TestNothingIsSearchedWithoutAnIndex_F27(t *testing.T) {
	t.Parallel()
	b := newBackedUp(t)
	items := b.base + "/snapshots/" + b.snapshot.ID + "/items"
	b.who.ok("PATCH", "/api/tasks/"+b.task, map[string]any{"policy": map[string]any{"index": false}}, nil)
	if detail := b.who.refused(409, "GET", items+"?q=plan", nil); !strings.Contains(detail, "no index") {
		t.Errorf("searching is refused with %q", detail)
	}
	var list recovery.ItemList
	b.who.ok("GET", items+"?parent="+b.folder, nil, &list)
	if len(list.Items) != 1 {
		t.Errorf("the folder holds %+v", list.Items)
	}
	b.who.ok("PATCH", "/api/tasks/"+b.task, map[string]any{"policy": map[string]any{"index": true}}, nil)
	b.who.ok("GET", items+"?q=plan", nil, &list)
	if len(list.Items) != 2 {
		t.Errorf("found again: %+v", list.Items)
	}
}

// TestPolicyChangesOfSeveralPeopleAllHold has each change another part of the
// policy at the same moment.
func TestPolicyChangesOfSeveralPeopleAllHold(t *testing.T) {
	t.Parallel()
	p := newProduct(t)
	who := p.newPerson("ann@example.com")
	var made tasks.Task
	who.ok("POST", "/api/tasks", map[string]any{"name": "Acme"}, &made)
	path := "/api/tasks/" + made.ID
	var all sync.WaitGroup
	for _, change := range []string{
		`{"versions":true}`, `{"trash":true}`, `{"index":false}`, `{"retention":{"number":3,"unit":"years"}}`, `{"archiveDays":9}`, `{"ceiling":7}`, `{"concurrency":5}`,
	} {
		all.Go(func() {
			if response, body := who.send("PATCH", path, map[string]any{"policy": json.RawMessage(change)}); response.StatusCode != 200 {
				t.Errorf("%s: %s", change, body)
			}
		})
	}
	all.Wait()
	var got tasks.Task
	who.ok("GET", path, nil, &got)
	want := tasks.Policy{Versions: true, Trash: true, Retention: &tasks.Retention{Number: 3, Unit: task.Years}, ArchiveDays: 9, Ceiling: 7, Concurrency: 5}
	if diff := cmp.Diff(want, got.Policy); diff != "" {
		t.Errorf("policy (-want +got):\n%s", diff)
	}
}
