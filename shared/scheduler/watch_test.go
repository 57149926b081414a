package scheduler_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/snapshot"
	"coffer/shared/task"
)

var (
	watchDays = flag.Int("watch.days", 3, "days of backups that come and fail to come; L5 asks for 30")
	watchSeed = flag.Uint64("watch.seed", 1, "which of them fail to come")
)

// backUp has the Box user backed up now.
func (c *clockwork) backUp(t *testing.T, snapshots *snapshot.Table, u task.BoxUser) {
	t.Helper()
	u, err := c.Tasks.Request(t.Context(), u, time.Time{})
	if err == nil {
		u, err = c.Tasks.Lease(t.Context(), u.Message(), "w")
	}
	if err == nil {
		row := snapshot.Snapshot{Account: u.Account, Task: u.Task, BoxUser: u.ID, ID: u.RunID}
		err = snapshots.Seal(t.Context(), row, c.Tasks.Seal(u, task.Sealed{Status: backup.Success, At: c.now, Catalog: []byte("{}")}))
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (c *clockwork) addUser(t *testing.T, b task.Task, id backup.BoxUserID, active bool) task.BoxUser {
	t.Helper()
	u := task.BoxUser{Account: b.Account, Task: b.ID, ID: id, Name: "User " + string(id)}
	if _, err := c.Tasks.Discovered(t.Context(), u, active); err != nil {
		t.Fatal(err)
	}
	return u
}

// told are the tasks that e-mails were sent about since it was last asked.
func (c *clockwork) told(t *testing.T) []backup.MailMessage {
	t.Helper()
	all := received[backup.MailMessage](t, c, c.mails)
	for _, m := range all {
		if m.Template != "overdue" || m.To != "" || m.Account != "acme" {
			t.Errorf("mail %+v", m)
		}
	}
	return all
}

// TestNoBackupGetsTooOldUnnoticed_L5 plays days of fifty tasks whose backups
// fail to come now and then. Whenever a backup is too old, there was an e-mail
// about its task within the last day, and never two.
func TestNoBackupGetsTooOldUnnoticed_L5(t *testing.T) {
	t.Parallel()
	c := newClockwork(t)
	random := rand.New(rand.NewPCG(*watchSeed, 5))
	snapshots := snapshot.New(c.cloud.AWS, c.cloud.Table(t))
	c.now = time.Date(2028, 2, 26, 0, 0, 0, 0, time.UTC) // over a leap day and, with 30 days, changes of clocks
	tasks, users, last, mailed := map[backup.TaskID]task.Task{}, map[backup.TaskID]task.BoxUser{}, map[backup.TaskID]time.Time{}, map[backup.TaskID]time.Time{}
	trouble := map[backup.TaskID]int{} // slots to come whose backup fails
	for i := range 50 {
		b := task.Task{
			Account: "acme", ID: backup.TaskID(fmt.Sprint("task", i)), Connection: backup.Connected,
			Frequency: []task.Frequency{task.Daily, task.ThreeTimesDaily, task.Weekly}[i%10/4], Hour: i % 24, Created: c.now,
		}
		b.NextRun = b.Next(c.now)
		if err := c.Tasks.Create(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		tasks[b.ID], users[b.ID], last[b.ID] = b, c.addUser(t, b, "1", true), c.now
		c.addUser(t, b, "2", false) // whom nobody expects to be backed up
	}
	late, sent := 0, 0
	for end := c.now.AddDate(0, 0, *watchDays); c.now.Before(end); c.now = c.now.Add(2 * time.Hour) {
		if _, err := c.Tick(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, m := range received[backup.ScanMessage](t, c, c.scans) {
			if trouble[m.Task] == 0 && random.IntN(8) == 0 {
				trouble[m.Task] = 1 + random.IntN(5)
			}
			if trouble[m.Task] > 0 {
				trouble[m.Task]--
				continue
			}
			c.backUp(t, snapshots, users[m.Task])
			last[m.Task] = c.now
		}
		for _, m := range c.told(t) {
			id := backup.TaskID(m.Data["task"])
			if since := c.now.Sub(mailed[id]); since < 24*time.Hour {
				t.Errorf("%v: the second mail about %s within %v", c.now, id, since)
			}
			mailed[id] = c.now
			sent++
		}
		for id, at := range last {
			limit := 26 * time.Hour
			if tasks[id].Frequency == task.Weekly {
				limit = 170 * time.Hour
			}
			if age := c.now.Sub(at); age >= limit {
				late++
				if c.now.Sub(mailed[id]) > 24*time.Hour {
					t.Errorf("%v: the backup of %s is %v old, and the last mail is of %v", c.now, id, age, mailed[id])
				}
			}
		}
	}
	if late == 0 || sent == 0 || sent > late {
		t.Errorf("%d times a backup is too old, %d mails", late, sent)
	}
}

func TestMailSaysWhoseBackupsAreTooOldAndWhy_L5(t *testing.T) {
	t.Parallel()
	c := newClockwork(t)
	b := c.create(t, "files", backup.Connected)
	for n := range 7 {
		c.addUser(t, b, backup.BoxUserID(fmt.Sprint(n)), true)
	}
	failed, err := c.Tasks.Request(t.Context(), task.BoxUser{Account: "acme", Task: "files", ID: "0"}, time.Time{})
	if err == nil {
		failed, err = c.Tasks.Lease(t.Context(), failed.Message(), "w")
	}
	if err == nil {
		err = c.Tasks.End(t.Context(), failed, backup.Failed, "Box does not let the administrator act as this user.")
	}
	if err != nil {
		t.Fatal(err)
	}
	paused := c.addUser(t, b, "paused", true)
	if err := c.Tasks.Pause(t.Context(), paused); err != nil {
		t.Fatal(err)
	}
	start := c.now
	for c.now = b.NextRun; c.now.Before(start.Add(26 * time.Hour)); c.now = c.now.Add(time.Hour) {
		if _, err := c.Tick(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if mails := c.told(t); len(mails) > 0 {
		t.Errorf("too early: %+v", mails)
	}
	c.now = start.Add(26*time.Hour + time.Minute)
	got, err := c.Tick(t.Context())
	if err != nil || got.Late != 7 {
		t.Errorf("tick %+v, %v", got, err)
	}
	const why = "User 1, User 2, User 3, User 4, User 5 and 1 more: No backup was started. User 0: Box does not let the administrator act as this user."
	mails := c.told(t)
	if len(mails) != 1 || mails[0].Data["number"] != "7" || mails[0].Data["hours"] != "26" || mails[0].Data["why"] != why {
		t.Errorf("mails %+v", mails)
	}
	rows, _, err := c.activity.List(t.Context(), "acme", audit.Query{Kind: audit.Exception}, 10)
	if err != nil || len(rows) != 1 || rows[0].Records != 7 || !strings.Contains(rows[0].Description, why) {
		t.Errorf("activity %+v, %v", rows, err)
	}
	row, err := c.Tasks.Task(t.Context(), "acme", "files")
	if err != nil || row.Overdue.Overdue != 7 || row.OverdueReason != why {
		t.Errorf("task %+v, %v", row.Overdue, err)
	}

	// All are backed up, and the task is as it should be.
	snapshots := snapshot.New(c.cloud.AWS, c.cloud.Table(t))
	for n := range 7 {
		c.backUp(t, snapshots, task.BoxUser{Account: "acme", Task: "files", ID: backup.BoxUserID(fmt.Sprint(n))})
	}
	c.now = c.now.Add(time.Hour)
	if got, err := c.Tick(t.Context()); err != nil || got.Late != 0 {
		t.Errorf("tick %+v, %v", got, err)
	}
	if row, err := c.Tasks.Task(t.Context(), "acme", "files"); err != nil || row.Overdue != (task.Overdue{}) || len(c.told(t)) > 0 {
		t.Errorf("afterwards: %+v, %v", row.Overdue, err)
	}

	// Nobody is told of a task that was deleted.
	if _, err := c.Tasks.DeleteTask(t.Context(), "acme", "files"); err != nil {
		t.Fatal(err)
	}
	c.now = c.now.Add(72 * time.Hour)
	if got, err := c.Tick(t.Context()); err != nil || got.Late != 0 || len(c.told(t)) > 0 {
		t.Errorf("a deleted task: %+v, %v", got, err)
	}
}

// A scan that the ceiling stops starts no run of those of whom nothing is known.
func TestMailSaysThatTheCeilingIsReached_B1(t *testing.T) {
	t.Parallel()
	c := newClockwork(t)
	b := c.create(t, "files", backup.Connected)
	ceiling := int64(1)
	_, err := c.Tasks.Change(t.Context(), b.Account, b.ID, task.Settings{Change: task.PolicyChange{Ceiling: &ceiling}})
	if err != nil {
		t.Fatal(err)
	}
	c.addUser(t, b, "1", true)
	if _, err := c.Tick(t.Context()); err != nil { // it is watched
		t.Fatal(err)
	}
	meter := c.Tasks.Meter(b.Account, b.ID)
	c.now = c.now.Add(48 * time.Hour)
	if err := meter.Spend(t.Context(), "users"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.now = c.now.Add(26 * time.Hour)
	if _, err := c.Tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	mails := c.told(t)
	if len(mails) == 0 || !strings.Contains(mails[len(mails)-1].Data["why"], "the ceiling of 1 Box calls") {
		t.Errorf("mails %+v", mails)
	}
}
