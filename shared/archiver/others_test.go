package archiver_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
	"coffer/shared/catalog"
	"coffer/shared/task"
)

// sharers are people whose items Box users find in their root folders: of
// another company, of this one without a backup, and with one.
type sharers struct {
	*enterprise
	outside  backup.BoxUserID
	standing string // the id of a folder that stays shared with everybody
	all      []backup.BoxUserID
}

func newSharers(t *testing.T, seed uint64, stragglers float64) *sharers {
	t.Helper()
	s := &sharers{enterprise: newEnterprise(t, seed, stragglers)}
	s.outside = s.sim.AddEnterprise("Elsewhere").AddUser("Zoe", "zoe@else.example", boxsim.Admin)
	s.all = append([]backup.BoxUserID{s.outside, s.admin}, s.users...)
	for _, owner := range s.all[:2] {
		for i := range 3 {
			folder, err := s.sim.CreateFolder(owner, backup.RootFolder, fmt.Sprintf("Of %s %d", owner, i))
			must(t, err)
			_, err = s.sim.Upload(owner, folder, "file.txt", fmt.Appendf(nil, "%s %d", owner, i))
			must(t, err)
		}
	}
	return s
}

// stand shares something of the other company with every Box user for good, so
// that each run reads what Box tells them themselves: nobody else tells what
// another company does.
func (s *sharers) stand(t *testing.T) {
	t.Helper()
	var err error
	s.standing, err = s.sim.CreateFolder(s.outside, backup.RootFolder, "Standing")
	must(t, err)
	for _, user := range s.users {
		_, err := s.sim.Collaborate(s.outside, backup.ItemRef{Kind: backup.Folder, ID: s.standing}, user, "viewer")
		must(t, err)
	}
}

// get asks Box as a user.
func (s *sharers) get(t *testing.T, as backup.BoxUserID, path string, into any) {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Authorization", "Bearer "+s.sim.Token(as))
	w := httptest.NewRecorder()
	s.sim.ServeHTTP(w, r)
	must(t, json.Unmarshal(w.Body.Bytes(), into))
}

// visible are the items of others that Box shows the user, by path: below a
// reference nothing, as the owner's backup holds it.
func (s *sharers) visible(t *testing.T, user backup.BoxUserID, folder, path string) (found []string) {
	t.Helper()
	var page struct {
		Entries []struct {
			Type, ID, Name, SHA1 string
			OwnedBy              struct{ ID, Login string } `json:"owned_by"`
		}
	}
	s.get(t, user, "/2.0/folders/"+folder+"/items?limit=1000&usemarker=true&fields=type,id,name,sha1,owned_by", &page)
	for _, it := range page.Entries {
		if it.OwnedBy.ID == string(user) {
			continue
		}
		protected := slices.Contains(s.users, backup.BoxUserID(it.OwnedBy.ID))
		if protected {
			it.SHA1 = "elsewhere"
		}
		found = append(found, fmt.Sprintf("%s/%s %s %s of %s %s", path, it.Name, it.Type, it.ID, it.OwnedBy.Login, it.SHA1))
		if it.Type == "folder" && !protected {
			found = append(found, s.visible(t, user, it.ID, path+"/"+it.Name)...)
		}
	}
	slices.Sort(found)
	return found
}

// kept are the items of others that the user's newest snapshot has.
func (s *sharers) kept(t *testing.T, user backup.BoxUserID) (found []string) {
	t.Helper()
	s.user = user
	row := s.row(t)
	row.Snapshot = row.LatestSealed()
	s.guests(t, row, func(path string, it catalog.Item) {
		sum := ""
		switch {
		case it.State == catalog.Reference:
			sum = "elsewhere"
		case it.Kind == backup.File:
			sum = it.Content.SHA1.String()
		}
		found = append(found, fmt.Sprintf("%s %s %s of %s %s", path, it.Kind, it.ID, it.OwnedBy, sum))
	})
	slices.Sort(found)
	return found
}

// guests visits the items of others in a snapshot.
func (e *enterprise) guests(t *testing.T, row task.BoxUser, visit func(path string, it catalog.Item)) {
	t.Helper()
	c := e.catalog(t, row)
	defer c.Close()
	own, _ := e.sim.User(row.ID)
	paths := map[string]string{}
	must(t, c.Walk(t.Context(), row.Snapshot, backup.ItemRef{Kind: backup.Folder, ID: backup.RootFolder}, func(it catalog.Item) error {
		if it.ID == backup.RootFolder {
			return nil
		}
		path := paths[it.Parent] + "/" + it.Name
		if it.Kind == backup.Folder {
			paths[it.ID] = path
		}
		if it.OwnedBy != own.Login {
			visit(path, it)
		}
		return nil
	}))
}

// own are a snapshot's items without those of others.
func (e *enterprise) own(t *testing.T, row task.BoxUser) []node {
	t.Helper()
	guests := map[string]bool{}
	e.guests(t, row, func(_ string, it catalog.Item) { guests[it.ID] = true })
	var own []node
	for _, n := range e.snapshot(t, row) {
		if !guests[n.ID] {
			own = append(own, n)
		}
	}
	return own
}

// do lets somebody share, take back, or work in what is shared.
func (s *sharers) do(t *testing.T) string {
	t.Helper()
	owner, other := s.all[s.rng.IntN(len(s.all))], s.users[s.rng.IntN(len(s.users))]
	tree := s.sim.Tree(owner)
	tree = slices.DeleteFunc(tree, func(n boxsim.Node) bool { return n.ID == s.standing })
	if len(tree) == 0 {
		return ""
	}
	pick := tree[s.rng.IntN(len(tree))]
	name := fmt.Sprintf("others %d", s.rng.Uint64())
	what, err := "", error(nil)
	switch s.rng.IntN(10) {
	case 0, 1, 2:
		what = "share"
		if pick.Kind != backup.WebLink {
			_, err = s.sim.Collaborate(owner, pick.ItemRef, other, []string{"editor", "viewer"}[s.rng.IntN(2)])
		}
	case 3:
		what = "take back"
		var list struct{ Entries []struct{ ID string } }
		if pick.Kind != backup.WebLink {
			s.get(t, owner, fmt.Sprintf("/2.0/%ss/%s/collaborations", pick.Kind, pick.ID), &list)
			for _, c := range list.Entries {
				s.call(t, owner, http.MethodDelete, "/2.0/collaborations/"+c.ID, nil)
			}
		}
	case 4, 5:
		what, err = "rename", s.sim.Rename(owner, pick.ItemRef, name)
	case 6:
		what = "delete"
		if err = s.sim.Delete(owner, pick.ItemRef); err == nil {
			s.trashed = append(s.trashed, owned{owner, pick.ItemRef})
		}
	case 7:
		what = "restore"
		if len(s.trashed) > 0 {
			gone := s.trashed[s.rng.IntN(len(s.trashed))]
			err = s.sim.Restore(gone.owner, gone.ref)
		}
	case 8:
		what = "upload"
		if pick.Kind == backup.Folder {
			_, err = s.sim.Upload(owner, pick.ID, name, []byte(name))
		}
	default:
		what = "edit"
		if pick.Kind == backup.File {
			err = s.sim.NewVersion(owner, pick.ID, []byte(name))
		}
	}
	if err != nil {
		return ""
	}
	s.done++
	return fmt.Sprintf("%s %s (%s) of %s, %s", what, pick.ItemRef, pick.Path, owner, other)
}

// wantOthers compares what the snapshots have of others with what Box shows.
func (s *sharers) wantOthers(t *testing.T) {
	t.Helper()
	for _, user := range s.users {
		if diff := cmp.Diff(s.kept(t, user), s.visible(t, user, backup.RootFolder, "")); diff != "" {
			t.Errorf("what others share with %s differs (-snapshot +Box):\n%s", user, diff)
		}
	}
}

// TestWhatOthersShareIsFollowed_I8 lets people of this and of another company
// share items with Box users, work in them and take them back.
func TestWhatOthersShareIsFollowed_I8(t *testing.T) {
	t.Parallel()
	seed := number("COFFER_SEED", 1)
	s := newSharers(t, uint64(seed), 0.1)
	s.stand(t)
	for n := range number("COFFER_SLOTS", 14) {
		var did []string
		if n%4 != 3 {
			for range s.rng.IntN(12) {
				if what := s.do(t); what != "" {
					did = append(did, what)
				}
			}
		}
		s.slot(t)
		if s.sim.Stragglers() > 0 && n%4 != 3 { // what nobody told yet nobody knows
			s.pass(24 * time.Hour)
			continue
		}
		s.wantAllEqual(t)
		s.wantOthers(t)
		if t.Failed() {
			t.Fatalf("seed %d, slot %d, after\n%s", seed, n, strings.Join(did, "\n"))
		}
		s.pass(24 * time.Hour)
	}
	t.Logf("seed %d: %d operations", seed, s.done)
}

// TestFirstThingOfAnotherCompanyIsSeenWithinAWeek_I8 shares something with a Box
// user who had nothing of another company, which the enterprise's stream does not tell.
func TestFirstThingOfAnotherCompanyIsSeenWithinAWeek_I8(t *testing.T) {
	t.Parallel()
	s := &sharers{enterprise: newEnterprise(t, 4, 0)}
	outside := s.sim.AddEnterprise("Elsewhere").AddUser("Zoe", "zoe@else.example", boxsim.Admin)
	for _, user := range s.users {
		for i := range 40 { // so that the root folder is not listed again soon
			_, err := s.sim.CreateFolder(user, s.sim.Tree(user)[0].ID, fmt.Sprint("Below ", i))
			must(t, err)
		}
	}
	s.settled(t)
	id, err := s.sim.Upload(outside, backup.RootFolder, "Theirs.txt", []byte("theirs"))
	must(t, err)
	for _, user := range s.users {
		_, err := s.sim.Collaborate(outside, backup.ItemRef{Kind: backup.File, ID: id}, user, "viewer")
		must(t, err)
	}
	for range 8 {
		s.pass(24 * time.Hour)
		s.slot(t)
	}
	s.wantOthers(t)
}

// TestWhatAnotherCompanyDidLongAgoIsSeen_I8 lets more time pass than the Box users'
// own streams remember, which alone tell what another company does, while the
// enterprise's history tells all of the company itself.
func TestWhatAnotherCompanyDidLongAgoIsSeen_I8(t *testing.T) {
	t.Parallel()
	s := newSharers(t, 6, 0)
	s.stand(t)
	var files []string
	for i := range 40 { // so that most folders are not listed again soon
		folder, err := s.sim.CreateFolder(s.outside, s.standing, fmt.Sprint("Below ", i))
		must(t, err)
		file, err := s.sim.Upload(s.outside, folder, "theirs.txt", fmt.Appendf(nil, "theirs %d", i))
		must(t, err)
		files = append(files, file)
	}
	s.settled(t)
	s.wantOthers(t)
	for _, file := range files {
		must(t, s.sim.NewVersion(s.outside, file, []byte("changed "+file)))
	}
	s.pass(22 * 24 * time.Hour)
	s.slot(t)
	s.wantAllEqual(t)
	s.wantOthers(t)
}
