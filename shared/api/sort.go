package api

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"coffer/shared/account"
	"coffer/shared/backup"
)

// Cut returns the page of items that p asks for, ordered by key, backwards
// where descending. Key must be different for each item: end it with an id. It
// is for lists that are read whole, and its Total counts all of items; list is
// as in Seal.
func Cut[T any](who account.Session, list string, p Page, items []T, descending bool, key func(T) string) (List[T], error) {
	after, err := Open(who, list, p.Cursor)
	if err != nil {
		return List[T]{}, err
	}
	type keyed struct {
		key  string
		item T
	}
	order := func(a, b string) int {
		if descending {
			return cmp.Compare(b, a)
		}
		return cmp.Compare(a, b)
	}
	first := make([]keyed, 0, p.Limit+2) // one more than the page has, in order
	for _, item := range items {
		k := key(item)
		if p.Cursor != "" && order(k, after) <= 0 {
			continue
		}
		at, _ := slices.BinarySearchFunc(first, k, func(one keyed, k string) int { return order(one.key, k) })
		if at <= p.Limit {
			first = slices.Insert(first, at, keyed{k, item})
			first = first[:min(len(first), p.Limit+1)]
		}
	}
	out := List[T]{Items: make([]T, 0, min(p.Limit, len(first))), Total: new(len(items))}
	for _, k := range first[:min(p.Limit, len(first))] {
		out.Items = append(out.Items, k.item)
	}
	if len(first) > p.Limit {
		out.Next = Seal(who, list, first[p.Limit-1].key)
	}
	return out, nil
}

// Keys for Cut: each orders as text does what it is given, an id last.

// TextKey orders by text, whatever the case.
func TextKey(s, id string) string { return strings.ToLower(s) + "\x00" + id }

// NumberKey orders by a number that is not negative.
func NumberKey(n int64, id string) string { return fmt.Sprintf("%019d\x00%s", n, id) }

// TimeKey orders by time.
func TimeKey(at time.Time, id string) string { return NumberKey(max(0, at.UnixMilli()), id) }

// Line checks a text that people enter: one line of shortest to longest
// characters, without space around it. What says what it is, in a sentence.
func Line(field, what, s string, shortest, longest int) (string, error) {
	s = strings.TrimSpace(s)
	n := utf8.RuneCountInString(s)
	if strings.ContainsFunc(s, hidden) {
		return "", backup.Field(field, "%s must not have characters that cannot be seen, such as line breaks or marks that turn the direction of writing.", what)
	}
	if n < shortest || n > longest || !utf8.ValidString(s) {
		return "", backup.Field(field, "%s must be one line of %d to %d characters.", what, shortest, longest)
	}
	return s, nil
}

// hidden reports whether a character does something other than being seen:
// control characters and line separators, those that order the characters around
// them anew, and those that nobody sees, with which one name passes for another.
func hidden(r rune) bool {
	return unicode.IsControl(r) || r >= '\u2028' && r <= '\u202e' || r >= '\u2060' && r <= '\u2069' ||
		r == '\u00ad' || r == '\u200b' || r == '\ufeff'
}
