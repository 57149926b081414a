package api_test

import (
	"bytes"
	"strings"
	"testing"

	"coffer/shared/api"
	"coffer/shared/api/recovery"
	"coffer/shared/api/tasks"
	"coffer/shared/backup"
)

// TestLimitedAccessHidesWhatABoxUserHas_F49_Z2 calls every operation of the
// document as a secondary user, before a Box user's access is limited and after
// it. None that could tell of the Box user's data does.
func TestLimitedAccessHidesWhatABoxUserHas_F49_Z2(t *testing.T) {
	t.Parallel()
	b := newBackedUp(t)
	second := b.who.secondary("second@example.com")
	var j recovery.Job
	b.who.ok("POST", "/api/jobs", map[string]any{
		"task": b.task, "user": b.user, "snapshot": b.snapshot.ID, "all": true, "mode": "bypass", "label": "Lost plans",
	}, &j)
	ids := map[string]string{"task": b.task, "user": b.user, "snapshot": b.snapshot.ID, "job": j.ID, "item": b.folder, "tag": "unknown", "session": "unknown"}
	unknown := map[string]string{"task": b.task, "user": "404404", "snapshot": b.snapshot.ID, "job": backup.NewID(), "item": b.folder, "tag": "unknown", "session": "unknown"}
	second.ok("GET", b.base+"/snapshots", nil, nil)
	b.who.ok("POST", "/api/tasks/"+b.task+"/users/tag", map[string]any{"ids": []string{b.user}, "add": []string{string(backup.LimitedAccess)}}, nil)

	refused := 0
	for _, op := range operations(t) {
		if op.public || op.id == "sign-out" {
			continue
		}
		status, reply := second.as(op, ids)
		for _, canary := range []string{b.snapshot.ID, j.ID, "Lost plans", "plan \"A\"", "Plans", "file 1.txt", "Backup\",\"status"} {
			if bytes.Contains(reply, []byte(canary)) {
				t.Errorf("%s: the answer holds %q: %s", op.id, canary, reply)
			}
		}
		hidden := strings.Contains(op.path, "{user}/") || strings.Contains(op.path, "{job}") || op.id == "create-job"
		if !hidden {
			if status >= 500 || strings.Contains(op.path, "{user}") != (op.id == "get-box-user") {
				t.Errorf("%s: %d %s", op.id, status, reply)
			}
			continue
		}
		refused++
		if other, nothing := second.as(op, unknown); status != 404 || other != 404 || !bytes.Equal(reply, nothing) {
			t.Errorf("%s: %d %s, and of nobody %d %s", op.id, status, reply, other, nothing)
		}
	}
	if refused < 8 {
		t.Errorf("%d operations were refused", refused)
	}

	var u tasks.BoxUser
	second.ok("GET", b.base, nil, &u)
	if !u.Locked || u.Items != 0 || u.Size != 0 || u.Snapshot != "" || u.Name != "Ann Archer" {
		t.Errorf("the row that a secondary user sees: %+v", u)
	}
	var out tasks.ActionResult
	second.ok("POST", "/api/tasks/"+b.task+"/users/delete", map[string]any{"ids": []string{b.user}}, &out)
	if out.Done != 0 || len(out.Refused) != 1 {
		t.Errorf("deleted: %+v", out)
	}
	second.refused(403, "DELETE", "/api/tasks/"+b.task, nil)
	second.refused(403, "PATCH", "/api/tasks/"+b.task, map[string]any{"policy": map[string]any{"retention": map[string]any{"number": 1, "unit": "days"}}})
	var activity api.List[tasks.Activity]
	second.ok("GET", "/api/activity?kind=Backup", nil, &activity)
	var jobs recovery.JobList
	second.ok("GET", "/api/jobs", nil, &jobs)
	if len(activity.Items) != 0 || len(jobs.Items) != 0 || jobs.Summary.InProgress != 0 || len(jobs.Initiators) != 0 {
		t.Errorf("activity %+v, jobs %+v", activity.Items, jobs)
	}

	// The primary user sees all, and can open it again.
	u = tasks.BoxUser{}
	b.who.ok("GET", b.base, nil, &u)
	b.who.ok("GET", "/api/jobs", nil, &jobs)
	if u.Locked || u.Items != 10 || len(jobs.Items) != 1 || jobs.Items[0].Status != backup.JobPending {
		t.Errorf("the primary user sees %+v and %+v", u, jobs.Items)
	}
	b.who.ok("POST", "/api/tasks/"+b.task+"/users/tag", map[string]any{"ids": []string{b.user}, "remove": []string{string(backup.LimitedAccess)}}, nil)
	second.ok("GET", b.base+"/snapshots/"+b.snapshot.ID+"/items", nil, nil)
	second.ok("GET", "/api/jobs/"+j.ID, nil, nil)
}
