package catalog

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"coffer/shared/backup"
)

// since1 and since2 are the tables whose rows are valid over time, of version 1
// of the format and what version 2 adds, with their columns of texts. Those with
// a column sha1 refer to contents.
var (
	since1 = []overTime{{"item", true, []string{"created_by", "modified_by", "owned_by", "extra"}}}
	since2 = []overTime{{"detail", false, []string{"body"}}, {"past", true, []string{"name", "modified_by"}}}
)

type overTime struct {
	table    string
	contents bool
	texts    []string
}

func (c *Catalog) overTime() []overTime {
	if c.version.Load() < 2 {
		return since1
	}
	return slices.Concat(since1, since2)
}

// referred is the query of the contents that rows refer to.
func referred(tables []overTime) string {
	var all []string
	for _, t := range tables {
		if t.contents {
			all = append(all, "SELECT sha1, size FROM "+t.table+" WHERE sha1 IS NOT NULL")
		}
	}
	return strings.Join(all, " UNION ")
}

// spelled is the query of the texts that rows point at.
func spelled(tables []overTime) string {
	var all []string
	for _, t := range tables {
		for _, column := range t.texts {
			all = append(all, "SELECT "+column+" FROM "+t.table+" WHERE "+column+" IS NOT NULL")
		}
	}
	return strings.Join(all, " UNION ")
}

// past selects the rows of a table that no snapshot has, the draft included. A
// row without until is valid in the newest.
func past(table string) string {
	return "until IS NOT NULL AND NOT EXISTS (SELECT 1 FROM snapshot s WHERE s.n >= " + table + ".since AND s.n < " + table + ".until)"
}

// Relied calls visit, in the order of the SHA-1s, for each content that the file
// counts on being in the vault: those that rows of any snapshot or of the draft
// refer to, and those that it lists as stored. A content stays in the vault as
// long as one catalog relies on it.
func (c *Catalog) Relied(ctx context.Context, visit func(backup.Content) error) error {
	rows, err := c.db.QueryContext(ctx, "SELECT sha1, size FROM content UNION "+referred(c.overTime())+" ORDER BY sha1, size")
	if err != nil {
		return fmt.Errorf("contents that the catalog relies on: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var sum []byte
		var content backup.Content
		if err := rows.Scan(&sum, &content.Size); err != nil {
			return fmt.Errorf("contents that the catalog relies on: %w", err)
		}
		if copy(content.SHA1[:], sum) != len(sum) || len(sum) != len(content.SHA1) {
			return fmt.Errorf("contents that the catalog relies on: a SHA-1 of %d bytes", len(sum))
		}
		if err := visit(content); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Expire removes the sealed snapshots that keep does not want, with the rows
// and texts that only they had, and returns how many went. The newest snapshot
// stays always: the next one is told by how it differs. The counts of those that
// stay are as they were. The file shrinks when it is copied by Checkpoint.
func (c *Catalog) Expire(ctx context.Context, keep func(backup.SnapshotID) bool) (int, error) {
	sealed, err := c.Snapshots(ctx)
	if err != nil {
		return 0, err
	}
	var expired []int64
	for i, s := range sealed {
		if i > 0 && !keep(s.ID) {
			expired = append(expired, s.n)
		}
	}
	if len(expired) == 0 {
		return 0, nil
	}
	if err := c.remove(ctx, expired); err != nil {
		return 0, fmt.Errorf("expire %d snapshots: %w", len(expired), err)
	}
	return len(expired), nil
}

// remove removes snapshots in one transaction.
func (c *Catalog) remove(ctx context.Context, snapshots []int64) error {
	tx, err := c.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := removeIn(ctx, tx, snapshots, c.overTime()); err != nil {
		_ = tx.Rollback() // what went wrong is the error above
		return err
	}
	return tx.Commit()
}

func removeIn(ctx context.Context, tx *sql.Tx, snapshots []int64, tables []overTime) error {
	for _, n := range snapshots {
		for _, q := range []string{"DELETE FROM snapshot WHERE n = ?", "DELETE FROM failure WHERE snapshot = ?"} {
			if _, err := tx.ExecContext(ctx, q, n); err != nil {
				return err
			}
		}
	}
	changes := []string{"INSERT INTO names (names, rowid, name) SELECT 'delete', row, name FROM item WHERE " + past("item")}
	for _, t := range tables {
		changes = append(changes, "DELETE FROM "+t.table+" WHERE "+past(t.table))
	}
	changes = append(changes,
		"DELETE FROM content WHERE (sha1, size) NOT IN ("+referred(tables)+")",
		"DELETE FROM value WHERE n NOT IN ("+spelled(tables)+")")
	for _, q := range changes {
		if _, err := tx.ExecContext(ctx, q); err != nil { // #nosec G202 -- of constants
			return err
		}
	}
	return nil
}
