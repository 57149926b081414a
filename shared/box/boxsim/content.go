package boxsim

import (
	"bytes"
	"crypto/sha1" // #nosec G505 -- Box identifies contents by SHA-1
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// contents stores the bytes of file versions by their SHA-1, once each: in
// memory, in a folder, or as a recipe for bytes that are made when read.
type contents struct {
	dir string

	mu      sync.Mutex
	memory  map[string][]byte
	recipes map[string]recipe
}

func newContents(dir string) *contents {
	return &contents{dir: dir, memory: map[string][]byte{}, recipes: map[string]recipe{}}
}

// put stores what r yields and returns its SHA-1 and size.
func (c *contents) put(r io.Reader) (sum string, size int64, err error) {
	hash := sha1.New() // #nosec G401
	if c.dir == "" {
		var buf bytes.Buffer
		size, err = io.Copy(io.MultiWriter(&buf, hash), r)
		if err != nil {
			return "", 0, err
		}
		sum = hex.EncodeToString(hash.Sum(nil))
		c.mu.Lock()
		defer c.mu.Unlock()
		if _, known := c.memory[sum]; !known {
			c.memory[sum] = bytes.Clone(buf.Bytes())
		}
		return sum, size, nil
	}
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return "", 0, fmt.Errorf("store content: %w", err)
	}
	file, err := os.CreateTemp(c.dir, "new-")
	if err != nil {
		return "", 0, fmt.Errorf("store content: %w", err)
	}
	defer os.Remove(file.Name()) // fails, as it should, once the file is renamed
	size, err = io.Copy(io.MultiWriter(file, hash), r)
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return "", 0, fmt.Errorf("store content: %w", err)
	}
	sum = hex.EncodeToString(hash.Sum(nil))
	if err := os.MkdirAll(filepath.Dir(c.path(sum)), 0o700); err != nil {
		return "", 0, fmt.Errorf("store content: %w", err)
	}
	if err := os.Rename(file.Name(), c.path(sum)); err != nil {
		return "", 0, fmt.Errorf("store content: %w", err)
	}
	return sum, size, nil
}

// make stores a recipe and returns the SHA-1 of what it makes.
func (c *contents) make(r recipe) (sum string, err error) {
	hash := sha1.New() // #nosec G401
	if _, err := io.Copy(hash, r.open()); err != nil {
		return "", err
	}
	sum = hex.EncodeToString(hash.Sum(nil))
	c.mu.Lock()
	defer c.mu.Unlock()
	c.recipes[sum] = r
	return sum, nil
}

// open returns the content, positioned at its start.
func (c *contents) open(sum string) (io.ReadSeekCloser, error) {
	c.mu.Lock()
	made, isMade := c.recipes[sum]
	kept, isKept := c.memory[sum]
	c.mu.Unlock()
	switch {
	case isMade:
		return made.open(), nil
	case isKept:
		return noClose{bytes.NewReader(kept)}, nil
	case c.dir == "":
		return nil, fmt.Errorf("content %s: not stored", sum)
	}
	return os.Open(c.path(sum))
}

// drop forgets a content kept in memory or in the folder.
func (c *contents) drop(sum string) {
	c.mu.Lock()
	delete(c.memory, sum)
	c.mu.Unlock()
	if c.dir != "" {
		_ = os.Remove(c.path(sum))
	}
}

func (c *contents) path(sum string) string { return filepath.Join(c.dir, sum[:2], sum) }

type noClose struct{ io.ReadSeeker }

func (noClose) Close() error { return nil }
