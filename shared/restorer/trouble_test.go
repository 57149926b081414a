package restorer_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/box/boxsim"
)

// TestKilledAnywhereRestoresOnce kills the worker at a call to Box or to the
// ledger, before or after the call takes effect, and delivers the message again.
func TestKilledAnywhereRestoresOnce_C1(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 5})
	want := h.furnish(t, 20)
	snap := h.backUp(t)
	h.deleteAll(t)
	must(t, h.sim.Mark())
	rounds := 24
	if testing.Short() {
		rounds = 6
	}
	h.plug.pull(0, false, nil)
	for i := range rounds {
		mode := []backup.RestoreMode{backup.NonDestructive, backup.Replace, backup.Bypass}[i%3]
		m := h.ask(t, snap, mode)
		var points []int
		for deaths := range 1 + i%3 { // the worker that takes over dies as well
			ctx, cancel := context.WithCancel(t.Context())
			at := 1 + rand.IntN(90>>deaths)
			points = append(points, at)
			h.plug.pull(at, i%2 == 0, cancel)
			_ = h.Run(ctx, m) // what it says when it dies, nobody hears
			cancel()
			h.plug.pull(0, false, nil)
			h.expire()
		}
		j := h.finish(t, m)
		h.wantAll(t, j, len(want))
		below := ""
		if mode == backup.NonDestructive {
			below = h.below(t)
		}
		wantTree(t, h.tree(below), want)
		if t.Failed() {
			t.Fatalf("%s, killed at %v, after=%t", mode, points, i%2 == 0)
		}
		must(t, h.sim.Return())
	}
}

func TestFaultyBoxRestoresAllOnce_I3(t *testing.T) {
	t.Parallel()
	for _, mode := range []backup.RestoreMode{backup.NonDestructive, backup.Replace} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, boxsim.Options{Seed: 6})
			want := h.furnish(t, 60)
			snap := h.backUp(t)
			h.deleteAll(t)
			h.sim.Fault(boxsim.Fault{Probability: 0.2, RetryAfter: -1, Kinds: []boxsim.Kind{
				boxsim.TooMany, boxsim.ServerError, boxsim.BadGateway, boxsim.Unavailable, boxsim.Reset, boxsim.Lost, boxsim.Cut, boxsim.BadJSON, boxsim.Empty, boxsim.Accepted, boxsim.Blocked, boxsim.Reserved,
			}})
			h.sim.Fault(boxsim.Fault{Probability: 0.1, After: true, RetryAfter: -1, Kinds: []boxsim.Kind{boxsim.ServerError, boxsim.Unavailable}})
			j := h.restore(t, snap, mode)
			h.sim.ClearFaults()
			h.wantAll(t, j, len(want))
			below := ""
			if mode == backup.NonDestructive {
				below = h.below(t)
			}
			wantTree(t, h.tree(below), want)
		})
	}
}

func TestOneBadItemFailsAlone_I4(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 7})
	h.writeAll(t, map[string]string{"/good": "g", "/damaged": strings.Repeat("d", 4000), "/F": "", "/F/refused": "r", "/F/fine": "f"})
	snap := h.backUp(t)
	h.deleteAll(t)
	h.sim.Fault(boxsim.Fault{Endpoint: "POST /2.0/folders", Kinds: []boxsim.Kind{boxsim.Policy}})
	j := h.restore(t, snap, backup.Replace)
	wantJob(t, j, backup.JobPartial, 2, 0, 3)
	lines := h.ledger(t, j)
	if got := lines["F"].Reason; !strings.HasPrefix(got, "Box refuses it: the Box user's permissions, a policy or a lock forbid it.") {
		t.Error(got)
	}
	if got := lines["fine"].Reason; !strings.HasPrefix(got, "The folder that it belongs into could not be restored.") {
		t.Error(got)
	}
	mails := h.cloud.Received(t, h.queues.mails)
	var mail backup.MailMessage
	if len(mails) != 1 {
		t.Fatalf("mails: %q", mails)
	}
	must(t, json.Unmarshal([]byte(mails[0]), &mail))
	if mail.To != "ada@acme.example" || mail.Template != "restored" || mail.Data["failed"] != "3" || mail.Data["status"] != "Partially succeeded" {
		t.Errorf("%+v", mail)
	}
	activity, _, err := h.Audit.List(t.Context(), h.task.Account, audit.Query{}, 1)
	if err != nil || len(activity) != 1 || activity[0].Status != "Partially succeeded" || activity[0].Records != 2 {
		t.Errorf("%+v, %v", activity, err)
	}
}

func TestTroublesThatPassAreWaitedFor(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 8})
	h.writeAll(t, map[string]string{"/a": "a", "/b": "b", "/c": "c"})
	snap := h.backUp(t)
	h.deleteAll(t)
	fault := h.sim.Fault(boxsim.Fault{Endpoint: "POST /api/2.0/files/content", Kinds: []boxsim.Kind{boxsim.Unavailable}, RetryAfter: -1, Times: 30})
	m := h.ask(t, snap, backup.Bypass)
	must(t, h.Run(t.Context(), m))
	if j, err := h.Jobs.Job(t.Context(), m.Account, m.Job); err != nil || j.Status != backup.JobInProgress || j.Failed != 0 {
		t.Errorf("%+v, %v", j, err)
	}
	wantJob(t, h.finish(t, m), backup.JobSucceeded, 3, 0, 0)
	if used := h.sim.Stats().Faults[fault]; used != 30 {
		t.Errorf("%d faults were used", used)
	}
}

func TestItemThatAlwaysFailsIsGivenUp(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 9})
	h.writeAll(t, map[string]string{"/a": "a", "/F": "", "/F/b": "b"})
	snap := h.backUp(t)
	h.deleteAll(t)
	h.sim.Fault(boxsim.Fault{Endpoint: "POST /2.0/folders", Kinds: []boxsim.Kind{boxsim.ServerError}})
	wantJob(t, h.restore(t, snap, backup.Bypass), backup.JobPartial, 1, 0, 2)
}

func TestWorkersAtOnceRestoreOnce_C3(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 10, Latency: 2 * time.Millisecond})
	want := h.furnish(t, 40)
	snap := h.backUp(t)
	h.deleteAll(t)
	m := h.ask(t, snap, backup.Bypass)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err := h.Run(t.Context(), m); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	wantJob(t, h.finish(t, m), backup.JobSucceeded, int64(len(want)), 0, 0)
	must(t, h.Run(t.Context(), m)) // late
	wantTree(t, h.tree(""), want)
	if mails := h.cloud.Received(t, h.queues.mails); len(mails) != 1 {
		t.Errorf("mails: %q", mails)
	}
}

func TestStaleWorkerCreatesNoTwins_C7(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 11, Latency: 5 * time.Millisecond})
	want := h.furnish(t, 40)
	snap := h.backUp(t)
	h.deleteAll(t)
	h.Beat = time.Hour // so that neither learns of the other
	m := h.ask(t, snap, backup.NonDestructive)
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() { _ = h.Run(t.Context(), m) })
		h.expire()
	}
	wg.Wait()
	j := h.finish(t, m)
	if j.Status != backup.JobSucceeded {
		t.Errorf("%+v", j)
	}
	for _, n := range h.sim.Tree(h.user) {
		if n.ItemRef == boxsim.FolderRef(j.Target) {
			wantTree(t, h.tree(n.Path), want)
			return
		}
	}
	t.Error("the job's folder is missing")
}

func TestCanceledJobStopsAndSaysSo(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 12, Latency: 20 * time.Millisecond})
	h.furnish(t, 100)
	snap := h.backUp(t)
	h.deleteAll(t)
	m := h.ask(t, snap, backup.Bypass)
	done := make(chan error)
	go func() { done <- h.Run(t.Context(), m) }()
	for { // it is canceled as soon as it is under way
		if j, err := h.Jobs.Job(t.Context(), m.Account, m.Job); err != nil || j.Done > 0 {
			must(t, err)
			break
		}
	}
	must(t, h.Jobs.Cancel(t.Context(), m.Account, m.Job))
	must(t, <-done)
	j, err := h.Jobs.Job(t.Context(), m.Account, m.Job)
	must(t, err)
	if j.Status != backup.JobCanceled || j.Done == 0 || j.Done == j.Total {
		t.Errorf("%+v", j)
	}
}

func TestJobGoesOnAfterTheDeadline_C4(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 13, Latency: 50 * time.Millisecond})
	want := h.furnish(t, 60)
	snap := h.backUp(t)
	h.deleteAll(t)
	m := h.ask(t, snap, backup.Replace)
	handed := 0
	for range 100 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		err := h.Run(ctx, m)
		cancel()
		j, jobErr := h.Jobs.Job(t.Context(), m.Account, m.Job)
		must(t, jobErr)
		switch sent := h.cloud.Received(t, h.queues.jobs); {
		case j.Status.Final():
			if handed == 0 {
				t.Error("the job was never handed over, so nothing was tested")
			}
			wantTree(t, h.tree(""), want)
			return
		case err != nil: // a machine too slow for the margin; the queue delivers the message again
			h.expire()
		case len(sent) != 1 || sent[0] != fmt.Sprintf(`{"account":"acme","job":"%s"}`, m.Job):
			t.Fatalf("sent again: %q", sent)
		default:
			handed++
		}
	}
	t.Error("the job did not end within 100 invocations")
}

func TestLargeFileGoesOnWithTheParts(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 14, PartSize: 8 << 20})
	_, err := h.sim.UploadGenerated(h.user, backup.RootFolder, "large", box.MaxDirect+10<<20, 1)
	must(t, err)
	want := h.tree("")
	snap := h.backUp(t)
	h.deleteAll(t)
	m := h.ask(t, snap, backup.Replace)
	ctx, cancel := context.WithCancel(t.Context())
	h.plug.pull(18, true, cancel)
	_ = h.Run(ctx, m)
	cancel()
	h.plug.pull(0, false, nil)
	h.expire()
	h.sim.ClearFaults()
	j := h.finish(t, m)
	wantJob(t, j, backup.JobSucceeded, 1, 0, 0)
	wantTree(t, h.tree(""), want)
	if j.Bytes != box.MaxDirect+10<<20 {
		t.Errorf("%d bytes", j.Bytes)
	}
	calls := h.sim.Stats().Endpoints
	if n := calls["POST /api/2.0/files/upload_sessions"]; n != 1 {
		t.Errorf("%d uploads were begun", n)
	}
	if n := calls["PUT /api/2.0/files/upload_sessions/{id}"]; n < 8 || n > 8+4 { // of the file's 8 parts, 4 at a time
		t.Errorf("%d parts were sent", n)
	}
}

func TestRestoreIntoAnUntouchedFolderTakesFewCalls(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 15})
	h.write(t, "/F", "")
	for i := range 300 {
		h.write(t, fmt.Sprintf("/F/%d", i), fmt.Sprint(i))
	}
	snap := h.backUp(t)
	before := h.sim.Stats().Users[h.user].Calls
	wantJob(t, h.restore(t, snap, backup.Replace), backup.JobSucceeded, 0, 301, 0)
	if calls := h.sim.Stats().Users[h.user].Calls - before; calls > 12 {
		t.Errorf("%d calls", calls)
	}
}

func TestMissingContentFailsItsFileAlone(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 16})
	h.writeAll(t, map[string]string{"/F": "", "/F/old": "old"})
	h.backUp(t)
	var packs []string
	must(t, h.objects.List(t.Context(), "packs/", func(key string, _ int64, _ time.Time) error {
		packs = append(packs, key)
		return nil
	}))
	for _, key := range packs {
		must(t, h.objects.Delete(t.Context(), key))
	}
	h.write(t, "/F/new", "new")
	snap := h.backUp(t)
	h.deleteAll(t)
	j := h.restore(t, snap, backup.Replace)
	wantJob(t, j, backup.JobPartial, 2, 0, 1)
	if got := h.ledger(t, j)["old"].Reason; !strings.HasPrefix(got, "Its stored content is damaged.") {
		t.Error(got)
	}
	h.wantFiles(t, map[string]string{"/F": "", "/F/new": "new"})
}

func TestRestoreWithoutAccessFailsAndSaysWhy(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		spoil func(*house)
		want  string
	}{
		"revoked":     {func(h *house) { h.revoke() }, "Box no longer accepts the authorisation"},
		"unreachable": {func(h *house) { h.sim.SetUnreachable(h.user, 403) }, "Box does not let the connected administrator act"},
		"task deleted": {func(h *house) {
			_, err := h.Tasks.DeleteTask(t.Context(), h.task.Account, h.task.ID)
			must(t, err)
		}, "The backup task was deleted."},
		"backup deleted": {func(h *house) {
			u, err := h.Tasks.BoxUser(t.Context(), h.task.Account, h.task.ID, h.user)
			must(t, err)
			must(t, h.Tasks.Delete(t.Context(), u))
		}, "The backup of Bob was deleted."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, boxsim.Options{Seed: 17})
			h.write(t, "/a", "a")
			snap := h.backUp(t)
			h.deleteAll(t)
			test.spoil(h)
			j := h.restore(t, snap, backup.Replace)
			if j.Status != backup.JobFailed || !strings.HasPrefix(j.Reason, test.want) {
				t.Errorf("%s: %s", j.Status, j.Reason)
			}
		})
	}
}
