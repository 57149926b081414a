package vault_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	"coffer/shared/vault"
)

// text returns bytes that shrink as documents do: words in a random order.
func text(seed uint64, size int) []byte {
	words := strings.Fields("the of and to in is that for it as was with be by on not he his but at are this have from or had an they which one you were all her she there would their we him been has when who will no more if out so up said what its about than into them can only other time new some could these two may first then do any like my now over such our man me even most made after also did many off before must well back through years much where your way down should because long each just state those people too mr how little good world make very year still see own work men day get here old between both under last us life use same another go know house")
	pick := noise(seed, size/2+1)
	b := make([]byte, 0, size+16)
	for i := 0; len(b) < size; i++ {
		b = append(append(b, words[int(pick[i%len(pick)])%len(words)]...), ' ')
	}
	return b[:size]
}

func BenchmarkAdd(b *testing.B) {
	for _, bb := range []struct {
		name string
		make func(uint64, int) []byte
		size int
	}{{"text", text, 4 << 10}, {"text", text, 1 << 20}, {"noise", noise, 4 << 10}, {"noise", noise, 1 << 20}} {
		b.Run(fmt.Sprintf("%s/%dKiB", bb.name, bb.size>>10), func(b *testing.B) {
			k := newKit(b)
			body := bb.make(1, bb.size)
			w := k.Writer()
			b.SetBytes(int64(bb.size))
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				b.StopTimer()
				body[0], body[1], body[2], body[3] = byte(i), byte(i>>8), byte(i>>16), byte(i>>24)
				c := contentOf(body)
				b.StartTimer()
				check(b, w.Add(b.Context(), c, bytes.NewReader(body)))
			}
			check(b, w.Flush(b.Context()))
		})
	}
}

func BenchmarkStoreLarge(b *testing.B) {
	for name, make := range map[string]func(uint64, int) []byte{"text": text, "noise": noise} {
		b.Run(name, func(b *testing.B) {
			k := newKit(b)
			body := make(1, 100<<20)
			b.SetBytes(int64(len(body)))
			for i := 0; b.Loop(); i++ {
				b.StopTimer()
				body[0] = byte(i)
				c := contentOf(body)
				b.StartTimer()
				check(b, k.StoreLarge(b.Context(), c, sourceOf(body), never))
			}
		})
	}
}

func BenchmarkRead(b *testing.B) {
	for _, size := range []int{4 << 10, 1 << 20, 100 << 20} {
		b.Run(fmt.Sprintf("text/%dKiB", size>>10), func(b *testing.B) {
			k := newKit(b)
			body := text(1, size)
			if size < vault.Large {
				k.store(b, body)
			} else {
				check(b, k.StoreLarge(b.Context(), contentOf(body), sourceOf(body), never))
			}
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				r, err := k.Read(b.Context(), contentOf(body))
				check(b, err)
				_, err = io.Copy(io.Discard, r)
				check(b, err)
				check(b, r.Close())
			}
		})
	}
}

func sourceOf(body []byte) func(context.Context, int64) (io.ReadCloser, error) {
	return func(_ context.Context, offset int64) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(body[offset:])), nil
	}
}

func never() bool { return false }
