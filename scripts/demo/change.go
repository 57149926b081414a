package demo

import (
	"fmt"
	"math/rand/v2"

	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
)

// Deleted is a file that was deleted in Box.
type Deleted struct {
	User backup.BoxUserID
	boxsim.Node
}

// Change does what people do in a week to each Box user's content: edits,
// renames, moves, new and deleted items. It returns what was done, counted by
// kind, and the deleted files. Everything follows from the seed.
func Change(box *boxsim.Sim, users []backup.BoxUserID, seed uint64) (map[string]int, []Deleted, error) {
	c := changes{box: box, rng: rand.New(rand.NewPCG(seed, 2)), done: map[string]int{}} // #nosec G404 -- made-up changes
	for _, u := range users {
		c.user(u)
	}
	return c.done, c.deleted, c.err
}

type changes struct {
	box     *boxsim.Sim
	rng     *rand.Rand
	done    map[string]int
	deleted []Deleted
	err     error // the first
}

// do counts a change, or keeps its error.
func (c *changes) do(kind string, err error) {
	if err == nil {
		c.done[kind]++
	} else if c.err == nil {
		c.err = fmt.Errorf("%s in Box: %w", kind, err)
	}
}

func (c *changes) user(u backup.BoxUserID) {
	var files, folders []boxsim.Node
	for _, n := range c.box.Tree(u) {
		switch n.Kind {
		case backup.File:
			files = append(files, n)
		case backup.Folder:
			folders = append(folders, n)
		}
	}
	c.rng.Shuffle(len(files), func(i, j int) { files[i], files[j] = files[j], files[i] })
	take := func() (boxsim.Node, bool) { // each file changes in one way
		if len(files) == 0 {
			return boxsim.Node{}, false
		}
		n := files[0]
		files = files[1:]
		return n, true
	}
	for range 1 + len(files)/20 {
		if n, ok := take(); ok {
			c.do("edits", c.box.NewVersion(u, n.ID, fmt.Appendf(nil, "edited %d\n%s\n", c.rng.Uint64(), n.Name)))
		}
		if n, ok := take(); ok {
			c.do("renames", c.box.Rename(u, n.ItemRef, "Renamed "+n.Name))
		}
		if n, ok := take(); ok && len(folders) > 0 {
			if to := folders[c.rng.IntN(len(folders))]; to.ID != n.Parent {
				c.do("moves", c.move(u, n, to.ID))
			}
		}
		if n, ok := take(); ok {
			c.do("deletions", c.box.Delete(u, n.ItemRef))
			c.deleted = append(c.deleted, Deleted{User: u, Node: n})
		}
		if n, ok := take(); ok {
			c.do("descriptions", c.box.SetDescription(u, n.ItemRef, "Described again"))
		}
	}
	folder, err := c.box.CreateFolder(u, backup.RootFolder, "New this week")
	c.do("folders", err)
	if err == nil {
		_, err = c.box.Upload(u, folder, "note \U0001f4dd.txt", []byte("written later\n"))
		c.do("uploads", err)
	}
	if len(folders) > 0 {
		n := folders[0]
		c.do("renamed folders", c.box.Rename(u, n.ItemRef, n.Name+" (archive)"))
	}
}

// move moves a file under a name that is free at its new place.
func (c *changes) move(u backup.BoxUserID, n boxsim.Node, to string) error {
	if err := c.box.Rename(u, n.ItemRef, "Moved "+n.ID+" "+n.Name); err != nil {
		return err
	}
	return c.box.Move(u, n.ItemRef, to)
}
