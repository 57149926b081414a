package catalog

import (
	"context"
	"fmt"
	"slices"

	"coffer/shared/backup"
)

// kept selects the rows of a table whose content some sealed snapshot promises.
func kept(table, states string) string {
	return `FROM ` + table + ` i WHERE i.sha1 IS NOT NULL AND i.state IN (` + states + `) AND EXISTS (
	SELECT 1 FROM snapshot s WHERE s.sealed = 1 AND s.n >= i.since AND (i.until IS NULL OR s.n < i.until))`
}

var (
	keptFiles = kept("item", "0, 1")
	keptPast  = kept("past", "0")
)

// Contents calls visit for each content that a sealed snapshot has, as a file's
// or as a past version's, once, in the order of the SHA-1s. It stops at the
// first error of visit.
func (c *Catalog) Contents(ctx context.Context, visit func(backup.Content) error) error {
	query := "SELECT sha1, size " + keptFiles
	if c.version.Load() >= 2 {
		query += " UNION SELECT sha1, size " + keptPast
	}
	rows, err := c.db.QueryContext(ctx, "SELECT DISTINCT sha1, size FROM ("+query+") ORDER BY sha1, size") // #nosec G202 -- of constants
	if err != nil {
		return fmt.Errorf("contents of catalog: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var sum []byte
		var content backup.Content
		if err := rows.Scan(&sum, &content.Size); err != nil {
			return fmt.Errorf("contents of catalog: %w", err)
		}
		copy(content.SHA1[:], sum)
		if err := visit(content); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Use is a file at one place with one content, or a past version of it, and the
// snapshots that have it so, oldest first.
type Use struct {
	backup.ItemRef
	Version   string // of a past version; "" for the file itself
	Path      string // from the root folder, as the latest of the snapshots has it
	Content   backup.Content
	Snapshots []backup.SnapshotID
}

// Uses calls visit for every use in a sealed snapshot of a content that affected
// says. It reads the whole catalog once.
func (c *Catalog) Uses(ctx context.Context, affected func(backup.Content) bool, visit func(Use) error) error {
	sealed, err := c.Snapshots(ctx)
	if err != nil {
		return err
	}
	slices.Reverse(sealed)
	queries := []string{"SELECT id, '', sha1, size, since, until " + keptFiles + " ORDER BY row"}
	if c.version.Load() >= 2 {
		queries = append(queries, "SELECT id, version, sha1, size, since, until "+keptPast+" ORDER BY row")
	}
	for _, query := range queries {
		if err := c.uses(ctx, query, sealed, affected, visit); err != nil {
			return fmt.Errorf("uses of contents: %w", err)
		}
	}
	return nil
}

func (c *Catalog) uses(ctx context.Context, query string, sealed []Snapshot, affected func(backup.Content) bool, visit func(Use) error) error {
	rows, err := c.db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var (
			id, version any
			sum         []byte
			use         Use
			since       int64
			until       *int64
		)
		if err := rows.Scan(&id, &version, &sum, &use.Content.Size, &since, &until); err != nil {
			return err
		}
		copy(use.Content.SHA1[:], sum)
		if !affected(use.Content) {
			continue
		}
		use.ItemRef, use.Version = backup.ItemRef{Kind: backup.File, ID: str(id)}, str(version)
		last := since
		for _, s := range sealed {
			if s.n >= since && (until == nil || s.n < *until) {
				use.Snapshots, last = append(use.Snapshots, s.ID), s.n
			}
		}
		if use.Path, err = c.spell(ctx, last, use.ItemRef); err != nil {
			return err
		}
		if err := visit(use); err != nil {
			return err
		}
	}
	return rows.Err()
}

// spell writes where an item is in a snapshot.
func (c *Catalog) spell(ctx context.Context, n int64, ref backup.ItemRef) (string, error) {
	at := ""
	for ref.ID != "" && ref.ID != backup.RootFolder {
		it, err := c.item(ctx, n, ref)
		if backup.KindOf(err) == backup.NotFound {
			break // a root without a row
		}
		if err != nil {
			return "", err
		}
		at, ref = "/"+it.Name+at, backup.ItemRef{Kind: backup.Folder, ID: it.Parent}
	}
	return at, nil
}
