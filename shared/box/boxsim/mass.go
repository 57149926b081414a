package boxsim

import (
	"fmt"
	"math/rand/v2"
	"strconv"

	"coffer/shared/backup"
)

// Mass says what a very large account looks like. Its contents are recipes, so
// an item takes about a kilobyte of memory, however large its content.
type Mass struct {
	Seed  uint64
	Files int // in folders of about PerFolder, at all depths
	// PerFolder is how many files a folder holds on average; 0 means 25.
	PerFolder int
	// Wide is how many more files one folder holds, called Everything.
	Wide int
	// Min and Max bound the files' sizes; most are small. 0 means 1 to 4,096
	// bytes.
	Min, Max int64
}

// Grow gives the user the items, all older than the event log, in a folder of
// its own for each call. No two contents are equal. It returns the folder's id.
func (s *Sim) Grow(id backup.BoxUserID, m Mass) (folder string, err error) {
	if m.PerFolder == 0 {
		m.PerFolder = 25
	}
	if m.Max == 0 {
		m.Min, m.Max = 1, 4096
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	g := &generator{Sim: s, rng: rand.New(rand.NewPCG(m.Seed, 13)), user: s.Users[string(id)]} // #nosec G404
	top := root(g.user)
	name := "Mass " + strconv.FormatUint(m.Seed, 10)
	if err := s.vacant(top, name, backup.Folder, nil); err != nil {
		return "", fmt.Errorf("mass %d: %w", m.Seed, err)
	}
	top = g.folder(top, name)
	folders := []*item{top}
	for i := range m.Files {
		if i%m.PerFolder == 0 && i > 0 {
			// Most folders are in one made lately, as projects are.
			under := folders[len(folders)-1-g.rng.IntN(min(len(folders), 40))]
			if len(folders)%7 == 0 {
				under = top
			}
			folders = append(folders, g.folder(under, fmt.Sprintf("%s %d", pick(words, g.rng.IntN(len(words))), i)))
		}
		g.mass(folders[len(folders)-1], m, i)
	}
	if m.Wide > 0 {
		wide := g.folder(top, "Everything")
		for i := range m.Wide {
			g.mass(wide, m, m.Files+i)
		}
	}
	return top.ID, nil
}

// mass makes the nth file.
func (g *generator) mass(in *item, m Mass, n int) {
	it := &item{
		ItemRef: FileRef(g.nextID("file")),
		Name:    fmt.Sprintf("%s %d%s", pick(words, g.rng.IntN(len(words))), n, pick(extensions, n)),
	}
	size := m.Min + g.rng.Int64N(m.Max-m.Min+1)
	if m.Max > 8*m.Min && n%4 > 0 { // three of four are in the lower quarter
		size = m.Min + g.rng.Int64N((m.Max-m.Min)/4+1)
	}
	sum, err := g.contents.make(recipe{Text: n%3 > 0, Seed: m.Seed<<32 | uint64(n), Size: size}) // #nosec G115 -- an index
	if err != nil {
		panic(err) // a recipe cannot fail
	}
	g.stack(g.user, it, content{SHA1: sum, Size: size})
	g.place(it, in)
}

// UploadSparse creates a file of any size whose bytes repeat every 64 KiB. They
// cost next to nothing to make, so a size of 100 GB takes a minute, for its
// SHA-1 alone. They compress to next to nothing too: such a file says much about
// offsets, parts and resuming, and little about how fast bytes are stored.
func (s *Sim) UploadSparse(as backup.BoxUserID, parent, name string, size int64, seed uint64) (id string, err error) {
	sum, err := s.contents.make(recipe{Seed: seed, Size: size, Sparse: true})
	if err != nil {
		return "", err
	}
	return s.create(as, parent, name, content{SHA1: sum, Size: size})
}
