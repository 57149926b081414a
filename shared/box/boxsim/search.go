package boxsim

import (
	"net/http"
	"slices"
	"strings"
)

func (s *Sim) searchRoutes() {
	s.handle("GET /2.0/search", http.StatusOK, search)
}

// search finds the caller's items whose names hold the query.
func search(c *call) (any, error) {
	p, err := c.page()
	if err != nil {
		return nil, err
	}
	q := c.query()
	if q.Get("limit") == "" {
		p.limit = 30
	}
	p.limit = min(p.limit, 200)
	want := fold(strings.Trim(q.Get("query"), `"`))
	var found []*item
	for _, it := range c.Items {
		if strings.Contains(fold(it.Name), want) && (q.Get("type") == "" || q.Get("type") == string(it.Kind)) &&
			c.rightsOn(c.user, it) != 0 && !c.gone(it) {
			found = append(found, it)
		}
	}
	slices.SortFunc(found, byKindAndID)
	out := offsetPage(p, found, func(it *item) object { return c.item(it, c.fields) })
	out["type"] = "search_results_items"
	return out, nil
}
