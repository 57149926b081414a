package catalog

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"coffer/shared/backup"
)

// sealed selects the rows that some sealed snapshot has, kept those of files
// whose content it promises, and keptPast those of past versions.
const (
	sealed   = `EXISTS (SELECT 1 FROM snapshot s WHERE s.sealed = 1 AND s.n >= i.since AND (i.until IS NULL OR s.n < i.until))`
	kept     = `i.kind = 2 AND i.state IN (0, 1) AND ` + sealed
	keptPast = `i.state = 0 AND ` + sealed
)

// Contents calls visit for each content that a sealed snapshot has, as a file's
// or as a past version's, once, in the order of the SHA-1s. It stops at the first error of visit.
func (c *Catalog) Contents(ctx context.Context, visit func(backup.Content) error) error {
	query := "SELECT sha1, size FROM item i WHERE " + kept
	if c.version.Load() >= 2 {
		query += " UNION SELECT sha1, size FROM past i WHERE " + keptPast
	}
	rows, err := c.db.QueryContext(ctx, "SELECT DISTINCT sha1, size FROM ("+query+") ORDER BY sha1, size")
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

// Use is a file at one place with one content, and the snapshots that have it
// so, oldest first.
type Use struct {
	backup.ItemRef
	Path      string // from the root folder, as the latest of the snapshots has it
	Content   backup.Content
	Snapshots []backup.SnapshotID
}

// Uses calls visit for every file of a sealed snapshot whose content is one of
// those that affected says. It reads the whole catalog once.
func (c *Catalog) Uses(ctx context.Context, affected func(backup.Content) bool, visit func(Use) error) error {
	sealed, err := c.Snapshots(ctx)
	if err != nil {
		return err
	}
	slices.Reverse(sealed)
	rows, err := c.db.QueryContext(ctx, "SELECT id, parent, name, sha1, size, since, until FROM item i WHERE "+kept+" ORDER BY row")
	if err != nil {
		return fmt.Errorf("uses of contents: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var (
			id, parent any
			name       string
			sum        []byte
			use        Use
			since      int64
			until      *int64
		)
		if err := rows.Scan(&id, &parent, &name, &sum, &use.Content.Size, &since, &until); err != nil {
			return fmt.Errorf("uses of contents: %w", err)
		}
		copy(use.Content.SHA1[:], sum)
		if !affected(use.Content) {
			continue
		}
		use.ItemRef = backup.ItemRef{Kind: backup.File, ID: str(id)}
		last := since
		for _, s := range sealed {
			if s.n >= since && (until == nil || s.n < *until) {
				use.Snapshots, last = append(use.Snapshots, s.ID), s.n
			}
		}
		if use.Path, err = c.place(ctx, last, str(parent), name); err != nil {
			return err
		}
		if err := visit(use); err != nil {
			return err
		}
	}
	return rows.Err()
}

// place spells where an item is in a snapshot.
func (c *Catalog) place(ctx context.Context, n int64, parent, name string) (string, error) {
	at := name
	for parent != "" && parent != backup.RootFolder {
		folder, err := c.item(ctx, n, backup.ItemRef{Kind: backup.Folder, ID: parent})
		if err != nil {
			return "", errors.Join(fmt.Errorf("place of %q", name), err)
		}
		at, parent = folder.Name+"/"+at, folder.Parent
	}
	return "/" + at, nil
}
