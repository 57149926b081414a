package archiver_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/box/boxsim"
)

// Box tells collaborators nothing of what an owner does to a shared item, and
// the enterprise's stream names the owner only. Their snapshots of the same slot
// are right all the same, and a day without changes takes no call of anybody.
func TestWhatOwnersDoToSharedItemsIsSeenAtTheSameSlot_I8(t *testing.T) {
	t.Parallel()
	s := newSharers(t, 3, 0.1)
	owner, other, third := s.users[0], s.users[1], s.users[2]
	folder, err := s.sim.CreateFolder(owner, backup.RootFolder, "Shared")
	must(t, err)
	above, err := s.sim.CreateFolder(owner, backup.RootFolder, "Above")
	must(t, err)
	file, err := s.sim.Upload(owner, above, "File.txt", []byte("shared"))
	must(t, err)
	dir, doc := backup.ItemRef{Kind: backup.Folder, ID: folder}, backup.ItemRef{Kind: backup.File, ID: file}
	top := backup.ItemRef{Kind: backup.Folder, ID: above}
	for ref, to := range map[backup.ItemRef]backup.BoxUserID{dir: other, doc: third} {
		_, err := s.sim.Collaborate(owner, ref, to, "viewer")
		must(t, err)
	}
	s.slot(t)
	s.wantOthers(t)
	for _, step := range []struct {
		what string
		do   func() error
	}{
		{"renamed", func() error { return s.sim.Rename(owner, dir, "Renamed") }},
		{"moved", func() error { return s.sim.Move(owner, dir, above) }},
		{"deleted with the folder above", func() error { return s.sim.Delete(owner, top) }},
		{"restored", func() error { return s.sim.Restore(owner, top) }},
	} {
		s.pass(24 * time.Hour)
		must(t, step.do())
		s.slot(t)
		if s.wantOthers(t); t.Failed() {
			t.Fatalf("after shared items were %s", step.what)
		}
	}
	s.pass(2 * time.Hour)
	before := s.sim.Stats()
	s.slot(t)
	for _, user := range s.users {
		if n := s.sim.Stats().Users[user].Calls - before.Users[user].Calls; n != 0 {
			t.Errorf("%d calls as Box user %s on a day without changes, want none", n, user)
		}
	}
}

// group makes a group of Box users and returns its id.
func (s *sharers) group(t *testing.T, name string, users ...backup.BoxUserID) string {
	t.Helper()
	id := s.post(t, "groups", map[string]any{"name": name})
	for _, u := range users {
		s.post(t, "group_memberships", map[string]any{"user": map[string]any{"id": u}, "group": map[string]any{"id": id}})
	}
	return id
}

// post has the administrator make something at Box and returns its id.
func (s *sharers) post(t *testing.T, path string, what map[string]any) string {
	t.Helper()
	body, err := json.Marshal(what)
	must(t, err)
	r := httptest.NewRequest(http.MethodPost, "/2.0/"+path, bytes.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+s.sim.Token(s.admin))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	s.sim.ServeHTTP(w, r)
	var made struct{ ID string }
	must(t, json.Unmarshal(w.Body.Bytes(), &made))
	if made.ID == "" {
		t.Fatalf("%s: %d %s", path, w.Code, w.Body)
	}
	return made.ID
}

// Those who have an item through a group see what its owner does to it at the
// same slot as well, for a Box call of each group. Where Box does not let the
// members be read, nobody is held up.
func TestWhatOwnersDoIsSeenByMembersOfGroups_I8(t *testing.T) {
	t.Parallel()
	s := newSharers(t, 4, 0)
	owner, direct := s.users[0], s.users[1]
	folder, err := s.sim.CreateFolder(owner, backup.RootFolder, "Shared")
	must(t, err)
	dir := boxsim.FolderRef(folder)
	group := s.group(t, "Readers", s.users...) // the owner and who has it anyway among them
	client := s.conns.Client(s.task.Account, s.task.ID).As(owner)
	for _, who := range []box.Mini{{Type: "group", ID: group}, {Type: "user", ID: string(direct)}} {
		_, err = client.Collaborate(t.Context(), dir, box.Collaboration{Role: "viewer", AccessibleBy: who})
		must(t, err)
	}
	s.slot(t)
	s.wantOthers(t)
	members := func() int64 { return s.sim.Stats().Endpoints["GET /2.0/groups/{id}/memberships"] }
	before := members()
	for _, name := range []string{"Renamed", "And again"} {
		s.pass(24 * time.Hour)
		must(t, s.sim.Rename(owner, dir, name))
		s.slot(t)
		s.wantOthers(t)
	}
	if n := members() - before; n != 2 {
		t.Errorf("the members were asked for %d times, want twice", n)
	}
	s.pass(24 * time.Hour)
	s.slot(t)
	if n := members() - before; n != 2 {
		t.Errorf("the members were asked for %d times, though nothing has changed", n)
	}

	s.sim.Fault(boxsim.Fault{Endpoint: "GET /2.0/groups/*/memberships", Kinds: []boxsim.Kind{boxsim.Forbidden}})
	s.pass(24 * time.Hour)
	must(t, s.sim.Rename(owner, dir, "Untold"))
	s.slot(t)
	s.wantAllEqual(t)
}
