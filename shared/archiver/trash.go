package archiver

import (
	"context"
	"encoding/json"
	"fmt"

	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/catalog"
)

// trash lists what the Box user has in the trash, below a folder of its own. Box
// tells only what was deleted itself, not what was in a deleted folder, and
// hands out no content of it, so a file there has content only where the vault
// has it from before. A trash that cannot be listed leaves what was known.
func (r *run) trash(ctx context.Context) error {
	folder := backup.ItemRef{Kind: backup.Folder, ID: catalog.Trash}
	if !r.task.Policy.Trash {
		return r.draft.Remove(ctx, folder)
	}
	var items []catalog.Item
	for marker := ""; ; {
		page, err := r.client.Trash(ctx, marker)
		if err != nil {
			if ctx.Err() != nil || ends(err) {
				return err
			}
			return r.draft.Fail(ctx, backup.ItemRef{Kind: backup.Folder, ID: backup.RootFolder}, "The trash could not be listed. "+reasonFor(err))
		}
		for i := range page.Entries {
			item, err := r.trashed(ctx, &page.Entries[i])
			if err != nil {
				return err
			}
			if item.State != catalog.Reference {
				items = append(items, item)
			}
		}
		if marker = page.Next; marker == "" {
			break
		}
	}
	if err := r.withContent(ctx, items); err != nil {
		return err
	}
	if err := r.draft.Put(ctx, append(items, catalog.Item{ItemRef: folder, Name: "Trash"})...); err != nil {
		return err
	}
	seen := make([]backup.ItemRef, len(items))
	for i := range items {
		seen[i] = items[i].ItemRef
	}
	return r.draft.Listed(ctx, catalog.Trash, seen)
}

// trashed makes a catalog item of one in the trash.
func (r *run) trashed(ctx context.Context, from *box.Item) (catalog.Item, error) {
	if _, err := from.Content(); from.Kind == backup.File && err != nil {
		from.SHA1, from.Size = backup.SHA1{}.String(), 0 // Box need not tell it of a deleted file
	}
	item, err := r.convert(ctx, catalog.Trash, from)
	if err != nil || from.TrashedAt.IsZero() {
		return item, err
	}
	var extra map[string]json.RawMessage
	if len(item.Extra) > 0 {
		if err := json.Unmarshal(item.Extra, &extra); err != nil {
			return item, fmt.Errorf("%s: %w", item.ItemRef, err)
		}
	} else {
		extra = map[string]json.RawMessage{}
	}
	if extra["trashed_at"], err = json.Marshal(from.TrashedAt.UTC()); err == nil {
		item.Extra, err = json.Marshal(extra)
	}
	return item, err
}

// withContent makes Absent the files whose contents the vault does not have.
func (r *run) withContent(ctx context.Context, items []catalog.Item) error {
	var contents []backup.Content
	for i := range items {
		if items[i].Kind == backup.File {
			contents = append(contents, items[i].Content)
		}
	}
	lacks, err := r.lookUp(ctx, contents)
	if err != nil {
		return err
	}
	for i := range items {
		if items[i].Kind == backup.File && lacks[items[i].Content] {
			items[i].State = catalog.Absent
		}
	}
	return nil
}
