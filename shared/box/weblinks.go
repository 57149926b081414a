package box

import (
	"context"
	"net/http"
	"net/url"

	"coffer/shared/backup"
)

// WebLink returns a web link.
func (c *Client) WebLink(ctx context.Context, id string) (Item, error) {
	return c.Item(ctx, backup.ItemRef{Kind: backup.WebLink, ID: id})
}

// CreateWebLink creates a web link, whose address begins with http:// or
// https://. Where the name is taken the error is a Conflict, unless the lost
// reply of this very call explains it.
func (c *Client) CreateWebLink(ctx context.Context, parent, name, address, description string) (Item, error) {
	in := map[string]any{"parent": id{parent}, "name": name, "url": address}
	if description != "" {
		in["description"] = description
	}
	return c.createNamed(ctx, call{
		kind: "web_link.create", method: http.MethodPost, url: c.api("web_links"), query: url.Values{"fields": {itemFields}}, in: in,
	}, func(there Item) bool { return there.Kind == backup.WebLink && there.URL == address })
}
