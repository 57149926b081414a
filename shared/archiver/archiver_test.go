package archiver_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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
	activity, err := h.Audit.List(t.Context(), h.task.Account, "", 10)
	if err != nil || len(activity) != 1 || activity[0].Status != "Succeeded" {
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

// all are the ways for a call to go wrong that a client must get over.
var all = []boxsim.Kind{
	boxsim.TooMany, boxsim.ServerError, boxsim.BadGateway, boxsim.Unavailable, boxsim.Timeout, boxsim.Reset, boxsim.Cut,
	boxsim.Short, boxsim.Flip, boxsim.BadJSON, boxsim.HTML, boxsim.Empty,
}

func TestFaultyBoxIsBackedUpWhole_I2_I3(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 4})
	h.furnish(t, 200)
	fault := h.sim.Fault(boxsim.Fault{Kinds: all, Probability: 0.2, RetryAfter: -1, Seed: 5})
	h.backUp(t)
	h.wantSnapshotEqualsSource(t)
	rng := rand.New(rand.NewPCG(4, 4))
	for range 3 {
		h.change(t, rng, 20)
		h.backUp(t)
		h.wantSnapshotEqualsSource(t)
	}
	if n := h.sim.Stats().Faults[fault]; n < 20 {
		t.Errorf("%d faults were injected, want many", n)
	}
}

func TestItemsThatAlwaysFailMakeThePartialListAndAreRetried_I4(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 5})
	h.furnish(t, 100)
	want := map[string]bool{}
	for i, kind := range []boxsim.Kind{boxsim.Forbidden, boxsim.Policy, boxsim.ServerError} {
		id, err := h.sim.Upload(h.user, backup.RootFolder, fmt.Sprintf("Bad %d", i), fmt.Appendf(nil, "bad %d", i))
		must(t, err)
		want[id] = true
		h.sim.Fault(boxsim.Fault{Endpoint: "GET /2.0/files/" + id + "/content", Kinds: []boxsim.Kind{kind}, RetryAfter: -1})
		must(t, h.sim.Block(h.user, id)) // archives leave it out as well
	}
	row := h.backUp(t)
	if row.Status != backup.Partial || !strings.HasPrefix(row.Reason, "3 of ") {
		t.Fatalf("status %s (%s), want Partial with 3 failures", row.Status, row.Reason)
	}
	c := h.catalog(t, row)
	failures, err := c.Failures(t.Context(), row.Snapshot)
	must(t, err)
	must(t, c.Close())
	got := map[string]bool{}
	for _, f := range failures {
		got[f.ID] = true
		if f.Reason == "" {
			t.Errorf("%s failed without a reason", f.ItemRef)
		}
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("failed items (-got +want):\n%s", diff)
	}
	if got, want := len(h.snapshot(t, row)), len(h.source()); got != want {
		t.Errorf("the snapshot has %d items, want %d", got, want)
	}
	h.wantVaultWhole(t)

	h.sim.ClearFaults()
	for id := range want {
		must(t, h.sim.Unblock(h.user, id))
	}
	h.backUp(t)
	h.wantSnapshotEqualsSource(t)
}

func TestRepeatedAndSimultaneousMessagesMakeOneSnapshot_C3(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 6})
	h.furnish(t, 60)
	message := h.request(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err := h.Run(t.Context(), message); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	must(t, h.Run(t.Context(), message))
	h.wantSnapshotEqualsSource(t)
	list, _, err := h.Snapshots.List(t.Context(), h.task.Account, h.task.ID, h.user, snapshot.Page{Limit: 10})
	if err != nil || len(list) != 1 {
		t.Errorf("%d snapshots, %v, want 1", len(list), err)
	}
	activity, err := h.Audit.List(t.Context(), h.task.Account, "", 10)
	if err != nil || len(activity) != 1 {
		t.Errorf("%d activities, %v, want 1", len(activity), err)
	}
	row := h.row(t)
	_, err = h.Tasks.Request(t.Context(), row, time.Time{})
	must(t, err)
	if _, err = h.Tasks.Request(t.Context(), row, time.Time{}); backup.KindOf(err) != backup.Conflict {
		t.Errorf("backup now while one is requested: %v, want a conflict (D9)", err)
	}
}

func TestWorkerThatDiesAnywhereLosesNothing_C1(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 7})
	h.furnish(t, 150)
	message := h.request(t)
	rng := rand.New(rand.NewPCG(7, 7))
	deaths := 0
	for h.row(t).RunID != "" {
		ctx, kill := context.WithCancel(t.Context())
		time.AfterFunc(time.Duration(rng.IntN(400))*time.Millisecond, kill)
		if err := h.Run(ctx, message); err != nil {
			deaths++
			h.expire()
		}
		kill()
		if deaths == 10 {
			must(t, h.Run(t.Context(), message))
		}
	}
	t.Logf("%d deaths", deaths)
	h.wantSnapshotEqualsSource(t)
	list, _, err := h.Snapshots.List(t.Context(), h.task.Account, h.task.ID, h.user, snapshot.Page{Limit: 10})
	if err != nil || len(list) != 1 {
		t.Errorf("%d snapshots, %v, want 1", len(list), err)
	}
}

func TestRunGoesOnFromInvocationToInvocation_C4(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 8, Latency: 5 * time.Millisecond})
	h.furnish(t, 200)
	message := h.request(t)
	slices := 0
	for ; h.row(t).RunID != ""; slices++ {
		ctx, cancel := context.WithTimeout(t.Context(), 600*time.Millisecond)
		err := h.Run(ctx, message)
		cancel()
		if err != nil {
			h.expire() // it was cut off before it could hand over
		}
		if slices > 200 {
			t.Fatal("the run does not get on")
		}
	}
	t.Logf("%d invocations", slices)
	h.wantSnapshotEqualsSource(t)
}

func TestUnreachableUserFailsWithAReasonAndIsRetried(t *testing.T) {
	t.Parallel()
	for _, status := range []int{403, 404} {
		h := newHouse(t, boxsim.Options{Seed: 9})
		h.furnish(t, 10)
		h.sim.SetUnreachable(h.user, status)
		row := h.backUp(t)
		if row.Status != backup.Failed || !strings.Contains(row.Reason, "Box user") {
			t.Errorf("status %s (%s) after %d, want Failed with a reason", row.Status, row.Reason, status)
		}
		h.sim.SetUnreachable(h.user, 0)
		h.backUp(t)
		h.wantSnapshotEqualsSource(t)
	}
}

func TestRevokedAuthorisationDisconnectsAndLosesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 10})
	h.furnish(t, 30)
	first := h.backUp(t)
	h.sim.RevokeTokens(h.admin)
	row := h.backUp(t)
	if row.Status != backup.Failed || row.Snapshot != first.Snapshot || !bytes.Equal(row.Catalog, first.Catalog) {
		t.Errorf("after the revocation: status %s, snapshot %s, want Failed and the first snapshot", row.Status, row.Snapshot)
	}
	b, err := h.Tasks.Task(t.Context(), h.task.Account, h.task.ID)
	if err != nil || b.Connection != backup.Disconnected || !strings.Contains(b.Reason, "Connect") {
		t.Errorf("task %s (%s), %v, want Disconnected with what to do", b.Connection, b.Reason, err)
	}

	must(t, h.conns.Tokens(b.Account, b.ID).Store(t.Context(), h.app.Pair(h.admin)))
	h.conns.Forget(b.ID)
	_, err = h.Tasks.Authorised(t.Context(), b.Account, b.ID, h.app.Enterprise, "Acme", "ada@acme.example")
	must(t, err)
	h.backUp(t)
	h.wantSnapshotEqualsSource(t)
}

func TestForeignFoldersAreReferencesWhereTheirOwnerIsProtected(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 11})
	shared, err := h.sim.CreateFolder(h.admin, backup.RootFolder, "Ada's folder")
	must(t, err)
	_, err = h.sim.Upload(h.admin, shared, "Ada's file", []byte("ada"))
	must(t, err)
	_, err = h.sim.Collaborate(h.admin, backup.ItemRef{Kind: backup.Folder, ID: shared}, h.user, "editor")
	must(t, err)
	outside := h.sim.AddEnterprise("Elsewhere").AddUser("Eve", "eve@else.example", boxsim.Admin)
	foreign, err := h.sim.CreateFolder(outside, backup.RootFolder, "Eve's folder")
	must(t, err)
	_, err = h.sim.Upload(outside, foreign, "Eve's file", []byte("eve"))
	must(t, err)
	_, err = h.sim.Collaborate(outside, backup.ItemRef{Kind: backup.Folder, ID: foreign}, h.user, "viewer")
	must(t, err)
	h.furnish(t, 5)

	row := h.backUp(t)
	own := len(h.sim.Tree(h.user))
	if got := len(h.snapshot(t, row)); got != own+2 {
		t.Errorf("the snapshot has %d items, want %d own ones and Eve's folder and file", got, own)
	}
	c := h.catalog(t, row)
	defer c.Close()
	if item, err := c.Item(t.Context(), row.Snapshot, backup.ItemRef{Kind: backup.Folder, ID: shared}); err != nil || item.OwnedBy != "ada@acme.example" {
		t.Errorf("Ada's folder as a reference: %+v, %v", item, err)
	}
	if items, _, err := c.Children(t.Context(), row.Snapshot, shared, "", 10); err != nil || len(items) != 0 {
		t.Errorf("Ada's folder holds %d items in Bob's backup, %v, want none", len(items), err)
	}
	if items, _, err := c.Children(t.Context(), row.Snapshot, foreign, "", 10); err != nil || len(items) != 1 || !items[0].ExternallyOwned {
		t.Errorf("Eve's folder holds %+v, %v, want her file marked as external", items, err)
	}
}

func TestCancelledRunKeepsWhatItStored_D9(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 12, Latency: 30 * time.Millisecond})
	h.furnish(t, 60)
	message := h.request(t)
	must(t, h.Tasks.Cancel(t.Context(), h.row(t)))
	must(t, h.Run(t.Context(), message))
	row := h.row(t)
	if row.RunID != "" || row.Snapshot != "" || row.Status != backup.Scheduled {
		t.Errorf("after the cancel: %+v", row)
	}
	h.backUp(t)
	h.wantSnapshotEqualsSource(t)
}
