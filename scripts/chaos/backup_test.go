package chaos_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
	"coffer/shared/env"
	"coffer/shared/vault"
)

// files is how many files the backup has that is killed. After deaths some are
// asked for one by one, and Box allows 1,000 calls a minute, of which each new
// worker may make a quarter at once.
const files = 500

// fill gives a Box user that many files in some dozen folders, a few of them
// large enough that they take several packs, and others with names that trip
// software. It returns how many folders there are to list.
func (h *house) fill(t *testing.T, user backup.BoxUserID) (folders int) {
	t.Helper()
	const named, larger = 240, 72
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
		// After deaths at an archive some of its files are asked for one by one.
		moments = append(moments, h.atCall(user, "POST /2.0/zip_downloads", 1, upTo(250*time.Millisecond)).
			or(h.atCall(user, "GET /2.0/files/*/content", 1+rng.IntN(100), 0)))
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
	if len(list) != 1 || list[0].Status != backup.Success || list[0].Files != files {
		t.Fatalf("snapshots: %+v, want exactly one of %d files", list, files)
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
