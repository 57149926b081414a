package archiver_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
	"coffer/shared/catalog"
)

// storm changes things in Box at the calls of a backup, and remembers how every
// item was in between.
type storm struct {
	*house
	mu      sync.Mutex
	rng     *rand.Rand
	left    int // changes to come
	done    []string
	trashed []backup.ItemRef
	were    map[backup.ItemRef]map[string]bool // how each item was at any time
	always  map[backup.ItemRef]string          // those that were there all the time: their names
}

// like describes how an item is: everything that a snapshot may only take
// together from one moment.
func like(parent, name, description, url, version string, c backup.Content) string {
	return fmt.Sprintf("%q in %s, %q %q, version %s %s %d", name, parent, description, url, version, c.SHA1, c.Size)
}

func (s *storm) begin(rng *rand.Rand, changes int) {
	s.rng, s.left, s.done = rng, changes, nil
	s.were, s.always = map[backup.ItemRef]map[string]bool{}, nil
	s.remember()
}

// remember notes how everything is now.
func (s *storm) remember() {
	now := map[backup.ItemRef]string{}
	for _, n := range s.sim.Tree(s.user) {
		if s.were[n.ItemRef] == nil {
			s.were[n.ItemRef] = map[string]bool{}
		}
		s.were[n.ItemRef][like(n.Parent, n.Name, n.Description, n.URL, n.VersionID, n.Content)] = true
		now[n.ItemRef] = n.Name
	}
	if s.always == nil {
		s.always = now
		return
	}
	for ref := range s.always {
		if _, there := now[ref]; !there {
			delete(s.always, ref)
		}
	}
}

// blow changes something, if anything is left to change.
func (s *storm) blow() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.left == 0 {
		return
	}
	s.left--
	tree := s.sim.Tree(s.user)
	pick, place := tree[s.rng.IntN(len(tree))], backup.RootFolder
	if other := tree[s.rng.IntN(len(tree))]; other.Kind == backup.Folder {
		place = other.ID
	}
	name := fmt.Sprintf("blown %d", s.rng.Uint64())
	what, err := "", error(nil)
	switch s.rng.IntN(10) {
	case 0, 1:
		what, err = "rename", s.sim.Rename(s.user, pick.ItemRef, name)
	case 2, 3, 4:
		what, err = "move", s.sim.Move(s.user, pick.ItemRef, place)
	case 5:
		what = "replace"
		if err = s.sim.Delete(s.user, pick.ItemRef); err == nil {
			_, err = s.sim.Upload(s.user, pick.Parent, pick.Name, []byte(name))
		}
	case 6:
		what = "delete"
		if err = s.sim.Delete(s.user, pick.ItemRef); err == nil {
			s.trashed = append(s.trashed, pick.ItemRef)
		}
	case 7:
		if len(s.trashed) > 0 {
			what, err = "restore", s.sim.Restore(s.user, s.trashed[s.rng.IntN(len(s.trashed))])
		}
	case 8:
		what = "edit"
		if pick.Kind == backup.File {
			err = s.sim.NewVersion(s.user, pick.ID, []byte(name))
		}
	default:
		what = "edit two, move one"
		if pick.Kind == backup.File {
			err = s.sim.NewVersion(s.user, pick.ID, []byte(name))
		}
		if err == nil {
			s.remember()
			err = s.sim.Move(s.user, pick.ItemRef, place)
		}
	}
	if err == nil {
		s.done = append(s.done, fmt.Sprintf("%s %s (%s)", what, pick.ItemRef, pick.Path))
	}
	s.remember()
}

// moments are the calls during which something may change.
var moments = []string{
	"GET /2.0/folders/*/items", "GET /2.0/folders/*/items", "GET /2.0/events", "GET /2.0/folders/*", "GET /2.0/files/*",
	"GET /2.0/files/*/content", "POST /2.0/zip_downloads", "GET /zip/*/content", "seal", "store",
}

// plan lets the storm blow at some of the calls, or the writes to the store.
func (s *storm) plan() {
	for range 1 + s.rng.IntN(3) {
		moment, chance := moments[s.rng.IntN(len(moments))], s.rng.Float64()
		prefix := map[string]string{"seal": "/catalogs/", "store": "/packs/"}[moment]
		if prefix == "" {
			s.sim.Fault(boxsim.Fault{Endpoint: moment, Kinds: []boxsim.Kind{boxsim.Late}, Probability: chance, Do: s.blow, Seed: s.rng.Uint64()})
			continue
		}
		s.puts.Store(func(r *http.Request) {
			if strings.Contains(r.URL.Path, prefix) {
				s.blow()
			}
		})
	}
}

// calm ends the plan.
func (s *storm) calm() {
	s.sim.ClearFaults()
	s.puts.Store(func(*http.Request) {})
}

// wantTrue compares the newest snapshot with how things were at any time during
// the backup.
func (s *storm) wantTrue(t *testing.T) {
	t.Helper()
	row := s.row(t)
	if row.Status != backup.Success {
		t.Errorf("status %s (%s), want Success", row.Status, row.Reason)
	}
	c := s.catalog(t, row)
	defer c.Close()
	rest := s.always
	must(t, c.Walk(t.Context(), row.Snapshot, backup.ItemRef{Kind: backup.Folder, ID: backup.RootFolder}, func(it catalog.Item) error {
		if it.ID == backup.RootFolder {
			return nil
		}
		if is := like(it.Parent, it.Name, it.Description, it.URL, it.VersionID, it.Content); !s.were[it.ItemRef][is] {
			t.Errorf("%s is %s in the snapshot, and was never so; it was %v", it.ItemRef, is, s.were[it.ItemRef])
		}
		delete(rest, it.ItemRef)
		return nil
	}))
	for ref, name := range rest {
		t.Errorf("%s (%q) is missing although it was there all the time", ref, name)
	}
}

// TestChangesDuringABackupTearNothing_I8 changes things in Box between any two
// calls of a backup, first ones and later ones. COFFER_SEED begins with another
// seed, COFFER_INTERLEAVINGS is the number of backups.
func TestChangesDuringABackupTearNothing_I8(t *testing.T) {
	t.Parallel()
	seed, interleavings := uint64(number("COFFER_SEED", 1)), number("COFFER_INTERLEAVINGS", 40)
	var s *storm
	blown := 0
	for n := range interleavings {
		if n%20 == 0 { // a first backup
			h := newHouse(t, boxsim.Options{Seed: seed + uint64(n), PageSize: 7})
			s = &storm{house: h}
			s.settle(t, rand.New(rand.NewPCG(seed, uint64(n))))
		}
		s.begin(rand.New(rand.NewPCG(seed, uint64(n))), 1+n%12)
		if n%20 > 0 {
			s.left *= 2
			for range 3 + s.left/2 { // something to look at
				s.blow()
			}
			s.always, s.were = nil, map[backup.ItemRef]map[string]bool{}
			s.remember()
		}
		before := len(s.done)
		s.plan()
		s.backUp(t)
		s.calm()
		blown += len(s.done) - before
		s.wantTrue(t)
		if n%20 == 0 {
			s.shift.Add(int64(25 * time.Hour))
			s.sim.Advance(25 * time.Hour)
		}
		s.backUp(t)
		row := s.row(t)
		if diff := cmp.Diff(s.snapshot(t, row), s.source()); diff != "" {
			t.Errorf("the next quiet backup differs from Box (-snapshot +source):\n%s", diff)
		}
		if t.Failed() {
			t.Fatalf("seed %d, interleaving %d; changes before %q, during %q", seed, n, s.done[:before], s.done[before:])
		}
		if n%20 == 19 {
			s.wantVaultWhole(t)
		}
	}
	t.Logf("seed %d: %d changes during %d backups", seed, blown, interleavings)
	if blown < interleavings {
		t.Errorf("%d changes happened during %d backups, want more", blown, interleavings)
	}
}

// settle gives the Box user some 60 items in several pages and folders.
func (s *storm) settle(t *testing.T, rng *rand.Rand) {
	t.Helper()
	folders := []string{backup.RootFolder}
	for i := range 12 {
		id, err := s.sim.CreateFolder(s.user, folders[rng.IntN(len(folders))], fmt.Sprintf("Folder %d", i))
		must(t, err)
		folders = append(folders, id)
	}
	for i := range 50 {
		_, err := s.sim.Upload(s.user, folders[rng.IntN(len(folders))], fmt.Sprintf("File %d.txt", i), fmt.Appendf(nil, "content %d", i%40))
		must(t, err)
	}
}
