package api_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"coffer/shared/api"
	"coffer/shared/api/tasks"
	"coffer/shared/audit"
	"coffer/shared/backup"
)

var sheetHead = []string{
	"Activity", "Date and Time", "Service", "Sub-Service", "Status", "Task Name", "Item",
	"Execution Time", "Data Size", "Number of Records", "Description",
}

// sheet exports the activity that the query asks for and returns its rows.
func (w *person) sheet(query string) [][]string {
	w.p.t.Helper()
	response, file := w.send("GET", "/api/activity.csv?"+query, nil)
	h := response.Header
	if response.StatusCode != 200 || !strings.HasPrefix(h.Get("Content-Type"), "text/csv") || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment; filename=") {
		w.p.t.Fatalf("%s: %d %v", query, response.StatusCode, h)
	}
	rows, err := csv.NewReader(bytes.NewReader(file)).ReadAll()
	if err != nil {
		w.p.t.Fatal(err)
	}
	if diff := cmp.Diff(sheetHead, rows[0]); diff != "" {
		w.p.t.Errorf("header (-want +got):\n%s", diff)
	}
	return rows[1:]
}

// tell adds activities to the account, the first the oldest, a second apart.
func (b *backedUp) tell(t *testing.T, start time.Time, activities ...audit.Activity) {
	t.Helper()
	account, _, _ := strings.Cut(b.who.cookie, ".")
	var adding errgroup.Group
	adding.SetLimit(16)
	for i, a := range activities {
		a.At = start.Add(time.Duration(i) * time.Second)
		a.Account, a.ID = backup.AccountID(account), audit.ID(a.At, fmt.Sprint(i))
		adding.Go(func() error { return b.archiver.Audit.Add(t.Context(), a) })
	}
	if err := adding.Wait(); err != nil {
		t.Fatal(err)
	}
}

func TestActivityIsFilteredAndExportedTheSame_F131(t *testing.T) {
	t.Parallel()
	b := newBackedUp(t) // tells of the task, its connection, Ann's activation and her backup
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	b.tell(t, start,
		audit.Activity{Kind: audit.Restore, Status: audit.Failed, Task: "other", TaskName: "Öther", BoxUser: "7", BoxUserName: "Carl Cook", Item: "carl@acme.example", Description: "No item restored."},
		audit.Activity{Kind: audit.Export, Status: audit.Partial, Task: "other", TaskName: "Öther", Item: "For the auditor", Duration: 3*time.Hour + 62*time.Second, Bytes: 5, Records: 6},
		audit.Activity{Kind: audit.Backup, Status: audit.Canceled, Task: "other", TaskName: "Öther", BoxUser: "8", Item: "dora@acme.example"}, // as it was before names were kept
	)
	const created, connected, activated, backedUp, restore, export, canceled = "Settings", "Connection", "Activate Ann Archer", "Backup Ann Archer", "Restore Carl Cook", "Export", "Backup dora@acme.example"
	for query, want := range map[string][]string{
		"":                              {backedUp, activated, connected, created, canceled, export, restore},
		"kind=Backup":                   {backedUp, canceled},
		"status=Succeeded":              {backedUp, activated, connected, created},
		"status=Partially+succeeded":    {export},
		"task=other":                    {canceled, export, restore},
		"task=" + b.task:                {backedUp, activated, connected, created},
		"task=nothing":                  nil,
		"q=%C3%B6THER":                  {canceled, export, restore},
		"q=+carl+c":                     {restore},
		"q=AUDITOR":                     {export},
		"q=acme.example":                {backedUp, activated, connected, canceled, restore},
		"q=no+item":                     {restore},
		"kind=Backup&task=other&q=dora": {canceled},
		"kind=Prune":                    nil,
		"from=2026-03-01T12:00:01Z&to=2026-03-01T12:00:02Z":             {export},
		"from=2026-03-01T13:00:02%2B01:00&to=2026-03-02T00:00:00Z":      {canceled},
		"to=2026-03-01T12:00:02Z":                                       {export, restore},
		"from=" + time.Now().Add(time.Hour).UTC().Format(time.RFC3339):  nil,
		"from=2026-03-01T12:00:00Z&to=2026-03-01T12:00:03Z&kind=Export": {export},
	} {
		var all, exported []string
		for cursor := ""; ; {
			var page api.List[tasks.Activity]
			b.who.ok("GET", "/api/activity?limit=2&cursor="+cursor+"&"+query, nil, &page)
			for _, a := range page.Items {
				all = append(all, strings.TrimSpace(string(a.Kind)+" "+a.BoxUserName))
			}
			if cursor = page.Next; cursor == "" {
				break
			}
		}
		if diff := cmp.Diff(want, all); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
		for _, row := range b.who.sheet(query) {
			exported = append(exported, strings.TrimSpace(row[0]+" "+row[3]))
		}
		if diff := cmp.Diff(want, exported); diff != "" {
			t.Errorf("exported by %s (-want +got):\n%s", query, diff)
		}
	}
	want := [][]string{{"Export", "2026-03-01T12:00:01Z", "Box", "", "Partially succeeded", "Öther", "For the auditor", "3:01:02", "5", "6", ""}}
	if diff := cmp.Diff(want, b.who.sheet("kind=Export")); diff != "" {
		t.Errorf("a row (-want +got):\n%s", diff)
	}
	for _, query := range []string{"kind=backup", "status=Fine", "from=yesterday", "user=7", "q=" + strings.Repeat("x", 201)} {
		b.who.refused(400, "GET", "/api/activity?"+query, nil)
		b.who.refused(400, "GET", "/api/activity.csv?"+query, nil)
	}
	var page api.List[tasks.Activity]
	b.who.ok("GET", "/api/activity?limit=1", nil, &page)
	b.who.refused(400, "GET", "/api/activity?limit=1&kind=Backup&cursor="+page.Next, nil) // a cursor of another filter
}

func TestExportedActivityComputesNothing_B2(t *testing.T) {
	t.Parallel()
	b := newBackedUp(t)
	var told []audit.Activity
	for _, f := range formulas {
		told = append(told, audit.Activity{Kind: audit.Backup, Status: audit.Failed, BoxUser: "7", TaskName: f, BoxUserName: f, Item: f, Description: f})
	}
	b.tell(t, time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), told...)
	rows := b.who.sheet("status=Failed")
	if len(rows) != len(formulas) {
		t.Fatalf("%d rows, want %d", len(rows), len(formulas))
	}
	for i, row := range rows {
		f := "'" + formulas[len(formulas)-1-i] // newest first
		at := time.Date(2026, 3, 1, 12, 0, len(formulas)-1-i, 0, time.UTC).Format(time.RFC3339)
		want := []string{"Backup", at, "Box", f, "Failed", f, f, "", "0", "0", f}
		if diff := cmp.Diff(want, row); diff != "" {
			t.Errorf("row %d (-want +got):\n%s", i, diff)
		}
	}
}

func TestExportThatIsTooMuchSaysHowToGetTheRest(t *testing.T) {
	t.Parallel()
	b := newBackedUp(t)
	text := make([]byte, 9000)
	chance := rand.New(rand.NewPCG(1, 2))
	told := make([]audit.Activity, 700)
	for i := range told { // 6 MB that packing does not make much smaller
		for j := range text {
			text[j] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+/"[chance.IntN(64)]
		}
		told[i] = audit.Activity{Kind: audit.Prune, Status: audit.Succeeded, Item: fmt.Sprintf("number %d", i), Description: string(text)}
	}
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	b.tell(t, start, told...)
	rows := b.who.sheet("kind=Prune")
	last := rows[len(rows)-1]
	if len(rows) >= 700 || last[0] != "Note" {
		t.Fatalf("%d rows, the last %q, want fewer and a note", len(rows), last[0])
	}
	_, before, _ := strings.Cut(last[10], "before ")
	before, _, _ = strings.Cut(before, " ")
	seen := map[string]bool{}
	for _, row := range rows[:len(rows)-1] {
		seen[row[6]] = true
	}
	for _, row := range b.who.sheet("kind=Prune&to=" + url.QueryEscape(before)) {
		seen[row[6]] = true
	}
	if len(seen) != 700 {
		t.Errorf("the files hold %d activities, want 700; the first says %q", len(seen), last[10])
	}
}
