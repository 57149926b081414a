package boxsim

import (
	"cmp"
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"coffer/shared/backup"
)

// page is the part of a list that a request asks for.
type page struct {
	offset, limit int
	byMarker      bool
	after         string // key of the last element of the page before
}

const (
	defaultLimit = 100
	maxOffset    = 300_000
)

// page reads limit, offset, usemarker and marker.
func (c *call) page() (page, error) {
	p := page{limit: defaultLimit}
	q := c.query()
	if text := q.Get("limit"); text != "" {
		limit, err := strconv.Atoi(text)
		if err != nil || limit < 1 {
			return page{}, invalid("limit", "Invalid value '%s'.", text)
		}
		p.limit = min(limit, c.opt.PageSize)
	}
	if text := q.Get("offset"); text != "" {
		offset, err := strconv.Atoi(text)
		if err != nil || offset < 0 {
			return page{}, invalid("offset", "Invalid value '%s'.", text)
		}
		if offset > maxOffset {
			return page{}, invalid("offset", "Invalid value '%s'. The offset must not exceed the maximum offset of %d", text, maxOffset)
		}
		p.offset = offset
	}
	p.byMarker = q.Get("usemarker") == "true" || q.Get("marker") != ""
	if text := q.Get("marker"); text != "" {
		after, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil || len(after) < 2 || after[0] != 'm' {
			return page{}, refuse(http.StatusBadRequest, "invalid_marker", "Invalid marker")
		}
		p.after = string(after[1:])
	}
	return p, nil
}

func markerAfter(key string) string { return base64.RawURLEncoding.EncodeToString([]byte("m" + key)) }

// paged returns the requested page of a list that is ordered by key. The key
// sorts like an id: shorter first, then by its text.
func paged[T any](c *call, list []T, key func(T) string, show func(T) object) (any, error) {
	p, err := c.page()
	if err != nil {
		return nil, err
	}
	if !p.byMarker {
		return offsetPage(p, list, show), nil
	}
	return markerPage(p, list, key, show), nil
}

func markerPage[T any](p page, list []T, key func(T) string, show func(T) object) object {
	start, _ := slices.BinarySearchFunc(list, p.after, func(e T, after string) int {
		return cmp.Or(compareIDs(key(e), after), -1) // the element itself belongs to the page before
	})
	end := min(start+p.limit, len(list))
	out := object{"entries": shown(list[start:end], show), "limit": p.limit, "next_marker": nil}
	if end < len(list) {
		out["next_marker"] = markerAfter(key(list[end-1]))
	}
	return out
}

func offsetPage[T any](p page, list []T, show func(T) object) object {
	start := min(p.offset, len(list))
	return object{
		"total_count": len(list), "offset": p.offset, "limit": p.limit,
		"entries": shown(list[start:min(start+p.limit, len(list))], show),
	}
}

func shown[T any](list []T, show func(T) object) []object {
	out := make([]object, len(list))
	for i, e := range list {
		out[i] = show(e)
	}
	return out
}

// itemKey orders items by kind and id, in a form that sorts like an id.
func itemKey(it *item) string {
	return strconv.Itoa(kindRank(it.Kind)+1) + strings.Repeat("0", 20-len(it.ID)) + it.ID
}

// itemPage returns a page of items, which must be ordered by kind and id.
// Pages by offset are sorted as the request asks, always grouped by kind.
func (c *call) itemPage(items []*item, fields func(*item) []string) (any, error) {
	show := func(it *item) object { return c.item(it, fields(it)) }
	p, err := c.page()
	if err != nil {
		return nil, err
	}
	if p.byMarker {
		return paged(c, items, itemKey, show)
	}
	by, down := c.query().Get("sort"), c.query().Get("direction") == "DESC"
	if by == "" {
		by = "name"
	}
	items = slices.Clone(items)
	sortItems(items, by, down)
	out := offsetPage(p, items, show)
	out["order"] = order(by, down)
	return out, nil
}

func order(by string, down bool) []object {
	direction := "ASC"
	if down {
		direction = "DESC"
	}
	return []object{{"by": "type", "direction": "ASC"}, {"by": by, "direction": direction}}
}

// sortItems orders items by kind, then as Box's parameter sort says.
func sortItems(items []*item, by string, down bool) {
	folded := make(map[*item]string, len(items))
	if by == "name" {
		for _, it := range items {
			folded[it] = fold(it.Name)
		}
	}
	slices.SortStableFunc(items, func(a, b *item) int {
		if a.Kind != b.Kind {
			return kindRank(a.Kind) - kindRank(b.Kind)
		}
		var n int
		switch by {
		case "id":
			n = compareIDs(a.ID, b.ID)
		case "date":
			n = a.Modified.Compare(b.Modified)
		case "size":
			n = cmp.Compare(fileSize(a), fileSize(b))
		default:
			n = cmp.Compare(folded[a], folded[b])
		}
		if down {
			n = -n
		}
		return cmp.Or(n, compareIDs(a.ID, b.ID))
	})
}

func fileSize(it *item) int64 {
	if it.Kind != backup.File {
		return 0
	}
	return it.current().Size
}

// collection is an offset page of items in their mini form.
func (v view) collection(items []*item, total, offset, limit int) object {
	return object{
		"total_count": total, "offset": offset, "limit": limit, "order": order("name", false), "entries": v.minis(items),
	}
}
