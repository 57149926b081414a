package api_test

import (
	"strings"
	"testing"
	"time"

	"coffer/shared/api"
	"coffer/shared/api/recovery"
	"coffer/shared/api/tasks"
	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/box/boxsim"
)

// furnish gives the file one of everything that Box keeps with a file.
func (b *backedUp) furnish(t *testing.T) {
	t.Helper()
	user, file := backup.BoxUserID(b.user), boxsim.FileRef(b.file)
	client := b.connections.Client(b.account(), backup.TaskID(b.task)).As(user)
	comment, err := client.CreateComment(t.Context(), box.Mini{Type: "file", ID: b.file}, "What about page 2?")
	for _, step := range []func() error{
		func() error { return err },
		func() error {
			_, err := client.CreateComment(t.Context(), box.Mini{Type: "comment", ID: comment.ID}, "Done.")
			return err
		},
		func() error {
			_, err := client.Collaborate(t.Context(), file, box.Collaboration{Role: "viewer", AccessibleBy: box.Mini{Type: "user", Login: "guest@elsewhere.example"}})
			return err
		},
		func() error {
			_, err := client.Update(t.Context(), file, "", box.Update{SharedLink: map[string]any{"access": "company"}, Tags: &[]string{"urgent"}})
			return err
		},
		func() error {
			return b.sim.SetMetadata(user, file, "global.properties", map[string]any{"colour": "red"})
		},
		func() error {
			return b.sim.AddTemplate(user, "securityClassification-6VMVochwUWo", "Classification", "Box__Security__Classification__Key")
		},
		func() error {
			return b.sim.SetMetadata(user, file, "enterprise.securityClassification-6VMVochwUWo", map[string]any{"Box__Security__Classification__Key": "Secret"})
		},
		func() error { return b.sim.NewVersion(user, b.file, []byte("a new plan")) },
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	b.who.ok("PATCH", "/api/tasks/"+b.task, map[string]any{"policy": map[string]any{"versions": true}}, nil)
	b.sim.Advance(5 * time.Minute) // the enterprise's events come with a delay
	b.who.ok("POST", "/api/tasks/"+b.task+"/backup", nil, nil)
	b.work()
	var list api.List[recovery.Snapshot]
	b.who.ok("GET", b.base+"/snapshots", nil, &list)
	if b.snapshot = list.Items[0]; len(list.Items) != 2 {
		t.Fatalf("snapshots %+v", list.Items)
	}
}

func TestItemIsShownWithAllThatASnapshotHasOfIt_D1(t *testing.T) {
	t.Parallel()
	b := newBackedUp(t)
	path := func(item, kind string) string {
		return b.base + "/snapshots/" + b.snapshot.ID + "/items/" + item + "/details?kind=" + kind
	}
	var bare recovery.ItemDetails
	b.who.ok("GET", path(b.file, "file"), nil, &bare)
	if len(bare.Collaborations)+len(bare.Comments)+len(bare.Metadata)+len(bare.Tags) > 0 || bare.SharedLink != nil {
		t.Errorf("before: %+v", bare)
	}
	before := path(b.file, "file")
	b.furnish(t)

	var got recovery.ItemDetails
	b.who.ok("GET", path(b.file, "file"), nil, &got)
	if got.Size != 10 || len(got.Path) != 2 || got.Path[0].Name != "Plans" || got.CreatedBy != "ann@acme.example" || len(got.Tags) != 1 || got.Shortened {
		t.Errorf("item %+v", got)
	}
	if c := got.Collaborations; len(c) != 1 || c[0].Login != "guest@elsewhere.example" || c[0].Role != "viewer" || c[0].Status != "pending" {
		t.Errorf("collaborations %+v", c)
	}
	if c := got.Comments; len(c) != 2 || c[0].Message != "What about page 2?" || c[1].ReplyTo != c[0].ID || c[0].By != "Ann Archer" {
		t.Errorf("comments %+v", c)
	}
	if v := got.Versions; len(v) != 1 || v[0].Size != 8 || v[0].SHA1 != bare.SHA1 || v[0].State != "complete" {
		t.Errorf("versions %+v", v)
	}
	if l := got.SharedLink; l == nil || l.Access != "company" || !strings.HasPrefix(l.URL, "http") {
		t.Errorf("shared link %+v", l)
	}
	metadata := map[string]any{}
	for _, m := range got.Metadata {
		for name, value := range m.Fields {
			metadata[m.Template+"."+name] = value
		}
	}
	if len(metadata) != 2 || metadata["properties.colour"] != "red" || got.Classification != "Secret" ||
		metadata["securityClassification-6VMVochwUWo.Box__Security__Classification__Key"] != "Secret" {
		t.Errorf("classification %q, metadata %+v", got.Classification, got.Metadata)
	}

	// The snapshot from before still has nothing of it, and only what is there is found.
	var earlier recovery.ItemDetails
	b.who.ok("GET", before, nil, &earlier)
	if len(earlier.Comments)+len(earlier.Collaborations)+len(earlier.Versions) > 0 || earlier.Size != 8 {
		t.Errorf("earlier: %+v", earlier)
	}
	var folder recovery.ItemDetails
	b.who.ok("GET", path(b.folder, "folder"), nil, &folder)
	if folder.Name != "Plans" || len(folder.Path) != 1 {
		t.Errorf("folder %+v", folder)
	}
	b.who.refused(404, "GET", path(b.folder, "file"), nil)
	b.who.refused(400, "GET", path(b.file, "note"), nil)
}

// details are the file's in the newest of so many snapshots.
func (b *backedUp) details(t *testing.T, snapshots int) (got recovery.ItemDetails) {
	t.Helper()
	var list api.List[recovery.Snapshot]
	b.who.ok("GET", b.base+"/snapshots", nil, &list)
	if len(list.Items) != snapshots {
		t.Fatalf("snapshots %+v, want %d", list.Items, snapshots)
	}
	b.who.ok("GET", b.base+"/snapshots/"+list.Items[0].ID+"/items/"+b.file+"/details?kind=file", nil, &got)
	return got
}

// TestWhatIsWrittenAboutAFileIsInTheNextSnapshot_D1 leaves the file itself as it
// is: a backup on demand has what people said of it, and one on schedule what
// only the enterprise's events tell of as well.
func TestWhatIsWrittenAboutAFileIsInTheNextSnapshot_D1(t *testing.T) {
	t.Parallel()
	b := newBackedUp(t)
	ctx, user, file := t.Context(), backup.BoxUserID(b.user), boxsim.FileRef(b.file)
	client := b.connections.Client(b.account(), backup.TaskID(b.task)).As(user)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	work, err := client.CreateTask(ctx, b.file, box.Task{Action: "review", Message: "Please review"})
	must(err)
	_, err = client.Assign(ctx, work.ID, box.Mini{Login: "bob@acme.example"})
	must(err)
	comment, err := client.CreateComment(ctx, box.Mini{Type: "file", ID: b.file}, "What about page 2?")
	must(err)
	_, err = client.CreateComment(ctx, box.Mini{Type: "comment", ID: comment.ID}, "Done.")
	must(err)
	_, err = client.Collaborate(ctx, file, box.Collaboration{Role: "viewer", AccessibleBy: box.Mini{Type: "user", Login: "guest@elsewhere.example"}})
	must(err)
	b.who.ok("POST", "/api/tasks/"+b.task+"/backup", nil, nil)
	b.work()
	got := b.details(t, 2)
	if w := got.Tasks; len(w) != 1 || w[0].Message != "Please review" || len(w[0].Assignees) != 1 || w[0].Assignees[0].Login != "bob@acme.example" {
		t.Errorf("tasks %+v", w)
	}
	if c := got.Comments; len(c) != 2 || c[0].Message != "What about page 2?" || c[1].Message != "Done." || c[1].ReplyTo != c[0].ID {
		t.Errorf("comments %+v", c)
	}
	if c := got.Collaborations; len(c) != 1 || c[0].Login != "guest@elsewhere.example" {
		t.Errorf("collaborations %+v", c)
	}

	must(b.sim.SetMetadata(user, file, "global.properties", map[string]any{"colour": "red"}))
	_, err = client.CreateTask(ctx, b.file, box.Task{Action: "complete", Message: "Then sign"})
	must(err)
	b.sim.Advance(5 * time.Minute) // the enterprise's events come with a delay
	must(b.scanner.Scan(ctx, backup.ScanMessage{Account: b.account(), Task: backup.TaskID(b.task), Slot: b.now().Truncate(time.Hour)}))
	b.work()
	got = b.details(t, 3)
	if m := got.Metadata; len(m) != 1 || m[0].Fields["colour"] != "red" {
		t.Errorf("metadata %+v", m)
	}
	if w := got.Tasks; len(w) != 2 || w[1].Message != "Then sign" || len(got.Comments) != 2 || len(got.Collaborations) != 1 {
		t.Errorf("later: %+v", got)
	}
}

func TestBoxUserShowsWhenItWasVerifiedAndWhatIsDamaged_I5(t *testing.T) {
	t.Parallel()
	b := newBackedUp(t)
	u, err := b.archiver.Tasks.BoxUser(t.Context(), b.account(), backup.TaskID(b.task), backup.BoxUserID(b.user))
	if err == nil {
		err = b.archiver.Tasks.Verified(t.Context(), u, "The backed up content of 3 files is damaged.")
	}
	if err != nil {
		t.Fatal(err)
	}
	var seen tasks.BoxUser
	b.who.ok("GET", b.base, nil, &seen)
	if seen.Verified.IsZero() || seen.Damage != "The backed up content of 3 files is damaged." {
		t.Errorf("verified %v, damage %q", seen.Verified, seen.Damage)
	}
	second := b.who.secondary("second@example.com")
	b.who.ok("POST", "/api/tasks/"+b.task+"/users/tag", map[string]any{"ids": []string{b.user}, "add": []string{string(backup.LimitedAccess)}}, nil)
	seen = tasks.BoxUser{}
	second.ok("GET", b.base, nil, &seen)
	if seen.Damage != "" {
		t.Errorf("a secondary user learns of %q", seen.Damage)
	}
}
