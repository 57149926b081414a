package catalog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"coffer/shared/backup"
)

// Snapshot describes a sealed snapshot.
type Snapshot struct {
	ID backup.SnapshotID
	At time.Time
	Counts

	n int64
}

const selectSnapshots = `SELECT n, id, at, files, folders, web_links, bytes, added, changed, removed, failed FROM snapshot WHERE sealed = 1 `

// Snapshots returns the sealed snapshots, newest first.
func (c *Catalog) Snapshots(ctx context.Context) ([]Snapshot, error) {
	rows, err := c.db.QueryContext(ctx, selectSnapshots+"ORDER BY n DESC")
	if err != nil {
		return nil, fmt.Errorf("snapshots: %w", err)
	}
	defer rows.Close()
	var all []Snapshot
	for rows.Next() {
		s, err := scanSnapshot(rows)
		if err != nil {
			return nil, fmt.Errorf("snapshots: %w", err)
		}
		all = append(all, s)
	}
	return all, rows.Err()
}

// Snapshot returns one sealed snapshot.
func (c *Catalog) Snapshot(ctx context.Context, id backup.SnapshotID) (Snapshot, error) {
	s, err := scanSnapshot(c.db.QueryRowContext(ctx, selectSnapshots+"AND id = ?", id))
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return Snapshot{}, backup.Errorf(backup.NotFound, "Snapshot %s does not exist.", id)
	case err != nil:
		return Snapshot{}, fmt.Errorf("snapshot %s: %w", id, err)
	}
	return s, nil
}

func scanSnapshot(row interface{ Scan(...any) error }) (s Snapshot, err error) {
	var ms int64
	err = row.Scan(&s.n, &s.ID, &ms, &s.Files, &s.Folders, &s.WebLinks, &s.Bytes, &s.New, &s.Changed, &s.Removed, &s.Failed)
	s.At = time.UnixMilli(ms).UTC()
	return s, err
}

// State returns a value that the run of a sealed snapshot kept, or "". Only the
// newest snapshot's are kept.
func (c *Catalog) State(ctx context.Context, snap backup.SnapshotID, key string) (value string, err error) {
	s, err := c.Snapshot(ctx, snap)
	if err != nil {
		return "", err
	}
	err = c.db.QueryRowContext(ctx, "SELECT value FROM state WHERE snapshot = ? AND key = ?", s.n, key).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return value, err
}

// valid selects the rows of snapshot ?1.
const valid = "i.since <= ?1 AND (i.until IS NULL OR i.until > ?1)"

// Item returns one item of a snapshot, and NotFound where the snapshot does not
// have it.
func (c *Catalog) Item(ctx context.Context, snap backup.SnapshotID, ref backup.ItemRef) (Item, error) {
	s, err := c.Snapshot(ctx, snap)
	if err != nil {
		return Item{}, err
	}
	return c.item(ctx, s.n, ref)
}

func (c *Catalog) item(ctx context.Context, n int64, ref backup.ItemRef) (Item, error) {
	kind, id, err := key(ref)
	if err != nil {
		return Item{}, backup.Errorf(backup.Invalid, "%s is not an item.", ref)
	}
	it, _, err := scan(c.db.QueryRowContext(ctx, "SELECT "+viewed+" FROM item i WHERE i.kind = ?2 AND i.id = ?3 AND "+valid, n, kind, id))
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return Item{}, backup.Errorf(backup.NotFound, "Item %s is not in the snapshot.", ref)
	case err != nil:
		return Item{}, fmt.Errorf("item %s: %w", ref, err)
	}
	return it, nil
}

// Path returns the item and the folders that it is in, outermost first, without
// the root folder.
func (c *Catalog) Path(ctx context.Context, snap backup.SnapshotID, ref backup.ItemRef) ([]Item, error) {
	s, err := c.Snapshot(ctx, snap)
	if err != nil {
		return nil, err
	}
	var path []Item
	for root := (backup.ItemRef{Kind: backup.Folder, ID: backup.RootFolder}); ref.ID != "" && ref != root; {
		it, err := c.item(ctx, s.n, ref)
		if err != nil {
			return nil, err
		}
		path = append(path, it)
		ref = backup.ItemRef{Kind: backup.Folder, ID: it.Parent}
	}
	slices.Reverse(path)
	return path, nil
}

// Walk calls f for the item and everything below it, folders before what they
// hold. The root folder itself is skipped. It stops at the first error of f.
func (c *Catalog) Walk(ctx context.Context, snap backup.SnapshotID, from backup.ItemRef, f func(Item) error) error {
	s, err := c.Snapshot(ctx, snap)
	if err != nil {
		return err
	}
	kind, id, err := key(from)
	if err != nil {
		return backup.Errorf(backup.Invalid, "%s is not an item.", from)
	}
	if from.Kind != backup.Folder || from.ID != backup.RootFolder {
		it, err := c.item(ctx, s.n, from)
		if err != nil {
			return err
		}
		if err := f(it); err != nil {
			return err
		}
	}
	rows, err := c.db.QueryContext(ctx, `WITH RECURSIVE below (row, kind, id) AS (
			SELECT 0, ?2, ?3
			UNION ALL SELECT i.row, i.kind, i.id FROM below b CROSS JOIN item i ON b.kind = 1 AND i.parent = b.id AND `+valid+`)
		SELECT `+viewed+` FROM below b CROSS JOIN item i ON i.row = b.row`, s.n, kind, id)
	if err != nil {
		return fmt.Errorf("walk: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		it, _, err := scan(rows)
		if err != nil {
			return fmt.Errorf("walk: %w", err)
		}
		if err := f(it); err != nil {
			return err
		}
	}
	return rows.Err()
}

// page collects up to limit items. Its cursor is the number of the last item's
// row, which no later snapshot changes, or "" where there are no more.
type page struct {
	limit  int
	items  []Item
	last   int64
	cursor string
}

// add reads viewed rows, one more than fit where there are more.
func (p *page) add(rows *sql.Rows) error {
	defer rows.Close()
	for rows.Next() {
		if len(p.items) == p.limit {
			p.cursor = strconv.FormatInt(p.last, 10)
			return nil
		}
		it, n, err := scan(rows)
		if err != nil {
			return err
		}
		p.items, p.last = append(p.items, it), n
	}
	return rows.Err()
}

var errCursor = backup.Field("cursor", "The cursor is not one of this list.")

func cursor(after string) (int64, error) {
	n, err := strconv.ParseInt(after, 10, 64)
	if err != nil {
		return 0, errCursor
	}
	return n, nil
}
