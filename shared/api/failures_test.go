package api_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/api"
	"coffer/shared/api/recovery"
	"coffer/shared/api/tasks"
	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
)

// Three files cannot be downloaded, on two days. Each is listed with its place,
// its reason, since when it fails and when it is tried next, on pages and in a file.
func TestPartialBackupTellsOfEachFailure_D9_I4(t *testing.T) {
	t.Parallel()
	b := newBackedUp(t)
	inner, err := b.sim.CreateFolder(backup.BoxUserID(b.user), b.folder, "Inner")
	if err != nil {
		t.Fatal(err)
	}
	var want []recovery.Failure
	for i, parent := range []string{b.folder, inner, backup.RootFolder} {
		name := fmt.Sprintf("=secret %d", i)
		id, err := b.sim.Upload(backup.BoxUserID(b.user), parent, name, []byte(name))
		if err != nil {
			t.Fatal(err)
		}
		b.sim.Fault(boxsim.Fault{Endpoint: "GET /2.0/files/" + id + "/content", Kinds: []boxsim.Kind{boxsim.Forbidden}, Probability: 1})
		path := [][]string{{"Plans"}, {"Plans", "Inner"}, nil}[i]
		want = append(want, recovery.Failure{Kind: backup.File, ID: id, Name: name, Path: path})
	}
	backUp := func() recovery.Snapshot {
		t.Helper()
		b.who.ok("POST", "/api/tasks/"+b.task+"/backup", nil, nil)
		b.work()
		var list api.List[recovery.Snapshot]
		b.who.ok("GET", b.base+"/snapshots?limit=1", nil, &list)
		if s := list.Items[0]; s.Status != backup.Partial || s.Failed != 3 {
			t.Fatalf("the snapshot %+v", s)
		}
		return list.Items[0]
	}
	first := backUp()
	latest := backUp()
	var made tasks.Task
	b.who.ok("GET", "/api/tasks/"+b.task, nil, &made)

	listed := func(snapshot string, next time.Time) {
		t.Helper()
		var got []recovery.Failure
		for cursor := ""; ; {
			var page api.List[recovery.Failure]
			b.who.ok("GET", b.base+"/snapshots/"+snapshot+"/failures?limit=2&cursor="+cursor, nil, &page)
			if page.Total == nil || *page.Total != 3 {
				t.Errorf("total %v, want 3", page.Total)
			}
			got = append(got, page.Items...)
			if cursor = page.Next; cursor == "" {
				break
			}
		}
		want := append([]recovery.Failure{}, want...)
		for i := range want {
			want[i].NextTry, want[i].Reason, want[i].Since = next, got[i].Reason, got[0].Since
			if got[i].Reason == "" || got[i].Since.Before(first.Started.Add(-time.Minute)) || got[i].Since.After(latest.Started.Add(-time.Millisecond)) {
				t.Errorf("%+v, want a reason and since %v", got[i], first.Started)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("failures (-want +got):\n%s", diff)
		}
	}
	listed(latest.ID, made.NextRun)
	listed(first.ID, time.Time{})

	_, file := b.who.send("GET", b.base+"/snapshots/"+latest.ID+"/failures.csv", nil)
	rows := b.cells(file)
	if len(rows) != 4 || rows[2][2] != "'=secret 1" || rows[2][3] != "Plans / Inner" || rows[2][6] != made.NextRun.UTC().Format(time.RFC3339) {
		t.Errorf("file %q", rows)
	}
	b.who.ok("POST", "/api/tasks/"+b.task+"/users/pause", map[string]any{"ids": []string{b.user}}, nil)
	listed(latest.ID, time.Time{})
}
