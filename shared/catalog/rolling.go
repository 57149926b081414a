package catalog

import (
	"context"
	"fmt"
	"time"

	"coffer/shared/backup"
)

// ownFolders selects the folders that a run can list: the root and every folder
// of the draft that is not a mere reference.
const ownFolders = "(SELECT 0 AS id UNION ALL SELECT id FROM item WHERE kind = 1 AND until IS NULL AND state <> 3 AND parent IS NOT 'trash' AND id IS NOT 'trash')"

// Folders returns how many folders the draft has that can be listed, the root
// folder included.
func (d *Draft) Folders(ctx context.Context) (n int64, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	err = d.row(ctx, "SELECT count(*) FROM "+ownFolders).Scan(&n)
	return n, err
}

// Revised returns the folders of the draft that hold files which may have past
// versions: those of which Box has counted a change. (After an old version is
// made the current one again the file may have that version's ETag, but not its
// sequence number.)
func (d *Draft) Revised(ctx context.Context) ([]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.ids(ctx, `SELECT DISTINCT parent FROM item WHERE kind = 2 AND until IS NULL AND state <> 3
		AND parent IS NOT 'trash' AND (etag IS NOT 0 OR sequence IS NOT 0)`)
}

// ChildCount returns how many items the draft has in a folder.
func (d *Draft) ChildCount(ctx context.Context, folder string) (n int64, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	err = d.row(ctx, "SELECT count(*) FROM item WHERE parent = ? AND until IS NULL", number(folder)).Scan(&n)
	return n, err
}

// External returns how many items of other companies the draft has.
func (d *Draft) External(ctx context.Context) (n int64, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	err = d.row(ctx, "SELECT count(*) FROM item WHERE external = 1 AND until IS NULL").Scan(&n)
	return n, err
}

// Unprotected returns how many items the draft holds of people of the same
// company other than the Box user, spelled as the items spell them.
func (d *Draft) Unprotected(ctx context.Context, user string) (n int64, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	err = d.row(ctx, `SELECT count(*) FROM item JOIN value ON value.n = item.owned_by
		WHERE external IS NULL AND state <> 3 AND until IS NULL AND text NOT IN ('', ?)`, user).Scan(&n)
	return n, err
}

// Guests reports whether the folder has items of others than the Box user,
// spelled as the items spell them.
func (d *Draft) Guests(ctx context.Context, folder, user string) (found bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	err = d.row(ctx, `SELECT EXISTS (SELECT 1 FROM item JOIN value ON value.n = item.owned_by
		WHERE parent = ? AND until IS NULL AND text NOT IN ('', ?))`, number(folder), user).Scan(&found)
	return found, err
}

// Stale returns up to limit folders that were last listed whole before the
// time, those first that were listed longest ago.
func (d *Draft) Stale(ctx context.Context, before time.Time, limit int64) ([]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.ids(ctx, "SELECT f.id FROM "+ownFolders+` f LEFT JOIN listing l ON l.folder = f.id
		WHERE coalesce(l.at, 0) < ? ORDER BY coalesce(l.at, 0), f.id LIMIT ?`, before.UnixMilli(), limit)
}

// Arrivals returns the items of the draft that the snapshot before lacks and
// that Box made before the time, without those in folders that are new
// themselves, and without references and trash: what came from another owner,
// or back from the trash.
func (d *Draft) Arrivals(ctx context.Context, madeBefore time.Time) ([]Item, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	rows, err := d.query(ctx, `SELECT `+viewed+` FROM item i WHERE i.since = ?1 AND i.until IS NULL AND i.state <> 3 AND i.external IS NULL
		AND i.created_at < ?2 AND i.parent IS NOT NULL AND i.parent IS NOT 'trash'
		AND NOT EXISTS (SELECT 1 FROM item b WHERE b.kind = i.kind AND b.id = i.id AND b.until = ?1 AND b.state <> 3)
		AND NOT EXISTS (SELECT 1 FROM item p WHERE p.kind = 1 AND p.id = i.parent AND p.since = ?1 AND p.until IS NULL AND p.created_at < ?2
			AND NOT EXISTS (SELECT 1 FROM item b WHERE b.kind = 1 AND b.id = p.id AND b.until = ?1 AND b.state <> 3))`, d.n, madeBefore.UnixMilli())
	if err != nil {
		return nil, fmt.Errorf("arrivals: %w", err)
	}
	defer rows.Close()
	var all []Item
	for rows.Next() {
		it, _, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("arrivals: %w", err)
		}
		all = append(all, it)
	}
	return all, rows.Err()
}

// Referred returns the owners of the references that the draft or the snapshot
// before has, spelled as the items spell them.
func (d *Draft) Referred(ctx context.Context) ([]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.ids(ctx, `SELECT text FROM value WHERE n IN
		(SELECT owned_by FROM item WHERE state = 3 AND (until IS NULL OR until = ?))`, d.n)
}

// Owns reports whether the draft, or the snapshot before, has the item as the
// Box user's own.
func (d *Draft) Owns(ctx context.Context, ref backup.ItemRef) (owns bool, err error) {
	kind, id, err := key(ref)
	if err != nil {
		return false, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	err = d.row(ctx, "SELECT EXISTS (SELECT 1 FROM item WHERE kind = ? AND id = ? AND state <> 3 AND (until IS NULL OR until = ?))", kind, id, d.n).Scan(&owns)
	return owns, err
}
