package vault_test

import (
	"bytes"
	"context"
	"crypto/sha1"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"coffer/shared/backup"
	"coffer/shared/vault"
)

var testID = vault.ID{Account: "acme", Task: "box"}

// kit is a vault with all that it is made of.
type kit struct {
	*vault.Vault
	dir     string
	objects vault.Objects
	index   *vault.Memory
	keys    *vault.StaticKeys
	sealed  []byte
}

func newKit(t testing.TB) *kit {
	t.Helper()
	k := &kit{dir: t.TempDir(), index: vault.NewMemory()}
	folder, err := vault.OpenFolder(k.dir)
	check(t, err)
	t.Cleanup(func() { check(t, folder.Close()) })
	k.objects = folder
	k.keys, err = vault.NewStaticKeys(bytes.Repeat([]byte("k"), 32))
	check(t, err)
	k.sealed, err = vault.NewKey(t.Context(), testID, k.keys)
	check(t, err)
	k.open(t)
	return k
}

// open opens the vault as another process would.
func (k *kit) open(t testing.TB) {
	t.Helper()
	v, err := vault.Open(t.Context(), testID, k.sealed, k.objects, k.index, k.keys)
	check(t, err)
	v.Dir = t.TempDir()
	k.Vault = v
}

// packs returns the files of the vault's packs.
func (k *kit) packs(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(k.dir, "packs/acme/box/*"))
	check(t, err)
	return files
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// contentOfStream reads src to its end.
func contentOfStream(t testing.TB, src io.Reader) backup.Content {
	t.Helper()
	h := sha1.New()
	n, err := io.Copy(h, src)
	check(t, err)
	return backup.Content{SHA1: backup.SHA1(h.Sum(nil)), Size: n}
}

func contentOf(b []byte) backup.Content {
	return backup.Content{SHA1: sha1.Sum(b), Size: int64(len(b))}
}

// noise returns bytes that do not shrink.
func noise(seed uint64, size int) []byte {
	var key [32]byte
	key[0], key[1], key[2], key[3] = byte(seed), byte(seed>>8), byte(seed>>16), byte(seed>>24)
	b := make([]byte, size)
	rand.NewChaCha8(key).Read(b)
	return b
}

func (k *kit) store(t testing.TB, contents ...[]byte) {
	t.Helper()
	w := k.Writer()
	for _, b := range contents {
		check(t, w.Add(t.Context(), contentOf(b), bytes.NewReader(b)))
	}
	check(t, w.Flush(t.Context()))
}

func (k *kit) read(ctx context.Context, c backup.Content) ([]byte, error) {
	r, err := k.Read(ctx, c)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(r)
	return b, errors.Join(err, r.Close())
}

func (k *kit) wantStored(t testing.TB, b []byte) {
	t.Helper()
	got, err := k.read(t.Context(), contentOf(b))
	check(t, err)
	if !bytes.Equal(got, b) {
		t.Errorf("content %s: other bytes came back", contentOf(b))
	}
}

func TestContentsComeBack(t *testing.T) {
	t.Parallel()
	contents := [][]byte{
		{},
		[]byte("x"), []byte(strings.Repeat("tell me again ", 50_000)), noise(1, 64<<10), noise(2, 64<<10-1),
		noise(3, vault.Large-1), append(bytes.Repeat([]byte("text "), 20_000), noise(4, 200_000)...),
	}
	k := newKit(t)
	k.store(t, contents...)
	k.open(t)
	for _, b := range contents {
		k.wantStored(t, b)
	}
	report, err := k.Verify(t.Context())
	check(t, err)
	if report.Contents != len(contents) || len(report.Damaged) != 0 || report.Packs != 1 {
		t.Errorf("report %+v, want %d contents in 1 pack and no damage", report, len(contents))
	}
}

func TestTextShrinksAndNoiseDoesNot(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		content  []byte
		min, max int64
	}{
		{"text", bytes.Repeat([]byte("all work and no play "), 50_000), 0, 20_000},
		{"noise", noise(1, 1_000_000), 1_000_000, 1_001_000},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			k := newKit(t)
			k.store(t, tt.content)
			report, err := k.Verify(t.Context())
			check(t, err)
			if report.Stored < tt.min || report.Stored > tt.max {
				t.Errorf("%d bytes stored for %d, want %d to %d", report.Stored, len(tt.content), tt.min, tt.max)
			}
		})
	}
}

func TestMissingNamesWhatIsNotStoredOnceAndInOrder(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	k.store(t, []byte("a"), []byte("c"))
	var ask, want []backup.Content
	for i := range 3000 {
		c := contentOf(fmt.Append(nil, i))
		ask, want = append(ask, c, contentOf([]byte("a")), c), append(want, c)
	}
	got, err := k.Missing(t.Context(), ask)
	check(t, err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAddRefusesOtherBytes(t *testing.T) {
	t.Parallel()
	right := noise(1, 100_000)
	flipped := bytes.Clone(right)
	flipped[70_000] ^= 4
	broken := errors.New("connection reset")
	for _, tt := range []struct {
		name string
		src  io.Reader
		want error
	}{
		{"flipped", bytes.NewReader(flipped), vault.ErrMismatch},
		{"short", bytes.NewReader(right[:99_999]), vault.ErrMismatch},
		{"empty", bytes.NewReader(nil), vault.ErrMismatch},
		{"long", bytes.NewReader(append(bytes.Clone(right), 0)), vault.ErrMismatch},
		{"endless", iotest.OneByteReader(zeros{}), vault.ErrMismatch},
		{"broken", io.MultiReader(bytes.NewReader(right[:50_000]), iotest.ErrReader(broken)), broken},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			k := newKit(t)
			w := k.Writer()
			if err := w.Add(t.Context(), contentOf(right), tt.src); !errors.Is(err, tt.want) {
				t.Errorf("Add: %v, want %v", err, tt.want)
			}
			other := []byte("a neighbour")
			check(t, w.Add(t.Context(), contentOf(other), bytes.NewReader(other)))
			check(t, w.Flush(t.Context()))
			if _, err := k.read(t.Context(), contentOf(right)); backup.KindOf(err) != backup.NotFound {
				t.Errorf("Read: %v, want not found", err)
			}
			k.wantStored(t, other)
			check(t, w.Add(t.Context(), contentOf(right), bytes.NewReader(right)))
			check(t, w.Flush(t.Context()))
			k.wantStored(t, right)
		})
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestContentAddedTwiceIsStoredOnce(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	b := noise(1, 1000)
	k.store(t, b, b)
	w := k.Writer()
	group, ctx := errgroup.WithContext(t.Context())
	for range 8 {
		group.Go(func() error { return w.Add(ctx, contentOf(b), bytes.NewReader(b)) })
	}
	check(t, group.Wait())
	check(t, w.Flush(t.Context()))
	report, err := k.Verify(t.Context())
	check(t, err)
	if report.Packs != 2 || report.Stored > 2*1200 {
		t.Errorf("%d packs of %d bytes, want one for each of two writers, with the content once", report.Packs, report.Stored)
	}
}

func TestWorkersShareAWriter(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	w := k.Writer()
	group, ctx := errgroup.WithContext(t.Context())
	group.SetLimit(8)
	const n, size = 120, 1 << 20
	for i := range n {
		group.Go(func() error {
			b := noise(uint64(i), size)
			if i%10 == 0 {
				b[0] ^= 1
				if err := w.Add(ctx, contentOf(noise(uint64(i), size)), bytes.NewReader(b)); !errors.Is(err, vault.ErrMismatch) {
					return fmt.Errorf("flipped source: %w", err)
				}
			}
			return w.Add(ctx, contentOf(noise(uint64(i), size)), bytes.NewReader(noise(uint64(i), size)))
		})
	}
	check(t, group.Wait())
	check(t, w.Flush(t.Context()))
	for i := range n {
		k.wantStored(t, noise(uint64(i), size))
	}
	if got := len(k.packs(t)); got != 4 {
		t.Errorf("%d packs for 120 MiB, want 4 of 32 MiB or the rest", got)
	}
}

func TestVaultOfAnotherTaskOpensNothing(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	other := vault.ID{Account: "acme", Task: "other"}
	if _, err := vault.Open(t.Context(), other, k.sealed, k.objects, k.index, k.keys); backup.KindOf(err) != backup.Forbidden {
		t.Errorf("Open with another task's key: %v, want forbidden", err)
	}
}
