package vault

import (
	"context"
	"encoding"
	"errors"
	"fmt"
	"io"

	"coffer/shared/backup"
)

// errOvertaken says that somebody else has changed the progress record.
var errOvertaken = errors.New("overtaken")

// overtaken turns the Conflict of an Index into errOvertaken.
func overtaken(err error) error {
	if backup.KindOf(err) == backup.Conflict {
		return errOvertaken
	}
	return err
}

// StoreLarge stores a content part by part and saves its progress after each,
// so that it can stop and go on in another process. Open returns the content's
// bytes from offset on and is called once. Before each part but the first
// StoreLarge asks late, and returns ErrPaused where that is true. The error
// matches ErrMismatch where the bytes are not those of the content; the next
// call then begins anew. A content that is stored already is success.
//
// Two calls for the same content may run at once: what one has saved the other
// goes on from, at the cost of reading some parts twice.
func (v *Vault) StoreLarge(ctx context.Context, c backup.Content, open func(ctx context.Context, offset int64) (io.ReadCloser, error), late func() bool) error {
	for {
		err := v.storeLarge(ctx, c, open, late)
		if !errors.Is(err, errOvertaken) {
			return err
		}
		if late() {
			return ErrPaused
		}
	}
}

func (v *Vault) storeLarge(ctx context.Context, c backup.Content, open func(ctx context.Context, offset int64) (io.ReadCloser, error), late func() bool) (err error) {
	missing, err := v.Missing(ctx, []backup.Content{c})
	if err != nil || len(missing) == 0 {
		return err
	}
	l, err := v.resume(ctx, c)
	if err != nil {
		return err
	}
	src, err := open(ctx, l.offset())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	for first := true; ; first = false {
		if !first && late() {
			return ErrPaused
		}
		done, err := l.part(ctx, src)
		if errors.Is(err, ErrMismatch) && l.Version > 0 {
			return errors.Join(err, v.index.DropProgress(ctx, v.id, l.Progress))
		}
		if done || err != nil {
			return err
		}
	}
}

// large is a content that is being stored.
type large struct {
	Progress
	v    *Vault
	key  []byte
	sums *sums
}

// resume returns the content where its progress record left it.
func (v *Vault) resume(ctx context.Context, c backup.Content) (*large, error) {
	p, err := v.index.Progress(ctx, v.id, c)
	if err != nil {
		return nil, err
	}
	l := &large{Progress: p, v: v, sums: newSums()}
	if p.Version == 0 {
		l.Row = Row{Content: c, Format: Format}
		l.key = newKey()
		return l, nil
	}
	if p.Format == Format {
		l.key, err = unseal(v.contentKeys, p.Key, v.id.bindContentKey(c, p.CRC32))
	}
	if p.Format != Format || err != nil || l.offset() >= c.Size || l.restore() != nil {
		// Nothing is lost by beginning anew.
		if err := v.index.DropProgress(ctx, v.id, p); err != nil {
			return nil, overtaken(err)
		}
		return v.resume(ctx, c)
	}
	return l, nil
}

func (l *large) restore() error {
	l.sums.crc, l.sums.size = l.CRC32, l.offset()
	state, ok := l.sums.sha1.(encoding.BinaryUnmarshaler)
	if !ok {
		return errors.New("SHA-1 has no state")
	}
	return state.UnmarshalBinary(l.SHA1)
}

func (l *large) offset() int64 { return int64(len(l.Parts)) * l.v.partSize }

// part stores the next part from src and reports whether it was the last.
func (l *large) part(ctx context.Context, src io.Reader) (bool, error) {
	c, n := l.Content, len(l.Parts)
	size := min(c.Size-l.offset(), l.v.partSize)
	last := l.offset()+size == c.Size
	limit := size
	if last {
		limit++ // to notice what is too long
	}
	p, err := l.v.newPack()
	if err != nil {
		return false, err
	}
	defer p.close()
	before := l.sums.size
	plain := io.TeeReader(io.LimitReader(src, limit), l.sums)
	if err := l.v.encrypt(p, l.key, l.v.id.bindSection(c, n), plain); err != nil {
		return false, fmt.Errorf("content %s: part %d: %w", c, n, err)
	}
	if last || l.sums.size < before+size {
		if err := l.sums.check(c); err != nil {
			return false, err
		}
	}
	part := p.end(Entry{Content: c, Part: n}, 0)
	if err := p.store(ctx, l.v); err != nil {
		return false, err
	}
	l.Parts = append(l.Parts, part)
	if err := l.save(ctx, last); err != nil {
		return false, fmt.Errorf("content %s: part %d: %w", c, n, err)
	}
	return last, nil
}

// save brings the progress record up to date, or puts the row in its place.
func (l *large) save(ctx context.Context, last bool) error {
	l.CRC32 = l.sums.crc
	l.Key = seal(l.v.contentKeys, l.key, l.v.id.bindContentKey(l.Content, l.CRC32))
	l.Updated = l.v.Now()
	if last {
		return overtaken(l.v.index.Finish(ctx, l.v.id, l.Progress))
	}
	state, ok := l.sums.sha1.(encoding.BinaryMarshaler)
	if !ok {
		return errors.New("SHA-1 has no state")
	}
	var err error
	if l.SHA1, err = state.MarshalBinary(); err != nil {
		return fmt.Errorf("SHA-1 state: %w", err)
	}
	l.Version++
	return overtaken(l.v.index.SaveProgress(ctx, l.v.id, l.Progress))
}
