package restorer

import (
	"context"
	"fmt"
	"sync"

	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/catalog"
)

// find looks for an item of the snapshot at Box by its id. Parent, where not
// empty, is the folder in which it most likely is. An item in the trash, or one
// that is somebody else's by now, counts as gone.
func (w *work) find(ctx context.Context, it *catalog.Item, parent string) (box.Item, bool, error) {
	there, ok, err := w.list.find(ctx, it.ItemRef, parent)
	if err != nil {
		return box.Item{}, false, err
	}
	if !ok {
		there, err = w.client.Item(ctx, it.ItemRef)
		if box.IsNotFound(err) {
			return box.Item{}, false, nil
		}
		if err != nil {
			return box.Item{}, false, err
		}
	}
	active := there.Status == "" || there.Status == "active"
	ours := there.OwnedBy.ID == "" || there.OwnedBy.ID == string(w.user) || it.ExternallyOwned
	return there, active && ours, nil
}

// listAfter is how many items are looked up singly in a folder before the
// folder is listed, which tells of 1,000 items with one call.
const listAfter = 4

// listings remembers what is in the folders that are being worked on.
type listings struct {
	client *box.Client

	mu      sync.Mutex
	lookups map[string]int
	folders map[string]map[backup.ItemRef]box.Item
}

// find looks an item up in a folder's listing, once there have been enough
// lookups in that folder for it to be worth listing.
func (l *listings) find(ctx context.Context, ref backup.ItemRef, folder string) (box.Item, bool, error) {
	if folder == "" {
		return box.Item{}, false, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.folders[folder] == nil {
		if l.lookups == nil || len(l.lookups) > 1000 {
			l.lookups = map[string]int{}
		}
		if l.lookups[folder]++; l.lookups[folder] <= listAfter {
			return box.Item{}, false, nil
		}
		items, err := l.list(ctx, folder)
		if err != nil {
			return box.Item{}, false, fmt.Errorf("list folder %s: %w", folder, err)
		}
		if l.folders == nil || len(l.folders) >= 4 { // the walk goes folder by folder
			l.folders = map[string]map[backup.ItemRef]box.Item{}
		}
		l.folders[folder] = items
	}
	item, ok := l.folders[folder][ref]
	return item, ok, nil
}

func (l *listings) list(ctx context.Context, folder string) (map[backup.ItemRef]box.Item, error) {
	items := map[backup.ItemRef]box.Item{}
	for marker := ""; ; {
		page, err := l.client.FolderItems(ctx, folder, marker)
		if err != nil {
			return nil, err
		}
		for _, item := range page.Entries {
			item.Extra = nil // what is not looked at need not be kept
			items[item.Ref()] = item
		}
		if marker = page.Next; marker == "" {
			return items, nil
		}
	}
}
