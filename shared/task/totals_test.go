package task_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/guregu/dynamo/v2"
	"golang.org/x/sync/errgroup"

	"coffer/scripts/local/localtest"
	"coffer/shared/backup"
	"coffer/shared/task"
)

// staff is a task with Box users 0, 1, … beside those whom a test makes.
type staff struct {
	*testing.T
	*task.Table
	raw   dynamo.Table
	task  task.Task
	clock *clock
}

// many is more Box users than are added up whenever somebody asks.
const many = 501

func newStaff(t *testing.T, n int, calls ...*calls) *staff {
	t.Helper()
	cloud := localtest.Start(t)
	name := cloud.Table(t, localtest.Due)
	cfg := cloud.AWS.Copy()
	for _, c := range calls {
		cfg.HTTPClient = c
	}
	w := &staff{T: t, Table: task.New(cfg, name), raw: dynamo.New(cloud.AWS).Table(name), clock: &clock{}}
	w.clock.ms.Store(1_790_000_000_000)
	w.Now = w.clock.now
	w.task = task.Task{Account: "acme", ID: "files", Frequency: task.Daily, Created: w.clock.now()}
	w.ok(w.Create(t.Context(), w.task))
	group, ctx := errgroup.WithContext(t.Context())
	group.SetLimit(16)
	for i := range n {
		group.Go(func() error {
			_, err := w.Discovered(ctx, w.user(fmt.Sprint(i)), i%3 == 0)
			return err
		})
	}
	w.ok(group.Wait())
	return w
}

func (w *staff) user(id string) task.BoxUser {
	return task.BoxUser{Account: w.task.Account, Task: w.task.ID, ID: backup.BoxUserID(id), Name: "User " + id}
}

func (w *staff) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// row is a Box user as it is stored.
func (w *staff) row(id string) task.BoxUser {
	w.Helper()
	u, err := w.BoxUser(w.Context(), w.task.Account, w.task.ID, backup.BoxUserID(id))
	w.ok(err)
	return u
}

// totals are what somebody sees who looks, and whether that one is to ask for a
// count.
func (w *staff) totals() (task.Totals, bool) {
	w.Helper()
	got, ask, err := w.Totals(w.Context(), w.task)
	w.ok(err)
	return got, ask
}

func (w *staff) count() {
	w.Helper()
	w.ok(w.Count(w.Context(), w.task.Account, w.task.ID))
}

// want adds the rows up as they are.
func (w *staff) want() task.Totals {
	w.Helper()
	want := task.Totals{ByStatus: map[backup.Status]int{}, ByTag: map[backup.TagID]int{}}
	one := map[bool]int{true: 1}
	for u, err := range w.BoxUsers(w.Context(), w.task.Account, w.task.ID) {
		w.ok(err)
		want.Rows++
		gone := !u.Deleted.IsZero()
		want.Deleted += one[gone && w.clock.now().Before(u.Deleted.Add(task.Grace))]
		if gone {
			continue
		}
		want.Total++
		want.Active += one[u.Active]
		want.Archived += one[!u.Archived.IsZero()]
		want.Items, want.Size = want.Items+u.Items, want.Size+u.Size
		if u.Tagged(backup.LimitedAccess) {
			want.LimitedItems, want.LimitedSize = want.LimitedItems+u.Items, want.LimitedSize+u.Size
		}
		if u.LastBackup.After(want.LastBackup) {
			want.LastBackup = u.LastBackup
		}
		want.ByStatus[u.Status]++
		for _, tag := range u.Tags {
			want.ByTag[tag]++
		}
	}
	return want
}

// begin requests a run of the Box user and takes its lease.
func (w *staff) begin(id string) task.BoxUser {
	w.Helper()
	u, err := w.Request(w.Context(), w.row(id), time.Time{})
	w.ok(err)
	u, err = w.Lease(w.Context(), u.Message(), "worker")
	w.ok(err)
	return u
}

func (w *staff) transaction() *dynamo.WriteTx { return dynamo.New(localtest.Start(w).AWS).WriteTx() }

// TestTotalsAreRightAfterEveryChange_L3 changes Box users in every way there is,
// and tells nobody of it. Of a few the totals are right at once, of many after a
// rest and a count.
func TestTotalsAreRightAfterEveryChange_L3(t *testing.T) {
	t.Parallel()
	for name, n := range map[string]int{"few": 4, "many": many} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newStaff(t, n)
			ctx, last := t.Context(), task.Totals{}
			u := w.user("a")
			discovered := func() error { _, err := w.Discovered(ctx, u, false); return err }
			for _, step := range []struct {
				name   string
				change func() error
			}{
				{"discovered", discovered},
				{"activated", func() error { return w.Activate(ctx, u) }},
				{"paused", func() error { return w.Pause(ctx, u) }},
				{"requested", func() error { _, err := w.Request(ctx, w.row("a"), time.Time{}); return err }},
				{"cancelled", func() error { return w.Cancel(ctx, w.row("a")) }},
				{"in process", func() error { w.begin("a"); return nil }},
				{"failed", func() error { return w.End(ctx, w.row("a"), backup.Failed, "No.") }},
				{"sealed", func() error {
					run, tx := w.begin("a"), w.transaction()
					w.Seal(run, task.Sealed{Status: backup.Partial, At: w.clock.now(), Items: 7, Size: 1 << 40, Catalog: []byte("{}")})(tx)
					return tx.Run(ctx)
				}},
				{"activated again", func() error { return w.Activate(ctx, u) }},
				{"unchanged", func() error {
					tx := w.transaction()
					w.Unchanged(w.row("a"), "s2", w.clock.now(), w.clock.now())(tx)
					return tx.Run(ctx)
				}},
				{"tagged", func() error { return w.Tag(ctx, u, []backup.TagID{"t", backup.LimitedAccess}, nil) }},
				{"untagged", func() error { return w.Tag(ctx, u, nil, []backup.TagID{"t"}) }},
				{"deleted", func() error { return w.Delete(ctx, u) }},
				{"undeleted", func() error { return w.Undelete(ctx, u) }},
				{"archived", func() error { return w.Archive(ctx, u) }},
				{"returned", func() error { return w.Return(ctx, w.row("a"), false) }},
				{"deleted again", func() error { return w.Delete(ctx, u) }},
				{"grace has ended", func() error { w.clock.advance(task.Grace); return nil }},
				{"erased", func() error {
					if err := w.Purge(ctx, w.row("a")); err != nil {
						return err
					}
					return w.Erased(ctx, w.row("a"))
				}},
				{"forgotten", func() error { return w.Forget(ctx, u) }},
			} {
				w.ok(step.change())
				w.clock.advance(10 * time.Second)
				got, ask := w.totals()
				if n == many && step.name != "discovered" { // which was the first time that somebody looked
					if !ask || !got.Outdated {
						t.Errorf("%s: outdated %t, ask %t after the rest", step.name, got.Outdated, ask)
					}
					w.count()
					got, ask = w.totals()
				}
				if diff := cmp.Diff(got, w.want()); diff != "" || ask {
					t.Errorf("%s: ask %t, totals (-got +want):\n%s", step.name, ask, diff)
				}
				if cmp.Equal(got, last) {
					t.Errorf("%s changed nothing of %+v", step.name, got)
				}
				last = got
			}
		})
	}
}

// calls counts what is asked of DynamoDB.
type calls struct {
	mu   sync.Mutex
	seen map[string]int
}

func (c *calls) Do(r *http.Request) (*http.Response, error) {
	_, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	c.mu.Lock()
	c.seen[action]++
	c.mu.Unlock()
	return http.DefaultClient.Do(r)
}

// TestManyBoxUsersAreNotReadByThoseWhoLook_L3_L5 has fifty people look at the
// same time at totals that are outdated. One of them asks for a count, and where
// that gets lost, somebody else does.
func TestManyBoxUsersAreNotReadByThoseWhoLook_L3_L5(t *testing.T) {
	t.Parallel()
	seen := &calls{seen: map[string]int{}}
	w := newStaff(t, many, seen)
	w.totals() // the first counts
	look := func() int {
		seen.seen = map[string]int{}
		var asked atomic.Int64
		group, ctx := errgroup.WithContext(t.Context())
		for range 50 {
			group.Go(func() error {
				_, ask, err := w.Totals(ctx, w.task)
				if ask {
					asked.Add(1)
				}
				return err
			})
		}
		w.ok(group.Wait())
		if seen.seen["GetItem"] != 50 || seen.seen["Query"] > 0 {
			t.Errorf("calls %v", seen.seen)
		}
		return int(asked.Load())
	}
	for _, step := range []struct {
		after time.Duration
		want  int
	}{{9 * time.Second, 0}, {time.Second, 1}, {59 * time.Second, 0}, {time.Second, 1}, {time.Second, 0}} {
		w.clock.advance(step.after)
		if asked := look(); asked != step.want {
			t.Errorf("%s later %d ask, want %d", step.after, asked, step.want)
		}
	}
	w.count()
	if got, ask := w.totals(); got.Outdated || ask {
		t.Errorf("outdated %t, ask %t after the count", got.Outdated, ask)
	}
}

// TestSupportLooksWithoutStoring_B10 is about a task that nobody has looked at
// before, and again when its totals are old: support may write neither.
func TestSupportLooksWithoutStoring_B10(t *testing.T) {
	t.Parallel()
	seen := &calls{seen: map[string]int{}}
	w := newStaff(t, many, seen)
	for _, step := range []struct {
		name string
		do   func()
		adds bool
	}{
		{"before anybody looked", func() {}, true},
		{"after somebody looked", func() { w.totals() }, false},
		{"long after", func() { w.clock.advance(time.Hour) }, true},
	} {
		step.do()
		seen.seen = map[string]int{}
		got, err := w.TotalsUnstored(t.Context(), w.task)
		w.ok(err)
		added := seen.seen["Query"] > 0
		delete(seen.seen, "GetItem")
		delete(seen.seen, "Query")
		if added != step.adds || len(seen.seen) > 0 {
			t.Errorf("%s: added up: %t; calls that write: %v", step.name, added, seen.seen)
		}
		if diff := cmp.Diff(got, w.want()); diff != "" {
			t.Errorf("%s: totals (-got +want):\n%s", step.name, diff)
		}
	}
}

// TestChangeDuringACountIsCountedSoon changes a Box user when a count has begun.
func TestChangeDuringACountIsCountedSoon(t *testing.T) {
	t.Parallel()
	w := newStaff(t, many)
	w.totals()
	changing := false
	w.Now = func() time.Time {
		if changing { // a count has begun
			changing = false
			w.ok(w.Pause(t.Context(), w.user("0")))
			w.ok(w.Changed(t.Context(), w.task.Account, w.task.ID))
		}
		return w.clock.now()
	}
	w.clock.advance(time.Minute)
	changing = true
	w.count()
	if got, ask := w.totals(); ask || !got.Outdated {
		t.Errorf("without any rest: outdated %t, a count is asked for: %t", got.Outdated, ask)
	}
	w.clock.advance(time.Second)
	if _, ask := w.totals(); !ask {
		t.Error("no count is asked for after a change")
	}
	w.count()
	w.clock.advance(time.Second)
	got, ask := w.totals()
	if diff := cmp.Diff(got, w.want(), cmpopts.IgnoreFields(task.Totals{}, "Outdated")); diff != "" || ask || got.Outdated {
		t.Errorf("outdated %t, ask %t (-got +want):\n%s", got.Outdated, ask, diff)
	}
}

// TestTotalsRestTheLongerTheMoreTheyAre keeps the price of looking at a task the
// same, however many Box users it has.
func TestTotalsRestTheLongerTheMoreTheyAre(t *testing.T) {
	t.Parallel()
	w := newStaff(t, many)
	w.totals()
	w.ok(w.raw.Update("PK", "acme#files").Range("SK", "TOTALS").SetExpr("'Totals'.'Rows' = ?", 100_000).Run(t.Context()))
	for _, step := range []struct {
		after   time.Duration
		changed bool
		want    bool
	}{{199 * time.Second, false, false}, {time.Second, false, true}, {19 * time.Second, true, false}, {time.Second, false, true}} {
		if step.changed {
			w.count()
			w.ok(w.raw.Update("PK", "acme#files").Range("SK", "TOTALS").SetExpr("'Totals'.'Rows' = ?", 100_000).Run(t.Context()))
			w.ok(w.Changed(t.Context(), w.task.Account, w.task.ID))
		}
		w.clock.advance(step.after)
		if _, ask := w.totals(); ask != step.want {
			t.Errorf("ask %t after %s", ask, step.after)
		}
	}
}

// TestEveryBoxUserIsReadOnce_L3 reads more than one query does, from the first on
// and from one on, and some by their ids.
func TestEveryBoxUserIsReadOnce_L3(t *testing.T) {
	t.Parallel()
	const n = 2005
	w := newStaff(t, n)
	want := make([]backup.BoxUserID, n)
	for i := range n {
		want[i] = backup.BoxUserID(fmt.Sprint(i))
	}
	slices.Sort(want)
	for _, from := range []int{0, 1, n - 1, n} {
		after := backup.BoxUserID("")
		if from > 0 {
			after = want[from-1]
		}
		var got []backup.BoxUserID
		for u, err := range w.BoxUsersAfter(t.Context(), w.task.Account, w.task.ID, after) {
			w.ok(err)
			got = append(got, u.ID)
		}
		if !slices.Equal(got, want[from:]) {
			t.Errorf("%d Box users from %d on, want %d", len(got), from, n-from)
		}
	}
	var got []backup.BoxUserID
	users, err := w.Named(t.Context(), w.task.Account, w.task.ID, append([]backup.BoxUserID{"nobody", want[7]}, want[:150]...))
	w.ok(err)
	for _, u := range users {
		got = append(got, u.ID)
	}
	if !slices.Equal(got, want[:150]) {
		t.Errorf("by id %v", got)
	}
	if users, err := w.Named(t.Context(), "eve", w.task.ID, want[:3]); err != nil || len(users) != 0 {
		t.Errorf("under another account %v, %v", users, err)
	}
}

// TestCountLeavesNothingOfWhatIsGone_T3_D1 counts tasks that are deleted, being
// removed and gone, and one under another account.
func TestCountLeavesNothingOfWhatIsGone_T3_D1(t *testing.T) {
	t.Parallel()
	w := newStaff(t, many)
	w.totals()
	rows := func(pk string) int {
		n, err := w.raw.Get("PK", pk).Count(t.Context())
		w.ok(err)
		return n
	}
	w.ok(w.Count(t.Context(), "eve", "files"))
	if n := rows("eve#files"); n != 0 {
		t.Errorf("%d rows under another account", n)
	}
	var err error
	w.task, err = w.DeleteTask(t.Context(), w.task.Account, w.task.ID)
	w.ok(err)
	w.clock.advance(time.Hour)
	if got, ask := w.totals(); ask || got.Outdated || got.Total != many {
		t.Errorf("deleted: ask %t, %+v", ask, got)
	}
	var totals dynamo.Item
	w.ok(w.raw.Delete("PK", "acme#files").Range("SK", "TOTALS").OldValue(t.Context(), &totals)) // as a removal does first
	before := rows("acme#files")
	w.count()
	if n := rows("acme#files"); n != before {
		t.Errorf("%d rows of a deleted task that had %d", n, before)
	}
	w.ok(w.raw.Put(totals).Run(t.Context()))
	w.ok(w.PurgeTask(t.Context(), w.task))
	_, err = w.ErasedTask(t.Context(), w.task)
	w.ok(err)
	w.count()
	w.ok(w.Changed(t.Context(), w.task.Account, w.task.ID))
	if n := rows("acme#files"); n != 0 {
		t.Errorf("%d rows are left", n)
	}
}

// BenchmarkTotals looks at a task of 20,000 Box users: at its stored totals, and
// at each row, as a count does.
func BenchmarkTotals(b *testing.B) {
	cloud := localtest.Start(b)
	table := task.New(cloud.AWS, cloud.Table(b, localtest.Due))
	of := task.Task{Account: "acme", ID: "files", Created: time.Now()}
	if err := table.Create(b.Context(), of); err != nil {
		b.Fatal(err)
	}
	group, ctx := errgroup.WithContext(b.Context())
	group.SetLimit(16)
	for i := range 20_000 {
		group.Go(func() error {
			_, err := table.Discovered(ctx, task.BoxUser{
				Account: "acme", Task: "files", ID: backup.BoxUserID(fmt.Sprint(20_000_000_000 + i)), Name: fmt.Sprint("Some Body ", i),
				Login: fmt.Sprintf("some.body.%d@acme.example", i), BoxStatus: "active",
			}, true)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		b.Fatal(err)
	}
	for name, look := range map[string]func() error{
		"walked": func() error {
			for _, err := range table.BoxUsers(b.Context(), "acme", "files") {
				if err != nil {
					return err
				}
			}
			return nil
		},
		"counted": func() error { return table.Count(b.Context(), "acme", "files") },
		"looked":  func() error { _, _, err := table.Totals(b.Context(), of); return err },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := look(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
