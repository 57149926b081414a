package audit_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"coffer/scripts/local/localtest"
	"coffer/shared/audit"
	"coffer/shared/backup"
)

var start = time.Date(2026, 3, 1, 1, 0, 0, 0, time.UTC)

// newTable returns a table with n activities of acme, one a minute, and one of
// another account. Every fifth is a failed restore of Zoë's.
func newTable(t *testing.T, n int) *audit.Table {
	t.Helper()
	cloud := localtest.Start(t)
	table := audit.New(cloud.AWS, cloud.Table(t))
	add := func(account backup.AccountID, i int) error {
		at := start.Add(time.Duration(i) * time.Minute)
		a := audit.Activity{
			Account: account, ID: audit.ID(at, fmt.Sprint(i)), At: at, Kind: audit.Backup, Status: audit.Succeeded,
			Task: "files", TaskName: "Files", BoxUser: "7", BoxUserName: "Bob", Item: "bob@acme.example", Description: fmt.Sprintf("number %d", i),
		}
		if i%5 == 0 {
			a.Kind, a.Status, a.Task, a.BoxUserName = audit.Restore, audit.Failed, "mail", "Zoë Ärger"
		}
		return table.Add(t.Context(), a)
	}
	var adding errgroup.Group
	adding.SetLimit(16)
	for i := range n {
		adding.Go(func() error { return add("acme", i) })
	}
	adding.Go(func() error { return add("zenith", 0) })
	if err := adding.Wait(); err != nil {
		t.Fatal(err)
	}
	return table
}

// all follows the pages of a query and returns the descriptions.
func all(t *testing.T, table *audit.Table, q audit.Query, limit int) []string {
	t.Helper()
	var got []string
	for pages := 0; ; pages++ {
		list, next, err := table.List(t.Context(), "acme", q, limit)
		if err != nil || pages > 100 || len(list) > limit {
			t.Fatalf("page %d of %d: %v", pages, len(list), err)
		}
		for _, a := range list {
			got = append(got, a.Description)
		}
		if q.After = next; next == "" {
			return got
		}
		if len(list) == 0 {
			t.Fatal("an empty page before the end")
		}
	}
}

func TestListHoldsWhatMatchesNewestFirst_F129(t *testing.T) {
	t.Parallel()
	table := newTable(t, 23)
	numbers := func(match func(i int) bool) []string {
		var want []string
		for i := 22; i >= 0; i-- {
			if match(i) {
				want = append(want, fmt.Sprintf("number %d", i))
			}
		}
		return want
	}
	fifth := func(i int) bool { return i%5 == 0 }
	none := func(int) bool { return false }
	minute := func(i int) time.Time { return start.Add(time.Duration(i) * time.Minute) }
	for name, c := range map[string]struct {
		query audit.Query
		match func(i int) bool
	}{
		"all":              {audit.Query{}, func(int) bool { return true }},
		"kind":             {audit.Query{Kind: audit.Restore}, fifth},
		"status":           {audit.Query{Status: audit.Failed}, fifth},
		"task":             {audit.Query{Task: "mail"}, fifth},
		"Box user":         {audit.Query{Text: "zoë ÄR"}, fifth},
		"item":             {audit.Query{Text: "BOB@acme"}, func(int) bool { return true }},
		"description":      {audit.Query{Text: "number 2"}, func(i int) bool { return i == 2 || i >= 20 }},
		"not across":       {audit.Query{Text: "files bob"}, none},
		"all of it":        {audit.Query{Kind: audit.Backup, Task: "mail"}, none},
		"from":             {audit.Query{From: minute(7)}, func(i int) bool { return i >= 7 }},
		"to":               {audit.Query{To: minute(7)}, func(i int) bool { return i < 7 }},
		"between":          {audit.Query{From: minute(7), To: minute(17)}, func(i int) bool { return i >= 7 && i < 17 }},
		"between, of kind": {audit.Query{From: minute(7), To: minute(17), Kind: audit.Restore}, func(i int) bool { return i == 10 || i == 15 }},
		"backwards":        {audit.Query{From: minute(17), To: minute(7)}, none},
		"before all":       {audit.Query{To: start}, none},
		"other zone":       {audit.Query{From: minute(7).In(time.FixedZone("", 3600))}, func(i int) bool { return i >= 7 }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := numbers(c.match)
			for _, limit := range []int{1, 2, 5, 23, 200} {
				if diff := cmp.Diff(want, all(t, table, c.query, limit)); diff != "" {
					t.Errorf("pages of %d (-want +got):\n%s", limit, diff)
				}
			}
		})
	}
}

func TestListReadsABoundedNumberOfRows(t *testing.T) {
	t.Parallel()
	const rows = 6001 // more than one List reads
	table := newTable(t, rows)
	q := audit.Query{Text: "number 0"} // the oldest
	list, next, err := table.List(t.Context(), "acme", q, 50)
	if err != nil || len(list) != 0 || next == "" {
		t.Fatalf("%d rows, next %q, %v, want none yet", len(list), next, err)
	}
	q.After = next
	list, next, err = table.List(t.Context(), "acme", q, 50)
	if err != nil || len(list) != 1 || next != "" {
		t.Errorf("%d rows, next %q, %v, want the one", len(list), next, err)
	}
	everything := all(t, table, audit.Query{}, 1000)
	if len(everything) != rows || len(slices.Compact(slices.Sorted(slices.Values(everything)))) != rows {
		t.Errorf("%d rows, want %d different ones", len(everything), rows)
	}
}
