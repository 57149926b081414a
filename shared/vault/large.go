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
// While a part is on its way to the store the next one is read already, and no
// more than that: a call holds two parts in temporary files.
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
	var sending chan error // what comes of the part before; nil where there is none
	sent := func() (err error) {
		if sending != nil {
			err, sending = <-sending, nil
		}
		return err
	}
	for n := len(l.Parts); ; n++ {
		if sending != nil && late() {
			return errors.Join(sent(), ErrPaused)
		}
		p, err := l.read(src, n)
		if sendErr := sent(); sendErr != nil {
			p.close()
			return sendErr
		}
		if errors.Is(err, ErrMismatch) && l.Version > 0 {
			return errors.Join(err, v.index.DropProgress(ctx, v.id, l.Progress))
		}
		if err != nil {
			return err
		}
		if p.last {
			return l.send(ctx, p)
		}
		sending = make(chan error, 1)
		go func() { sending <- l.send(ctx, p) }()
	}
}

// large is a content that is being stored. Its sums are ahead of its Progress,
// which changes only in send.
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

// passage is a part on its way to the store.
type passage struct {
	*pack
	Part
	crc  uint32 // of the content up to its end
	sha1 []byte // state of the SHA-1 there
	last bool
}

// close gives up the part's pack; of a part that could not be read, there is
// none.
func (p *passage) close() {
	if p != nil {
		p.pack.close()
	}
}

// read encrypts the nth part from src into a pack.
func (l *large) read(src io.Reader, n int) (_ *passage, err error) {
	c, start := l.Content, int64(n)*l.v.partSize
	size := min(c.Size-start, l.v.partSize)
	last := start+size == c.Size
	limit := size
	if last {
		limit++ // to notice what is too long
	}
	pack, err := l.v.newPack()
	if err != nil {
		return nil, err
	}
	p := &passage{pack: pack, last: last}
	defer func() {
		if err != nil {
			p.close()
		}
	}()
	before := l.sums.size
	plain := io.TeeReader(io.LimitReader(src, limit), l.sums)
	if err := l.v.encrypt(p, l.key, l.v.id.bindSection(c, n), plain); err != nil {
		return nil, fmt.Errorf("content %s: part %d: %w", c, n, err)
	}
	if last || l.sums.size < before+size {
		if err := l.sums.check(c); err != nil {
			return nil, err
		}
	}
	p.Part = p.end(Entry{Content: c, Part: n}, 0)
	p.crc = l.sums.crc
	if p.sha1, err = l.sums.state(); err != nil {
		return nil, fmt.Errorf("content %s: part %d: %w", c, n, err)
	}
	return p, nil
}

// send stores a part, then brings the progress record up to date, or puts the
// row in its place.
func (l *large) send(ctx context.Context, p *passage) error {
	defer p.close()
	if err := p.store(ctx, l.v); err != nil {
		return err
	}
	l.Parts = append(l.Parts, p.Part)
	l.CRC32 = p.crc
	l.Key = seal(l.v.contentKeys, l.key, l.v.id.bindContentKey(l.Content, l.CRC32))
	l.Updated = l.v.Now()
	var err error
	if p.last {
		err = l.v.index.Finish(ctx, l.v.id, l.Progress)
	} else {
		l.SHA1 = p.sha1
		l.Version++
		err = l.v.index.SaveProgress(ctx, l.v.id, l.Progress)
	}
	if err != nil {
		return fmt.Errorf("content %s: part %d: %w", l.Content, len(l.Parts)-1, overtaken(err))
	}
	return nil
}

// state is what the SHA-1 goes on from in another process.
func (s *sums) state() ([]byte, error) {
	state, ok := s.sha1.(encoding.BinaryMarshaler)
	if !ok {
		return nil, errors.New("SHA-1 has no state")
	}
	return state.MarshalBinary()
}
