package boxsim

import (
	"net/http"
	"slices"
	"time"

	"coffer/shared/backup"
)

// trashLife is how long Box keeps trashed items unless an administrator says
// otherwise.
const trashLife = 30 * 24 * time.Hour

func (s *Sim) trashRoutes() {
	s.handle("GET /2.0/folders/trash/items", http.StatusOK, listTrash)
	for path, kind := range map[string]backup.ItemKind{"files": backup.File, "folders": backup.Folder, "web_links": backup.WebLink} {
		s.handle("GET /2.0/"+path+"/{id}/trash", http.StatusOK, func(c *call) (any, error) {
			it, err := c.trashed(kind)
			if err != nil {
				return nil, err
			}
			return c.showTrashed(it, c.fields), nil
		})
		s.handle("POST /2.0/"+path+"/{id}", http.StatusCreated, func(c *call) (any, error) { return restoreTrashed(c, kind) })
		s.handle("DELETE /2.0/"+path+"/{id}/trash", http.StatusNoContent, func(c *call) (any, error) {
			it, err := c.trashed(kind)
			if err != nil {
				return nil, err
			}
			c.purge(it)
			return nil, nil
		})
	}
}

// discard puts the item, with all below it, into its owner's trash.
func (s *Sim) discard(by *user, it *item) {
	s.displace(it)
	s.touch(it, by)
	it.Trashed = s.now()
	it.Shared = nil
	s.emit(by, it, "ITEM_TRASH", "DELETE")
	if s.opt.HardDelete {
		s.purge(it)
		return
	}
	s.trash[it.Owner] = append(s.trash[it.Owner], it)
}

// restore takes the item out of the trash, into parent.
func (s *Sim) restore(by *user, it, parent *item, name string) error {
	if err := s.vacant(parent, name, it.Kind, nil); err != nil {
		return err
	}
	s.untrash(it)
	it.Trashed = time.Time{}
	it.Name, it.Parent = name, parent.ID
	if it.Owner != parent.Owner {
		s.below(it, func(below *item) { below.Owner = parent.Owner })
	}
	s.place(it)
	s.touch(it, by)
	s.emit(by, it, "ITEM_UNDELETE_VIA_TRASH", "UNDELETE")
	return nil
}

func (s *Sim) untrash(it *item) {
	s.trash[it.Owner] = slices.DeleteFunc(s.trash[it.Owner], func(other *item) bool { return other == it })
}

// purge forgets an item that is not on any shelf, with all below it.
func (s *Sim) purge(it *item) {
	s.untrash(it)
	var doomed []*item
	s.below(it, func(below *item) { doomed = append(doomed, below) })
	for _, below := range doomed {
		for _, id := range slices.Clone(s.collabsOf[below.ItemRef]) {
			s.dropCollab(s.Collabs[id])
		}
		for _, id := range s.commentsOn[below.ItemRef] {
			delete(s.Comments, id)
		}
		for _, id := range s.tasksOn[below.ID] {
			delete(s.Tasks, id)
		}
		delete(s.commentsOn, below.ItemRef)
		delete(s.tasksOn, below.ID)
		delete(s.shelves, below.ID)
		delete(s.Items, below.ItemRef)
	}
	if it.Kind != backup.Folder {
		return
	}
	for _, orphan := range s.trash[it.Owner] { // trashed before their folder was
		if orphan.Parent != backup.RootFolder && s.folder(orphan.Parent) == nil {
			orphan.Parent = backup.RootFolder
		}
	}
}

// purgeExpired purges what has been in the trash too long.
func (s *Sim) purgeExpired() {
	limit := s.now().Add(-trashLife)
	for owner := range s.trash {
		for len(s.trash[owner]) > 0 && s.trash[owner][0].Trashed.Before(limit) {
			s.purge(s.trash[owner][0])
		}
	}
}

// trashed finds a directly trashed item that the caller may restore.
func (c *call) trashed(kind backup.ItemKind) (*item, error) {
	it := c.Items[backup.ItemRef{Kind: kind, ID: c.r.PathValue("id")}]
	switch {
	case it == nil || c.rightsOn(c.user, it)&canEdit == 0:
		return nil, notFound()
	case it.Trashed.IsZero():
		return nil, refuse(http.StatusNotFound, "not_trashed", "Item is not trashed")
	}
	return it, nil
}

// showTrashed shows a trashed item: it lies in the trash, not in its folder.
func (v view) showTrashed(it *item, fields []string) object {
	if fields == nil {
		fields = standardFields[it.Kind]
	}
	out := v.item(it, fields)
	if _, ok := out["path_collection"]; ok {
		out["path_collection"] = object{"total_count": 1, "entries": []object{{
			"type": "folder", "id": "1", "sequence_id": nil, "etag": nil, "name": "Trash",
		}}}
	}
	return out
}

func listTrash(c *call) (any, error) {
	items := slices.Clone(c.trash[c.user.ID])
	slices.SortFunc(items, byKindAndID)
	q := c.query()
	if q.Get("usemarker") == "true" && (q.Get("sort") != "" || q.Get("offset") != "") {
		return nil, invalid("usemarker", "A marker cannot be combined with sort or offset.")
	}
	return c.itemPage(items, func(it *item) []string {
		if c.fields == nil {
			return miniFields[it.Kind]
		}
		return c.fields
	})
}

func restoreTrashed(c *call, kind backup.ItemKind) (any, error) {
	var in struct {
		Name   string     `json:"name"`
		Parent *reference `json:"parent"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	it, err := c.trashed(kind)
	if err != nil {
		return nil, err
	}
	parent := c.parentOf(it)
	if !parent.isRoot() && c.gone(parent) {
		if in.Parent == nil {
			return nil, refuse(http.StatusNotFound, "not_found", "The original folder is gone; name another one")
		}
		if parent, err = c.find(backup.Folder, in.Parent.ID, canUpload); err != nil {
			return nil, err
		}
	}
	if in.Name == "" {
		in.Name = it.Name
	}
	if err := c.restore(c.user, it, parent, in.Name); err != nil {
		return nil, err
	}
	return c.item(it, c.fields), nil
}
