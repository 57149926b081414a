package restorer_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
	"coffer/shared/job"
)

// furnish gives Bob a varied tree and returns what he has.
func (h *house) furnish(t *testing.T, files int) []node {
	t.Helper()
	rng := rand.New(rand.NewPCG(3, 4))
	folders := []string{backup.RootFolder}
	for i := range 6 {
		id, err := h.sim.CreateFolder(h.user, folders[rng.IntN(len(folders))], fmt.Sprintf("Folder %d", i))
		must(t, err)
		folders = append(folders, id)
	}
	must(t, h.sim.SetDescription(h.user, boxsim.FolderRef(folders[1]), "The first"))
	must(t, h.sim.SetTags(h.user, boxsim.FolderRef(folders[2]), "a", "b"))
	for i := range files {
		body := make([]byte, rng.IntN(300))
		for j := range body {
			body[j] = byte(rng.Uint32())
		}
		switch i % 10 {
		case 0:
			body = nil
		case 1, 2:
			body = []byte("the same content under many names")
		}
		at := time.Unix(1_600_000_000+int64(i)*1000, 0)
		id, err := h.sim.Upload(h.user, folders[rng.IntN(len(folders))], fmt.Sprintf("File %d.bin", i), body, at, at.Add(time.Hour))
		must(t, err)
		if i%4 == 0 {
			must(t, h.sim.SetDescription(h.user, boxsim.FileRef(id), fmt.Sprint("About ", i)))
			must(t, h.sim.SetTags(h.user, boxsim.FileRef(id), "tag"))
		}
	}
	link, err := h.sim.AddWebLink(h.user, folders[3], "A link", "https://example.com/?q=1&r=%20")
	must(t, err)
	must(t, h.sim.SetDescription(h.user, boxsim.WebLinkRef(link), "About the link"))
	return h.tree("")
}

// deleteAll deletes everything that Bob has.
func (h *house) deleteAll(t *testing.T) {
	t.Helper()
	for _, n := range h.sim.Tree(h.user) {
		if n.Parent == backup.RootFolder {
			must(t, h.sim.Delete(h.user, n.ItemRef))
		}
	}
}

// below is the path of the only folder that Coffer made.
func (h *house) below(t *testing.T) string {
	t.Helper()
	var made []string
	for _, n := range h.sim.Tree(h.user) {
		if n.Parent == backup.RootFolder && strings.HasPrefix(n.Name, "Restored by Coffer 20") && strings.Contains(n.Name, " UTC") {
			made = append(made, n.Path)
		}
	}
	if len(made) != 1 {
		t.Fatalf("folders made: %q, want one", made)
	}
	return made[0]
}

func TestDeletedItemsReturnBitForBitInEveryMode(t *testing.T) {
	t.Parallel()
	for _, mode := range []backup.RestoreMode{backup.NonDestructive, backup.Replace, backup.Bypass} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, boxsim.Options{Seed: 1})
			want := h.furnish(t, 60)
			snap := h.backUp(t)
			h.deleteAll(t)
			j := h.restore(t, snap, mode)
			wantJob(t, j, backup.JobSucceeded, int64(len(want)), 0, 0)
			below := ""
			if mode == backup.NonDestructive {
				below = h.below(t)
			}
			wantTree(t, h.tree(below), want)
			for _, e := range h.ledger(t, j) {
				if e.Outcome != job.Created || e.BoxID == "" {
					t.Errorf("the ledger says of %s %q: %s with id %q, want created", e.Ref, e.Name, e.Outcome, e.BoxID)
				}
			}
		})
	}
}

func TestNastyNamesReturn_B1(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 2})
	for i, name := range append(slices.Clone(boxsim.NastyNames), strings.Repeat("ü", 251)+".txt") {
		folder, err := h.sim.CreateFolder(h.user, backup.RootFolder, name)
		must(t, err)
		_, err = h.sim.Upload(h.user, folder, name, []byte(name))
		must(t, err)
		_, err = h.sim.AddWebLink(h.user, folder, fmt.Sprint("link ", i), "https://example.com/"+fmt.Sprint(i))
		must(t, err)
	}
	want := h.tree("")
	snap := h.backUp(t)
	h.deleteAll(t)
	j := h.restore(t, snap, backup.Replace)
	wantJob(t, j, backup.JobSucceeded, int64(len(want)), 0, 0)
	wantTree(t, h.tree(""), want)
}

func TestTwoThousandNastyNamesReturn_B1(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 3})
	var folder string
	for i := range 2000 {
		var err error
		if i%200 == 0 {
			folder, err = h.sim.CreateFolder(h.user, backup.RootFolder, fmt.Sprint(boxsim.NastyNames[i/200], i))
			must(t, err)
		}
		name := fmt.Sprint(boxsim.NastyNames[i%len(boxsim.NastyNames)], " ", i)
		if i%50 == 0 {
			name += strings.Repeat("ä", 255-len([]rune(name)))
		}
		_, err = h.sim.Upload(h.user, folder, name, []byte(name))
		must(t, err)
	}
	want := h.tree("")
	snap := h.backUp(t)
	h.deleteAll(t)
	j := h.restore(t, snap, backup.Bypass)
	wantJob(t, j, backup.JobSucceeded, int64(len(want)), 0, 0)
	wantTree(t, h.tree(""), want)
}

// TestModesKeepTheirPromises changes a tree in every way after its backup.
func TestModesKeepTheirPromises(t *testing.T) {
	t.Parallel()
	// Each line: a path, and the text in the file, "" for a folder.
	before := map[string]string{
		"/A": "", "/A/same": "same", "/A/edited": "old", "/A/renamed": "r", "/A/moved": "m", "/A/deleted": "d",
		"/A/twin": "twin old", "/A/swap1": "1", "/A/swap2": "2", "/A/kind": "k", "/A/F": "", "/A/F/in": "in",
		"/B": "", "/B/gone": "", "/B/gone/deep": "", "/B/gone/deep/x": "x",
	}
	change := func(h *house, t *testing.T) {
		at := func(path string) backup.ItemRef {
			ref, ok := h.sim.Lookup(h.user, path)
			if !ok {
				t.Fatalf("%s is missing", path)
			}
			return ref
		}
		must(t, h.sim.NewVersion(h.user, at("/A/edited").ID, []byte("new")))
		must(t, h.sim.Rename(h.user, at("/A/renamed"), "other name"))
		must(t, h.sim.Move(h.user, at("/A/moved"), at("/B").ID))
		must(t, h.sim.Delete(h.user, at("/A/deleted")))
		must(t, h.sim.Delete(h.user, at("/A/twin")))
		h.write(t, "/A/twin", "twin new")
		must(t, h.sim.Rename(h.user, at("/A/swap1"), "tmp"))
		must(t, h.sim.Rename(h.user, at("/A/swap2"), "swap1"))
		must(t, h.sim.Rename(h.user, at("/A/tmp"), "swap2"))
		must(t, h.sim.Delete(h.user, at("/A/kind")))
		h.write(t, "/A/kind", "")
		must(t, h.sim.Move(h.user, at("/A/F"), at("/B").ID))
		must(t, h.sim.Delete(h.user, at("/B/gone")))
		h.write(t, "/A/added", "since")
		h.write(t, "/B/F/added", "since")
	}
	for _, test := range []struct {
		mode          backup.RestoreMode
		done, skipped int64
		want          map[string]string
	}{
		{backup.Replace, 12, 4, map[string]string{
			"/A": "", "/A/same": "same", "/A/edited": "old", "/A/renamed": "r", "/A/moved": "m", "/A/deleted": "d",
			"/A/twin": "twin old", "/A/swap1": "1", "/A/swap2": "2", "/A/kind": "", "/A/kind (restored)": "k", "/A/F": "", "/A/F/in": "in",
			"/B": "", "/B/gone": "", "/B/gone/deep": "", "/B/gone/deep/x": "x", "/A/added": "since", "/A/F/added": "since",
		}},
		{backup.Bypass, 5, 11, map[string]string{
			"/A": "", "/A/same": "same", "/A/edited": "new", "/A/other name": "r", "/B/moved": "m", "/A/deleted": "d",
			"/A/twin": "twin new", "/A/swap1": "2", "/A/swap2": "1", "/A/kind": "", "/A/kind (restored)": "k", "/B/F": "", "/B/F/in": "in",
			"/B": "", "/B/gone": "", "/B/gone/deep": "", "/B/gone/deep/x": "x", "/A/added": "since", "/B/F/added": "since",
		}},
	} {
		t.Run(string(test.mode), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, boxsim.Options{Seed: 3})
			h.writeAll(t, before)
			snap := h.backUp(t)
			change(h, t)
			j := h.restore(t, snap, test.mode)
			wantJob(t, j, backup.JobSucceeded, test.done, test.skipped, 0)
			h.wantFiles(t, test.want)
			if e := h.ledger(t, j)["kind"]; !strings.Contains(e.Reason, "kind (restored)") {
				t.Errorf("the other name is not explained: %+v", e)
			}
			changed := h.sim.Tree(h.user)
			j = h.restore(t, snap, test.mode)
			if j.Done > 1 { // the item whose name is taken for good has to be created again
				t.Errorf("the same restore again changed %d items", j.Done)
			}
			if now := len(h.sim.Tree(h.user)); now > len(changed)+1 {
				t.Errorf("the same restore again created %d items", now-len(changed))
			}
		})
	}
	t.Run("non_destructive", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t, boxsim.Options{Seed: 3})
		h.writeAll(t, before)
		snap := h.backUp(t)
		change(h, t)
		untouched := h.sim.Tree(h.user)
		j := h.restore(t, snap, backup.NonDestructive)
		wantJob(t, j, backup.JobSucceeded, int64(len(before)), 0, 0)
		below := h.below(t)
		want := map[string]string{}
		for path, text := range before {
			want[below+path] = text
		}
		now := h.sim.Tree(h.user)
		if n := len(now) - len(untouched); n != len(before)+1 {
			t.Errorf("%d new items, want %d", n, len(before)+1)
		}
		for _, n := range untouched {
			if !slices.ContainsFunc(now, func(m boxsim.Node) bool { return fmt.Sprint(m) == fmt.Sprint(n) }) {
				t.Errorf("%s was touched", n.Path)
			}
		}
		for path := range want {
			if _, ok := h.sim.Lookup(h.user, path); !ok {
				t.Errorf("%s is missing", path)
			}
		}
	})
}

// write creates a file with the text, or a folder where it is "".
func (h *house) write(t *testing.T, path, text string) {
	t.Helper()
	dir, name := path[:strings.LastIndex(path, "/")], path[strings.LastIndex(path, "/")+1:]
	parent := backup.RootFolder
	if dir != "" {
		ref, ok := h.sim.Lookup(h.user, dir)
		if !ok {
			t.Fatalf("%s is missing", dir)
		}
		parent = ref.ID
	}
	var err error
	if text == "" {
		_, err = h.sim.CreateFolder(h.user, parent, name)
	} else {
		_, err = h.sim.Upload(h.user, parent, name, []byte(text))
	}
	must(t, err)
}

func (h *house) writeAll(t *testing.T, files map[string]string) {
	t.Helper()
	paths := make([]string, 0, len(files))
	for path := range files {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	for _, path := range paths {
		h.write(t, path, files[path])
	}
}

// wantFiles compares Bob's whole tree, given as writeAll takes it.
func (h *house) wantFiles(t *testing.T, want map[string]string) {
	t.Helper()
	other := boxsim.New(boxsim.Options{})
	bob := other.AddEnterprise("E").AddUser("B", "b@e.example", boxsim.Member)
	mirror := &house{sim: other, user: bob}
	mirror.writeAll(t, want)
	plain := func(nodes []node) []node {
		for i := range nodes {
			nodes[i].ContentCreated, nodes[i].ContentChanged = "", ""
		}
		return nodes
	}
	wantTree(t, plain(h.tree("")), plain(mirror.tree("")))
}

func TestChosenItemsReturnWithTheirFolders(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 4})
	h.writeAll(t, map[string]string{"/A": "", "/A/B": "", "/A/B/C": "", "/A/B/C/x": "x", "/A/B/C/y": "y", "/A/B/z": "z", "/D": "", "/D/w": "w"})
	x, _ := h.sim.Lookup(h.user, "/A/B/C/x")
	c, _ := h.sim.Lookup(h.user, "/A/B/C")
	snap := h.backUp(t)
	h.deleteAll(t)
	wantJob(t, h.restore(t, snap, backup.Bypass, x), backup.JobSucceeded, 4, 0, 0) // the file and its three folders
	h.wantFiles(t, map[string]string{"/A": "", "/A/B": "", "/A/B/C": "", "/A/B/C/x": "x"})

	// The folders exist under other ids by now, and one choice is inside another.
	j := h.restore(t, snap, backup.Replace, x, c, x)
	wantJob(t, j, backup.JobSucceeded, 1, 4, 0)
	h.wantFiles(t, map[string]string{"/A": "", "/A/B": "", "/A/B/C": "", "/A/B/C/x": "x", "/A/B/C/y": "y"})

	wantJob(t, h.restore(t, snap, backup.NonDestructive, c), backup.JobSucceeded, 5, 0, 0)
	below := h.below(t)
	for _, path := range []string{"/A/B/C/x", "/A/B/C/y"} {
		if _, ok := h.sim.Lookup(h.user, below+path); !ok {
			t.Errorf("%s is missing", path)
		}
	}
}
