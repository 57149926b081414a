package archiver_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
	"coffer/shared/scanner"
	"coffer/shared/snapshot"
	"coffer/shared/task"
)

// enterprise is a house with several Box users whose task is scanned at slots.
type enterprise struct {
	*house
	scanner *scanner.Scanner
	rng     *rand.Rand
	users   []backup.BoxUserID // those backed up; the administrator is not
	away    backup.BoxUserID   // who has left for a while
	trashed []owned
	done    int // operations that Box accepted
}

// owned is an item and whose it was.
type owned struct {
	owner backup.BoxUserID
	ref   backup.ItemRef
}

// newEnterprise begins at noon, so that a few hours more are the same day, and
// has that share of its events come late.
func newEnterprise(t *testing.T, seed uint64, stragglers float64) *enterprise {
	t.Helper()
	h := newHouse(t, boxsim.Options{Seed: seed, EventLag: 12 * time.Second, Stragglers: stragglers})
	e := &enterprise{
		house: h, rng: rand.New(rand.NewPCG(seed, 17)), users: []backup.BoxUserID{h.user},
		scanner: &scanner.Scanner{Tasks: h.Tasks, Snapshots: h.Snapshots, Audit: h.Audit, Connections: h.conns, Runs: h.Runs},
	}
	now := e.Now().UTC()
	e.pass(now.Truncate(24 * time.Hour).Add(36 * time.Hour).Sub(now))
	acme, _ := h.sim.FindEnterprise("Acme")
	for _, name := range []string{"Cem", "Dua", "Eve"} {
		e.users = append(e.users, acme.AddUser(name, name+"@acme.example", boxsim.Member))
	}
	e.scan(t, time.Time{})
	for user, err := range h.Tasks.BoxUsers(t.Context(), h.task.Account, h.task.ID) {
		must(t, err)
		if user.ID == h.admin {
			must(t, h.Tasks.Pause(t.Context(), user))
		} else {
			must(t, h.Tasks.Activate(t.Context(), user))
		}
	}
	for _, user := range e.users {
		for i := range 3 {
			folder, err := h.sim.CreateFolder(user, backup.RootFolder, fmt.Sprintf("Folder %d", i))
			must(t, err)
			_, err = h.sim.Upload(user, folder, "file.txt", fmt.Appendf(nil, "%s %d", user, i))
			must(t, err)
		}
	}
	return e
}

func (e *enterprise) scan(t *testing.T, slot time.Time) {
	t.Helper()
	must(t, e.scanner.Scan(t.Context(), backup.ScanMessage{Account: e.task.Account, Task: e.task.ID, Slot: slot}))
}

// pass lets time pass for Box and for us.
func (e *enterprise) pass(d time.Duration) {
	e.sim.Advance(d)
	e.shift.Add(int64(d))
}

// slot scans and carries out every run that is asked for, in any order, until
// none is left.
func (e *enterprise) slot(t *testing.T) {
	t.Helper()
	e.pass(time.Minute) // what Box tells late has settled
	e.scan(t, e.Now())
	for range 100 {
		var asked []backup.RunMessage
		for user, err := range e.Tasks.BoxUsers(t.Context(), e.task.Account, e.task.ID) {
			must(t, err)
			if user.RunID != "" {
				asked = append(asked, user.Message())
			}
		}
		if len(asked) == 0 {
			return
		}
		e.rng.Shuffle(len(asked), func(i, j int) { asked[i], asked[j] = asked[j], asked[i] })
		for _, m := range asked {
			must(t, e.Run(t.Context(), m))
		}
	}
	t.Fatal("the runs of a slot do not come to rest")
}

// latest returns the newest snapshot of a Box user.
func (e *enterprise) latest(t *testing.T, user backup.BoxUserID) snapshot.Snapshot {
	t.Helper()
	row, err := e.Tasks.BoxUser(t.Context(), e.task.Account, e.task.ID, user)
	must(t, err)
	s, err := e.Snapshots.Snapshot(t.Context(), e.task.Account, e.task.ID, user, row.Snapshot)
	must(t, err)
	return s
}

// wantAllEqual compares the newest snapshot of every Box user with Box.
func (e *enterprise) wantAllEqual(t *testing.T) {
	t.Helper()
	for _, e.user = range e.users {
		if e.user == e.away {
			continue
		}
		row := e.row(t)
		row.Snapshot = row.LatestSealed()
		if row.Status != backup.Success {
			t.Errorf("%s is %s (%s), want Success", row.Name, row.Status, row.Reason)
		}
		if diff := cmp.Diff(e.own(t, row), e.source()); diff != "" {
			t.Errorf("snapshot and source of %s (%s) differ (-snapshot +source):\n%s", row.Name, row.ID, diff)
		}
	}
}

// call does as a user what only Box's API offers, and reports whether Box did.
func (e *enterprise) call(t *testing.T, as backup.BoxUserID, method, path string, body any) bool {
	t.Helper()
	text, err := json.Marshal(body)
	must(t, err)
	r := httptest.NewRequest(method, path, bytes.NewReader(text))
	r.Header.Set("Authorization", "Bearer "+e.sim.Token(as))
	w := httptest.NewRecorder()
	e.sim.ServeHTTP(w, r)
	return w.Code < http.StatusMultipleChoices
}

// act does one random thing in Box as one of the users, anywhere: what Box
// refuses did not happen.
func (e *enterprise) act(t *testing.T) {
	t.Helper()
	here := slices.DeleteFunc(slices.Clone(e.users), func(u backup.BoxUserID) bool { return u == e.away })
	someone := func() backup.BoxUserID { return here[e.rng.IntN(len(here))] }
	actor, owner, into := someone(), someone(), someone()
	if e.rng.IntN(3) > 0 {
		owner, into = actor, actor
	}
	tree, place := e.sim.Tree(owner), backup.RootFolder
	for _, n := range e.sim.Tree(into) {
		if n.Kind == backup.Folder && e.rng.IntN(3) == 0 {
			place = n.ID
		}
	}
	name := fmt.Sprintf("made %d", e.rng.Uint64())
	var pick boxsim.Node
	if len(tree) > 0 {
		pick = tree[e.rng.IntN(len(tree))]
	}
	var err error
	switch e.rng.IntN(14) {
	case 0:
		_, err = e.sim.Upload(actor, place, name, []byte(name))
	case 1:
		_, err = e.sim.CreateFolder(actor, place, name)
	case 2:
		_, err = e.sim.AddWebLink(actor, place, name, "https://example.com/")
	case 3:
		err = e.sim.NewVersion(actor, pick.ID, []byte(name))
	case 4:
		err = e.sim.Rename(actor, pick.ItemRef, name)
	case 5, 6:
		err = e.sim.Move(actor, pick.ItemRef, place)
	case 7:
		if err = e.sim.Delete(actor, pick.ItemRef); err == nil {
			e.trashed = append(e.trashed, owned{owner, pick.ItemRef})
		}
	case 8, 9:
		if len(e.trashed) > 0 {
			gone := e.trashed[e.rng.IntN(len(e.trashed))]
			err = e.sim.Restore(gone.owner, gone.ref)
			if err != nil && e.rng.IntN(4) == 0 {
				err = e.sim.Purge(gone.owner, gone.ref)
			}
		}
	case 10:
		err = e.sim.SetDescription(actor, pick.ItemRef, name)
	case 11:
		id, shared := e.sim.Collaborate(owner, pick.ItemRef, someone(), "editor")
		if err = shared; err == nil && e.rng.IntN(4) == 0 { // given away altogether
			e.call(t, owner, "PUT", "/2.0/collaborations/"+id, map[string]string{"role": "owner"})
		}
	case 12:
		if pick.Kind != backup.WebLink {
			e.call(t, actor, "POST", fmt.Sprintf("/2.0/%ss/%s/copy", pick.Kind, pick.ID), map[string]any{"parent": map[string]string{"id": place}, "name": name})
		}
	default:
		if e.rng.IntN(8) == 0 {
			e.call(t, e.admin, "PUT", "/2.0/users/"+string(owner)+"/folders/0", map[string]any{"owned_by": map[string]string{"id": string(into)}})
		}
	}
	if err == nil {
		e.done++
	}
}

// comeOrGo lets somebody leave the enterprise, or return to it.
func (e *enterprise) comeOrGo(t *testing.T) {
	t.Helper()
	if e.away == "" {
		e.away = e.users[e.rng.IntN(len(e.users))]
		e.sim.SetStatus(e.away, "inactive")
		return
	}
	e.sim.SetStatus(e.away, "active")
	e.scan(t, time.Time{})
	row, err := e.Tasks.BoxUser(t.Context(), e.task.Account, e.task.ID, e.away)
	must(t, err)
	if !row.Active {
		must(t, e.Tasks.Activate(t.Context(), row))
	}
	e.away = ""
}

// trouble is something that goes wrong with events before a slot, and until it.
func (e *enterprise) trouble() string {
	events := boxsim.Fault{Endpoint: "GET /2.0/events"}
	plan := func(kinds ...boxsim.Kind) { events.Kinds = kinds; e.sim.Fault(events) }
	switch e.rng.IntN(8) {
	case 0:
		events.User = e.admin
		plan(boxsim.Forbidden)
		return "the enterprise's stream is forbidden"
	case 1:
		events.User, events.Nth = e.admin, 1
		plan(boxsim.BadMarker)
		return "the position is refused"
	case 2, 3:
		events.Probability = 0.7
		plan(boxsim.Repeat, boxsim.Shuffle)
		return "events are repeated and in the wrong order"
	case 4:
		e.pass(16 * 24 * time.Hour)
		return "more time passed than the stream remembers"
	}
	return ""
}

// number is the value of an environment variable that sizes or varies a test.
func number(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}

// TestRandomHistoriesEqualTheSource_I8 lets several people work in Box, with
// what can go wrong with events, and compares everybody's snapshot with Box
// after each slot. COFFER_SEED begins with another seed, COFFER_SLOTS makes the
// history longer.
func TestRandomHistoriesEqualTheSource_I8(t *testing.T) {
	t.Parallel()
	first, slots := number("COFFER_SEED", 1), number("COFFER_SLOTS", 14)
	for seed := first; seed < first+2; seed++ {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			e := newEnterprise(t, uint64(seed), 0.1)
			methods := map[snapshot.Method]int{}
			for n := range slots {
				trouble := ""
				if n > 1 {
					trouble = e.trouble()
				}
				if n%3 != 2 {
					for range 1 + e.rng.IntN(25) {
						e.act(t)
					}
				}
				if e.rng.IntN(6) == 0 {
					e.comeOrGo(t)
				}
				e.slot(t)
				e.sim.ClearFaults()
				if e.sim.Stragglers() > 0 && n%3 != 2 { // what nobody told yet nobody knows
					e.pass(24 * time.Hour)
					continue
				}
				e.wantAllEqual(t)
				for _, user := range e.users {
					if user == e.away {
						continue
					}
					methods[e.latest(t, user).Method]++
				}
				if t.Failed() {
					t.Fatalf("seed %d, slot %d (%s), after %d operations", seed, n, trouble, e.done)
				}
				e.pass(24 * time.Hour)
			}
			t.Logf("seed %d: %d operations, snapshots by method: %v", seed, e.done, methods)
		})
	}
}

func TestDayWithoutChangesTakesNoCallOfAnyBoxUser_L2(t *testing.T) {
	t.Parallel()
	e := newEnterprise(t, 5, 0.1)
	e.slot(t)
	e.pass(2 * time.Hour)
	before := e.sim.Stats()
	e.slot(t)
	after := e.sim.Stats()
	for _, user := range e.users {
		if n := after.Users[user].Calls - before.Users[user].Calls; n != 0 {
			t.Errorf("%d calls as Box user %s, want none", n, user)
		}
		if s := e.latest(t, user); s.Same == "" || s.Method != snapshot.EnterpriseStream || s.Calls != 0 || s.Items == 0 {
			t.Errorf("snapshot of a day without changes: %+v", s)
		}
	}
	if n := after.Users[e.admin].Calls - before.Users[e.admin].Calls; n > 3 {
		t.Errorf("%d calls for the whole task, want the users' list and the end of the stream", n)
	}
	e.wantAllEqual(t)
	b, err := e.Tasks.Task(t.Context(), e.task.Account, e.task.ID)
	if must(t, err); b.Feed != task.EnterpriseFeed || b.FeedReason != "" {
		t.Errorf("feed %s (%s)", b.Feed, b.FeedReason)
	}
}
