package box

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
)

// pageSize is the most that Box gives in one page.
const pageSize = 1000

// Page is a part of a listing. Next is the marker of the next page, and empty
// at the end. Markers are not for keeping: Box lets them expire.
type Page[T any] struct {
	Entries []T
	Next    string
}

// listing is one page on the wire.
type listing[T any] struct {
	Entries []T    `json:"entries"`
	Next    text   `json:"next_marker"` // null, missing and "" all mean the end
	Total   number `json:"total_count"`
	Limit   number `json:"limit"`
}

func (l *listing[T]) whole() bool { return l.Entries != nil }

// list reads one page by marker.
func list[T any](ctx context.Context, c *Client, kind, address string, query url.Values, marker string) (Page[T], error) {
	query.Set("limit", strconv.Itoa(pageSize))
	query.Set("usemarker", "true")
	if marker != "" {
		query.Set("marker", marker)
	}
	var out listing[T]
	if err := c.do(ctx, call{kind: kind, method: http.MethodGet, url: address, query: query}, &out); err != nil {
		return Page[T]{}, err
	}
	if out.Next != "" && string(out.Next) == marker {
		return Page[T]{}, fmt.Errorf("box %s: the page's marker leads to the page itself", kind)
	}
	return Page[T]{Entries: out.Entries, Next: string(out.Next)}, nil
}

// all reads a whole listing that Box pages by offset. Such listings are short,
// and Box says to advance by the limit that it applied, not by what came. Where it
// does not say how many there are, a page that is not full is the last.
func all[T any](ctx context.Context, c *Client, kind, address string, query url.Values) ([]T, error) {
	var entries []T
	for offset := int64(0); ; {
		query.Set("limit", strconv.Itoa(pageSize))
		query.Set("offset", strconv.FormatInt(offset, 10))
		var out listing[T]
		if err := c.do(ctx, call{kind: kind, method: http.MethodGet, url: address, query: query}, &out); err != nil {
			return nil, err
		}
		entries = append(entries, out.Entries...)
		step := int64(out.Limit)
		if step <= 0 {
			step = int64(len(out.Entries))
		}
		offset += step
		last := offset >= int64(out.Total)
		if out.Total == 0 {
			last = int64(len(out.Entries)) < min(step, pageSize)
		}
		if len(out.Entries) == 0 || last {
			return entries, nil
		}
	}
}
