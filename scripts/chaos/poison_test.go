package chaos_test

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"coffer/shared/api/recovery"
	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
)

// trap looks at requests to Box before they are served.
type trap struct {
	look atomic.Pointer[func(*http.Request)]
}

func (tr *trap) before(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if look := tr.look.Load(); look != nil {
			(*look)(r)
		}
		next.ServeHTTP(w, r)
	})
}

// C5: the backup function is killed whenever it asks for a certain content, by
// itself or in an archive. At most four deaths later everything else is backed up
// and can be restored, and on the next day after one.
func TestContentThatKillsEachTimeIsLeftOut_C5(t *testing.T) {
	h := enter(t)
	user, cured := h.users["Poisoned"], h.users["Cured"]
	h.sim.PopulateUser(user, boxsim.Plan{Seed: 21, Files: 60})
	poison, err := h.sim.Upload(user, backup.RootFolder, "Poison.bin", []byte("more than a worker can take"))
	if err != nil {
		t.Fatal(err)
	}
	asked := make(chan chan struct{})
	look := func(r *http.Request) {
		fatal := strings.HasSuffix(r.URL.Path, "/2.0/files/"+poison+"/content")
		if strings.HasSuffix(r.URL.Path, "/2.0/zip_downloads") {
			text, _ := io.ReadAll(r.Body) // what is cut off, is refused
			r.Body = io.NopCloser(bytes.NewReader(text))
			fatal = bytes.Contains(text, []byte(`"`+poison+`"`))
		}
		if fatal {
			dead := make(chan struct{})
			asked <- dead
			<-dead
		}
	}
	h.trap.look.Store(&look)
	defer h.trap.look.Store(nil)
	for day, most := range []int{4, 1} {
		if deaths := h.dying(t, user, asked); deaths == 0 || deaths > most {
			t.Errorf("day %d: %d processes died, want one to %d", day, deaths, most)
		} else {
			t.Logf("day %d: %d processes died", day, deaths)
		}
		u := h.user(t, h.task, user)
		failures := h.failures(t, h.task, user, u.Snapshot)
		if u.Status != backup.Partial || len(failures) != 1 || failures[0].ID != poison || failures[0].Reason == "" {
			t.Fatalf("day %d: the backup ended %s (%s) with failures %+v", day, u.Status, u.Reason, failures)
		}
		h.nothingIsHeld(t, user)
	}
	h.trap.look.Store(nil)

	var job recovery.Job
	h.call(t, http.MethodPost, "/api/jobs", recovery.NewJob{
		Task: backup.TaskID(h.task), User: user, Snapshot: backup.SnapshotID(h.user(t, h.task, user).Snapshot), All: true, Mode: backup.NonDestructive,
		Destination: &recovery.NewDestination{User: cured}, Label: "All but one",
	}, &job)
	eventually(t, "the restore has ended", func() bool {
		h.call(t, http.MethodGet, "/api/jobs/"+job.ID, nil, &job)
		return job.Status.Final()
	})
	var top string
	got := h.sim.Tree(cured)
	for _, n := range got {
		if n.ID == job.Target {
			top = n.Path
		}
	}
	got = slices.DeleteFunc(got, func(n boxsim.Node) bool { return !strings.HasPrefix(n.Path, top+"/") })
	for i := range got {
		got[i].Path = strings.TrimPrefix(got[i].Path, top)
	}
	want := slices.DeleteFunc(h.sim.Tree(user), func(n boxsim.Node) bool { return n.ID == poison })
	if diff := gocmp.Diff(places(got), places(want)); top == "" || diff != "" {
		t.Errorf("restored into %q (%s, %s), and what Box has (-got +want):\n%s", top, job.Status, job.Reason, diff)
	}

	h.request(t, h.task, user)
	u := h.finished(t, h.task, user)
	if u.Status != backup.Success {
		t.Errorf("what kills no more: the backup ended %s: %s", u.Status, u.Reason)
	}
	h.equalsBox(t, h.task, user, u.Snapshot)
}

// dying backs a Box user up, kills the function whenever that is asked for, and
// returns how often.
func (h *house) dying(t *testing.T, user backup.BoxUserID, asked chan chan struct{}) (deaths int) {
	t.Helper()
	h.request(t, h.task, user)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	over := time.After(patience)
	for {
		select {
		case dead := <-asked:
			kill(t, functionProcesses(t, self, "backup")...)
			close(dead)
			deaths++
			h.passRun(t, h.account, backup.TaskID(h.task), user)
		case <-tick.C:
			if !h.user(t, h.task, user).Requested {
				return deaths
			}
		case <-over:
			t.Fatalf("after %d deaths the backup has not ended", deaths)
		}
	}
}
