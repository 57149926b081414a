package boxsim

import (
	"fmt"
	"math/rand/v2"

	"coffer/shared/backup"
)

// Change is one thing that Mutate did.
type Change struct {
	What string // "edit", "rename", "move", "delete", "restore", "describe", "add file" or "add folder"
	Item backup.ItemRef
}

// Mutate changes n things at random in what the user owns, as a busy day
// would: new versions, new files and folders, renames, moves, descriptions,
// deletions and restores from the trash. Equal seeds on equal content change
// the same.
func (s *Sim) Mutate(id backup.BoxUserID, seed uint64, n int) ([]Change, error) {
	m := &mutation{Sim: s, id: id, rng: rand.New(rand.NewPCG(seed, 13))} // #nosec G404
	var done []Change
	for i := range n {
		change, err := m.step(i)
		if err != nil {
			return done, fmt.Errorf("change %d of user %s: %w", i, id, err)
		}
		done = append(done, change)
	}
	return done, nil
}

type mutation struct {
	*Sim
	id  backup.BoxUserID
	rng *rand.Rand
}

// choose returns a random active item of the kind, or false.
func (m *mutation) choose(kind backup.ItemKind) (backup.ItemRef, bool) {
	var refs []backup.ItemRef
	for _, n := range m.Tree(m.id) {
		if n.Kind == kind {
			refs = append(refs, n.ItemRef)
		}
	}
	if len(refs) == 0 {
		return backup.ItemRef{}, false
	}
	return refs[m.rng.IntN(len(refs))], true
}

// place returns a random folder, the root folder included.
func (m *mutation) place() string {
	if ref, ok := m.choose(backup.Folder); ok && m.rng.IntN(4) > 0 {
		return ref.ID
	}
	return backup.RootFolder
}

func (m *mutation) text() []byte {
	b := make([]byte, m.rng.IntN(4000))
	for i := range b {
		b[i] = "abcdefghijklmnopqrstuvwxyz \n"[m.rng.IntN(28)]
	}
	return b
}

// name returns a name that nothing has yet.
func (m *mutation) name(i int) string {
	return fmt.Sprintf("%s %x %d.txt", pick(words, m.rng.IntN(len(words))), m.rng.Uint32(), i)
}

func (m *mutation) step(i int) (Change, error) {
	file, found := m.choose(backup.File)
	what := m.rng.IntN(16)
	if !found {
		what = 15
	}
	switch {
	case what < 4:
		return Change{"edit", file}, m.NewVersion(m.id, file.ID, m.text())
	case what < 6:
		return Change{"rename", file}, m.Rename(m.id, file, m.name(i))
	case what < 8:
		return Change{"move", file}, m.Move(m.id, file, m.place())
	case what < 9:
		folder, ok := m.choose(backup.Folder)
		if to := m.place(); ok && !m.within(to, folder.ID) {
			return Change{"move", folder}, m.Move(m.id, folder, to)
		}
		return Change{"describe", file}, m.SetDescription(m.id, file, m.name(i))
	case what < 10:
		return Change{"describe", file}, m.SetDescription(m.id, file, m.name(i))
	case what < 12:
		return Change{"delete", file}, m.Delete(m.id, file)
	case what < 13:
		if ref, ok := m.restorable(); ok {
			return Change{"restore", ref}, m.Restore(m.id, ref)
		}
		return Change{"delete", file}, m.Delete(m.id, file)
	case what < 14:
		made, err := m.CreateFolder(m.id, m.place(), m.name(i))
		return Change{"add folder", FolderRef(made)}, err
	default:
		made, err := m.Upload(m.id, m.place(), m.name(i), m.text())
		return Change{"add file", FileRef(made)}, err
	}
}

// within reports whether a folder is the other one or lies in it.
func (m *mutation) within(folder, other string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for folder != backup.RootFolder {
		if folder == other {
			return true
		}
		folder = m.folder(folder).Parent
	}
	return false
}

// restorable returns the item trashed last whose place and name are still
// there.
func (m *mutation) restorable() (backup.ItemRef, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	list := m.trash[string(m.id)]
	for i := len(list) - 1; i >= 0; i-- {
		it := list[i]
		parent := m.parentOf(it)
		if !m.gone(parent) && m.vacant(parent, it.Name, it.Kind, nil) == nil {
			return it.ItemRef, true
		}
	}
	return backup.ItemRef{}, false
}
