package scanner_test

import (
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/snapshot"
	"coffer/shared/task"
)

// user returns the row of a Box user.
func (o *office) user(t *testing.T, id backup.BoxUserID) task.BoxUser {
	t.Helper()
	u, err := o.Tasks.BoxUser(t.Context(), "acme", "files", id)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// backedUp lets the requested run of a Box user end with a snapshot.
func (o *office) backedUp(t *testing.T, id backup.BoxUserID) {
	t.Helper()
	u, err := o.Tasks.Lease(t.Context(), o.user(t, id).Message(), "w")
	if err == nil {
		err = o.Snapshots.Seal(t.Context(), snapshot.Snapshot{Account: u.Account, Task: u.Task, BoxUser: u.ID, ID: u.RunID},
			o.Tasks.Seal(u, task.Sealed{Status: backup.Success, At: time.Now(), Catalog: []byte("{}")}))
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (o *office) activities(t *testing.T) []audit.Activity {
	t.Helper()
	rows, _, err := o.audit.List(t.Context(), "acme", audit.Query{}, 100)
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(rows, func(a audit.Activity) bool { return a.Kind == audit.Activate }) // see activations
}

// TestLeaverIsBackedUpOnceMoreAndArchived_B14 makes a Box user inactive, and
// active again.
func TestLeaverIsBackedUpOnceMoreAndArchived_B14(t *testing.T) {
	t.Parallel()
	o := newOffice(t, true)
	slot := time.Date(2026, 3, 1, 1, 0, 0, 0, time.UTC)
	o.scan(t, slot)
	for _, id := range o.users {
		o.backedUp(t, id)
	}
	o.started(t)
	leaver := o.users[2]
	o.sim.SetStatus(leaver, "inactive")
	o.scan(t, time.Time{})
	if got := o.started(t); len(got) != 1 || got[leaver] != 1 {
		t.Errorf("runs started: %v, want the leaver's last", got)
	}
	o.scan(t, time.Time{})
	if u := o.user(t, leaver); u.Left() || u.RunID == "" {
		t.Errorf("archived before the last backup has ended: %+v", u)
	}
	o.backedUp(t, leaver)
	o.scan(t, time.Time{})
	if u := o.user(t, leaver); !u.Left() || u.Status != backup.Archived || u.Active {
		t.Errorf("after the last backup: %+v", u)
	}
	o.started(t)
	o.scan(t, slot.Add(24*time.Hour))
	if got := o.started(t); got[leaver] != 0 {
		t.Errorf("runs started: %v, want none of who has left", got)
	}
	if got := len(o.activities(t)); got != 1 {
		t.Errorf("%d lines in the activity list, want one", got)
	}
	o.sim.SetStatus(leaver, "active")
	o.scan(t, time.Time{})
	if u := o.user(t, leaver); u.Left() || u.Status != backup.Scheduled || !u.Active {
		t.Errorf("back at Box: %+v", u)
	}
	if got := o.activities(t); len(got) != 2 || got[0].Kind != audit.Return || got[1].Kind != audit.Archive {
		t.Errorf("activity list %+v, want the return and the archiving", got)
	}
}

// TestArchiveOfALeaverSaysWhatCameOfTheLastBackup_B14 lets the last backups end
// in each way.
func TestArchiveOfALeaverSaysWhatCameOfTheLastBackup_B14(t *testing.T) {
	t.Parallel()
	const refused = "Box does not let the administrator read it."
	for name, c := range map[string]struct {
		before, after bool // a backup before the Box user was inactive, and then
		reason        string
		want          string
	}{
		"made":    {true, true, "", "The last backup was made, and the backup is archived."},
		"partial": {true, true, "2 of 9 items could not be backed up.", "The last backup was made, not of every item, and the backup is archived. 2 of 9"},
		"failed":  {true, false, refused, "A last backup could not be made, so the archive holds what there was on "},
		"none":    {false, false, refused, "No backup could be made before that, so the archive is empty. " + refused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t, true)
			o.scan(t, time.Date(2026, 3, 1, 1, 0, 0, 0, time.UTC))
			leaver := o.users[2]
			end := func(made bool, reason string) {
				t.Helper()
				u, err := o.Tasks.Lease(t.Context(), o.user(t, leaver).Message(), "w")
				switch {
				case err == nil && made:
					err = o.Snapshots.Seal(t.Context(), snapshot.Snapshot{Account: u.Account, Task: u.Task, BoxUser: u.ID, ID: u.RunID},
						o.Tasks.Seal(u, task.Sealed{Status: backup.Success, Reason: reason, At: o.Tasks.Now(), Catalog: []byte("{}")}))
				case err == nil:
					err = o.Tasks.End(t.Context(), u, backup.Failed, reason)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			end(c.before, "")
			o.sim.SetStatus(leaver, "inactive")
			o.scan(t, time.Time{})
			end(c.after, c.reason)
			o.scan(t, time.Time{})
			if u := o.user(t, leaver); u.Status != backup.Archived || u.Reason != "" {
				t.Errorf("archived: %s (%s)", u.Status, u.Reason)
			}
			if got := o.activities(t); len(got) != 1 || !strings.Contains(got[0].Description, c.want) {
				t.Errorf("activity list %+v, want %q", got, c.want)
			}
		})
	}
}

// TestBoxUsersWhoAreGoneAreArchived_F31 knows Box users whom Box does not list.
func TestBoxUsersWhoAreGoneAreArchived_F31(t *testing.T) {
	t.Parallel()
	o := newOffice(t, true)
	for _, id := range []backup.BoxUserID{"backed up", "never"} {
		if _, err := o.Tasks.Discovered(t.Context(), task.BoxUser{Account: "acme", Task: "files", ID: id, Name: "Gone"}, true); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := o.Tasks.Request(t.Context(), o.user(t, "backed up"), time.Time{}); err != nil {
		t.Fatal(err)
	}
	o.backedUp(t, "backed up")
	o.scan(t, time.Time{})
	if u := o.user(t, "backed up"); !u.Left() || u.Status != backup.Archived {
		t.Errorf("gone with a backup: %+v", u)
	}
	if _, err := o.Tasks.BoxUser(t.Context(), "acme", "files", "never"); backup.KindOf(err) != backup.NotFound {
		t.Errorf("gone without a backup: %v, want not found", err)
	}
}

// TestListingThatLacksMostBoxUsersArchivesNobody_D6 knows four Box users whom
// Box does not list, besides the three that it does.
func TestListingThatLacksMostBoxUsersArchivesNobody_D6(t *testing.T) {
	t.Parallel()
	o := newOffice(t, true)
	for _, id := range []backup.BoxUserID{"a", "b", "c", "d"} {
		if _, err := o.Tasks.Discovered(t.Context(), task.BoxUser{Account: "acme", Task: "files", ID: id}, true); err != nil {
			t.Fatal(err)
		}
	}
	o.scan(t, time.Time{})
	o.scan(t, time.Time{})
	for u, err := range o.Tasks.BoxUsers(t.Context(), "acme", "files") {
		if err != nil {
			t.Fatal(err)
		}
		if u.Left() || !u.Active {
			t.Errorf("Box user %s: %+v", u.ID, u)
		}
	}
	rows := o.activities(t)
	if len(rows) != 1 || rows[0].Status != audit.Failed {
		t.Errorf("activity %+v, want one line that says so", rows)
	}
}

// puts counts the items that are put into a table.
type puts struct {
	http.Client
	n atomic.Int64
}

func (p *puts) Do(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".PutItem") {
		p.n.Add(1)
	}
	return p.Client.Do(r)
}

// TestKnownBoxUserIsWrittenOnlyWhenItChanged: a large enterprise is listed at
// each slot, and a write costs as much as some ten reads.
func TestKnownBoxUserIsWrittenOnlyWhenItChanged(t *testing.T) {
	t.Parallel()
	o := newOffice(t, false)
	var counted puts
	config := o.cloud.AWS
	config.HTTPClient = &counted
	o.Tasks = task.New(config, o.table)
	for _, want := range []int64{3, 3} {
		o.scan(t, time.Time{})
		if got := counted.n.Load(); got != want {
			t.Errorf("%d items put, want %d: one for each new Box user", got, want)
		}
	}
	o.sim.SetStatus(o.users[1], "cannot_delete_edit")
	o.scan(t, time.Time{})
	if got := o.user(t, o.users[1]).BoxStatus; got != "cannot_delete_edit" {
		t.Errorf("Box status is %q, want what Box says now", got)
	}
}
