package boxsim

import (
	"slices"
	"time"

	"coffer/shared/backup"
)

// folderLock keeps a folder from being moved or deleted.
type folderLock struct {
	ID, By  string
	Created time.Time
}

func (c *call) showFolderLock(it *item, l *folderLock) object {
	return object{
		"type": "folder_lock", "id": l.ID, "folder": c.mini(it), "created_by": object{"type": "user", "id": l.By},
		"created_at": stamp(l.Created), "locked_operations": object{"move": true, "delete": true}, "lock_type": "freeze",
	}
}

func listFolderLocks(c *call) (any, error) {
	it, err := c.find(backup.Folder, c.query().Get("folder_id"), canManage)
	if err != nil {
		return nil, err
	}
	return object{"entries": shown(it.Locks, func(l *folderLock) object { return c.showFolderLock(it, l) }), "next_marker": nil}, nil
}

func createFolderLock(c *call) (any, error) {
	var in struct {
		Folder reference `json:"folder"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	it, err := c.find(backup.Folder, in.Folder.ID, canManage)
	if err != nil {
		return nil, err
	}
	if it.isRoot() {
		return nil, forbidden()
	}
	l := &folderLock{ID: c.nextID("folder_lock"), By: c.user.ID, Created: c.now()}
	it.Locks = append(it.Locks, l)
	return c.showFolderLock(it, l), nil
}

func deleteFolderLock(c *call) (any, error) {
	id := c.r.PathValue("id")
	for _, it := range c.Items {
		if i := slices.IndexFunc(it.Locks, func(l *folderLock) bool { return l.ID == id }); i >= 0 {
			if c.rightsOn(c.user, it)&canManage == 0 {
				return nil, forbidden()
			}
			it.Locks = slices.Delete(it.Locks, i, i+1)
			return nil, nil
		}
	}
	return nil, notFound()
}
