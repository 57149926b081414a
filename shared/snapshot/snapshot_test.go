package snapshot_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/scripts/local/localtest"
	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/snapshot"
	"coffer/shared/task"
)

var start = time.UnixMilli(1_790_000_000_000).UTC()

func at(day int) snapshot.Snapshot {
	when := start.AddDate(0, 0, day)
	return snapshot.Snapshot{
		Account: "acme", Task: "files", BoxUser: "7", ID: backup.SnapshotID(backup.NewSortableID(when)),
		Status: backup.Success, Method: snapshot.Crawl, Taken: when, Started: when, Ended: when, Items: int64(day),
	}
}

func TestSnapshotsAreListedByTimeNewestFirstInPages(t *testing.T) {
	t.Parallel()
	cloud := localtest.Start(t)
	table := snapshot.New(cloud.AWS, cloud.Table(t))
	var all []snapshot.Snapshot
	for day := range 10 {
		s := at(day)
		if err := table.Seal(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		all = append([]snapshot.Snapshot{s}, all...)
	}
	var got []snapshot.Snapshot
	page := snapshot.Page{From: start.AddDate(0, 0, 2), To: start.AddDate(0, 0, 8), Limit: 4}
	for pages := 0; ; pages++ {
		some, next, err := table.List(t.Context(), "acme", "files", "7", page)
		if err != nil || pages > 3 {
			t.Fatalf("page %d: %v", pages, err)
		}
		got = append(got, some...)
		if page.After = next; next == "" {
			break
		}
	}
	if diff := cmp.Diff(got, all[2:8]); diff != "" {
		t.Errorf("snapshots (-got +want):\n%s", diff)
	}
}

func TestSealIsAllOrNothing(t *testing.T) {
	t.Parallel()
	cloud := localtest.Start(t)
	table := snapshot.New(cloud.AWS, cloud.Table(t))
	tasks := task.New(cloud.AWS, cloud.Table(t, localtest.Due))
	activity := audit.New(cloud.AWS, cloud.Table(t))
	u := task.BoxUser{Account: "acme", Task: "files", ID: "7"}
	if _, err := tasks.Discovered(t.Context(), u, true); err != nil {
		t.Fatal(err)
	}
	u, err := tasks.Request(t.Context(), u, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	leased, err := tasks.Lease(t.Context(), u.Message(), "w")
	if err != nil {
		t.Fatal(err)
	}
	stale := leased
	stale.RunOwner = "somebody else"
	s := at(1)
	s.ID = u.RunID
	sealed := task.Sealed{Status: backup.Success, At: start, Items: 1, Size: 2, Catalog: []byte("c"), Cursor: "9"}
	told := audit.Activity{Account: "acme", ID: audit.ID(start, string(s.ID)), At: start, Kind: audit.Backup}

	err = table.Seal(t.Context(), s, tasks.Seal(stale, sealed), activity.Put(told))
	if backup.KindOf(err) != backup.Conflict {
		t.Errorf("seal without the lease: %v, want a conflict", err)
	}
	if _, err := table.Snapshot(t.Context(), "acme", "files", "7", s.ID); backup.KindOf(err) != backup.NotFound {
		t.Errorf("snapshot after a refused seal: %v, want none", err)
	}

	if err := table.Seal(t.Context(), s, tasks.Seal(leased, sealed), activity.Put(told)); err != nil {
		t.Fatal(err)
	}
	got, err := table.Snapshot(t.Context(), "acme", "files", "7", s.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, s); diff != "" {
		t.Errorf("snapshot (-got +want):\n%s", diff)
	}
	row, err := tasks.BoxUser(t.Context(), "acme", "files", "7")
	if err != nil {
		t.Fatal(err)
	}
	if row.Status != backup.Success || row.Snapshot != s.ID || row.RunID != "" || row.RunOwner != "" || row.Cursor != "9" || string(row.Catalog) != "c" {
		t.Errorf("Box user after the seal: %+v", row)
	}
	list, _, err := activity.List(t.Context(), "acme", audit.Query{}, 10)
	if err != nil || len(list) != 1 {
		t.Errorf("%d activities, %v, want 1", len(list), err)
	}
	if err := table.Seal(t.Context(), s, tasks.Seal(leased, sealed)); backup.KindOf(err) != backup.Conflict {
		t.Errorf("second seal: %v, want a conflict", err)
	}
}
