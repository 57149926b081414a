package archiver_test

import (
	"testing"
	"time"

	"coffer/shared/backup"
)

// Box tells collaborators nothing of what an owner does to a shared item, and
// the enterprise's stream names the owner only. Their snapshots of the same slot
// are right all the same, and a day without changes takes no call of anybody.
func TestWhatOwnersDoToSharedItemsIsSeenAtTheSameSlot_I8(t *testing.T) {
	t.Parallel()
	s := newSharers(t, 3)
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
