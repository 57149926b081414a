package pruner

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"

	"coffer/shared/backup"
)

// noteSize is the length of a note: a SHA-1 and a size.
const noteSize = 20 + 8

// notes are contents in a temporary folder, in a file for each first byte of the
// SHA-1.
type notes struct {
	dir  string
	size atomic.Int64 // bytes

	mu    sync.Mutex
	files [256]*os.File
	out   [256]*bufio.Writer
}

func newNotes(dir string) (*notes, error) {
	dir, err := os.MkdirTemp(dir, "sweep-")
	if err != nil {
		return nil, fmt.Errorf("temporary folder: %w", err)
	}
	return &notes{dir: dir}, nil
}

// add notes a content.
func (n *notes) add(c backup.Content) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	first := c.SHA1[0]
	if n.out[first] == nil {
		f, err := os.Create(filepath.Join(n.dir, fmt.Sprintf("%02x", first)))
		if err != nil {
			return fmt.Errorf("temporary file: %w", err)
		}
		n.files[first], n.out[first] = f, bufio.NewWriter(f)
	}
	n.size.Add(noteSize)
	_, err := n.out[first].Write(encode([]backup.Content{c}))
	return err
}

// read returns the contents noted whose SHA-1 begins with a byte, in order.
func (n *notes) read(first byte) ([]backup.Content, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.out[first] == nil {
		return nil, nil
	}
	if err := n.out[first].Flush(); err != nil {
		return nil, fmt.Errorf("temporary file: %w", err)
	}
	if _, err := n.files[first].Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("temporary file: %w", err)
	}
	list, err := decode(n.files[first])
	slices.SortFunc(list, compare)
	return slices.Compact(list), err
}

// clear forgets what was noted.
func (n *notes) clear() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	for i, f := range n.files {
		if f == nil {
			continue
		}
		n.out[i].Reset(f)
		_, err := f.Seek(0, io.SeekStart)
		if err := errors.Join(err, f.Truncate(0)); err != nil {
			return fmt.Errorf("temporary file: %w", err)
		}
	}
	n.size.Store(0)
	return nil
}

func encode(list []backup.Content) []byte {
	b := make([]byte, 0, len(list)*noteSize)
	for _, c := range list {
		b = binary.BigEndian.AppendUint64(append(b, c.SHA1[:]...), uint64(c.Size)) // #nosec G115 -- not negative
	}
	return b
}

// decode reads what encode writes.
func decode(r io.Reader) (list []backup.Content, err error) {
	in := bufio.NewReader(r)
	for {
		var note [noteSize]byte
		_, err := io.ReadFull(in, note[:])
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, fmt.Errorf("notes: %w", err)
		}
		size := int64(binary.BigEndian.Uint64(note[20:])) // #nosec G115 -- as encode has written it
		list = append(list, backup.Content{SHA1: backup.SHA1(note[:20]), Size: size})
	}
}

func compare(a, b backup.Content) int {
	return cmp.Or(bytes.Compare(a.SHA1[:], b.SHA1[:]), cmp.Compare(a.Size, b.Size))
}

// close removes the folder.
func (n *notes) close() error {
	var errs []error
	for _, f := range n.files {
		if f != nil {
			errs = append(errs, f.Close())
		}
	}
	return errors.Join(append(errs, os.RemoveAll(n.dir))...)
}
