package api_test

import (
	"slices"
	"strings"
	"testing"

	"coffer/shared/api"
	"coffer/shared/api/tasks"
	"coffer/shared/backup"
)

// silent are the operations that change something, or may, and that the activity
// list does not tell of as they are called.
var silent = map[string]string{
	"authorize-task":          "it begins what box-callback ends",
	"backup-task":             "each backup is told of when it ends",
	"backup-box-users":        "each backup is told of when it ends",
	"check-task":              "it changes nothing",
	"mail-usage-report":       "it changes nothing",
	"cancel-box-user-backups": "each backup is told of when it ends: as cancelled",
	"delete-task":             "see TestDeletedTaskIsHiddenAndComesBack_F51_F52_D2",
	"undelete-task":           "likewise",
	"delete-box-users":        "one line for each Box user: see TestDeletedBoxUsersAreHiddenAndComeBack_F53_F54_D2",
	"undelete-box-users":      "likewise",
	"acknowledge-damage":      "see TestDamageIsAcknowledged",
	"connect-task-with-app":   "see TestConnectWithApp",
	"box-callback":            "newBackedUp has done it: see there",
}

// TestEachChangeIsToldOnce_A1 calls the operations on tasks that change
// something, twice each: the first call adds one line with who did what, the
// second, which changes nothing, none.
func TestEachChangeIsToldOnce_A1(t *testing.T) {
	t.Parallel()
	b := newBackedUp(t)
	var users api.List[tasks.BoxUser]
	b.who.ok("GET", "/api/tasks/"+b.task+"/users?q=bob", nil, &users)
	bob := map[string]any{"ids": []string{users.Items[0].ID}}
	with := func(key string, ids ...string) map[string]any { return map[string]any{"ids": bob["ids"], key: ids} }
	path := "/api/tasks/" + b.task
	list := func() []tasks.Activity {
		var list api.List[tasks.Activity]
		b.who.ok("GET", "/api/activity?limit=200", nil, &list)
		return list.Items
	}
	if first := list(); !slices.ContainsFunc(first, func(a tasks.Activity) bool {
		return a.Description == "Connected to Box by ann@example.com, who signed in there as ann@acme.example."
	}) {
		t.Errorf("the connection does not name who made it: %+v", first)
	}
	called := map[string]bool{}
	var tag tasks.Tag
	for _, c := range []struct {
		op, method, path string
		body             func() any
		kind, want       string
		once             bool // a second call is another change, or refused
		out              any
	}{
		{"activate-box-users", "POST", path + "/users/activate", func() any { return bob }, "Activate", "Activated: Bob Baker, by ann@example.com.", false, nil},
		{"pause-box-users", "POST", path + "/users/pause", func() any { return bob }, "Pause", "Paused: Bob Baker, by ann@example.com.", false, nil},
		{"create-tag", "POST", path + "/tags", func() any { return map[string]any{"name": "Sales"} }, "Tags", "Tag Sales created by ann@example.com.", true, &tag},
		{"tag-box-users", "POST", path + "/users/tag", func() any { return with("add", string(tag.ID)) }, "Tags", "Sales given: Bob Baker, by ann@example.com.", false, nil},
		{"tag-box-users", "POST", path + "/users/tag", func() any { return with("add", string(backup.LimitedAccess)) }, "Limited Access", "Limited Access given: Bob Baker, by ann@example.com.", false, nil},
		{"tag-box-users", "POST", path + "/users/tag", func() any { return with("remove", string(backup.LimitedAccess)) }, "Limited Access", "Limited Access taken: Bob Baker, by ann@example.com.", false, nil},
		{"delete-tag", "DELETE", path + "/tags/{tag}", func() any { return nil }, "Tags", "Tag Sales deleted by ann@example.com.", true, nil},
		{"change-task", "PATCH", path, func() any {
			return map[string]any{"name": "Acme", "frequency": "weekly", "hour": 5, "autoActivate": true, "policy": map[string]any{
				"versions": true, "trash": true, "index": false, "retention": map[string]any{"number": 2, "unit": "years"}, "archiveDays": 90, "ceiling": 5000, "concurrency": 3,
			}}
		}, "Settings", "Changed: Name: Acme Box → Acme; Backup frequency: daily → weekly; Backup hour (UTC): 1 → 5; Automatically activate new users: off → on; " +
			"Previous versions: off → on; Trash: off → on; Index for search: on → off; Retention period: unlimited → 2 years; Retain auto-archived backups: for good → 90 days; " +
			"Ceiling of Box calls in a month: none → 5000; Box users backed up at a time: the usual number → 3, by ann@example.com.", false, nil},
		{"create-task", "POST", "/api/tasks", func() any { return map[string]any{"name": "Another"} }, "Settings", "Backup task created by ann@example.com.", true, nil},
		{"release-box-users", "POST", path + "/users/release", func() any { return map[string]any{"ids": []string{b.user}} }, "Release", "Snapshots allowed to expire again: Ann Archer, by ann@example.com.", false, nil},
	} {
		called[c.op] = true
		if c.op == "release-box-users" {
			b.hold(t)
		}
		before := list()
		where := strings.ReplaceAll(c.path, "{tag}", string(tag.ID))
		b.who.ok(c.method, where, c.body(), c.out)
		after := list()
		if len(after) != len(before)+1 {
			t.Fatalf("%s: %d lines more, want 1", c.op, len(after)-len(before))
		}
		if a := after[0]; string(a.Kind) != c.kind || a.Description != c.want || a.Status != "Succeeded" {
			t.Errorf("%s: %s %s: %q, want %s: %q", c.op, a.Kind, a.Status, a.Description, c.kind, c.want)
		}
		if !c.once {
			b.who.ok(c.method, where, c.body(), nil)
			if n := len(list()) - len(after); n != 0 {
				t.Errorf("%s again: %d lines more, want none", c.op, n)
			}
		}
	}
	for _, op := range operations(t) {
		if op.method == "GET" && op.id != "box-callback" || !strings.HasPrefix(op.path, "/api/tasks") && !strings.HasPrefix(op.path, "/api/usage") && op.id != "box-callback" || strings.Contains(op.path, "/snapshots/") {
			continue
		}
		if called[op.id] == (silent[op.id] != "") {
			t.Errorf("%s %s (%s): neither is it seen that the activity list tells of it, nor said why not", op.method, op.path, op.id)
		}
	}
}
