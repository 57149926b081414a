package catalog

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"

	"coffer/shared/backup"
)

// Draft is the snapshot that a run is writing. Its methods may be called
// concurrently; each is one transaction.
type Draft struct {
	ID backup.SnapshotID
	At time.Time // of the draft's beginning, to the millisecond, in UTC

	path string // of the catalog
	n    int64  // snapshot.n
	mu   sync.Mutex
	conn *sql.Conn
	stmt map[string]*sql.Stmt
	text map[string]int64 // value.n of recent texts
}

// recent bounds how many texts a draft remembers the numbers of.
const recent = 4096

// Draft resumes the catalog's draft, or begins one. A draft that another run
// left behind takes this run's id and time; what failed in the other run is to be
// tried again, see Left, and what that one did is not in this one's Tally. A newest
// snapshot that has this run's id already becomes the draft again. A catalog has at
// most one open Draft at a time; close it when the run ends or pauses.
func (c *Catalog) Draft(ctx context.Context, id backup.SnapshotID, at time.Time) (*Draft, error) {
	if err := c.upgrade(ctx); err != nil {
		return nil, err
	}
	conn, err := c.db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("draft: %w", err)
	}
	d := &Draft{path: c.path, conn: conn, stmt: map[string]*sql.Stmt{}, text: map[string]int64{}}
	if _, err := conn.ExecContext(ctx, "PRAGMA journal_mode = WAL"); err != nil {
		return nil, errors.Join(fmt.Errorf("draft: %w", err), d.Close())
	}
	err = d.write(ctx, "begin", func() error {
		var ms, sealed int64
		err := d.row(ctx, "SELECT n, id, at, sealed FROM snapshot ORDER BY n DESC LIMIT 1").Scan(&d.n, &d.ID, &ms, &sealed)
		switch {
		case err == nil && sealed == 1 && d.ID == id:
			err = d.reopen(ctx)
		case errors.Is(err, sql.ErrNoRows), err == nil && sealed == 1:
			d.ID, ms = id, at.UnixMilli()
			d.n++
			err = d.exec(ctx, "INSERT INTO snapshot (n, id, at) VALUES (?, ?, ?)", d.n, id, ms)
		case err == nil && d.ID != id:
			d.ID, ms = id, at.UnixMilli()
			err = d.adopt(ctx, id, ms)
		}
		d.At = time.UnixMilli(ms).UTC()
		return err
	})
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// adopt makes a draft that another run left behind this run's.
func (d *Draft) adopt(ctx context.Context, id backup.SnapshotID, ms int64) error {
	if err := d.exec(ctx, "UPDATE snapshot SET id = ?, at = ? WHERE n = ?", id, ms, d.n); err != nil {
		return err
	}
	if err := d.leave(ctx); err != nil {
		return err
	}
	if err := d.exec(ctx, "DELETE FROM failure WHERE snapshot = ?", d.n); err != nil {
		return err
	}
	if err := d.exec(ctx, "DELETE FROM state WHERE snapshot = ? AND key = ?", d.n, tallyKey); err != nil {
		return err
	}
	if err := d.exec(ctx, "UPDATE inspect SET failed = 0"); err != nil {
		return err
	}
	return d.exec(ctx, "UPDATE want SET failed = 0")
}

// Reopen makes a draft again of what Seal has made a snapshot of, for a run that
// cannot make it known.
func (d *Draft) Reopen(ctx context.Context) error {
	return d.write(ctx, "reopen", func() error { return d.reopen(ctx) })
}

func (d *Draft) reopen(ctx context.Context) error {
	if err := d.exec(ctx, "INSERT INTO names (names, rowid, name) SELECT 'delete', row, name FROM item WHERE since = ?", d.n); err != nil {
		return err
	}
	return d.exec(ctx, "UPDATE snapshot SET sealed = 0 WHERE n = ?", d.n)
}

// Close ends the use of the draft, which stays in the file unless sealed.
func (d *Draft) Close() error {
	var errs []error
	for _, s := range d.stmt {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, d.conn.Close())...)
}

// Put stores items as the run found them. An item that equals what the
// snapshot before has costs nothing.
func (d *Draft) Put(ctx context.Context, items ...Item) error {
	return d.write(ctx, "put", func() error {
		return errors.Join(d.put(ctx, items), d.tally(ctx, Tally{Items: int64(len(items))}))
	})
}

func (d *Draft) put(ctx context.Context, items []Item) error {
	for i := range items {
		cols, err := encode(&items[i], func(s string) (any, error) { return d.intern(ctx, s) })
		if err == nil {
			err = d.place(ctx, &cols)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", items[i].ItemRef, err)
		}
	}
	return nil
}

// version is a row of an item: base is the one valid in the snapshot before
// the draft, own the one that begins with the draft.
type version struct {
	row  int64
	open bool
	cols columns
}

const selectVersions = "SELECT row, since, until, " + stored + " FROM item WHERE kind = ? AND id = ? ORDER BY since DESC LIMIT 2"

func (d *Draft) versions(ctx context.Context, kind int64, id any) (base, own *version, err error) {
	rows, err := d.query(ctx, selectVersions, kind, id)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var (
			v     version
			since int64
			until sql.NullInt64
		)
		into := []any{&v.row, &since, &until}
		for i := range v.cols {
			into = append(into, &v.cols[i])
		}
		if err := rows.Scan(into...); err != nil {
			return nil, nil, err
		}
		v.open = !until.Valid
		switch {
		case since == d.n:
			own = &v
		case base == nil && (v.open || until.Int64 == d.n):
			base = &v
		}
	}
	return base, own, rows.Err()
}

const (
	insertItem = "INSERT INTO item (since, " + stored + ") VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
	updateItem = "UPDATE item SET (" + stored + ") = (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) WHERE row = ?"
)

// place makes the draft hold the item with exactly these columns, and notes
// whether its content is wanted.
func (d *Draft) place(ctx context.Context, cols *columns) error {
	kind, id := cols[0].(int64), cols[1]
	base, own, err := d.versions(ctx, kind, id)
	if err != nil {
		return err
	}
	if kinds[kind] == backup.Folder {
		if err := d.exec(ctx, "DELETE FROM gone WHERE folder = ?", id); err != nil {
			return err
		}
	}
	if base != nil && base.cols.equal(cols) {
		if own != nil {
			if err := d.drop(ctx, own); err != nil {
				return err
			}
		}
		if base.open {
			return nil
		}
		return d.exec(ctx, "UPDATE item SET until = NULL WHERE row = ?", base.row)
	}
	switch {
	case own != nil && own.cols.equal(cols):
		return nil
	case own != nil:
		if err := d.unwant(ctx, &own.cols); err != nil {
			return err
		}
		if err := d.exec(ctx, updateItem, append(cols[:], own.row)...); err != nil {
			return err
		}
	default:
		if base != nil && base.open {
			if err := d.exec(ctx, "UPDATE item SET until = ? WHERE row = ?", d.n, base.row); err != nil {
				return err
			}
		}
		if err := d.exec(ctx, insertItem, append([]any{d.n}, cols[:]...)...); err != nil {
			return err
		}
	}
	if kinds[kind] != backup.File || cols[colState] != int64(Complete) {
		return nil
	}
	return d.exec(ctx, `INSERT OR IGNORE INTO want (size, sha1, id, version)
		SELECT ?1, ?2, ?3, 0 WHERE NOT EXISTS (SELECT 1 FROM content WHERE sha1 = ?2 AND size = ?1)`, cols[colSize], cols[colSHA1], id)
}

// drop deletes a row that began with the draft.
func (d *Draft) drop(ctx context.Context, own *version) error {
	if err := d.unwant(ctx, &own.cols); err != nil {
		return err
	}
	return d.exec(ctx, "DELETE FROM item WHERE row = ?", own.row)
}

// unwant forgets that a file's content is wanted, or could not be read.
func (d *Draft) unwant(ctx context.Context, cols *columns) error {
	if kinds[cols[0].(int64)] != backup.File {
		return nil
	}
	if err := d.exec(ctx, "DELETE FROM failure WHERE snapshot = ? AND kind = 2 AND id = ? AND content = 1", d.n, cols[1]); err != nil {
		return err
	}
	return d.exec(ctx, "DELETE FROM want WHERE size = ? AND sha1 = ? AND id = ? AND version = 0", cols[colSize], cols[colSHA1], cols[1])
}

// Remove takes an item out of the draft, and with a folder everything that is
// still below it when the draft settles. The folder need not be known.
func (d *Draft) Remove(ctx context.Context, ref backup.ItemRef) error {
	return d.write(ctx, "remove", func() error { return d.remove(ctx, ref) })
}

func (d *Draft) remove(ctx context.Context, ref backup.ItemRef) error {
	kind, id, err := key(ref)
	if err != nil {
		return err
	}
	base, own, err := d.versions(ctx, kind, id)
	if err != nil {
		return err
	}
	if own != nil {
		err = d.drop(ctx, own)
	}
	if err == nil && base != nil && base.open {
		err = d.exec(ctx, "UPDATE item SET until = ? WHERE row = ?", d.n, base.row)
	}
	if err == nil && ref.Kind == backup.Folder {
		err = d.exec(ctx, "INSERT OR IGNORE INTO gone (folder) VALUES (?)", id)
	}
	if err == nil {
		err = d.exec(ctx, "DELETE FROM failure WHERE snapshot = ? AND kind = ? AND id = ?", d.n, kind, id)
	}
	return err
}

// Item returns an item as the draft has it now, and NotFound where it does not.
// An item below a removed folder is still there until the draft settles.
func (d *Draft) Item(ctx context.Context, ref backup.ItemRef) (Item, error) {
	kind, id, err := key(ref)
	if err != nil {
		return Item{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	it, _, err := scan(d.row(ctx, "SELECT "+viewed+" FROM item i WHERE i.kind = ? AND i.id = ? AND i.until IS NULL", kind, id))
	if errors.Is(err, sql.ErrNoRows) {
		return Item{}, backup.Errorf(backup.NotFound, "Item %s is not in the snapshot.", ref)
	}
	return it, err
}

// intern returns the number of a text in table value, nil for "".
func (d *Draft) intern(ctx context.Context, s string) (any, error) {
	if s == "" {
		return nil, nil
	}
	if n, ok := d.text[s]; ok {
		return n, nil
	}
	sum := sha256.Sum256([]byte(s))
	hash := int64(binary.BigEndian.Uint64(sum[:])) // #nosec G115 -- all 64 bits are wanted
	var n int64
	err := d.row(ctx, "SELECT n FROM value WHERE hash = ? AND text = ?", hash, s).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		err = d.row(ctx, "INSERT INTO value (hash, text) VALUES (?, ?) RETURNING n", hash, s).Scan(&n)
	}
	if err != nil {
		return nil, err
	}
	if len(d.text) >= recent {
		clear(d.text)
	}
	d.text[s] = n
	return n, nil
}

// SetState keeps a value under key until the snapshot after this one is sealed:
// the run's phase, or the position in Box's change stream.
func (d *Draft) SetState(ctx context.Context, key, value string) error {
	return d.write(ctx, "set state", func() error { return d.setState(ctx, key, value) })
}

func (d *Draft) setState(ctx context.Context, key, value string) error {
	return d.exec(ctx, "INSERT OR REPLACE INTO state (snapshot, key, value) VALUES (?, ?, ?)", d.n, key, value)
}

// State returns the value that SetState kept in this draft, or "".
func (d *Draft) State(ctx context.Context, key string) (value string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.state(ctx, key)
}

func (d *Draft) state(ctx context.Context, key string) (value string, err error) {
	err = d.row(ctx, "SELECT value FROM state WHERE snapshot = ? AND key = ?", d.n, key).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return value, err
}
