package api_test

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"coffer/shared/api"
	"coffer/shared/api/access"
	"coffer/shared/api/openapi"
	"coffer/shared/api/recovery"
	"coffer/shared/api/tasks"
	"coffer/shared/backup"
)

// operation is one of the document.
type operation struct {
	id, method, path string
	public, ids      bool // ids: its path or body names something
}

func operations(t *testing.T) []operation {
	t.Helper()
	var document struct {
		Paths map[string]map[string]struct {
			OperationID string                `json:"operationId"`
			Security    []map[string][]string `json:"security"`
		} `json:"paths"`
	}
	if err := json.Unmarshal(openapi.Document(), &document); err != nil {
		t.Fatal(err)
	}
	var all []operation
	for path, methods := range document.Paths {
		for method, op := range methods {
			all = append(all, operation{
				id: op.OperationID, method: strings.ToUpper(method), path: path, public: len(op.Security) == 0,
				ids: strings.Contains(path, "{") || op.OperationID == "create-job",
			})
		}
	}
	return all
}

// TestOtherAccountsDoNotExist_T1 calls every operation of the document as a
// stranger with an account, with the ids of a first account and with ids that
// nobody has. One cannot tell which is which.
func TestOtherAccountsDoNotExist_T1(t *testing.T) {
	t.Parallel()
	b := newBackedUp(t)
	eve := b.newPerson("eve@example.com")
	var j recovery.Job
	b.who.ok("POST", "/api/jobs", map[string]any{"task": b.task, "user": b.user, "snapshot": b.snapshot.ID, "all": true, "mode": "bypass"}, &j)
	var signedIn api.List[access.OwnSession]
	b.who.ok("GET", "/api/sessions", nil, &signedIn)
	var tag tasks.Tag
	b.who.ok("POST", "/api/tasks/"+b.task+"/tags", map[string]any{"name": "Management"}, &tag)
	real := map[string]string{"tag": string(tag.ID), "task": b.task, "user": b.user, "snapshot": b.snapshot.ID, "job": j.ID, "item": b.folder, "session": signedIn.Items[0].ID}
	random := map[string]string{"tag": backup.NewID(), "session": backup.NewID(), "task": backup.NewID(), "user": "404404", "snapshot": backup.NewID(), "job": backup.NewID(), "item": "404405"}
	canaries := []string{"Management", string(tag.ID), b.task, b.user, b.snapshot.ID, j.ID, "Acme Box", "Ann Archer", "ann@acme", "ann@example.com", "plan", "Plans"}

	for _, op := range operations(t) {
		if op.public || op.id == "sign-out" {
			continue
		}
		status, reply := eve.as(op, real)
		for _, canary := range canaries {
			if bytes.Contains(reply, []byte(canary)) {
				t.Errorf("%s: the answer to a stranger holds %q: %s", op.id, canary, reply)
			}
		}
		if !op.ids {
			if status >= 500 {
				t.Errorf("%s: %d %s", op.id, status, reply)
			}
			continue
		}
		other, nothing := eve.as(op, random)
		if status != 404 || other != 404 || !bytes.Equal(reply, nothing) {
			t.Errorf("%s: %d %s for the ids of another account, %d %s for those of nobody", op.id, status, reply, other, nothing)
		}
	}

	// Afterwards all is as it was.
	var made tasks.Task
	b.who.ok("GET", "/api/tasks/"+b.task, nil, &made)
	var jobs recovery.JobList
	b.who.ok("GET", "/api/jobs", nil, &jobs)
	if made.Name != "Acme Box" || made.Users.Active != 1 || len(jobs.Items) != 1 || jobs.Items[0].Status != backup.JobPending {
		t.Errorf("task %+v, jobs %+v", made, jobs)
	}
	if runs := received[backup.RunMessage](b.product, b.runs); len(runs) > 0 {
		t.Errorf("a stranger began %+v", runs)
	}

	var page recovery.ItemList
	b.who.ok("GET", b.base+"/snapshots/"+b.snapshot.ID+"/items?limit=1", nil, &page)
	eve.refused(404, "GET", b.base+"/snapshots/"+b.snapshot.ID+"/items?cursor="+page.Next, nil)
	var own tasks.Task
	eve.ok("POST", "/api/tasks", map[string]any{"name": "Eve"}, &own)
	eve.refused(404, "GET", "/api/tasks/"+own.ID+"/users/"+b.user+"/snapshots", nil)
	var list api.List[tasks.Activity]
	b.who.ok("GET", "/api/activity?limit=1", nil, &list)
	eve.refused(400, "GET", "/api/activity?cursor="+list.Next, nil)
}

// TestEveryOperationNeedsASession calls all that are not public as nobody. A
// browser that comes from Box goes on to a page.
func TestEveryOperationNeedsASession(t *testing.T) {
	t.Parallel()
	p := newProduct(t)
	nobody := &person{p: p}
	ids := map[string]string{"tag": "t", "task": "t", "user": "u", "snapshot": "s", "job": "j", "item": "i", "session": "s"}
	for _, op := range operations(t) {
		if op.public {
			continue
		}
		want := 401
		if op.id == "box-callback" {
			want = 303
		}
		if status, reply := nobody.as(op, ids); status != want {
			t.Errorf("%s: %d %s", op.id, status, reply)
		}
	}
}

// as calls an operation with ids.
func (w *person) as(op operation, ids map[string]string) (int, []byte) {
	w.p.t.Helper()
	path := regexp.MustCompile(`{(\w+)}`).ReplaceAllStringFunc(op.path, func(name string) string { return ids[strings.Trim(name, "{}")] })
	bodies := map[string]any{
		"change-password":       map[string]any{"current": "wrong password", "password": "a better password than that"},
		"change-task":           map[string]any{"name": "Eve was here"},
		"create-task":           map[string]any{"name": "Eve's"},
		"connect-task-with-app": map[string]any{"grant": "client_credentials", "clientId": "c", "clientSecret": "s", "enterpriseId": "1"},
		"activate-box-users":    map[string]any{"ids": []string{ids["user"]}},
		"pause-box-users":       map[string]any{"all": true},
		"backup-box-users":      map[string]any{"ids": []string{ids["user"]}},

		"tag-box-users": map[string]any{"ids": []string{ids["user"]}, "add": []string{ids["tag"]}},
		"create-tag":    map[string]any{"name": "Eve's"},

		"delete-box-users":   map[string]any{"ids": []string{ids["user"]}},
		"undelete-box-users": map[string]any{"ids": []string{ids["user"]}},
		"release-box-users":  map[string]any{"all": true},

		"cancel-box-user-backups": map[string]any{"ids": []string{ids["user"]}},
		"count-items":             map[string]any{"all": true},
		"create-job": map[string]any{
			"task": ids["task"], "user": ids["user"], "snapshot": ids["snapshot"], "mode": "replace",
			"include": []string{"versions", "sharing", "comments", "metadata"},
			"items":   []any{map[string]any{"kind": "folder", "id": ids["item"]}},
		},
	}
	response, reply := w.send(op.method, path, bodies[op.id])
	return response.StatusCode, reply
}
