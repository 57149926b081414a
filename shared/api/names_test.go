package api_test

import (
	"encoding/json"
	"testing"

	"coffer/shared/api"
	"coffer/shared/api/tasks"
)

// refusedAt makes a call that must be a Conflict about the field.
func (w *person) refusedAt(field, method, path string, body any) {
	w.p.t.Helper()
	response, data := w.send(method, path, body)
	var problem struct {
		Errors []struct{ Location, Message string }
	}
	if err := json.Unmarshal(data, &problem); err != nil || response.StatusCode != 409 || len(problem.Errors) != 1 || problem.Errors[0].Location != field {
		w.p.t.Errorf("%s %s: %d %s, want a conflict about %s", method, path, response.StatusCode, data, field)
	}
}

func TestNamesOfTasksAndTagsAreRefusedAtTheirField(t *testing.T) {
	t.Parallel()
	p := newProduct(t)
	who := p.newPerson("ann@example.com")
	var made, other tasks.Task
	who.ok("POST", "/api/tasks", map[string]any{"name": "Acme"}, &made)
	who.refusedAt("name", "POST", "/api/tasks", map[string]any{"name": " ACME "})
	who.ok("POST", "/api/tasks", map[string]any{"name": "Other"}, &other)
	who.refusedAt("name", "PATCH", "/api/tasks/"+other.ID, map[string]any{"name": "acme"})
	tags := "/api/tasks/" + made.ID + "/tags"
	who.ok("POST", tags, map[string]any{"name": "Managers"}, nil)
	who.refusedAt("name", "POST", tags, map[string]any{"name": "managers"})
	p.newPerson("eve@example.com").ok("POST", "/api/tasks", map[string]any{"name": "Acme"}, nil) // in another account
	var list api.List[tasks.Task]
	who.ok("GET", "/api/tasks", nil, &list)
	if len(list.Items) != 2 {
		t.Errorf("tasks %+v", list.Items)
	}
}
