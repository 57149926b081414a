package boxsim

import (
	"net/http"
	"time"

	"coffer/shared/backup"
)

func (s *Sim) fileRoutes() {
	s.handle("GET /2.0/files/{id}", http.StatusOK, getFile)
	s.handle("PUT /2.0/files/{id}", http.StatusOK, func(c *call) (any, error) { return c.update(backup.File) })
	s.handle("DELETE /2.0/files/{id}", http.StatusNoContent, func(c *call) (any, error) { return c.remove(backup.File) })
}

// version is one content that a file has had.
type version struct {
	ID, Name, SHA1    string
	Size              int64
	Created, Modified time.Time
	By                string
	Number            int
	Trashed, Restored time.Time
}

// content is what an upload brings: bytes that are stored already, and the
// times that the uploader gives them.
type content struct {
	SHA1              string
	Size              int64
	Created, Modified time.Time
}

// newFile creates a file.
func (s *Sim) newFile(by *user, parent *item, name string, what content) (*item, error) {
	it, err := s.add(by, parent, backup.File, name)
	if err != nil {
		return nil, err
	}
	if err := s.room(parent.Owner, what.Size); err != nil {
		return nil, err
	}
	if !what.Created.IsZero() {
		it.ContentCreated = what.Created
	}
	if !what.Modified.IsZero() {
		it.ContentModified = what.Modified
	}
	s.stack(by, it, what)
	s.place(it)
	s.emit(by, it, "ITEM_UPLOAD", "UPLOAD")
	return it, nil
}

// newVersion puts new content on top of a file's versions.
func (s *Sim) newVersion(by *user, it *item, what content) error {
	if err := s.room(it.Owner, what.Size); err != nil {
		return err
	}
	s.grow(it.Parent, it.Owner, what.Size-it.current().Size)
	it.ContentModified = what.Modified
	if what.Modified.IsZero() {
		it.ContentModified = s.now()
	}
	s.stack(by, it, what)
	s.touch(it, by)
	s.emit(by, it, "ITEM_UPLOAD", "EDIT")
	return nil
}

func (s *Sim) stack(by *user, it *item, what content) {
	now := s.now()
	it.Versions = append(it.Versions, &version{
		ID: s.nextID("version"), Name: it.Name, SHA1: what.SHA1, Size: what.Size,
		Created: now, Modified: now, By: by.ID, Number: len(it.Versions) + 1,
	})
}

func getFile(c *call) (any, error) {
	it, err := c.subject(backup.File, 0)
	if err != nil {
		return nil, err
	}
	if c.unchanged(it) {
		return reply{status: http.StatusNotModified}, nil
	}
	return c.item(it, c.fields), nil
}

// remove puts a file or web link into the trash.
func (c *call) remove(kind backup.ItemKind) (any, error) {
	it, err := c.subject(kind, canEdit)
	if err != nil {
		return nil, err
	}
	if err := c.matchETag(it); err != nil {
		return nil, err
	}
	if err := c.checkLock(it, nil); err != nil {
		return nil, err
	}
	c.discard(c.user, it)
	return nil, nil
}
