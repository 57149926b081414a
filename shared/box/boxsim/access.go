package boxsim

import (
	"net/http"

	"coffer/shared/backup"
)

// rights are what a user may do with an item.
type rights uint8

const (
	canPreview rights = 1 << iota
	canDownload
	canComment
	canUpload
	canEdit
	canInvite
	canManage // as the owner and co-owners may

	canAll = canPreview | canDownload | canComment | canUpload | canEdit | canInvite | canManage
)

// roleRights is what each collaboration role allows.
var roleRights = map[string]rights{
	"owner":              canAll,
	"co-owner":           canAll,
	"editor":             canAll &^ canManage,
	"viewer uploader":    canPreview | canDownload | canComment | canUpload,
	"previewer uploader": canPreview | canComment | canUpload,
	"viewer":             canPreview | canDownload | canComment,
	"previewer":          canPreview | canComment,
	"uploader":           canUpload,
}

// rightsOn returns what the user may do with the item: all as its owner, else
// what the collaborations on it and on the folders above it add up to.
func (s *Sim) rightsOn(u *user, it *item) rights {
	if it.Owner == u.ID {
		return canAll
	}
	if len(s.collabsFor[u.ID]) == 0 && len(s.groupsOf[u.ID]) == 0 {
		return 0
	}
	may := s.granted(u, it)
	for _, f := range s.above(it) {
		may |= s.granted(u, f)
	}
	return may
}

// granted returns what collaborations on the very item allow the user.
func (s *Sim) granted(u *user, it *item) rights {
	var may rights
	for _, id := range s.collabsOf[it.ItemRef] {
		if c := s.Collabs[id]; s.reaches(c, u) {
			may |= roleRights[c.Role]
		}
	}
	return may
}

// reaches reports whether the accepted collaboration includes the user.
func (s *Sim) reaches(c *collaboration, u *user) bool {
	if c.Status != "accepted" {
		return false
	}
	return c.User == u.ID || c.Group != "" && s.groupsOf[u.ID][c.Group] != nil
}

// visibleParent returns the folder in which the viewer sees the item: for a
// collaborator on the item itself, their own root folder.
func (s *Sim) visibleParent(viewer *user, it *item) *item {
	parent := s.parentOf(it)
	if it.Owner == viewer.ID || !parent.isRoot() && s.rightsOn(viewer, parent) != 0 {
		return parent
	}
	return root(viewer)
}

// pathOf returns the folders above the item as the viewer sees them, from the
// viewer's root folder down.
func (s *Sim) pathOf(viewer *user, it *item) []*item {
	var path []*item
	for !it.isRoot() {
		it = s.visibleParent(viewer, it)
		path = append(path, it)
	}
	for i, j := 0, len(path)-1; i < j; i, j = i+1, j-1 {
		path[i], path[j] = path[j], path[i]
	}
	return path
}

// find returns an active item on which the caller has all the wanted rights.
func (c *call) find(kind backup.ItemKind, id string, want rights) (*item, error) {
	if kind == backup.Folder && id == backup.RootFolder {
		return root(c.user), nil
	}
	it := c.Items[backup.ItemRef{Kind: kind, ID: id}]
	if it == nil {
		return nil, notFound()
	}
	may := c.rightsOn(c.user, it)
	switch {
	case may == 0:
		return nil, notFound()
	case c.gone(it):
		return nil, refuse(http.StatusNotFound, "trashed", "Item is trashed")
	case may&want != want:
		return nil, forbidden()
	}
	return it, nil
}

// subject is find for the kind and the id in the call's path.
func (c *call) subject(kind backup.ItemKind, want rights) (*item, error) {
	return c.find(kind, c.r.PathValue("id"), want)
}

// matchETag applies If-Match.
func (c *call) matchETag(it *item) error {
	if want := c.r.Header.Get("If-Match"); want != "" && want != itoa(it.ETag) {
		return refuse(http.StatusPreconditionFailed, "precondition_failed", "The resource has been modified. Please retrieve the resource again and retry")
	}
	return nil
}

// unchanged applies If-None-Match.
func (c *call) unchanged(it *item) bool {
	known := c.r.Header.Get("If-None-Match")
	return known != "" && !it.isRoot() && known == itoa(it.ETag)
}
