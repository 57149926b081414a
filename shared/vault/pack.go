package vault

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"math"
	"os"

	"coffer/shared/backup"
)

const (
	packSize    = 32 << 20 // at which a pack of small contents is full
	partSize    = 64 << 20 // plain bytes of each part of a large content
	packEntries = 16 << 10
	entrySize   = 20 + 8 + 4 + 8
	trailerSize = 4 + 6 + 2
	magic       = "COFFER"
	maxObject   = 1 << 40  // far above what is written; no store looks for more
	maxIndex    = 64 << 20 // far above what is written; bounds what a damaged trailer makes a reader read
)

// Entry says what a section of a pack is.
type Entry struct {
	Content backup.Content
	Part    int
	Length  int64
}

// scratch is an object on its way out: a nameless temporary file that is gone
// whenever the process is. What lies behind its size is of an object before.
type scratch struct {
	v    *Vault
	file *os.File
	out  *bufio.Writer
	sum  hash.Hash
	size int64
}

// spares is how many files a vault keeps for the objects to come. Writing over
// a file takes a third of the time of a new one, since the system has memory for
// it already.
const spares = 8

// newScratch returns a file to write to, of an object before or a new one.
func (v *Vault) newScratch() (*scratch, error) {
	v.mu.Lock()
	var s *scratch
	if n := len(v.spare); n > 0 {
		s, v.spare = v.spare[n-1], v.spare[:n-1]
	}
	v.mu.Unlock()
	if s != nil {
		if _, err := s.file.Seek(0, io.SeekStart); err != nil {
			return nil, fmt.Errorf("temporary file: %w", err)
		}
		s.size = 0
		s.sum.Reset()
		s.out.Reset(io.MultiWriter(s.file, s.sum))
		return s, nil
	}
	file, err := os.CreateTemp(v.Dir, "coffer-*")
	if err != nil {
		return nil, fmt.Errorf("temporary file: %w", err)
	}
	if err := os.Remove(file.Name()); err != nil {
		return nil, errors.Join(fmt.Errorf("temporary file: %w", err), file.Close())
	}
	s = &scratch{v: v, file: file, sum: sha256.New()}
	s.out = bufio.NewWriterSize(io.MultiWriter(file, s.sum), segmentSize)
	return s, nil
}

// close gives the file back. Nothing is lost with what is in it.
func (s *scratch) close() {
	s.v.mu.Lock()
	defer s.v.mu.Unlock()
	if len(s.v.spare) < spares {
		s.v.spare = append(s.v.spare, s)
		return
	}
	_ = s.file.Close()
}

// Close gives up the temporary files that the vault keeps between objects. The
// vault can still be used.
func (v *Vault) Close() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	var errs []error
	for _, s := range v.spare {
		errs = append(errs, s.file.Close())
	}
	v.spare = nil
	return errors.Join(errs...)
}

// Write implements io.Writer.
func (s *scratch) Write(p []byte) (int, error) {
	n, err := s.out.Write(p)
	s.size += int64(n)
	return n, err
}

// put stores what was written as an object.
func (s *scratch) put(ctx context.Context, objects Objects, key string) error {
	if err := s.out.Flush(); err != nil {
		return fmt.Errorf("temporary file: %w", err)
	}
	return objects.Put(ctx, key, io.NewSectionReader(s.file, 0, s.size), s.size, [sha256.Size]byte(s.sum.Sum(nil)))
}

// pack is a pack that is being filled.
type pack struct {
	*scratch
	name    string
	limit   int64
	entries []Entry
}

func (v *Vault) newPack() (*pack, error) {
	s, err := v.newScratch()
	if err != nil {
		return nil, err
	}
	return &pack{scratch: s, name: v.Mark + backup.NewID(), limit: v.packSize}, nil
}

// end says that what was written from start on is the section of e, and
// returns where it lies.
func (p *pack) end(e Entry, start int64) Part {
	e.Length = p.size - start
	p.entries = append(p.entries, e)
	return Part{Pack: p.name, Offset: start, Length: e.Length}
}

func (p *pack) full() bool { return p.size >= p.limit || len(p.entries) >= packEntries }

// store appends the index and puts the pack into the vault.
func (p *pack) store(ctx context.Context, v *Vault) error {
	sealed := seal(v.packIndexes, appendIndex(nil, p.entries), v.id.bindPack(p.name))
	trailer := binary.BigEndian.AppendUint32(nil, uint32(len(sealed))) // #nosec G115 -- 40 bytes for each of packEntries
	trailer = binary.BigEndian.AppendUint16(append(trailer, magic...), Format)
	for _, b := range [][]byte{sealed, trailer} {
		if _, err := p.Write(b); err != nil {
			return fmt.Errorf("pack %s: %w", p.name, err)
		}
	}
	if err := p.put(ctx, v.objects, v.id.pack(p.name)); err != nil {
		return fmt.Errorf("pack %s: %w", p.name, err)
	}
	return nil
}

func (id ID) bindPack(name string) []byte {
	return bind("coffer 1 pack", string(id.Account), string(id.Task), name)
}

// PackIndex reads what the pack of that name and size says that it holds.
func (v *Vault) PackIndex(ctx context.Context, name string, size int64) ([]Entry, error) {
	trailer, err := v.readObject(ctx, v.id.pack(name), size-trailerSize, trailerSize)
	if err != nil {
		return nil, fmt.Errorf("pack %s: %w", name, err)
	}
	length, err := parseTrailer(trailer)
	if err != nil {
		return nil, fmt.Errorf("pack %s: %w", name, err)
	}
	sealed, err := v.readObject(ctx, v.id.pack(name), size-trailerSize-length, length)
	if err != nil {
		return nil, fmt.Errorf("pack %s: %w", name, err)
	}
	plain, err := unseal(v.packIndexes, sealed, v.id.bindPack(name))
	if err != nil {
		return nil, fmt.Errorf("index of pack %s: %w", name, ErrDamaged)
	}
	entries, err := parseIndex(plain, size-trailerSize-length)
	if err != nil {
		return nil, fmt.Errorf("index of pack %s: %w", name, err)
	}
	return entries, nil
}

// readObject returns a short piece of an object.
func (v *Vault) readObject(ctx context.Context, key string, offset, length int64) ([]byte, error) {
	if offset < 0 {
		return nil, ErrDamaged
	}
	body, err := v.open(ctx, key, offset, length)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	b := make([]byte, length)
	if _, err := io.ReadFull(body, b); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, ErrDamaged
	} else if err != nil {
		return nil, err
	}
	return b, nil
}

func appendIndex(b []byte, entries []Entry) []byte {
	for _, e := range entries {
		b = append(b, e.Content.SHA1[:]...)
		b = binary.BigEndian.AppendUint64(b, uint64(e.Content.Size)) // #nosec G115 -- not negative
		b = binary.BigEndian.AppendUint32(b, uint32(e.Part))         // #nosec G115 -- not negative
		b = binary.BigEndian.AppendUint64(b, uint64(e.Length))       // #nosec G115 -- not negative
	}
	return b
}

// parseIndex reads an index whose sections take total bytes.
func parseIndex(b []byte, total int64) ([]Entry, error) {
	if len(b)%entrySize != 0 {
		return nil, fmt.Errorf("%d bytes are not a number of entries: %w", len(b), ErrDamaged)
	}
	entries := make([]Entry, 0, len(b)/entrySize)
	for ; len(b) > 0; b = b[entrySize:] {
		size, part, length := binary.BigEndian.Uint64(b[20:]), binary.BigEndian.Uint32(b[28:]), binary.BigEndian.Uint64(b[32:])
		if size > math.MaxInt64 || part > math.MaxInt32 || total < 0 || length > uint64(total) {
			return nil, fmt.Errorf("entry %d: %w", len(entries), ErrDamaged)
		}
		e := Entry{Content: backup.Content{SHA1: backup.SHA1(b[:20]), Size: int64(size)}, Part: int(part), Length: int64(length)} // #nosec G115 -- compared above
		total -= e.Length
		entries = append(entries, e)
	}
	if total != 0 {
		return nil, fmt.Errorf("%d bytes are in no section: %w", total, ErrDamaged)
	}
	return entries, nil
}

// parseTrailer returns the length of the sealed index.
func parseTrailer(b []byte) (int64, error) {
	if len(b) != trailerSize || string(b[4:10]) != magic {
		return 0, fmt.Errorf("trailer: %w", ErrDamaged)
	}
	if version := binary.BigEndian.Uint16(b[10:]); version != Format {
		return 0, fmt.Errorf("format %d is not known: %w", version, ErrDamaged)
	}
	length := int64(binary.BigEndian.Uint32(b))
	if length > maxIndex {
		return 0, fmt.Errorf("trailer: %w", ErrDamaged)
	}
	return length, nil
}
