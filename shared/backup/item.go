package backup

import (
	"fmt"
	"strings"
)

// ItemKind is what an item is. Box numbers each kind separately, so an id
// means something only together with its kind.
type ItemKind string

// The kinds of items, spelled as Box spells them.
const (
	Folder  ItemKind = "folder"
	File    ItemKind = "file"
	WebLink ItemKind = "web_link"
)

// Kinds counts items of each kind.
type Kinds struct {
	Files, Folders, WebLinks int64
}

// RootFolder is Box's id of every Box user's root folder.
const RootFolder = "0"

// ItemRef identifies an item of a Box user for the item's life.
type ItemRef struct {
	Kind ItemKind `json:"kind"`
	ID   string   `json:"id"`
}

// String returns "kind:id".
func (r ItemRef) String() string { return string(r.Kind) + ":" + r.ID }

// ParseItemRef reads what ItemRef.String writes.
func ParseItemRef(s string) (ItemRef, error) {
	kind, id, ok := strings.Cut(s, ":")
	switch k := ItemKind(kind); {
	case !ok || id == "":
	case k == Folder, k == File, k == WebLink:
		return ItemRef{Kind: k, ID: id}, nil
	}
	return ItemRef{}, fmt.Errorf("item %q: want folder:ID, file:ID or web_link:ID", s)
}
