package boxsim

import (
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
)

// recipe describes bytes that are made when they are read, so that a file of
// many gigabytes, or a hundred thousand small ones, take no room. Text is
// compressible, the rest is not, but that of a sparse one repeats one block of
// which all but the beginning is zeros.
type recipe struct {
	Text   bool
	Seed   uint64
	Size   int64
	Sparse bool
}

const (
	blockSize  = 64 << 10
	sparseHead = 1 << 10
)

func (r recipe) open() io.ReadSeekCloser { return &reading{recipe: r, at: -1} }

// reading makes a recipe's bytes block by block, any block without the others.
type reading struct {
	recipe
	pos   int64
	at    int64  // number of the block in buf, or -1
	block []byte // allocated for the first read, no longer than the content
}

// Read implements io.Reader.
func (r *reading) Read(p []byte) (int, error) {
	if r.pos >= r.Size {
		return 0, io.EOF
	}
	r.turn()
	start := r.pos % blockSize
	end := min(blockSize, start+r.Size-r.pos)
	n := copy(p, r.block[start:end])
	r.pos += int64(n)
	return n, nil
}

// WriteTo implements io.WriterTo, so that io.Copy needs no buffer of its own.
func (r *reading) WriteTo(w io.Writer) (written int64, err error) {
	for r.pos < r.Size {
		r.turn()
		start := r.pos % blockSize
		n, err := w.Write(r.block[start:min(blockSize, start+r.Size-r.pos)])
		written += int64(n)
		r.pos += int64(n)
		if err != nil {
			return written, err
		}
	}
	return written, nil
}

// Seek implements io.Seeker.
func (r *reading) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.pos
	case io.SeekEnd:
		offset += r.Size
	}
	if offset < 0 {
		return 0, fmt.Errorf("seek to %d", offset)
	}
	r.pos = offset
	return offset, nil
}

// Close implements io.Closer.
func (r *reading) Close() error { return nil }

// turn makes the block at the position, unless it is there.
func (r *reading) turn() {
	number := r.pos / blockSize
	if r.Sparse {
		number = 0
	}
	if number != r.at {
		r.fill(number)
	}
}

func (r *reading) fill(number int64) {
	r.at = number
	if r.block == nil {
		r.block = make([]byte, min(blockSize, r.Size))
	}
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], r.Seed)
	binary.LittleEndian.PutUint64(key[8:], uint64(number)) // #nosec G115 -- a block's number is not negative
	source := rand.NewChaCha8(key)
	want := min(blockSize, r.Size-number*blockSize)
	if r.Sparse {
		want = min(want, sparseHead)
	}
	if !r.Text {
		_, _ = source.Read(r.block[:want]) // never fails
		return
	}
	for n := 0; n < int(want); {
		draw := source.Uint64()
		word := words[draw%uint64(len(words))]
		n += copy(r.block[n:want], word)
		if n < int(want) {
			r.block[n] = " \n"[min(1, draw>>32%12/11)]
			n++
		}
	}
}

var words = []string{
	"account", "agreement", "annual", "approve", "archive", "balance", "board", "budget", "café", "client",
	"contract", "customer", "deadline", "delivery", "draft", "entwurf", "estimate", "expense", "forecast", "growth",
	"invoice", "launch", "ledger", "margin", "meeting", "memo", "minutes", "naïve", "notes", "offer",
	"office", "order", "partner", "payment", "plan", "policy", "project", "proposal", "quarter", "report",
	"résumé", "review", "risk", "schedule", "sheet", "summary", "supplier", "target", "tax", "überblick",
}
