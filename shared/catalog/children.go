package catalog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"coffer/shared/backup"
)

// Listing says which items of a folder Children lists, and in which order.
// Folders always come first, then files, then web links; what is equal by the
// key is in the order of names. The zero Listing is of everything, by name.
type Listing struct {
	Kind       backup.ItemKind // items of this kind alone, where not empty
	By         Key
	Descending bool
}

// Key is what the items of a folder are ordered by.
type Key int

// The keys. Case does not matter in names, as far as ASCII goes.
const (
	ByName     Key = iota
	BySize         // files by their bytes, an Absent one as 0; folders and web links by name, ascending
	ByModified     // by ModifiedAt; what has none is the oldest
)

// column is the key as SQL has it.
func (k Key) column() string {
	if k == BySize {
		return fmt.Sprintf("CASE i.state WHEN %d THEN 0 ELSE i.size END", Absent)
	}
	return "coalesce(i.modified_at, -1000000000000000000)"
}

// kinds returns the numbers of the kinds that are listed, in their order.
func (l Listing) kinds() ([]int64, error) {
	if l.Kind == "" {
		return []int64{1, 2, 3}, nil
	}
	kind, err := kindNumber(l.Kind)
	return []int64{kind}, err
}

// query returns the query for items of one kind: ?1 is the snapshot, ?2 the
// folder, ?3 the kind, ?4 the limit. If it goes on behind an item, ?5 is that
// one's name, ?6 its row and ?7 its key.
func (l Listing) query(kind int64, goesOn bool) string {
	if kinds[kind] != backup.File && l.By == BySize {
		l = Listing{}
	}
	than, direction := ">", ""
	if l.Descending {
		than, direction = "<", " DESC"
	}
	after := ""
	from := " FROM item i INDEXED BY item_parent WHERE i.parent = ?2 AND i.kind = ?3 AND " + valid
	if l.By == ByName { // the index has this order
		if goesOn { // the first condition is one that the index can look up
			after = " AND i.name COLLATE NOCASE " + than + "= ?5 AND (i.name COLLATE NOCASE, i.row) " + than + " (?5, ?6)"
		}
		return "SELECT " + viewed + from + after + " ORDER BY i.name COLLATE NOCASE" + direction + ", i.row" + direction + " LIMIT ?4"
	}
	key := l.By.column()
	if goesOn {
		after = " AND (" + key + " " + than + " ?7 OR " + key + " = ?7 AND (i.name COLLATE NOCASE, i.row) > (?5, ?6))"
	}
	// Only what sorting needs is read of the items that are on other pages.
	return "SELECT " + viewed + " FROM (SELECT i.row AS r, " + key + " AS k, i.name AS n" + from + after +
		" ORDER BY k" + direction + ", n COLLATE NOCASE, r LIMIT ?4) s CROSS JOIN item i ON i.row = s.r" +
		" ORDER BY s.k" + direction + ", s.n COLLATE NOCASE, s.r"
}

// Children returns up to limit items of a folder. next continues after the
// page, with the same listing, and is "" at the end.
func (c *Catalog) Children(ctx context.Context, snap backup.SnapshotID, folder string, l Listing, after string, limit int) (items []Item, next string, err error) {
	s, err := c.Snapshot(ctx, snap)
	if err != nil {
		return nil, "", err
	}
	listed, err := l.kinds()
	if err != nil {
		return nil, "", err
	}
	var (
		kind int64
		from = []any{nil, nil, nil}
	)
	if after != "" {
		row, err := cursor(after)
		if err != nil {
			return nil, "", err
		}
		var name string
		var key any
		err = c.db.QueryRowContext(ctx, "SELECT i.kind, i.name, "+l.By.column()+" FROM item i WHERE i.row = ?", row).Scan(&kind, &name, &key)
		if errors.Is(err, sql.ErrNoRows) {
			return nil, "", errCursor
		} else if err != nil {
			return nil, "", fmt.Errorf("children of folder %s: %w", folder, err)
		}
		from = []any{name, row, key}
	}
	p := page{limit: limit}
	for _, k := range listed {
		if k < kind || p.cursor != "" {
			continue
		}
		args := append([]any{s.n, number(folder), k, limit + 1 - len(p.items)}, from...)
		rows, err := c.db.QueryContext(ctx, l.query(k, k == kind), args...)
		if err == nil {
			err = p.add(rows)
		}
		if err != nil {
			return nil, "", fmt.Errorf("children of folder %s: %w", folder, err)
		}
	}
	return p.items, p.cursor, nil
}

// CountChildren returns how many items Children lists on all pages.
func (c *Catalog) CountChildren(ctx context.Context, snap backup.SnapshotID, folder string, l Listing) (n int, err error) {
	s, err := c.Snapshot(ctx, snap)
	if err != nil {
		return 0, err
	}
	listed, err := l.kinds()
	if err != nil {
		return 0, err
	}
	err = c.db.QueryRowContext(ctx, "SELECT count(*) FROM item i INDEXED BY item_parent WHERE i.parent = ?2 AND i.kind BETWEEN ?3 AND ?4 AND "+valid,
		s.n, number(folder), listed[0], listed[len(listed)-1]).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count the children of folder %s: %w", folder, err)
	}
	return n, nil
}
