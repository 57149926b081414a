package api_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/api"
	"coffer/shared/api/access"
	"coffer/shared/api/recovery"
	"coffer/shared/api/tasks"
	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
	"coffer/shared/job"
)

func TestAdministratorBacksUpBrowsesAndAsksForARestore(t *testing.T) {
	t.Parallel()
	b := newBackedUp(t)

	var session access.Session
	b.who.ok("GET", "/api/session", nil, &session)
	if session.User.Email != "ann@example.com" || session.Account.Company != "Acme" || session.Account.Region != b.cloud.AWS.Region {
		t.Errorf("session %+v", session)
	}

	var made tasks.Task
	b.who.ok("GET", "/api/tasks/"+b.task, nil, &made)
	if made.Connection != "Connected" || made.Enterprise.Administrator != "ann@acme.example" || made.Users.Total != 2 || made.Users.Active != 1 || made.Users.ByStatus["Success"] != 1 {
		t.Errorf("task %+v, users %+v", made, made.Users)
	}
	if b.snapshot.Files != 8 || b.snapshot.Folders != 1 || b.snapshot.WebLinks != 1 || b.snapshot.Status != backup.Success {
		t.Errorf("snapshot %+v", b.snapshot)
	}

	b.browses(t)
	b.restores(t)

	var activity api.List[tasks.Activity]
	b.who.ok("GET", "/api/activity?limit=1", nil, &activity)
	if len(activity.Items) != 1 || activity.Items[0].Kind != "Backup" || activity.Next == "" {
		t.Errorf("activity %+v", activity)
	}
	b.who.ok("GET", "/api/activity?limit=1&cursor="+activity.Next, nil, &activity)
	if len(activity.Items) != 1 || activity.Items[0].Kind != "Activate" {
		t.Errorf("older activity %+v", activity)
	}
}

func (b *backedUp) browses(t *testing.T) {
	items := b.base + "/snapshots/" + b.snapshot.ID + "/items"
	var names []string
	for cursor := ""; ; {
		var page recovery.ItemList
		b.who.ok("GET", items+"?limit=4&cursor="+cursor, nil, &page)
		for _, i := range page.Items {
			names = append(names, i.Name)
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	want := []string{"Plans", "file 0.txt", "file 1.txt", "file 2.txt", "file 3.txt", "file 4.txt", "file 5.txt", "file 6.txt", "Site"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("root folder (-want +got):\n%s", diff)
	}
	var below recovery.ItemList
	b.who.ok("GET", items+"?parent="+b.folder, nil, &below)
	if len(below.Items) != 1 || below.Items[0].Name != "plan \"A\" 🗺.txt" || below.Items[0].Size != 8 || len(below.Path) != 1 || below.Path[0].Name != "Plans" {
		t.Errorf("folder %+v", below)
	}
	var found recovery.ItemList
	b.who.ok("GET", items+"?q=plan", nil, &found)
	if len(found.Items) != 2 {
		t.Errorf("search %+v", found)
	}
	b.who.refused(404, "GET", items+"?parent=404404", nil)
	b.who.refused(404, "GET", b.base+"/snapshots/nothing", nil)
	var one recovery.Snapshot
	b.who.ok("GET", b.base+"/snapshots/"+b.snapshot.ID, nil, &one)
	if diff := cmp.Diff(b.snapshot, one); diff != "" {
		t.Errorf("the snapshot by itself (-want +got):\n%s", diff)
	}
	none := api.List[recovery.Snapshot]{}
	b.who.ok("GET", b.base+"/snapshots?to="+url.QueryEscape(b.snapshot.Taken.Add(-time.Minute).Format(time.RFC3339)), nil, &none)
	if len(none.Items) != 0 {
		t.Errorf("snapshots before the first: %+v", none)
	}
}

func (b *backedUp) restores(t *testing.T) {
	ask := func(more map[string]any) map[string]any {
		body := map[string]any{"task": b.task, "user": b.user, "snapshot": b.snapshot.ID, "mode": "non_destructive", "label": "Lost plans"}
		for k, v := range more {
			body[k] = v
		}
		return body
	}
	b.who.refused(400, "POST", "/api/jobs", ask(nil))
	b.who.refused(400, "POST", "/api/jobs", ask(map[string]any{"all": true, "label": strings.Repeat("x", 51)}))
	b.who.refused(400, "POST", "/api/jobs", ask(map[string]any{"all": true, "mode": "overwrite"}))
	b.who.refused(404, "POST", "/api/jobs", ask(map[string]any{"items": []any{map[string]any{"kind": "file", "id": b.folder}}}))
	b.who.refused(404, "POST", "/api/jobs", ask(map[string]any{"all": true, "snapshot": "nothing"}))

	var made recovery.Job
	b.who.ok("POST", "/api/jobs", ask(map[string]any{"items": []any{map[string]any{"kind": "folder", "id": b.folder}}}), &made)
	messages := received[backup.JobMessage](b.product, b.recover)
	if len(messages) != 1 || string(messages[0].Job) != made.ID {
		t.Fatalf("messages %+v for job %s", messages, made.ID)
	}
	j, err := b.jobs.Lease(t.Context(), messages[0].Account, messages[0].Job, "worker")
	if err != nil {
		t.Fatal(err)
	}
	if refs, err := b.jobs.Choices(t.Context(), j); err != nil || !cmp.Equal(refs, []backup.ItemRef{{Kind: backup.Folder, ID: b.folder}}) {
		t.Errorf("choices %v, %v", refs, err)
	}
	err = b.jobs.Record(t.Context(), j,
		job.Entry{Ref: backup.ItemRef{Kind: backup.Folder, ID: b.folder}, Name: "Plans", Outcome: job.Created, BoxID: "9"},
		job.Entry{Ref: backup.ItemRef{Kind: backup.File, ID: "12"}, Name: "b", Outcome: job.Refused, Reason: "Box said no."},
		job.Entry{Ref: backup.ItemRef{Kind: backup.File, ID: "120"}, Name: "c", Outcome: job.Kept})
	if err != nil {
		t.Fatal(err)
	}
	var page api.List[recovery.JobItem]
	var names []string
	for cursor := ""; ; cursor = page.Next {
		page = api.List[recovery.JobItem]{}
		b.who.ok("GET", "/api/jobs/"+made.ID+"/items?limit=1&cursor="+cursor, nil, &page)
		for _, i := range page.Items {
			names = append(names, i.Name)
		}
		if page.Next == "" {
			break
		}
	}
	if diff := cmp.Diff([]string{"b", "c", "Plans"}, names); diff != "" {
		t.Errorf("ledger (-want +got):\n%s", diff)
	}
	b.who.ok("GET", "/api/jobs/"+made.ID+"/items?outcome=failed", nil, &page)
	if len(page.Items) != 1 || page.Items[0].Reason != "Box said no." {
		t.Errorf("failed items %+v", page.Items)
	}

	b.who.ok("POST", "/api/jobs/"+made.ID+"/cancel", nil, nil)
	if j, err = b.jobs.Renew(t.Context(), j); err != nil || !j.Cancel {
		t.Errorf("the worker does not learn of the cancellation: %+v, %v", j, err)
	}
	j.Status = backup.JobCanceled
	if err := b.jobs.End(t.Context(), j); err != nil {
		t.Fatal(err)
	}
	b.who.refused(409, "POST", "/api/jobs/"+made.ID+"/cancel", nil)
	var list recovery.JobList
	b.who.ok("GET", "/api/jobs?status=Canceled&task="+b.task, nil, &list)
	if len(list.Items) != 1 || list.Items[0].Label != "Lost plans" || list.Items[0].Initiator != "ann@example.com" {
		t.Errorf("jobs %+v", list)
	}
}

func TestBackupNowDuringARunStartsNoSecondOne_D9(t *testing.T) {
	t.Parallel()
	b := newBackedUp(t)
	var first, second tasks.ActionResult
	body := map[string]any{"ids": []string{b.user}}
	b.who.ok("POST", "/api/tasks/"+b.task+"/users/backup", body, &first)
	b.who.ok("POST", "/api/tasks/"+b.task+"/users/backup", body, &second)
	if first.Done != 1 || second.Done != 0 || len(second.Refused) != 1 || !strings.Contains(second.Refused[0].Reason, "already requested or in progress") {
		t.Errorf("first %+v, second %+v", first, second)
	}
	if messages := received[backup.RunMessage](b.product, b.runs); len(messages) != 1 {
		t.Errorf("messages %+v", messages)
	}
	var u tasks.BoxUser
	b.who.ok("GET", b.base, nil, &u)
	if !u.Requested {
		t.Errorf("Box user %+v", u)
	}
}

func TestBoxUsersAreFilteredSortedAndPaused(t *testing.T) {
	t.Parallel()
	b := newBackedUp(t)
	users := "/api/tasks/" + b.task + "/users"
	names := func(query string) (all []string) {
		t.Helper()
		var list api.List[tasks.BoxUser]
		b.who.ok("GET", users+"?"+query, nil, &list)
		for _, u := range list.Items {
			all = append(all, u.Name+" "+string(u.Status))
		}
		if want := max(len(all), strings.Count(query, "limit=1")*2); list.Total == nil || *list.Total != want {
			t.Errorf("%s: total %v, want %d", query, list.Total, want)
		}
		return all
	}
	for query, want := range map[string][]string{
		"":                     {"Ann Archer Success", "Bob Baker Not Active"},
		"backedUp=true":        {"Ann Archer Success"},
		"backedUp=false":       {"Ann Archer Success", "Bob Baker Not Active"},
		"sort=firstBackup":     {"Bob Baker Not Active", "Ann Archer Success"},
		"sort=items&order=asc": {"Bob Baker Not Active", "Ann Archer Success"},
		"order=desc":           {"Bob Baker Not Active", "Ann Archer Success"},
		"sort=size":            {"Bob Baker Not Active", "Ann Archer Success"},
		"sort=lastBackup":      {"Bob Baker Not Active", "Ann Archer Success"},
		"q=ANN":                {"Ann Archer Success"},
		"q=bob%40acme":         {"Bob Baker Not Active"},
		"status=Not+Active":    {"Bob Baker Not Active"},
		"status=Failed":        nil,
		"limit=1&sort=login":   {"Ann Archer Success"},
		"status=Success&q=bob": nil,
	} {
		if diff := cmp.Diff(want, names(query)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
	b.who.refused(400, "GET", users+"?status=Nonsense", nil)
	b.who.refused(400, "GET", users+"?limit=100000", nil)
	var paused tasks.ActionResult
	b.who.ok("POST", users+"/pause", map[string]any{"all": true, "q": "bob"}, &paused)
	if paused.Done != 0 || len(paused.Refused) != 1 || !strings.Contains(paused.Refused[0].Reason, "not activated") {
		t.Errorf("pause of who was never activated: %+v", paused)
	}
	b.who.ok("POST", users+"/activate", map[string]any{"all": true}, nil)
	b.who.ok("POST", users+"/pause", map[string]any{"ids": []string{b.user}}, nil)
	if diff := cmp.Diff([]string{"Ann Archer Paused", "Bob Baker Scheduled"}, names("")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	b.who.refused(404, "POST", users+"/pause", map[string]any{"ids": []string{b.user, "404404"}})
	b.who.refused(400, "POST", users+"/pause", map[string]any{})
	b.who.refused(400, "POST", users+"/pause", map[string]any{"all": true, "ids": []string{b.user}})
}

func TestSettingsChangeAndNothingElseDoes(t *testing.T) {
	t.Parallel()
	p := newProduct(t)
	who := p.newPerson("ann@example.com")
	var made, changed tasks.Task
	who.ok("POST", "/api/tasks", map[string]any{"name": "  Acme "}, &made)
	if made.Name != "Acme" || made.Frequency != "daily" || made.Hour != 1 || made.Connection != "Disconnected" || made.NextRun.IsZero() {
		t.Errorf("new task %+v", made)
	}
	who.ok("PATCH", "/api/tasks/"+made.ID, map[string]any{"name": "Acme 2", "hour": 0, "frequency": "weekly", "autoActivate": true}, &changed)
	if changed.Name != "Acme 2" || changed.Hour != 0 || changed.Frequency != "weekly" || !changed.AutoActivate || changed.NextRun.UTC().Hour() != 0 {
		t.Errorf("changed task %+v", changed)
	}
	want := changed
	who.ok("PATCH", "/api/tasks/"+made.ID, map[string]any{}, nil)
	who.ok("PATCH", "/api/tasks/"+made.ID, map[string]any{"name": nil, "hour": nil, "frequency": nil, "autoActivate": nil}, &changed)
	if diff := cmp.Diff(want, changed); diff != "" {
		t.Errorf("after a change of nothing (-want +got):\n%s", diff)
	}
	want.Name, want.AutoActivate = "Acme 3", false
	who.ok("PATCH", "/api/tasks/"+made.ID, map[string]any{"name": " Acme 3\t", "autoActivate": false}, &changed)
	if diff := cmp.Diff(want, changed); diff != "" {
		t.Errorf("renamed and cleared (-want +got):\n%s", diff)
	}
	for _, body := range []map[string]any{
		{"id": "x"},
		{"account": "x"},
		{"connection": "Connected"},
		{"created": "2020-01-01T00:00:00Z"},
		{"enterprise": nil},
		{"hour": 24},
		{"hour": -1},
		{"hour": "1"},
		{"frequency": "hourly"},
		{"name": ""},
		{"name": "a\nb"},
		{"name": strings.Repeat("x", 101)},
	} {
		who.refused(400, "PATCH", "/api/tasks/"+made.ID, body)
	}
	var after tasks.Task
	who.ok("GET", "/api/tasks/"+made.ID, nil, &after)
	if diff := cmp.Diff(changed, after); diff != "" {
		t.Errorf("the task after refused changes (-want +got):\n%s", diff)
	}
	who.refused(409, "POST", "/api/tasks/"+made.ID+"/backup", nil)
	who.ok("DELETE", "/api/session", nil, nil)
	who.refused(401, "GET", "/api/tasks", nil)
}

func TestConnectingIsBoundToItsSession_N7(t *testing.T) {
	t.Parallel()
	p := newProduct(t)
	p.enterprise().AddUser("Ann", "ann@acme.example", boxsim.Admin)
	p.enterprise().AddUser("Bob", "bob@acme.example", boxsim.Member)
	ann, eve := p.newPerson("ann@example.com"), p.newPerson("eve@example.com")
	var made tasks.Task
	ann.ok("POST", "/api/tasks", map[string]any{"name": "Acme"}, &made)

	_, location := ann.connect(made.ID, "bob@acme.example")
	if !strings.HasSuffix(location, "/settings?connect=not-administrator") {
		t.Errorf("as a Box user: %q", location)
	}
	state, location := ann.connect(made.ID, "ann@acme.example")
	if !strings.HasSuffix(location, "/settings?connect=connected") {
		t.Errorf("as the administrator: %q", location)
	}
	var begin tasks.Authorization
	ann.ok("POST", "/api/tasks/"+made.ID+"/authorize", nil, &begin)
	u, err := url.Parse(begin.URL)
	if err != nil {
		t.Fatal(err)
	}
	fresh := u.Query().Get("state")
	var before, after tasks.Task
	ann.ok("GET", "/api/tasks/"+made.ID, nil, &before)
	gone := &person{p: p, cookie: ann.cookie + "x"}
	for _, c := range []struct {
		name, query, want string
		by                *person
	}{
		{"replayed", "code=x&state=" + state, "/?connect=expired", ann},
		{"missing", "code=x", "/?connect=expired", ann},
		{"invented", "code=x&state=" + fresh + "x", "/?connect=expired", ann},
		{"another account's", "code=x&state=" + fresh, "/?connect=expired", eve},
		{"nobody's", "code=x&state=" + fresh, "/sign-in?next=%2F%3Fconnect%3Dexpired", &person{p: p}},
		{"no session's", "code=x&state=" + fresh, "/sign-in?next=%2F%3Fconnect%3Dexpired", gone},
		{"declined", "error=access_denied&state=" + fresh, "/tasks/" + made.ID + "/settings?connect=denied", ann},
		{"declined once more", "error=access_denied&state=" + fresh, "/?connect=expired", ann},
	} {
		response, body := c.by.send("GET", "/api/box/callback?"+c.query, nil)
		if response.StatusCode != http.StatusSeeOther || response.Header.Get("Location") != p.web.URL+c.want || len(body) > 0 {
			t.Errorf("%s: %d %q %s, want the page %s", c.name, response.StatusCode, response.Header.Get("Location"), body, c.want)
		}
	}
	ann.ok("GET", "/api/tasks/"+made.ID, nil, &after)
	if diff := cmp.Diff(before, after); diff != "" || after.Connection != "Connected" {
		t.Errorf("after all that (-before +after):\n%s", diff)
	}
}

func TestTaskIsNotConnectedToAnotherEnterprise_N7(t *testing.T) {
	t.Parallel()
	p := newProduct(t)
	p.enterprise().AddUser("Ann", "ann@acme.example", boxsim.Admin)
	ann := p.newPerson("ann@example.com")
	var made, after tasks.Task
	ann.ok("POST", "/api/tasks", map[string]any{"name": "Acme"}, &made)
	ann.connect(made.ID, "ann@acme.example")
	ann.ok("GET", "/api/tasks/"+made.ID, nil, &made)

	other := p.sim.AddEnterprise("Other")
	other.AddUser("Otto", "otto@other.example", boxsim.Admin)
	other.AddApp("coffer", "secret", p.web.URL+"/api/box/callback")
	if _, location := ann.connect(made.ID, "otto@other.example"); !strings.HasSuffix(location, "/settings?connect=other-enterprise") {
		t.Errorf("connecting ends at %q", location)
	}
	ann.ok("GET", "/api/tasks/"+made.ID, nil, &after)
	if diff := cmp.Diff(made, after); diff != "" {
		t.Errorf("the task (-want +got):\n%s", diff)
	}
}
