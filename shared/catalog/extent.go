package catalog

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"coffer/shared/backup"
)

// Extent is how much items hold with everything below them. Each item is
// counted in one place.
type Extent struct {
	Files, Folders, WebLinks int64
	Bytes                    int64 // of these files
	Absent                   int64 // files without a content
	References               int64 // items of any kind that another Box user's backup holds
}

// Items returns the number of items.
func (e Extent) Items() int64 { return e.Files + e.Folders + e.WebLinks + e.Absent + e.References }

// chosen has the kind and id of each item in ?2, a JSON array of such pairs.
const chosen = "WITH RECURSIVE chosen (kind, id) AS (SELECT value ->> 0, value ->> 1 FROM json_each(?2))"

// Extent adds up the items and everything below them; what is named twice, or
// is below another, counts once. The root folder itself does not count. It is
// NotFound where the snapshot does not have one of them.
func (c *Catalog) Extent(ctx context.Context, snap backup.SnapshotID, from ...backup.ItemRef) (Extent, error) {
	s, list, err := c.choose(ctx, snap, from)
	if err != nil {
		return Extent{}, err
	}
	rows, err := c.db.QueryContext(ctx, chosen+`, below (row, kind, id) AS (
			SELECT 0, 1, 0 FROM chosen WHERE kind = 1 AND id = 0
			UNION SELECT i.row, i.kind, i.id FROM chosen c CROSS JOIN item i ON i.kind = c.kind AND i.id = c.id AND `+valid+`
			UNION SELECT i.row, i.kind, i.id FROM below b CROSS JOIN item i ON b.kind = 1 AND i.parent = b.id AND `+valid+`)
		SELECT i.kind, i.state, count(*), coalesce(sum(i.size), 0) FROM below b CROSS JOIN item i ON i.row = b.row GROUP BY i.kind, i.state`, s.n, list)
	if err != nil {
		return Extent{}, fmt.Errorf("extent: %w", err)
	}
	return scanExtent(rows)
}

func scanExtent(rows *sql.Rows) (e Extent, err error) {
	defer rows.Close()
	for rows.Next() {
		var kind, n, bytes int64
		var state State
		if err := rows.Scan(&kind, &state, &n, &bytes); err != nil {
			return Extent{}, fmt.Errorf("extent: %w", err)
		}
		switch {
		case state == Reference:
			e.References += n
		case state == Absent:
			e.Absent += n
		case kinds[kind] == backup.File:
			e.Files, e.Bytes = e.Files+n, e.Bytes+bytes
		case kinds[kind] == backup.Folder:
			e.Folders += n
		default:
			e.WebLinks += n
		}
	}
	return e, rows.Err()
}

// Holds returns a NotFound error unless the snapshot has all these items, or
// what is named is its root folder.
func (c *Catalog) Holds(ctx context.Context, snap backup.SnapshotID, refs ...backup.ItemRef) error {
	_, _, err := c.choose(ctx, snap, refs)
	return err
}

// choose returns the snapshot and the list for ?2 of items that it has.
func (c *Catalog) choose(ctx context.Context, snap backup.SnapshotID, refs []backup.ItemRef) (Snapshot, string, error) {
	s, err := c.Snapshot(ctx, snap)
	if err != nil {
		return Snapshot{}, "", err
	}
	pairs := make([][2]any, len(refs))
	for i, ref := range refs {
		kind, id, err := key(ref)
		if err != nil {
			return Snapshot{}, "", backup.Errorf(backup.Invalid, "%s is not an item.", ref)
		}
		pairs[i] = [2]any{kind, id}
	}
	list, err := json.Marshal(pairs)
	if err != nil {
		return Snapshot{}, "", fmt.Errorf("chosen items: %w", err)
	}
	var kind int64
	var id any
	err = c.db.QueryRowContext(ctx, chosen+` SELECT kind, id FROM chosen c WHERE NOT (kind = 1 AND id = 0)
		AND NOT EXISTS (SELECT 1 FROM item i WHERE i.kind = c.kind AND i.id = c.id AND `+valid+`) LIMIT 1`, s.n, string(list)).Scan(&kind, &id)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return s, string(list), nil
	case err != nil:
		return Snapshot{}, "", fmt.Errorf("chosen items: %w", err)
	}
	return Snapshot{}, "", backup.Errorf(backup.NotFound, "Item %s is not in the snapshot.", backup.ItemRef{Kind: kinds[kind], ID: str(id)})
}
