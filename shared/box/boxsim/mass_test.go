package boxsim_test

import (
	"bytes"
	"crypto/sha1" // #nosec G505 -- Box's checksum
	"net/http"
	"runtime"
	"strings"
	"testing"

	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
)

func TestMassHasTheShapeAskedForAndFollowsFromItsSeed(t *testing.T) {
	t.Parallel()
	grow := func(seed uint64) []boxsim.Node {
		sim := boxsim.New(boxsim.Options{})
		ada := sim.AddEnterprise("Acme").AddUser("Ada", "ada@acme.example", boxsim.Admin)
		must(sim.Grow(ada, boxsim.Mass{Seed: seed, Files: 500, PerFolder: 20, Wide: 300, Min: 100, Max: 200}))(t)
		return sim.Tree(ada)
	}
	files, folders, wide, deepest := 0, 0, 0, 0
	contents := map[backup.Content]bool{}
	tree := grow(1)
	for _, n := range tree {
		if n.Kind == backup.Folder {
			folders++
			continue
		}
		files++
		contents[n.Content] = true
		deepest = max(deepest, strings.Count(n.Path, "/"))
		if strings.Contains(n.Path, "/Everything/") {
			wide++
		}
		if n.Content.Size < 100 || n.Content.Size > 200 {
			t.Errorf("%s has %d bytes", n.Path, n.Content.Size)
		}
	}
	if files != 800 || wide != 300 || folders != 500/20+1 || len(contents) != files || deepest < 4 {
		t.Errorf("got %d files, %d of them in one folder, %d contents, %d folders, %d deep", files, wide, len(contents), folders, deepest)
	}
	if again := grow(1); len(again) != len(tree) || again[400].Path != tree[400].Path || again[400].Content != tree[400].Content {
		t.Error("the same seed made other items")
	}
	if other := grow(2); other[400].Content == tree[400].Content {
		t.Error("another seed made the same items")
	}
}

func TestMassOfItemsTakesLittleMemory(t *testing.T) {
	const n = 50_000
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	sim := boxsim.New(boxsim.Options{})
	ada := sim.AddEnterprise("Acme").AddUser("Ada", "ada@acme.example", boxsim.Admin)
	must(sim.Grow(ada, boxsim.Mass{Files: n, Max: 100}))(t)
	each := float64(heap()-before) / n
	t.Logf("%.0f bytes an item", each)
	if each > 2000 {
		t.Errorf("an item takes %.0f bytes of memory, want at most 2,000", each)
	}
	runtime.KeepAlive(sim)
}

func TestSparseContentIsWhatItsChecksumSays(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	const size = 200<<20 + 12345
	id := must(b.UploadSparse(b.bob, "0", "disk.img", size, 3))(t)
	link := b.send(b.bob, "GET", "/2.0/files/"+id+"/content", nil)
	whole := b.follow(link).want(t, http.StatusOK).text
	if sum := sha1.Sum([]byte(whole)); len(whole) != size || b.Tree(b.bob)[0].Content != (backup.Content{SHA1: sum, Size: size}) { // #nosec G401
		t.Errorf("got %d bytes with SHA-1 %x", len(whole), sum)
	}
	if part := b.follow(link, "Range", "bytes=104857000-").want(t, http.StatusPartialContent).text; !bytes.Equal(part, whole[104857000:]) {
		t.Error("a range differs from the whole")
	}
}
