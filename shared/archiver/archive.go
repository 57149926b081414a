package archiver

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha1" // #nosec G505 -- Box's checksum; it identifies and does not protect
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"slices"

	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/catalog"
	"coffer/shared/vault"
)

const (
	minArchive   = 4       // fewer files are cheaper one by one
	archiveFiles = 5000    // Box allows 10,000
	archiveBytes = 1 << 30 // of the files in an archive; it is kept in the working folder
	// maxSuspects is how many items are downloaded one by one where one of them is
	// poisonous. It is more than the root of archiveFiles.
	maxSuspects = 128
)

// batch returns how many of the items, from the first, fit one archive.
func batch(items []catalog.Item) int {
	var size int64
	for i, item := range items {
		size += item.Content.Size
		if i > 0 && (i == archiveFiles || size > archiveBytes) {
			return i
		}
	}
	return len(items)
}

// archive stores what an archive of the items has of them, and returns the others.
// Where that fails by our own fault, it tries archives of fewer items.
func (r *run) archive(ctx context.Context, w *vault.Writer, items []catalog.Item) (rest []catalog.Item, err error) {
	if len(items) < minArchive || r.late(ctx) != nil {
		return items, nil
	}
	if err := r.announce(ctx, work{From: &items[0].Content, To: &items[len(items)-1].Content}); err != nil {
		return nil, err
	}
	whole := func() (err error) {
		rest, err = r.fetchArchive(ctx, w, items)
		return err
	}
	parts := func() (err error) {
		rest, err = r.inParts(ctx, w, items)
		return err
	}
	err = r.guard(ctx, piece{Do: downloading}, whole, parts)
	return rest, err
}

// inParts stores what it can of items, one of which may be poisonous, as archives
// of a few, and returns the others: which it is shows when they are downloaded one
// by one. Of n, that takes about the root of n archives and as many downloads, and
// costs one death more than to download all n one by one.
func (r *run) inParts(ctx context.Context, w *vault.Writer, items []catalog.Item) (rest []catalog.Item, err error) {
	if len(items) <= maxSuspects {
		return items, nil
	}
	for part := range slices.Chunk(items, int(math.Sqrt(float64(len(items))))) {
		left, err := r.archive(ctx, w, part)
		if err != nil {
			return nil, err
		}
		rest = append(rest, left...)
	}
	return rest, nil
}

// fetchArchive asks Box for one archive of all the files and stores those of
// its entries that are wanted. An entry is recognised by its SHA-1 and size
// alone: names in an archive are Box's business, and a file that changed since
// it was listed has other bytes. It returns the items that it did not store.
func (r *run) fetchArchive(ctx context.Context, w *vault.Writer, items []catalog.Item) ([]catalog.Item, error) {
	wanted := make(map[backup.Content]bool, len(items))
	refs := make([]backup.ItemRef, len(items))
	for i, item := range items {
		wanted[item.Content] = true
		refs[i] = item.ItemRef
	}
	path := filepath.Join(r.dir, backup.NewID()+".zip")
	defer os.Remove(path)
	if err := r.downloadArchive(ctx, refs, path); err != nil {
		if ctx.Err() != nil || ends(err) {
			return nil, err
		}
		slog.WarnContext(ctx, "archive", "account", r.user.Account, "boxUser", r.user.ID, "files", len(items), "err", err)
		return items, nil // one by one, then
	}
	if err := r.unpack(ctx, w, path, wanted); err != nil {
		return nil, err
	}
	var rest []catalog.Item
	for _, item := range items {
		if wanted[item.Content] {
			rest = append(rest, item)
		}
	}
	return rest, nil
}

// downloadArchive saves the archive at path. Archives cannot be resumed, so a
// torn one is asked for again, and so is one that was not there: file by file,
// what it holds takes thousands of calls.
func (r *run) downloadArchive(ctx context.Context, refs []backup.ItemRef, path string) error {
	var err error
	for range tries {
		if err = r.saveArchive(ctx, refs, path); err == nil || ctx.Err() != nil {
			return err
		}
		_, torn := errors.AsType[*tornError](err)
		if _, lost := errors.AsType[*box.LostArchiveError](err); !torn && !lost || ends(err) {
			return err
		}
	}
	return err
}

// tornError says that an archive broke off or is none.
type tornError struct{ error }

func (r *run) saveArchive(ctx context.Context, refs []backup.ItemRef, path string) error {
	body, err := r.client.ZipDownload(ctx, refs)
	if err != nil {
		return err
	}
	defer body.Close()
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("archive file: %w", err)
	}
	_, err = io.Copy(f, body)
	if closeErr := f.Close(); closeErr != nil {
		return fmt.Errorf("archive file: %w", closeErr)
	}
	if err != nil {
		return &tornError{err}
	}
	z, err := zip.OpenReader(path)
	if err != nil {
		return &tornError{err}
	}
	return z.Close()
}

// unpack stores the archive's wanted entries and takes them out of wanted.
func (r *run) unpack(ctx context.Context, w *vault.Writer, path string, wanted map[backup.Content]bool) error {
	z, err := zip.OpenReader(path)
	if err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	defer z.Close()
	var buffer bytes.Buffer
	for _, entry := range z.File {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		if entry.FileInfo().IsDir() {
			continue
		}
		buffer.Reset()
		c, err := readEntry(entry, &buffer)
		if err != nil || !wanted[c] {
			continue // torn, changed, or not what was asked for: downloaded by itself
		}
		if err := w.Add(ctx, c, bytes.NewReader(buffer.Bytes())); err != nil {
			return fmt.Errorf("store content: %w", err)
		}
		delete(wanted, c)
	}
	return nil
}

// readEntry reads an entry into buffer and returns which content it is. An
// entry too large for a shared pack was not asked for.
func readEntry(entry *zip.File, buffer *bytes.Buffer) (backup.Content, error) {
	body, err := entry.Open()
	if err != nil {
		return backup.Content{}, err
	}
	defer body.Close()
	hash := sha1.New() // #nosec G401 -- as above
	n, err := io.Copy(io.MultiWriter(buffer, hash), io.LimitReader(body, vault.Large))
	if err != nil {
		return backup.Content{}, err
	}
	return backup.Content{SHA1: backup.SHA1(hash.Sum(nil)), Size: n}, nil
}
