package vault_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"

	"coffer/shared/backup"
	"coffer/shared/vault"
)

// newSmallKit is a vault whose parts have 100 kB and whose packs 50 kB.
func newSmallKit(t testing.TB) *kit {
	t.Helper()
	k := newKit(t)
	k.SetSizes(50_000, 100_000)
	return k
}

// reopen opens the vault as another process would, with the same sizes.
func (k *kit) reopen(t testing.TB) {
	t.Helper()
	k.open(t)
	k.SetSizes(50_000, 100_000)
}

func TestLargeContentsComeBack(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, 99_999, 100_000, 100_001, 199_999, 200_000, 1_234_567} {
		k := newSmallKit(t)
		for _, b := range [][]byte{noise(1, size), text(2, size)} {
			check(t, k.StoreLarge(t.Context(), contentOf(b), sourceOf(b), never))
			k.reopen(t)
			k.wantStored(t, b)
		}
	}
}

func TestLargeContentOfRealSize(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	b := noise(1, 130<<20)
	check(t, k.StoreLarge(t.Context(), contentOf(b), sourceOf(b), never))
	k.wantStored(t, b)
	if got := len(k.packs(t)); got != 3 {
		t.Errorf("%d packs for 130 MiB, want 3", got)
	}
}

func TestLargeContentGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	k := newSmallKit(t)
	b := text(1, 550_000)
	var offsets []int64
	open := func(ctx context.Context, offset int64) (io.ReadCloser, error) {
		offsets = append(offsets, offset)
		return sourceOf(b)(ctx, offset)
	}
	calls := 0
	for {
		calls++
		parts := 0
		err := k.StoreLarge(t.Context(), contentOf(b), open, func() bool { parts++; return parts == 2 })
		if err == nil {
			break
		}
		if !errors.Is(err, vault.ErrPaused) || calls > 10 {
			t.Fatal(err)
		}
		if _, err := k.Read(t.Context(), contentOf(b)); backup.KindOf(err) != backup.NotFound {
			t.Errorf("Read before the end: %v, want not found", err)
		}
		k.reopen(t)
	}
	k.wantStored(t, b)
	if calls != 3 || offsets[1] != 200_000 || offsets[2] != 400_000 {
		t.Errorf("%d calls that read from %v, want 3 that go on after two parts each", calls, offsets)
	}
	if got := len(k.packs(t)); got != 6 {
		t.Errorf("%d packs, want one for each of 6 parts", got)
	}
	check(t, k.StoreLarge(t.Context(), contentOf(b), func(context.Context, int64) (io.ReadCloser, error) {
		t.Error("a content that is stored was read again")
		return nil, errors.New("no need")
	}, never))
}

func TestLargeContentRefusesOtherBytes(t *testing.T) {
	t.Parallel()
	right := noise(1, 350_000)
	flipped := bytes.Clone(right)
	flipped[50_000] ^= 1
	broken := errors.New("connection reset")
	for _, tt := range []struct {
		name string
		src  io.Reader
		want error
	}{
		{"flipped in the first part", bytes.NewReader(flipped), vault.ErrMismatch},
		{"short in the first part", bytes.NewReader(right[:99_999]), vault.ErrMismatch},
		{"short by a part", bytes.NewReader(right[:300_000]), vault.ErrMismatch},
		{"short by a byte", bytes.NewReader(right[:349_999]), vault.ErrMismatch},
		{"long by a byte", bytes.NewReader(append(bytes.Clone(right), 0)), vault.ErrMismatch},
		{"empty", bytes.NewReader(nil), vault.ErrMismatch},
		{"endless", io.MultiReader(bytes.NewReader(right), zeros{}), vault.ErrMismatch},
		{"broken", io.MultiReader(bytes.NewReader(right[:250_000]), iotest.ErrReader(broken)), broken},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			k := newSmallKit(t)
			err := k.StoreLarge(t.Context(), contentOf(right),
				func(context.Context, int64) (io.ReadCloser, error) { return io.NopCloser(tt.src), nil }, never)
			if !errors.Is(err, tt.want) {
				t.Errorf("StoreLarge: %v, want %v", err, tt.want)
			}
			if _, err := k.Read(t.Context(), contentOf(right)); backup.KindOf(err) != backup.NotFound {
				t.Errorf("Read: %v, want not found", err)
			}
			k.reopen(t)
			check(t, k.StoreLarge(t.Context(), contentOf(right), sourceOf(right), never))
			k.wantStored(t, right)
		})
	}
}

func TestLargeContentIsNotReadAgainAfterABrokenConnection(t *testing.T) {
	t.Parallel()
	k := newSmallKit(t)
	b := noise(1, 350_000)
	err := k.StoreLarge(t.Context(), contentOf(b), func(context.Context, int64) (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(bytes.NewReader(b[:250_000]), iotest.ErrReader(io.ErrUnexpectedEOF))), nil
	}, never)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatal(err)
	}
	check(t, k.StoreLarge(t.Context(), contentOf(b), func(ctx context.Context, offset int64) (io.ReadCloser, error) {
		if offset != 200_000 {
			t.Errorf("read from %d, want from the end of the last whole part", offset)
		}
		return sourceOf(b)(ctx, offset)
	}, never))
	k.wantStored(t, b)
}

func TestTwoRunsStoreTheSameLargeContent(t *testing.T) {
	t.Parallel()
	k := newSmallKit(t)
	b := noise(1, 1_050_000)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err := k.StoreLarge(t.Context(), contentOf(b), sourceOf(b), never); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	k.wantStored(t, b)
	if p, err := k.index.Progress(t.Context(), testID, contentOf(b)); err != nil || p.Version != 0 {
		t.Errorf("progress %d, %v left, want none", p.Version, err)
	}
}

// TestMemoryDoesNotGrowWithTheContent stores and reads 600 MB.
func TestMemoryDoesNotGrowWithTheContent(t *testing.T) {
	const size, limit = 600 << 20, 100 << 20
	k := newKit(t)
	var peak atomic.Uint64
	sample := func() {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		peak.Store(max(peak.Load(), m.HeapInuse))
	}
	runtime.GC()
	sample()
	before := peak.Load()
	c := contentOfStream(t, io.LimitReader(zeros{}, size))
	open := func(_ context.Context, offset int64) (io.ReadCloser, error) {
		return io.NopCloser(io.LimitReader(zeros{}, size-offset)), nil
	}
	check(t, k.StoreLarge(t.Context(), c, open, func() bool { sample(); return false }))
	r, err := k.Read(t.Context(), c)
	check(t, err)
	for {
		_, err := io.CopyN(io.Discard, r, 50<<20)
		sample()
		if errors.Is(err, io.EOF) {
			break
		}
		check(t, err)
	}
	check(t, r.Close())
	if grown := peak.Load() - before; grown > limit {
		t.Errorf("the heap grew by %d MB for %d MB of content, want less than %d", grown>>20, size>>20, limit>>20)
	}
}
