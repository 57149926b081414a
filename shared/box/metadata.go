package box

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"coffer/shared/backup"
)

// Metadata is what an item has of one template: its fields, and Box's own whose
// names begin with a dollar sign.
type Metadata map[string]json.RawMessage

// Template is a metadata template.
type Template struct {
	ID          string          `json:"id"`
	Scope       string          `json:"scope"` // global, or enterprise_ and an id
	Key         string          `json:"templateKey"`
	DisplayName string          `json:"displayName"`
	Hidden      bool            `json:"hidden"`
	Fields      json.RawMessage `json:"fields"` // as Box documents them
}

// Metadata returns all that an item has, one entry per template.
func (c *Client) Metadata(ctx context.Context, item backup.ItemRef) ([]Metadata, error) {
	var out listing[Metadata]
	err := c.do(ctx, call{
		kind: "metadata.list", method: http.MethodGet, url: c.api(collection(item.Kind), item.ID, "metadata"),
	}, &out)
	return out.Entries, err
}

// CreateMetadata gives an item the fields of a template. Where it has some
// already the error is a Conflict.
func (c *Client) CreateMetadata(ctx context.Context, item backup.ItemRef, scope, template string, fields Metadata) (Metadata, error) {
	var out Metadata
	err := c.do(ctx, call{
		kind: "metadata.create", method: http.MethodPost, url: c.api(collection(item.Kind), item.ID, "metadata", scope, template),
		in: fields, create: true,
	}, &out)
	return out, err
}

// UpdateMetadata changes the fields of a template that an item has already. A
// nil value takes a field away.
func (c *Client) UpdateMetadata(ctx context.Context, item backup.ItemRef, scope, template string, fields Metadata) (Metadata, error) {
	type step struct {
		Op    string          `json:"op"`
		Path  string          `json:"path"`
		Value json.RawMessage `json:"value,omitempty"`
	}
	var steps []step
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		s := step{Op: "add", Path: "/" + pointer.Replace(name), Value: fields[name]}
		if s.Value == nil {
			s.Op = "remove"
		}
		steps = append(steps, s)
	}
	var out Metadata
	err := c.do(ctx, call{
		kind: "metadata.update", method: http.MethodPut, url: c.api(collection(item.Kind), item.ID, "metadata", scope, template),
		in: steps, header: http.Header{"Content-Type": {"application/json-patch+json"}},
	}, &out)
	return out, err
}

// pointer escapes a name for a JSON pointer.
var pointer = strings.NewReplacer("~", "~0", "/", "~1")

// DeleteMetadata takes the fields of a template away from an item.
func (c *Client) DeleteMetadata(ctx context.Context, item backup.ItemRef, scope, template string) error {
	return c.do(ctx, call{
		kind: "metadata.delete", method: http.MethodDelete, url: c.api(collection(item.Kind), item.ID, "metadata", scope, template),
	}, nil)
}

// Templates returns a page of the metadata templates of a scope, "enterprise" or
// "global".
func (c *Client) Templates(ctx context.Context, scope, marker string) (Page[Template], error) {
	return list[Template](ctx, c, "template.list", c.api("metadata_templates", scope), url.Values{}, marker)
}
