package boxsim

import (
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"coffer/shared/backup"
)

// item is a file, folder or web link. Parent is the containing folder's id;
// backup.RootFolder stands for the root folder of Owner.
type item struct {
	backup.ItemRef
	Name, Description, URL          string
	Parent, Owner                   string
	CreatedBy, ModifiedBy           string
	Created, Modified               time.Time
	ContentCreated, ContentModified time.Time
	ETag, Seq                       int64
	Tags                            []string
	Versions                        []*version // of a file, oldest first; the last is the current one
	Trashed                         time.Time
	Shared                          *sharedLink
	Lock                            *lock
	Metadata                        map[string]object // by "scope.templateKey"
	Blocked                         bool              // a policy forbids the download
	Locks                           []*folderLock
}

type lock struct {
	ID, By            string
	Created, Expires  time.Time
	DownloadPrevented bool
}

// shelf holds the active children of one folder.
type shelf struct {
	names map[string]*item // by folded name
	order []*item          // by kind, then id; nil when it must be made again
	bytes int64            // of everything below
}

func shelfKey(folder, owner string) string {
	if folder == backup.RootFolder {
		return folder + "/" + owner
	}
	return folder
}

func (s *Sim) shelf(folder, owner string) *shelf {
	key := shelfKey(folder, owner)
	sh := s.shelves[key]
	if sh == nil {
		sh = &shelf{names: map[string]*item{}}
		s.shelves[key] = sh
	}
	return sh
}

// children returns the shelf's items ordered by kind and id.
func (sh *shelf) children() []*item {
	if sh.order == nil {
		sh.order = make([]*item, 0, len(sh.names))
		for _, it := range sh.names {
			sh.order = append(sh.order, it)
		}
		slices.SortFunc(sh.order, byKindAndID)
	}
	return sh.order
}

func byKindAndID(a, b *item) int {
	if a.Kind != b.Kind {
		return kindRank(a.Kind) - kindRank(b.Kind)
	}
	return compareIDs(a.ID, b.ID)
}

func compareIDs(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

// kindRank is the order in which Box lists the kinds.
func kindRank(k backup.ItemKind) int {
	return slices.Index([]backup.ItemKind{backup.Folder, backup.File, backup.WebLink}, k)
}

// fold maps names that Box holds to be equal to the same string.
func fold(name string) string { return strings.ToLower(norm.NFC.String(name)) }

// root returns the user's root folder, which is not stored.
func root(u *user) *item {
	return &item{
		ItemRef: backup.ItemRef{Kind: backup.Folder, ID: backup.RootFolder},
		Name:    "All Files", Owner: u.ID,
	}
}

func (it *item) isRoot() bool { return it.ID == backup.RootFolder }

// current returns a file's current version.
func (it *item) current() *version { return it.Versions[len(it.Versions)-1] }

// place puts the item into its parent.
func (s *Sim) place(it *item) {
	s.Items[it.ItemRef] = it
	sh := s.shelf(it.Parent, it.Owner)
	sh.names[fold(it.Name)] = it
	if n := len(sh.order); n > 0 && byKindAndID(sh.order[n-1], it) < 0 {
		sh.order = append(sh.order, it)
	} else {
		sh.order = nil
	}
	s.grow(it.Parent, it.Owner, s.bytes(it))
}

// displace takes the item out of its parent.
func (s *Sim) displace(it *item) {
	sh := s.shelf(it.Parent, it.Owner)
	delete(sh.names, fold(it.Name))
	sh.order = nil
	s.grow(it.Parent, it.Owner, -s.bytes(it))
}

// bytes returns the size of a file, or of everything below a folder.
func (s *Sim) bytes(it *item) int64 {
	switch it.Kind {
	case backup.File:
		return it.current().Size
	case backup.Folder:
		if sh := s.shelves[shelfKey(it.ID, it.Owner)]; sh != nil {
			return sh.bytes
		}
	}
	return 0
}

// grow adds to the size of a folder and of those above it.
func (s *Sim) grow(folder, owner string, bytes int64) {
	for bytes != 0 {
		s.shelf(folder, owner).bytes += bytes
		if folder == backup.RootFolder {
			return
		}
		above := s.folder(folder)
		if !above.Trashed.IsZero() {
			return
		}
		folder = above.Parent
	}
}

func (s *Sim) folder(id string) *item {
	return s.Items[backup.ItemRef{Kind: backup.Folder, ID: id}]
}

// above returns the folders that contain the item, nearest first, without the
// root folder.
func (s *Sim) above(it *item) []*item {
	var list []*item
	for !it.isRoot() && it.Parent != backup.RootFolder {
		it = s.folder(it.Parent)
		list = append(list, it)
	}
	return list
}

// gone reports whether the item or a folder above it is in the trash.
func (s *Sim) gone(it *item) bool {
	return !it.Trashed.IsZero() || slices.ContainsFunc(s.above(it), func(f *item) bool { return !f.Trashed.IsZero() })
}

// below calls visit for the item and everything in it that is not trashed on
// its own account, parents first.
func (s *Sim) below(it *item, visit func(*item)) {
	visit(it)
	if it.Kind != backup.Folder {
		return
	}
	if sh := s.shelves[shelfKey(it.ID, it.Owner)]; sh != nil {
		for _, child := range slices.Clone(sh.children()) {
			s.below(child, visit)
		}
	}
}

// touch notes a change of the item by the user.
func (s *Sim) touch(it *item, by *user) {
	it.ETag++
	it.Seq++
	it.Modified, it.ModifiedBy = s.now(), by.ID
}

// checkName refuses names that Box does not allow.
func checkName(name string) *failure {
	switch {
	case utf8.RuneCountInString(name) > 255:
		return refuse(http.StatusBadRequest, "item_name_too_long", "Item name too long")
	case name == "", name == ".", name == "..", !utf8.ValidString(name),
		strings.HasSuffix(name, " "),
		strings.ContainsFunc(name, func(r rune) bool { return r < 0x20 || r == 0x7f || r == '/' || r == '\\' }):
		return refuse(http.StatusBadRequest, "item_name_invalid", "Item name invalid")
	}
	return nil
}

// vacant refuses a name that is not allowed or is taken in the folder by an
// item other than self. Box lists the conflict in an array where a folder is
// concerned, and as one object otherwise.
func (s *Sim) vacant(parent *item, name string, kind backup.ItemKind, self *item) error {
	if f := checkName(name); f != nil {
		return f
	}
	taken := s.shelf(parent.ID, parent.Owner).names[fold(name)]
	if taken == nil || taken == self {
		return nil
	}
	f := refuse(http.StatusConflict, "item_name_in_use", "Item with the same name already exists")
	mini := s.mini(taken)
	if kind == backup.Folder {
		f.Context = object{"conflicts": []object{mini}}
	} else {
		f.Context = object{"conflicts": mini}
	}
	return f
}

// add creates an item without versions in the parent.
func (s *Sim) add(by *user, parent *item, kind backup.ItemKind, name string) (*item, error) {
	if err := s.vacant(parent, name, kind, nil); err != nil {
		return nil, err
	}
	now := s.now()
	return &item{
		ItemRef: backup.ItemRef{Kind: kind, ID: s.nextID(string(kind))},
		Name:    name, Parent: parent.ID, Owner: parent.Owner,
		CreatedBy: by.ID, ModifiedBy: by.ID,
		Created: now, Modified: now, ContentCreated: now, ContentModified: now,
	}, nil
}

// rename gives the item another name.
func (s *Sim) rename(by *user, it *item, name string) error {
	if name == it.Name {
		return nil
	}
	if err := s.vacant(s.parentOf(it), name, it.Kind, it); err != nil {
		return err
	}
	s.displace(it)
	it.Name = name
	s.place(it)
	s.touch(it, by)
	s.emit(by, it, "ITEM_RENAME", "RENAME")
	return nil
}

// parentOf returns the containing folder, which may be a root folder.
func (s *Sim) parentOf(it *item) *item {
	if it.Parent == backup.RootFolder {
		return root(s.Users[it.Owner])
	}
	return s.folder(it.Parent)
}

// move puts the item into another folder, whose owner becomes its owner.
func (s *Sim) move(by *user, it, parent *item, name string) error {
	if parent.ID == it.Parent && parent.Owner == it.Owner {
		return s.rename(by, it, name)
	}
	if it.Kind == backup.Folder && (parent.ID == it.ID || slices.Contains(s.above(parent), it)) {
		return refuse(http.StatusBadRequest, "cyclical_folder_structure", "Folder cannot be moved into itself")
	}
	if err := s.vacant(parent, name, it.Kind, it); err != nil {
		return err
	}
	s.displace(it)
	if it.Owner != parent.Owner {
		s.below(it, func(below *item) { below.Owner = parent.Owner })
	}
	it.Name, it.Parent = name, parent.ID
	s.place(it)
	s.touch(it, by)
	s.emit(by, it, "ITEM_MOVE", "MOVE")
	return nil
}
