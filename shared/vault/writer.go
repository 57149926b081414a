package vault

import (
	"bytes"
	"context"
	"crypto/sha1" // #nosec G505 -- identifies, as Box does; the encryption authenticates
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"sync"

	"coffer/shared/backup"
)

// packsAtOnce is how many packs a Writer has at once: one being filled, the
// others on their way to the store.
const packsAtOnce = 3

// Writer packs contents of less than Large bytes. Any number of goroutines may
// add at once; each holds at most its content's stored bytes in memory.
type Writer struct {
	v    *Vault
	room chan struct{} // a place for each pack that exists

	mu      sync.Mutex
	known   map[backup.Content]chan struct{} // closed when the content is in a pack
	open    *filling
	sending map[*filling]bool
	err     error // what broke the writer
}

// filling is a pack with the rows that are written after it.
type filling struct {
	*pack
	rows []Row
	done chan struct{} // closed when the pack is stored, or not
}

// Writer returns a writer into the vault. It must be flushed in the end,
// whatever happens to it.
func (v *Vault) Writer() *Writer {
	return &Writer{
		v: v, room: make(chan struct{}, packsAtOnce),
		known: map[backup.Content]chan struct{}{}, sending: map[*filling]bool{},
	}
}

// Add reads src to its end and puts it into a pack. The content is stored when
// Flush returns. The error matches ErrMismatch where src is
// not the content; then, or where src fails, nothing of it is stored, and the
// writer goes on. Of a content that was added before, src is not read. Any
// other error has broken the writer: what is not stored is lost.
func (w *Writer) Add(ctx context.Context, c backup.Content, src io.Reader) error {
	if c.Size < 0 || c.Size >= Large {
		return fmt.Errorf("content %s is too large for a pack", c)
	}
	claim, err := w.claim(ctx, c)
	if claim == nil || err != nil {
		return err
	}
	added := false
	defer func() { // also where src panics: others may wait for the content
		w.mu.Lock()
		if !added {
			delete(w.known, c)
		}
		w.mu.Unlock()
		close(claim)
	}()
	err = w.add(ctx, c, src)
	added = err == nil
	return err
}

// claim returns a channel to close where the caller is the one to add c, or
// nil where c is in a pack already.
func (w *Writer) claim(ctx context.Context, c backup.Content) (chan struct{}, error) {
	for {
		w.mu.Lock()
		other, err := w.known[c], w.err
		if other == nil && err == nil {
			claim := make(chan struct{})
			w.known[c] = claim
			w.mu.Unlock()
			return claim, nil
		}
		w.mu.Unlock()
		if err != nil {
			return nil, err
		}
		select {
		case <-other:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		w.mu.Lock()
		same := w.known[c] == other
		w.mu.Unlock()
		if same {
			return nil, nil // it did not fail
		}
	}
}

func (w *Writer) add(ctx context.Context, c backup.Content, src io.Reader) error {
	buf, _ := w.v.buffers.Get().(*bytes.Buffer)
	if buf == nil {
		buf = new(bytes.Buffer)
	}
	defer w.v.buffers.Put(buf)
	buf.Reset()
	key, sums := newKey(), newSums()
	if err := w.v.encrypt(buf, key, w.v.id.bindSection(c, 0), sums.tee(src, c.Size)); err != nil {
		return fmt.Errorf("content %s: %w", c, err)
	}
	if err := sums.check(c); err != nil {
		return err
	}
	wrapped := seal(w.v.contentKeys, key, w.v.id.bindContentKey(c, sums.crc))
	full, err := w.append(ctx, Row{Content: c, Format: Format, CRC32: sums.crc, Key: wrapped}, buf.Bytes())
	if err != nil {
		return w.fail(err)
	}
	if full != nil {
		return w.send(ctx, full)
	}
	return nil
}

// append puts a section into the open pack. Where the pack is full by that, it
// returns it, to be sent.
func (w *Writer) append(ctx context.Context, row Row, section []byte) (*filling, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return nil, w.err
	}
	if w.open == nil {
		select {
		case w.room <- struct{}{}: // all others wait for this too
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		p, err := w.v.newPack()
		if err != nil {
			<-w.room
			return nil, err
		}
		w.open = &filling{pack: p, done: make(chan struct{})}
	}
	f := w.open
	start := f.size
	if _, err := f.Write(section); err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	row.Parts = []Part{f.end(Entry{Content: row.Content}, start)}
	f.rows = append(f.rows, row)
	if !f.full() {
		return nil, nil
	}
	return w.take(), nil
}

// take ends the open pack; w.mu is held.
func (w *Writer) take() *filling {
	f := w.open
	w.open = nil
	if f != nil {
		w.sending[f] = true
	}
	return f
}

// send stores a pack, then its rows.
func (w *Writer) send(ctx context.Context, f *filling) error {
	err := f.store(ctx, w.v)
	if err == nil {
		err = w.v.index.Put(ctx, w.v.id, f.rows)
	}
	f.close()
	<-w.room
	if err != nil {
		err = w.fail(err)
	}
	w.mu.Lock()
	delete(w.sending, f)
	w.mu.Unlock()
	close(f.done)
	return err
}

// fail records the first error that broke the writer.
func (w *Writer) fail(err error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = fmt.Errorf("write to the vault: %w", err)
	}
	return w.err
}

// Flush stores the open pack. When it returns without an error, all contents
// whose Add had returned without one are stored.
func (w *Writer) Flush(ctx context.Context) error {
	w.mu.Lock()
	f := w.take()
	var others []*filling
	for other := range w.sending {
		if other != f {
			others = append(others, other)
		}
	}
	w.mu.Unlock()
	if f != nil {
		if err := w.send(ctx, f); err != nil {
			return err
		}
	}
	for _, other := range others {
		select {
		case <-other.done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// sums are the checksums of a source's bytes.
type sums struct {
	sha1 hash.Hash
	crc  uint32
	size int64
}

func newSums() *sums { return &sums{sha1: sha1.New()} } // #nosec G401 -- identifies only

// Write implements io.Writer.
func (s *sums) Write(p []byte) (int, error) {
	s.sha1.Write(p)
	s.crc = crc32.Update(s.crc, crc32.IEEETable, p)
	s.size += int64(len(p))
	return len(p), nil
}

// tee returns src up to one byte more than size, on its way through the sums.
func (s *sums) tee(src io.Reader, size int64) io.Reader {
	return io.TeeReader(io.LimitReader(src, size+1), s)
}

// check returns an ErrMismatch unless the bytes were those of c.
func (s *sums) check(c backup.Content) error {
	switch {
	case s.size > c.Size:
		return fmt.Errorf("content %s: more than %d bytes: %w", c, c.Size, ErrMismatch)
	case s.size < c.Size:
		return fmt.Errorf("content %s: only %d bytes: %w", c, s.size, ErrMismatch)
	case backup.SHA1(s.sha1.Sum(nil)) != c.SHA1:
		return fmt.Errorf("content %s: SHA-1 differs: %w", c, ErrMismatch)
	}
	return nil
}
