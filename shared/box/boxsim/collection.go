package boxsim

import (
	"net/http"
	"slices"

	"coffer/shared/backup"
)

func (s *Sim) collectionRoutes() {
	s.handle("GET /2.0/collections", http.StatusOK, func(c *call) (any, error) {
		p, err := c.page()
		if err != nil {
			return nil, err
		}
		return offsetPage(p, []object{c.favorites()}, func(o object) object { return o }), nil
	})
	s.handle("GET /2.0/collections/{id}", http.StatusOK, func(c *call) (any, error) {
		if c.r.PathValue("id") != c.favoritesID() {
			return nil, notFound()
		}
		return c.favorites(), nil
	})
	s.handle("GET /2.0/collections/{id}/items", http.StatusOK, listFavorites)
}

// favoritesID differs from user to user.
func (c *call) favoritesID() string { return "4" + c.user.ID }

func (c *call) favorites() object {
	return object{"type": "collection", "id": c.favoritesID(), "name": "Favorites", "collection_type": "favorites"}
}

func listFavorites(c *call) (any, error) {
	if c.r.PathValue("id") != c.favoritesID() {
		return nil, notFound()
	}
	p, err := c.page()
	if err != nil {
		return nil, err
	}
	var items []*item
	for _, ref := range c.Favorites[c.user.ID] {
		if it := c.Items[ref]; it != nil && !c.gone(it) && c.rightsOn(c.user, it) != 0 {
			items = append(items, it)
		}
	}
	return offsetPage(p, items, func(it *item) object {
		if c.fields == nil {
			return c.mini(it)
		}
		return c.item(it, c.fields)
	}), nil
}

// collect puts the item into the caller's favorites, or takes it out.
func (c *call) collect(it *item, p patch) error {
	var in []reference
	given, err := read(p, "collections", &in)
	if err != nil || !given {
		return err
	}
	list := slices.DeleteFunc(slices.Clone(c.Favorites[c.user.ID]), func(ref backup.ItemRef) bool { return ref == it.ItemRef })
	if slices.ContainsFunc(in, func(r reference) bool { return r.ID == c.favoritesID() }) {
		list = append(list, it.ItemRef)
	}
	c.Favorites[c.user.ID] = list
	return nil
}
