package archiver

import (
	"slices"

	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/task"
)

// dirty is what events and hints point at.
type dirty map[backup.ItemRef]*mark

// mark is what they say of one item. It decides how to look, never what is
// there.
type mark struct {
	parent  string // the folder that they name
	several bool   // they name different folders
	renewed bool   // a folder whose whole content may be new
	deleted bool
	lost    bool // all they say is that it may belong to another owner now
	actors  []backup.BoxUserID
	owners  []backup.BoxUserID // who had it when an event told of it
}

func (d dirty) at(ref backup.ItemRef, parent string, actor, owner backup.BoxUserID) *mark {
	m := d[ref]
	if m == nil {
		m = &mark{parent: parent, lost: true}
		d[ref] = m
	}
	switch {
	case parent == "" || parent == m.parent:
	case m.parent == "":
		m.parent = parent
	default:
		m.several = true
	}
	if actor != "" && !slices.Contains(m.actors, actor) {
		m.actors = append(m.actors, actor)
	}
	if owner != "" && !slices.Contains(m.owners, owner) {
		m.owners = append(m.owners, owner)
	}
	return m
}

// add notes what an event of the Box user's own stream points at.
func (d dirty) add(e *box.Event) {
	if e.Item == nil || e.Item.ID == "" || e.Looked() {
		return
	}
	switch e.Item.Kind {
	case backup.Folder, backup.File, backup.WebLink:
	default:
		return
	}
	m := d.at(e.Item.Ref(), e.Item.Parent.ID, backup.BoxUserID(e.CreatedBy.ID), backup.BoxUserID(e.Item.OwnedBy.ID))
	m.lost = false
	switch e.Type {
	case "ITEM_TRASH":
		m.deleted = true
	case "ITEM_UNDELETE_VIA_TRASH", "ITEM_COPY":
		m.renewed = e.Item.Kind == backup.Folder
	}
}

// hint notes a hint of the enterprise's stream, or of another run.
func (d dirty) hint(h task.Hint) {
	m := d.at(h.ItemRef, h.Parent, h.Actor, h.Owner)
	m.lost = m.lost && h.Lost
	m.several = m.several || h.Parent == "" && !h.Deleted
	m.renewed = m.renewed || h.Renewed
	m.deleted = m.deleted || h.Deleted
}
