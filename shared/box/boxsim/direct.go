package boxsim

import (
	"bytes"
	"io"
	"time"

	"coffer/shared/backup"
)

// The methods below do as a user what the user could do over HTTP, with the
// same events, but without limits, faults and counters.

// FileRef names a file by its id.
func FileRef(id string) backup.ItemRef { return backup.ItemRef{Kind: backup.File, ID: id} }

// FolderRef names a folder by its id.
func FolderRef(id string) backup.ItemRef { return backup.ItemRef{Kind: backup.Folder, ID: id} }

// WebLinkRef names a web link by its id.
func WebLinkRef(id string) backup.ItemRef { return backup.ItemRef{Kind: backup.WebLink, ID: id} }

// act runs do under the lock, as the user.
func (s *Sim) act(as backup.BoxUserID, do func(*call) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.Users[string(as)]
	if u == nil {
		return notFound()
	}
	return do(&call{view: view{s, u}, user: u})
}

// change is act on an item on which the user has the rights.
func (s *Sim) change(as backup.BoxUserID, ref backup.ItemRef, want rights, do func(*call, *item) error) error {
	return s.act(as, func(c *call) error {
		it, err := c.find(ref.Kind, ref.ID, want)
		if err != nil {
			return err
		}
		return do(c, it)
	})
}

// CreateFolder creates a folder and returns its id.
func (s *Sim) CreateFolder(as backup.BoxUserID, parent, name string) (id string, err error) {
	err = s.change(as, FolderRef(parent), canUpload, func(c *call, in *item) error {
		it, err := c.newFolder(c.user, in, name)
		if err == nil {
			id = it.ID
		}
		return err
	})
	return id, err
}

// Upload creates a file and returns its id. The times are content_created_at
// and content_modified_at.
func (s *Sim) Upload(as backup.BoxUserID, parent, name string, bytes []byte, times ...time.Time) (id string, err error) {
	what, err := s.keep(bytes, times)
	if err != nil {
		return "", err
	}
	return s.create(as, parent, name, what)
}

// UploadGenerated creates a file of any size whose bytes are made up when they
// are read. Equal sizes and seeds give equal contents.
func (s *Sim) UploadGenerated(as backup.BoxUserID, parent, name string, size int64, seed uint64) (id string, err error) {
	sum, err := s.contents.make(recipe{Seed: seed, Size: size})
	if err != nil {
		return "", err
	}
	return s.create(as, parent, name, content{SHA1: sum, Size: size})
}

func (s *Sim) create(as backup.BoxUserID, parent, name string, what content) (id string, err error) {
	err = s.change(as, FolderRef(parent), canUpload, func(c *call, in *item) error {
		it, err := c.newFile(c.user, in, name, what)
		if err == nil {
			id = it.ID
		}
		return err
	})
	return id, err
}

func (s *Sim) keep(b []byte, times []time.Time) (content, error) {
	sum, size, err := s.contents.put(bytes.NewReader(b))
	what := content{SHA1: sum, Size: size}
	for i, at := range times {
		if i == 0 {
			what.Created = at.UTC().Truncate(time.Second)
		}
		what.Modified = at.UTC().Truncate(time.Second)
	}
	return what, err
}

// NewVersion uploads new content to a file.
func (s *Sim) NewVersion(as backup.BoxUserID, file string, bytes []byte, times ...time.Time) error {
	what, err := s.keep(bytes, times)
	if err != nil {
		return err
	}
	return s.change(as, FileRef(file), canUpload, func(c *call, it *item) error { return c.newVersion(c.user, it, what) })
}

// AddWebLink creates a web link and returns its id.
func (s *Sim) AddWebLink(as backup.BoxUserID, parent, name, url string) (id string, err error) {
	err = s.change(as, FolderRef(parent), canUpload, func(c *call, in *item) error {
		it, err := c.newWebLink(c.user, in, name, url, "")
		if err == nil {
			id = it.ID
		}
		return err
	})
	return id, err
}

// Rename gives an item another name.
func (s *Sim) Rename(as backup.BoxUserID, ref backup.ItemRef, name string) error {
	return s.change(as, ref, canEdit, func(c *call, it *item) error { return c.rename(c.user, it, name) })
}

// Move puts an item into another folder.
func (s *Sim) Move(as backup.BoxUserID, ref backup.ItemRef, parent string) error {
	return s.change(as, ref, canEdit, func(c *call, it *item) error {
		to, err := c.find(backup.Folder, parent, canUpload)
		if err != nil {
			return err
		}
		return c.move(c.user, it, to, it.Name)
	})
}

// Delete puts an item, with everything in it, into the trash.
func (s *Sim) Delete(as backup.BoxUserID, ref backup.ItemRef) error {
	return s.change(as, ref, canEdit, func(c *call, it *item) error {
		c.discard(c.user, it)
		return nil
	})
}

// Restore takes an item out of the trash, to where it was.
func (s *Sim) Restore(as backup.BoxUserID, ref backup.ItemRef) error {
	return s.act(as, func(c *call) error {
		it := c.Items[ref]
		if it == nil || it.Trashed.IsZero() || it.Owner != c.user.ID || c.gone(c.parentOf(it)) {
			return notFound()
		}
		return c.restore(c.user, it, c.parentOf(it), it.Name)
	})
}

// Purge deletes a trashed item for good.
func (s *Sim) Purge(as backup.BoxUserID, ref backup.ItemRef) error {
	return s.act(as, func(c *call) error {
		it := c.Items[ref]
		if it == nil || it.Trashed.IsZero() || it.Owner != c.user.ID {
			return notFound()
		}
		c.purge(it)
		return nil
	})
}

// SetDescription gives an item a description.
func (s *Sim) SetDescription(as backup.BoxUserID, ref backup.ItemRef, text string) error {
	return s.change(as, ref, canEdit, func(c *call, it *item) error {
		c.setDescription(c.user, it, text)
		return nil
	})
}

// SetTags gives an item tags in place of those it has.
func (s *Sim) SetTags(as backup.BoxUserID, ref backup.ItemRef, tags ...string) error {
	return s.change(as, ref, canEdit, func(c *call, it *item) error { return c.setTags(c.user, it, tags) })
}

// Share gives an item a shared link and returns its address. Access is "open",
// "company" or "collaborators".
func (s *Sim) Share(as backup.BoxUserID, ref backup.ItemRef, access string) (url string, err error) {
	err = s.change(as, ref, canInvite, func(c *call, it *item) error {
		url = sharedHost + "s/" + c.share(c.user, it, access).Key
		return nil
	})
	return url, err
}

// Collaborate invites a user, who may be of another enterprise, to an item and
// returns the collaboration's id.
func (s *Sim) Collaborate(as backup.BoxUserID, ref backup.ItemRef, with backup.BoxUserID, role string) (id string, err error) {
	err = s.change(as, ref, canInvite, func(c *call, it *item) error {
		made, err := c.invite(c.user, it, collaboration{User: string(with), Role: role})
		if err == nil {
			id = made.ID
		}
		return err
	})
	return id, err
}

// Comment puts a comment on a file and returns its id.
func (s *Sim) Comment(as backup.BoxUserID, file, message string) (id string, err error) {
	err = s.change(as, FileRef(file), canComment, func(c *call, it *item) error {
		id = c.newComment(c.user, it, comment{Message: message}).ID
		return nil
	})
	return id, err
}

// SetMetadata gives an item an instance of a template, named such as
// "global.properties" or "enterprise.contract".
func (s *Sim) SetMetadata(as backup.BoxUserID, ref backup.ItemRef, template string, values map[string]any) error {
	return s.change(as, ref, canEdit, func(c *call, it *item) error { return c.setMetadata(c.user, it, template, values) })
}

// Block makes downloads of a file fail with forbidden_by_policy, as for
// malware.
func (s *Sim) Block(as backup.BoxUserID, file string) error {
	return s.change(as, FileRef(file), canManage, func(_ *call, it *item) error {
		it.Blocked = true
		return nil
	})
}

// Unblock ends what Block began.
func (s *Sim) Unblock(as backup.BoxUserID, file string) error {
	return s.change(as, FileRef(file), canManage, func(_ *call, it *item) error {
		it.Blocked = false
		return nil
	})
}

// OpenContent returns the bytes of a content.
func (s *Sim) OpenContent(c backup.Content) (io.ReadCloser, error) {
	return s.contents.open(c.SHA1.String())
}
