package catalog

import (
	"context"
	"fmt"

	"coffer/shared/backup"
)

// Lacks is what a snapshot does not have.
type Lacks struct {
	Failed backup.Kinds // items in the ledger of failures
	Unread int64        // files, new or changed in the snapshot, whose content could not be read
	Absent int64        // files of which no content could ever be read
}

// Lacks counts what the draft does not have. It is meant to be asked after
// Seal.
func (d *Draft) Lacks(ctx context.Context) (Lacks, error) {
	var l Lacks
	err := d.row(ctx, `SELECT count(*) FILTER (WHERE kind = 2), count(*) FILTER (WHERE kind = 1), count(*) FILTER (WHERE kind = 3)
		FROM failure WHERE snapshot = ?`, d.n).Scan(&l.Failed.Files, &l.Failed.Folders, &l.Failed.WebLinks)
	if err != nil {
		return Lacks{}, fmt.Errorf("failures by kind: %w", err)
	}
	err = d.row(ctx, `SELECT count(*) FILTER (WHERE since = ? AND state IN (1, 2)), count(*) FILTER (WHERE state = 2)
		FROM item WHERE kind = 2 AND until IS NULL AND `+counted, d.n).Scan(&l.Unread, &l.Absent)
	if err != nil {
		return Lacks{}, fmt.Errorf("files without content: %w", err)
	}
	return l, nil
}
