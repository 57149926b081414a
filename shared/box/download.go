package box

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	pendingTries = 200             // of Box's "not yet"
	pendingWait  = 2 * time.Second // where Box does not say how long
)

// Download returns the bytes of a version of a file, from an offset on; an
// empty version is the current one. The version should be named: then a
// connection that breaks is taken up where it broke, some times, and the reader
// notices nothing. The reader may still give other bytes than the version has,
// so check their number and SHA-1.
func (c *Client) Download(ctx context.Context, file, version string, offset int64) (io.ReadCloser, error) {
	d := &download{c: c, ctx: ctx, file: file, version: version, at: offset, end: -1}
	if err := d.open(); err != nil {
		return nil, err
	}
	return d, nil
}

// download reads a content that may have to be asked for again.
type download struct {
	c             *Client
	ctx           context.Context // of the Download; a reader has no other
	file, version string
	location      string // on a download host, good for a quarter of an hour
	body          io.ReadCloser
	at, end       int64 // the next byte, and the number of all bytes or -1
	resumed       int   // in a row without much progress
	progress      int64 // bytes since the last time
}

// Read implements io.Reader.
func (d *download) Read(p []byte) (int, error) {
	for {
		n, err := d.body.Read(p)
		d.at += int64(n)
		d.progress += int64(n)
		if err == io.EOF && d.end >= 0 && d.at < d.end {
			err = io.ErrUnexpectedEOF
		}
		if n > 0 || err == nil {
			return n, nil // an error comes again
		}
		if err == io.EOF {
			return 0, io.EOF
		}
		if err := d.resume(err); err != nil {
			return 0, err
		}
	}
}

// resume opens the content again at the byte where cause stopped it.
func (d *download) resume(cause error) error {
	if d.progress > 1<<20 {
		d.resumed = 0
	}
	d.progress = 0
	d.resumed++
	if d.version == "" || d.resumed >= d.c.cfg.Attempts || d.ctx.Err() != nil {
		return &Error{Call: "content", Err: redact(cause), retryAfter: -1}
	}
	_ = d.body.Close() // it broke already
	d.body = http.NoBody
	if err := d.c.cfg.Sleep(d.ctx, d.c.backoff(d.resumed)); err != nil {
		return err
	}
	return d.open()
}

// Close implements io.Closer.
func (d *download) Close() error { return d.body.Close() }

// open positions body at the byte d.at, and asks Box for a download address
// where there is none or the one there is has expired.
func (d *download) open() error {
	for asked := 0; ; asked++ {
		if d.location == "" {
			if done, err := d.locate(); done || err != nil {
				return err
			}
		}
		resp, err := d.c.send(d.ctx, call{
			kind: "content", method: http.MethodGet, url: d.location, header: d.ranged(), stream: true, bare: true,
		})
		if err == nil {
			return d.accept(resp)
		}
		d.location = ""
		if asked > 0 || !status(err, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusGone) {
			return err
		}
	}
}

// locate asks Box where the content is. It reports true where Box sent the
// content itself.
func (d *download) locate() (bool, error) {
	q := call{kind: "file.download", method: http.MethodGet, url: d.c.api("files", d.file, "content"), header: d.ranged(), stream: true}
	if d.version != "" {
		q.query = url.Values{"version": {d.version}}
	}
	for range pendingTries {
		resp, err := d.c.send(d.ctx, q)
		if err != nil {
			return false, err
		}
		switch resp.StatusCode {
		case http.StatusOK, http.StatusPartialContent:
			return true, d.accept(resp)
		case http.StatusAccepted: // uploaded a moment ago
			_ = resp.Body.Close()
			if err := d.c.pending(d.ctx, q.kind, resp); err != nil {
				return false, err
			}
			continue
		}
		_ = resp.Body.Close()
		location, err := resp.Location()
		if err != nil || resp.StatusCode < 300 {
			return false, &Error{Call: q.kind, Status: resp.StatusCode, Code: "no download address", retryAfter: -1}
		}
		if location.Scheme != "https" && !strings.HasPrefix(d.c.cfg.API, "http:") {
			return false, &Error{Call: q.kind, Status: resp.StatusCode, Code: "download address is not https", retryAfter: -1}
		}
		d.location = location.String()
		return false, nil
	}
	return false, &Error{Call: q.kind, Status: http.StatusAccepted, Code: "not ready", retryAfter: -1}
}

// pending waits as long as an answer 202 says.
func (c *Client) pending(ctx context.Context, kind string, resp *http.Response) error {
	wait := retryAfter(resp)
	if wait <= 0 {
		wait = pendingWait
	}
	if !affordable(ctx, c.cfg.Now(), wait, c.cfg.MaxWait) {
		return fmt.Errorf("box %s: %w", kind, &RateLimitError{RetryAfter: wait})
	}
	if err := c.cfg.Sleep(ctx, wait); err != nil {
		return fmt.Errorf("box %s: %w", kind, err)
	}
	return nil
}

// ranged returns the headers that ask for the bytes from d.at on, unchanged.
func (d *download) ranged() http.Header {
	h := http.Header{"Accept-Encoding": {"identity"}}
	if d.at > 0 {
		h.Set("Range", fmt.Sprintf("bytes=%d-", d.at))
	}
	return h
}

// accept takes the answer's body as the content from d.at on.
func (d *download) accept(resp *http.Response) error {
	d.body = resp.Body
	total, at := resp.ContentLength, int64(0)
	if resp.StatusCode == http.StatusPartialContent {
		var err error
		if at, total, err = contentRange(resp.Header.Get("Content-Range")); err != nil || at != d.at {
			_ = d.body.Close()
			return &Error{Call: "content", Status: resp.StatusCode, Code: "other range than asked for", retryAfter: -1}
		}
	}
	if d.end < 0 {
		d.end = total
	}
	// A host that ignores ranges sends everything.
	if _, err := io.CopyN(io.Discard, d.body, d.at-at); err != nil {
		_ = d.body.Close()
		if errors.Is(err, io.EOF) {
			return &Error{Call: "content", Status: resp.StatusCode, Code: "content is shorter than the offset", retryAfter: -1}
		}
		return &Error{Call: "content", Err: redact(err), retryAfter: -1}
	}
	return nil
}

// contentRange reads "bytes 5-9/10" or "bytes 5-9/*".
func contentRange(text string) (from, total int64, err error) {
	text, ok := strings.CutPrefix(text, "bytes ")
	first, rest, ok2 := strings.Cut(text, "-")
	_, size, ok3 := strings.Cut(rest, "/")
	if !ok || !ok2 || !ok3 {
		return 0, 0, fmt.Errorf("content range %q", text)
	}
	if from, err = strconv.ParseInt(first, 10, 64); err != nil {
		return 0, 0, err
	}
	if size == "*" {
		return from, -1, nil
	}
	total, err = strconv.ParseInt(size, 10, 64)
	return from, total, err
}
