package boxsim

import (
	"slices"
	"strings"
	"time"

	"coffer/shared/backup"
)

// Node is an item as it truly is.
type Node struct {
	backup.ItemRef
	Path, Parent, Name, Description, URL string // Path begins with a slash
	Tags                                 []string
	Content                              backup.Content // of a file
	VersionID                            string
	Versions                             int
	ContentCreated, ContentModified      time.Time
}

// Tree returns every active item that the user owns, ordered by path.
func (s *Sim) Tree(id backup.BoxUserID) []Node {
	s.mu.Lock()
	defer s.mu.Unlock()
	var nodes []Node
	var add func(folder, path string)
	add = func(folder, path string) {
		sh := s.shelves[shelfKey(folder, string(id))]
		if sh == nil {
			return
		}
		for _, it := range sh.children() {
			n := Node{
				ItemRef: it.ItemRef, Path: path + "/" + it.Name, Parent: it.Parent, Name: it.Name,
				Description: it.Description, URL: it.URL, Tags: slices.Clone(it.Tags),
				ContentCreated: it.ContentCreated, ContentModified: it.ContentModified,
			}
			if it.Kind == backup.File {
				v := it.current()
				n.Content.SHA1, _ = backup.ParseSHA1(v.SHA1) // it is ours
				n.Content.Size, n.VersionID, n.Versions = v.Size, v.ID, len(it.Versions)
			}
			nodes = append(nodes, n)
			if it.Kind == backup.Folder {
				add(it.ID, n.Path)
			}
		}
	}
	add(backup.RootFolder, "")
	slices.SortFunc(nodes, func(a, b Node) int { return strings.Compare(a.Path, b.Path) })
	return nodes
}

// Lookup finds the item at a path such as "/Reports/May.txt".
func (s *Sim) Lookup(id backup.BoxUserID, path string) (backup.ItemRef, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ref := FolderRef(backup.RootFolder)
	for name := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		sh := s.shelves[shelfKey(ref.ID, string(id))]
		if sh == nil || sh.names[fold(name)] == nil {
			return backup.ItemRef{}, false
		}
		ref = sh.names[fold(name)].ItemRef
	}
	return ref, true
}
