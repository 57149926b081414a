package box

import (
	"context"
	"net/http"
	"net/url"

	"coffer/shared/backup"
)

// Folder returns a folder. The root folder has the id "0".
func (c *Client) Folder(ctx context.Context, id string) (Item, error) {
	return c.Item(ctx, backup.ItemRef{Kind: backup.Folder, ID: id})
}

// FolderItems returns a page of what is directly in a folder. While the folder
// changes an item may come twice or, while it moves, under two parents.
func (c *Client) FolderItems(ctx context.Context, id, marker string) (Page[Item], error) {
	return list[Item](ctx, c, "folder.items", c.api("folders", id, "items"), url.Values{"fields": {itemFields + c.fields}}, marker)
}

// CreateFolder creates a folder. Where the name is taken the error is a
// Conflict, unless the lost reply of this very call explains the folder: an
// empty one that the acting user has made since.
func (c *Client) CreateFolder(ctx context.Context, parent, name string) (Item, error) {
	in := map[string]any{"name": name, "parent": id{parent}}
	return c.createNamed(ctx, call{
		kind: "folder.create", method: http.MethodPost, url: c.api("folders"), query: url.Values{"fields": {itemFields}}, in: in,
	}, func(there Item) bool { return there.Kind == backup.Folder && there.Size == 0 })
}

// id is how requests name an item.
type id struct {
	ID string `json:"id"`
}
