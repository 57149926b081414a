package vault

import (
	"context"
	"crypto/sha1" // #nosec G505 -- identifies, as Box does; the encryption authenticates
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"io/fs"

	"coffer/shared/backup"
)

// Read streams a content. The error is NotFound where it is not in the vault.
// Every byte that the stream gives is authentic; when it ends with io.EOF, SHA-1,
// CRC-32 and size are right as well. It ends with ErrDamaged where what is
// stored is not.
func (v *Vault) Read(ctx context.Context, c backup.Content) (io.ReadCloser, error) {
	row, err := v.row(ctx, c)
	if err != nil {
		return nil, err
	}
	return v.read(ctx, row)
}

func (v *Vault) read(ctx context.Context, row Row) (io.ReadCloser, error) {
	key, err := v.Unwrap(row)
	if err != nil {
		return nil, err
	}
	next := func(part int) (io.ReadCloser, error) {
		p := row.Parts[part]
		body, err := v.open(ctx, v.id.pack(p.Pack), p.Offset, p.Length)
		if err != nil {
			return nil, err
		}
		return v.section(body, key, v.id.bindSection(row.Content, part))
	}
	return &reader{row: row, next: next, sum: sha1.New()}, nil // #nosec G401 -- identifies only
}

// section returns a reader of the part in body, whose errors tell damage from
// trouble on the way. Closing it closes body.
func (v *Vault) section(body *tracked, key, bound []byte) (io.ReadCloser, error) {
	plain, err := v.decrypt(body, key, bound)
	if err != nil {
		err = body.explain(err)
		return nil, errors.Join(err, body.Close())
	}
	return &sectionReader{body: body, plain: plain}, nil
}

type sectionReader struct {
	body  *tracked
	plain io.ReadCloser
}

func (s *sectionReader) Read(p []byte) (int, error) {
	n, err := s.plain.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = s.body.explain(err)
	}
	return n, err
}

func (s *sectionReader) Close() error { return errors.Join(s.plain.Close(), s.body.Close()) }

// open streams a piece of an object; an object that is missing is ErrDamaged.
func (v *Vault) open(ctx context.Context, key string, offset, length int64) (*tracked, error) {
	if offset < 0 || offset > maxObject || length > maxObject {
		return nil, fmt.Errorf("%s does not reach that far: %w", key, ErrDamaged)
	}
	body, err := v.objects.Get(ctx, key, offset, length)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is not there: %w", key, ErrDamaged)
	}
	if err != nil {
		return nil, err
	}
	return &tracked{ReadCloser: body}, nil
}

// tracked remembers the error that reading an object ended with, which
// decryption and decompression would hide.
type tracked struct {
	io.ReadCloser
	err error
}

func (t *tracked) Read(p []byte) (int, error) {
	n, err := t.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		t.err = err
	}
	return n, err
}

// explain returns why reading went wrong: the object could not be read, or
// else it is damaged.
func (t *tracked) explain(err error) error {
	if t.err != nil {
		return t.err
	}
	return fmt.Errorf("%w (%v)", ErrDamaged, err) // not wrapped: an early io.EOF is no end
}

// reader gives the parts of a content one after another.
type reader struct {
	row  Row
	next func(part int) (io.ReadCloser, error)
	part int
	open io.ReadCloser // the part being read
	sum  hash.Hash
	crc  uint32
	size int64
	err  error
}

func (r *reader) Read(p []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	n, err := r.read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("content %s: %w", r.row.Content, err)
	}
	r.err = err
	return n, err
}

func (r *reader) read(p []byte) (int, error) {
	for len(p) > 0 {
		if r.open == nil {
			if r.part == len(r.row.Parts) {
				return 0, r.end()
			}
			open, err := r.next(r.part)
			if err != nil {
				return 0, err
			}
			r.open = open
			r.part++
		}
		n, err := r.open.Read(p)
		r.sum.Write(p[:n])
		r.crc = crc32.Update(r.crc, crc32.IEEETable, p[:n])
		r.size += int64(n)
		if errors.Is(err, io.EOF) {
			err = r.open.Close()
			r.open = nil
		}
		if err == nil && r.size > r.row.Content.Size {
			err = ErrDamaged
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
	return 0, nil
}

// end is io.EOF where the content is what its row says.
func (r *reader) end() error {
	switch {
	case r.size != r.row.Content.Size:
		return fmt.Errorf("%d bytes instead of %d: %w", r.size, r.row.Content.Size, ErrDamaged)
	case backup.SHA1(r.sum.Sum(nil)) != r.row.Content.SHA1:
		return fmt.Errorf("SHA-1 differs: %w", ErrDamaged)
	case r.crc != r.row.CRC32:
		return fmt.Errorf("CRC-32 differs: %w", ErrDamaged)
	}
	return io.EOF
}

func (r *reader) Close() error {
	if r.open == nil {
		return nil
	}
	err := r.open.Close()
	r.open = nil
	if r.err == nil {
		r.err = fs.ErrClosed
	}
	return err
}
