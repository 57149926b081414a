package catalog

import (
	"context"
	"database/sql"
	"errors"

	"coffer/shared/backup"
)

// Wanted returns files whose contents are not in the vault, one for each
// distinct content, small ones first, beginning after the given content (the
// zero Content for the first). A file that failed is not offered again, but
// another with the same content is. Where only a past version has the content,
// the item is the file with Content and VersionID of that version, and Past.
func (d *Draft) Wanted(ctx context.Context, after backup.Content, limit int) ([]Item, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	rows, err := d.query(ctx, `SELECT w.size, w.sha1, w.version, `+viewed+` FROM (
			SELECT w.size, w.sha1, w.id, min(w.version) AS version FROM want w WHERE w.failed = 0 AND (w.size, w.sha1) > (?, ?)
				AND (w.version = 0 OR EXISTS (SELECT 1 FROM item i WHERE i.kind = 2 AND i.id = w.id AND i.until IS NULL))
			GROUP BY w.size, w.sha1 ORDER BY w.size, w.sha1 LIMIT ?) w
		CROSS JOIN item i ON i.kind = 2 AND i.id = w.id AND i.until IS NULL`, after.Size, after.SHA1[:], limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var items []Item
	for rows.Next() {
		var (
			size    int64
			sum     []byte
			version any
		)
		it, _, err := scan(prefixed{rows, []any{&size, &sum, &version}})
		if err != nil {
			return nil, err
		}
		if version != int64(0) {
			it.Past, it.VersionID, it.Content.Size = true, str(version), size
			copy(it.Content.SHA1[:], sum)
		}
		items = append(items, it)
	}
	return items, rows.Err()
}

// prefixed reads rows that have other columns before an item's.
type prefixed struct {
	row   interface{ Scan(...any) error }
	first []any
}

func (p prefixed) Scan(into ...any) error { return p.row.Scan(append(p.first, into...)...) }

// Backlog returns how many contents Wanted still has to offer, and their bytes.
func (d *Draft) Backlog(ctx context.Context) (contents, bytes int64, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	err = d.row(ctx, "SELECT count(*), coalesce(sum(size), 0) FROM (SELECT DISTINCT size, sha1 FROM want WHERE failed = 0)").Scan(&contents, &bytes)
	return contents, bytes, err
}

// Stored says that the contents are in the vault. A file with one of them that
// failed before has not failed after all.
func (d *Draft) Stored(ctx context.Context, contents ...backup.Content) error {
	return d.write(ctx, "stored", func() error {
		for _, c := range contents {
			if _, err := d.stored(ctx, c); err != nil {
				return err
			}
		}
		return nil
	})
}

// Store is Stored for contents that the run itself has put into the vault. They
// are counted with the run, each once.
func (d *Draft) Store(ctx context.Context, contents ...backup.Content) error {
	return d.write(ctx, "store", func() error {
		var done Tally
		for _, c := range contents {
			added, err := d.stored(ctx, c)
			if err != nil {
				return err
			}
			if added {
				done.Contents++
				done.Bytes += c.Size
			}
		}
		return d.tally(ctx, done)
	})
}

// stored reports whether the content was not known to be in the vault before.
func (d *Draft) stored(ctx context.Context, c backup.Content) (added bool, err error) {
	sum := c.SHA1[:]
	err = d.row(ctx, "INSERT OR IGNORE INTO content (sha1, size) VALUES (?, ?) RETURNING 1", sum, c.Size).Scan(&added)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return false, err
	}
	err = d.exec(ctx, `DELETE FROM failure WHERE snapshot = ? AND kind = 2 AND content = 1
		AND id IN (SELECT id FROM want WHERE size = ? AND sha1 = ? AND version = 0 AND failed = 1)`, d.n, c.Size, sum)
	if err != nil {
		return false, err
	}
	return added, d.exec(ctx, "DELETE FROM want WHERE size = ? AND sha1 = ?", c.Size, sum)
}
