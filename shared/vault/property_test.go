package vault_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"testing"

	"pgregory.net/rapid"

	"coffer/shared/backup"
	"coffer/shared/vault"
)

func newReader(b []byte) io.Reader { return bytes.NewReader(b) }

// drawBytes draws contents of all kinds and of sizes around the borders.
func drawBytes(t *rapid.T) []byte {
	size := rapid.OneOf(
		rapid.IntRange(0, 100),
		rapid.SampledFrom([]int{63, 64, 4095, 65_479, 65_480, 65_481, 65_536, 99_999, 100_000, 100_001, 200_000}),
		rapid.IntRange(0, 300_000),
	).Draw(t, "size")
	seed := rapid.Uint64Range(0, 1000).Draw(t, "seed")
	switch rapid.SampledFrom([]string{"noise", "text", "both", "same"}).Draw(t, "kind") {
	case "text":
		return text(seed, size)
	case "both":
		return append(text(seed, size/2), noise(seed, size-size/2)...)
	case "same":
		return bytes.Repeat([]byte{byte(seed)}, size)
	default:
		return noise(seed, size)
	}
}

// TestWhateverIsStoredComesBack also damages one byte of the store and wants
// that noticed.
func TestWhateverIsStoredComesBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		k := newSmallKit(t)
		w := k.Writer()
		bodies := map[backup.Content][]byte{}
		for range rapid.IntRange(1, 8).Draw(rt, "contents") {
			b := drawBytes(rt)
			c := contentOf(b)
			if _, twice := bodies[c]; twice {
				continue
			}
			bodies[c] = b
			if rapid.Bool().Draw(rt, "large") {
				check(t, k.StoreLarge(t.Context(), c, sourceOf(b), never))
			} else {
				check(t, w.Add(t.Context(), c, newReader(b)))
			}
		}
		check(t, w.Flush(t.Context()))
		k.reopen(t)
		for c, b := range bodies {
			got, err := k.read(t.Context(), c)
			if err != nil || !bytes.Equal(got, b) {
				rt.Fatalf("content %s: %d bytes came back, %v", c, len(got), err)
			}
		}
		file := rapid.SampledFrom(k.packs(t)).Draw(rt, "pack")
		pack, err := os.ReadFile(file)
		check(t, err)
		pack[rapid.IntRange(0, len(pack)-1).Draw(rt, "byte")] ^= byte(1 << rapid.IntRange(0, 7).Draw(rt, "bit"))
		check(t, os.WriteFile(file, pack, 0o600))
		report, err := k.Verify(t.Context())
		if err != nil || len(report.Damaged) == 0 {
			rt.Fatalf("a damaged pack was not noticed: %+v, %v", report, err)
		}
	})
}

func TestWhateverIsWrongWithASourceIsNoticed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		k := newSmallKit(t)
		right := drawBytes(rt)
		wrong := bytes.Clone(right)
		switch rapid.SampledFrom([]string{"flip", "cut", "add"}).Draw(rt, "wrong") {
		case "flip":
			if len(wrong) > 0 {
				wrong[rapid.IntRange(0, len(wrong)-1).Draw(rt, "byte")] ^= 0x10
			}
		case "cut":
			wrong = wrong[:rapid.IntRange(0, len(wrong)).Draw(rt, "length")]
		case "add":
			wrong = append(wrong, drawBytes(rt)...)
		}
		c := contentOf(right)
		w := k.Writer()
		errs := []error{w.Add(t.Context(), c, newReader(wrong)), w.Flush(t.Context())}
		errs[0] = errors.Join(errs...)
		if rapid.Bool().Draw(rt, "large") {
			k = newSmallKit(t)
			errs[0] = k.StoreLarge(t.Context(), c, sourceOf(wrong), never)
		}
		same := bytes.Equal(right, wrong)
		if same && errs[0] != nil || !same && !errors.Is(errs[0], vault.ErrMismatch) {
			rt.Fatalf("same bytes: %v, error %v", same, errs[0])
		}
		missing, err := k.Missing(t.Context(), []backup.Content{c})
		if err != nil || (len(missing) == 0) != same {
			rt.Fatalf("same bytes: %v, missing %v, %v", same, missing, err)
		}
	})
}
