package boxsim

import (
	"net/http"
	"slices"
	"time"

	"coffer/shared/backup"
)

func (s *Sim) versionRoutes() {
	s.handle("GET /2.0/files/{id}/versions", http.StatusOK, listVersions)
	s.handle("GET /2.0/files/{id}/versions/{version}", http.StatusOK, func(c *call) (any, error) {
		_, v, err := c.version(canPreview)
		if err != nil {
			return nil, err
		}
		return c.showVersion(v, nil), nil
	})
	s.handle("PUT /2.0/files/{id}/versions/{version}", http.StatusOK, restoreVersion)
	s.handle("DELETE /2.0/files/{id}/versions/{version}", http.StatusNoContent, deleteVersion)
	s.handle("POST /2.0/files/{id}/versions/current", http.StatusCreated, promoteVersion)
}

func (s *Sim) showVersion(v *version, fields []string) object {
	out := object{
		"type": "file_version", "id": v.ID, "sha1": v.SHA1, "name": v.Name, "size": v.Size,
		"created_at": stamp(v.Created), "modified_at": stamp(v.Modified), "modified_by": s.userMini(v.By),
		"uploader_display_name": s.displayName(v.By), "version_number": itoa(int64(v.Number)),
		"trashed_at": stampOrNull(v.Trashed), "purged_at": nil, "restored_at": stampOrNull(v.Restored),
	}
	if !v.Trashed.IsZero() {
		out["purged_at"] = stamp(v.Trashed.Add(trashLife))
	}
	if fields != nil {
		for name := range out {
			if name != "type" && name != "id" && !slices.Contains(fields, name) {
				delete(out, name)
			}
		}
	}
	return out
}

// listVersions shows the past versions, newest first, trashed ones included.
func listVersions(c *call) (any, error) {
	it, err := c.subject(backup.File, canPreview)
	if err != nil {
		return nil, err
	}
	p, err := c.page()
	if err != nil {
		return nil, err
	}
	past := slices.Clone(it.Versions[:len(it.Versions)-1])
	slices.Reverse(past)
	return offsetPage(p, past, func(v *version) object { return c.showVersion(v, c.fields) }), nil
}

// version finds the file and the version in the call's path.
func (c *call) version(want rights) (*item, *version, error) {
	it, err := c.subject(backup.File, want)
	if err != nil {
		return nil, nil, err
	}
	v := it.version(c.r.PathValue("version"))
	if v == nil {
		return nil, nil, notFound()
	}
	return it, v, nil
}

func (it *item) version(id string) *version {
	for _, v := range it.Versions {
		if v.ID == id {
			return v
		}
	}
	return nil
}

func deleteVersion(c *call) (any, error) {
	it, v, err := c.version(canEdit)
	if err != nil {
		return nil, err
	}
	if v == it.current() {
		return nil, refuse(http.StatusBadRequest, "bad_request", "The current version cannot be deleted")
	}
	v.Trashed = c.now()
	return nil, nil
}

func restoreVersion(c *call) (any, error) {
	_, v, err := c.version(canEdit)
	if err != nil {
		return nil, err
	}
	v.Trashed, v.Restored = time.Time{}, c.now()
	return c.showVersion(v, nil), nil
}

// promoteVersion puts a copy of an old version on top.
func promoteVersion(c *call) (any, error) {
	it, err := c.subject(backup.File, canEdit)
	if err != nil {
		return nil, err
	}
	var in reference
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	v := it.version(in.ID)
	if v == nil || !v.Trashed.IsZero() {
		return nil, notFound()
	}
	c.grow(it.Parent, it.Owner, v.Size-it.current().Size)
	c.stack(c.user, it, content{SHA1: v.SHA1, Size: v.Size})
	c.touch(it, c.user)
	c.emit(c.user, it, "ITEM_MAKE_CURRENT_VERSION", "FILE_VERSION_RESTORE")
	return c.showVersion(it.current(), nil), nil
}
