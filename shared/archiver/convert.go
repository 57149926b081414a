package archiver

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"

	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/catalog"
)

// convert makes a catalog item of what Box told about an item in folder.
func (r *run) convert(ctx context.Context, folder string, from *box.Item) (catalog.Item, error) {
	item := catalog.Item{
		ItemRef: from.Ref(), Parent: folder, Name: from.Name, Description: from.Description, Tags: from.Tags, URL: from.URL,
		VersionID: from.VersionID, ETag: from.ETag, SequenceID: from.SequenceID,
		CreatedAt: from.CreatedAt, ModifiedAt: from.ModifiedAt,
		ContentCreatedAt: from.ContentCreatedAt, ContentModifiedAt: from.ContentModifiedAt,
		CreatedBy: person(from.CreatedBy), ModifiedBy: person(from.ModifiedBy), OwnedBy: person(from.OwnedBy),
		ExternallyOwned: from.ExternallyOwned,
	}
	elsewhere, err := r.protectedElsewhere(ctx, from)
	if err != nil {
		return catalog.Item{}, err
	}
	if elsewhere {
		item.State = catalog.Reference
	}
	if from.Kind == backup.File && !elsewhere {
		if item.Content, err = from.Content(); err != nil {
			item, err = r.unsummed(ctx, item)
		}
		if err != nil {
			return catalog.Item{}, fmt.Errorf("file %s: %w", from.ID, err)
		}
	}
	if len(from.Extra) > 0 {
		if item.Extra, err = json.Marshal(lasting(from.Extra)); err != nil {
			return catalog.Item{}, fmt.Errorf("%s: %w", from.Ref(), err)
		}
	}
	return item, nil
}

// unsummed is a file of which Box does not tell the SHA-1, without which its content
// can be neither found nor checked. That is a failure of its own; the content that
// is known of it stays.
func (r *run) unsummed(ctx context.Context, item catalog.Item) (catalog.Item, error) {
	known, err := r.draft.Item(ctx, item.ItemRef)
	switch {
	case backup.KindOf(err) == backup.NotFound, err == nil && (known.State == catalog.Reference || known.State == catalog.Absent):
		item.State = catalog.Absent
	case err != nil:
		return item, err
	default:
		item.Content, item.VersionID = known.Content, known.VersionID
		item.ContentCreatedAt, item.ContentModifiedAt = known.ContentCreatedAt, known.ContentModifiedAt
	}
	return item, r.draft.Fail(ctx, item.ItemRef, "Its content could not be backed up: Box does not tell its checksum.")
}

// lasting leaves out what changes whenever somebody looks at an item.
func lasting(extra map[string]json.RawMessage) map[string]json.RawMessage {
	if text, ok := extra["metadata"]; ok {
		extra = maps.Clone(extra)
		extra["metadata"] = lastingMetadata(text)
	}
	var link map[string]json.RawMessage
	if json.Unmarshal(extra["shared_link"], &link) != nil || link == nil {
		return extra
	}
	delete(link, "download_count")
	delete(link, "preview_count")
	text, err := json.Marshal(link)
	if err != nil {
		return extra // it came from JSON
	}
	extra = maps.Clone(extra)
	extra["shared_link"] = text
	return extra
}

// person spells a Box user as the catalog keeps people: the login, or what else
// Box told.
func person(m box.Mini) string {
	switch {
	case m.Login != "":
		return m.Login
	case m.Name != "":
		return m.Name
	}
	return m.ID
}

// protectedElsewhere reports whether the item belongs to another Box user whose
// own backup holds it. Such an item is kept as a reference only.
func (r *run) protectedElsewhere(ctx context.Context, item *box.Item) (bool, error) {
	owner := backup.BoxUserID(item.OwnedBy.ID)
	if owner == "" || owner == r.user.ID || item.ExternallyOwned {
		return false, nil
	}
	r.ownersMu.Lock()
	defer r.ownersMu.Unlock()
	if protected, known := r.owners[owner]; known {
		return protected, nil
	}
	user, err := r.Tasks.BoxUser(ctx, r.user.Account, r.user.Task, owner)
	if err != nil && backup.KindOf(err) != backup.NotFound {
		return false, err
	}
	r.owners[owner] = user.Protected(r.Now())
	return r.owners[owner], nil
}
