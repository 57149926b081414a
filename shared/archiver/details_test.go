package archiver_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/box/boxsim"
	"coffer/shared/catalog"
	"coffer/shared/snapshot"
	"coffer/shared/task"
)

// one has one of everything that Box keeps with a file.
type one struct {
	file, folder, note string
	client             *box.Client
}

// furnishOne makes it, by the calls that anybody would use.
func (h *house) furnishOne(t *testing.T) one {
	t.Helper()
	ctx := t.Context()
	o := one{client: h.conns.Client(h.task.Account, h.task.ID).As(h.user)}
	var err error
	o.folder, err = h.sim.CreateFolder(h.user, backup.RootFolder, "Everything")
	must(t, err)
	o.file, err = h.sim.Upload(h.user, o.folder, "plan.txt", []byte("first"))
	must(t, err)
	for _, text := range []string{"second", "third"} {
		must(t, h.sim.NewVersion(h.user, o.file, []byte(text)))
	}
	o.note, err = h.sim.Upload(h.user, o.folder, "thoughts.boxnote", []byte(`{"doc":{}}`))
	must(t, err)
	must(t, h.sim.AddTemplate(h.admin, "contract", "Contract", "customer"))
	must(t, h.sim.AddTemplate(h.admin, "securityClassification-6VMVochwUWo", "Classification", "Box__Security__Classification__Key"))
	ref := boxsim.FileRef(o.file)
	must(t, h.sim.SetMetadata(h.user, ref, "global.properties", map[string]any{"colour": "red"}))
	must(t, h.sim.SetMetadata(h.user, ref, "enterprise.contract", map[string]any{"customer": "Northwind"}))
	must(t, h.sim.SetMetadata(h.user, ref, "enterprise.securityClassification-6VMVochwUWo", map[string]any{"Box__Security__Classification__Key": "Secret"}))
	comment, err := o.client.CreateComment(ctx, box.Mini{Type: "file", ID: o.file}, "What about page 2?")
	must(t, err)
	_, err = o.client.CreateComment(ctx, box.Mini{Type: "comment", ID: comment.ID}, "Done.")
	must(t, err)
	for _, c := range []box.Collaboration{
		{Role: "viewer", AccessibleBy: box.Mini{Type: "user", ID: string(h.admin)}},
		{Role: "editor", AccessibleBy: box.Mini{Type: "user", Login: "nobody@elsewhere.example"}},
	} {
		_, err := o.client.Collaborate(ctx, boxsim.FolderRef(o.folder), c)
		must(t, err)
	}
	work, err := o.client.CreateTask(ctx, o.file, box.Task{Action: "review", Message: "Please review", Rule: "any_assignee"})
	must(t, err)
	_, err = o.client.Assign(ctx, work.ID, box.Mini{ID: string(h.admin)})
	must(t, err)
	h.sim.Advance(5 * time.Minute) // the enterprise's events come with a delay
	return o
}

func (h *house) setPolicy(t *testing.T, p task.Policy) {
	t.Helper()
	changed, err := h.Tasks.Change(t.Context(), h.task.Account, h.task.ID, task.Settings{Policy: &p})
	must(t, err)
	h.task = changed
}

// details are those of an item in the newest snapshot.
func (h *house) details(t *testing.T, row task.BoxUser, ref backup.ItemRef) (catalog.Item, catalog.Details) {
	t.Helper()
	c := h.catalog(t, row)
	defer c.Close()
	item, err := c.Item(t.Context(), row.Snapshot, ref)
	must(t, err)
	d, err := c.Details(t.Context(), row.Snapshot, ref)
	must(t, err)
	return item, d
}

func TestEverythingOfAFileIsBackedUp_D1(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 41})
	h.setPolicy(t, task.Policy{Versions: true})
	o := h.furnishOne(t)
	row := h.backUp(t)
	h.wantSnapshotEqualsSource(t)

	item, d := h.details(t, row, boxsim.FileRef(o.file))
	if len(d.Versions) != 2 || d.Versions[1].Number != 1 || d.Versions[1].Content.Size != 5 || d.Versions[0].State != catalog.Complete {
		t.Errorf("versions: %+v", d.Versions)
	}
	v, err := h.Vault(t.Context(), h.task)
	must(t, err)
	for _, past := range d.Versions {
		if missing, err := v.Missing(t.Context(), []backup.Content{past.Content}); err != nil || len(missing) > 0 {
			t.Errorf("the vault lacks version %d: %v", past.Number, err)
		}
	}
	if len(d.Comments) != 2 || d.Comments[0].Message != "What about page 2?" || d.Comments[1].ReplyTo != d.Comments[0].ID || d.Comments[1].By.Login != "bob@acme.example" {
		t.Errorf("comments: %+v", d.Comments)
	}
	if len(d.Tasks) != 1 || d.Tasks[0].Message != "Please review" || len(d.Tasks[0].Assignments) != 1 || d.Tasks[0].Assignments[0].To.Login != "ada@acme.example" {
		t.Errorf("tasks: %+v", d.Tasks)
	}
	var extra struct {
		Metadata map[string]map[string]map[string]any `json:"metadata"`
	}
	must(t, json.Unmarshal(item.Extra, &extra))
	found := map[string]bool{}
	for scope, templates := range extra.Metadata {
		for template, m := range templates {
			found[strings.TrimRight(scope, "0123456789")+"."+template] = true
			if m["$parent"] != nil || m["$id"] == nil {
				t.Errorf("%s.%s: %v", scope, template, m)
			}
		}
	}
	if len(found) != 3 || !found["global.properties"] || !found["enterprise_.contract"] {
		t.Errorf("metadata: %v", found)
	}
	_, d = h.details(t, row, boxsim.FolderRef(o.folder))
	if len(d.Collaborations) != 2 || d.Collaborations[0].Who.Login != "ada@acme.example" || d.Collaborations[1].Invited != "nobody@elsewhere.example" || d.Collaborations[1].Status != "pending" {
		t.Errorf("collaborations: %+v", d.Collaborations)
	}
	if note, _ := h.details(t, row, boxsim.FileRef(o.note)); note.Content.Size != 10 || note.State != catalog.Complete {
		t.Errorf("Box Note: %+v", note)
	}
}

// TestUnchangedDetailsCostNeitherCallsNorRows_D1 backs up without a change, and then
// lists everything anew, as after a long pause of which nothing tells: then what may
// have changed is read, and past versions are not.
func TestUnchangedDetailsCostNeitherCallsNorRows_D1(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 42})
	h.setPolicy(t, task.Policy{Versions: true})
	o := h.furnishOne(t)
	first := h.backUp(t)
	endpoints := []string{
		"GET /2.0/files/{id}/versions", "GET /2.0/files/{id}/comments", "GET /2.0/files/{id}/tasks",
		"GET /2.0/files/{id}/collaborations", "GET /2.0/folders/{id}/collaborations", "GET /2.0/files/{id}/metadata", "GET /2.0/folders/{id}/metadata",
	}
	backUp := func(want ...int64) task.BoxUser {
		t.Helper()
		before := h.sim.Stats().Endpoints
		row := h.backUp(t)
		for i, calls := range want {
			if n := h.sim.Stats().Endpoints[endpoints[i]] - before[endpoints[i]]; n != calls {
				t.Errorf("%d calls %s without a change, want %d", n, endpoints[i], calls)
			}
		}
		return row
	}
	backUp(0, 0, 0, 0, 0, 0, 0)
	h.shift.Add(int64(20 * 24 * time.Hour)) // beyond the stream's reach
	second := backUp(0, 1, 1, 0, 1, 0, 0)
	if a, b := h.rows(t, first), h.rows(t, second); a != b {
		t.Errorf("rows before %s, and after runs without changes %s", a, b)
	}
	_, err := o.client.CreateComment(t.Context(), box.Mini{Type: "file", ID: o.file}, "And page 3?")
	must(t, err)
	must(t, h.sim.NewVersion(h.user, o.file, []byte("fourth")))
	third := h.backUp(t)
	_, d := h.details(t, third, boxsim.FileRef(o.file))
	if len(d.Comments) != 3 || len(d.Versions) != 3 || len(d.Tasks) != 1 {
		t.Errorf("after changes: %+v", d)
	}
}

// rows counts the rows of details of a catalog.
func (h *house) rows(t *testing.T, row task.BoxUser) string {
	t.Helper()
	c := h.catalog(t, row)
	defer c.Close()
	detail, past, err := c.DetailRows(t.Context())
	must(t, err)
	return fmt.Sprint(detail, past)
}

func TestOlderVersionsOnlyWhereAsked_D1(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 43})
	o := h.furnishOne(t)
	row := h.backUp(t)
	if _, d := h.details(t, row, boxsim.FileRef(o.file)); len(d.Versions) > 0 || len(d.Comments) != 2 {
		t.Errorf("without the policy: %+v", d)
	}
}

func TestRefusedDetailsAreInTheLedgerAndTriedAgain_D1(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 44})
	h.setPolicy(t, task.Policy{Versions: true})
	o := h.furnishOne(t)
	h.sim.Fault(boxsim.Fault{Endpoint: "GET /2.0/files/*/comments", Kinds: []boxsim.Kind{boxsim.Forbidden}})
	row := h.backUp(t)
	if row.Status != backup.Partial {
		t.Errorf("status %s", row.Status)
	}
	c := h.catalog(t, row)
	failures, err := c.Failures(t.Context(), row.Snapshot)
	must(t, err)
	must(t, c.Close())
	if len(failures) != 1 || failures[0].ID != o.file || !strings.Contains(failures[0].Reason, "comments") {
		t.Errorf("ledger: %+v", failures)
	}
	h.sim.ClearFaults()
	row = h.backUp(t)
	if _, d := h.details(t, row, boxsim.FileRef(o.file)); row.Status != backup.Success || len(d.Comments) != 2 {
		t.Errorf("after: %s %s, %+v", row.Status, row.Reason, d)
	}
}

func TestTrashIsListedWithTheContentThatIsKnown_D1(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 45})
	h.setPolicy(t, task.Policy{Trash: true})
	known, err := h.sim.Upload(h.user, backup.RootFolder, "known.txt", []byte("backed up before"))
	must(t, err)
	unknown, err := h.sim.Upload(h.user, backup.RootFolder, "unknown.txt", []byte("deleted too soon"))
	must(t, err)
	must(t, h.sim.Delete(h.user, boxsim.FileRef(unknown)))
	h.backUp(t)
	must(t, h.sim.Delete(h.user, boxsim.FileRef(known)))
	row := h.backUp(t)
	h.wantSnapshotEqualsSource(t) // the trash is beside the root folder
	if row.Items != 0 {
		t.Errorf("%d items count, want 0", row.Items)
	}
	for id, want := range map[string]catalog.State{known: catalog.Complete, unknown: catalog.Absent} {
		item, _ := h.details(t, row, boxsim.FileRef(id))
		if item.Parent != catalog.Trash || item.State != want || !strings.Contains(string(item.Extra), "trashed_at") {
			t.Errorf("%+v, want state %d", item, want)
		}
	}
	must(t, h.sim.Restore(h.user, boxsim.FileRef(known)))
	must(t, h.sim.Purge(h.user, boxsim.FileRef(unknown)))
	row = h.backUp(t)
	h.wantSnapshotEqualsSource(t)
	c := h.catalog(t, row)
	defer c.Close()
	if n, err := c.CountChildren(t.Context(), row.Snapshot, catalog.Trash, catalog.Listing{}); n != 0 || err != nil {
		t.Errorf("%d items are left in the trash, %v", n, err)
	}
}

// TestPastVersionsComeWithTheRunAfterTheyAreWanted_D1 turns past versions on
// after a backup. The next run lists the folder of the file that was changed, and
// no other; the run after that lists none.
func TestPastVersionsComeWithTheRunAfterTheyAreWanted_D1(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 43})
	o := h.furnishOne(t)
	for i := range 5 {
		folder, err := h.sim.CreateFolder(h.user, backup.RootFolder, fmt.Sprint("untouched ", i))
		must(t, err)
		_, err = h.sim.Upload(h.user, folder, "once.txt", []byte("once"))
		must(t, err)
	}
	row := h.backUp(t)
	if _, d := h.details(t, row, boxsim.FileRef(o.file)); len(d.Versions) != 0 {
		t.Fatalf("versions that the policy does not want: %+v", d.Versions)
	}
	h.setPolicy(t, task.Policy{Versions: true, Trash: true})
	if versions, trash := h.task.Lacks(row); !versions || !trash {
		t.Error("the scanner is not told that a run is needed")
	}
	listings := func() int64 { return h.sim.Stats().Endpoints["GET /2.0/folders/{id}/items"] }
	before := listings()
	row = h.backUp(t)
	if _, d := h.details(t, row, boxsim.FileRef(o.file)); len(d.Versions) != 2 {
		t.Errorf("versions after the next run: %+v, want 2", d.Versions)
	}
	if s := h.latest(t); s.Method != snapshot.UserStream || !strings.Contains(s.Why, "Past versions are backed up from now on") {
		t.Errorf("listed by %s (%s)", s.Method, s.Why)
	}
	if n := listings() - before; n < 1 || n > 3 {
		t.Errorf("%d folders were listed, want that of the changed file", n)
	}
	if versions, trash := h.task.Lacks(row); versions || trash {
		t.Error("the policy is not met by the run after it changed")
	}
	h.backUp(t)
	if s := h.latest(t); strings.Contains(s.Why, "Past versions") {
		t.Errorf("the run after that: %s", s.Why)
	}
}

// TestWhatPeopleAddToAFileIsInTheNextSnapshot_D1 changes nothing of a file but
// what is written about it, and who may see it: the Box user's own stream tells.
func TestWhatPeopleAddToAFileIsInTheNextSnapshot_D1(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 46})
	client := h.conns.Client(h.task.Account, h.task.ID).As(h.user)
	ctx := t.Context()
	file := func(name string) string {
		id, err := h.sim.Upload(h.user, backup.RootFolder, name, []byte(name))
		must(t, err)
		return id
	}
	tasked, assigned, commented, shared, tagged := file("tasked"), file("assigned"), file("commented"), file("shared"), file("tagged")
	bare, err := client.CreateTask(ctx, assigned, box.Task{Action: "review", Message: "Nobody yet"})
	must(t, err)
	h.backUp(t)

	work, err := client.CreateTask(ctx, tasked, box.Task{Action: "review", Message: "Please review"})
	must(t, err)
	_, err = client.Assign(ctx, work.ID, box.Mini{ID: string(h.admin)})
	must(t, err)
	_, err = client.Assign(ctx, bare.ID, box.Mini{ID: string(h.admin)})
	must(t, err)
	comment, err := client.CreateComment(ctx, box.Mini{Type: "file", ID: commented}, "What about page 2?")
	must(t, err)
	_, err = client.CreateComment(ctx, box.Mini{Type: "comment", ID: comment.ID}, "Done.")
	must(t, err)
	_, err = client.Collaborate(ctx, boxsim.FileRef(shared), box.Collaboration{Role: "viewer", AccessibleBy: box.Mini{Type: "user", Login: "guest@elsewhere.example"}})
	must(t, err)
	_, err = client.Update(ctx, boxsim.FileRef(tagged), "", box.Update{Tags: &[]string{"urgent"}})
	must(t, err)
	row := h.backUp(t)
	h.wantListed(t, snapshot.UserStream, "do not reach back") // the same tags among it
	for id, n := range map[string]int{tasked: 1, assigned: 1} {
		if _, d := h.details(t, row, boxsim.FileRef(id)); len(d.Tasks) != 1 || len(d.Tasks[0].Assignments) != n {
			t.Errorf("tasks: %+v", d.Tasks)
		}
	}
	if _, d := h.details(t, row, boxsim.FileRef(commented)); len(d.Comments) != 2 || d.Comments[1].ReplyTo != d.Comments[0].ID {
		t.Errorf("comments: %+v", d.Comments)
	}
	if _, d := h.details(t, row, boxsim.FileRef(shared)); len(d.Collaborations) != 1 || d.Collaborations[0].Invited != "guest@elsewhere.example" {
		t.Errorf("collaborations: %+v", d.Collaborations)
	}
	// What is looked at is not read again.
	for range 3 {
		body, err := client.Download(ctx, tagged, "", 0)
		must(t, err)
		must(t, body.Close())
	}
	calls := func() int64 { return h.sim.Stats().Users[h.user].Calls }
	before := calls()
	h.backUp(t)
	if n := calls() - before; n > 2 {
		t.Errorf("%d calls after a file was looked at, want 2", n)
	}
}

// TestDetailsThatChangedWhileNothingToldAreReadAgain_D1 changes details, though not
// whether there are any, while Box forgets that it was done.
func TestDetailsThatChangedWhileNothingToldAreReadAgain_D1(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 47})
	ctx := t.Context()
	client := h.conns.Client(h.task.Account, h.task.ID).As(h.user)
	file, err := h.sim.Upload(h.user, backup.RootFolder, "plan.txt", []byte("first"))
	must(t, err)
	share := func(login string) {
		t.Helper()
		_, err := client.Collaborate(ctx, boxsim.FileRef(file), box.Collaboration{Role: "viewer", AccessibleBy: box.Mini{Type: "user", Login: login}})
		must(t, err)
	}
	share("one@elsewhere.example")
	_, err = client.CreateTask(ctx, file, box.Task{Action: "review", Message: "Please review"})
	must(t, err)
	h.sim.Advance(5 * time.Minute) // the enterprise's events come with a delay
	h.backUp(t)
	share("two@elsewhere.example")
	_, err = client.CreateTask(ctx, file, box.Task{Action: "review", Message: "Again, please"})
	must(t, err)
	h.sim.Advance(25 * 24 * time.Hour)
	h.shift.Add(int64(25 * 24 * time.Hour))
	row := h.backUp(t)
	if _, d := h.details(t, row, boxsim.FileRef(file)); row.Status != backup.Success || len(d.Collaborations) != 2 || len(d.Tasks) != 2 {
		t.Errorf("%s with %d collaborations and %d tasks, want 2 and 2", row.Status, len(d.Collaborations), len(d.Tasks))
	}
}

// TestMetadataOfANewTemplateIsBackedUp_D1 makes a template, and uses it, shortly
// after a run of another Box user has asked which there are.
func TestMetadataOfANewTemplateIsBackedUp_D1(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 48})
	file, err := h.sim.Upload(h.admin, backup.RootFolder, "plan.txt", []byte("first"))
	must(t, err)
	h.backUp(t)
	h.shift.Add(int64(time.Minute))
	must(t, h.sim.AddTemplate(h.admin, "contract", "Contract", "customer"))
	must(t, h.sim.SetMetadata(h.admin, boxsim.FileRef(file), "enterprise.contract", map[string]any{"customer": "Northwind"}))
	h.user = h.admin
	h.shift.Add(int64(time.Minute))
	row := h.backUp(t)
	item, _ := h.details(t, row, boxsim.FileRef(file))
	if !strings.Contains(string(item.Extra), "Northwind") {
		t.Errorf("extra: %s", item.Extra)
	}
}

// TestMetadataOfBoxsOwnTemplatesIsBackedUp_D1 gives a file what Box's skills write.
func TestMetadataOfBoxsOwnTemplatesIsBackedUp_D1(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 49})
	file, err := h.sim.Upload(h.user, backup.RootFolder, "talk.txt", []byte("first"))
	must(t, err)
	must(t, h.sim.SetMetadata(h.user, boxsim.FileRef(file), "global.boxSkillsCards", map[string]any{"cards": []any{map[string]any{"type": "skill_card", "skill_card_type": "keyword"}}}))
	row := h.backUp(t)
	if item, _ := h.details(t, row, boxsim.FileRef(file)); row.Status != backup.Success || !strings.Contains(string(item.Extra), "skill_card_type") {
		t.Errorf("%s, extra: %s", row.Status, item.Extra)
	}
}
