package archiver_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"coffer/scripts/local/localtest"
	"coffer/shared/archiver"
	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
	"coffer/shared/snapshot"
)

// errDead is what a dead worker's requests meet.
var errDead = errors.New("the worker is dead")

// mortal is a worker that stands still at a request to Box until its time is up,
// or dies there.
type mortal struct {
	*archiver.Archiver
	at    func(*http.Request) bool
	dies  bool
	kill  func()
	dead  atomic.Bool
	calls atomic.Int64 // of Box's API
}

func (h *house) mortal(t *testing.T, dies bool, at func(*http.Request) bool) *mortal {
	m := &mortal{at: at, dies: dies}
	calls, cloud := described(t), localtest.Start(t).AWS.Copy()
	cloud.Retryer = func() aws.Retryer { return aws.NopRetryer{} }
	cloud.HTTPClient = &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		if m.dead.Load() {
			return nil, errDead
		}
		return http.DefaultTransport.RoundTrip(r)
	})}
	m.Archiver = h.worker(t, cloud, &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		if strings.HasPrefix(r.URL.Path, "/2.0/") {
			m.calls.Add(1)
		}
		switch now := m.at != nil && m.at(r); {
		case m.dead.Load():
			return nil, errDead
		case now && m.dies:
			m.dead.Store(true)
			m.kill()
			return nil, errDead
		case now:
			<-r.Context().Done()
			return nil, r.Context().Err()
		}
		return calls.Transport.RoundTrip(r)
	})})
	m.Beat = time.Hour // what is told is told with checkpoints
	return m
}

// invoke lets the worker work. One that stands still has seconds for it. Of a dead
// one nobody waits for the end.
func (m *mortal) invoke(t *testing.T, message backup.RunMessage) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	if m.at != nil && !m.dies {
		ctx, cancel = context.WithTimeout(t.Context(), 6*time.Second)
	}
	died := make(chan struct{})
	m.kill = sync.OnceFunc(func() { cancel(); close(died) })
	ended := make(chan error, 1)
	var run sync.WaitGroup
	t.Cleanup(run.Wait)
	run.Go(func() {
		defer cancel()
		ended <- m.Run(ctx, message)
	})
	select {
	case <-died:
	case err := <-ended:
		must(t, err)
	}
}

// from is the nth request of those whose address has the part, and all after it.
func from(n int64, part string) func(*http.Request) bool {
	var seen atomic.Int64
	return func(r *http.Request) bool {
		return r.Method == http.MethodGet && strings.Contains(r.URL.Path, part) && seen.Add(1) >= n
	}
}

// latest is the newest snapshot's row.
func (h *house) latest(t *testing.T) snapshot.Snapshot {
	t.Helper()
	s, err := h.Snapshots.Snapshot(t.Context(), h.task.Account, h.task.ID, h.user, h.row(t).Snapshot)
	must(t, err)
	return s
}

// A first run is handed over while it lists, dies when small contents are stored
// and a large one is on its way, without having said so, and is handed over
// there before it ends.
func TestFiguresAreThoseOfTheWholeRun(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 31})
	h.furnishSmall(t)
	message := h.request(t)
	var told int64 // calls of invocations that lived to tell
	ends := []*mortal{
		h.mortal(t, false, from(3, "/items")),
		h.mortal(t, true, from(1, "/d/1/")), // of the large file
		h.mortal(t, false, from(1, "/d/1/")),
		h.mortal(t, true, from(1, "/d/1/")),
		h.mortal(t, false, nil),
	}
	for i, m := range ends {
		m.invoke(t, message)
		if m.dies {
			h.expire()
		} else {
			told += m.calls.Load()
		}
		if row := h.row(t); (row.RunID == "") != (i == len(ends)-1) || m.dies != m.dead.Load() {
			t.Fatalf("after invocation %d the run is %q", i, row.RunID)
		}
	}
	h.wantSnapshotEqualsSource(t)
	var stored int64
	contents := map[backup.Content]bool{}
	for _, n := range h.sim.Tree(h.user) {
		if n.Kind == backup.File && !contents[n.Content] {
			contents[n.Content] = true
			stored += n.Content.Size
		}
	}
	if s := h.latest(t); s.Stored != stored || s.Calls != told {
		t.Errorf("the snapshot tells of %d bytes stored and %d calls, want %d and %d", s.Stored, s.Calls, stored, told)
	}
}

// Where Box does not tell of a change, what listings show of it is drift. A run
// that lists folders again is handed over twice in the middle of it, and dies.
func TestDriftIsThatOfTheWholeRun(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 32})
	const folders, days = 27, 12
	const share = days + 1 // and a moment, of 28 folders in 28 days
	for i := range folders + 1 {
		folder := backup.RootFolder
		if i > 0 {
			var err error
			folder, err = h.sim.CreateFolder(h.user, backup.RootFolder, fmt.Sprint("Folder ", i))
			must(t, err)
		}
		_, err := h.sim.Upload(h.user, folder, "File", fmt.Append(nil, i))
		must(t, err)
	}
	h.backUp(t)
	for _, n := range h.sim.Tree(h.user) {
		if n.Kind == backup.File {
			must(t, h.sim.Unheard(func() error { return h.sim.SetTags(h.user, n.ItemRef, "untold") }))
		}
	}
	h.sim.Advance(days * 24 * time.Hour)
	h.shift.Add(int64(days * 24 * time.Hour))
	message := h.request(t)
	ends := []*mortal{
		h.mortal(t, false, from(4, "/items")),
		h.mortal(t, true, from(3, "/items")),
		h.mortal(t, false, from(3, "/items")),
		h.mortal(t, false, nil),
	}
	for i, m := range ends {
		m.invoke(t, message)
		if m.dies {
			h.expire()
		}
		if row := h.row(t); (row.RunID == "") != (i == len(ends)-1) {
			t.Fatalf("after invocation %d the run is %q", i, row.RunID)
		}
	}
	if row := h.row(t); row.RunID != "" || row.Drift != share {
		t.Errorf("run %q, drift %d, want %d: one file in each of that many folders", row.RunID, row.Drift, share)
	}
	if s := h.latest(t); s.Drift != share {
		t.Errorf("drift of the snapshot is %d, want %d", s.Drift, share)
	}
}
