package catalog

import (
	"context"
	"fmt"
	"path"
	"strings"
)

// Altered returns how many files of the draft, sealed or not, have another
// content or another extension than in the snapshot before.
func (d *Draft) Altered(ctx context.Context) (int64, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	rows, err := d.query(ctx, `SELECT a.name, b.name, a.sha1 IS NOT b.sha1 OR a.size IS NOT b.size FROM item b
		JOIN item a ON a.kind = 2 AND a.id = b.id AND a.until = b.since WHERE b.since = ? AND b.kind = 2`, d.n)
	if err != nil {
		return 0, fmt.Errorf("altered files: %w", err)
	}
	defer rows.Close()
	var altered int64
	for rows.Next() {
		var before, now string
		var content bool
		if err := rows.Scan(&before, &now, &content); err != nil {
			return 0, fmt.Errorf("altered files: %w", err)
		}
		if content || !strings.EqualFold(path.Ext(before), path.Ext(now)) {
			altered++
		}
	}
	return altered, rows.Err()
}
