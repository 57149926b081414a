package box

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"

	"coffer/shared/backup"
)

// MaxZip is the most files that one archive can have.
const MaxZip = 10_000

// archive is where an archive can be fetched, within seconds.
type archive struct {
	URL text `json:"download_url"`
}

func (a *archive) whole() bool { return a.URL != "" }

// LostArchiveError says that Box has made an archive, and at its address, which holds
// for seconds, there was none. Another one may be there.
type LostArchiveError struct{ Err error }

// Error says what was there instead.
func (e *LostArchiveError) Error() string { return e.Err.Error() }

// Unwrap returns what was there instead.
func (e *LostArchiveError) Unwrap() error { return e.Err }

// ZipDownload returns a ZIP archive of files and folders with one API call,
// however many there are. Box leaves out what it cannot give, renames entries
// whose names collide, and takes what is current at that moment, so match
// entries by SHA-1 and size. An archive that breaks cannot be resumed, and one that
// is lost (LostArchiveError) does not come back: ask for another one.
func (c *Client) ZipDownload(ctx context.Context, items []backup.ItemRef) (io.ReadCloser, error) {
	type entry struct {
		Type backup.ItemKind `json:"type"`
		ID   string          `json:"id"`
	}
	entries := make([]entry, len(items))
	for i, item := range items {
		entries[i] = entry{item.Kind, item.ID}
	}
	// A lost reply costs nothing: an archive that nobody fetches is none.
	var out archive
	err := c.do(ctx, call{
		kind: "zip.create", method: http.MethodPost, url: c.api("zip_downloads"),
		in: map[string]any{"items": entries, "download_file_name": "coffer"},
	}, &out)
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(string(out.URL), "https://") && !strings.HasPrefix(c.cfg.API, "http:") {
		return nil, &Error{Call: "zip.create", Status: http.StatusAccepted, Code: "download address is not https", retryAfter: -1}
	}
	resp, err := c.send(ctx, call{
		kind: "content", method: http.MethodGet, url: string(out.URL), header: http.Header{"Accept-Encoding": {"identity"}}, stream: true, bare: true,
	})
	if _, answered := errors.AsType[*Error](err); answered && !IsBusy(err) {
		return nil, &LostArchiveError{err}
	}
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		_ = resp.Body.Close()
		return nil, &LostArchiveError{&Error{Call: "content", Status: resp.StatusCode, Code: "no archive", retryAfter: -1}}
	}
	return resp.Body, nil
}
