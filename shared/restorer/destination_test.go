package restorer_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
	"coffer/shared/job"
)

// carol is a colleague of Bob's with a folder "Inbox", and what a job says of
// it as its destination.
func (h *house) carol(t *testing.T) (user backup.BoxUserID, to *job.Destination) {
	t.Helper()
	enterprise, ok := h.sim.FindEnterprise("Acme")
	if !ok {
		t.Fatal("no enterprise")
	}
	user = enterprise.AddUser("Carol", "carol@acme.example", boxsim.Member)
	inbox, err := h.sim.CreateFolder(user, backup.RootFolder, "Inbox")
	must(t, err)
	_, err = h.sim.Upload(user, inbox, "hers", []byte("hers"))
	must(t, err)
	return user, &job.Destination{BoxUser: user, UserName: "Carol", UserLogin: "carol@acme.example", Folder: inbox, FolderName: "Inbox"}
}

// made is the path of the folder that the job made in the destination.
func (h *house) made(t *testing.T, j job.Job) string {
	t.Helper()
	nodes := h.sim.Tree(j.Destination.BoxUser)
	i := slices.IndexFunc(nodes, func(n boxsim.Node) bool { return n.ItemRef == boxsim.FolderRef(j.Target) })
	if i < 0 || nodes[i].Parent != j.Destination.Folder || !strings.HasPrefix(nodes[i].Name, "Restored by Coffer 20") {
		t.Fatalf("folder %q is not in folder %s among %+v", j.Target, j.Destination.Folder, nodes)
	}
	return nodes[i].Path
}

func TestRestoreGoesToAFolderOfAnotherBoxUser_F69(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 21})
	want := h.furnish(t, 60)
	snap := h.backUp(t)
	carol, to := h.carol(t)
	bobs, carols := h.sim.Tree(h.user), h.sim.Tree(carol)

	j := h.finish(t, h.askFor(t, snap, backup.NonDestructive, to))
	wantJob(t, j, backup.JobSucceeded, int64(len(want)), 0, 0)
	var bytes int64
	for _, n := range want {
		bytes += n.Content.Size
	}
	if j.Bytes != bytes || j.TotalBytes != bytes {
		t.Errorf("%d of %d bytes, want %d", j.Bytes, j.TotalBytes, bytes)
	}
	below := h.made(t, j)
	wantTree(t, h.treeOf(carol, below), want)

	// Nothing else is touched, and what is new is Carol's.
	if diff := cmp.Diff(h.sim.Tree(h.user), bobs); diff != "" {
		t.Errorf("what Bob has (-got +want):\n%s", diff)
	}
	others := slices.DeleteFunc(h.sim.Tree(carol), func(n boxsim.Node) bool { return strings.HasPrefix(n.Path, below) })
	if diff := cmp.Diff(others, carols); diff != "" {
		t.Errorf("what Carol had (-got +want):\n%s", diff)
	}

	var mail backup.MailMessage
	mails := h.cloud.Received(t, h.queues.mails)
	if len(mails) != 1 {
		t.Fatalf("mails: %q", mails)
	}
	must(t, json.Unmarshal([]byte(mails[0]), &mail))
	if mail.Data["destination"] != "the folder “Inbox” of Carol" {
		t.Errorf("mail %+v", mail)
	}
	activity, _, err := h.Audit.List(t.Context(), h.task.Account, audit.Query{}, 1)
	if err != nil || len(activity) != 1 || !strings.Contains(activity[0].Description, "a folder of Carol (carol@acme.example)") {
		t.Errorf("%+v, %v", activity, err)
	}

	// Chosen items go to the root folder, and to another folder of Bob's own.
	file, _ := h.sim.Lookup(h.user, want[len(want)-1].Path)
	for _, d := range []job.Destination{
		{BoxUser: carol, UserName: "Carol", Folder: backup.RootFolder},
		{BoxUser: h.user, UserName: "Bob", Folder: bobs[slices.IndexFunc(bobs, func(n boxsim.Node) bool { return n.Kind == backup.Folder })].ID},
	} {
		j := h.finish(t, h.askFor(t, snap, backup.NonDestructive, &d, file))
		if tree := h.treeOf(d.BoxUser, h.made(t, j)); j.Status != backup.JobSucceeded || len(tree) != int(j.Total) || tree[len(tree)-1] != want[len(want)-1] {
			t.Errorf("to %+v: %+v: %+v", d, j, tree)
		}
	}
}

// TestKilledAnywhereRestoresElsewhereOnce is TestKilledAnywhereRestoresOnce_C1
// with a destination.
func TestKilledAnywhereRestoresElsewhereOnce_C1(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 22})
	want := h.furnish(t, 20)
	snap := h.backUp(t)
	carol, to := h.carol(t)
	h.plug.pull(0, false, nil)
	rounds := 16
	if testing.Short() {
		rounds = 5
	}
	for i := range rounds {
		before := len(h.sim.Tree(carol))
		m := h.askFor(t, snap, backup.NonDestructive, to)
		var points []int
		for deaths := range 1 + i%3 {
			ctx, cancel := context.WithCancel(t.Context())
			at := 1 + rand.IntN(70>>deaths)
			if i < 6 { // around the folder that the job makes
				at = 5 + i
			}
			points = append(points, at)
			h.plug.pull(at, i%2 == 0, cancel)
			_ = h.Run(ctx, m)
			cancel()
			h.plug.pull(0, false, nil)
			h.expire()
		}
		j := h.finish(t, m)
		h.wantAll(t, j, len(want))
		wantTree(t, h.treeOf(carol, h.made(t, j)), want)
		if after := len(h.sim.Tree(carol)); after != before+1+len(want) {
			t.Errorf("Carol has %d more items, want %d", after-before, 1+len(want))
		}
		wantTree(t, h.tree(""), want)
		if t.Failed() {
			t.Fatalf("killed at %v, after=%t", points, i%2 == 0)
		}
		// Not Return, after which folders of later jobs would have the ids of this one's.
		must(t, h.sim.Delete(carol, boxsim.FolderRef(j.Target)))
	}
}

func TestRestoreToAFolderThatIsGoneMakesNothing(t *testing.T) {
	t.Parallel()
	const gone = "The folder that was chosen as the destination does not exist at Box any more. Choose another"
	for name, test := range map[string]struct {
		spoil func(t *testing.T, h *house, to *job.Destination)
		want  string
	}{
		"trashed": {func(t *testing.T, h *house, to *job.Destination) {
			must(t, h.sim.Delete(to.BoxUser, boxsim.FolderRef(to.Folder)))
		}, gone},
		"purged": {func(t *testing.T, h *house, to *job.Destination) {
			must(t, h.sim.Delete(to.BoxUser, boxsim.FolderRef(to.Folder)))
			must(t, h.sim.Purge(to.BoxUser, boxsim.FolderRef(to.Folder)))
		}, gone},
		"in a folder that was trashed": {func(t *testing.T, h *house, to *job.Destination) {
			outer, err := h.sim.CreateFolder(to.BoxUser, backup.RootFolder, "Outer")
			must(t, err)
			must(t, h.sim.Move(to.BoxUser, boxsim.FolderRef(to.Folder), outer))
			must(t, h.sim.Delete(to.BoxUser, boxsim.FolderRef(outer)))
		}, gone},
		"going while it is looked at": {func(_ *testing.T, h *house, _ *job.Destination) {
			h.sim.Fault(boxsim.Fault{Endpoint: "POST /2.0/folders", Kinds: []boxsim.Kind{boxsim.NotFound}})
		}, gone},
		"nothing may be made there": {func(_ *testing.T, h *house, _ *job.Destination) {
			h.sim.Fault(boxsim.Fault{Endpoint: "POST /2.0/folders", Kinds: []boxsim.Kind{boxsim.Policy}})
		}, "The folder for what is restored could not be made. Box refuses it:"},
		"of a user who left": {func(_ *testing.T, h *house, to *job.Destination) {
			h.sim.SetStatus(to.BoxUser, "inactive")
		}, "Box does not let the connected administrator act as Carol,"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, boxsim.Options{Seed: 23})
			h.writeAll(t, map[string]string{"/F": "", "/F/a": "a"})
			snap := h.backUp(t)
			carol, to := h.carol(t)
			m := h.askFor(t, snap, backup.NonDestructive, to)
			test.spoil(t, h, to)
			before := fmt.Sprint(h.sim.Tree(h.user), h.sim.Tree(carol))
			must(t, h.Run(t.Context(), m))
			j, err := h.Jobs.Job(t.Context(), m.Account, m.Job)
			must(t, err)
			if j.Status != backup.JobFailed || !strings.HasPrefix(j.Reason, test.want) || j.Target != "" {
				t.Errorf("%+v", j)
			}
			if after := fmt.Sprint(h.sim.Tree(h.user), h.sim.Tree(carol)); after != before {
				t.Errorf("before: %s\nafter: %s", before, after)
			}
		})
	}
}

// ofOneSecond orders two restores in the same second. Both died before they made
// their folder, which is to get the name.
func (h *house) ofOneSecond(t *testing.T, snap backup.SnapshotID) (one, two backup.JobMessage, name string) {
	t.Helper()
	begin := func() (m backup.JobMessage, name string) {
		m = h.ask(t, snap, backup.NonDestructive)
		j, err := h.Jobs.Job(t.Context(), m.Account, m.Job)
		must(t, err)
		must(t, h.Jobs.Record(t.Context(), j, job.Entry{Ref: backup.ItemRef{Kind: backup.Folder, ID: backup.RootFolder}, Outcome: job.Intended}))
		return m, "Restored by Coffer " + j.Created.UTC().Format("2006-01-02 15.04.05") + " UTC"
	}
	one, name = begin()
	two, same := begin()
	for same != name { // until both are of one second
		one, name = two, same
		two, same = begin()
	}
	return one, two, name
}

// One of the restores died before it made its folder, the other right after that.
func TestRestoresOfTheSameSecondShareNoFolder_C1(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 15})
	want := h.furnish(t, 5)
	snap := h.backUp(t)
	h.deleteAll(t)
	one, two, name := h.ofOneSecond(t, snap)
	folder, err := h.sim.CreateFolder(h.user, backup.RootFolder, name)
	must(t, err)
	j, err := h.Jobs.Lease(t.Context(), two.Account, two.Job, "dies")
	must(t, err)
	j.Target = folder
	_, err = h.Jobs.Renew(t.Context(), j)
	must(t, err)
	h.expire()
	first, second := h.finish(t, one), h.finish(t, two)
	if first.Target == second.Target {
		t.Fatalf("both restores have the folder %s", first.Target)
	}
	for _, j := range []job.Job{first, second} {
		nodes := h.sim.Tree(h.user)
		i := slices.IndexFunc(nodes, func(n boxsim.Node) bool { return n.ID == j.Target })
		if j.Status != backup.JobSucceeded || i < 0 {
			t.Fatalf("%+v", j)
		}
		wantTree(t, h.tree(nodes[i].Path), want)
	}
}

// One of the restores has ended in its own folder; the other died right after it
// had made one, before it could say so.
func TestRestoreTakesItsFolderBackBesideAnotherOfTheSameSecond_C1(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 15})
	h.furnish(t, 5)
	snap := h.backUp(t)
	h.deleteAll(t)
	one, two, name := h.ofOneSecond(t, snap)
	first := h.finish(t, one)
	folder, err := h.sim.CreateFolder(h.user, backup.RootFolder, name+" (restored)")
	must(t, err)
	if second := h.finish(t, two); second.Target != folder || second.Target == first.Target {
		t.Errorf("the second restore has the folder %s, want its own, %s; the first has %s", second.Target, folder, first.Target)
	}
}
