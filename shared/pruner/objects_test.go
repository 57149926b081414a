package pruner_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// objects are a bucket in memory whose objects' age is told by the clock of the
// history. A folder would wait for the disk at every write.
type objects struct {
	now  func() time.Time
	mu   sync.Mutex
	all  map[string]aged
	read map[string]int // how often
}

// aged is an object and when it was stored.
type aged struct {
	body []byte
	at   time.Time
}

func (o *objects) Put(_ context.Context, key string, body io.ReadSeeker, size int64, sum [sha256.Size]byte) error {
	b, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	if int64(len(b)) != size || sha256.Sum256(b) != sum {
		return fmt.Errorf("object %s is not what was announced", key)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if old, found := o.all[key]; found && !bytes.Equal(old.body, b) {
		return fmt.Errorf("a different object %s is stored already", key)
	} else if !found {
		o.all[key] = aged{b, o.now()}
	}
	return nil
}

func (o *objects) Get(_ context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	object, found := o.all[key]
	if !found {
		return nil, fmt.Errorf("object %s: %w", key, fs.ErrNotExist)
	}
	if o.read != nil {
		o.read[key]++
	}
	body := object.body[min(offset, int64(len(object.body))):]
	if length >= 0 {
		body = body[:min(length, int64(len(body)))]
	}
	return io.NopCloser(bytes.NewReader(body)), nil
}

func (o *objects) Delete(_ context.Context, key string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.all, key)
	return nil
}

func (o *objects) List(_ context.Context, prefix string, visit func(string, int64, time.Time) error) error {
	o.mu.Lock()
	all := maps.Clone(o.all)
	o.mu.Unlock()
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if !strings.HasPrefix(key, prefix) {
			continue
		}
		if err := visit(key, int64(len(all[key].body)), all[key].at); err != nil {
			return err
		}
	}
	return nil
}
