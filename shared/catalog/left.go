package catalog

import (
	"context"
	"encoding/json"
	"fmt"

	"coffer/shared/backup"
)

// leftKey is that of what is left, in table state.
const leftKey = "left"

// Left returns the items that failed in runs which left the draft behind, without
// those of which a content or a part is offered again: nothing else in the draft
// says that they are to be looked at. NoneLeft forgets them.
func (d *Draft) Left(ctx context.Context) ([]backup.ItemRef, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.left(ctx)
}

func (d *Draft) left(ctx context.Context) (left []backup.ItemRef, err error) {
	text, err := d.state(ctx, leftKey)
	if err != nil || text == "" {
		return nil, err
	}
	if err := json.Unmarshal([]byte(text), &left); err != nil {
		return nil, fmt.Errorf("what is left: %w", err)
	}
	return left, nil
}

// NoneLeft says that what was Left was looked at.
func (d *Draft) NoneLeft(ctx context.Context) error { return d.SetState(ctx, leftKey, "") }

// leave keeps what failed as left.
func (d *Draft) leave(ctx context.Context) error {
	left, err := d.left(ctx)
	if err != nil {
		return err
	}
	rows, err := d.query(ctx, `SELECT kind, id FROM failure f WHERE snapshot = ?
		AND NOT EXISTS (SELECT 1 FROM want w WHERE w.id = f.id AND w.failed = 1 AND f.kind = 2 AND f.content <> 0)
		AND NOT EXISTS (SELECT 1 FROM inspect i WHERE i.kind = f.kind AND i.id = f.id AND i.failed = 1 AND f.content <> 0)`, d.n)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var kind int64
		var id any
		if err := rows.Scan(&kind, &id); err != nil {
			return err
		}
		left = append(left, backup.ItemRef{Kind: kinds[kind], ID: str(id)})
	}
	if err := rows.Err(); err != nil || len(left) == 0 {
		return err
	}
	text, err := json.Marshal(left)
	if err != nil {
		return fmt.Errorf("what is left: %w", err)
	}
	return d.setState(ctx, leftKey, string(text))
}
