package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/api"
	"coffer/shared/api/recovery"
	"coffer/shared/api/tasks"
	"coffer/shared/backup"
	"coffer/shared/snapshot"
	"coffer/shared/task"
)

// gone calls every operation of the document that names a task in its path, and
// create-job, with ids of what was deleted, except those that bring it back.
func (b *backedUp) gone(t *testing.T, among string, except ...string) {
	t.Helper()
	ids := map[string]string{"task": b.task, "user": b.user, "snapshot": b.snapshot.ID, "item": b.folder, "tag": string(backup.LimitedAccess)}
	called := 0
	for _, op := range operations(t) {
		if !strings.Contains(op.path, among) && op.id != "create-job" || strings.Contains(strings.Join(except, " "), op.id) {
			continue
		}
		called++
		if status, reply := b.who.as(op, ids); status != 404 || !strings.Contains(string(reply), "does not exist") {
			t.Errorf("%s of what was deleted: %d %s", op.id, status, reply)
		}
	}
	if called < 5 {
		t.Errorf("%d operations were called", called)
	}
}

// told are the descriptions of activities of a kind, the newest first.
func (b *backedUp) told(t *testing.T, kind string) (all []string) {
	t.Helper()
	var list api.List[tasks.Activity]
	b.who.ok("GET", "/api/activity?kind="+kind, nil, &list)
	for _, a := range list.Items {
		all = append(all, strings.TrimSpace(a.TaskName+" "+a.BoxUserName+": "+a.Description))
	}
	return all
}

func TestDeletedTaskIsHiddenAndComesBack_F51_F52_D2(t *testing.T) {
	t.Parallel()
	b := newBackedUp(t)
	received[backup.MailMessage](b.product, b.mails)
	path := "/api/tasks/" + b.task
	var before, deleted, back tasks.Task
	b.who.ok("GET", path, nil, &before)
	b.who.ok("DELETE", path, nil, &deleted)
	if deleted.Deleted.IsZero() || !deleted.DeletedUntil.Equal(deleted.Deleted.Add(task.Grace)) || !deleted.NextRun.IsZero() {
		t.Errorf("deleted %+v", deleted)
	}
	b.gone(t, "{task}", "undelete-task")
	var list api.List[tasks.Task]
	b.who.ok("GET", "/api/tasks", nil, &list)
	if len(list.Items) != 0 || *list.Total != 0 {
		t.Errorf("the list still has %+v", list.Items)
	}
	b.who.ok("GET", "/api/tasks?deleted=true", nil, &list)
	if len(list.Items) != 1 || list.Items[0].ID != b.task || !list.Items[0].DeletedUntil.Equal(deleted.DeletedUntil) {
		t.Errorf("recently deleted: %+v", list.Items)
	}
	mails := received[backup.MailMessage](b.product, b.mails)
	if len(mails) != 1 || mails[0].Template != "task-deleted" || mails[0].To != "" || mails[0].Data["by"] != "ann@example.com" ||
		mails[0].Data["taskName"] != "Acme Box" || mails[0].Data["until"] != deleted.DeletedUntil.UTC().Format("2 January 2006, 15:04 UTC") {
		t.Errorf("mails %+v", mails)
	}

	eve := b.newPerson("eve@example.com")
	eve.refused(404, "POST", path+"/undelete", nil)
	b.who.ok("POST", path+"/undelete", nil, &back)
	if back.NextRun.Before(time.Now()) {
		t.Errorf("brought back, the task runs next at %v", back.NextRun)
	}
	back.NextRun = before.NextRun
	if diff := cmp.Diff(before, back); diff != "" {
		t.Errorf("brought back (-want +got):\n%s", diff)
	}
	var snapshots api.List[recovery.Snapshot]
	b.who.ok("GET", b.base+"/snapshots", nil, &snapshots)
	b.who.ok("GET", "/api/tasks?deleted=true", nil, &list)
	if len(snapshots.Items) != 1 || len(list.Items) != 0 {
		t.Errorf("snapshots %+v, recently deleted %+v", snapshots.Items, list.Items)
	}
	b.who.ok("POST", path+"/undelete", nil, &back) // again, which changes nothing
	want := []string{"Acme Box : Deleted by ann@example.com. It can be brought back until " + deleted.DeletedUntil.UTC().Format("2 January 2006, 15:04 UTC") + "."}
	if diff := cmp.Diff(want, b.told(t, "Delete")); diff != "" {
		t.Errorf("activity (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"Acme Box : Brought back by ann@example.com."}, b.told(t, "Undelete")); diff != "" {
		t.Errorf("activity (-want +got):\n%s", diff)
	}
}

func TestDeletedBoxUserIsHiddenAndComesBack_F53_F54_D2(t *testing.T) {
	t.Parallel()
	b := newBackedUp(t)
	received[backup.MailMessage](b.product, b.mails)
	users := "/api/tasks/" + b.task + "/users"
	act := func(action string, body map[string]any, done int) {
		t.Helper()
		var out tasks.ActionResult
		b.who.ok("POST", users+"/"+action, body, &out)
		if out.Done != done || len(out.Refused) > 0 {
			t.Errorf("%s %v: %+v, want %d", action, body, out, done)
		}
	}
	state := func(query string) string {
		t.Helper()
		var list api.List[tasks.BoxUser]
		b.who.ok("GET", users+"?"+query, nil, &list)
		out := ""
		for _, u := range list.Items {
			out += fmt.Sprintf("%s %s %t. ", u.Name, u.Status, u.DeletedUntil.Equal(u.Deleted.Add(task.Grace)))
		}
		return out
	}
	just := map[string]any{"ids": []string{b.user}}
	b.who.ok("POST", users+"/tag", map[string]any{"ids": []string{b.user}, "add": []string{string(backup.LimitedAccess)}}, nil)
	act("delete", just, 1)
	b.gone(t, "{user}")
	for _, action := range []string{"activate", "pause", "backup", "cancel", "delete", "release"} {
		b.who.refused(404, "POST", users+"/"+action, just)
		act(action, map[string]any{"all": true, "q": "ann"}, 0)
	}
	if all, deleted := state(""), state("deleted=true"); all != "Bob Baker Not Active false. " || deleted != "Ann Archer Success true. " {
		t.Errorf("all: %s, deleted: %s", all, deleted)
	}
	if diff := cmp.Diff([]string{"Limited Access: 0"}, b.tagged("")); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
	var made tasks.Task
	b.who.ok("GET", "/api/tasks/"+b.task, nil, &made)
	if made.Users.Total != 1 || made.Users.Active != 0 || made.Users.Items != 0 || !made.Users.LastBackup.IsZero() {
		t.Errorf("totals %+v", made.Users)
	}
	var bob api.List[tasks.BoxUser]
	b.who.ok("GET", users, nil, &bob)
	b.who.refused(404, "POST", users+"/undelete", map[string]any{"ids": []string{bob.Items[0].ID}})
	mails := received[backup.MailMessage](b.product, b.mails)
	if len(mails) != 1 || mails[0].Template != "users-deleted" || mails[0].Data["number"] != "1" || mails[0].Data["names"] != "Ann Archer" {
		t.Errorf("mails %+v", mails)
	}

	act("undelete", just, 1)
	if all, deleted := state(""), state("deleted=true"); all != "Ann Archer Success false. Bob Baker Not Active false. " || deleted != "" {
		t.Errorf("brought back: %s, deleted: %s", all, deleted)
	}
	act("delete", map[string]any{"all": true}, 2)
	act("undelete", map[string]any{"all": true, "q": "bob"}, 1)
	if all, deleted := state(""), state("deleted=true"); all != "Bob Baker Not Active false. " || deleted != "Ann Archer Success true. " {
		t.Errorf("all: %s, deleted: %s", all, deleted)
	}
	if got := b.told(t, "Delete"); len(got) != 3 || !strings.Contains(strings.Join(got, "\n"), "Acme Box Bob Baker: Deleted by ann@example.com.") {
		t.Errorf("activity %q", got)
	}
	if got := b.told(t, "Undelete"); len(got) != 2 || got[1] != "Acme Box Ann Archer: Brought back by ann@example.com." {
		t.Errorf("activity %q", got)
	}
}

func TestAfterTheGraceNothingComesBack_D2(t *testing.T) {
	t.Parallel()
	b := newBackedUp(t)
	users := "/api/tasks/" + b.task + "/users"
	just := map[string]any{"ids": []string{b.user}}
	b.who.ok("POST", users+"/delete", just, nil)
	b.ahead(task.Grace - time.Minute)
	var list api.List[tasks.BoxUser]
	b.who.ok("GET", users+"?deleted=true", nil, &list)
	if len(list.Items) != 1 {
		t.Errorf("a minute before the end: %+v", list.Items)
	}
	b.ahead(task.Grace)
	b.who.ok("GET", users+"?deleted=true", nil, &list)
	if len(list.Items) != 0 {
		t.Errorf("at the end: %+v", list.Items)
	}
	b.who.refused(404, "POST", users+"/undelete", just)
	b.who.ok("DELETE", "/api/tasks/"+b.task, nil, nil)
	b.ahead(2 * task.Grace)
	var deleted api.List[tasks.Task]
	b.who.ok("GET", "/api/tasks?deleted=true", nil, &deleted)
	if len(deleted.Items) != 0 {
		t.Errorf("at the end: %+v", deleted.Items)
	}
	if detail := b.who.refused(409, "POST", "/api/tasks/"+b.task+"/undelete", nil); !strings.Contains(detail, "too long ago") {
		t.Errorf("refused with %q", detail)
	}
	b.gone(t, "{task}", "undelete-task")
}

// hold seals a snapshot of Ann's that keeps all of them from expiring.
func (b *backedUp) hold(t *testing.T) {
	t.Helper()
	u, err := b.archiver.Tasks.BoxUser(t.Context(), b.account(), backup.TaskID(b.task), backup.BoxUserID(b.user))
	if err != nil {
		t.Fatal(err)
	}
	if u, err = b.archiver.Tasks.Request(t.Context(), u, time.Time{}); err == nil {
		u, err = b.archiver.Tasks.Lease(t.Context(), u.Message(), "worker")
	}
	if err != nil {
		t.Fatal(err)
	}
	row := snapshot.Snapshot{Account: u.Account, Task: u.Task, BoxUser: u.ID, ID: u.RunID, Status: backup.Success}
	sealed := task.Sealed{Status: backup.Success, Catalog: u.Catalog, Held: "Most of it was deleted."}
	if err := b.archiver.Snapshots.Seal(t.Context(), row, b.archiver.Tasks.Seal(u, sealed)); err != nil {
		t.Fatal(err)
	}
}

func TestHeldSnapshotsAreReleased(t *testing.T) {
	t.Parallel()
	b := newBackedUp(t)
	b.hold(t)
	var got tasks.BoxUser
	b.who.ok("GET", b.base, nil, &got)
	if got.Held != "Most of it was deleted." {
		t.Errorf("held: %q", got.Held)
	}
	var out tasks.ActionResult
	b.who.ok("POST", "/api/tasks/"+b.task+"/users/release", map[string]any{"all": true}, &out)
	got = tasks.BoxUser{}
	b.who.ok("GET", b.base, nil, &got)
	if out.Done != 1 || got.Held != "" {
		t.Errorf("released %+v: %q", out, got.Held)
	}
}
