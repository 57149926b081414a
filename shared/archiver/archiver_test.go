package archiver_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
	"coffer/shared/snapshot"
)

// nasty are names that have broken other programs (B1).
var nasty = []string{
	`quote " and ' and back` + "`tick`", "emoji 🎉🧿👩‍👩‍👧", "right to left \u202egnp.exe", "שלום עולם.txt", "e\u0301 decomposed", "é composed",
	"=HYPERLINK(A1)", "<script>alert(1)<!--", "-leading dash", "CON", "nul.txt", "semi;colon & ampersand %2e%2e",
	" leading space", "dots...", strings.Repeat("n", 255), strings.Repeat("ü", 251) + ".txt", "tab\u00a0nbsp", "zero\u200bwidth", "日本語の名前.txt",
}

// furnish gives the Box user a varied tree: nasty names, empty files, equal
// contents, sizes around every limit, depth, web links, descriptions, tags.
func (h *house) furnish(t *testing.T, files int) {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	folders := []string{backup.RootFolder}
	for i := range 12 {
		id, err := h.sim.CreateFolder(h.user, folders[rng.IntN(len(folders))], fmt.Sprintf("Folder %d", i))
		must(t, err)
		folders = append(folders, id)
	}
	for i, name := range nasty {
		id, err := h.sim.CreateFolder(h.user, folders[1], name)
		must(t, err)
		_, err = h.sim.Upload(h.user, id, name, []byte(name))
		must(t, err)
		must(t, h.sim.SetTags(h.user, backup.ItemRef{Kind: backup.Folder, ID: id}, "tag "+fmt.Sprint(i%3), fmt.Sprintf("%.6s", name)))
	}
	for i := range files {
		parent := folders[rng.IntN(len(folders))]
		body := make([]byte, rng.IntN(3000))
		switch i % 10 {
		case 0:
			body = nil
		case 1:
			body = []byte("the same content under many names")
		default:
			for j := range body {
				body[j] = byte(rng.Uint32())
			}
		}
		id, err := h.sim.Upload(h.user, parent, fmt.Sprintf("File %d.bin", i), body)
		must(t, err)
		if i%8 == 0 {
			must(t, h.sim.SetDescription(h.user, backup.ItemRef{Kind: backup.File, ID: id}, "About file "+fmt.Sprint(i)))
		}
	}
	deep := folders[2]
	for i := range 60 {
		var err error
		deep, err = h.sim.CreateFolder(h.user, deep, fmt.Sprintf("deeper %d", i))
		must(t, err)
	}
	_, err := h.sim.AddWebLink(h.user, deep, "A link", "https://example.com/?q=1&r=%20")
	must(t, err)
	for i, size := range []int64{8<<20 - 1, 8 << 20, 8<<20 + 1, 20_000_001} {
		_, err := h.sim.UploadGenerated(h.user, folders[3], fmt.Sprintf("Large %d", i), size, uint64(i))
		must(t, err)
	}
}

func TestFirstBackupEqualsTheSource_I1_B1(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 1})
	h.furnish(t, 300)
	row := h.backUp(t)
	h.wantSnapshotEqualsSource(t)

	s, err := h.Snapshots.Snapshot(t.Context(), h.task.Account, h.task.ID, h.user, row.Snapshot)
	must(t, err)
	if s.Method != snapshot.Crawl || s.Items != int64(len(h.sim.Tree(h.user))) || s.Items != row.Items || s.Failed != 0 {
		t.Errorf("snapshot row: %+v", s)
	}
	activity, _, err := h.Audit.List(t.Context(), h.task.Account, audit.Query{}, 10)
	if err != nil || len(activity) != 1 || activity[0].Status != audit.Succeeded || !strings.Contains(activity[0].Description, "stored anew in") {
		t.Errorf("activity: %+v, %v", activity, err)
	}
}

func TestBackupCallsAreFew_L2(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 2})
	for i := range 40 {
		folder, err := h.sim.CreateFolder(h.user, backup.RootFolder, fmt.Sprintf("Folder %d", i))
		must(t, err)
		for j := range 50 {
			_, err := h.sim.Upload(h.user, folder, fmt.Sprintf("%d.txt", j), fmt.Appendf(nil, "%d/%d", i, j))
			must(t, err)
		}
	}
	calls := func() int64 { return h.sim.Stats().Users[h.user].Calls }
	h.backUp(t)
	h.wantSnapshotEqualsSource(t)
	if n := calls(); n > 60 {
		t.Errorf("a first backup of 40 folders with 2,000 files took %d calls, want at most 60", n)
	}
	before := calls()
	h.backUp(t)
	if n := calls() - before; n > 2 {
		t.Errorf("a backup without changes took %d calls, want at most 2", n)
	}
	before = calls()
	for i, n := range h.sim.Tree(h.user)[:100] {
		if n.Kind == backup.File {
			must(t, h.sim.NewVersion(h.user, n.ID, fmt.Appendf(nil, "changed %d", i)))
		}
	}
	h.backUp(t)
	h.wantSnapshotEqualsSource(t)
	if n := calls() - before; n > 160 {
		t.Errorf("a backup of some 100 changes took %d calls, want at most 160", n)
	}
}

// change makes random changes to the Box user's content.
func (h *house) change(t *testing.T, rng *rand.Rand, n int) {
	t.Helper()
	for range n {
		tree := h.sim.Tree(h.user)
		pick := tree[rng.IntN(len(tree))]
		folders := []string{backup.RootFolder}
		for _, n := range tree {
			if n.Kind == backup.Folder {
				folders = append(folders, n.ID)
			}
		}
		into := folders[rng.IntN(len(folders))]
		name := fmt.Sprintf("changed %d", rng.Uint64())
		switch rng.IntN(9) {
		case 0:
			_, err := h.sim.Upload(h.user, into, name, []byte(name))
			must(t, err)
		case 1:
			_, err := h.sim.CreateFolder(h.user, into, name)
			must(t, err)
		case 2:
			must(t, h.sim.Rename(h.user, pick.ItemRef, name))
		case 3:
			_ = h.sim.Move(h.user, pick.ItemRef, into) // into itself is refused, and a name may be taken
		case 4:
			must(t, h.sim.Delete(h.user, pick.ItemRef))
			if rng.IntN(2) == 0 {
				_ = h.sim.Restore(h.user, pick.ItemRef)
			}
		case 5:
			must(t, h.sim.SetDescription(h.user, pick.ItemRef, name))
		case 6: // tags alone make no event in the stream, so the description changes with them
			must(t, h.sim.SetTags(h.user, pick.ItemRef, name[:12]))
			must(t, h.sim.SetDescription(h.user, pick.ItemRef, "tagged "+name))
		case 7:
			if pick.Kind == backup.File {
				must(t, h.sim.NewVersion(h.user, pick.ID, []byte(name)))
			}
		case 8:
			_, err := h.sim.AddWebLink(h.user, into, name, "https://example.com/")
			must(t, err)
		}
	}
}

func TestLaterBackupsEqualTheSource(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 3})
	h.furnish(t, 100)
	h.backUp(t)
	rng := rand.New(rand.NewPCG(3, 3))
	for round := range 12 {
		h.change(t, rng, 1+rng.IntN(40))
		row := h.backUp(t)
		h.wantSnapshotEqualsSource(t)
		s, err := h.Snapshots.Snapshot(t.Context(), h.task.Account, h.task.ID, h.user, row.Snapshot)
		must(t, err)
		if s.Method != snapshot.UserStream {
			t.Errorf("round %d listed by %s, want by the change stream", round, s.Method)
		}
		if t.Failed() {
			t.Fatalf("round %d", round)
		}
	}
}

// TestWhatWasMovedAndThenDeletedIsGone_I8 moves files into a folder where more
// changed, which is then listed whole, and deletes one of them.
func TestWhatWasMovedAndThenDeletedIsGone_I8(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 15})
	var files []backup.ItemRef
	for i := range 4 {
		id, err := h.sim.Upload(h.user, backup.RootFolder, fmt.Sprintf("%d.txt", i), fmt.Appendf(nil, "%d", i))
		must(t, err)
		files = append(files, backup.ItemRef{Kind: backup.File, ID: id})
	}
	into, err := h.sim.CreateFolder(h.user, backup.RootFolder, "Into")
	must(t, err)
	h.backUp(t)
	for _, file := range files {
		must(t, h.sim.Move(h.user, file, into))
	}
	must(t, h.sim.Delete(h.user, files[0]))
	h.backUp(t)
	h.wantSnapshotEqualsSource(t)
}
