package catalog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"coffer/shared/backup"
)

// Failure is an item that a run could not back up, and why. Name and Parent
// are as the snapshot has them, empty where it does not know the item.
type Failure struct {
	backup.ItemRef
	Parent, Name string
	Reason       string
	Since        time.Time // of the first of the snapshots without a break that lack it; zero in a draft
}

// firstFailed tells of a failure f in which snapshot without a break it is the
// first, as far back as there are snapshots. Files of version 3 keep the answer,
// since snapshots expire.
const firstFailed = `(SELECT s.at FROM snapshot s WHERE s.n > coalesce((SELECT g.n FROM snapshot g WHERE g.n < f.snapshot
	AND NOT EXISTS (SELECT 1 FROM failure e WHERE e.snapshot = g.n AND e.kind = f.kind AND e.id = f.id) ORDER BY g.n DESC LIMIT 1), 0)
	ORDER BY s.n LIMIT 1)`

// selectFailures selects the ledger of snapshot ?1 behind an item, all of it or
// up to a limit.
func selectFailures(since, limit string) string {
	return `SELECT f.kind, f.id, coalesce(i.parent, ''), coalesce(i.name, ''), f.reason, ` + since + `
		FROM failure f LEFT JOIN item i ON i.kind = f.kind AND i.id = f.id AND ` + valid + `
		WHERE f.snapshot = ?1 AND (f.kind, f.id) > (?2, ?3) ORDER BY f.kind, f.id` + limit
}

// Failures returns the ledger of a sealed snapshot.
func (c *Catalog) Failures(ctx context.Context, snap backup.SnapshotID) ([]Failure, error) {
	s, err := c.Snapshot(ctx, snap)
	if err != nil {
		return nil, err
	}
	return c.failures(ctx, s.n, 0, 0, "")
}

// FailuresAfter returns up to limit lines of a sealed snapshot's ledger, in the
// order of kinds and ids, and the cursor of those behind them, "" where there are
// none. After is the cursor of the page before, "" for the first.
func (c *Catalog) FailuresAfter(ctx context.Context, snap backup.SnapshotID, after string, limit int) (some []Failure, next string, err error) {
	s, err := c.Snapshot(ctx, snap)
	if err != nil {
		return nil, "", err
	}
	var kind int64
	var id any = int64(0)
	if after != "" {
		ref, err := backup.ParseItemRef(after)
		if err == nil {
			kind, id, err = key(ref)
		}
		if err != nil {
			return nil, "", errCursor
		}
	}
	some, err = c.failures(ctx, s.n, kind, id, fmt.Sprint(" LIMIT ", limit+1))
	if err == nil && len(some) > limit {
		some = some[:limit]
		next = some[limit-1].String()
	}
	return some, next, err
}

func (c *Catalog) failures(ctx context.Context, n, kind int64, id any, limit string) ([]Failure, error) {
	since := "f.since"
	if c.version.Load() < 3 {
		since = firstFailed
	}
	rows, err := c.db.QueryContext(ctx, selectFailures(since, limit), n, kind, id)
	if err != nil {
		return nil, fmt.Errorf("failures: %w", err)
	}
	return scanFailures(rows)
}

// Failures returns the draft's ledger.
func (d *Draft) Failures(ctx context.Context) ([]Failure, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	rows, err := d.query(ctx, selectFailures("NULL", ""), d.n, 0, 0)
	if err != nil {
		return nil, err
	}
	return scanFailures(rows)
}

func scanFailures(rows rowsOf) (all []Failure, err error) {
	defer rows.Close()
	for rows.Next() {
		var (
			f          Failure
			kind       int64
			id, parent any
			since      sql.NullInt64
		)
		if err := rows.Scan(&kind, &id, &parent, &f.Name, &f.Reason, &since); err != nil {
			return nil, err
		}
		f.ItemRef, f.Parent = backup.ItemRef{Kind: kinds[kind], ID: str(id)}, str(parent)
		if since.Valid {
			f.Since = time.UnixMilli(since.Int64).UTC()
		}
		all = append(all, f)
	}
	return all, rows.Err()
}

// date notes of each item in the draft's ledger since when it fails.
func (d *Draft) date(ctx context.Context) error {
	return d.exec(ctx, `UPDATE failure AS f SET since = coalesce((SELECT e.since FROM failure e WHERE e.kind = f.kind AND e.id = f.id
			AND e.snapshot = (SELECT max(n) FROM snapshot WHERE n < ?1)), ?2) WHERE f.snapshot = ?1`, d.n, d.At.UnixMilli())
}

const insertFailure = "INSERT OR REPLACE INTO failure (snapshot, kind, id, content, reason) VALUES (?, ?, ?, ?, ?)"

// Fail writes an item into the draft's ledger of failures, with a reason that
// a person may read. A file whose content is wanted is not offered by Wanted
// any more. The item need not be in the draft.
func (d *Draft) Fail(ctx context.Context, ref backup.ItemRef, reason string) error {
	kind, id, err := key(ref)
	if err != nil {
		return err
	}
	return d.write(ctx, "fail", func() error {
		_, own, err := d.versions(ctx, kind, id)
		if err != nil {
			return err
		}
		var content bool
		if own != nil && ref.Kind == backup.File {
			size, sum := own.cols[colSize], own.cols[colSHA1]
			err := d.row(ctx, "UPDATE want SET failed = 1 WHERE size = ? AND sha1 = ? AND id = ? AND version = 0 RETURNING 1", size, sum, id).Scan(&content)
			if err != nil && !errors.Is(err, sql.ErrNoRows) {
				return err
			}
		}
		return d.exec(ctx, insertFailure, d.n, kind, id, content, reason)
	})
}

// Retry takes an item out of the ledger of failures, and offers again what of it
// had failed: its content, those of past versions, and parts.
func (d *Draft) Retry(ctx context.Context, ref backup.ItemRef) error {
	kind, id, err := key(ref)
	if err != nil {
		return err
	}
	return d.write(ctx, "retry", func() error {
		for _, q := range []string{
			"DELETE FROM failure WHERE kind = ?1 AND id = ?2 AND snapshot = ?3",
			"UPDATE inspect SET failed = 0 WHERE kind = ?1 AND id = ?2",
			"UPDATE want SET failed = 0 WHERE id = ?2 AND ?1 = 2",
		} {
			if err := d.exec(ctx, q, kind, id, d.n); err != nil {
				return err
			}
		}
		return nil
	})
}
