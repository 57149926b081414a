package recovery

import (
	"context"
	"strings"
	"time"

	"coffer/shared/account"
	"coffer/shared/api"
	"coffer/shared/backup"
	"coffer/shared/catalog"
)

// Item is an item as a snapshot has it.
type Item struct {
	Kind            backup.ItemKind `json:"kind" enum:"folder,file,web_link"`
	ID              string          `json:"id"`
	Parent          string          `json:"parent,omitempty" doc:"The folder's id."`
	Name            string          `json:"name"`
	Size            int64           `json:"size,omitempty" doc:"Bytes, of a file."`
	SHA1            string          `json:"sha1,omitempty" doc:"Of a file."`
	URL             string          `json:"url,omitempty" doc:"Of a web link."`
	Description     string          `json:"description,omitempty"`
	Tags            []string        `json:"tags,omitempty"`
	State           string          `json:"state" enum:"complete,earlier,absent,reference" doc:"Earlier: the snapshot has an earlier version of the file; absent: it has none; reference: another Box user owns the item, and that one's backup has it."`
	Created         time.Time       `json:"created,omitzero"`
	Modified        time.Time       `json:"modified,omitzero"`
	ContentModified time.Time       `json:"contentModified,omitzero"`
	OwnedBy         string          `json:"ownedBy,omitempty"`
}

func describeItem(i catalog.Item) Item {
	out := Item{
		Kind: i.Kind, ID: i.ID, Parent: i.Parent, Name: valid(i.Name), URL: valid(i.URL), Description: valid(i.Description), Tags: i.Tags,
		State: []string{"complete", "earlier", "absent", "reference"}[i.State], OwnedBy: valid(i.OwnedBy),
		Created: i.CreatedAt, Modified: i.ModifiedAt, ContentModified: i.ContentModifiedAt,
	}
	if i.Kind == backup.File && i.State != catalog.Absent {
		out.Size, out.SHA1 = i.Content.Size, i.Content.SHA1.String()
	}
	return out
}

// valid makes Box's bytes text: a name may be anything, an answer must be JSON.
func valid(s string) string { return strings.ToValidUTF8(s, "\ufffd") }

type itemsInput struct {
	SnapshotPath
	api.Page
	Parent string          `query:"parent" default:"0" maxLength:"64" doc:"The folder's id; 0 is the Box user's root folder."`
	Query  string          `query:"q" maxLength:"200" doc:"Look for names with these words, in all folders. It is refused (409) where the task keeps no index."`
	Kind   backup.ItemKind `query:"kind" enum:"folder,file,web_link" doc:"Only items of this kind."`
	Sort   string          `query:"sort" enum:"name,size,modified" default:"name" doc:"What has no size is in the order of names. What q finds has an order of its own."`
	Order  string          `query:"order" enum:"asc,desc" default:"asc"`
}

// listing is how the catalog lists a folder.
func (in *itemsInput) listing() catalog.Listing {
	return catalog.Listing{
		Kind: in.Kind, Descending: in.Order == "desc",
		By: map[string]catalog.Key{"name": catalog.ByName, "size": catalog.BySize, "modified": catalog.ByModified}[in.Sort],
	}
}

// ItemList is a page of a folder's items and where the folder is.
type ItemList struct {
	api.List[Item]
	Path []Item `json:"path" nullable:"false" doc:"The folders from below the root folder to this one."`
}

func (s *Server) items(ctx context.Context, who account.Session, in *itemsInput) (*struct{ Body ItemList }, error) {
	c, err := s.open(ctx, who, in.SnapshotPath)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	if in.Query != "" && c.task.Unsearched {
		return nil, backup.Errorf(backup.Conflict, "This backup task keeps no index for searching. Turn that on in its settings, or go through the folders.")
	}
	list := strings.Join([]string{
		"items", string(in.Task), string(in.User), string(in.Snapshot), in.Parent, in.Query, string(in.Kind), in.Sort, in.Order,
	}, "\n")
	after, err := api.Open(who, list, in.Cursor)
	if err != nil {
		return nil, err
	}
	out := &struct{ Body ItemList }{}
	var found, path []catalog.Item
	var next string
	if in.Query != "" {
		found, next, err = c.Search(ctx, c.row.Sealed(), in.Query, in.Kind, after, in.Limit)
	} else if path, err = c.Path(ctx, c.row.Sealed(), backup.ItemRef{Kind: backup.Folder, ID: in.Parent}); err == nil {
		found, next, out.Body.Total, err = children(ctx, c, in, after)
	}
	if err != nil {
		return nil, err
	}
	out.Body.Items, out.Body.Next = describeItems(found), api.Seal(who, list, next)
	out.Body.Path = describeItems(path)
	return out, nil
}

func children(ctx context.Context, c view, in *itemsInput, after string) (found []catalog.Item, next string, total *int, err error) {
	n, err := c.CountChildren(ctx, c.row.Sealed(), in.Parent, in.listing())
	if err != nil {
		return nil, "", nil, err
	}
	found, next, err = c.Children(ctx, c.row.Sealed(), in.Parent, in.listing(), after, in.Limit)
	if err != nil || in.Parent != backup.RootFolder || in.Kind != "" && in.Kind != backup.Folder {
		return found, next, &n, err
	}
	// The trash is a root of its own. It is shown behind what is in the root folder.
	trash, err := c.Item(ctx, c.row.Sealed(), backup.ItemRef{Kind: backup.Folder, ID: catalog.Trash})
	if backup.KindOf(err) == backup.NotFound {
		return found, next, &n, nil
	}
	if n++; next == "" {
		found = append(found, trash)
	}
	return found, next, &n, err
}

func describeItems(items []catalog.Item) []Item {
	out := make([]Item, len(items))
	for i := range items {
		out[i] = describeItem(items[i])
	}
	return out
}
