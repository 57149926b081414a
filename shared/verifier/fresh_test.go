package verifier_test

import (
	"bytes"
	"context"
	"crypto/sha1" // #nosec G505 -- Box's checksum
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"coffer/shared/backup"
	"coffer/shared/vault"
)

// noted notes which packs are read, in order.
type noted struct {
	vault.Objects
	packs *[]string
}

func (n noted) Get(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	if strings.HasPrefix(key, "packs/") {
		*n.packs = append(*n.packs, filepath.Base(key))
	}
	return n.Objects.Get(ctx, key, offset, length)
}

// packs are the files of the vault's packs.
func (s *store) packs(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	must(t, filepath.Walk(filepath.Join(s.dir, "packs"), func(path string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			found[filepath.Base(path)] = path
		}
		return err
	}))
	return found
}

// TestNewPacksAreReadBeforeTheRound_I6 stores a content whose turn in the round
// comes last, in a pack of its own, and damages it.
func TestNewPacksAreReadBeforeTheRound_I6(t *testing.T) {
	t.Parallel()
	w := newWatch(t, 1, 2)
	old := w.packs(t)
	for _, path := range old {
		must(t, os.Chtimes(path, w.now, w.now.AddDate(0, 0, -10)))
	}
	var text []byte
	var content backup.Content
	for i := 0; content.SHA1[0] != 0xff; i++ {
		text = fmt.Appendf(nil, "last %d", i)
		content = backup.Content{SHA1: sha1.Sum(text), Size: int64(len(text))} // #nosec G401 -- as above
	}
	writer := w.Vault.Writer()
	must(t, writer.Add(t.Context(), content, bytes.NewReader(text)))
	must(t, writer.Flush(t.Context()))
	fresh := ""
	for name, path := range w.packs(t) {
		if old[name] == "" {
			fresh = name
			must(t, os.Chtimes(path, w.now, w.now.Add(-time.Hour)))
		}
	}
	var read []string
	w.Verifier.Objects = noted{w.objects, &read}
	day := w.day(t, 0)
	if len(read) == 0 || read[0] != fresh || day.Damaged > 0 || day.Contents != day.Rows {
		t.Errorf("packs were read in the order %q, want %s first; %+v", read, fresh, day)
	}
	if read = nil; w.day(t, 2*24*time.Hour).Contents != day.Contents || len(read) == 0 || read[0] == fresh {
		t.Errorf("two days later packs were read in the order %q, want %s in its turn", read, fresh)
	}
}
