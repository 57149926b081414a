package boxsim

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
)

// shortenPage halves the limit of a list that ShortPage hits.
func (c *call) shortenPage() {
	if !c.strike.is(ShortPage) {
		return
	}
	q := c.query()
	limit, err := strconv.Atoi(q.Get("limit"))
	if err != nil {
		limit = defaultLimit
	}
	q.Set("limit", strconv.Itoa(max(1, min(limit, c.opt.PageSize)/2)))
	c.r.URL = &url.URL{Path: c.r.URL.Path, RawQuery: q.Encode()}
}

// distort spoils a list, or the form of an answer, where a fault says so.
func (c *call) distort(out any) any {
	body, isObject := out.(object)
	if c.strike == nil || !isObject {
		return out
	}
	entries, _ := body["entries"].([]object)
	switch {
	case c.strike.is(Repeat) && len(entries) > 0:
		again := entries[c.strike.draw%uint64(len(entries))]
		body["entries"] = append(slices.Clone(entries), again)
		if _, counted := body["chunk_size"]; counted {
			body["chunk_size"] = len(entries) + 1
		}
	case c.strike.is(Shuffle):
		slices.Reverse(entries)
	case c.strike.is(Odd):
		return odd(body)
	}
	return out
}

// odd writes the answer in ways that Box has been seen to use.
func odd(body object) object {
	out := object{"added_later": object{"nobody": "knows"}}
	for name, value := range body {
		switch v := value.(type) {
		case int64:
			if name == "size" || name == "space_amount" || name == "space_used" {
				value = json.Number(strconv.FormatFloat(float64(v), 'e', -1, 64))
			}
		case object:
			value = odd(v)
		case []object:
			list := make([]object, len(v))
			for i, e := range v {
				list[i] = odd(e)
			}
			value = list
			if name == "order" && len(list) > 0 {
				value = list[0]
			}
		}
		out[name] = value
	}
	return out
}
