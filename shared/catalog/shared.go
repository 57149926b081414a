package catalog

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"coffer/shared/backup"
)

// Shared is an item and the collaborations that it has itself.
type Shared struct {
	backup.ItemRef
	Collaborations []Collaboration
}

// changedPlaces selects the items with collaborations that the draft ?1 lacks or
// has elsewhere or otherwise than the snapshot before, and those from before ?2
// that it has again. What a reference does not show makes no difference.
const changedPlaces = `SELECT d.kind, d.id, (SELECT text FROM value WHERE n = d.body) FROM detail d
	WHERE d.part = 1 AND d.since = (SELECT max(e.since) FROM detail e WHERE e.kind = d.kind AND e.id = d.id AND e.part = 1 AND e.since < ?1)
	AND (EXISTS (SELECT 1 FROM item b WHERE b.kind = d.kind AND b.id = d.id AND b.until = ?1 AND b.state <> 3 AND b.parent IS NOT 'trash'
			AND NOT EXISTS (SELECT 1 FROM item i WHERE i.kind = d.kind AND i.id = d.id AND i.since = ?1 AND i.until IS NULL AND i.state <> 3
				AND i.parent IS b.parent AND i.name IS b.name AND i.description IS b.description AND i.tags IS b.tags))
		OR EXISTS (SELECT 1 FROM item i WHERE i.kind = d.kind AND i.id = d.id AND i.since = ?1 AND i.until IS NULL AND i.state <> 3
				AND i.parent IS NOT 'trash' AND i.created_at < ?2)
			AND NOT EXISTS (SELECT 1 FROM item b WHERE b.kind = d.kind AND b.id = d.id AND b.until = ?1 AND b.parent IS NOT 'trash'))`

// SharedChanges returns the Box user's items which others have as references and
// which are not where and what they were in the snapshot before: renamed, moved,
// deleted, or, if they were made before the time, back. The draft has to be
// settled. What is newly shared is not among them.
func (d *Draft) SharedChanges(ctx context.Context, madeBefore time.Time) ([]Shared, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	rows, err := d.query(ctx, changedPlaces, d.n, madeBefore.UnixMilli())
	if err != nil {
		return nil, fmt.Errorf("changes of shared items: %w", err)
	}
	defer rows.Close()
	var all []Shared
	for rows.Next() {
		var (
			kind     int64
			id, body any
			s        Shared
		)
		if err := rows.Scan(&kind, &id, &body); err != nil {
			return nil, fmt.Errorf("changes of shared items: %w", err)
		}
		s.ItemRef = backup.ItemRef{Kind: kinds[kind], ID: str(id)}
		if text := str(body); text != "" {
			if err := json.Unmarshal([]byte(text), &s.Collaborations); err != nil {
				return nil, fmt.Errorf("collaborations of %s: %w", s.ItemRef, err)
			}
		}
		if len(s.Collaborations) > 0 {
			all = append(all, s)
		}
	}
	return all, rows.Err()
}
