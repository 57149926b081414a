package model_test

import (
	"crypto/sha1" // #nosec G505 -- Box's checksum
	"fmt"
	"slices"
	"strings"
	"time"

	"coffer/shared/backup"
)

// trashLife is for how long Box keeps what was deleted.
const trashLife = 30 * 24 * time.Hour

// node is an item as the model has it.
type node struct {
	backup.ItemRef
	parent  *node // nil of a root
	owner   backup.BoxUserID
	name    string
	text    string // of a file
	trashed time.Time
	shared  bool
	made    int // the order in which items were made
}

func (n *node) isRoot() bool { return n.parent == nil }

// at is a folder's id as Box's methods want it.
func (n *node) at() string {
	if n.isRoot() {
		return backup.RootFolder
	}
	return n.ID
}

// top is the root folder that holds the item.
func (n *node) top() *node {
	for !n.isRoot() {
		n = n.parent
	}
	return n
}

// gone reports whether the item is in the trash, itself or with a folder.
func (n *node) gone() bool {
	for ; !n.isRoot(); n = n.parent {
		if !n.trashed.IsZero() {
			return true
		}
	}
	return false
}

// within reports whether the item is the other one, or below it.
func (n *node) within(other *node) bool {
	for ; n != nil; n = n.parent {
		if n == other {
			return true
		}
	}
	return false
}

func (n *node) path() string {
	if n.isRoot() {
		return ""
	}
	return n.parent.path() + "/" + n.name
}

// line describes an item of a tree; below is cut off its path.
func line(kind backup.ItemKind, path, below string, c backup.Content) string {
	if kind != backup.File {
		c = backup.Content{}
	}
	return fmt.Sprintf("%s %s %s %d", strings.TrimPrefix(path, below), kind, c.SHA1, c.Size)
}

func contentOf(text string) backup.Content {
	return backup.Content{SHA1: backup.SHA1(sha1.Sum([]byte(text))), Size: int64(len(text))} // #nosec G401 -- as above
}

// drives are what the users of the model own.
type drives struct {
	roots map[backup.BoxUserID]*node
	items map[backup.ItemRef]*node
	made  int
}

func newDrives(users ...backup.BoxUserID) *drives {
	d := &drives{roots: map[backup.BoxUserID]*node{}, items: map[backup.ItemRef]*node{}}
	for _, u := range users {
		d.roots[u] = &node{owner: u, ItemRef: backup.ItemRef{Kind: backup.Folder, ID: backup.RootFolder}}
	}
	return d
}

func (d *drives) add(n *node) {
	d.made++
	n.made = d.made
	d.items[n.ItemRef] = n
}

// some are the items that fit, in the order in which they were made.
func (d *drives) some(fits func(*node) bool) []*node {
	var found []*node
	for _, n := range d.items {
		if fits(n) {
			found = append(found, n)
		}
	}
	slices.SortFunc(found, func(a, b *node) int { return a.made - b.made })
	return found
}

// living are the items of a user that are not in the trash.
func (d *drives) living(owner backup.BoxUserID, kinds ...backup.ItemKind) []*node {
	return d.some(func(n *node) bool {
		return n.top().owner == owner && !n.gone() && (len(kinds) == 0 || slices.Contains(kinds, n.Kind))
	})
}

// places are the user's folders, the root folder first.
func (d *drives) places(owner backup.BoxUserID) []*node {
	return append([]*node{d.roots[owner]}, d.living(owner, backup.Folder)...)
}

// trash are the items that were deleted themselves and hold none such.
func (d *drives) trash(owner backup.BoxUserID) []*node {
	return d.some(func(n *node) bool { return n.top().owner == owner && !n.trashed.IsZero() })
}

// holdsTrash reports whether something below the item was deleted before it.
func (d *drives) holdsTrash(n *node) bool {
	return len(d.some(func(m *node) bool { return m != n && !m.trashed.IsZero() && m.within(n) })) > 0
}

// taken reports whether a folder has the name.
func (d *drives) taken(place *node, name string) bool {
	return len(d.some(func(n *node) bool { return n.parent == place && n.name == name && n.trashed.IsZero() })) > 0
}

func (d *drives) purge(n *node) {
	for ref, m := range d.items {
		if m.within(n) {
			delete(d.items, ref)
		}
	}
}

// pass purges what was in the trash for too long.
func (d *drives) pass(now time.Time) {
	for _, n := range d.some(func(n *node) bool { return !n.trashed.IsZero() && n.trashed.Before(now.Add(-trashLife)) }) {
		d.purge(n)
	}
}

// tree is what a user has, sorted.
func (d *drives) tree(owner backup.BoxUserID) []string {
	var lines []string
	for _, n := range d.living(owner) {
		lines = append(lines, line(n.Kind, n.path(), "", contentOf(n.text)))
	}
	slices.Sort(lines)
	return lines
}
