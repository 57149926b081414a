package api_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/api"
	"coffer/shared/api/recovery"
	"coffer/shared/api/tasks"
	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
	"coffer/shared/job"
)

func TestFolderIsListedInEveryOrderAndCounted_F63(t *testing.T) {
	t.Parallel()
	b := newBackedUp(t)
	items := b.base + "/snapshots/" + b.snapshot.ID + "/items"
	names := func(query string) (all string, total int) {
		t.Helper()
		for cursor := ""; ; {
			var page recovery.ItemList
			b.who.ok("GET", items+"?limit=2&"+query+"&cursor="+cursor, nil, &page)
			for _, i := range page.Items {
				all += strings.TrimSuffix(i.Name, ".txt") + " "
			}
			if page.Total != nil {
				total = *page.Total
			}
			if cursor = page.Next; cursor == "" {
				return all, total
			}
		}
	}
	up := "file 0 file 1 file 2 file 3 file 4 file 5 file 6 "
	down := "file 6 file 5 file 4 file 3 file 2 file 1 file 0 "
	for query, want := range map[string]struct {
		names string
		total int
	}{
		"":                                 {"Plans " + up + "Site ", 9},
		"order=desc":                       {"Plans " + down + "Site ", 9},
		"sort=size":                        {"Plans " + up + "Site ", 9}, // all of a size, so by name
		"sort=size&order=desc":             {"Plans " + up + "Site ", 9},
		"kind=file&order=desc":             {down, 7},
		"kind=folder&sort=modified":        {"Plans ", 1},
		"kind=web_link":                    {"Site ", 1},
		"q=plan&kind=folder":               {"Plans ", 0}, // what a search finds is not counted
		"kind=web_link&parent=" + b.folder: {"", 0},
	} {
		if all, total := names(query); all != want.names || total != want.total {
			t.Errorf("%s: %q of %d, want %q of %d", query, all, total, want.names, want.total)
		}
	}
	if all, total := names("sort=modified"); total != 9 || len(strings.Fields(all)) != 2*7+2 {
		t.Errorf("by time: %q of %d", all, total)
	}
	var page recovery.ItemList
	b.who.ok("GET", items+"?limit=2", nil, &page)
	b.who.refused(400, "GET", items+"?limit=2&sort=size&cursor="+page.Next, nil)
	b.who.refused(400, "GET", items+"?sort=owner", nil)

	count := b.base + "/snapshots/" + b.snapshot.ID + "/count"
	folder, plan := map[string]any{"kind": "folder", "id": b.folder}, map[string]any{"kind": "file", "id": ""}
	b.who.ok("GET", items+"?parent="+b.folder, nil, &page)
	plan["id"] = page.Items[0].ID
	for name, test := range map[string]struct {
		body map[string]any
		want recovery.Count
	}{
		"all":                       {map[string]any{"all": true}, recovery.Count{Files: 8, Folders: 1, WebLinks: 1, Bytes: 8 + 7*9}},
		"a folder and a file in it": {map[string]any{"items": []any{plan, folder, plan}}, recovery.Count{Files: 1, Folders: 1, Bytes: 8}},
		"a web link":                {map[string]any{"items": []any{map[string]any{"kind": "web_link", "id": b.link}}}, recovery.Count{WebLinks: 1}},
	} {
		var got recovery.Count
		b.who.ok("POST", count, test.body, &got)
		if got != test.want {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
	}
	b.who.refused(400, "POST", count, map[string]any{})
	b.who.refused(400, "POST", count, map[string]any{"all": true, "items": []any{folder}})
	b.who.refused(404, "POST", count, map[string]any{"items": []any{folder, map[string]any{"kind": "file", "id": b.folder}}})
}

func TestDestinationIsCheckedWhenTheJobIsMade_F69(t *testing.T) {
	t.Parallel()
	b := newBackedUp(t)
	var users api.List[tasks.BoxUser]
	b.who.ok("GET", "/api/tasks/"+b.task+"/users?q=bob", nil, &users)
	bob := users.Items[0].ID
	gone := b.enterprise().AddUser("Gil Gone", "gil@acme.example", boxsim.Member)
	inbox, err := b.sim.CreateFolder(backup.BoxUserID(bob), "0", "Inbox")
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := b.sim.CreateFolder(backup.BoxUserID(b.user), "0", "Ann's")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.sim.Collaborate(backup.BoxUserID(b.user), boxsim.FolderRef(foreign), backup.BoxUserID(bob), "editor"); err != nil {
		t.Fatal(err)
	}
	other := b.sim.AddEnterprise("Other")
	external, err := b.sim.CreateFolder(other.AddUser("Otto", "otto@other.example", boxsim.Admin), "0", "Otto's")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.sim.Collaborate(other.Users()[0], boxsim.FolderRef(external), backup.BoxUserID(bob), "editor"); err != nil {
		t.Fatal(err)
	}
	b.sim.SetStatus(gone, "inactive")
	b.who.connect(b.task, "ann@acme.example") // which finds out who the Box users are
	b.work()

	ask := func(destination map[string]any, mode string) map[string]any {
		return map[string]any{"task": b.task, "user": b.user, "snapshot": b.snapshot.ID, "all": true, "mode": mode, "destination": destination}
	}
	refused := func(destination map[string]any, mode, field, detail string) {
		t.Helper()
		response, reply := b.who.send("POST", "/api/jobs", ask(destination, mode))
		if response.StatusCode != 400 || !strings.Contains(string(reply), `"location":"`+field+`"`) || !strings.Contains(string(reply), detail) {
			t.Errorf("%v: %d %s, want %s: %s", destination, response.StatusCode, reply, field, detail)
		}
	}
	refused(map[string]any{}, "replace", "destination", "a new folder")
	refused(map[string]any{"user": bob}, "bypass", "destination", "a new folder")
	refused(map[string]any{"user": "404404"}, "non_destructive", "destination.user", "not one of the backup task")
	refused(map[string]any{"user": gone}, "non_destructive", "destination.user", "not active at Box")
	refused(map[string]any{"user": bob, "folder": inbox}, "non_destructive", "destination.folder", "has no backup yet")
	refused(map[string]any{"folder": inbox}, "non_destructive", "destination.folder", "no such folder")
	refused(map[string]any{"folder": b.file}, "non_destructive", "destination.folder", "no such folder")
	b.who.refused(400, "POST", "/api/jobs", ask(map[string]any{"name": "x"}, "non_destructive"))

	made := func(destination map[string]any) *recovery.Destination {
		t.Helper()
		var j recovery.Job
		b.who.ok("POST", "/api/jobs", ask(destination, "non_destructive"), &j)
		return j.Destination
	}
	want := recovery.Destination{User: bob, UserName: "Bob Baker", UserLogin: "bob@acme.example", Folder: "0", FolderName: "All Files"}
	if diff := cmp.Diff(made(map[string]any{"user": bob, "folder": "0"}), &want); diff != "" {
		t.Errorf("Bob's root folder (-got +want):\n%s", diff)
	}
	want = recovery.Destination{User: b.user, UserName: "Ann Archer", UserLogin: "ann@acme.example", Folder: b.folder, FolderName: "Plans"}
	if diff := cmp.Diff(made(map[string]any{"folder": b.folder}), &want); diff != "" {
		t.Errorf("a folder of Ann's own (-got +want):\n%s", diff)
	}
	if d := made(nil); d != nil {
		t.Errorf("without a destination: %+v", d)
	}

	b.who.ok("POST", "/api/tasks/"+b.task+"/users/activate", map[string]any{"ids": []string{bob}}, nil)
	b.who.ok("POST", "/api/tasks/"+b.task+"/users/backup", map[string]any{"ids": []string{bob}}, nil)
	b.work()
	want = recovery.Destination{User: bob, UserName: "Bob Baker", UserLogin: "bob@acme.example", Folder: inbox, FolderName: "Inbox"}
	if diff := cmp.Diff(made(map[string]any{"user": bob, "folder": inbox}), &want); diff != "" {
		t.Errorf("Bob's folder (-got +want):\n%s", diff)
	}
	refused(map[string]any{"user": bob, "folder": foreign}, "non_destructive", "destination.folder", "belongs to another Box user")
	refused(map[string]any{"user": bob, "folder": external}, "non_destructive", "destination.folder", "belongs to another company")
	var list recovery.JobList
	b.who.ok("GET", "/api/jobs?q=BOB", nil, &list)
	if len(list.Items) != 2 || list.Items[0].Destination == nil || *list.Items[0].Destination != want {
		t.Errorf("jobs to Bob: %+v", list.Items)
	}
}

func TestJobsAreFilteredAndCounted_F86(t *testing.T) {
	t.Parallel()
	b := newBackedUp(t)
	var session struct{ Account struct{ ID backup.AccountID } }
	b.who.ok("GET", "/api/session", nil, &session)
	now := time.Now().UTC()
	make := func(age time.Duration, status backup.JobStatus, j job.Job) {
		t.Helper()
		j.Account, j.Kind, j.Created = session.Account.ID, job.Restore, now.Add(-age)
		j.ID = backup.JobID(backup.NewSortableID(j.Created))
		if err := b.jobs.Create(t.Context(), j, nil); err != nil {
			t.Fatal(err)
		}
		if status == backup.JobPending {
			return
		}
		leased, err := b.jobs.Lease(t.Context(), j.Account, j.ID, "w")
		if err == nil && status != backup.JobInProgress {
			leased.Status = status
			err = b.jobs.End(t.Context(), leased)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	const day = 24 * time.Hour
	make(8*day, backup.JobFailed, job.Job{Label: "Too old", Initiator: "old@example.com"})
	make(7*day-time.Hour, backup.JobSucceeded, job.Job{Label: "One", Task: "t1", TaskName: "Acme", BoxUser: "7", UserName: "Bob", UserLogin: "bob@acme.example", Initiator: "ann@example.com"})
	make(5*day, backup.JobPartial, job.Job{Label: "Two", Task: "t1", TaskName: "Acme", BoxUser: "8", UserName: "Eve", UserLogin: "eve@acme.example", Initiator: "zoe@example.com"})
	make(4*day, backup.JobFailed, job.Job{Label: "Three", Task: "t2", TaskName: "Other", BoxUser: "7", UserName: "Rob", UserLogin: "rob@acme.example", Initiator: "ann@example.com"})
	make(3*day, backup.JobCanceled, job.Job{Label: "Four", Initiator: "ann@example.com"})
	make(2*day, backup.JobInProgress, job.Job{Label: "Five", Initiator: "bea@example.com"})
	make(day, backup.JobPending, job.Job{Label: "Six", Initiator: "ann@example.com"})

	for query, want := range map[string][]string{
		"":                                  {"Six", "Five", "Four", "Three", "Two", "One"},
		"order=asc&limit=2":                 {"One", "Two"},
		"status=Failed":                     {"Three"},
		"status=Pending&status=In+progress": {"Six", "Five"},
		"status=Failed&status=Partially+succeeded&task=t1": {"Two"},
		"kind=restore&user=7":                              {"Three", "One"},
		"kind=export":                                      nil,
		"initiator=zoe%40example.com":                      {"Two"},
		"initiator=ZOE":                                    nil,
		"q=acme.EXAMPLE":                                   {"Three", "Two", "One"},
		"q=bob":                                            {"One"},
		"q=other":                                          {"Three"},
		"q=fi":                                             {"Five"},
		"q=old":                                            nil,
	} {
		var list recovery.JobList
		b.who.ok("GET", "/api/jobs?"+query, nil, &list)
		var labels []string
		for _, j := range list.Items {
			labels = append(labels, j.Label)
		}
		if diff := cmp.Diff(labels, want); diff != "" {
			t.Errorf("%s (-got +want):\n%s", query, diff)
		}
		total := len(want)
		if strings.Contains(query, "limit") {
			total = 6
		}
		if list.Total == nil || *list.Total != total {
			t.Errorf("%s: total %v, want %d", query, list.Total, total)
		}
		if want := (recovery.Summary{InProgress: 2, Succeeded: 1, PartialOrFailed: 2}); list.Summary != want {
			t.Errorf("%s: %+v, want %+v", query, list.Summary, want)
		}
		if want := []string{"ann@example.com", "bea@example.com", "zoe@example.com"}; !slices.Equal(list.Initiators, want) {
			t.Errorf("%s: initiators %v, want %v", query, list.Initiators, want)
		}
	}
	b.who.refused(400, "GET", "/api/jobs?status=Failed&status=Nonsense", nil)

	// A cursor goes on with the list that it is of, and with no other.
	both := "/api/jobs?limit=1&status=" + url.QueryEscape("In progress") + "&status=Pending"
	var first, second recovery.JobList
	b.who.ok("GET", both, nil, &first)
	b.who.ok("GET", both+"&cursor="+first.Next, nil, &second)
	if fmt.Sprint(first.Items[0].Label, " ", second.Items[0].Label, second.Next) != "Six Five" {
		t.Errorf("pages %+v, %+v", first.Items, second.Items)
	}
	b.who.refused(400, "GET", "/api/jobs?limit=1&status=Pending&cursor="+first.Next, nil)
}

// TestManyJobsAreListedPageByPage_L3 lists jobs when they are few and when they are
// many, by every way to filter and order them.
func TestManyJobsAreListedPageByPage_L3(t *testing.T) {
	t.Parallel()
	p := newProduct(t)
	who := p.newPerson("ann@example.com")
	me, err := p.identity.Peek(t.Context(), who.cookie)
	if err != nil {
		t.Fatal(err)
	}
	var want []string // newest first
	add := func(n int) {
		t.Helper()
		for range n {
			i := len(want)
			at := p.now().Add(-time.Hour).Add(time.Duration(i) * time.Second)
			j := job.Job{
				Account: me.Account, ID: backup.JobID(backup.NewSortableID(at)), Kind: job.Restore, Label: fmt.Sprint("job ", i), Initiator: fmt.Sprintf("u%d@example.com", i%3),
				Created: at, Task: "t",
			}
			if i%5 == 0 {
				j.BoxUser = "gone" // of whom nobody can tell whether access was limited
			}
			if err := p.jobs.Create(t.Context(), j, nil); err != nil {
				t.Fatal(err)
			}
			want = append([]string{j.Label}, want...)
		}
	}
	var page recovery.JobList
	list := func(query string) (labels []string) {
		t.Helper()
		for cursor := ""; ; cursor = page.Next {
			page = recovery.JobList{}
			who.ok("GET", "/api/jobs?limit=200&cursor="+cursor+query, nil, &page)
			for _, j := range page.Items {
				labels = append(labels, j.Label)
			}
			if page.Next == "" {
				return labels
			}
		}
	}
	check := func(total bool, pending ...int) {
		t.Helper()
		of := func(keep func(i int, label string) bool) (some []string) {
			for i, label := range want {
				if keep(len(want)-1-i, label) {
					some = append(some, label)
				}
			}
			return some
		}
		reversed := slices.Clone(want)
		slices.Reverse(reversed)
		for query, want := range map[string][]string{
			"": want, "&order=asc": reversed, "&status=Failed": nil,
			"&initiator=u1@example.com": of(func(i int, _ string) bool { return i%3 == 1 }),
			"&q=job+49":                 of(func(_ int, label string) bool { return strings.HasPrefix(label, "job 49") }),
		} {
			if diff := cmp.Diff(want, list(query)); diff != "" {
				t.Errorf("%d jobs, %q (-want +got):\n%s", len(want), query, diff)
			}
			if (page.Total != nil) != total || !slices.Contains(pending, page.Summary.InProgress) || len(page.Initiators) != 3 {
				t.Errorf("%d jobs, %q: total %v, summary %+v, initiators %v", len(want), query, page.Total, page.Summary, page.Initiators)
			}
		}
	}
	add(500)
	check(true, 500)
	add(1)
	check(false, 501)
	add(1) // which the list has at once, and the summary after its rest of a second, which may have passed
	check(false, 501, 502)
	p.ahead(1100 * time.Millisecond)
	check(false, 502)
	first, seen := who, 502-101
	who = first.secondary("second@example.com")
	if got := list(""); len(got) != seen || slices.Contains(got, "job 5") || page.Summary.InProgress != seen {
		t.Errorf("somebody else sees %d jobs, summary %+v, want %d", len(got), page.Summary, seen)
	}
	who = first
	cursor := page.Next
	if who.ok("GET", "/api/jobs?limit=1", nil, &page); page.Next == cursor || page.Next == "" {
		t.Errorf("next %q", page.Next)
	}
	p.ahead(30 * 24 * time.Hour)
	if got := list(""); len(got) != 0 || page.Summary.InProgress != 0 {
		t.Errorf("after a month %d jobs, summary %+v", len(got), page.Summary)
	}
}
