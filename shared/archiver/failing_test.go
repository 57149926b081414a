package archiver_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"coffer/shared/backup"
)

// TestWhatAFailingOwnerSharesIsHeldByWhoHasIt_I8 lets Box refuse the connected
// administrator to act for an owner, as for another administrator: what that
// owner shares would be in nobody's backup.
func TestWhatAFailingOwnerSharesIsHeldByWhoHasIt_I8(t *testing.T) {
	t.Parallel()
	s := newSharers(t, 8, 0)
	owner, other := s.users[0], s.users[1]
	folder, err := s.sim.CreateFolder(owner, backup.RootFolder, "Shared")
	must(t, err)
	_, err = s.sim.Upload(owner, folder, "File.txt", []byte("shared"))
	must(t, err)
	_, err = s.sim.Collaborate(owner, backup.ItemRef{Kind: backup.Folder, ID: folder}, other, "viewer")
	must(t, err)
	held := func(when string, want bool) {
		t.Helper()
		kept := s.kept(t, other)
		is := slices.ContainsFunc(kept, func(line string) bool {
			return strings.HasPrefix(line, "/Shared/File.txt file ") && !strings.HasSuffix(line, " elsewhere")
		})
		if is != want {
			t.Errorf("%s: held by who has it: %v, want %v:\n%s", when, is, want, strings.Join(kept, "\n"))
		}
	}
	day := func() {
		t.Helper()
		s.pass(24 * time.Hour)
		s.slot(t)
	}
	days := func(n int) {
		t.Helper()
		for range n {
			day()
		}
	}
	s.sim.SetUnreachable(owner, 404)
	s.slot(t)
	days(8) // who has it runs each week at least
	held("the owner has never been backed up", true)
	s.sim.SetUnreachable(owner, 0)
	days(2)
	held("the owner's backup works", false)
	s.sim.SetUnreachable(owner, 404)
	days(3)
	held("the owner's backup fails since three days", false)
	days(12)
	held("the owner's backup fails since two weeks", true)
}
