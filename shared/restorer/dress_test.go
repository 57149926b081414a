package restorer_test

import (
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/box/boxsim"
	"coffer/shared/job"
	"coffer/shared/task"
)

var all = job.Include{Versions: true, Sharing: true, Comments: true, Metadata: true}

// dressed has Bob's folder with a file that has everything a file can have.
type dressed struct {
	client       *box.Client
	folder, file string
	ada          backup.BoxUserID
	snap         backup.SnapshotID
}

func (h *house) dress(t *testing.T) dressed {
	t.Helper()
	ctx := t.Context()
	changed, err := h.Tasks.Change(ctx, h.task.Account, h.task.ID, task.Settings{Policy: &task.Policy{Versions: true}})
	must(t, err)
	h.task = changed
	d := dressed{client: h.archiver.Connections.Client(h.task.Account, h.task.ID).As(h.user), ada: h.admin}
	d.folder, err = h.sim.CreateFolder(h.user, backup.RootFolder, "Everything")
	must(t, err)
	d.file, err = h.sim.Upload(h.user, d.folder, "plan.txt", []byte("first"))
	must(t, err)
	must(t, h.sim.NewVersion(h.user, d.file, []byte("second")))
	must(t, h.sim.NewVersion(h.user, d.file, []byte("third")))
	must(t, h.sim.AddTemplate(d.ada, "contract", "Contract", "customer"))
	must(t, h.sim.SetMetadata(h.user, boxsim.FileRef(d.file), "enterprise.contract", map[string]any{"customer": "Northwind"}))
	must(t, h.sim.SetMetadata(h.user, boxsim.FolderRef(d.folder), "global.properties", map[string]any{"colour": "red"}))
	first, err := d.client.CreateComment(ctx, box.Mini{Type: "file", ID: d.file}, "What about page 2?")
	must(t, err)
	_, err = d.client.CreateComment(ctx, box.Mini{Type: "comment", ID: first.ID}, "Done.")
	must(t, err)
	for _, c := range []box.Collaboration{
		{Role: "viewer", AccessibleBy: box.Mini{Type: "user", ID: string(d.ada)}},
		{Role: "editor", AccessibleBy: box.Mini{Type: "user", Login: "nobody@elsewhere.example"}},
	} {
		_, err = d.client.Collaborate(ctx, boxsim.FolderRef(d.folder), c)
		must(t, err)
	}
	_, err = d.client.UpdateFile(ctx, d.file, "", box.Update{SharedLink: map[string]any{
		"access": "open", "password": "secret-Old1", "vanity_name": "our-plan-2026", "permissions": map[string]any{"can_download": false},
	}})
	must(t, err)
	work, err := d.client.CreateTask(ctx, d.file, box.Task{Action: "review", Message: "Please review", Rule: "any_assignee"})
	must(t, err)
	_, err = d.client.Assign(ctx, work.ID, box.Mini{ID: string(d.ada)})
	must(t, err)
	h.sim.Advance(5 * time.Minute)
	d.snap = h.backUp(t)
	return d
}

// include makes a job that brings back these parts.
func (h *house) include(t *testing.T, snap backup.SnapshotID, mode backup.RestoreMode, in job.Include, items ...backup.ItemRef) backup.JobMessage {
	t.Helper()
	at := h.now().Add(time.Duration(h.jobs.Add(1)) * time.Millisecond)
	j := job.Job{
		Account: h.task.Account, ID: backup.JobID(backup.NewSortableID(at)), Kind: job.Restore, Label: "All of it", Task: h.task.ID, TaskName: "Files",
		BoxUser: h.user, UserName: "Bob", UserLogin: "bob@acme.example", Snapshot: snap, Whole: len(items) == 0, Mode: mode, Include: in,
		Initiator: "ada@acme.example", Created: at,
	}
	must(t, h.Jobs.Create(t.Context(), j, items))
	return backup.JobMessage{Account: j.Account, Job: j.ID}
}

// at returns the Box ids of Bob's items by their paths.
func (h *house) at(path string) string {
	for _, n := range h.sim.Tree(h.user) {
		if n.Path == path {
			return n.ID
		}
	}
	return ""
}

// wantDressed compares a restored file and its folder with what they were.
func (d *dressed) wantDressed(t *testing.T, folder, file string) {
	t.Helper()
	ctx := t.Context()
	versions, err := d.client.Versions(ctx, file)
	must(t, err)
	var contents []string
	for _, v := range slices.Backward(versions) {
		body, err := d.client.Download(ctx, file, v.ID, 0)
		must(t, err)
		text, err := io.ReadAll(body)
		must(t, err)
		contents = append(contents, string(text))
	}
	if got := strings.Join(contents, " "); got != "first second" {
		t.Errorf("past versions: %q", got)
	}
	comments, err := d.client.Comments(ctx, file)
	must(t, err)
	if len(comments) != 2 || !strings.HasPrefix(comments[0].Message, "Bob, 20") || !strings.HasSuffix(comments[0].Message, ": What about page 2?") || !comments[1].Reply {
		t.Errorf("comments: %+v", comments)
	}
	for _, want := range []struct {
		ref           backup.ItemRef
		field, values string
	}{{boxsim.FileRef(file), "customer", `"Northwind"`}, {boxsim.FolderRef(folder), "colour", `"red"`}} {
		metadata, err := d.client.Metadata(ctx, want.ref)
		must(t, err)
		if len(metadata) != 1 || string(metadata[0][want.field]) != want.values {
			t.Errorf("metadata of %s: %s", want.ref, metadata)
		}
	}
	collaborations, err := d.client.Collaborations(ctx, boxsim.FolderRef(folder))
	must(t, err)
	if len(collaborations) != 2 || collaborations[0].Role != "viewer" || collaborations[0].AccessibleBy.ID != string(d.ada) || collaborations[1].InviteEmail != "nobody@elsewhere.example" {
		t.Errorf("collaborations: %+v", collaborations)
	}
	tasks, err := d.client.Tasks(ctx, file)
	must(t, err)
	if len(tasks) != 1 || tasks[0].Message != "Please review" || len(tasks[0].Assignments) != 1 || tasks[0].Assignments[0].AssignTo.ID != string(d.ada) {
		t.Errorf("tasks: %+v", tasks)
	}
}

func TestEverythingOfAFileReturns_D1(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 51})
	d := h.dress(t)
	must(t, h.sim.Delete(h.user, boxsim.FolderRef(d.folder)))
	must(t, h.sim.Purge(h.user, boxsim.FolderRef(d.folder)))
	j := h.finish(t, h.include(t, d.snap, backup.Replace, all))
	h.wantAll(t, j, 2)
	file := h.at("/Everything/plan.txt")
	d.wantDressed(t, h.at("/Everything"), file)

	item, err := d.client.File(t.Context(), file)
	must(t, err)
	var link struct {
		Access      string `json:"access"`
		Vanity      string `json:"vanity_name"`
		Password    bool   `json:"is_password_enabled"`
		Permissions struct {
			Download bool `json:"can_download"`
		} `json:"permissions"`
	}
	must(t, json.Unmarshal(item.Extra["shared_link"], &link))
	if link.Access != "open" || link.Vanity != "our-plan-2026" || !link.Password || link.Permissions.Download {
		t.Errorf("shared link: %s", item.Extra["shared_link"])
	}
	reason := h.ledger(t, j)["plan.txt"].Reason
	_, after, ok := strings.Cut(reason, "The new password of its shared link is “")
	password, _, _ := strings.Cut(after, "”")
	if !ok || !h.sim.OpensLink(boxsim.FileRef(file), password) {
		t.Errorf("the ledger says %q, which does not open the link", reason)
	}
}

func TestRestoreBringsBackOnlyWhatIsAsked_D1(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 52})
	d := h.dress(t)
	j := h.finish(t, h.include(t, d.snap, backup.NonDestructive, job.Include{}))
	h.wantAll(t, j, 2)
	for _, n := range h.sim.Tree(h.user) {
		if n.Name != "plan.txt" || n.ID == d.file {
			continue
		}
		item, err := d.client.File(t.Context(), n.ID)
		must(t, err)
		metadata, err := d.client.Metadata(t.Context(), n.ItemRef)
		must(t, err)
		if n.Versions != 1 || item.CommentCount != 0 || item.Extra["shared_link"] != nil || len(metadata) != 0 {
			t.Errorf("restored unasked: %+v, %s", item, metadata)
		}
		return
	}
	t.Error("the file was not restored")
}

// TestReplaceBringsSharingBackAndTakesItFromNobody is about items that exist.
func TestReplaceBringsSharingBackAndTakesItFromNobody_D1(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	h := newHouse(t, boxsim.Options{Seed: 53})
	d := h.dress(t)
	found, err := d.client.Collaborations(ctx, boxsim.FolderRef(d.folder))
	must(t, err)
	_, err = d.client.SetRole(ctx, found[0].ID, "editor")
	must(t, err)
	must(t, d.client.DeleteCollaboration(ctx, found[1].ID))
	_, err = d.client.Collaborate(ctx, boxsim.FolderRef(d.folder), box.Collaboration{Role: "viewer", AccessibleBy: box.Mini{Type: "user", Login: "new@acme.example"}})
	must(t, err)
	_, err = d.client.UpdateMetadata(ctx, boxsim.FileRef(d.file), "enterprise", "contract", box.Metadata{"customer": json.RawMessage(`"Other"`)})
	must(t, err)

	h.wantAll(t, h.finish(t, h.include(t, d.snap, backup.Bypass, all)), 2)
	if found, err = d.client.Collaborations(ctx, boxsim.FolderRef(d.folder)); err != nil || len(found) != 2 || found[0].Role != "editor" {
		t.Errorf("Bypass changed the sharing of what exists: %+v, %v", found, err)
	}
	for range 2 { // a second time changes nothing
		h.wantAll(t, h.finish(t, h.include(t, d.snap, backup.Replace, all)), 2)
		found, err = d.client.Collaborations(ctx, boxsim.FolderRef(d.folder))
		must(t, err)
		roles := map[string]string{}
		for _, c := range found {
			roles[c.AccessibleBy.Login+c.InviteEmail] = c.Role
		}
		if len(found) != 3 || roles["ada@acme.example"] != "viewer" || roles["nobody@elsewhere.example"] != "editor" || roles["new@acme.example"] != "viewer" {
			t.Errorf("collaborations: %v", roles)
		}
		metadata, err := d.client.Metadata(ctx, boxsim.FileRef(d.file))
		must(t, err)
		comments, err := d.client.Comments(ctx, d.file)
		must(t, err)
		if string(metadata[0]["customer"]) != `"Northwind"` || len(comments) != 2 {
			t.Errorf("metadata %s, comments %+v", metadata, comments)
		}
	}
}

// TestKilledAnywhereDressesOnce kills the worker at calls to Box or to the
// ledger, before or after they take effect.
func TestKilledAnywhereDressesOnce_C1_D1(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 54})
	d := h.dress(t)
	must(t, h.sim.Delete(h.user, boxsim.FolderRef(d.folder)))
	must(t, h.sim.Purge(h.user, boxsim.FolderRef(d.folder)))
	must(t, h.sim.Mark())
	for i := range 14 {
		m := h.include(t, d.snap, backup.Replace, all)
		var points []int
		for range 1 + i%2 {
			ctx, cancel := context.WithCancel(t.Context())
			at := 1 + rand.IntN(70)
			points = append(points, at)
			h.plug.pull(at, i%3 > 0, cancel)
			_ = h.Run(ctx, m) // what it says when it dies, nobody hears
			cancel()
			h.plug.pull(0, false, nil)
			h.expire()
		}
		h.wantAll(t, h.finish(t, m), 2)
		d.wantDressed(t, h.at("/Everything"), h.at("/Everything/plan.txt"))
		if t.Failed() {
			t.Fatalf("killed at %v, after=%t", points, i%3 > 0)
		}
		must(t, h.sim.Return())
	}
}
