package catalog

import (
	"context"
	"fmt"

	"coffer/shared/backup"
)

// Fresh counts the items that are new in the draft or changed by it, by kind.
// It is meant to be asked after Seal.
func (d *Draft) Fresh(ctx context.Context) (backup.Kinds, error) {
	var k backup.Kinds
	err := d.row(ctx, `SELECT count(*) FILTER (WHERE kind = 2), count(*) FILTER (WHERE kind = 1), count(*) FILTER (WHERE kind = 3)
		FROM item WHERE since = ? AND `+counted, d.n).Scan(&k.Files, &k.Folders, &k.WebLinks)
	if err != nil {
		return backup.Kinds{}, fmt.Errorf("new and changed items: %w", err)
	}
	return k, nil
}
