package vault

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/backup"
)

func FuzzParseIndex(f *testing.F) {
	entries := []Entry{
		{Content: backup.Content{SHA1: backup.SHA1{1}, Size: 5}, Length: 62},
		{Content: backup.Content{SHA1: backup.SHA1{2}, Size: 1 << 40}, Part: 9, Length: 1 << 20},
	}
	f.Add(appendIndex(nil, entries), int64(62+1<<20))
	f.Add([]byte{}, int64(0))
	f.Add(make([]byte, entrySize+1), int64(1))
	f.Fuzz(func(t *testing.T, b []byte, total int64) {
		entries, err := parseIndex(b, total)
		if err != nil {
			return
		}
		if diff := cmp.Diff(b, appendIndex(nil, entries)); diff != "" && len(b) > 0 {
			t.Error(diff)
		}
		for _, e := range entries {
			total -= e.Length
			if e.Length < 0 || e.Part < 0 || e.Content.Size < 0 {
				t.Errorf("entry %+v", e)
			}
		}
		if total != 0 {
			t.Errorf("the sections are %d bytes off", total)
		}
	})
}

func FuzzParseTrailer(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x44COFFER\x00\x01"))
	f.Add([]byte("\xff\xff\xff\xffCOFFER\x00\x01"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		length, err := parseTrailer(b)
		if err == nil && (length < 0 || length > maxIndex) {
			t.Errorf("length %d", length)
		}
	})
}
