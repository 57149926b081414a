package api_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/api/recovery"
	"coffer/shared/backup"
	"coffer/shared/snapshot"
)

// sealed stores the row of a snapshot that was asked for at that time and taken
// three hours later.
func (b *backedUp) sealed(at time.Time, s snapshot.Snapshot) {
	b.t.Helper()
	s.Account, s.Task, s.BoxUser = b.account(), backup.TaskID(b.task), backup.BoxUserID(b.user)
	s.ID, s.Taken = backup.SnapshotID(backup.NewSortableID(at)), at.Add(3*time.Hour)
	if err := b.archiver.Snapshots.Seal(b.t.Context(), s); err != nil {
		b.t.Fatal(err)
	}
}

func TestHistoryTellsDayByDay_F121_F125(t *testing.T) {
	t.Parallel()
	b := newBackedUp(t)
	today := time.Now().UTC().Truncate(24 * time.Hour)
	ago := func(days, hour int) time.Time { return today.AddDate(0, 0, -days).Add(time.Duration(hour) * time.Hour) }
	date := func(days int) string { return ago(days, 0).Format(time.DateOnly) }
	// The first of these is before what is asked for, the last after it; the
	// second was asked for on the day before it was taken.
	b.sealed(ago(14, 1), snapshot.Snapshot{Status: backup.Success, Added: 100, Items: 100, Bytes: 1000, Fresh: backup.Kinds{Files: 100}})
	b.sealed(ago(13, 22), snapshot.Snapshot{
		Status: backup.Success, Added: 5, Changed: 2, Removed: 1, Items: 104, Bytes: 1100, Fresh: backup.Kinds{Files: 4, Folders: 2, WebLinks: 1},
	})
	b.sealed(ago(12, 9), snapshot.Snapshot{Status: backup.Success, Items: 104, Bytes: 1100, Same: "x"})
	b.sealed(ago(12, 17), snapshot.Snapshot{Status: backup.Partial, Changed: 3, Failed: 2, Items: 104, Bytes: 1090, Fresh: backup.Kinds{Files: 3}})
	b.sealed(ago(10, 21), snapshot.Snapshot{Status: backup.Success, Removed: 104})

	var got recovery.History
	b.who.ok("GET", b.base+"/history?from="+date(13)+"&to="+date(10), nil, &got)
	want := []recovery.Day{
		{Date: date(13), Items: 100, Bytes: 1000},
		{
			Date: date(12), Runs: 3, Status: backup.Partial, Added: 5, Changed: 5, Removed: 1, Failed: 2, Files: 7, Folders: 2, WebLinks: 1,
			Items: 104, Bytes: 1090,
		},
		{Date: date(11), Items: 104, Bytes: 1090},
		{Date: date(10), Items: 104, Bytes: 1090},
	}
	if diff := cmp.Diff(want, got.Days); diff != "" {
		t.Errorf("days (-want +got):\n%s", diff)
	}
	if len(got.Tiles) != 3 || !got.Tiles[0].LastBackup.After(b.snapshot.Started) {
		t.Fatalf("tiles %+v", got.Tiles)
	}
	for i, want := range []recovery.Tile{
		{Kind: "files", Items: 8, Status: backup.Success}, {Kind: "folders", Items: 1, Status: backup.Success}, {Kind: "webLinks", Items: 1, Status: backup.Success},
	} {
		want.LastBackup = got.Tiles[0].LastBackup
		if diff := cmp.Diff(want, got.Tiles[i]); diff != "" {
			t.Errorf("tile (-want +got):\n%s", diff)
		}
	}

	got = recovery.History{}
	b.who.ok("GET", b.base+"/history", nil, &got)
	if n := len(got.Days); n != 30 || got.Days[0].Date != date(29) || got.Days[29].Date != date(0) {
		t.Fatalf("by default: %d days, %+v", n, got.Days)
	}
	day := got.Days[29]
	if b.snapshot.Taken.Before(today) { // midnight came between
		day = got.Days[28]
	}
	if day.Runs != 1 || day.Added != 10 || day.Files != 8 || day.Folders != 1 || day.WebLinks != 1 || day.Items != 10 || day.Bytes != b.snapshot.Size {
		t.Errorf("the day of the first backup: %+v", day)
	}
}

func TestHistoryOfWhatDaysCanBeAskedFor_F124(t *testing.T) {
	t.Parallel()
	b := newBackedUp(t)
	today := time.Now().UTC().Truncate(24 * time.Hour)
	date := func(days int) string { return today.AddDate(0, 0, days).Format(time.DateOnly) }
	for query, want := range map[string]int{
		"?from=2024-02-01&to=2024-03-01":        30, // a leap year
		"?from=2024-02-28&to=2024-02-28":        1,
		"?to=2024-02-28":                        30,
		"?from=" + date(-3):                     4,
		"?from=" + date(-3) + "&to=" + date(9):  4,
		"?from=" + date(-3) + "&to=" + date(-1): 3,
		"?from=" + date(3) + "&to=" + date(9):   0,
	} {
		var got recovery.History
		b.who.ok("GET", b.base+"/history"+query, nil, &got)
		if len(got.Days) != want || len(got.Tiles) != 3 {
			t.Errorf("%s: %d days %+v, want %d", query, len(got.Days), got.Days, want)
		}
	}
	for _, query := range []string{
		"?from=2024-02-01&to=2024-03-02", "?from=2024-02-02&to=2024-02-01", "?from=" + date(-30), "?from=yesterday", "?to=2024-02-30", "?from=2024-02-01T00:00:00Z",
	} {
		b.who.refused(400, "GET", b.base+"/history"+query, nil)
	}
	b.who.refused(404, "GET", "/api/tasks/"+b.task+"/users/404404/history", nil)
	var list struct{ Items []struct{ ID string } }
	b.who.ok("GET", "/api/tasks/"+b.task+"/users?q=bob", nil, &list)
	var got recovery.History
	b.who.ok("GET", "/api/tasks/"+b.task+"/users/"+list.Items[0].ID+"/history", nil, &got)
	if tile := got.Tiles[0]; len(got.Days) != 30 || tile.Items != 0 || !tile.LastBackup.IsZero() || tile.Status != "" {
		t.Errorf("of a Box user without backups: %+v", got)
	}
}
