package box_test

import (
	"archive/zip"
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/box/boxsim"
)

func TestUsersAreListedWithTheirStatus(t *testing.T) {
	t.Parallel()
	w := newWorld(t, boxsim.Options{})
	w.SetStatus(w.bob, "inactive")
	me := must(w.client.Me(t.Context()))(t)
	if me.ID != string(w.ada) || me.Enterprise.ID != w.acme.ID || me.Role != "admin" {
		t.Errorf("me is %+v", me)
	}
	page := must(w.client.Users(t.Context(), ""))(t)
	got := map[string]bool{}
	for _, user := range page.Entries {
		got[user.Login] = user.Active()
	}
	if diff := cmp.Diff(got, map[string]bool{"ada@acme.example": true, "bob@acme.example": false}); diff != "" || page.Next != "" {
		t.Errorf("next %q\n%s", page.Next, diff)
	}
}

func TestAListingTellsEverythingAboutItsItems(t *testing.T) {
	t.Parallel()
	w := newWorld(t, boxsim.Options{})
	c := w.client.As(w.bob)
	folder := must(c.CreateFolder(t.Context(), backup.RootFolder, "Plans"))(t)
	plan := newFile(folder.ID, "plan \"1\" 🚀.txt", letters(100))
	plan.ContentModifiedAt = time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	file := must(c.Upload(t.Context(), plan))(t)
	link := must(c.CreateWebLink(t.Context(), folder.ID, "Site", "https://acme.example/a", "ours"))(t)
	must(c.UpdateFile(t.Context(), file.ID, file.ETag, box.Update{
		Description: new("The plan"), Tags: new([]string{"a", "b"}), SharedLink: map[string]any{},
	}))(t)
	must(c.UpdateFolder(t.Context(), folder.ID, "", box.Update{Name: new("Old plans")}))(t)

	page := must(c.FolderItems(t.Context(), folder.ID, ""))(t)
	if len(page.Entries) != 2 || page.Next != "" {
		t.Fatalf("got %+v", page)
	}
	got := page.Entries[0]
	if got.Name != plan.Name || got.Description != "The plan" || !slices.Equal(got.Tags, []string{"a", "b"}) ||
		!got.ContentModifiedAt.Equal(plan.ContentModifiedAt) || got.OwnedBy.ID != string(w.bob) || got.Parent.ID != folder.ID ||
		got.VersionID == "" || got.Extra["shared_link"] == nil || got.Status != "active" || got.Ref() != file.Ref() {
		t.Errorf("got %+v", got)
	}
	if content, err := got.Content(); err != nil || content != plan.Content {
		t.Errorf("content %v, %v", content, err)
	}
	if got := page.Entries[1]; got.URL != "https://acme.example/a" || got.Description != "ours" || got.Ref() != link.Ref() {
		t.Errorf("got %+v", got)
	}
	root := must(c.Folder(t.Context(), backup.RootFolder))(t)
	if !root.CreatedAt.IsZero() || root.Parent.ID != "" {
		t.Errorf("root is %+v", root)
	}
}

func TestLongListingsArePagedByMarker(t *testing.T) {
	t.Parallel()
	w := newWorld(t, boxsim.Options{})
	for i := range 1001 {
		must(w.CreateFolder(w.bob, backup.RootFolder, time.Duration(i).String()))(t)
	}
	seen := map[string]bool{}
	calls := 0
	for marker := ""; ; calls++ {
		page := must(w.client.As(w.bob).FolderItems(t.Context(), backup.RootFolder, marker))(t)
		for _, item := range page.Entries {
			seen[item.ID] = true
		}
		if marker = page.Next; marker == "" {
			break
		}
	}
	if len(seen) != 1001 || w.client.Calls()["folder.items"] != 2 {
		t.Errorf("saw %d items with %v", len(seen), w.client.Calls())
	}
}

func TestDownloadsGiveVersionsAndRanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t, boxsim.Options{})
	c := w.client.As(w.bob)
	first := must(c.Upload(t.Context(), newFile(backup.RootFolder, "a", []byte("first version"))))(t)
	second := must(c.UploadVersion(t.Context(), first.ID, first.ETag, newFile("", "", []byte("second"))))(t)
	for _, test := range []struct {
		name, version string
		offset        int64
		want          string
	}{
		{"current", "", 0, "second"},
		{"pinned", second.VersionID, 0, "second"},
		{"past", first.VersionID, 0, "first version"},
		{"range", first.VersionID, 6, "version"},
	} {
		t.Run(test.name, func(t *testing.T) {
			body, err := c.Download(t.Context(), first.ID, test.version, test.offset)
			if got := read(t, body, err); got != test.want {
				t.Errorf("got %q", got)
			}
		})
	}
	versions := must(c.Versions(t.Context(), first.ID))(t)
	if len(versions) != 1 || versions[0].ID != first.VersionID || versions[0].SHA1 != first.SHA1 {
		t.Errorf("versions are %+v", versions)
	}
	must(c.PromoteVersion(t.Context(), first.ID, first.VersionID))(t)
	if now := must(c.File(t.Context(), first.ID))(t); now.SHA1 != first.SHA1 || now.VersionID == first.VersionID {
		t.Errorf("after promoting: %+v", now)
	}
	if err := c.DeleteVersion(t.Context(), first.ID, first.VersionID); err != nil {
		t.Error(err)
	}
	must(c.RestoreVersion(t.Context(), first.ID, first.VersionID))(t)
}

func TestEmptyFilesSurvive(t *testing.T) {
	t.Parallel()
	w := newWorld(t, boxsim.Options{})
	file := must(w.client.Upload(t.Context(), newFile(backup.RootFolder, "empty", nil)))(t)
	body, err := w.client.Download(t.Context(), file.ID, file.VersionID, 0)
	if got := read(t, body, err); got != "" {
		t.Errorf("got %q", got)
	}
}

func TestAZipHoldsManyFilesForOneCall(t *testing.T) {
	t.Parallel()
	w := newWorld(t, boxsim.Options{})
	var refs []backup.ItemRef
	want := map[string]bool{}
	for i := range 20 {
		content := letters(i * 1000)
		id := must(w.Upload(w.bob, backup.RootFolder, time.Duration(i).String(), content))(t)
		refs = append(refs, backup.ItemRef{Kind: backup.File, ID: id})
		want[string(content)] = true
	}
	body, err := w.client.As(w.bob).ZipDownload(t.Context(), refs)
	text := read(t, body, err)
	archive := must(zip.NewReader(bytes.NewReader([]byte(text)), int64(len(text))))(t)
	for _, f := range archive.File {
		content := must(io.ReadAll(must(f.Open())(t)))(t)
		delete(want, string(content))
	}
	if len(want) != 0 {
		t.Errorf("%d contents are missing", len(want))
	}
	if diff := cmp.Diff(w.client.Calls(), map[string]int64{"zip.create": 1, "content": 1}); diff != "" {
		t.Error(diff)
	}
}

func TestTheTrashGivesBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, boxsim.Options{})
	c := w.client.As(w.bob)
	folder := must(c.CreateFolder(t.Context(), backup.RootFolder, "Old"))(t)
	must(c.Upload(t.Context(), newFile(folder.ID, "a", letters(10))))(t)
	if err := c.Delete(t.Context(), folder.Ref(), ""); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Folder(t.Context(), folder.ID); !box.IsTrashed(err) || !box.IsNotFound(err) {
		t.Errorf("a trashed folder: %v", err)
	}
	trash := must(c.Trash(t.Context(), ""))(t)
	if len(trash.Entries) != 1 || trash.Entries[0].Ref() != folder.Ref() || trash.Entries[0].TrashedAt.IsZero() {
		t.Errorf("trash is %+v", trash)
	}
	must(c.Trashed(t.Context(), folder.Ref()))(t)
	back := must(c.Untrash(t.Context(), folder.Ref(), "New", ""))(t)
	if back.ID != folder.ID || back.Name != "New" {
		t.Errorf("back is %+v", back)
	}
	if err := c.Delete(t.Context(), folder.Ref(), ""); err != nil {
		t.Fatal(err)
	}
	if err := c.Purge(t.Context(), folder.Ref()); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Trashed(t.Context(), folder.Ref()); !box.IsNotFound(err) {
		t.Errorf("a purged folder: %v", err)
	}
}

func TestATakenNameIsAConflictThatNamesTheItem(t *testing.T) {
	t.Parallel()
	w := newWorld(t, boxsim.Options{})
	c := w.client.As(w.bob)
	folder := must(c.CreateFolder(t.Context(), backup.RootFolder, "Plans"))(t)
	file := must(c.Upload(t.Context(), newFile(backup.RootFolder, "a", letters(10))))(t)
	_, err := c.CreateFolder(t.Context(), backup.RootFolder, "plans")
	if there, ok := box.Conflict(err); !ok || there.Ref() != folder.Ref() || !box.IsConflict(err) {
		t.Errorf("folder: %+v, %v", there, err)
	}
	_, err = c.Upload(t.Context(), newFile(backup.RootFolder, "A", letters(20)))
	if there, ok := box.Conflict(err); !ok || there.Ref() != file.Ref() || there.SHA1 != file.SHA1 {
		t.Errorf("file: %+v, %v", there, err)
	}
	there, found, err := c.Find(t.Context(), backup.RootFolder, "a")
	if err != nil || !found || there.Ref() != file.Ref() {
		t.Errorf("find: %+v, %v, %v", there, found, err)
	}
	if _, found, err = c.Find(t.Context(), backup.RootFolder, "b"); err != nil || found {
		t.Errorf("find what is not there: %v, %v", found, err)
	}
	if _, err := c.UpdateFile(t.Context(), file.ID, "99", box.Update{Name: new("b")}); !box.IsConflict(err) {
		t.Errorf("update of another etag: %v", err)
	}
}

func TestCommentsCollaborationsAndMetadataGoThereAndBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, boxsim.Options{})
	c := w.client.As(w.bob)
	file := must(c.Upload(t.Context(), newFile(backup.RootFolder, "a", letters(10))))(t)
	comment := must(c.CreateComment(t.Context(), box.Mini{Type: "file", ID: file.ID}, "Good"))(t)
	must(c.CreateComment(t.Context(), box.Mini{Type: "comment", ID: comment.ID}, "Thanks"))(t)
	comments := must(c.Comments(t.Context(), file.ID))(t)
	if len(comments) != 2 || !slices.ContainsFunc(comments, func(c box.Comment) bool { return c.Reply && c.Message == "Thanks" }) {
		t.Errorf("comments are %+v", comments)
	}
	made := must(c.Collaborate(t.Context(), file.Ref(), box.Collaboration{
		Role: "viewer", AccessibleBy: box.Mini{Type: "user", Login: "ada@acme.example"},
	}))(t)
	collaborations := must(c.Collaborations(t.Context(), file.Ref()))(t)
	if len(collaborations) != 1 || collaborations[0].AccessibleBy.ID != string(w.ada) || collaborations[0].Role != "viewer" {
		t.Errorf("collaborations are %+v", collaborations)
	}
	if got := must(c.SetRole(t.Context(), made.ID, "editor"))(t); got.Role != "editor" {
		t.Errorf("after its change the role is %q", got.Role)
	}
	if err := c.DeleteCollaboration(t.Context(), made.ID); err != nil {
		t.Error(err)
	}
	must(c.CreateMetadata(t.Context(), file.Ref(), "global", "properties", box.Metadata{"colour": []byte(`"red"`)}))(t)
	metadata := must(c.Metadata(t.Context(), file.Ref()))(t)
	if len(metadata) != 1 || string(metadata[0]["colour"]) != `"red"` {
		t.Errorf("metadata is %s", metadata)
	}
	changed := must(c.UpdateMetadata(t.Context(), file.Ref(), "global", "properties", box.Metadata{"colour": nil, "a/b": []byte(`"c"`)}))(t)
	if string(changed["a/b"]) != `"c"` || changed["colour"] != nil {
		t.Errorf("changed metadata is %s", changed)
	}
	items := must(c.Asking("metadata.global.other").FolderItems(t.Context(), backup.RootFolder, ""))(t)
	if len(items.Entries) != 1 || !strings.Contains(string(items.Entries[0].Extra["metadata"]), `"a/b"`) {
		t.Errorf("listed: %+v", items)
	}
	task := must(c.CreateTask(t.Context(), file.ID, box.Task{Action: "review", Message: "Please", Rule: "any_assignee", Due: w.Now().Add(time.Hour)}))(t)
	must(c.Assign(t.Context(), task.ID, box.Mini{Login: "ada@acme.example"}))(t)
	tasks := must(c.Tasks(t.Context(), file.ID))(t)
	if len(tasks) != 1 || tasks[0].Message != "Please" || tasks[0].Due.IsZero() || len(tasks[0].Assignments) != 1 || tasks[0].Assignments[0].AssignTo.ID != string(w.ada) {
		t.Errorf("tasks are %+v", tasks)
	}
	if err := c.DeleteMetadata(t.Context(), file.Ref(), "global", "properties"); err != nil {
		t.Error(err)
	}
	must(c.Templates(t.Context(), "enterprise", ""))(t)
}

func TestEventsPointAtWhatChanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t, boxsim.Options{})
	c := w.client.As(w.bob)
	position := must(c.ChangesNow(t.Context()))(t)
	admin := must(w.client.AdminEventsNow(t.Context()))(t)
	id := must(w.Upload(w.bob, backup.RootFolder, "a", letters(10)))(t)
	link := must(w.AddWebLink(w.bob, backup.RootFolder, "b", "https://acme.example"))(t)
	changes := must(c.Changes(t.Context(), position))(t)
	var got []backup.ItemRef
	for _, e := range changes.Entries {
		got = append(got, e.Item.Ref())
	}
	want := []backup.ItemRef{{Kind: backup.File, ID: id}, {Kind: backup.WebLink, ID: link}}
	if diff := cmp.Diff(got, want); diff != "" || changes.Entries[0].Item.SHA1 == "" {
		t.Errorf("%s\n%+v", diff, changes)
	}
	if rest := must(c.Changes(t.Context(), changes.Next))(t); len(rest.Entries) != 0 || rest.Next != changes.Next {
		t.Errorf("at the end: %+v", rest)
	}
	w.Advance(5 * time.Minute)
	all := must(w.client.AdminEvents(t.Context(), admin, "UPLOAD"))(t)
	if len(all.Entries) != 2 || all.Entries[0].Item.ID != id || all.Entries[0].Item.OwnedBy.ID != string(w.bob) {
		t.Errorf("enterprise events: %+v", all)
	}
	history := must(w.client.AdminHistory(t.Context(), w.Now().Add(-time.Hour), w.Now(), "", "UPLOAD"))(t)
	if len(history.Entries) != 2 || history.Entries[0].ID != all.Entries[0].ID {
		t.Errorf("history: %+v", history)
	}
}

func TestLargeFilesGoInPartsAndCanBeResumed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, boxsim.Options{PartSize: 1 << 20, MinSession: 1})
	c := w.client.As(w.bob)
	content := letters(5<<20 + 17)
	file := newFile(backup.RootFolder, "large", content)
	var session box.Session
	made := must(c.UploadChunked(t.Context(), file, func(s box.Session) error { session = s; return nil }))(t)
	if session.ID == "" || made.SHA1 != file.SHA1.String() {
		t.Errorf("session %+v, file %+v", session, made)
	}
	body, err := c.Download(t.Context(), made.ID, made.VersionID, 0)
	if read(t, body, err) != string(content) {
		t.Error("the file has another content")
	}
	again := newFile("", "", letters(3<<20))
	now := must(c.UploadVersionChunked(t.Context(), made.ID, made.ETag, again, nil))(t)
	if now.ID != made.ID || now.SHA1 != again.SHA1.String() {
		t.Errorf("version %+v", now)
	}
}

func TestAUserWhoCannotBeActedAsIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, boxsim.Options{})
	for _, status := range []int{http.StatusForbidden, http.StatusNotFound} {
		w.SetUnreachable(w.bob, status)
		if _, err := w.client.As(w.bob).Me(t.Context()); !box.IsUserUnreachable(err) || box.IsNotFound(err) {
			t.Errorf("%d: %v", status, err)
		}
	}
	w.Fault(boxsim.Fault{Endpoint: "GET /2.0/events", Kinds: []boxsim.Kind{boxsim.OutOfScope}, Times: 1})
	if _, err := w.client.AdminEventsNow(t.Context()); box.IsUserUnreachable(err) || !box.IsForbidden(err) {
		t.Errorf("a scope that the application lacks: %v", err)
	}
	if _, err := w.client.As("12345").Me(t.Context()); !box.IsUserUnreachable(err) {
		t.Errorf("unknown: %v", err)
	}
}
