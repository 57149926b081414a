package archiver_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
	"coffer/shared/vault"
)

// fatal is a request of which no worker survives the answer: that of the path,
// and if it is that of a content, for an archive which has it.
func fatal(path string) func(*http.Request) bool {
	file, content := strings.CutSuffix(strings.TrimPrefix(path, "/2.0/files/"), "/content")
	return func(r *http.Request) bool {
		if content && r.URL.Path == "/2.0/zip_downloads" {
			text, _ := io.ReadAll(r.Body) // it is in memory
			r.Body = io.NopCloser(bytes.NewReader(text))
			return bytes.Contains(text, []byte(`"`+file+`"`))
		}
		return strings.HasSuffix(r.URL.Path, path)
	}
}

// dying lets workers go on from one another until the run has ended, and returns
// how many have died.
func (h *house) dying(t *testing.T, at func(*http.Request) bool) (deaths int) {
	t.Helper()
	message := h.request(t)
	for h.row(t).RunID != "" {
		m := h.mortal(t, true, at)
		m.invoke(t, message)
		if m.dead.Load() {
			deaths++
			h.expire()
		}
		if deaths > 10 {
			t.Fatal("workers go on dying")
		}
	}
	return deaths
}

// C5: a worker dies without a word whenever it comes to a certain item. After at
// most five of them everything else is backed up, and on later days after one.
func TestItemsAtWhichWorkersDieAreFailuresOfTheirOwn_C5(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 33})
	h.furnishSmall(t)
	folder, err := h.sim.CreateFolder(h.user, backup.RootFolder, "Folder")
	must(t, err)
	unseen, err := h.sim.Upload(h.user, folder, "Unseen", []byte("unseen"))
	must(t, err)
	commented, err := h.sim.Upload(h.user, backup.RootFolder, "Commented", []byte("commented"))
	must(t, err)
	_, err = h.sim.Comment(h.user, commented, "Comment")
	must(t, err)
	small, err := h.sim.Upload(h.user, backup.RootFolder, "Small", []byte("small"))
	must(t, err)
	large, err := h.sim.UploadGenerated(h.user, backup.RootFolder, "Large", vault.Large+2, 6)
	must(t, err)
	for _, c := range []struct {
		name, path, item string
		hides            []string // what is not seen for it
	}{
		{"small content", "/2.0/files/" + small + "/content", small, nil},
		{"large content", "/2.0/files/" + large + "/content", large, nil},
		{"folder", "/2.0/folders/" + folder + "/items", folder, []string{unseen}},
		{"comments", "/2.0/files/" + commented + "/comments", commented, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			own := h.tenant(t, backup.TaskID("care-"+strings.ReplaceAll(c.name, " ", "-")))
			at := fatal(c.path)
			for day, most := range []int{4, 1} {
				deaths := own.dying(t, at)
				t.Logf("day %d: %d deaths", day, deaths)
				if deaths == 0 || deaths > most {
					t.Errorf("day %d: %d workers died, want one to %d", day, deaths, most)
				}
				own.wantAllBut(t, c.item, c.hides)
				own.shift.Add(int64(24 * time.Hour))
			}
			own.backUp(t) // with the worker mended
			own.wantSnapshotEqualsSource(t)
			if row := own.row(t); row.Caution != nil {
				t.Errorf("the row still has %s", row.Caution)
			}
		})
	}
}

// wantAllBut fails the test unless the newest snapshot lacks an item, says so,
// and has all others but those that it hides.
func (h *house) wantAllBut(t *testing.T, item string, hides []string) {
	t.Helper()
	row := h.row(t)
	if row.Status != backup.Partial || !strings.HasPrefix(row.Reason, "1 of ") {
		t.Errorf("the run ended %s: %s", row.Status, row.Reason)
	}
	if diff := cmp.Diff(h.failures(t, row), map[string]bool{item: true}); diff != "" {
		t.Errorf("failures (-got +want):\n%s", diff)
	}
	without := func(nodes []node) []node {
		return slices.DeleteFunc(nodes, func(n node) bool { return n.ID == item || slices.Contains(hides, n.ID) })
	}
	if diff := cmp.Diff(without(h.snapshot(t, row)), without(h.source())); diff != "" {
		t.Errorf("all others (-snapshot +source):\n%s", diff)
	}
	h.wantVaultWhole(t)
}

// Two workers die at the same folder, the second when it had announced that one
// alone, and not for its sake: it is tried again in the same run, and nothing is
// left out.
func TestItemsAtWhichWorkersDiedByChanceAreBackedUp_C5(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 34})
	h.furnishSmall(t)
	tree := h.sim.Tree(h.user)
	folder := tree[slices.IndexFunc(tree, func(n boxsim.Node) bool { return n.Kind == backup.Folder })].ID
	message := h.request(t)
	for range 2 {
		m := h.mortal(t, true, fatal("/2.0/folders/"+folder+"/items"))
		m.invoke(t, message)
		if !m.dead.Load() {
			t.Fatal("the worker came not to the folder")
		}
		h.expire()
	}
	h.mortal(t, true, nil).invoke(t, message)
	h.wantSnapshotEqualsSource(t)
	if row := h.row(t); row.RunID != "" || row.Caution != nil {
		t.Errorf("the row still has run %q and %s", row.RunID, row.Caution)
	}
}

// Two workers die at an item that is read by itself, and the run is given up when
// it is tried again: the next one tries it once more.
func TestItemWhoseTrialIsCutOffIsNotForgotten_C5(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 35})
	h.furnishSmall(t)
	h.backUp(t)
	id, err := h.sim.AddWebLink(h.user, backup.RootFolder, "New", "https://box.example/")
	must(t, err)
	message := h.request(t)
	for range 2 {
		m := h.mortal(t, true, fatal("/2.0/web_links/"+id))
		m.invoke(t, message)
		if !m.dead.Load() {
			t.Fatal("the worker came not to the web link")
		}
		h.expire()
	}
	again := h.giveUp("GET /2.0/web_links/" + id)
	must(t, h.Run(t.Context(), message))
	if row := h.row(t); row.Status != backup.Failed || len(row.Checkpoint) == 0 {
		t.Fatalf("the run: %s (%s), want Failed with a checkpoint", row.Status, row.Reason)
	}
	again()
	h.backUp(t)
	h.wantSnapshotEqualsSource(t)
}

// Workers die at two of 600 contents, which an archive has together. Each costs a
// death more than in an archive of few, and nowhere near as many calls as there
// are contents.
func TestPoisonInALargeArchiveIsFoundInFewDeathsAndCalls_C5(t *testing.T) {
	t.Parallel()
	const files = 600
	for _, poisons := range [][]int{{400}, {30, 500}} {
		t.Run(fmt.Sprint(poisons), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, boxsim.Options{Seed: 35})
			ids := make([]string, files)
			for i := range ids {
				id, err := h.sim.Upload(h.user, backup.RootFolder, fmt.Sprint("File ", i), fmt.Appendf(nil, "content %d", i))
				must(t, err)
				ids[i] = id
			}
			want := map[string]bool{}
			var fatals []func(*http.Request) bool
			for _, i := range poisons {
				want[ids[i]] = true
				fatals = append(fatals, fatal("/2.0/files/"+ids[i]+"/content"))
			}
			var asked atomic.Int64
			at := func(r *http.Request) bool {
				if strings.HasSuffix(r.URL.Path, "/content") || r.URL.Path == "/2.0/zip_downloads" {
					asked.Add(1)
				}
				return slices.ContainsFunc(fatals, func(at func(*http.Request) bool) bool { return at(r) })
			}
			deaths, calls := h.dying(t, at), asked.Load()
			t.Logf("%d deaths, %d calls", deaths, calls)
			if most := 1 + 4*len(poisons); deaths > most {
				t.Errorf("%d workers died, want at most %d", deaths, most)
			}
			if most := int64(200 * len(poisons)); calls > most {
				t.Errorf("%d calls for contents, want at most %d", calls, most)
			}
			row := h.row(t)
			if diff := cmp.Diff(h.failures(t, row), want); diff != "" || row.Status != backup.Partial {
				t.Errorf("%s, failures (-got +want):\n%s", row.Status, diff)
			}
			others := func(nodes []node) []node {
				return slices.DeleteFunc(nodes, func(n node) bool { return want[n.ID] })
			}
			if diff := cmp.Diff(others(h.snapshot(t, row)), others(h.source())); diff != "" {
				t.Errorf("all others (-snapshot +source):\n%s", diff)
			}
			h.wantVaultWhole(t)
		})
	}
}
