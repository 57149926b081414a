package vault_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"sync"
	"testing"
	"time"

	"coffer/shared/vault"
)

// gate holds every object back until it is opened.
type gate struct {
	vault.Objects
	open chan struct{}
}

func (g *gate) Put(ctx context.Context, key string, body io.ReadSeeker, size int64, sum [sha256.Size]byte) error {
	select {
	case <-g.open:
		return g.Objects.Put(ctx, key, body, size, sum)
	case <-time.After(20 * time.Second):
		return errors.New("nothing was read while the object was on its way")
	}
}

// tripwire calls reached when that many bytes were read.
type tripwire struct {
	io.Reader
	left    int
	reached func()
}

func (r *tripwire) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if r.left -= n; r.left < 0 {
		r.reached()
	}
	return n, err
}

func TestNextPartIsReadWhileOneIsOnItsWay(t *testing.T) {
	t.Parallel()
	k := newSmallKit(t)
	g := &gate{Objects: k.objects, open: make(chan struct{})}
	k.objects = g
	k.reopen(t)
	b := noise(1, 450_000)
	open := func(context.Context, int64) (io.ReadCloser, error) {
		return io.NopCloser(&tripwire{bytes.NewReader(b), 150_000, sync.OnceFunc(func() { close(g.open) })}), nil
	}
	check(t, k.StoreLarge(t.Context(), contentOf(b), open, never))
	k.wantStored(t, b)
}

func TestPartThatFailsOnItsWayIsStoredAgain(t *testing.T) {
	t.Parallel()
	k := newSmallKit(t)
	lost := &losing{Objects: k.objects, at: 3}
	k.objects = lost
	k.reopen(t)
	b := noise(1, 450_000)
	if err := k.StoreLarge(t.Context(), contentOf(b), sourceOf(b), never); !errors.Is(err, errLost) {
		t.Fatalf("StoreLarge: %v, want the store's error", err)
	}
	from := int64(-1)
	check(t, k.StoreLarge(t.Context(), contentOf(b), func(ctx context.Context, offset int64) (io.ReadCloser, error) {
		from = offset
		return sourceOf(b)(ctx, offset)
	}, never))
	if from != 200_000 {
		t.Errorf("it went on at byte %d, want 200,000: two parts were stored", from)
	}
	k.wantStored(t, b)
}

var errLost = errors.New("lost")

// losing fails to store one object.
type losing struct {
	vault.Objects
	at int
}

func (l *losing) Put(ctx context.Context, key string, body io.ReadSeeker, size int64, sum [sha256.Size]byte) error {
	if l.at--; l.at == 0 {
		return errLost
	}
	return l.Objects.Put(ctx, key, body, size, sum)
}
