package archiver_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/box/boxsim"
)

// TestWhenAnAccessEndsIsInTheNextSnapshot_I8 changes nothing but when somebody's
// access ends, of which the enterprise's stream tells with an event of its own.
func TestWhenAnAccessEndsIsInTheNextSnapshot_I8(t *testing.T) {
	t.Parallel()
	e := newEnterprise(t, 5, 0)
	file, err := e.sim.Upload(e.user, backup.RootFolder, "plan.txt", []byte("first"))
	must(t, err)
	access, err := e.conns.Client(e.task.Account, e.task.ID).As(e.user).Collaborate(t.Context(), boxsim.FileRef(file),
		box.Collaboration{Role: "viewer", AccessibleBy: box.Mini{Type: "user", Login: "guest@elsewhere.example"}})
	must(t, err)
	e.slot(t)
	e.pass(24 * time.Hour)
	e.slot(t)
	end := "2031-02-03T04:05:06Z"
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, e.rooms.box+"/2.0/collaborations/"+access.ID, strings.NewReader(`{"expires_at":"`+end+`"}`))
	must(t, err)
	req.Header.Set("Authorization", "Bearer "+e.app.Pair(e.admin).Access)
	req.Header.Set("As-User", string(e.user))
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	must(t, resp.Body.Close())
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("status %d", resp.StatusCode)
	}
	e.pass(time.Hour)
	e.slot(t)
	row := e.row(t)
	if row.Snapshot = row.LatestSealed(); row.Status != backup.Success {
		t.Errorf("status %s", row.Status)
	}
	_, d := e.details(t, row, boxsim.FileRef(file))
	if len(d.Collaborations) != 1 || d.Collaborations[0].Expires.UTC().Format(time.RFC3339) != end {
		t.Errorf("collaborations %+v, want an end at %s", d.Collaborations, end)
	}
}
