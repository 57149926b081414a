package chaos_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
	"coffer/shared/env"
	"coffer/shared/pruner"
	"coffer/shared/vault"
)

// moment is when a function is killed: a while after something happens.
type moment struct {
	what  string
	arm   func(t *testing.T, fire func()) // fire may be called more than once
	after time.Duration
}

// strike waits for the moment, begin having set things going, and kills the
// function's processes. It reports false if ended came true first.
func (m moment) strike(t *testing.T, function string, begin func(), ended func() bool) bool {
	t.Helper()
	now := make(chan struct{}, 1)
	m.arm(t, func() {
		select {
		case now <- struct{}{}:
		default:
		}
	})
	begin()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	over := time.NewTimer(patience)
	defer over.Stop()
	var found []process // known beforehand, because looking takes longer than many moments last
	for happened := false; !happened; {
		select {
		case <-now:
			happened = true
		case <-tick.C:
			if ended() {
				return false
			}
			found = functionProcesses(t, self, function)
		case <-over.C:
			t.Fatalf("waited %s in vain for the moment of %s", patience, m.what)
		}
	}
	<-time.After(m.after) // a moment of its own, drawn from the seed
	kill(t, found...)
	kill(t, functionProcesses(t, self, function)...)
	return !ended()
}

// atCall is a moment at the nth call of a Box user to an endpoint.
func (h *house) atCall(user backup.BoxUserID, endpoint string, n int, after time.Duration) moment {
	return moment{
		what:  fmt.Sprintf("call %d of %s", n, endpoint),
		after: after,
		arm: func(t *testing.T, fire func()) {
			h.sim.Fault(boxsim.Fault{User: user, Endpoint: endpoint, Nth: int64(n), Times: 1, Kinds: []boxsim.Kind{boxsim.Late}, Do: fire})
		},
	}
}

// atFile is a moment at which a file appears that matches the pattern, seen in
// the folders behind the S3 server and the functions: asking a server would
// take longer than what follows.
func (h *house) atFile(what, pattern string, after time.Duration) moment {
	files := func() []string {
		found, _ := filepath.Glob(pattern) // the pattern is right
		return found
	}
	return moment{
		what:  what,
		after: after,
		arm: func(t *testing.T, fire func()) {
			before := files()
			known := func(file string) bool { return slices.Contains(before, file) }
			go func() {
				tick := time.NewTicker(time.Millisecond)
				defer tick.Stop()
				for t.Context().Err() == nil && !slices.ContainsFunc(files(), func(f string) bool { return !known(f) }) {
					<-tick.C
				}
				fire()
			}()
		},
	}
}

// fill gives a Box user 2,000 files in some dozen folders, a few of them large
// enough that they take several packs, and others with names that trip
// software. It returns how many folders there are to list.
func (h *house) fill(t *testing.T, user backup.BoxUserID) (folders int) {
	t.Helper()
	const files, named, larger = 2000, 240, 72
	h.sim.PopulateUser(user, boxsim.Plan{Seed: 11, Files: named, Nasty: true})
	folder, err := h.sim.CreateFolder(user, backup.RootFolder, "Scans")
	for i := 0; err == nil && i < larger; i++ {
		_, err = h.sim.UploadGenerated(user, folder, fmt.Sprintf("scan %d.tif", i), 1<<20, uint64(1000+i))
	}
	if err == nil {
		err = h.sim.Fill(user, folder, files-named-larger)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range h.sim.Tree(user) {
		if n.Kind == backup.Folder {
			folders++
		}
	}
	return folders
}

// C1: a first run is killed ten times, in every phase of it, at moments that
// are drawn from a seed.
func TestBackupKilledTenTimesEndsAsIfNothingHadHappened(t *testing.T) {
	h := enter(t)
	user := h.users["Killed"]
	folders := h.fill(t, user)
	rng := rand.New(rand.NewPCG(1, 1))
	upTo := func(d time.Duration) time.Duration { return time.Duration(rng.Int64N(int64(d))) }
	id := vault.ID{Account: h.account, Task: backup.TaskID(h.task)}
	var moments []moment
	for range 4 {
		moments = append(moments, h.atCall(user, "GET /2.0/folders/*/items", 1+rng.IntN(folders), upTo(20*time.Millisecond)))
	}
	for range 3 {
		moments = append(moments, h.atCall(user, "POST /2.0/zip_downloads", 1, upTo(250*time.Millisecond)))
	}
	for range 2 {
		packs := h.state.Path("s3", "objects", h.setting(env.VaultBucket), id.Packs(), "*")
		moments = append(moments, h.atFile("another pack", packs, upTo(5*time.Millisecond)))
	}
	rng.Shuffle(len(moments), func(i, j int) { moments[i], moments[j] = moments[j], moments[i] })
	moments = append(moments, h.atCall(user, "GET /2.0/folders/*/items", folders, upTo(20*time.Millisecond)))
	for range 2 { // around the seal, before or after which it may be
		catalogs := h.state.Path("tmp", "backup-*", "run-*", "*-*.db")
		moments = append(moments, h.atFile("a copy of the catalog", catalogs, upTo(15*time.Millisecond)))
	}
	killed := 0
	ended := func() bool { return !h.user(t, h.task, user).Requested }
	for i, m := range moments {
		if i > 0 && ended() {
			break
		}
		begin := func() { h.passRun(t, h.account, backup.TaskID(h.task), user) }
		if i == 0 {
			begin = func() { h.request(t, h.task, user) }
		}
		if m.strike(t, "backup", begin, ended) {
			killed++
			t.Logf("killed %s after %s", m.after, m.what)
		} else {
			t.Logf("%s after %s was too late", m.after, m.what)
		}
	}
	if killed < 10 {
		t.Errorf("the backup was killed %d times during its first run, want 10", killed)
	}
	h.passRun(t, h.account, backup.TaskID(h.task), user)
	u := h.finished(t, h.task, user)
	if u.Status != backup.Success {
		t.Fatalf("the backup ended %s: %s", u.Status, u.Reason)
	}
	list := h.snapshots(t, h.task, user)
	if len(list) != 1 || list[0].Status != backup.Success || list[0].Files != 2000 {
		t.Fatalf("snapshots: %+v, want exactly one of 2,000 files", list)
	}
	h.equalsBox(t, h.task, user, u.Snapshot)
	h.contentsAreStored(t, h.task, user)
	h.nothingIsHeld(t, user)
	if got := h.activities(t, user); len(got) != 1 || got[0].Status != "Succeeded" {
		t.Errorf("activities: %+v, want one", got)
	}
	h.pruneTakesAllOrphans(t, id)
	h.contentsAreStored(t, h.task, user)
}

// contentsAreStored fails the test unless the vault gives back every content
// of the Box user, with its SHA-1, and nothing in it is damaged.
func (h *house) contentsAreStored(t *testing.T, task string, user backup.BoxUserID) {
	t.Helper()
	v := h.vault(t, task)
	var contents []backup.Content
	for _, n := range h.sim.Tree(user) {
		if n.Kind == backup.File {
			contents = append(contents, n.Content)
		}
	}
	missing, err := v.Missing(t.Context(), contents)
	if err != nil || len(missing) > 0 {
		t.Errorf("%d of %d contents are not in the vault: %v", len(missing), len(contents), err)
	}
	report, err := v.Verify(t.Context()) // decrypts all and compares SHA-1s
	if err != nil || len(report.Damaged) > 0 {
		t.Errorf("vault: %+v, %v", report.Damaged, err)
	}
}

// nothingIsHeld fails the test where a run of the Box user is still recorded.
func (h *house) nothingIsHeld(t *testing.T, user backup.BoxUserID) {
	t.Helper()
	row, err := h.rows().BoxUser(t.Context(), h.account, backup.TaskID(h.task), user)
	if err != nil {
		t.Fatal(err)
	}
	if row.RunID != "" || row.RunOwner != "" || row.RunUntil != 0 || row.Checkpoint != nil || row.Progress != nil || row.Cancel {
		t.Errorf("after the run the row still has its lease: %+v", row)
	}
}

// pruneTakesAllOrphans fails the test unless pruning, a day later, removes all
// objects of the vault that nothing refers to and no other.
func (h *house) pruneTakesAllOrphans(t *testing.T, id vault.ID) {
	t.Helper()
	orphans := h.orphans(t, id)
	t.Logf("%d packs and %d catalogs are orphans", orphans.packs, orphans.catalogs)
	p := &pruner.Pruner{
		Tasks: h.rows(), Objects: h.objects(), Index: h.index(), Audit: audit.New(h.cloud.AWS, h.setting(env.AuditTable)),
		Now: func() time.Time { return time.Now().Add(25 * time.Hour) },
	}
	report, err := p.Prune(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(garbage{report.Packs, report.Catalogs}, orphans, cmp.AllowUnexported(garbage{})); diff != "" {
		t.Errorf("pruned (-got +want):\n%s", diff)
	}
	if left := h.orphans(t, id); left != (garbage{}) {
		t.Errorf("orphans after pruning: %+v", left)
	}
}

// garbage counts objects that nothing refers to.
type garbage struct{ packs, catalogs int }

func (h *house) orphans(t *testing.T, id vault.ID) garbage {
	t.Helper()
	used := map[string]bool{}
	refer := func(r vault.Row) error {
		for _, p := range r.Parts {
			used[id.Packs()+p.Pack] = true
		}
		return nil
	}
	if err := h.index().Walk(t.Context(), id, refer, func(p vault.Progress) error { return refer(p.Row) }); err != nil {
		t.Fatal(err)
	}
	for u, err := range h.rows().BoxUsers(t.Context(), id.Account, id.Task) {
		if err != nil {
			t.Fatal(err)
		}
		for _, pointer := range [][]byte{u.Catalog, u.Checkpoint} {
			if pointer != nil {
				used[object(t, pointer)] = true
			}
		}
	}
	unused := func(prefix string) (n int) {
		err := h.objects().List(t.Context(), prefix, func(key string, _ int64, _ time.Time) error {
			if !used[key] {
				n++
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	return garbage{unused(id.Packs()), unused(id.Catalogs())}
}
