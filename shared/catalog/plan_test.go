package catalog

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestNamesComeSortedFromTheIndex reads SQLite's plans: only an order that the
// index does not have may sort, and only the rows of the folder.
func TestNamesComeSortedFromTheIndex(t *testing.T) {
	t.Parallel()
	c, err := Create(t.Context(), filepath.Join(t.TempDir(), "c"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, l := range []Listing{{}, {Descending: true}, {By: BySize}, {By: ByModified, Descending: true}} {
		for _, goesOn := range []bool{false, true} {
			rows, err := c.db.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+l.query(2, goesOn), 1, 0, 2, 10, "a", 1, 1)
			if err != nil {
				t.Fatal(err)
			}
			var plan strings.Builder
			for rows.Next() {
				var id, parent, unused int
				var detail string
				if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
					t.Fatal(err)
				}
				plan.WriteString(detail + "\n")
			}
			if err := rows.Close(); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(plan.String(), "SEARCH i USING INDEX item_parent (parent=? AND kind=?") {
				t.Errorf("%+v looks beyond the folder:\n%s", l, plan.String())
			}
			if sorts := strings.Contains(plan.String(), "TEMP B-TREE"); sorts == (l.By == ByName) {
				t.Errorf("%+v, sorting: %t:\n%s", l, sorts, plan.String())
			}
			if goesOn && l.By == ByName && !strings.Contains(plan.String(), "AND kind=? AND name") {
				t.Errorf("%+v reads the pages before:\n%s", l, plan.String())
			}
		}
	}
}
