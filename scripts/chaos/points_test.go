package chaos_test

import (
	"cmp"
	"flag"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"coffer/shared/api/recovery"
	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
)

var (
	pointsSeed = flag.Uint64("points.seed", 1, "what the moments of kills are drawn from")
	points     = flag.Int("points", 2, "how often a backup is killed")
	restores   = flag.Int("points.restores", 0, "how often a restore is killed; 0: two fifths as often as a backup")
)

// C1: of an account of 30 files, backups and restores are killed, each once, at
// a moment drawn from a seed, anywhere in the time that they take.
func TestKilledAtAnyMoment_C1(t *testing.T) {
	h := enter(t)
	user := h.users["Points"]
	rng := rand.New(rand.NewPCG(*pointsSeed, 1))
	h.sim.PopulateUser(user, boxsim.Plan{Seed: *pointsSeed, Files: 30})
	h.request(t, h.task, user)
	h.finished(t, h.task, user)
	h.killBackups(t, user, &aim{rng: rng, within: time.Second})
	h.contentsAreStored(t, h.task, user)
	h.killRestores(t, user, &aim{rng: rng, within: time.Second})
}

// triesPerKill bounds how often work is begun that ends before its moment.
const triesPerKill = 8

// aim draws moments from the time that work takes, which it finds by trying.
type aim struct {
	rng          *rand.Rand
	within       time.Duration
	kills, early int // early are moments at which no process had begun
	late         int // and those at which the work had ended
}

// strike kills a function's processes at a moment and reports whether the work
// goes on after that.
func (a *aim) strike(t *testing.T, function string, ended func() bool) bool {
	t.Helper()
	<-time.After(time.Duration(a.rng.Int64N(int64(a.within)))) // a moment of its own, drawn from the seed
	found := functionProcesses(t, self, function)
	kill(t, found...)
	switch {
	case ended():
		a.late++
		a.within = max(a.within*3/4, 50*time.Millisecond)
		return false
	case len(found) == 0:
		a.early++
	default:
		a.kills++
	}
	a.within = a.within * 9 / 8
	return true
}

// killBackups kills a backup of each of many days' changes.
func (h *house) killBackups(t *testing.T, user backup.BoxUserID, a *aim) {
	t.Helper()
	before := len(h.snapshots(t, h.task, user))
	told := len(h.activities(t, user))
	tries := 0
	for ; a.kills < *points; tries++ {
		n := tries
		if n == triesPerKill**points {
			t.Fatalf("backups were killed %d times in %d tries, want %d", a.kills, n, *points)
		}
		if _, err := h.sim.Mutate(user, a.rng.Uint64(), 8); err != nil {
			t.Fatal(err)
		}
		h.request(t, h.task, user)
		if a.strike(t, "backup", func() bool { return !h.user(t, h.task, user).Requested }) {
			h.hurry(t, h.account, h.task, "USER#"+string(user))
			h.tick(t)
		}
		u := h.finished(t, h.task, user)
		if u.Status != backup.Success {
			t.Fatalf("backup %d of seed %d ended %s: %s", n, *pointsSeed, u.Status, u.Reason)
		}
		if list := h.snapshots(t, h.task, user); len(list) != before+n+1 {
			t.Fatalf("backup %d of seed %d: %d snapshots, want %d", n, *pointsSeed, len(list), before+n+1)
		}
		h.nothingIsHeld(t, user)
		h.equalsBox(t, h.task, user, u.Snapshot)
	}
	if got := len(h.activities(t, user)) - told; got != tries {
		t.Errorf("%d activities tell of %d backups", got, tries)
	}
	t.Logf("seed %d: backups killed %d times, %d times before they had begun, %d times too late", *pointsSeed, a.kills, a.early, a.late)
}

// killRestores kills restores of some deleted files each.
func (h *house) killRestores(t *testing.T, user backup.BoxUserID, a *aim) {
	t.Helper()
	u := h.user(t, h.task, user)
	want := places(h.sim.Tree(user))
	kills := cmp.Or(*restores, max(1, *points*2/5))
	for n := 0; a.kills < kills; n++ {
		if n == triesPerKill*kills {
			t.Fatalf("restores were killed %d times in %d tries, want %d", a.kills, n, kills)
		}
		order := recovery.NewJob{Task: backup.TaskID(h.task), User: user, Snapshot: backup.SnapshotID(u.Snapshot), All: true, Mode: backup.Bypass}
		for _, i := range h.sim.Tree(user) {
			if i.Kind != backup.Folder && a.rng.IntN(3) == 0 {
				if err := h.sim.Delete(user, i.ItemRef); err != nil {
					t.Fatal(err)
				}
			}
		}
		var job recovery.Job
		h.call(t, http.MethodPost, "/api/jobs", order, &job)
		ended := func() bool {
			h.call(t, http.MethodGet, "/api/jobs/"+job.ID, nil, &job)
			return job.Status.Final()
		}
		if a.strike(t, "recover", ended) {
			h.hurryJob(t, h.account, job.ID)
			h.tick(t)
		}
		eventually(t, "the restore has ended", ended)
		if job.Status != backup.JobSucceeded {
			t.Fatalf("restore %d of seed %d ended %s: %s", n, *pointsSeed, job.Status, job.Reason)
		}
		if diff := gocmp.Diff(places(h.sim.Tree(user)), want); diff != "" {
			t.Fatalf("restore %d of seed %d: what Box has (-got +want):\n%s", n, *pointsSeed, diff)
		}
	}
	t.Logf("seed %d: restores killed %d times, %d times before they had begun, %d times too late", *pointsSeed, a.kills, a.early, a.late)
}
