package api_test

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"coffer/shared/api"
	"coffer/shared/api/recovery"
	"coffer/shared/api/tasks"
	"coffer/shared/backup"
)

// with is the person with a key for requests.
func (w *person) with(key string) *person { return &person{p: w.p, cookie: w.cookie, key: key} }

func TestRestoreThatIsAskedForAgainWithItsKeyIsOneJob(t *testing.T) {
	t.Parallel()
	b := newBackedUp(t)
	second := b.who.secondary("second@example.com")
	ask := map[string]any{"task": b.task, "user": b.user, "snapshot": b.snapshot.ID, "all": true, "mode": "bypass", "label": "First"}
	other := map[string]any{"task": b.task, "user": b.user, "snapshot": b.snapshot.ID, "all": true, "mode": "bypass", "label": "Second"}

	// A key stays its request's, also where that was refused.
	b.who.with("k1").refused(404, "POST", "/api/jobs", map[string]any{"task": b.task, "user": "404404", "snapshot": "x", "all": true, "mode": "bypass"})
	var first, again, plain, hers recovery.Job
	b.who.with("k1").refused(422, "POST", "/api/jobs", ask)
	b.who.with("k2").ok("POST", "/api/jobs", ask, &first)
	if response := b.who.with("k2").ok("POST", "/api/jobs", ask, &again); response.StatusCode != 201 || first.ID == "" || again.ID != first.ID || again.Label != "First" {
		t.Errorf("%d %+v, want %+v", response.StatusCode, again, first)
	}
	if detail := b.who.with("k2").refused(422, "POST", "/api/jobs", other); !strings.Contains(detail, "Another request had this key") {
		t.Errorf("detail %q", detail)
	}
	b.who.with("k2").refused(422, "POST", "/api/tasks", map[string]any{"name": "Another operation"})
	second.with("k2").ok("POST", "/api/jobs", ask, &hers)
	b.who.ok("POST", "/api/jobs", ask, &plain)
	if hers.ID == first.ID || plain.ID == first.ID || plain.ID == hers.ID {
		t.Errorf("jobs %s, %s, %s", first.ID, hers.ID, plain.ID)
	}
	if messages := received[backup.JobMessage](b.product, b.recover); len(messages) != 3 {
		t.Errorf("%d jobs are sent, want 3", len(messages))
	}
	b.who.with(strings.Repeat("k", 256)).refused(400, "POST", "/api/jobs", ask)
}

func TestRequestsOfOneKeyAtOnceMakeOneThing(t *testing.T) {
	t.Parallel()
	p := newProduct(t)
	ann := p.newPerson("ann@example.com")
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			response, body := ann.with("k").send("POST", "/api/tasks", map[string]any{"name": "Acme"})
			if response.StatusCode != 201 && response.StatusCode != 409 {
				t.Errorf("%d %s", response.StatusCode, body)
			}
		})
	}
	all.Wait()
	var list api.List[tasks.Task]
	ann.ok("GET", "/api/tasks", nil, &list)
	if len(list.Items) != 1 {
		t.Fatalf("%d tasks", len(list.Items))
	}
	_, body := ann.with("k").send("POST", "/api/tasks", map[string]any{"name": "Acme"})
	var again tasks.Task
	if err := json.Unmarshal(body, &again); err != nil || again.ID != list.Items[0].ID {
		t.Errorf("%s, want task %s", body, list.Items[0].ID)
	}

	tag := "/api/tasks/" + again.ID + "/tags"
	var one, two tasks.Tag
	ann.with("t").ok("POST", tag, map[string]any{"name": "Sales"}, &one)
	ann.with("t").ok("POST", tag, map[string]any{"name": "Sales"}, &two)
	if one.ID == "" || one != two {
		t.Errorf("tags %+v, %+v", one, two)
	}
	for range 2 {
		ann.with("r").ok("POST", "/api/usage-report", nil, nil)
	}
	if sent := received[backup.ReportMessage](p, p.reports); len(sent) != 1 {
		t.Errorf("%d reports", len(sent))
	}
}
