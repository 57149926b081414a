package archiver_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"coffer/scripts/local/fault"
	"coffer/scripts/local/localtest"
	"coffer/shared/archiver"
	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
	"coffer/shared/content"
	"coffer/shared/dispatch"
	"coffer/shared/job"
	"coffer/shared/queue"
	"coffer/shared/scheduler"
	"coffer/shared/snapshot"
	"coffer/shared/task"
	"coffer/shared/vault"
)

var (
	stride = flag.Int("calls.stride", 23, "play every n-th failure of a call of a backup; 1 plays all")
	first  = flag.Int("calls.first", 0, "the first of them, counted from 0")
)

// patience is how long a run may take on its own clock, whatever goes wrong
// once: a lease that a dead worker left, and some minutes.
const patience = 10 * time.Minute

// ending is how a call goes wrong.
type ending struct {
	name string
	fate fault.Fate
	dead bool // the worker dies with it
}

// The endings of a call to AWS; Box has no answer after which nobody tries again.
var endings = []ending{
	{"before", fault.Reset, false},
	{"lost reply", fault.Lost, false},
	{"refused", fault.Refused, false},
	{"refused though done", fault.Denied, false},
	{"death before", fault.Reset, true},
	{"death after", fault.Lost, true},
}

// C2: every call that a backup makes to Box, S3, DynamoDB, SQS and KMS fails
// once, before its effect and after it, as a passing fault, as one that the
// client does not get over, and as the worker's end. What is stored is looked at
// after each call, and the end is always the same.
func TestAnyCallMayFail_C2(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 21})
	h.furnishSmall(t)
	clean := h.failing(t, "clean", 0, ending{})
	if clean < 40 {
		t.Fatalf("a clean backup takes %d calls, want more to fail", clean)
	}
	t.Logf("a clean backup takes %d calls, each of which may fail in %d ways; every %d. is played, from %d on", clean, len(endings), *stride, *first)
	for i := *first; i < clean*len(endings); i += *stride {
		at, e := 1+i/len(endings), endings[i%len(endings)]
		t.Run(fmt.Sprintf("call %d %s", at, e.name), func(t *testing.T) {
			t.Parallel()
			h.failing(t, backup.TaskID(fmt.Sprint("c2-", i)), at, e)
		})
	}
}

// furnishSmall gives the Box user 30 files, one of them large, in some folders.
func (h *house) furnishSmall(t *testing.T) {
	t.Helper()
	folders := []string{backup.RootFolder}
	for i := range 3 {
		id, err := h.sim.CreateFolder(h.user, folders[i], fmt.Sprint("Folder ", i))
		must(t, err)
		folders = append(folders, id)
	}
	for i := range 29 {
		id, err := h.sim.Upload(h.user, folders[i%4], fmt.Sprintf("File %d.txt", i), fmt.Appendf(nil, "text %d", i/2))
		must(t, err)
		if i == 7 {
			_, err = h.sim.Comment(h.user, id, "Looks good")
			must(t, err)
		}
	}
	_, err := h.sim.UploadGenerated(h.user, folders[1], "large.bin", vault.Large+1, 5)
	must(t, err)
	_, err = h.sim.AddWebLink(h.user, folders[2], "link", "https://box.example/")
	must(t, err)
}

// tenant is a task of its own for the same Box user, with the tables and the
// vaults of h.
func (h *house) tenant(t *testing.T, name backup.TaskID) *house {
	t.Helper()
	cloud := localtest.Start(t)
	own := &house{sim: h.sim, app: h.app, admin: h.admin, user: h.user, rooms: h.rooms}
	own.rooms.runs, own.rooms.tasks = cloud.Queue(t), cloud.Table(t, localtest.Due) // which schedulers look through
	own.Archiver = own.worker(t, cloud.AWS, described(t))
	own.conns = own.Connections
	own.newTask(t, name)
	return own
}

// failing backs the Box user up in a task of its own, with the nth call of the
// person who asks and of the first worker going wrong, and checks what is stored
// all along. It returns the number of calls that were made until then.
func (h *house) failing(t *testing.T, name backup.TaskID, nth int, e ending) int {
	t.Helper()
	own := h.tenant(t, name)
	cloud := localtest.Start(t)
	ctx, die := context.WithCancel(t.Context())
	defer die()
	s := &strand{house: own, t: t, nth: nth, ending: e, die: die}
	cfg := cloud.AWS.Copy()
	cfg.HTTPClient = &http.Client{Transport: s.transport(http.DefaultTransport)}
	cfg.Retryer = func() aws.Retryer { return aws.NopRetryer{} }
	if !e.dead && (e.fate == fault.Reset || e.fate == fault.Lost) {
		cfg.Retryer = nil // passing faults are what retries are for
	}
	faulty := own.worker(t, cfg, &http.Client{Transport: s.transport(described(t).Transport)})
	faulty.Beat = time.Hour // heartbeats come when they like: they are not numbered

	err := ask(ctx, faulty, own.task, own.user)
	if ctx.Err() == nil {
		for _, m := range own.messages(t) {
			err = errors.Join(err, faulty.Run(ctx, m)) // a message that fails comes again after hours
		}
	}
	if nth == 0 {
		must(t, err)
	}
	s.over = true
	calls := s.calls
	own.goesOn(t)
	s.look(true)
	own.wantOneSnapshot(t)
	return calls
}

// ask asks for a backup, as the API does, and once more where that failed.
func ask(ctx context.Context, a *archiver.Archiver, b task.Task, user backup.BoxUserID) error {
	if err := a.Tasks.Expect(ctx, b.Account, b.ID); err != nil {
		return err
	}
	row, err := a.Tasks.BoxUser(ctx, b.Account, b.ID, user)
	if err != nil {
		return err
	}
	if _, err := a.Tasks.Request(ctx, row, time.Time{}); err != nil && backup.KindOf(err) != backup.Conflict {
		return err
	}
	return dispatch.Dispatcher{Tasks: a.Tasks, Runs: a.Runs}.Fill(ctx, b.Account, b.ID)
}

// messages takes what is in the queue of runs.
func (h *house) messages(t *testing.T) []backup.RunMessage {
	t.Helper()
	var out []backup.RunMessage
	for _, body := range localtest.Start(t).Received(t, h.rooms.runs) {
		var m backup.RunMessage
		must(t, json.Unmarshal([]byte(body), &m))
		out = append(out, m)
	}
	return out
}

// goesOn asks again if nothing came of it, and lets schedulers and workers do
// what is left, a minute at a time, until the snapshot is there.
func (h *house) goesOn(t *testing.T) {
	t.Helper()
	cloud := localtest.Start(t)
	minutely := &scheduler.Scheduler{
		Tasks: h.Tasks, Runs: h.Runs, Now: h.Now,
		Jobs: job.New(cloud.AWS, h.rooms.tasks), Scans: queue.New[backup.ScanMessage](cloud.AWS, h.rooms.mails), // of which there are none
	}
	if row := h.row(t); row.RunID == "" && row.Snapshot == "" {
		must(t, ask(t.Context(), h.Archiver, h.task, h.user))
	}
	for waited := time.Duration(0); h.row(t).RunID != ""; waited += time.Minute {
		if waited > patience {
			t.Fatalf("the run stands still for %s: %+v", waited, h.row(t))
		}
		for _, m := range h.messages(t) {
			must(t, h.Run(t.Context(), m))
		}
		h.shift.Add(int64(time.Minute))
		_, err := minutely.Tick(t.Context())
		must(t, err)
	}
}

func (h *house) wantOneSnapshot(t *testing.T) {
	t.Helper()
	row := h.row(t)
	if row.Status != backup.Success || row.Reason != "" || row.RunOwner != "" || row.RunUntil != 0 || row.Checkpoint != nil || row.RunOut {
		t.Errorf("the run ended with %+v", row)
	}
	list, _, err := h.Snapshots.List(t.Context(), h.task.Account, h.task.ID, h.user, snapshot.Page{Limit: 10})
	if err != nil || len(list) != 1 || list[0].Status != backup.Success || list[0].ID != row.Snapshot {
		t.Errorf("snapshots: %+v, %v, want one", list, err)
	}
	told, _, err := h.Audit.List(t.Context(), h.task.Account, audit.Query{Task: h.task.ID}, 10)
	if err != nil || len(told) != 1 || told[0].Status != audit.Succeeded {
		t.Errorf("activities: %+v, %v, want one", told, err)
	}
	if runs, err := h.Tasks.Dispatch(t.Context(), h.task); err != nil || len(runs) > 0 {
		t.Errorf("%d runs wait, %v", len(runs), err)
	}
}

// strand numbers the calls of a worker, lets one of them fail, and looks at what
// is stored after each.
type strand struct {
	*house
	t *testing.T
	ending
	nth int
	die func()

	mu     sync.Mutex
	calls  int
	struck bool
	over   bool // the worker has ended
	seen   string
}

func (s *strand) transport(base http.RoundTripper) http.RoundTripper {
	return &fault.Transport{Base: base, Choose: s.choose, After: s.after}
}

// choose numbers calls; one is under way at a time.
func (s *strand) choose(r *http.Request) fault.Fate {
	s.mu.Lock()
	s.calls++
	switch {
	case s.dead && s.struck:
		return fault.Reset
	case s.calls != s.nth || s.fate == fault.Refused && !toAWS(r) || s.fate == fault.Denied && !toAWS(r):
		return fault.Pass
	}
	s.struck = true
	return s.fate
}

func toAWS(r *http.Request) bool { return r.Header.Get("Amz-Sdk-Invocation-Id") != "" }

func (s *strand) after(r *http.Request, f fault.Fate) {
	if f != fault.Pass && s.dead {
		s.die()
	}
	target := r.Header.Get("X-Amz-Target")
	if f != fault.Reset && f != fault.Refused && strings.HasPrefix(target, "DynamoDB") {
		s.look(strings.Contains(target, "Batch") || strings.Contains(target, "Transact"))
	}
	s.mu.Unlock()
}

// look fails the test where what is stored promises what is not there. Rows of
// contents are only looked at if they may have changed.
func (s *strand) look(contents bool) {
	ctx := s.t.Context()
	row := s.row(s.t)
	done := row.Status == backup.Success || row.Status == backup.Partial
	if done != (row.Snapshot != "") || done != (row.Catalog != nil) {
		s.t.Errorf("after call %d the Box user is %s with snapshot %q and a catalog of %d bytes", s.calls, row.Status, row.Snapshot, len(row.Catalog))
	}
	if row.Snapshot != "" {
		if _, err := s.Snapshots.Snapshot(ctx, s.task.Account, s.task.ID, s.user, row.Snapshot); err != nil {
			s.t.Errorf("after call %d: %v", s.calls, err)
		}
	}
	if key := string(row.Catalog); key != s.seen {
		s.seen, contents = key, true
		if d := cmp.Diff(s.snapshot(s.t, row), s.source()); d != "" {
			s.t.Errorf("after call %d the snapshot and the source differ (-snapshot +source):\n%s", s.calls, d)
		}
	}
	if contents {
		s.lookAtContents(row)
	}
}

// lookAtContents reads every content that has a row.
func (s *strand) lookAtContents(row task.BoxUser) {
	ctx := s.t.Context()
	var wanted []backup.Content
	for _, n := range s.source() {
		if n.Kind == backup.File {
			wanted = append(wanted, n.Content)
		}
	}
	id := vault.ID{Account: s.task.Account, Task: s.task.ID}
	rows, err := content.New(localtest.Start(s.t).AWS, s.rooms.contents).Rows(ctx, id, wanted)
	must(s.t, err)
	v, err := s.Vault(ctx, s.task)
	must(s.t, err)
	for c, r := range rows {
		if damage, err := v.Check(ctx, r); err != nil || len(damage) > 0 {
			s.t.Errorf("after call %d the content %s has a row and %v, %v", s.calls, c, damage, err)
		}
	}
	for _, c := range wanted {
		if _, ok := rows[c]; !ok && row.Snapshot != "" {
			s.t.Errorf("after call %d there is a snapshot without the content %s", s.calls, c)
		}
	}
}
