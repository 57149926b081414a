package box

import (
	"context"
	"net/http"
)

// Preflight asks whether a file of this name and size could be uploaded to the
// folder; a negative size is unknown. Where the name is taken the error is a
// Conflict that names who has it, which makes this also the cheapest way from a
// name to an id.
func (c *Client) Preflight(ctx context.Context, parent, name string, size int64) error {
	in := map[string]any{"name": name, "parent": id{parent}}
	if size >= 0 {
		in["size"] = size
	}
	return c.preflight(ctx, "file.preflight", in)
}

// MayUpload asks whether a file of this name could be uploaded to the folder, to
// learn what the authorisation allows.
func (c *Client) MayUpload(ctx context.Context, parent, name string) error {
	return c.preflight(ctx, "check.upload", map[string]any{"name": name, "parent": id{parent}, "size": 0})
}

func (c *Client) preflight(ctx context.Context, kind string, in any) error {
	var out struct{} // where to upload, which is where we upload anyway
	return c.do(ctx, call{kind: kind, method: http.MethodOptions, url: c.api("files", "content"), in: in}, &out)
}

// Find returns what has the name in the folder, whatever kind it is of, and
// false if nothing has. Box tells kind and id, and of a file the SHA-1.
func (c *Client) Find(ctx context.Context, parent, name string) (Item, bool, error) {
	err := c.Preflight(ctx, parent, name, -1)
	if there, taken := Conflict(err); taken {
		return there, true, nil
	}
	return Item{}, false, err
}
