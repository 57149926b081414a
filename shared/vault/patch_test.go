package vault_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"coffer/shared/vault"
)

// temp is a new, empty file.
func temp(t testing.TB) *os.File {
	t.Helper()
	f, err := os.CreateTemp(t.TempDir(), "")
	check(t, err)
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// catalog reads a catalog.
func (k *kit) catalog(t testing.TB, s vault.Sealed) []byte {
	t.Helper()
	f := temp(t)
	check(t, k.GetCatalog(t.Context(), s, f))
	b, err := io.ReadAll(io.NewSectionReader(f, 0, 1<<40))
	check(t, err)
	return b
}

const page = 4096

// changed is b with some pages changed, and another length where it is asked for.
func changed(b []byte, seed uint64, length int, pages ...int) []byte {
	b = append(bytes.Clone(b), noise(seed, max(0, length-len(b)))...)[:length]
	for _, n := range pages {
		if at := n * page; at < len(b) {
			copy(b[at:min(len(b), at+page)], noise(seed+uint64(n), page))
		}
	}
	return b
}

// TestEveryStateOfAPatchedCatalogComesBack_I7 stores states of a file, each as
// what it has different from one before where that is possible.
func TestEveryStateOfAPatchedCatalogComesBack_I7(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	k.Patching.From = 2 * page
	made := 0
	rapid.Check(t, func(rt *rapid.T) {
		type stored struct {
			image vault.Image
			plain []byte
		}
		made++
		first := noise(uint64(made), rapid.IntRange(0, 40*page).Draw(rt, "size"))
		image, err := k.PutImage(t.Context(), "11", fmt.Sprint("base-", made), bytes.NewReader(first))
		check(t, err)
		all := []stored{{image, first}}
		for range rapid.IntRange(1, 15).Draw(rt, "states") {
			made++
			from := all[rapid.IntRange(0, len(all)-1).Draw(rt, "from")]
			if rapid.Bool().Draw(rt, "read first") {
				from.image, err = k.GetImage(t.Context(), from.image.Sealed, temp(t))
				check(t, err)
			}
			length := max(0, len(from.plain)+rapid.SampledFrom([]int{0, 0, page, -page, 1, -1, 5 * page}).Draw(rt, "longer"))
			plain := changed(from.plain, uint64(made), length, rapid.SliceOfN(rapid.IntRange(0, 45), 0, 4).Draw(rt, "pages")...)
			image, ok, err := k.PutPatch(t.Context(), "11", fmt.Sprint("patch-", made), from.image, bytes.NewReader(plain))
			check(t, err)
			if !ok {
				image, err = k.PutImage(t.Context(), "11", fmt.Sprint("base-", made), bytes.NewReader(plain))
				check(t, err)
			}
			all = append(all, stored{image, plain})
		}
		for n, s := range all {
			pointer, err := json.Marshal(s.image.Sealed)
			check(t, err)
			var sealed vault.Sealed
			check(t, json.Unmarshal(pointer, &sealed))
			if !bytes.Equal(k.catalog(t, sealed), s.plain) {
				rt.Fatalf("state %d, %d patches: other bytes came back", n, len(sealed.Patches))
			}
		}
	})
}

func TestPatchIsAsLargeAsTheChange(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	plain := noise(1, 2500*page) // above the usual PatchesFrom
	image, err := k.PutImage(t.Context(), "11", "base", bytes.NewReader(plain))
	check(t, err)
	for n := range 100 {
		plain = changed(plain, uint64(n), len(plain)+page, 7, 2000+n)
		next, ok, err := k.PutPatch(t.Context(), "11", fmt.Sprint("patch-", n), image, bytes.NewReader(plain))
		check(t, err)
		if !ok {
			if n != 12 {
				t.Errorf("%d patches were made, want 12", n)
			}
			break
		}
		if size := next.Sealed.StoredSize() - image.Sealed.StoredSize(); size < 3*page || size > 4*page {
			t.Errorf("a patch of three pages has %d bytes", size)
		}
		if len(next.Sealed.Objects()) != n+2 {
			t.Errorf("objects %v", next.Sealed.Objects())
		}
		image = next
	}
	image, err = k.PutImage(t.Context(), "11", "base 2", bytes.NewReader(plain))
	check(t, err)
	if _, ok, err := k.PutPatch(t.Context(), "11", "too much", image, bytes.NewReader(noise(2, len(plain)))); ok || err != nil {
		t.Errorf("everything has changed: patched %t, %v", ok, err)
	}
	small, err := k.PutImage(t.Context(), "11", "small", bytes.NewReader(plain[:1000*page]))
	check(t, err)
	if _, ok, err := k.PutPatch(t.Context(), "11", "patch of a small one", small, bytes.NewReader(plain[:1000*page])); ok || err != nil {
		t.Errorf("a small catalog was patched: %t, %v", ok, err)
	}
}

func TestEveryChangedByteOfAPatchIsNoticed(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	k.Patching.From = 1
	states := [][]byte{text(1, 20*page)}
	image, err := k.PutImage(t.Context(), "11", "base", bytes.NewReader(states[0]))
	check(t, err)
	for n := range 2 {
		states = append(states, changed(states[n], uint64(n), len(states[n]), n))
		var ok bool
		image, ok, err = k.PutPatch(t.Context(), "11", fmt.Sprint("patch-", n), image, bytes.NewReader(states[n+1]))
		if check(t, err); !ok {
			t.Fatal("no patch was made")
		}
	}
	wantDamaged := func(what string, s vault.Sealed) {
		t.Helper()
		if err := k.GetCatalog(t.Context(), s, temp(t)); !errors.Is(err, vault.ErrDamaged) {
			t.Errorf("%s: %v, want damaged", what, err)
		}
	}
	sealed := image.Sealed
	for n, p := range sealed.Patches {
		file := filepath.Join(k.dir, p.Object)
		whole, err := os.ReadFile(file)
		check(t, err)
		for i := 0; i < len(whole); i += 7 {
			bad := bytes.Clone(whole)
			bad[i] ^= 1 << (i % 8)
			check(t, os.WriteFile(file, bad, 0o600))
			wantDamaged(fmt.Sprintf("patch %d, byte %d", n, i), sealed)
			check(t, os.WriteFile(file, whole[:i], 0o600))
			wantDamaged(fmt.Sprintf("patch %d, %d of %d bytes", n, i, len(whole)), sealed)
		}
		check(t, os.Remove(file))
		wantDamaged("no object", sealed)
		check(t, os.WriteFile(file, whole, 0o600))
	}
	for what, change := range map[string]func(p []vault.Patch) []vault.Patch{
		"another order": func(p []vault.Patch) []vault.Patch { return []vault.Patch{p[1], p[0]} },
		"one left out":  func(p []vault.Patch) []vault.Patch { return p[1:] },
		"size":          func(p []vault.Patch) []vault.Patch { p[1].Size++; return p },
		"SHA-256":       func(p []vault.Patch) []vault.Patch { p[1].SHA256 = noise(1, 32); return p },
		"key":           func(p []vault.Patch) []vault.Patch { p[0].Key = p[1].Key; return p },
		"object":        func(p []vault.Patch) []vault.Patch { p[0].Object = p[1].Object; return p },
	} {
		bad := sealed
		bad.Patches = change(append([]vault.Patch(nil), sealed.Patches...))
		wantDamaged(what, bad)
	}
	if !bytes.Equal(k.catalog(t, sealed), states[2]) {
		t.Error("other bytes came back")
	}
}

const goldenPatches = "testdata/patches"

// goldenPatch is one patch in testdata/patches/catalog.json.
type goldenPatch struct {
	vault.Patch
	Key octets `json:"key"`
}

type goldenPatched struct {
	Account, Task string
	Catalog       goldenSealed
	Patches       []goldenPatch
}

func goldenStates() [][]byte {
	first := text(3, 30*page)
	second := changed(first, 4, 30*page+100, 3, 17)
	return [][]byte{first, second, changed(second, 5, 29*page, 3)}
}

func writeGoldenPatches(t *testing.T) {
	t.Helper()
	k := newKit(t)
	var err error
	k.Vault, err = vault.Open(t.Context(), testID, nil, k.objects, k.index, keyIs(goldenKey))
	check(t, err)
	k.Patching.From = 1
	states := goldenStates()
	image, err := k.PutImage(t.Context(), "11", "base", bytes.NewReader(states[0]))
	check(t, err)
	g := goldenPatched{Account: string(testID.Account), Task: string(testID.Task), Catalog: goldenSealed{image.Sealed, image.Sealed.Key}}
	for n, state := range states[1:] {
		var ok bool
		image, ok, err = k.PutPatch(t.Context(), "11", fmt.Sprint("patch-", n), image, bytes.NewReader(state))
		if check(t, err); !ok {
			t.Fatal("no patch was made")
		}
		p := image.Sealed.Patches[n]
		g.Patches = append(g.Patches, goldenPatch{p, p.Key})
	}
	check(t, os.RemoveAll(goldenPatches))
	check(t, os.CopyFS(goldenPatches, os.DirFS(k.dir)))
	b, err := json.MarshalIndent(g, "", "  ")
	check(t, err)
	check(t, os.WriteFile(filepath.Join(goldenPatches, "catalog.json"), append(b, '\n'), 0o600))
}

func TestReaderWrittenFromThePackageCommentReadsGoldenPatches(t *testing.T) {
	if *update {
		writeGoldenPatches(t)
	}
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(goldenPatches, "catalog.json"))
	check(t, err)
	var g goldenPatched
	check(t, json.Unmarshal(text, &g))
	states := goldenStates()

	stored := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join(goldenPatches, name))
		check(t, err)
		return b
	}
	key := unwrap(t, goldenKey, "coffer 1 catalog keys", g.Catalog.Key,
		bind("coffer 1 catalog key", g.Account, g.Task, g.Catalog.Object, g.Catalog.Size, fmt.Sprintf("%x", g.Catalog.SHA256)))
	got := unzstd(t, decrypt(t, key, stored(g.Catalog.Object), bind("coffer 1 catalog", g.Catalog.Object)))
	if !bytes.Equal(got, states[0]) {
		t.Error("the base has other bytes")
	}
	before := g.Catalog.SHA256
	for n, p := range g.Patches {
		key := unwrap(t, goldenKey, "coffer 1 catalog keys", p.Key,
			bind("coffer 1 catalog patch key", g.Account, g.Task, p.Object, p.Size, fmt.Sprintf("%x", p.SHA256), fmt.Sprintf("%x", before)))
		before = p.SHA256
		records := unzstd(t, decrypt(t, key, stored(p.Object), bind("coffer 1 catalog patch", p.Object)))
		got = append(got, make([]byte, max(0, int(p.Size)-len(got)))...)[:p.Size]
		for len(records) > 0 {
			at := page * int(binary.BigEndian.Uint32(records))
			size := min(page, len(records)-4)
			copy(got[at:], records[4:4+size])
			records = records[4+size:]
		}
		if !bytes.Equal(got, states[n+1]) {
			t.Errorf("state %d has other bytes", n+1)
		}
	}

	folder, err := vault.OpenFolder(goldenPatches)
	check(t, err)
	t.Cleanup(func() { check(t, folder.Close()) })
	v, err := vault.Open(t.Context(), testID, nil, folder, vault.NewMemory(), keyIs(goldenKey))
	check(t, err)
	sealed := g.Catalog.Sealed
	sealed.Format, sealed.Key = 2, g.Catalog.Key
	for _, p := range g.Patches {
		p.Patch.Key = p.Key
		sealed.Patches = append(sealed.Patches, p.Patch)
	}
	if !bytes.Equal((&kit{Vault: v}).catalog(t, sealed), states[2]) {
		t.Error("the package reads other bytes")
	}
}
