package box

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"coffer/shared/backup"
)

// collection returns the word that addresses have for a kind of item.
func collection(kind backup.ItemKind) string { return string(kind) + "s" }

// Item returns a folder, file or web link.
func (c *Client) Item(ctx context.Context, ref backup.ItemRef) (Item, error) {
	var item Item
	err := c.do(ctx, call{
		kind: string(ref.Kind) + ".get", method: http.MethodGet,
		url: c.api(collection(ref.Kind), ref.ID), query: url.Values{"fields": {itemFields + c.fields}},
	}, &item)
	return item, err
}

// Update holds what is to change of an item; what is nil stays.
type Update struct {
	Name              *string    `json:"name,omitempty"`
	Description       *string    `json:"description,omitempty"`         // Box cuts it at 255 characters
	Tags              *[]string  `json:"tags,omitempty"`                // at most 100
	URL               *string    `json:"url,omitempty"`                 // web links
	ContentModifiedAt *time.Time `json:"content_modified_at,omitempty"` // files
	Parent            *Parent    `json:"parent,omitempty"`
	SharedLink        any        `json:"shared_link,omitempty"` // an object as Box documents it
	Lock              any        `json:"lock,omitempty"`        // files; an object as Box documents it
}

// Parent is the folder that an item is to move to.
type Parent struct {
	ID string `json:"id"`
}

// Update changes an item. With an etag that is not empty, an item that changed
// since is left alone and the error is a Conflict. An error that IsBusy with
// the code operation_blocked_temporary means that a folder is still moving.
func (c *Client) Update(ctx context.Context, ref backup.ItemRef, etag string, u Update) (Item, error) {
	var item Item
	err := c.do(ctx, call{
		kind: string(ref.Kind) + ".update", method: http.MethodPut, url: c.api(collection(ref.Kind), ref.ID),
		query: url.Values{"fields": {itemFields}}, etag: etag, in: u, slow: ref.Kind == backup.Folder,
	}, &item)
	return item, err
}

// UpdateFolder changes a folder.
func (c *Client) UpdateFolder(ctx context.Context, id, etag string, u Update) (Item, error) {
	return c.Update(ctx, backup.ItemRef{Kind: backup.Folder, ID: id}, etag, u)
}

// UpdateFile changes a file, but not its content.
func (c *Client) UpdateFile(ctx context.Context, id, etag string, u Update) (Item, error) {
	return c.Update(ctx, backup.ItemRef{Kind: backup.File, ID: id}, etag, u)
}

// UpdateWebLink changes a web link.
func (c *Client) UpdateWebLink(ctx context.Context, id, etag string, u Update) (Item, error) {
	return c.Update(ctx, backup.ItemRef{Kind: backup.WebLink, ID: id}, etag, u)
}

// Copy copies an item into a folder under a name; an empty name keeps the old
// one. Box copies folders of more than 500 items after its answer.
func (c *Client) Copy(ctx context.Context, ref backup.ItemRef, parent, name string) (Item, error) {
	in := map[string]any{"parent": id{parent}}
	if name != "" {
		in["name"] = name
	}
	var item Item
	err := c.do(ctx, call{
		kind: string(ref.Kind) + ".copy", method: http.MethodPost, url: c.api(collection(ref.Kind), ref.ID, "copy"),
		query: url.Values{"fields": {itemFields}}, in: in, create: true, slow: ref.Kind == backup.Folder,
	}, &item)
	return item, err
}

// Delete moves an item to the trash, a folder with all that is in it. With an
// etag that is not empty, an item that changed since is left alone and the
// error is a Conflict.
func (c *Client) Delete(ctx context.Context, ref backup.ItemRef, etag string) error {
	q := call{
		kind: string(ref.Kind) + ".delete", method: http.MethodDelete, url: c.api(collection(ref.Kind), ref.ID),
		etag: etag, slow: ref.Kind == backup.Folder,
	}
	if ref.Kind == backup.Folder {
		q.query = url.Values{"recursive": {"true"}}
	}
	return c.do(ctx, q, nil)
}

// createNamed creates an item whose name is unique in its folder, so that a
// creation whose reply was lost can be told: trying again finds the name taken.
// What is there then counts as created if it is ours.
func (c *Client) createNamed(ctx context.Context, q call, ours func(there Item) bool) (Item, error) {
	q.create = true
	start := c.cfg.Now()
	unclear := false
	for try := 1; ; try++ {
		var item Item
		err := c.do(ctx, q, &item)
		if err == nil {
			return item, nil
		}
		e, ok := errors.AsType[*Error](err)
		if !ok {
			return Item{}, err
		}
		if there, taken := Conflict(err); unclear && taken {
			found, getErr := c.Item(ctx, there.Ref())
			if getErr != nil {
				return Item{}, fmt.Errorf("look whether a lost call was carried out: %w", getErr)
			}
			if c.made(found) && !found.CreatedAt.Before(start.Add(-clockSkew)) && ours(found) {
				return found, nil
			}
		}
		e.Uncertain = e.Uncertain || unclear
		if !e.Uncertain || e.Status >= 400 && e.Status < 500 || try >= c.cfg.Attempts {
			return Item{}, err
		}
		unclear = true
		if err := c.pause(ctx, q, e, try); err != nil {
			return Item{}, err
		}
	}
}

// made reports whether the acting user created the item, as far as is known.
func (c *Client) made(item Item) bool {
	return c.user == "" || item.CreatedBy.ID == "" || item.CreatedBy.ID == string(c.user)
}

// clockSkew is how far Box's clock and ours may differ.
const clockSkew = 5 * time.Minute
