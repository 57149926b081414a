package scheduler_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/scripts/local/localtest"
	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/job"
	"coffer/shared/queue"
	"coffer/shared/scheduler"
	"coffer/shared/task"
)

// clockwork is a scheduler with a clock that only the test moves.
type clockwork struct {
	*scheduler.Scheduler
	cloud                *localtest.Cloud
	scans, runs, recover string // queue addresses
	mails                string
	activity             *audit.Table
	now                  time.Time
}

func newClockwork(t *testing.T) *clockwork {
	t.Helper()
	cloud := localtest.Start(t)
	c := &clockwork{cloud: cloud, mails: cloud.Queue(t), activity: audit.New(cloud.AWS, cloud.Table(t)), scans: cloud.Queue(t), runs: cloud.Queue(t), recover: cloud.Queue(t), now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return c.now }
	tasks := task.New(cloud.AWS, cloud.Table(t, localtest.Due))
	jobs := job.New(cloud.AWS, cloud.Table(t, localtest.Due))
	tasks.Now, jobs.Now = clock, clock
	c.Scheduler = &scheduler.Scheduler{
		Tasks: tasks, Jobs: jobs, Now: clock,
		Scans:    queue.New[backup.ScanMessage](cloud.AWS, c.scans),
		Runs:     queue.New[backup.RunMessage](cloud.AWS, c.runs),
		Recovers: queue.New[backup.JobMessage](cloud.AWS, c.recover),
		Mails:    queue.New[backup.MailMessage](cloud.AWS, c.mails),
		Audit:    c.activity,
	}
	return c
}

func (c *clockwork) create(t *testing.T, id backup.TaskID, connection backup.Connection) task.Task {
	t.Helper()
	b := task.Task{Account: "acme", ID: id, Connection: connection, Frequency: task.Daily, Hour: 1, Created: c.now}
	b.NextRun = b.Next(c.now)
	if err := c.Tasks.Create(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	return b
}

func (c *clockwork) tick(t *testing.T, want scheduler.Report) {
	t.Helper()
	got, err := c.Tick(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("tick at %v (-got +want):\n%s", c.now, diff)
	}
}

func received[M any](t *testing.T, c *clockwork, url string) []M {
	t.Helper()
	var all []M
	for _, body := range c.cloud.Received(t, url) {
		var m M
		if err := json.Unmarshal([]byte(body), &m); err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
	return all
}

func TestEverySlotOfAMonthHasOneScan_L5(t *testing.T) {
	t.Parallel()
	c := newClockwork(t)
	b := c.create(t, "files", backup.Connected)
	scans := 0
	for slot := b.NextRun; scans < 31; slot = slot.Add(24 * time.Hour) { // over the end of March's daylight saving
		c.now = slot.Add(-time.Second)
		c.tick(t, scheduler.Report{})
		c.now = slot
		c.tick(t, scheduler.Report{Scans: 1})
		c.tick(t, scheduler.Report{})
		got := received[backup.ScanMessage](t, c, c.scans)
		want := []backup.ScanMessage{{Account: "acme", Task: "files", Slot: slot}}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Fatalf("scans (-got +want):\n%s", diff)
		}
		scans++
	}
}

func TestOutageOfDaysBringsOneScanAndNoStampede(t *testing.T) {
	t.Parallel()
	c := newClockwork(t)
	b := c.create(t, "files", backup.Connected)
	c.now = b.NextRun.Add(5*24*time.Hour + time.Hour)
	c.tick(t, scheduler.Report{Scans: 1})
	c.tick(t, scheduler.Report{})
	after, err := c.Tasks.Task(t.Context(), "acme", "files")
	if err != nil {
		t.Fatal(err)
	}
	if want := b.NextRun.Add(6 * 24 * time.Hour); !after.NextRun.Equal(want) {
		t.Errorf("next run %v, want %v", after.NextRun, want)
	}
}

func TestDisconnectedTaskIsNotScanned(t *testing.T) {
	t.Parallel()
	c := newClockwork(t)
	b := c.create(t, "files", backup.Disconnected)
	c.now = b.NextRun
	c.tick(t, scheduler.Report{})
	if got := received[backup.ScanMessage](t, c, c.scans); len(got) != 0 {
		t.Errorf("scans: %v, want none", got)
	}
	if n, err := c.Tasks.Task(t.Context(), "acme", "files"); err != nil || !n.NextRun.After(c.now) {
		t.Errorf("next run %v, %v, want the next slot", n.NextRun, err)
	}
}

func TestWhatACrashLeftIsSentAgainOnce(t *testing.T) {
	t.Parallel()
	c := newClockwork(t)
	c.create(t, "files", backup.Connected)
	u := task.BoxUser{Account: "acme", Task: "files", ID: "7"}
	if _, err := c.Tasks.Discovered(t.Context(), u, true); err != nil {
		t.Fatal(err)
	}
	u, err := c.Tasks.Request(t.Context(), u, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Tasks.Lease(t.Context(), u.Message(), "dead"); err != nil {
		t.Fatal(err)
	}
	j := job.Job{Account: "acme", ID: "j", Kind: job.Restore}
	if err := c.Jobs.Create(t.Context(), j, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Jobs.Lease(t.Context(), "acme", "j", "dead"); err != nil {
		t.Fatal(err)
	}
	c.tick(t, scheduler.Report{})
	c.now = c.now.Add(task.LeaseTime + time.Second)
	c.tick(t, scheduler.Report{Runs: 1, Jobs: 1})
	c.tick(t, scheduler.Report{})
	if diff := cmp.Diff(received[backup.RunMessage](t, c, c.runs), []backup.RunMessage{u.Message()}); diff != "" {
		t.Errorf("runs (-got +want):\n%s", diff)
	}
	if diff := cmp.Diff(received[backup.JobMessage](t, c, c.recover), []backup.JobMessage{{Account: "acme", Job: "j"}}); diff != "" {
		t.Errorf("jobs (-got +want):\n%s", diff)
	}
}

func TestAuthorisationOfAnIdleTaskIsUsedLongBeforeItLapses_N6(t *testing.T) {
	t.Parallel()
	c := newClockwork(t)
	start := c.now
	b := task.Task{Account: "acme", ID: "idle", Connection: backup.Connected, Frequency: task.Weekly, Hour: 1, Created: start}
	b.NextRun = b.Next(start)
	if err := c.Tasks.Create(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	for c.now.Sub(start) < 45*24*time.Hour { // the task has no Box user at all
		if gap := b.NextRun.Sub(c.now); gap > 8*24*time.Hour {
			t.Fatalf("the authorisation is not used for %v", gap)
		}
		c.now = b.NextRun
		c.tick(t, scheduler.Report{Scans: 1})
		var err error
		if b, err = c.Tasks.Task(t.Context(), b.Account, b.ID); err != nil {
			t.Fatal(err)
		}
	}
}

var slotDays = flag.Int("slot.days", 8, "days of slots of fifty tasks; L5 asks for 30")

// TestEverySlotOfFiftyTasksHasOneScan runs days with a leap day and, where they
// are 30, with those on which America and Europe change their clocks.
func TestEverySlotOfFiftyTasksHasOneScan_L5(t *testing.T) {
	t.Parallel()
	c := newClockwork(t)
	start := time.Date(2028, 2, 26, 0, 0, 0, 0, time.UTC)
	end := start.AddDate(0, 0, *slotDays)
	c.now = start
	frequencies := []task.Frequency{task.Daily, task.ThreeTimesDaily, task.Every3Days, task.Weekly}
	periods := []time.Duration{24 * time.Hour, 8 * time.Hour, 72 * time.Hour, 168 * time.Hour}
	got, want := map[backup.TaskID]map[time.Time]int{}, map[backup.TaskID]map[time.Time]int{}
	ticks := map[time.Time]bool{}
	for i := range 50 {
		b := task.Task{
			Account: "acme", ID: backup.TaskID(fmt.Sprint("task", i)), Connection: backup.Connected,
			Frequency: frequencies[i%4], Hour: i % 24, Created: start,
		}
		b.NextRun = b.Next(start)
		if err := c.Tasks.Create(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		got[b.ID], want[b.ID] = map[time.Time]int{}, map[time.Time]int{}
		for slot := b.NextRun; slot.Before(end); slot = slot.Add(periods[i%4]) {
			want[b.ID][slot] = 1
			ticks[slot.Truncate(time.Hour).Add(10*time.Minute)] = true // when all of the hour are due
		}
	}
	for _, c.now = range slices.SortedFunc(maps.Keys(ticks), time.Time.Compare) {
		if _, err := c.Tick(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, m := range received[backup.ScanMessage](t, c, c.scans) {
			got[m.Task][m.Slot.UTC()]++
		}
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("scans by slot (-got +want):\n%s", diff)
	}
}

// TestOutageOfADayIsSpread has fifty tasks due at once: each gets one scan, and
// no more than a few are to be had at once.
func TestOutageOfADayIsSpread_L5(t *testing.T) {
	t.Parallel()
	c := newClockwork(t)
	for i := range 50 {
		c.create(t, backup.TaskID(fmt.Sprint("task", i)), backup.Connected)
	}
	c.now = c.now.Add(48 * time.Hour)
	c.tick(t, scheduler.Report{Scans: 50})
	c.tick(t, scheduler.Report{})
	if now := len(received[backup.ScanMessage](t, c, c.scans)); now > 10 {
		t.Errorf("%d of 50 scans begin at once", now)
	}
}
