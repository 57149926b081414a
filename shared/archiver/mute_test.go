package archiver_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
	"coffer/shared/snapshot"
	"coffer/shared/task"
)

// refuseStreams makes Box answer 403 to whoever asks for a Box user's changes.
func (h *house) refuseStreams(kind boxsim.Kind) {
	h.sim.Fault(boxsim.Fault{Endpoint: "GET /2.0/events", User: h.user, Kinds: []boxsim.Kind{kind}})
}

func (h *house) wantListed(t *testing.T, by snapshot.Method, why string) {
	t.Helper()
	h.wantSnapshotEqualsSource(t)
	if s := h.latest(t); s.Method != by || !strings.Contains(s.Why, why) || why == "" && s.Why != "" {
		t.Errorf("listed by %s (%s), want %s (%s)", s.Method, s.Why, by, why)
	}
}

// TestRefusedStreamMakesEachRunACrawl refuses the Box user's own stream from the
// first run on, or from a later one, and then lets it be read again.
func TestRefusedStreamMakesEachRunACrawl(t *testing.T) {
	t.Parallel()
	const refused = "Box does not let this Box user's own changes be read, so every folder was listed."
	for name, kind := range map[string]boxsim.Kind{"forbidden": boxsim.Forbidden, "scope": boxsim.OutOfScope} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, boxsim.Options{Seed: 61})
			h.furnish(t, 30)
			rng := rand.New(rand.NewPCG(61, 1))
			h.refuseStreams(kind)
			h.backUp(t)
			h.wantListed(t, snapshot.Crawl, "This is the first backup, and "+refused)
			h.change(t, rng, 20)
			h.backUp(t)
			h.wantListed(t, snapshot.Crawl, refused)
			h.sim.ClearFaults()
			h.change(t, rng, 20)
			h.backUp(t)
			h.wantListed(t, snapshot.Crawl, "It is not known up to where")
			h.change(t, rng, 20)
			h.backUp(t)
			h.wantListed(t, snapshot.UserStream, "do not reach back")
			h.refuseStreams(kind) // now where a position is known
			h.change(t, rng, 20)
			h.backUp(t)
			h.wantListed(t, snapshot.Crawl, refused)
		})
	}
}

// TestMovesAreSeenByACrawlWithoutAStream moves a file, while everything is being
// listed, into a folder that was listed already.
func TestMovesAreSeenByACrawlWithoutAStream_I8(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 62})
	folder, err := h.sim.CreateFolder(h.user, backup.RootFolder, "a")
	must(t, err)
	file, err := h.sim.Upload(h.user, folder, "moved.txt", []byte("once"))
	must(t, err)
	h.backUp(t)
	h.refuseStreams(boxsim.Forbidden)
	h.sim.Fault(boxsim.Fault{
		Endpoint: "GET /2.0/folders/" + folder + "/items", Kinds: []boxsim.Kind{boxsim.Late}, Times: 1,
		Do: func() { must(t, h.sim.Move(h.user, boxsim.FileRef(file), backup.RootFolder)) },
	})
	h.backUp(t)
	h.wantListed(t, snapshot.Crawl, "own changes")
}

// TestRefusedStreamIsNotMissedWhereTheEnterpriseTellsAll refuses the Box user's
// own stream while the enterprise's covers that user.
func TestRefusedStreamIsNotMissedWhereTheEnterpriseTellsAll(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 63})
	h.furnish(t, 10)
	now := h.Now()
	must(t, h.Tasks.Advance(t.Context(), h.task, task.Stream{Feed: task.EnterpriseFeed, Position: "1", ReadAt: now, Since: now}))
	h.refuseStreams(boxsim.Forbidden)
	h.shift.Add(int64(time.Minute))
	h.backUp(t)
	h.shift.Add(int64(time.Minute))
	h.backUp(t)
	h.wantListed(t, snapshot.EnterpriseStream, "")
}

// TestBackupNowHasWhatNoScanHasSeen has a person ask for a backup right after a
// change, where only the enterprise's stream, which nobody has read since, tells of
// it.
func TestBackupNowHasWhatNoScanHasSeen(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, why string
		before    bool // the own stream is refused to the backup before, too
	}{
		{"that knew its place", "own changes", false},
		{"that never knew it", "own changes", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, boxsim.Options{Seed: 65})
			h.furnish(t, 10)
			now := h.Now()
			must(t, h.Tasks.Advance(t.Context(), h.task, task.Stream{Feed: task.EnterpriseFeed, Position: "1", ReadAt: now, Since: now}))
			if c.before {
				h.refuseStreams(boxsim.Forbidden)
			}
			h.shift.Add(int64(time.Minute))
			h.backUp(t)
			h.refuseStreams(boxsim.Forbidden)
			h.shift.Add(int64(time.Hour))
			_, err := h.sim.Upload(h.user, backup.RootFolder, "Just now", []byte("new"))
			must(t, err)
			row, err := h.Tasks.RequestFor(t.Context(), h.row(t), "a person")
			must(t, err)
			h.run(t, row.Message())
			h.wantListed(t, snapshot.Crawl, c.why)
		})
	}
}

// TestListingOfAnEarlierRunIsOldWithoutAStream_I8 has a run be given up after it
// has listed everything. Nobody tells the next one what happened since.
func TestListingOfAnEarlierRunIsOldWithoutAStream_I8(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 64})
	file, err := h.sim.Upload(h.user, backup.RootFolder, "One", []byte("one"))
	must(t, err)
	h.refuseStreams(boxsim.Forbidden)
	again := h.giveUp("GET /2.0/files/" + file + "/content")
	if row := h.backUp(t); row.Status != backup.Failed || len(row.Checkpoint) == 0 {
		t.Fatalf("the first run: %s (%s), want Failed with a checkpoint", row.Status, row.Reason)
	}
	again()
	h.refuseStreams(boxsim.Forbidden)
	h.shift.Add(int64(time.Hour))
	_, err = h.sim.Upload(h.user, backup.RootFolder, "Two", []byte("two"))
	must(t, err)
	h.backUp(t)
	h.wantListed(t, snapshot.Crawl, "own changes")
}
