package catalog

import (
	"context"
	"fmt"
	"strings"

	"coffer/shared/backup"
)

// Search returns up to limit items whose names contain every word of the text,
// whatever the case and accents; those of one kind alone, where it is not empty.
// next continues, as in Children.
func (c *Catalog) Search(ctx context.Context, snap backup.SnapshotID, words string, kind backup.ItemKind, after string, limit int) (items []Item, next string, err error) {
	s, err := c.Snapshot(ctx, snap)
	if err != nil {
		return nil, "", err
	}
	n := int64(0)
	if after != "" {
		if n, err = cursor(after); err != nil {
			return nil, "", err
		}
	}
	var match, where []string
	args := []any{s.n, n, limit + 1}
	for _, w := range strings.Fields(words) {
		if len([]rune(w)) >= 3 { // what a trigram index can find
			match = append(match, `"`+strings.ReplaceAll(w, `"`, `""`)+`"`)
			continue
		}
		args = append(args, "%"+strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(w)+"%")
		where = append(where, fmt.Sprintf(`i.name LIKE ?%d ESCAPE '\'`, len(args)))
	}
	if len(match) > 0 {
		args = append(args, strings.Join(match, " AND "))
		where = append(where, fmt.Sprintf("i.row IN (SELECT rowid FROM names WHERE names MATCH ?%d)", len(args)))
	}
	if len(where) == 0 {
		return nil, "", nil
	}
	if kind != "" {
		number, err := kindNumber(kind)
		if err != nil {
			return nil, "", err
		}
		args = append(args, number)
		where = append(where, fmt.Sprintf("i.kind = ?%d", len(args)))
	}
	rows, err := c.db.QueryContext(ctx, "SELECT "+viewed+" FROM item i WHERE "+valid+" AND i.row > ?2 AND "+
		strings.Join(where, " AND ")+" ORDER BY i.row LIMIT ?3", args...)
	p := page{limit: limit}
	if err == nil {
		err = p.add(rows)
	}
	if err != nil {
		return nil, "", fmt.Errorf("search: %w", err)
	}
	return p.items, p.cursor, nil
}
