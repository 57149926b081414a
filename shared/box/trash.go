package box

import (
	"context"
	"net/http"
	"net/url"

	"coffer/shared/backup"
)

// Trash returns a page of what the user has in the trash. Only what was deleted
// itself is listed, not what was in a deleted folder.
func (c *Client) Trash(ctx context.Context, marker string) (Page[Item], error) {
	return list[Item](ctx, c, "trash.items", c.api("folders", "trash", "items"), url.Values{"fields": {itemFields}}, marker)
}

// Trashed returns an item that is in the trash.
func (c *Client) Trashed(ctx context.Context, ref backup.ItemRef) (Item, error) {
	var item Item
	err := c.do(ctx, call{
		kind: "trash.get", method: http.MethodGet, url: c.api(collection(ref.Kind), ref.ID, "trash"),
		query: url.Values{"fields": {itemFields}},
	}, &item)
	return item, err
}

// Untrash takes an item out of the trash, with its id and history. Name and
// parent, where not empty, are used instead of the former ones; a parent is
// needed where the former one is gone. Where the name is taken the error is a
// Conflict. An item that the lost reply of this very call brought back is
// returned as it is.
func (c *Client) Untrash(ctx context.Context, ref backup.ItemRef, name, parent string) (Item, error) {
	in := map[string]any{}
	if name != "" {
		in["name"] = name
	}
	if parent != "" {
		in["parent"] = id{parent}
	}
	var item Item
	err := c.do(ctx, call{
		kind: "trash.restore", method: http.MethodPost, url: c.api(collection(ref.Kind), ref.ID),
		query: url.Values{"fields": {itemFields}}, in: in, slow: ref.Kind == backup.Folder,
	}, &item)
	if e, ok := asError(err); ok && e.Uncertain && e.Status >= 400 && e.Status < 500 {
		if there, getErr := c.Item(ctx, ref); getErr == nil && there.Status != "trashed" {
			return there, nil
		}
	}
	return item, err
}

// Purge deletes an item in the trash for good.
func (c *Client) Purge(ctx context.Context, ref backup.ItemRef) error {
	return c.do(ctx, call{
		kind: "trash.purge", method: http.MethodDelete, url: c.api(collection(ref.Kind), ref.ID, "trash"), slow: ref.Kind == backup.Folder,
	}, nil)
}
