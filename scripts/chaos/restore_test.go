package chaos_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"coffer/scripts/demo"
	"coffer/shared/api/recovery"
	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
)

// C1 for restore: the recover function is killed while it brings back hundreds
// of files, right before, during and after uploads.
func TestRestoreKilledEightTimesBringsEverythingBackOnce(t *testing.T) {
	t.Parallel()
	h := enter(t)
	user := h.users["Restored"]
	h.sim.PopulateUser(user, boxsim.Plan{Seed: 12, Files: 200, Nasty: true})
	projects := h.projects(t, user)
	h.request(t, h.task, user)
	u := h.finished(t, h.task, user)
	if u.Status != backup.Success {
		t.Fatalf("the backup ended %s: %s", u.Status, u.Reason)
	}
	before := places(h.sim.Tree(user))
	rng := rand.New(rand.NewPCG(2, 2))
	upTo := func(d time.Duration) time.Duration { return time.Duration(rng.Int64N(int64(d))) }
	order := recovery.NewJob{Task: backup.TaskID(h.task), User: user, Snapshot: backup.SnapshotID(u.Snapshot), Mode: backup.Bypass}
	order.Items = h.deleteMost(t, user, projects, rng)

	var job recovery.Job
	ended := func() bool {
		h.call(t, http.MethodGet, "/api/jobs/"+job.ID, nil, &job)
		return job.Status.Final()
	}
	const kills = 8
	killed := 0
	for i := range kills {
		begin := func() { h.passJob(t, h.account, job.ID) }
		if i == 0 {
			begin = func() { h.call(t, http.MethodPost, "/api/jobs", order, &job) }
		}
		m := h.atCall(user, "POST /api/2.0/files/content", 5+rng.IntN(20), upTo(60*time.Millisecond))
		if i < 2 { // folders come first
			m = h.atCall(user, "POST /2.0/folders", 1+rng.IntN(3), upTo(10*time.Millisecond))
		}
		if m.strike(t, "recover", begin, ended) {
			killed++
			t.Logf("killed %s after %s", m.after, m.what)
		}
	}
	if killed < kills {
		t.Errorf("the restore was killed %d times, want %d", killed, kills)
	}
	h.passJob(t, h.account, job.ID)
	eventually(t, "the restore has ended", ended)
	if job.Status != backup.JobSucceeded {
		t.Errorf("the restore ended %s: %s", job.Status, job.Reason)
	}
	h.ledgerIsClean(t, job)
	if diff := gocmp.Diff(places(h.sim.Tree(user)), before); diff != "" {
		t.Errorf("what Box has after the restore, and before the deletions (-got +want):\n%s", diff)
	}
}

// ledgerIsClean fails the test unless the job's ledger has each item once and
// no failure.
func (h *house) ledgerIsClean(t *testing.T, job recovery.Job) {
	t.Helper()
	items, err := demo.All[recovery.JobItem](t.Context(), h.portal, "/api/jobs/"+job.ID+"/items")
	if err != nil || int64(len(items)) != job.Total {
		t.Errorf("the ledger has %d lines for %d items: %v", len(items), job.Total, err)
	}
	for _, i := range items {
		if i.Reason != "" {
			t.Errorf("%s %s %q was %s: %s", i.Kind, i.ID, i.Name, i.Outcome, i.Reason)
		}
	}
}

// projects makes folders with a folder and files in each.
func (h *house) projects(t *testing.T, user backup.BoxUserID) (folders []string) {
	t.Helper()
	for i := range 5 {
		folder, err := h.sim.CreateFolder(user, backup.RootFolder, fmt.Sprintf("Project %d", i))
		var drafts string
		if err == nil {
			drafts, err = h.sim.CreateFolder(user, folder, "Drafts")
		}
		if err == nil {
			err = h.sim.Fill(user, drafts, 10)
		}
		if err != nil {
			t.Fatal(err)
		}
		folders = append(folders, folder)
	}
	return folders
}

// deleteMost deletes folders with all that is in them, and most of the other
// files, and returns what was deleted.
func (h *house) deleteMost(t *testing.T, user backup.BoxUserID, folders []string, rng *rand.Rand) []recovery.Choice {
	t.Helper()
	var deleted []recovery.Choice
	remove := func(ref backup.ItemRef) {
		if err := h.sim.Delete(user, ref); err != nil {
			t.Fatal(err)
		}
		deleted = append(deleted, recovery.Choice{Kind: ref.Kind, ID: ref.ID})
	}
	for _, f := range folders {
		remove(boxsim.FolderRef(f))
	}
	files := slices.DeleteFunc(h.sim.Tree(user), func(n boxsim.Node) bool { return n.Kind != backup.File })
	rng.Shuffle(len(files), func(i, j int) { files[i], files[j] = files[j], files[i] })
	for _, n := range files[:len(files)*3/4] {
		remove(n.ItemRef)
	}
	return deleted
}

// place is what is the same of an item that was brought back: all but its ids.
type place struct {
	Kind                         backup.ItemKind
	Path, SHA1, URL, Description string
	Tags                         []string
}

func places(nodes []boxsim.Node) []place {
	var out []place
	for _, n := range nodes {
		p := place{Kind: n.Kind, Path: n.Path, URL: n.URL, Description: n.Description, Tags: n.Tags}
		if n.Kind == backup.File {
			p.SHA1 = n.Content.SHA1.String()
		}
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b place) int { return cmp.Compare(a.Path, b.Path) })
	return out
}
