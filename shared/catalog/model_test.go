package catalog_test

import (
	"maps"
	"slices"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"coffer/shared/backup"
	"coffer/shared/catalog"
)

type (
	items    map[backup.ItemRef]catalog.Item
	failures map[backup.ItemRef]failure
)

type failure struct {
	reason  string
	content bool
}

// model is what a catalog promises, in maps.
type model struct {
	cur    items
	gone   map[string]bool
	stored map[backup.Content]bool
	failed failures

	base         items // of the last sealed snapshot
	baseFailures failures
	sealed       []sealed
	seals        int // ever
}

type sealed struct {
	id       backup.SnapshotID
	items    items
	failures failures
	counts   catalog.Counts
	fresh    backup.Kinds
}

func folder(id string) backup.ItemRef { return backup.ItemRef{Kind: backup.Folder, ID: id} }

func (m *model) wanted(it catalog.Item) bool {
	base, ok := m.base[it.ItemRef]
	return it.Kind == backup.File && it.State == catalog.Complete && !m.stored[it.Content] && !(ok && same(base, it))
}

func same(a, b catalog.Item) bool { return gocmp.Equal(a, b, cmpopts.EquateEmpty()) }

func (m *model) put(it catalog.Item) {
	if old, ok := m.cur[it.ItemRef]; (!ok || !same(old, it)) && m.failed[it.ItemRef].content {
		delete(m.failed, it.ItemRef)
	}
	m.cur[it.ItemRef] = it
	if it.Kind == backup.Folder {
		delete(m.gone, it.ID)
	}
}

func (m *model) remove(ref backup.ItemRef) {
	delete(m.cur, ref)
	delete(m.failed, ref)
	if ref.Kind == backup.Folder {
		m.gone[ref.ID] = true
	}
}

func (m *model) listed(parent string, seen []backup.ItemRef) {
	for ref, it := range m.cur {
		if it.Parent == parent && !slices.Contains(seen, ref) {
			m.remove(ref)
		}
	}
}

func (m *model) settle() (unknown []string) {
	for again := true; again; {
		again = false
		for ref, it := range m.cur {
			if m.gone[it.Parent] || m.cur[folder(it.Parent)].State == catalog.Reference {
				m.remove(ref)
				again = true
			}
		}
	}
	missing, cyclic := map[string]bool{}, map[string]bool{}
	for ref, it := range m.cur {
		if _, ok := m.cur[folder(it.Parent)]; !ok && it.Parent != "0" {
			missing[it.Parent] = true
		}
		p := it.Parent
		for i := 0; p != "0" && i <= len(m.cur); i++ {
			p = m.cur[folder(p)].Parent
		}
		if p != "0" && ref.Kind == backup.Folder {
			cyclic[ref.ID] = true
		}
	}
	if len(missing) > 0 {
		return slices.Sorted(maps.Keys(missing))
	}
	return slices.Sorted(maps.Keys(cyclic))
}

func (m *model) store(c backup.Content) {
	for ref, f := range m.failed {
		if f.content && m.cur[ref].Content == c {
			delete(m.failed, ref)
		}
	}
	m.stored[c] = true
}

func (m *model) seal(id backup.SnapshotID) sealed {
	now := maps.Clone(m.cur)
	for ref, it := range now {
		if base, ok := m.base[ref]; ok && same(base, it) || !m.wanted(it) {
			continue
		}
		it.State = catalog.Absent
		if base, ok := m.base[ref]; ok && (base.State == catalog.Complete || base.State == catalog.Earlier) {
			it.Content, it.VersionID, it.State = base.Content, base.VersionID, catalog.Earlier
			it.ContentCreatedAt, it.ContentModifiedAt = base.ContentCreatedAt, base.ContentModifiedAt
		}
		now[ref] = it
	}
	for ref, f := range m.baseFailures {
		if _, again := m.failed[ref]; !again && (now[ref].State == catalog.Earlier || now[ref].State == catalog.Absent) {
			m.failed[ref] = f
		}
	}
	var c catalog.Counts
	var fresh backup.Kinds
	for ref, it := range now {
		base, known := m.base[ref]
		written := int64(0)
		if !known {
			c.New++
			written = 1
		} else if !same(base, it) {
			c.Changed++
			written = 1
		}
		switch ref.Kind {
		case backup.Folder:
			c.Folders++
			fresh.Folders += written
		case backup.File:
			c.Files++
			fresh.Files += written
		default:
			c.WebLinks++
			fresh.WebLinks += written
		}
		c.Bytes += it.Content.Size
	}
	for ref := range m.base {
		if _, ok := now[ref]; !ok {
			c.Removed++
		}
	}
	c.Failed = int64(len(m.failed))
	s := sealed{id, now, m.failed, c, fresh}
	m.sealed = append(m.sealed, s)
	m.seals++
	m.base, m.baseFailures, m.cur = now, m.failed, maps.Clone(now)
	m.failed, m.gone = failures{}, map[string]bool{}
	return s
}

// expire leaves the model with these snapshots. What none of them has is not
// known to be stored any more.
func (m *model) expire(kept []sealed) {
	m.sealed = kept
	for c := range m.stored {
		used := false
		for _, all := range append([]sealed{{items: m.cur}}, kept...) {
			for _, it := range all.items {
				used = used || it.Kind == backup.File && it.Content == c
			}
		}
		if !used {
			delete(m.stored, c)
		}
	}
}
