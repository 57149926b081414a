package catalog

import (
	"context"
	"fmt"

	"coffer/shared/backup"
)

// Counts sums up a snapshot. The root folder counts nowhere.
type Counts struct {
	Files, Folders, WebLinks int64
	Bytes                    int64 // of the files, each in full
	New, Changed, Removed    int64 // items, against the snapshot before
	Failed                   int64 // items in the ledger of failures
}

// Items returns the number of items.
func (c Counts) Items() int64 { return c.Files + c.Folders + c.WebLinks }

// Seal settles the draft and makes it a snapshot, in one transaction. It
// refuses a draft with folders in the queue, with files whose content is
// neither stored nor failed, or with items that hang on unknown folders.
//
// A file whose content failed keeps the content that the snapshot before has,
// under its new name and place, in the state Earlier; one that never had a
// content is Absent.
func (d *Draft) Seal(ctx context.Context) (counts Counts, err error) {
	err = d.write(ctx, "seal", func() error {
		if err := d.complete(ctx); err != nil {
			return err
		}
		if err := d.keepEarlier(ctx); err != nil {
			return err
		}
		if err := d.loseVersions(ctx); err != nil {
			return err
		}
		if err := d.date(ctx); err != nil {
			return err
		}
		if counts, err = d.count(ctx); err != nil {
			return err
		}
		// At once, since the index is slow to take single names.
		if err := d.exec(ctx, "INSERT INTO names (rowid, name) SELECT row, name FROM item WHERE since = ?", d.n); err != nil {
			return err
		}
		if err := d.exec(ctx, `UPDATE snapshot SET sealed = 1, files = ?, folders = ?, web_links = ?, bytes = ?,
			added = ?, changed = ?, removed = ?, failed = ? WHERE n = ?`, counts.Files, counts.Folders, counts.WebLinks, counts.Bytes,
			counts.New, counts.Changed, counts.Removed, counts.Failed, d.n); err != nil {
			return err
		}
		if err := d.exec(ctx, `DELETE FROM listing WHERE folder <> 0 AND NOT EXISTS
			(SELECT 1 FROM item WHERE kind = 1 AND id = folder AND until IS NULL AND state <> 3 AND parent IS NOT 'trash')`); err != nil {
			return err
		}
		for _, table := range []string{"want", "inspect", "queue", "seen", "gone", "state WHERE snapshot < ?"} {
			if _, err := d.conn.ExecContext(ctx, "DELETE FROM "+table, d.n); err != nil {
				return err
			}
		}
		return nil
	})
	return counts, err
}

// complete reports what the draft still lacks.
func (d *Draft) complete(ctx context.Context) error {
	unknown, err := d.settle(ctx)
	if err != nil {
		return err
	}
	if len(unknown) > 0 {
		return fmt.Errorf("%d folders hold items and are not in the draft, folder %s among them", len(unknown), unknown[0])
	}
	if err := d.tidy(ctx); err != nil {
		return err
	}
	var queued, unread, wanted int64
	err = d.row(ctx, "SELECT (SELECT count(*) FROM queue), (SELECT count(*) FROM inspect WHERE failed = 0), (SELECT count(*) FROM want WHERE failed = 0)").
		Scan(&queued, &unread, &wanted)
	if err != nil {
		return err
	}
	if queued > 0 || unread > 0 || wanted > 0 {
		return fmt.Errorf("%d folders are not listed, %d parts of items not read and the contents of %d files not stored", queued, unread, wanted)
	}
	return nil
}

// keepEarlier gives the files whose content failed the content they had.
func (d *Draft) keepEarlier(ctx context.Context) error {
	rows, err := d.query(ctx, "SELECT id FROM want WHERE version = 0")
	if err != nil {
		return err
	}
	lost, err := collect(rows, func(id any) any { return id })
	if err != nil {
		return err
	}
	for _, id := range lost {
		base, own, err := d.versions(ctx, 2, id)
		if err != nil {
			return err
		}
		if own == nil {
			return fmt.Errorf("file %v is wanted and not in the draft", id)
		}
		cols := own.cols
		var reason string
		if err := d.row(ctx, "SELECT reason FROM failure WHERE snapshot = ? AND kind = 2 AND id = ?", d.n, id).Scan(&reason); err != nil {
			return err
		}
		cols[colState] = int64(Absent)
		if base != nil && (base.cols[colState] == int64(Complete) || base.cols[colState] == int64(Earlier)) {
			for _, i := range []int{colSHA1, colSize, colVersion, colContentCreated, colContentModified} {
				cols[i] = base.cols[i]
			}
			cols[colState] = int64(Earlier)
		}
		if err := d.place(ctx, &cols); err != nil {
			return err
		}
		if err := d.exec(ctx, insertFailure, d.n, 2, id, true, reason); err != nil {
			return err
		}
	}
	// What this run did not touch and is still not whole stays in the ledger.
	return d.exec(ctx, `INSERT OR IGNORE INTO failure (snapshot, kind, id, content, reason)
		SELECT ?1, f.kind, f.id, f.content, f.reason FROM failure f
		JOIN item i ON i.kind = f.kind AND i.id = f.id AND i.until IS NULL AND i.state IN (1, 2) AND i.parent IS NOT '`+Trash+`'
		WHERE f.snapshot = (SELECT max(n) FROM snapshot WHERE n < ?1)`, d.n)
}

// count derives the draft's counts from those of the snapshot before and the
// rows that begin or end with the draft.
func (d *Draft) count(ctx context.Context) (Counts, error) {
	var c Counts
	if d.n > 1 {
		err := d.row(ctx, "SELECT files, folders, web_links, bytes FROM snapshot WHERE n < ? ORDER BY n DESC LIMIT 1", d.n).
			Scan(&c.Files, &c.Folders, &c.WebLinks, &c.Bytes)
		if err != nil {
			return Counts{}, err
		}
	}
	for _, step := range []struct {
		column string
		sign   int64
	}{{"since", 1}, {"until", -1}} {
		rows, err := d.query(ctx, "SELECT kind, count(*), coalesce(sum(size), 0) FROM item WHERE "+step.column+" = ? AND "+counted+" GROUP BY kind", d.n)
		if err != nil {
			return Counts{}, err
		}
		defer rows.Close()
		for rows.Next() {
			var kind, n, bytes int64
			if err := rows.Scan(&kind, &n, &bytes); err != nil {
				return Counts{}, err
			}
			switch kinds[kind] {
			case backup.Folder:
				c.Folders += step.sign * n
			case backup.File:
				c.Files += step.sign * n
			default:
				c.WebLinks += step.sign * n
			}
			c.Bytes += step.sign * bytes
		}
		if err := rows.Err(); err != nil {
			return Counts{}, err
		}
	}
	err := d.row(ctx, `WITH began AS (SELECT kind, id FROM item WHERE since = ?1 AND `+counted+`),
			ended AS (SELECT kind, id FROM item WHERE until = ?1 AND `+counted+`)
		SELECT (SELECT count(*) FROM began b WHERE NOT EXISTS (SELECT 1 FROM item i WHERE i.kind = b.kind AND i.id = b.id AND i.until = ?1 AND `+counted+`)),
			(SELECT count(*) FROM ended e WHERE EXISTS (SELECT 1 FROM item i WHERE i.kind = e.kind AND i.id = e.id AND i.since = ?1 AND `+counted+`)),
			(SELECT count(*) FROM ended e WHERE NOT EXISTS (SELECT 1 FROM item i WHERE i.kind = e.kind AND i.id = e.id AND i.since = ?1 AND `+counted+`)),
			(SELECT count(*) FROM failure WHERE snapshot = ?1)`, d.n).Scan(&c.New, &c.Changed, &c.Removed, &c.Failed)
	return c, err
}
