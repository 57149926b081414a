package boxsim

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"
	"unicode/utf8"

	"coffer/shared/backup"
)

// patch is the body of an update: absent fields stay, null ones are cleared.
type patch map[string]json.RawMessage

// read decodes a field and reports whether it is there.
func read[T any](p patch, field string, into *T) (bool, error) {
	text, ok := p[field]
	if !ok {
		return false, nil
	}
	if err := json.Unmarshal(text, into); err != nil {
		return false, invalid(field, "Invalid value '%s'.", text)
	}
	return true, nil
}

const maxDescription = 255

// update changes an item as a PUT on it asks.
func (c *call) update(kind backup.ItemKind) (any, error) {
	var p patch
	if err := c.decode(&p); err != nil {
		return nil, err
	}
	it, err := c.subject(kind, canPreview)
	if err != nil {
		if f, ok := err.(*failure); ok && f.Code == "trashed" && p["parent"] != nil {
			return nil, f
		}
		return nil, err
	}
	if it.isRoot() || c.rightsOn(c.user, it)&canEdit == 0 {
		return nil, forbidden()
	}
	if err := c.matchETag(it); err != nil {
		return nil, err
	}
	if err := c.checkLock(it, p); err != nil {
		return nil, err
	}
	if err := c.relocate(it, p); err != nil {
		return nil, err
	}
	for _, step := range []func(*item, patch) error{c.describe, c.tag, c.retime, c.relink, c.relock, c.collect} {
		if err := step(it, p); err != nil {
			return nil, err
		}
	}
	if kind == backup.Folder {
		return c.folderAnswer(it), nil
	}
	return c.item(it, c.fields), nil
}

// checkLock keeps a locked file from being changed by anyone but the one who
// locked it.
func (c *call) checkLock(it *item, p patch) error {
	if c.lock(it) != nil && it.Lock.By != c.user.ID && p["lock"] == nil {
		return refuse(http.StatusForbidden, "access_denied_item_locked", "Access denied - item locked")
	}
	return nil
}

// relocate applies name and parent, which are one change where both are given.
func (c *call) relocate(it *item, p patch) error {
	name := it.Name
	renamed, err := read(p, "name", &name)
	if err != nil {
		return err
	}
	var to reference
	moved, err := read(p, "parent", &to)
	switch {
	case err != nil:
		return err
	case moved && to.ID != "":
		parent, err := c.find(backup.Folder, to.ID, canUpload)
		if err != nil {
			return err
		}
		return c.move(c.user, it, parent, name)
	case renamed:
		return c.rename(c.user, it, name)
	}
	return nil
}

func (c *call) describe(it *item, p patch) error {
	text := it.Description
	if _, err := read(p, "description", &text); err != nil {
		return err
	}
	address := it.URL
	if _, err := read(p, "url", &address); err != nil {
		return err
	}
	if it.Kind == backup.WebLink && address != it.URL {
		if err := checkURL(address); err != nil {
			return err
		}
		it.URL = address
		c.touch(it, c.user)
		c.emit(c.user, it, "ITEM_MODIFY", "RENAME")
	}
	c.setDescription(c.user, it, text)
	return nil
}

// setDescription cuts the text where Box does.
func (s *Sim) setDescription(by *user, it *item, text string) {
	if utf8.RuneCountInString(text) > maxDescription {
		text = string([]rune(text)[:maxDescription])
	}
	if text == it.Description {
		return
	}
	it.Description = text
	s.touch(it, by)
	s.emit(by, it, "ITEM_MODIFY", "RENAME")
}

func (c *call) tag(it *item, p patch) error {
	var tags []string
	given, err := read(p, "tags", &tags)
	if err != nil || !given {
		return err
	}
	return c.setTags(c.user, it, tags)
}

// setTags is told to those who read all events, not to those who read changes.
func (s *Sim) setTags(by *user, it *item, tags []string) error {
	if len(tags) > 100 {
		return invalid("tags", "An item can have at most 100 tags.")
	}
	if slices.Equal(tags, it.Tags) {
		return nil
	}
	it.Tags = slices.Clone(tags)
	s.touch(it, by)
	s.emit(by, it, "TAG_ITEM_CREATE", "")
	return nil
}

// retime applies the content times, which Box accepts for files.
func (c *call) retime(it *item, p patch) error {
	for field, to := range map[string]*time.Time{
		"content_created_at": &it.ContentCreated, "content_modified_at": &it.ContentModified,
	} {
		var at time.Time
		given, err := read(p, field, &at)
		if err != nil {
			return err
		}
		if given && it.Kind == backup.File && !at.IsZero() {
			*to = at.UTC().Truncate(time.Second)
			it.ETag++
			it.Seq++
		}
	}
	return nil
}

func (c *call) relock(it *item, p patch) error {
	var in *struct {
		Expires           time.Time `json:"expires_at"`
		DownloadPrevented bool      `json:"is_download_prevented"`
	}
	given, err := read(p, "lock", &in)
	switch {
	case err != nil || !given || it.Kind != backup.File:
		return err
	case in == nil && it.Lock != nil:
		it.Lock = nil
		c.touch(it, c.user)
		c.emit(c.user, it, "LOCK_DESTROY", "UNLOCK")
	case in != nil:
		it.Lock = &lock{
			ID: c.nextID("lock"), By: c.user.ID, Created: c.now(), Expires: in.Expires, DownloadPrevented: in.DownloadPrevented,
		}
		c.touch(it, c.user)
		c.emit(c.user, it, "LOCK_CREATE", "LOCK")
	}
	return nil
}
