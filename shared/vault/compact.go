package vault

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"coffer/shared/backup"
)

// Sections returns how many bytes the sections of a pack take, where it has that
// many of them and its object that size.
func Sections(size int64, count int) int64 {
	const sealed = 12 + 16 // the nonce and the tag of the index
	return size - int64(count)*entrySize - sealed - trailerSize
}

// Compact copies small contents into new packs, as ciphertext, and moves their
// rows there, so that what else is in their packs can go. At is the time at
// which the old packs are recorded as retired; whoever has read a row before
// finds them for a while. A section that is damaged stays where it is. It returns
// how many rows it moved, also with an error; a row that was changed meanwhile
// is none of them.
func (v *Vault) Compact(ctx context.Context, rows []Row, at time.Time) (moved int, err error) {
	rows = slices.Clone(rows)
	slices.SortFunc(rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.Parts[0].Pack, b.Parts[0].Pack), cmp.Compare(a.Parts[0].Offset, b.Parts[0].Offset))
	})
	c := compaction{v: v, at: at}
	defer func() {
		if c.pack != nil {
			c.pack.close()
		}
	}()
	var damaged error
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && rows[n].Parts[0].Pack == rows[0].Parts[0].Pack {
			n++
		}
		err := c.copy(ctx, rows[:n])
		switch rows = rows[n:]; {
		case errors.Is(err, ErrDamaged):
			damaged = errors.Join(damaged, err)
		case err != nil:
			return c.moved, errors.Join(damaged, err)
		}
	}
	return c.moved, errors.Join(damaged, c.flush(ctx))
}

// compaction fills one new pack after another.
type compaction struct {
	v     *Vault
	at    time.Time
	pack  *pack
	from  []Row // of the sections in pack
	to    []Part
	moved int
	buf   bytes.Buffer
}

// copy copies the sections of rows, which lie in this order in one pack.
func (c *compaction) copy(ctx context.Context, rows []Row) (err error) {
	first, last := rows[0].Parts[0], rows[len(rows)-1].Parts[0]
	body, err := c.v.open(ctx, c.v.id.pack(first.Pack), first.Offset, last.Offset+last.Length-first.Offset)
	if err != nil {
		return fmt.Errorf("pack %s: %w", first.Pack, err)
	}
	defer func() { err = errors.Join(err, body.Close()) }()
	at := first.Offset
	var damaged error
	for _, row := range rows {
		p := row.Parts[0]
		if p.Offset < at {
			return fmt.Errorf("pack %s: sections overlap: %w", p.Pack, ErrDamaged)
		}
		_, err := io.CopyN(io.Discard, body, p.Offset-at)
		if err == nil {
			c.buf.Reset()
			_, err = io.CopyN(&c.buf, body, p.Length)
		}
		if err != nil {
			return fmt.Errorf("pack %s: %w", p.Pack, body.explain(err))
		}
		at = p.Offset + p.Length
		if err := c.v.intact(row, c.buf.Bytes()); err != nil {
			damaged = errors.Join(damaged, fmt.Errorf("pack %s: content %s: %w", p.Pack, row.Content, err))
			continue
		}
		if err := c.add(ctx, row); err != nil {
			return err
		}
	}
	return damaged
}

// intact opens a section, so that no damage is carried over.
func (v *Vault) intact(row Row, section []byte) error {
	key, err := unseal(v.contentKeys, row.Key, v.id.bindContentKey(row.Content, row.CRC32))
	if err != nil {
		return fmt.Errorf("key: %w", ErrDamaged)
	}
	body := &tracked{ReadCloser: io.NopCloser(bytes.NewReader(section))}
	plain, err := v.section(body, key, v.id.bindSection(row.Content, 0))
	if err != nil {
		return err
	}
	n, err := io.Copy(io.Discard, plain)
	if err == nil && n != row.Content.Size {
		err = ErrDamaged
	}
	return errors.Join(err, plain.Close())
}

// add puts the section in buf into the new pack.
func (c *compaction) add(ctx context.Context, row Row) error {
	if c.pack == nil {
		p, err := c.v.newPack()
		if err != nil {
			return err
		}
		c.pack = p
	}
	start := c.pack.size
	if _, err := c.pack.Write(c.buf.Bytes()); err != nil {
		return fmt.Errorf("pack: %w", err)
	}
	c.from = append(c.from, row)
	c.to = append(c.to, c.pack.end(Entry{Content: row.Content}, start))
	if c.pack.full() {
		return c.flush(ctx)
	}
	return nil
}

// flush stores the new pack and then moves the rows. The old packs are retired
// before that, so that none is empty without being known as retired.
func (c *compaction) flush(ctx context.Context) error {
	if c.pack == nil {
		return nil
	}
	if err := c.pack.store(ctx, c.v); err != nil {
		return err
	}
	var old []string
	for _, row := range c.from {
		old = append(old, row.Parts[0].Pack)
	}
	slices.Sort(old)
	if err := c.v.index.Retire(ctx, c.v.id, slices.Compact(old), c.at); err != nil {
		return err
	}
	for i, row := range c.from {
		switch err := c.v.index.Move(ctx, c.v.id, row, []Part{c.to[i]}); {
		case err == nil:
			c.moved++
		case backup.KindOf(err) != backup.Conflict:
			return err
		}
	}
	c.pack.close()
	c.pack, c.from, c.to = nil, nil, nil
	return nil
}
