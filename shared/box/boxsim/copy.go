package boxsim

import (
	"maps"
	"net/http"
	"slices"

	"coffer/shared/backup"
)

func (s *Sim) copyRoutes() {
	s.handle("POST /2.0/files/{id}/copy", http.StatusCreated, func(c *call) (any, error) { return copyItem(c, backup.File) })
	s.handle("POST /2.0/folders/{id}/copy", http.StatusCreated, func(c *call) (any, error) { return copyItem(c, backup.Folder) })
}

func copyItem(c *call, kind backup.ItemKind) (any, error) {
	var in struct {
		Parent  reference `json:"parent"`
		Name    string    `json:"name"`
		Version string    `json:"version"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	it, err := c.subject(kind, canDownload)
	if err != nil {
		return nil, err
	}
	parent, err := c.find(backup.Folder, in.Parent.ID, canUpload)
	if err != nil {
		return nil, err
	}
	if parent.ID == it.ID || slices.Contains(c.above(parent), it) {
		return nil, refuse(http.StatusBadRequest, "cyclical_folder_structure", "Folder cannot be copied into itself")
	}
	if in.Name == "" {
		in.Name = it.Name
	}
	var v *version
	if kind == backup.File {
		v = it.current()
		if in.Version != "" {
			v = it.version(in.Version)
		}
		if v == nil {
			return nil, notFound()
		}
	}
	if err := c.room(parent.Owner, c.bytes(it)); err != nil {
		return nil, err
	}
	made, err := c.duplicate(c.user, it, parent, in.Name, v)
	if err != nil {
		return nil, err
	}
	c.emit(c.user, made, "ITEM_COPY", "COPY")
	if kind == backup.Folder {
		return c.folderAnswer(made), nil
	}
	return c.item(made, c.fields), nil
}

// duplicate copies the item and all below it. Only the top gets an event.
func (s *Sim) duplicate(by *user, it, parent *item, name string, v *version) (*item, error) {
	made, err := s.add(by, parent, it.Kind, name)
	if err != nil {
		return nil, err
	}
	made.Description, made.URL, made.Tags = it.Description, it.URL, it.Tags
	made.ContentCreated, made.ContentModified = it.ContentCreated, it.ContentModified
	made.Metadata = maps.Clone(it.Metadata)
	if it.Kind == backup.File {
		if v == nil {
			v = it.current()
		}
		s.stack(by, made, content{SHA1: v.SHA1, Size: v.Size})
	}
	s.place(made)
	if it.Kind != backup.Folder {
		return made, nil
	}
	for _, child := range s.shelf(it.ID, it.Owner).children() {
		if _, err := s.duplicate(by, child, made, child.Name, nil); err != nil {
			return nil, err
		}
	}
	return made, nil
}
