package catalog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"coffer/shared/backup"
)

// Enqueue adds folders to the queue of folders to be listed; one that is in it
// already stays where it is.
func (d *Draft) Enqueue(ctx context.Context, folders ...string) error {
	return d.write(ctx, "enqueue", func() error {
		for _, f := range folders {
			if err := d.exec(ctx, "INSERT OR IGNORE INTO queue (folder) VALUES (?)", number(f)); err != nil {
				return err
			}
		}
		return nil
	})
}

// NextFolders returns up to limit folders of the queue, in its order.
func (d *Draft) NextFolders(ctx context.Context, limit int) ([]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.ids(ctx, "SELECT folder FROM queue ORDER BY n LIMIT ?", limit)
}

// Marker returns where the listing of a queued folder stopped, "" for its
// beginning.
func (d *Draft) Marker(ctx context.Context, folder string) (marker string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	err = d.row(ctx, "SELECT marker FROM queue WHERE folder = ?", number(folder)).Scan(&marker)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return marker, err
}

// Page stores one page of a folder's listing: its items, and the marker of the
// next page, so that a listing that is cut off goes on there. With the last
// page, whose next is "", the folder leaves the queue, the time at is kept as
// that of its latest listing, and children of the folder that none of its pages
// held leave the draft and are returned. Enqueue the subfolders first.
func (d *Draft) Page(ctx context.Context, folder, next string, at time.Time, items ...Item) (lost []backup.ItemRef, err error) {
	err = d.write(ctx, "page", func() error {
		if err := d.put(ctx, items); err != nil {
			return err
		}
		if err := d.tally(ctx, Tally{Items: int64(len(items))}); err != nil {
			return err
		}
		id := number(folder)
		if next == "" {
			refs := make([]backup.ItemRef, len(items))
			for i := range items {
				refs[i] = items[i].ItemRef
			}
			if lost, err = d.listed(ctx, folder, refs); err != nil {
				return err
			}
			if err := d.exec(ctx, "INSERT OR REPLACE INTO listing (folder, at) VALUES (?, ?)", id, at.UnixMilli()); err != nil {
				return err
			}
			return d.done(ctx, folder)
		}
		for i := range items {
			kind, child, err := key(items[i].ItemRef)
			if err != nil {
				return err
			}
			if err := d.exec(ctx, "INSERT OR IGNORE INTO seen (folder, kind, id) VALUES (?, ?, ?)", id, kind, child); err != nil {
				return err
			}
		}
		return d.exec(ctx, "INSERT INTO queue (folder, marker) VALUES (?1, ?2) ON CONFLICT (folder) DO UPDATE SET marker = ?2", id, next)
	})
	return lost, err
}

// Restart forgets the pages of a folder's listing, for when Box no longer knows
// the marker.
func (d *Draft) Restart(ctx context.Context, folder string) error {
	return d.write(ctx, "restart", func() error {
		if err := d.exec(ctx, "DELETE FROM seen WHERE folder = ?", number(folder)); err != nil {
			return err
		}
		return d.exec(ctx, "UPDATE queue SET marker = '' WHERE folder = ?", number(folder))
	})
}

// Listed says that a folder was listed whole and held the seen items, besides
// those of earlier pages: its other children leave the draft. Items that the
// draft has in another folder by now stay there.
func (d *Draft) Listed(ctx context.Context, folder string, seen []backup.ItemRef) error {
	return d.write(ctx, "listed", func() error {
		_, err := d.listed(ctx, folder, seen)
		return err
	})
}

// listed returns the children that left the draft.
func (d *Draft) listed(ctx context.Context, folder string, seen []backup.ItemRef) (lost []backup.ItemRef, err error) {
	type child struct {
		kind int64
		id   any
	}
	known := make(map[child]bool, len(seen))
	for _, ref := range seen {
		kind, id, err := key(ref)
		if err != nil {
			return nil, err
		}
		known[child{kind, id}] = true
	}
	rows, err := d.query(ctx, `SELECT kind, id FROM item i WHERE parent = ?1 AND until IS NULL
		AND NOT EXISTS (SELECT 1 FROM seen s WHERE s.folder = ?1 AND s.kind = i.kind AND s.id = i.id)`, number(folder))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var c child
		if err := rows.Scan(&c.kind, &c.id); err != nil {
			return nil, err
		}
		if !known[c] {
			lost = append(lost, backup.ItemRef{Kind: kinds[c.kind], ID: str(c.id)})
		}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for _, ref := range lost {
		if err := d.remove(ctx, ref); err != nil {
			return nil, fmt.Errorf("%s: %w", ref, err)
		}
	}
	return lost, d.exec(ctx, "DELETE FROM seen WHERE folder = ?", number(folder))
}

// Done takes a folder from the queue and forgets the pages of its listing.
func (d *Draft) Done(ctx context.Context, folder string) error {
	return d.write(ctx, "done", func() error { return d.done(ctx, folder) })
}

func (d *Draft) done(ctx context.Context, folder string) error {
	if err := d.exec(ctx, "DELETE FROM seen WHERE folder = ?", number(folder)); err != nil {
		return err
	}
	return d.exec(ctx, "DELETE FROM queue WHERE folder = ?", number(folder))
}

// Settle takes out of the draft what is below removed folders, and below folders
// that have become references, or got items though they are: their owner's
// backup holds these. It returns the folders that Box has to be asked about before
// the draft can be sealed: those that items hang on without the draft knowing them,
// and those that the draft has inside themselves because they were moved while they
// were listed. Put each as it is now, or Remove it, and settle again.
func (d *Draft) Settle(ctx context.Context) (unknown []string, err error) {
	err = d.write(ctx, "settle", func() error {
		unknown, err = d.settle(ctx)
		return err
	})
	return unknown, err
}

func (d *Draft) settle(ctx context.Context) ([]string, error) {
	for _, q := range []string{
		"CREATE TEMP TABLE IF NOT EXISTS doomed (row INTEGER PRIMARY KEY, kind INTEGER, id ANY) STRICT",
		`INSERT OR IGNORE INTO gone
			SELECT id FROM item WHERE since = ?1 AND kind = 1 AND state = 3 AND until IS NULL
			UNION SELECT p.id FROM item i CROSS JOIN item p ON p.kind = 1 AND p.id = i.parent AND p.state = 3 AND p.until IS NULL
				WHERE i.since = ?1 AND i.until IS NULL`,
		`INSERT INTO doomed
			WITH RECURSIVE below (row, kind, id) AS (
				SELECT i.row, i.kind, i.id FROM gone CROSS JOIN item i ON i.parent = gone.folder AND i.until IS NULL
				UNION
				SELECT i.row, i.kind, i.id FROM below b CROSS JOIN item i ON b.kind = 1 AND i.parent = b.id AND i.until IS NULL)
			SELECT row, kind, id FROM below`,
		"INSERT OR IGNORE INTO gone SELECT id FROM doomed WHERE kind = 1",
		"DELETE FROM want WHERE version = 0 AND (size, sha1, id) IN (SELECT i.size, i.sha1, i.id FROM doomed JOIN item i USING (row) WHERE i.kind = 2)",
		"DELETE FROM failure WHERE snapshot = ?1 AND (kind, id) IN (SELECT kind, id FROM doomed)",
		"UPDATE item SET until = ?1 WHERE since < ?1 AND row IN (SELECT row FROM doomed)",
		"DELETE FROM item WHERE since = ?1 AND row IN (SELECT row FROM doomed)",
		"DELETE FROM queue WHERE folder IN gone",
		"DELETE FROM seen WHERE folder IN gone",
		"DELETE FROM doomed",
	} {
		if _, err := d.conn.ExecContext(ctx, q, d.n); err != nil {
			return nil, fmt.Errorf("take out what is below removed folders: %w", err)
		}
	}
	unknown, err := d.ids(ctx, `SELECT p FROM (SELECT DISTINCT parent AS p FROM item WHERE since = ? AND until IS NULL)
		WHERE p IS NOT NULL AND p IS NOT 0 AND NOT EXISTS (SELECT 1 FROM item WHERE kind = 1 AND id = p AND until IS NULL)`, d.n)
	if err != nil || len(unknown) > 0 {
		return unknown, err
	}
	var moved bool
	if err := d.row(ctx, "SELECT EXISTS (SELECT 1 FROM item WHERE since = ? AND kind = 1)", d.n).Scan(&moved); err != nil || !moved {
		return nil, err
	}
	return d.ids(ctx, `WITH RECURSIVE reached (id) AS (
			SELECT 0
			UNION SELECT id FROM item INDEXED BY item_parent WHERE parent IS NULL AND kind = 1 AND until IS NULL
			UNION SELECT i.id FROM reached r CROSS JOIN item i INDEXED BY item_parent
				ON i.parent = r.id AND i.kind = 1 AND i.until IS NULL)
		SELECT id FROM item WHERE kind = 1 AND until IS NULL AND id NOT IN reached`)
}

// ids returns the ids that a query answers.
func (d *Draft) ids(ctx context.Context, query string, args ...any) ([]string, error) {
	rows, err := d.query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return collect(rows, func(id any) string { return str(id) })
}

// collect reads rows of one column.
func collect[T, U any](rows *sql.Rows, f func(T) U) (all []U, err error) {
	defer rows.Close()
	for rows.Next() {
		var v T
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		all = append(all, f(v))
	}
	return all, rows.Err()
}
