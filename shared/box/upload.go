package box

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
	"time"

	"coffer/shared/backup"
)

const (
	// MaxDirect is the size up to which Upload sends a content in one request.
	MaxDirect = 50 << 20
	// MinChunked is the size from which Box takes a content in parts.
	MinChunked = 20 << 20
)

// NewFile is a content to upload and what it is to become.
type NewFile struct {
	Parent string // folder id; ignored for a new version
	Name   string // for a new version: "" keeps the name
	backup.Content
	ContentCreatedAt  time.Time // zero: now; ignored for a new version
	ContentModifiedAt time.Time // zero: now
	// Open returns the whole content; it is called again for every try.
	Open func(ctx context.Context) (io.ReadCloser, error)
}

// Upload creates a file, and sends large contents in parts. Box checks the
// SHA-1, and the file that is returned has it. Where the name is taken the
// error is a Conflict, unless the lost reply of this very call explains it.
func (c *Client) Upload(ctx context.Context, f NewFile) (Item, error) {
	if f.Size > MaxDirect {
		return c.UploadChunked(ctx, f, nil)
	}
	attributes := map[string]any{"name": f.Name, "parent": id{f.Parent}}
	if !f.ContentCreatedAt.IsZero() {
		attributes["content_created_at"] = stamp(f.ContentCreatedAt)
	}
	return c.createFile(ctx, f, func() (Item, error) {
		return c.send1(ctx, "file.upload", c.uploads("files", "content"), "", attributes, f)
	})
}

// createFile runs one attempt to create a file until its outcome is clear.
func (c *Client) createFile(ctx context.Context, f NewFile, attempt func() (Item, error)) (Item, error) {
	unclear := false
	for try := 1; ; try++ {
		item, err := attempt()
		if err == nil {
			return item, f.check(item)
		}
		e, ok := asError(err)
		if !ok {
			return Item{}, err
		}
		if there, taken := Conflict(err); taken && (unclear || e.Uncertain) {
			found, getErr := c.Item(ctx, there.Ref())
			if getErr != nil {
				return Item{}, fmt.Errorf("look whether a lost upload was carried out: %w", getErr)
			}
			if found.Kind == backup.File && c.made(found) && f.check(found) == nil {
				return found, nil
			}
		}
		e.Uncertain = e.Uncertain || unclear
		if !resend(e) || try >= c.cfg.Attempts {
			return Item{}, err
		}
		unclear = e.Uncertain
		if err := c.pause(ctx, call{kind: e.Call}, e, try); err != nil {
			return Item{}, err
		}
	}
}

// resend reports whether sending the whole content again can help: Box or the
// way there was in trouble, the bytes were damaged on it, or a session is gone,
// maybe since it has become the file.
func resend(e *Error) bool {
	switch e.Status {
	case 0:
		return true
	case http.StatusBadRequest:
		return e.Code == "bad_digest"
	case http.StatusNotFound, http.StatusGone:
		return e.Uncertain || e.Code == "session_expired" || e.Code == "upload_failed"
	}
	return transient(e)
}

// UploadVersion makes the content the file's current version. With an etag that
// is not empty, a file that changed since is left alone and the error is a
// Conflict. A lost reply never leads to two versions.
func (c *Client) UploadVersion(ctx context.Context, file, etag string, f NewFile) (Item, error) {
	if etag == "" {
		now, err := c.File(ctx, file) // without an etag a repeated upload could become a version too many
		if err != nil {
			return Item{}, err
		}
		etag = now.ETag
	}
	attributes := map[string]any{}
	if f.Name != "" {
		attributes["name"] = f.Name
	}
	for try := 1; ; try++ {
		var item Item
		var err error
		if f.Size > MaxDirect {
			item, err = c.UploadVersionChunked(ctx, file, etag, f, nil)
		} else {
			item, err = c.send1(ctx, "version.upload", c.uploads("files", file, "content"), etag, attributes, f)
		}
		if err == nil {
			return item, f.check(item)
		}
		e, ok := asError(err)
		if !ok {
			return Item{}, err
		}
		if e.Uncertain || try > 1 && e.Status == http.StatusPreconditionFailed {
			found, getErr := c.File(ctx, file)
			if getErr != nil {
				return Item{}, fmt.Errorf("look whether a lost upload was carried out: %w", getErr)
			}
			if found.ETag != etag && f.check(found) == nil {
				return found, nil
			}
		}
		if !resend(e) || try >= c.cfg.Attempts {
			return Item{}, err
		}
		if err := c.pause(ctx, call{kind: e.Call}, e, try); err != nil {
			return Item{}, err
		}
	}
}

// check compares what Box stored with what was to be sent.
func (f *NewFile) check(item Item) error {
	if got, err := item.Content(); err != nil || got != f.Content {
		return fmt.Errorf("box stored content %s/%d of file %s instead of %s", item.SHA1, item.Size, item.ID, f.Content)
	}
	return nil
}

// send1 sends a content in one request, as a form whose first part is a JSON
// object and whose second is the content. The length is known beforehand, so
// that a content that ends early is not taken for a shorter file.
func (c *Client) send1(ctx context.Context, kind, address, etag string, attributes map[string]any, f NewFile) (Item, error) {
	if !f.ContentModifiedAt.IsZero() {
		attributes["content_modified_at"] = stamp(f.ContentModifiedAt)
	}
	head, tail, contentType, err := form(attributes)
	if err != nil {
		return Item{}, err
	}
	var out uploaded
	err = c.do(ctx, call{
		kind: kind, method: http.MethodPost, url: address, query: url.Values{"fields": {itemFields}}, etag: etag,
		header: http.Header{"Content-Md5": {f.SHA1.String()}}, // a SHA-1, whatever the name says
		create: true, upload: true,
		body: func() (*body, error) {
			content, err := f.Open(ctx)
			if err != nil {
				return nil, err
			}
			return &body{
				ReadCloser: struct {
					io.Reader
					io.Closer
				}{io.MultiReader(strings.NewReader(head), content, strings.NewReader(tail)), content},
				length: int64(len(head)) + f.Size + int64(len(tail)), contentType: contentType,
			}, nil
		},
	}, &out)
	if err != nil {
		return Item{}, err
	}
	return out.Entries[0], nil
}

// uploaded is the answer to an upload: a list of one.
type uploaded struct {
	Entries []Item `json:"entries"`
}

func (u *uploaded) whole() bool { return len(u.Entries) == 1 && u.Entries[0].ID != "" }

// form returns what goes before and after the content.
func form(attributes map[string]any) (head, tail, contentType string, err error) {
	text, err := json.Marshal(attributes)
	if err != nil {
		return "", "", "", fmt.Errorf("attributes of an upload: %w", err)
	}
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	if err := w.WriteField("attributes", string(text)); err != nil {
		return "", "", "", fmt.Errorf("form of an upload: %w", err)
	}
	// The file's name is in the attributes; this one must only be harmless.
	if _, err := w.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {`form-data; name="file"; filename="content"`}, "Content-Type": {"application/octet-stream"},
	}); err != nil {
		return "", "", "", fmt.Errorf("form of an upload: %w", err)
	}
	split := b.Len()
	if err := w.Close(); err != nil {
		return "", "", "", fmt.Errorf("form of an upload: %w", err)
	}
	whole := b.String()
	return whole[:split], whole[split:], w.FormDataContentType(), nil
}

// stamp writes a time as Box reads it.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
