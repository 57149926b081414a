package box

import (
	"bytes"
	"context"
	"crypto/sha1" // #nosec G505 -- Box's checksum
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/sync/errgroup"
)

// partMemory is how much of a content is held while its parts are on their way.
const partMemory = 96 << 20

// Session is an upload in parts, which lives for seven days.
type Session struct {
	ID        string
	PartSize  int64
	ExpiresAt time.Time
}

// UnmarshalJSON reads a session as Box writes it.
func (s *Session) UnmarshalJSON(data []byte) error {
	var in struct {
		ID        text   `json:"id"`
		PartSize  number `json:"part_size"`
		ExpiresAt moment `json:"session_expires_at"`
	}
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	*s = Session{ID: string(in.ID), PartSize: int64(in.PartSize), ExpiresAt: time.Time(in.ExpiresAt)}
	return nil
}

func (s *Session) whole() bool { return s.ID != "" && s.PartSize > 0 }

// part is a part that Box has, as the commit names it.
type part struct {
	ID     text   `json:"part_id"`
	Offset number `json:"offset"`
	Size   number `json:"size"`
	SHA1   text   `json:"sha1"` // hexadecimal digits
}

// sent is the answer to a part.
type sent struct {
	Part part `json:"part"`
}

func (s *sent) whole() bool { return s.Part.ID != "" }

// UploadChunked creates a file of at least MinChunked bytes, sent in parts.
// Keep, where not nil, is told the session, so that a later process can go on
// with Resume instead of sending everything again.
func (c *Client) UploadChunked(ctx context.Context, f NewFile, keep func(Session) error) (Item, error) {
	return c.createFile(ctx, f, func() (Item, error) {
		in := map[string]any{"folder_id": f.Parent, "file_size": f.Size, "file_name": f.Name}
		return c.chunked(ctx, c.uploads("files", "upload_sessions"), in, "", f, keep)
	})
}

// UploadVersionChunked is UploadVersion for at least MinChunked bytes, sent in
// parts, except that a lost reply is the caller's to resolve.
func (c *Client) UploadVersionChunked(ctx context.Context, file, etag string, f NewFile, keep func(Session) error) (Item, error) {
	in := map[string]any{"file_size": f.Size}
	if f.Name != "" {
		in["file_name"] = f.Name
	}
	return c.chunked(ctx, c.uploads("files", file, "upload_sessions"), in, etag, f, keep)
}

func (c *Client) chunked(ctx context.Context, address string, in map[string]any, etag string, f NewFile, keep func(Session) error) (Item, error) {
	var s Session
	// A session too many does no harm: it expires.
	if err := c.do(ctx, call{kind: "session.create", method: http.MethodPost, url: address, in: in}, &s); err != nil {
		return Item{}, err
	}
	if keep != nil {
		if err := keep(s); err != nil {
			return Item{}, err
		}
	}
	return c.Resume(ctx, s, etag, f)
}

// Resume goes on with a session: it sends the parts that Box lacks and makes
// the file of them. An error with the code session_expired means to start anew.
func (c *Client) Resume(ctx context.Context, s Session, etag string, f NewFile) (Item, error) {
	if !s.whole() {
		return Item{}, fmt.Errorf("box session.part: session %q has parts of %d bytes", s.ID, s.PartSize)
	}
	have, err := c.parts(ctx, s)
	if err != nil {
		return Item{}, err
	}
	parts, digest, err := c.sendParts(ctx, s, f, have)
	if err != nil {
		return Item{}, err
	}
	return c.commit(ctx, s, etag, f, parts, digest)
}

// Abort ends a session and drops its parts.
func (c *Client) Abort(ctx context.Context, session string) error {
	return c.do(ctx, call{kind: "session.abort", method: http.MethodDelete, url: c.uploads("files", "upload_sessions", session)}, nil)
}

// parts returns the parts that Box has, by offset.
func (c *Client) parts(ctx context.Context, s Session) (map[int64]part, error) {
	list, err := all[part](ctx, c, "session.parts", c.uploads("files", "upload_sessions", s.ID, "parts"), url.Values{})
	if err != nil {
		return nil, err
	}
	have := make(map[int64]part, len(list))
	for _, p := range list {
		have[int64(p.Offset)] = p
	}
	return have, nil
}

// sendParts reads the content once, from front to back, and sends the parts
// that are not there yet, a few at a time.
func (c *Client) sendParts(ctx context.Context, s Session, f NewFile, have map[int64]part) ([]part, []byte, error) {
	content, err := f.Open(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("box session.part: content to send: %w", err)
	}
	defer content.Close()
	parts := make([]part, (f.Size+s.PartSize-1)/s.PartSize)
	workers := int(max(1, min(4, partMemory/s.PartSize)))
	buffers := make(chan []byte, workers)
	for range workers {
		buffers <- nil
	}
	whole := sha1.New() // #nosec G401 -- as above
	group, gctx := errgroup.WithContext(ctx)
	for i := range parts {
		offset := int64(i) * s.PartSize
		size := min(s.PartSize, f.Size-offset)
		buffer := <-buffers
		if buffer == nil {
			buffer = make([]byte, min(s.PartSize, f.Size))
		}
		chunk := buffer[:size]
		if err = readPart(gctx, content, chunk, whole); err != nil {
			break
		}
		if p, ok := have[offset]; ok && int64(p.Size) == size {
			parts[i] = p
			buffers <- buffer
			continue
		}
		group.Go(func() error {
			defer func() { buffers <- buffer }()
			var err error
			parts[i], err = c.sendPart(gctx, s, offset, f.Size, chunk)
			return err
		})
	}
	if sent := group.Wait(); sent != nil {
		return nil, nil, sent
	}
	return parts, whole.Sum(nil), err
}

func readPart(ctx context.Context, content io.Reader, chunk []byte, whole hash.Hash) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if _, err := io.ReadFull(content, chunk); err != nil {
		return fmt.Errorf("box session.part: content to send: %w", err)
	}
	whole.Write(chunk)
	return nil
}

// sendPart sends one part. A part that was stored although its reply was lost
// is looked up, since Box does not take it twice.
func (c *Client) sendPart(ctx context.Context, s Session, offset, total int64, chunk []byte) (part, error) {
	sum := sha1.Sum(chunk) // #nosec G401 -- as above
	var out sent
	err := c.do(ctx, call{
		kind: "session.part", method: http.MethodPut, url: c.uploads("files", "upload_sessions", s.ID),
		header: http.Header{
			"Digest":        {"sha=" + base64.StdEncoding.EncodeToString(sum[:])},
			"Content-Range": {fmt.Sprintf("bytes %d-%d/%d", offset, offset+int64(len(chunk))-1, total)},
		},
		body: func() (*body, error) {
			return &body{
				ReadCloser: io.NopCloser(bytes.NewReader(chunk)), length: int64(len(chunk)), contentType: "application/octet-stream",
			}, nil
		},
	}, &out)
	if status(err, http.StatusConflict) {
		have, listErr := c.parts(ctx, s)
		if p, ok := have[offset]; listErr == nil && ok && int64(p.Size) == int64(len(chunk)) {
			return p, nil
		}
	}
	return out.Part, err
}

// commit makes the file. Box may take minutes to put a large one together, and
// may not know all parts of a moment ago.
func (c *Client) commit(ctx context.Context, s Session, etag string, f NewFile, parts []part, digest []byte) (Item, error) {
	attributes := map[string]any{}
	if !f.ContentCreatedAt.IsZero() {
		attributes["content_created_at"] = stamp(f.ContentCreatedAt)
	}
	if !f.ContentModifiedAt.IsZero() {
		attributes["content_modified_at"] = stamp(f.ContentModifiedAt)
	}
	q := call{
		kind: "session.commit", method: http.MethodPost, url: c.uploads("files", "upload_sessions", s.ID, "commit"), etag: etag,
		header: http.Header{"Digest": {"sha=" + base64.StdEncoding.EncodeToString(digest)}},
		in:     map[string]any{"parts": parts, "attributes": attributes}, slow: true, upload: true, silent: true,
	}
	accepted := false // and maybe made by now, so that the session is gone
	for range pendingTries {
		var out uploaded
		q.out = &out
		resp, err := c.send(ctx, q)
		if e, ok := asError(err); ok && accepted {
			e.Uncertain = true
		}
		switch {
		case code(err, "parts_mismatch"):
			if err := c.cfg.Sleep(ctx, pendingWait); err != nil {
				return Item{}, err
			}
			continue
		case err != nil:
			return Item{}, err
		case len(out.Entries) == 0: // not yet made
			accepted = true
			if err := c.pending(ctx, q.kind, resp); err != nil {
				return Item{}, err
			}
			continue
		}
		return out.Entries[0], nil
	}
	return Item{}, &Error{Call: q.kind, Status: http.StatusAccepted, Code: "not ready", Uncertain: true, retryAfter: -1}
}
