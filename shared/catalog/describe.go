package catalog

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"coffer/shared/backup"
)

// Inspection is a part of an item of the draft that is to be read.
type Inspection struct {
	backup.ItemRef
	Part Part
	Told int64 // what the listing said of it, which Describe keeps; not 0
}

// Details returns an item's details as the draft has them now.
func (d *Draft) Details(ctx context.Context, ref backup.ItemRef) (Details, error) {
	kind, id, err := key(ref)
	if err != nil {
		return Details{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return readDetails(kind, func(query string, args ...any) (rowsOf, error) { return d.query(ctx, query, args...) }, d.n, id)
}

// Inspect adds parts to the queue of those to be read; Seal refuses a draft
// with any left. What the snapshot before knew of them stays until Describe.
func (d *Draft) Inspect(ctx context.Context, parts ...Inspection) error {
	if len(parts) == 0 {
		return nil
	}
	return d.write(ctx, "inspect", func() error {
		for _, p := range parts {
			kind, id, err := key(p.ItemRef)
			if err != nil {
				return err
			}
			if err := d.exec(ctx, "INSERT OR REPLACE INTO inspect (kind, id, part, told) VALUES (?, ?, ?, ?)", kind, id, int64(p.Part), p.Told); err != nil {
				return err
			}
		}
		return nil
	})
}

// Inspections returns up to limit parts of the queue, those of items that have
// left the draft not among them.
func (d *Draft) Inspections(ctx context.Context, limit int) (all []Inspection, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	rows, err := d.query(ctx, `SELECT q.kind, q.id, q.part, q.told FROM inspect q
		WHERE failed = 0 AND EXISTS (SELECT 1 FROM item i WHERE i.kind = q.kind AND i.id = q.id AND i.until IS NULL) LIMIT ?`, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var (
			kind int64
			id   any
			p    Inspection
		)
		if err := rows.Scan(&kind, &id, &p.Part, &p.Told); err != nil {
			return nil, err
		}
		p.ItemRef = backup.ItemRef{Kind: kinds[kind], ID: str(id)}
		all = append(all, p)
	}
	return all, rows.Err()
}

// Describe stores what was found of one part and takes it from the queue. What
// equals the snapshot before costs nothing. A part of which the listing says
// that there is nothing, Told 0, is described by the empty Details.
func (d *Draft) Describe(ctx context.Context, p Inspection, found Details) error {
	kind, id, err := key(p.ItemRef)
	if err != nil {
		return err
	}
	return d.write(ctx, "describe", func() error {
		if err := d.describe(ctx, kind, id, p, found); err != nil {
			return fmt.Errorf("%s: %w", p.ItemRef, err)
		}
		return d.exec(ctx, "DELETE FROM inspect WHERE kind = ? AND id = ? AND part = ?", kind, id, int64(p.Part))
	})
}

func (d *Draft) describe(ctx context.Context, kind int64, id any, p Inspection, found Details) error {
	if p.Part == Versions {
		if err := d.putPast(ctx, id, found.Versions); err != nil {
			return err
		}
	}
	if p.Told == 0 {
		return d.hold(ctx, details, []any{kind, id, int64(p.Part)}, nil)
	}
	var body any
	if list := found.list(p.Part); list != nil {
		text, err := json.Marshal(list)
		if err != nil {
			return err
		}
		if body, err = d.intern(ctx, string(text)); err != nil {
			return err
		}
	}
	return d.hold(ctx, details, []any{kind, id, int64(p.Part)}, []any{p.Told, body})
}

// FailPart writes an item into the ledger of failures because a part of it
// could not be read. Inspections does not return the part any more. What the snapshot
// before has of it stays.
func (d *Draft) FailPart(ctx context.Context, p Inspection, reason string) error {
	kind, id, err := key(p.ItemRef)
	if err != nil {
		return err
	}
	return d.write(ctx, "fail part", func() error {
		if err := d.exec(ctx, "UPDATE inspect SET failed = 1 WHERE kind = ? AND id = ? AND part = ?", kind, id, int64(p.Part)); err != nil {
			return err
		}
		return d.failDetail(ctx, kind, id, reason)
	})
}

// FailVersion writes a file into the ledger because the content of a past
// version, one that Wanted has returned, could not be read. Seal makes that
// version Absent.
func (d *Draft) FailVersion(ctx context.Context, past Item, reason string) error {
	kind, id, err := key(past.ItemRef)
	if err != nil {
		return err
	}
	return d.write(ctx, "fail version", func() error {
		err := d.exec(ctx, "UPDATE want SET failed = 1 WHERE size = ? AND sha1 = ? AND id = ? AND version = ?",
			past.Content.Size, past.Content.SHA1[:], id, number(past.VersionID))
		if err != nil {
			return err
		}
		return d.failDetail(ctx, kind, id, reason)
	})
}

// failDetail adds a reason to an item's line of the ledger.
func (d *Draft) failDetail(ctx context.Context, kind int64, id any, reason string) error {
	return d.exec(ctx, `INSERT INTO failure (snapshot, kind, id, content, reason) VALUES (?1, ?2, ?3, 2, ?4)
		ON CONFLICT (snapshot, kind, id) DO UPDATE SET reason = reason || ' ' || ?4 WHERE instr(reason, ?4) = 0`, d.n, kind, id, reason)
}

// putPast makes the draft hold exactly these past versions of a file, and notes
// which of their contents are wanted.
func (d *Draft) putPast(ctx context.Context, file any, versions []PastVersion) error {
	keep := map[any]bool{}
	for i := range versions {
		v := &versions[i]
		if v.ID == "" {
			return errors.New("past version without an id")
		}
		id := number(v.ID)
		keep[id] = true
		cols := []any{int64(Complete), v.Content.SHA1[:], v.Content.Size, v.Number, v.Name, millis(v.CreatedAt), millis(v.ModifiedAt), v.ModifiedBy}
		for _, i := range []int{4, 7} {
			var err error
			if cols[i], err = d.intern(ctx, cols[i].(string)); err != nil {
				return err
			}
		}
		if err := d.hold(ctx, pasts, []any{file, id}, cols); err != nil {
			return err
		}
		err := d.exec(ctx, `INSERT OR IGNORE INTO want (size, sha1, id, version)
			SELECT ?1, ?2, ?3, ?4 WHERE NOT EXISTS (SELECT 1 FROM content WHERE sha1 = ?2 AND size = ?1)`, v.Content.Size, v.Content.SHA1[:], file, id)
		if err != nil {
			return err
		}
	}
	rows, err := d.query(ctx, "SELECT version FROM past WHERE id = ? AND until IS NULL", file)
	if err != nil {
		return err
	}
	known, err := collect(rows, func(id any) any { return id })
	if err != nil {
		return err
	}
	for _, id := range known {
		if keep[id] {
			continue
		}
		if err := d.hold(ctx, pasts, []any{file, id}, nil); err != nil {
			return err
		}
		if err := d.exec(ctx, "DELETE FROM want WHERE id = ? AND version = ?", file, id); err != nil {
			return err
		}
	}
	return nil
}

// span is a table whose rows are valid over time, like those of item.
type span struct {
	find, insert, update, end, reopen, drop string
}

var (
	details = spanOf("detail", "kind, id, part", "?, ?, ?", "told, body", "?, ?")
	pasts   = spanOf("past", "id, version", "?, ?",
		"state, sha1, size, number, name, created_at, modified_at, modified_by", "?, ?, ?, ?, ?, ?, ?, ?")
)

func spanOf(table, keys, keyMarks, cols, marks string) span {
	return span{
		find:   "SELECT row, since, until, " + cols + " FROM " + table + " WHERE (" + keys + ") = (" + keyMarks + ") ORDER BY since DESC LIMIT 2",
		insert: "INSERT INTO " + table + " (since, " + keys + ", " + cols + ") VALUES (?, " + keyMarks + ", " + marks + ")",
		update: "UPDATE " + table + " SET (" + cols + ") = (" + marks + ") WHERE row = ?",
		end:    "UPDATE " + table + " SET until = ? WHERE row = ?",
		reopen: "UPDATE " + table + " SET until = NULL WHERE row = ?",
		drop:   "DELETE FROM " + table + " WHERE row = ?",
	}
}

// moment is a row of a span: base is the one valid in the snapshot before the
// draft, own the one that begins with the draft.
type moment struct {
	row  int64
	open bool
	cols []any
}

// hold makes the draft hold exactly these columns under the key, or none.
func (d *Draft) hold(ctx context.Context, s span, key, cols []any) error {
	base, own, err := d.moments(ctx, s, key)
	if err != nil {
		return err
	}
	if base != nil && cols != nil && same(base.cols, cols) {
		if own != nil {
			if err := d.exec(ctx, s.drop, own.row); err != nil {
				return err
			}
		}
		if base.open {
			return nil
		}
		return d.exec(ctx, s.reopen, base.row)
	}
	if base != nil && base.open {
		if err := d.exec(ctx, s.end, d.n, base.row); err != nil {
			return err
		}
	}
	switch {
	case own != nil && cols == nil:
		return d.exec(ctx, s.drop, own.row)
	case own != nil:
		return d.exec(ctx, s.update, append(cols[:len(cols):len(cols)], own.row)...)
	case cols == nil:
		return nil
	}
	return d.exec(ctx, s.insert, append(append([]any{d.n}, key...), cols...)...)
}

func (d *Draft) moments(ctx context.Context, s span, key []any) (base, own *moment, err error) {
	rows, err := d.query(ctx, s.find, key...)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return nil, nil, err
	}
	for rows.Next() {
		m := moment{cols: make([]any, len(names)-3)}
		var (
			since int64
			until sql.NullInt64
		)
		into := []any{&m.row, &since, &until}
		for i := range m.cols {
			into = append(into, &m.cols[i])
		}
		if err := rows.Scan(into...); err != nil {
			return nil, nil, err
		}
		m.open = !until.Valid
		switch {
		case since == d.n:
			own = &m
		case base == nil && (m.open || until.Int64 == d.n):
			base = &m
		}
	}
	return base, own, rows.Err()
}

// same compares the columns of two rows.
func same(a, b []any) bool {
	for i := range a {
		x, isBytes := a[i].([]byte)
		if y, too := b[i].([]byte); isBytes && too {
			if !bytes.Equal(x, y) {
				return false
			}
		} else if isBytes || too || a[i] != b[i] {
			return false
		}
	}
	return true
}

// tidy lets the details of what has left the draft leave it as well.
func (d *Draft) tidy(ctx context.Context) error {
	const live = "EXISTS (SELECT 1 FROM item i WHERE i.kind = %[2]s AND i.id = %[1]s.id AND i.until IS NULL)"
	for _, t := range []struct{ table, kind string }{{"detail", "detail.kind"}, {"past", "2"}} {
		lives := fmt.Sprintf(live, t.table, t.kind)
		ended := "(" + t.kind + ", id) IN (SELECT e.kind, e.id FROM item e WHERE e.until = ?1)"
		if err := d.exec(ctx, "UPDATE "+t.table+" SET until = ?1 WHERE until IS NULL AND since < ?1 AND "+ended+" AND NOT "+lives, d.n); err != nil {
			return err
		}
		if err := d.exec(ctx, "DELETE FROM "+t.table+" WHERE since = ? AND NOT "+lives, d.n); err != nil {
			return err
		}
	}
	if err := d.exec(ctx, "DELETE FROM inspect WHERE NOT "+fmt.Sprintf(live, "inspect", "inspect.kind")); err != nil {
		return err
	}
	return d.exec(ctx, "DELETE FROM want WHERE version IS NOT 0 AND NOT "+fmt.Sprintf(live, "want", "2"))
}

// loseVersions makes Absent the past versions whose contents failed.
func (d *Draft) loseVersions(ctx context.Context) error {
	rows, err := d.query(ctx, "SELECT id, version FROM want WHERE version IS NOT 0")
	if err != nil {
		return err
	}
	var lost [][]any
	for rows.Next() {
		var file, version any
		if err := rows.Scan(&file, &version); err != nil {
			return errors.Join(err, rows.Close())
		}
		lost = append(lost, []any{file, version})
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	for _, key := range lost {
		base, own, err := d.moments(ctx, pasts, key)
		if err != nil {
			return err
		}
		if own == nil {
			if base == nil || !base.open {
				continue
			}
			own = base
		}
		cols := append([]any{int64(Absent)}, own.cols[1:]...)
		if err := d.hold(ctx, pasts, key, cols); err != nil {
			return err
		}
	}
	return nil
}
