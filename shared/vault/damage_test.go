package vault_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/backup"
	"coffer/shared/vault"
)

// wantDamage verifies the vault and fails where nothing is found damaged.
func (k *kit) wantDamage(t *testing.T, what string) {
	t.Helper()
	report, err := k.Verify(t.Context())
	if err != nil || len(report.Damaged) == 0 {
		t.Errorf("%s: not noticed (%+v, %v)", what, report, err)
	}
}

// filled returns a vault with one small pack, and that pack's file and bytes.
func filled(t *testing.T) (*kit, string, []byte) {
	t.Helper()
	k := newSmallKit(t)
	k.store(t, []byte("one"), []byte{}, text(1, 500), noise(1, 100))
	file := k.packs(t)[0]
	b, err := os.ReadFile(file)
	check(t, err)
	return k, file, b
}

func TestEveryChangedByteOfAPackIsNoticed(t *testing.T) {
	t.Parallel()
	k, file, pack := filled(t)
	for i := range pack {
		bad := bytes.Clone(pack)
		bad[i] ^= 1 << (i % 8)
		check(t, os.WriteFile(file, bad, 0o600))
		k.wantDamage(t, fmt.Sprintf("byte %d of %d", i, len(pack)))
	}
	check(t, os.WriteFile(file, pack, 0o600))
	report, err := k.Verify(t.Context())
	check(t, err)
	if len(report.Damaged) != 0 {
		t.Errorf("damage %+v in a pack that is whole", report.Damaged)
	}
}

func TestEveryShortenedPackIsNoticed(t *testing.T) {
	t.Parallel()
	k, file, pack := filled(t)
	for n := range pack {
		check(t, os.WriteFile(file, pack[:n], 0o600))
		k.wantDamage(t, fmt.Sprintf("%d of %d bytes", n, len(pack)))
	}
	check(t, os.Remove(file))
	k.wantDamage(t, "no pack")
}

func TestEveryChangeOfARowIsNoticed(t *testing.T) {
	t.Parallel()
	k := newSmallKit(t)
	large := noise(1, 250_000)
	check(t, k.StoreLarge(t.Context(), contentOf(large), sourceOf(large), never))
	k.store(t, []byte("a neighbour"), text(1, 5000))
	small := k.row(t, text(1, 5000))
	try := func(what string, base vault.Row, change func(*vault.Row)) {
		row := base
		row.Key, row.Parts = bytes.Clone(base.Key), slices.Clone(base.Parts)
		change(&row)
		index := vault.NewMemory()
		check(t, index.Put(t.Context(), testID, []vault.Row{row}))
		v, err := vault.Open(t.Context(), testID, k.sealed, k.objects, index, k.keys)
		check(t, err)
		bad := &kit{Vault: v}
		if _, err := bad.read(t.Context(), row.Content); err == nil {
			t.Errorf("%s: not noticed", what)
		}
	}
	for i := range small.Key {
		try(fmt.Sprintf("byte %d of the key", i), small, func(r *vault.Row) { r.Key[i] ^= 4 })
	}
	for i := range 32 {
		try(fmt.Sprintf("bit %d of the CRC-32", i), small, func(r *vault.Row) { r.CRC32 ^= 1 << i })
		try(fmt.Sprintf("bit %d of the offset", i), small, func(r *vault.Row) { r.Parts[0].Offset ^= 1 << i })
		try(fmt.Sprintf("bit %d of the length", i), small, func(r *vault.Row) { r.Parts[0].Length ^= 1 << i })
		try(fmt.Sprintf("bit %d of the size", i), small, func(r *vault.Row) { r.Content.Size ^= 1 << i })
	}
	for i := range 160 {
		try(fmt.Sprintf("bit %d of the SHA-1", i), small, func(r *vault.Row) { r.Content.SHA1[i/8] ^= 1 << (i % 8) })
	}
	big, neighbour := k.row(t, large), k.row(t, []byte("a neighbour"))
	for what, change := range map[string]func(*vault.Row){
		"another format":     func(r *vault.Row) { r.Format++ },
		"another pack":       func(r *vault.Row) { r.Parts[0].Pack = neighbour.Parts[0].Pack },
		"no pack":            func(r *vault.Row) { r.Parts[0].Pack = "none" },
		"another's content":  func(r *vault.Row) { r.Content = neighbour.Content },
		"another's key":      func(r *vault.Row) { r.Key = neighbour.Key },
		"parts swapped":      func(r *vault.Row) { slices.Reverse(r.Parts) },
		"last part missing":  func(r *vault.Row) { r.Parts = r.Parts[:2] },
		"first part missing": func(r *vault.Row) { r.Parts = r.Parts[1:] },
		"part twice":         func(r *vault.Row) { r.Parts = append(r.Parts, r.Parts[2]) },
		"no parts":           func(r *vault.Row) { r.Parts = nil },
	} {
		try(what, big, change)
	}
}

func TestVerifyNamesWhatIsDamaged(t *testing.T) {
	t.Parallel()
	k := newSmallKit(t)
	large := noise(1, 250_000)
	check(t, k.StoreLarge(t.Context(), contentOf(large), sourceOf(large), never))
	k.store(t, text(1, 5000))
	k.store(t, text(2, 5000))
	big, small, moved := k.row(t, large), k.row(t, text(1, 5000)), k.row(t, text(2, 5000))
	pack := func(p vault.Part) string { return filepath.Join(k.dir, testID.Packs()+p.Pack) }

	first, err := os.ReadFile(pack(big.Parts[0]))
	check(t, err)
	first[100] ^= 1 // in the section
	check(t, os.WriteFile(pack(big.Parts[0]), first, 0o600))
	check(t, os.Remove(pack(big.Parts[2])))
	whole, err := os.ReadFile(pack(small.Parts[0]))
	check(t, err)
	whole[len(whole)-20] ^= 1 // in the index
	check(t, os.WriteFile(pack(small.Parts[0]), whole, 0o600))
	moved.Parts = []vault.Part{{Pack: moved.Parts[0].Pack, Offset: 1, Length: moved.Parts[0].Length}}
	check(t, k.index.Put(t.Context(), testID, []vault.Row{moved}))

	report, err := k.Verify(t.Context())
	check(t, err)
	got := map[vault.Damage]bool{}
	for _, d := range report.Damaged {
		if !errors.Is(d.Err, vault.ErrDamaged) {
			t.Errorf("%+v is no damage", d)
		}
		got[vault.Damage{Content: d.Content, Pack: d.Pack}] = true
	}
	want := map[vault.Damage]bool{
		{Content: big.Content, Pack: big.Parts[0].Pack}: true,
		{Content: big.Content, Pack: big.Parts[2].Pack}: true,
		{Pack: small.Parts[0].Pack}:                     true,
		{Content: moved.Content}:                        true,
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("damaged (-got +want):\n%s", diff)
	}
}

func TestWhatIsErasedOrRewrittenMeanwhileIsNotDamaged(t *testing.T) {
	t.Parallel()
	k := newSmallKit(t)
	k.store(t, text(1, 5000))
	old := k.row(t, text(1, 5000))
	check(t, os.Remove(k.packs(t)[0]))
	again := newSmallKit(t)
	again.store(t, text(1, 5000)) // another vault, whose rows are newer
	check(t, os.CopyFS(k.dir, os.DirFS(again.dir)))
	for what, rows := range map[string][]vault.Row{"erased": nil, "rewritten": {again.row(t, text(1, 5000))}} {
		index := vault.NewMemory()
		check(t, index.Put(t.Context(), testID, rows))
		v, err := vault.Open(t.Context(), testID, again.sealed, k.objects, index, again.keys)
		check(t, err)
		if found, err := v.Check(t.Context(), old); err != nil || len(found) > 0 {
			t.Errorf("%s: %v, %v", what, found, err)
		}
	}
	if found, err := k.CheckPack(t.Context(), old.Parts[0].Pack, 5000); err != nil || len(found) > 0 {
		t.Errorf("pruned pack: %v, %v", found, err)
	}
}

func (k *kit) row(t *testing.T, b []byte) vault.Row {
	t.Helper()
	rows, err := k.index.Rows(t.Context(), testID, []backup.Content{contentOf(b)})
	check(t, err)
	return rows[contentOf(b)]
}

func TestPackOfAnotherVaultIsNoticed(t *testing.T) {
	t.Parallel()
	k, file, pack := filled(t)
	other := newKit(t)
	other.store(t, []byte("one"))
	theirs, err := os.ReadFile(other.packs(t)[0])
	check(t, err)
	check(t, os.WriteFile(file, theirs, 0o600))
	k.wantDamage(t, "the pack of another vault")
	check(t, os.WriteFile(file, pack, 0o600))
	check(t, os.WriteFile(filepath.Join(filepath.Dir(file), "renamed"), pack, 0o600))
	k.wantDamage(t, "a pack under another name")
}

func TestCatalogsComeBack(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	for i, b := range [][]byte{{}, []byte("SQLite format 3"), noise(1, 300_000), text(2, 3_000_000)} {
		s, err := k.PutCatalog(t.Context(), "11", fmt.Sprint("generation-", i), bytes.NewReader(b))
		check(t, err)
		if !bytes.Equal(k.catalog(t, s), b) {
			t.Errorf("catalog %d: other bytes came back", i)
		}
	}
	if _, err := k.PutCatalog(t.Context(), "11", "generation-1", bytes.NewReader([]byte("another"))); err == nil {
		t.Error("a generation was written twice")
	}
}

func TestEveryChangedByteOfACatalogIsNoticed(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	s, err := k.PutCatalog(t.Context(), "11", "g", bytes.NewReader(text(1, 1500)))
	check(t, err)
	file := filepath.Join(k.dir, s.Object)
	whole, err := os.ReadFile(file)
	check(t, err)
	wantDamaged := func(what string, s vault.Sealed) {
		t.Helper()
		if err := k.GetCatalog(t.Context(), s, temp(t)); !errors.Is(err, vault.ErrDamaged) {
			t.Errorf("%s: %v, want damaged", what, err)
		}
	}
	for i := range whole {
		bad := bytes.Clone(whole)
		bad[i] ^= 1 << (i % 8)
		check(t, os.WriteFile(file, bad, 0o600))
		wantDamaged(fmt.Sprintf("byte %d", i), s)
		check(t, os.WriteFile(file, whole[:i], 0o600))
		wantDamaged(fmt.Sprintf("%d of %d bytes", i, len(whole)), s)
	}
	check(t, os.WriteFile(file, whole, 0o600))
	other, err := k.PutCatalog(t.Context(), "12", "g", bytes.NewReader(text(1, 1500)))
	check(t, err)
	for what, change := range map[string]func(*vault.Sealed){
		"size":             func(s *vault.Sealed) { s.Size++ },
		"SHA-256":          func(s *vault.Sealed) { s.SHA256 = noise(1, 32) },
		"key":              func(s *vault.Sealed) { s.Key[20] ^= 1 },
		"another's object": func(s *vault.Sealed) { s.Object = other.Object },
		"another's key":    func(s *vault.Sealed) { s.Key = other.Key },
	} {
		bad := s
		bad.Key = bytes.Clone(s.Key)
		change(&bad)
		wantDamaged(what, bad)
	}
	check(t, os.Remove(file))
	wantDamaged("no object", s)
}
