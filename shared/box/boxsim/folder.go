package boxsim

import (
	"net/http"
	"slices"

	"coffer/shared/backup"
)

func (s *Sim) folderRoutes() {
	s.handle("POST /2.0/folders", http.StatusCreated, createFolder)
	s.handle("GET /2.0/folders/{id}", http.StatusOK, getFolder)
	s.handle("PUT /2.0/folders/{id}", http.StatusOK, func(c *call) (any, error) { return c.update(backup.Folder) })
	s.handle("DELETE /2.0/folders/{id}", http.StatusNoContent, deleteFolder)
	s.handle("GET /2.0/folders/{id}/items", http.StatusOK, listFolder)
	s.handle("GET /2.0/folder_locks", http.StatusOK, listFolderLocks)
	s.handle("POST /2.0/folder_locks", http.StatusOK, createFolderLock)
	s.handle("DELETE /2.0/folder_locks/{id}", http.StatusNoContent, deleteFolderLock)
}

// newFolder creates a folder.
func (s *Sim) newFolder(by *user, parent *item, name string) (*item, error) {
	it, err := s.add(by, parent, backup.Folder, name)
	if err != nil {
		return nil, err
	}
	s.place(it)
	s.emit(by, it, "ITEM_CREATE", "UPLOAD")
	return it, nil
}

func createFolder(c *call) (any, error) {
	var in struct {
		Name   string    `json:"name"`
		Parent reference `json:"parent"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	parent, err := c.find(backup.Folder, in.Parent.ID, canUpload)
	if err != nil {
		return nil, err
	}
	it, err := c.newFolder(c.user, parent, in.Name)
	if err != nil {
		return nil, err
	}
	return c.folderAnswer(it), nil
}

// folderAnswer is a folder as single-folder endpoints show it: with the first
// hundred of its items.
func (c *call) folderAnswer(it *item) object {
	if c.fields != nil {
		return c.item(it, c.fields)
	}
	return c.item(it, append(slices.Clone(standardFields[backup.Folder]), "item_collection"))
}

func getFolder(c *call) (any, error) {
	it, err := c.subject(backup.Folder, 0)
	if err != nil {
		return nil, err
	}
	if c.unchanged(it) {
		return reply{status: http.StatusNotModified}, nil
	}
	return c.folderAnswer(it), nil
}

func listFolder(c *call) (any, error) {
	it, err := c.subject(backup.Folder, 0)
	if err != nil {
		return nil, err
	}
	return c.itemPage(c.listing(it), func(it *item) []string {
		if c.fields == nil {
			return miniFields[it.Kind]
		}
		return c.fields
	})
}

// listing returns what the viewer sees in the folder, by kind and id. In their
// root folder, collaborators see the items that they were invited to.
func (v view) listing(folder *item) []*item {
	own := v.shelf(folder.ID, folder.Owner).children()
	if !folder.isRoot() {
		return own
	}
	var invited []*item
	ids := slices.Clone(v.collabsFor[v.viewer.ID])
	for group := range v.groupsOf[v.viewer.ID] {
		ids = append(ids, v.collabsFor[group]...)
	}
	for _, id := range ids {
		c := v.Collabs[id]
		it := v.Items[c.Item]
		if it == nil || c.AccessOnly || !v.reaches(c, v.viewer) || it.Owner == v.viewer.ID || v.gone(it) ||
			!v.visibleParent(v.viewer, it).isRoot() || slices.Contains(invited, it) {
			continue
		}
		invited = append(invited, it)
	}
	if invited == nil {
		return own
	}
	all := slices.Concat(own, invited)
	slices.SortFunc(all, byKindAndID)
	return all
}

func deleteFolder(c *call) (any, error) {
	it, err := c.subject(backup.Folder, canEdit)
	if err != nil {
		return nil, err
	}
	if it.isRoot() {
		return nil, forbidden()
	}
	if err := c.matchETag(it); err != nil {
		return nil, err
	}
	if c.query().Get("recursive") != "true" && len(c.shelf(it.ID, it.Owner).names) > 0 {
		return nil, refuse(http.StatusBadRequest, "folder_not_empty", "Cannot delete - folder not empty")
	}
	if len(it.Locks) > 0 {
		return nil, refuse(http.StatusForbidden, "access_denied_item_locked", "Access denied - item locked")
	}
	c.discard(c.user, it)
	return nil, nil
}
