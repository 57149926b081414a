package vault

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"

	"coffer/shared/backup"
)

// Folder keeps objects as files in a folder.
type Folder struct {
	root *os.Root
}

// OpenFolder returns the folder, which must exist.
func OpenFolder(dir string) (*Folder, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open folder: %w", err)
	}
	return &Folder{root: root}, nil
}

// Close releases the folder.
func (f *Folder) Close() error { return f.root.Close() }

// Put implements Objects. The file appears whole or not at all.
func (f *Folder) Put(_ context.Context, key string, body io.ReadSeeker, size int64, sum [sha256.Size]byte) (err error) {
	if err := f.root.MkdirAll(path.Dir(key), 0o700); err != nil {
		return fmt.Errorf("store object %s: %w", key, err)
	}
	draft := path.Join(path.Dir(key), ".draft-"+backup.NewID())
	if err := f.write(draft, body, size, sum); err != nil {
		return errors.Join(fmt.Errorf("store object %s: %w", key, err), f.root.Remove(draft))
	}
	defer func() { err = errors.Join(err, f.root.Remove(draft)) }()
	switch err := f.root.Link(draft, key); {
	case errors.Is(err, fs.ErrExist):
		return f.compare(key, sum)
	case err != nil:
		return fmt.Errorf("store object %s: %w", key, err)
	}
	return nil
}

func (f *Folder) write(name string, body io.Reader, size int64, sum [sha256.Size]byte) error {
	file, err := f.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	hash := sha256.New()
	n, err := io.Copy(io.MultiWriter(file, hash), body)
	if err == nil && (n != size || [sha256.Size]byte(hash.Sum(nil)) != sum) {
		err = errors.New("the checksum differs")
	}
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

func (f *Folder) compare(key string, sum [sha256.Size]byte) error {
	file, err := f.root.Open(key)
	if err != nil {
		return fmt.Errorf("compare object %s: %w", key, err)
	}
	defer file.Close() // only read
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return fmt.Errorf("compare object %s: %w", key, err)
	}
	if !bytes.Equal(hash.Sum(nil), sum[:]) {
		return backup.Errorf(backup.Conflict, "A different object is stored under this name already.")
	}
	return nil
}

// Get implements Objects.
func (f *Folder) Get(_ context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	file, err := f.root.Open(key)
	if err != nil {
		return nil, fmt.Errorf("read object %s: %w", key, err)
	}
	if _, err := file.Seek(offset, io.SeekStart); err != nil {
		return nil, errors.Join(fmt.Errorf("read object %s: %w", key, err), file.Close())
	}
	if length < 0 {
		return file, nil
	}
	return struct {
		io.Reader
		io.Closer
	}{io.LimitReader(file, length), file}, nil
}

// Delete implements Objects.
func (f *Folder) Delete(_ context.Context, key string) error {
	if err := f.root.Remove(key); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("delete object %s: %w", key, err)
	}
	return nil
}

// List implements Objects.
func (f *Folder) List(ctx context.Context, prefix string, visit func(key string, size int64, modified time.Time) error) error {
	return fs.WalkDir(f.root.FS(), ".", func(key string, entry fs.DirEntry, err error) error {
		if err != nil || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		if entry.IsDir() || !strings.HasPrefix(key, prefix) || strings.HasPrefix(entry.Name(), ".draft-") {
			return nil
		}
		info, err := entry.Info()
		if err != nil {
			return fmt.Errorf("list objects: %w", err)
		}
		return visit(key, info.Size(), info.ModTime())
	})
}
