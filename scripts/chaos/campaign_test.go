package chaos_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"coffer/scripts/demo"
	"coffer/shared/api/recovery"
	"coffer/shared/api/tasks"
	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
)

var (
	campaignSeed  = flag.Int("campaign.seed", 1, "the first campaign's seed")
	campaignSeeds = flag.Int("campaign.seeds", 1, "how many campaigns to play")
)

// crewSize is how many Box users a campaign has: two of each account that are
// backed up, and one of each that only gets what is restored.
const crewSize = 6

func crews() (names []string) {
	for seed := range *campaignSeeds {
		for i := range crewSize {
			names = append(names, crew(*campaignSeed+seed, i))
		}
	}
	return names
}

func crew(seed, i int) string { return fmt.Sprintf("Crew %d %d", seed, i) }

// A campaign backs up and restores Box users of two accounts while functions are
// killed and frozen beyond their leases, messages come again and out of order,
// every service fails in every way, clocks jump, pruning runs and people go on
// working in Box. When the faults have ended, all must be as if there had been
// none. See storm for what goes wrong and campaign.check for what must hold.
func TestCampaign(t *testing.T) {
	h := enter(t)
	tenants := []*house{h, h.second(t)}
	for seed := *campaignSeed; seed < *campaignSeed+*campaignSeeds; seed++ {
		begun := time.Now()
		c := &campaign{house: h, t: t, seed: seed, rng: rand.New(rand.NewPCG(uint64(seed), 9)), counts: map[string]int{}}
		ok := t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			c.t = t
			c.play(tenants)
		})
		t.Logf("seed %d: %s in %.1f s", seed, c.summary(), time.Since(begun).Seconds())
		if !ok {
			t.Fatalf("again with: go test ./scripts/chaos -run TestCampaign -campaign.seed %d -campaign.blows %d", seed, *blows)
		}
	}
}

// second brings another customer in, who connects the same enterprise as Bob.
func (h *house) second(t *testing.T) *house {
	t.Helper()
	other := &house{
		clock: h.clock, state: h.state, cloud: h.cloud, sim: h.sim, users: h.users, admin: "Bob",
		person: demo.Person{Email: "bob@elsewhere.example", Password: "correct horse battery staple", Name: "Bob", Company: "Elsewhere"},
	}
	if err := other.signUp(t.Context(), h.clock.portal); err != nil {
		t.Fatal(err)
	}
	return other
}

// campaign is one seed's.
type campaign struct {
	*house
	t       *testing.T
	seed    int
	rng     *rand.Rand
	members []*member // whose backup is played with
	counts  map[string]int
}

// member is a Box user of a campaign.
type member struct {
	*house // of the account
	id     backup.BoxUserID
	fresh  backup.BoxUserID // who gets what is restored
	runs   int              // that were asked for
	jobs   []recovery.Job
	wanted map[string][]demo.Entry // what snapshots had when restores of them were ordered
}

func (c *campaign) play(tenants []*house) {
	t := c.t
	for i := range 4 {
		tenant := tenants[i/2]
		c.members = append(c.members, &member{house: tenant, id: c.users[crew(c.seed, i)], fresh: c.users[crew(c.seed, 4+i/2)], wanted: map[string][]demo.Entry{}})
	}
	for i, m := range c.members {
		c.sim.PopulateUser(m.id, boxsim.Plan{Seed: uint64(c.seed*10 + i), Files: 8 + c.rng.IntN(25), Nasty: i == 0})
		for n := range 3 {
			id, err := c.sim.Upload(m.id, backup.RootFolder, c.canary()+fmt.Sprint(n), fmt.Appendf(nil, "%d %d %d", c.seed, i, n))
			if err == nil {
				err = c.sim.NewVersion(m.id, id, fmt.Appendf(nil, "later %d %d %d", c.seed, i, n))
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	c.storm(c.backUpAll)
	c.backUp(slices.DeleteFunc(slices.Clone(c.members), func(m *member) bool { // whom Box refused in the storm
		return m.user(t, m.task, m.id).Snapshot != ""
	}))
	c.storm(func() {
		c.backUpAll()
		for _, i := range []int{0, 1, 2, 3} {
			c.restore(c.members[i])
		}
	})
	c.check()
}

// canary is part of the names of files, for the logs to be searched for.
func (c *campaign) canary() string { return fmt.Sprintf("canary-%d-", c.seed) }

func (c *campaign) backUpAll() {
	for _, m := range c.members {
		c.weather.calm(func() { m.request(c.t, m.task, m.id) })
		m.runs++
	}
}

// backUp backs members up with nobody in the way.
func (c *campaign) backUp(members []*member) {
	for _, m := range members {
		m.request(c.t, m.task, m.id)
		m.runs++
	}
	for _, m := range members {
		if u := m.finished(c.t, m.task, m.id); u.Status != backup.Success {
			c.t.Fatalf("a backup without faults ended %s: %s", u.Status, u.Reason)
		}
	}
}

// restore orders all that the member's snapshot has into the fresh Box user.
func (c *campaign) restore(m *member) {
	var j recovery.Job
	c.weather.calm(func() {
		u := m.user(c.t, m.task, m.id)
		var err error
		if m.wanted[u.Snapshot], err = m.portal.Browse(c.t.Context(), m.task, string(m.id), u.Snapshot); err != nil {
			c.t.Fatal(err)
		}
		m.call(c.t, http.MethodPost, "/api/jobs", recovery.NewJob{
			Task: backup.TaskID(m.task), User: m.id, Snapshot: backup.SnapshotID(u.Snapshot), All: true, Mode: backup.NonDestructive,
			Destination: &recovery.NewDestination{User: m.fresh}, Label: fmt.Sprint("seed ", c.seed),
		}, &j)
	})
	m.jobs = append(m.jobs, j)
}

func (m *member) job(t *testing.T, id string) (j recovery.Job) {
	t.Helper()
	m.call(t, http.MethodGet, "/api/jobs/"+id, nil, &j)
	return j
}

// check fails the test where the storms have left a trace.
func (c *campaign) check() {
	t := c.t
	for _, m := range c.members {
		u := m.user(t, m.task, m.id)
		if final := u.Status == backup.Success || u.Status == backup.Partial || u.Status == backup.Failed; !final || (u.Status != backup.Success) != (u.Reason != "") {
			t.Errorf("after the storms %s is %s: %q", m.id, u.Status, u.Reason)
		}
		m.nothingIsHeld(t, m.id)
		c.checkSnapshots(m)
		for _, j := range m.jobs {
			c.checkRestore(m, m.job(t, j.ID))
		}
	}
	c.backUp(c.members)
	for _, m := range c.members {
		m.equalsBox(t, m.task, m.id, m.user(t, m.task, m.id).Snapshot)
		if told := slices.DeleteFunc(m.activities(t, m.id), func(a tasks.Activity) bool { return a.Kind != "Backup" }); len(told) != m.runs {
			t.Errorf("%d activities tell of %d runs of %s: %+v", len(told), m.runs, m.id, told)
		}
	}
	for _, m := range []*member{c.members[0], c.members[2]} {
		m.jobs = nil
		c.restore(m)
	}
	for _, m := range []*member{c.members[0], c.members[2]} {
		m.contentsAreStored(t, m.task, m.id)
		c.checkTwin(m)
	}
	if n := c.dead(t); n > 0 {
		t.Errorf("%d messages are in dead-letter queues", n)
	}
	c.noUploadIsUnfinished()
	for _, line := range c.record.told(c.canary(), "correct horse", c.person.Email) {
		t.Errorf("the log tells %s", line)
	}
}

// checkSnapshots fails the test unless every snapshot is whole, or Partial with
// as many failures as it says.
func (c *campaign) checkSnapshots(m *member) {
	list := m.snapshots(c.t, m.task, m.id)
	for _, s := range list {
		items, err := m.portal.Browse(c.t.Context(), m.task, string(m.id), s.ID)
		if err != nil {
			c.t.Errorf("snapshot %s of %s: %v", s.ID, m.id, err)
			continue
		}
		failures := m.failures(c.t, m.task, m.id, s.ID)
		incomplete := 0
		for _, i := range items {
			if strings.Contains(i.SHA1, " ") { // see demo.Browse
				incomplete++
			}
		}
		if want := s.Status == backup.Partial; want != (len(failures) > 0) || int64(len(failures)) != s.Failed || incomplete > len(failures) {
			c.t.Errorf("snapshot %s is %s with %d failures, lists %d, and has %d incomplete items", s.ID, s.Status, s.Failed, len(failures), incomplete)
		}
		if int64(len(items)) != s.Items {
			c.t.Errorf("snapshot %s says that it has %d items and shows %d", s.ID, s.Items, len(items))
		}
	}
}

// checkRestore compares what a restore under faults has made with its snapshot.
func (c *campaign) checkRestore(m *member, j recovery.Job) {
	t := c.t
	if !j.Status.Final() || (j.Status == backup.JobSucceeded) != (j.Failed == 0 && j.Reason == "") {
		t.Errorf("restore %s ended %s: %q with %d failures", j.ID, j.Status, j.Reason, j.Failed)
	}
	want, err := m.portal.Browse(t.Context(), m.task, string(m.id), j.Snapshot)
	if err != nil {
		t.Fatal(err)
	}
	if diff := demo.Differences(m.wanted[j.Snapshot], want); len(diff) > 0 {
		t.Errorf("the snapshot %s has changed: %s", j.Snapshot, strings.Join(diff, "\n"))
	}
	left := map[string]string{}
	for _, e := range want {
		left[string(e.Ref.Kind)+" "+e.Path] = e.SHA1
	}
	for _, e := range c.restored(m, j) {
		key := string(e.Ref.Kind) + " " + e.Path
		if sum, ok := left[key]; !ok || sum != e.SHA1 {
			t.Errorf("restore %s made %s %s, which the snapshot has as %q; its ledger says %+v", j.ID, key, e.SHA1, sum, m.ledger(t, j, e.Ref.ID))
		}
		delete(left, key)
	}
	if j.Status == backup.JobSucceeded && len(left) > 0 {
		t.Errorf("restore %s into %s succeeded and lacks %d items of the snapshot:", j.ID, j.Target, len(left))
		at := map[string]string{}
		for _, n := range c.sim.Tree(m.fresh) {
			at[n.ID] = n.Path
		}
		for _, i := range m.ledger(t, j, "") {
			t.Errorf("the ledger has %s %q %s as %s %s, at %q", i.Kind, i.Name, i.Outcome, i.BoxID, i.Reason, at[i.BoxID])
		}
		for _, e := range want {
			if _, lacks := left[string(e.Ref.Kind)+" "+e.Path]; lacks {
				t.Errorf("lacks %s %q", e.Ref, e.Path)
			}
		}
	}
}

// ledger is what the ledger of a restore says of what has this id at Box, or of
// all, and of what failed.
func (m *member) ledger(t *testing.T, j recovery.Job, id string) []recovery.JobItem {
	t.Helper()
	items, err := demo.All[recovery.JobItem](t.Context(), m.portal, "/api/jobs/"+j.ID+"/items")
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(items, func(i recovery.JobItem) bool { return id != "" && i.BoxID != id && i.Outcome != "failed" })
}

// restored is what is in the folder that a restore has made.
func (c *campaign) restored(m *member, j recovery.Job) []demo.Entry {
	all := c.sim.Tree(m.fresh)
	top := slices.IndexFunc(all, func(n boxsim.Node) bool { return n.ID == j.Target })
	if top < 0 {
		if j.Target != "" || j.Status == backup.JobSucceeded && j.Total > 0 {
			c.t.Errorf("the folder %q of restore %s is not there", j.Target, j.ID)
		}
		return nil
	}
	prefix := all[top].Path + "/"
	return demo.Entries(slices.DeleteFunc(all, func(n boxsim.Node) bool { return !strings.HasPrefix(n.Path, prefix) }), prefix)
}

// checkTwin waits for the restore of the member's newest snapshot, with nobody
// in the way, and compares what comes back with the source itself: names,
// contents and times.
func (c *campaign) checkTwin(m *member) {
	t := c.t
	eventually(t, "the restore has ended", func() bool { return m.job(t, m.jobs[0].ID).Status.Final() })
	j := m.job(t, m.jobs[0].ID)
	if j.Status != backup.JobSucceeded {
		t.Errorf("the restore without faults ended %s: %s", j.Status, j.Reason)
	}
	top := ""
	var got []twin
	for _, n := range c.sim.Tree(m.fresh) {
		if n.ID == j.Target {
			top = n.Path
		}
		if top != "" && strings.HasPrefix(n.Path, top+"/") {
			got = append(got, twinOf(n, top))
		}
	}
	var want []twin
	for _, n := range c.sim.Tree(m.id) {
		want = append(want, twinOf(n, ""))
	}
	if diff := cmp.Diff(got, want, cmpopts.SortSlices(func(a, b twin) bool { return a.Path < b.Path })); diff != "" {
		t.Errorf("restored and source (-got +want):\n%s", diff)
	}
}

// twin is what is the same of an item and of the one restored from it.
type twin struct {
	Kind                   backup.ItemKind
	Path, SHA1, URL, About string
	Created, Modified      time.Time
}

func twinOf(n boxsim.Node, top string) twin {
	w := twin{Kind: n.Kind, Path: strings.TrimPrefix(n.Path, top), URL: n.URL, About: n.Description}
	if n.Kind == backup.File {
		w.SHA1, w.Created, w.Modified = n.Content.SHA1.String(), n.ContentCreated.Truncate(time.Second), n.ContentModified.Truncate(time.Second)
	}
	return w
}

func (c *campaign) summary() string {
	var parts []string
	for _, what := range slices.Sorted(func(yield func(string) bool) {
		for what := range c.counts {
			if !yield(what) {
				return
			}
		}
	}) {
		parts = append(parts, fmt.Sprintf("%d %s", c.counts[what], what))
	}
	return strings.Join(parts, ", ")
}
