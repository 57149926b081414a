package vault_test

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
	"github.com/tink-crypto/tink-go/v2/streamingaead/subtle"

	"coffer/shared/backup"
	"coffer/shared/vault"
)

var update = flag.Bool("update", false, "rewrite golden files")

// The reader in this file is written from the package comment alone and uses
// nothing of the package but the words Row and Sealed. What it can read of
// testdata/v1, every later version must be able to read as well.

func bind(fields ...any) []byte {
	var b []byte
	for _, f := range fields {
		s := fmt.Sprint(f)
		b = binary.BigEndian.AppendUint32(b, uint32(len(s)))
		b = append(b, s...)
	}
	return b
}

// unwrap opens what is sealed with the wrapping key of that name.
func unwrap(t *testing.T, vaultKey []byte, info string, sealed, bound []byte) []byte {
	t.Helper()
	key, err := hkdf.Key(sha256.New, vaultKey, nil, info, 32)
	check(t, err)
	block, err := aes.NewCipher(key)
	check(t, err)
	gcm, err := cipher.NewGCM(block)
	check(t, err)
	plain, err := gcm.Open(nil, sealed[:12], sealed[12:], bound)
	check(t, err)
	return plain
}

// decrypt reads Tink's streaming AEAD.
func decrypt(t *testing.T, key, b, bound []byte) []byte {
	t.Helper()
	aead, err := subtle.NewAESGCMHKDF(key, "SHA256", 32, 64<<10, 0)
	check(t, err)
	r, err := aead.NewDecryptingReader(bytes.NewReader(b), bound)
	check(t, err)
	plain, err := io.ReadAll(r)
	check(t, err)
	return plain
}

func unzstd(t *testing.T, frame []byte) []byte {
	t.Helper()
	r, err := zstd.NewReader(bytes.NewReader(frame))
	check(t, err)
	defer r.Close()
	b, err := io.ReadAll(r)
	check(t, err)
	return b
}

func section(t *testing.T, key, b, bound []byte) []byte {
	t.Helper()
	plain := decrypt(t, key, b, bound)
	if plain[0] == 1 {
		return unzstd(t, plain[1:])
	}
	return plain[1:]
}

// golden is testdata/v1/vault.json. Its vault key is goldenKey.
type golden struct {
	Account, Task string
	Rows          []goldenRow
	Catalog       goldenSealed
}

// goldenRow and goldenSealed are written so that no scanner takes the wrapped
// keys for secrets.
type goldenRow struct {
	vault.Row
	Key octets
}

type goldenSealed struct {
	vault.Sealed
	Key octets `json:"key"`
}

type octets []byte

func (o octets) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "% x", []byte(o)), nil }

func (o *octets) UnmarshalText(b []byte) error {
	_, err := fmt.Sscanf(strings.ReplaceAll(string(b), " ", ""), "%x", (*[]byte)(o))
	return err
}

var goldenKey = bytes.Repeat([]byte("v"), 32)

func readGolden(t *testing.T) (g golden) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(goldenDir, "vault.json"))
	check(t, err)
	check(t, json.Unmarshal(b, &g))
	for i := range g.Rows {
		g.Rows[i].Row.Key = g.Rows[i].Key
	}
	g.Catalog.Sealed.Key = g.Catalog.Key
	return g
}

const goldenDir = "testdata/v1"

func goldenContents() [][]byte {
	return [][]byte{{}, []byte("one"), text(1, 3000), noise(1, 500), append(text(2, 1500), noise(2, 1000)...)}
}

// writeGolden stores the golden vault with the package, with parts of 1 kB for
// the last content.
func writeGolden(t *testing.T) {
	t.Helper()
	k := newKit(t)
	var err error
	k.Vault, err = vault.Open(t.Context(), testID, nil, k.objects, k.index, keyIs(goldenKey))
	check(t, err)
	k.SetSizes(1<<20, 1000)
	contents := goldenContents()
	last := contents[len(contents)-1]
	k.store(t, contents[:len(contents)-1]...)
	check(t, k.StoreLarge(t.Context(), contentOf(last), sourceOf(last), never))
	g := golden{Account: string(testID.Account), Task: string(testID.Task)}
	sealed, err := k.PutCatalog(t.Context(), "11", "generation", bytes.NewReader(text(3, 2000)))
	check(t, err)
	g.Catalog = goldenSealed{sealed, sealed.Key}
	for _, b := range contents {
		row := k.row(t, b)
		g.Rows = append(g.Rows, goldenRow{row, row.Key})
	}
	check(t, os.RemoveAll(goldenDir))
	check(t, os.CopyFS(goldenDir, os.DirFS(k.dir)))
	b, err := json.MarshalIndent(g, "", "  ")
	check(t, err)
	check(t, os.WriteFile(filepath.Join(goldenDir, "vault.json"), append(b, '\n'), 0o600))
}

func TestReaderWrittenFromThePackageCommentReadsTheGoldenVault(t *testing.T) {
	if *update {
		writeGolden(t)
	}
	t.Parallel()
	g := readGolden(t)
	packs := map[string][]byte{}
	for i, want := range goldenContents() {
		row := g.Rows[i]
		key := unwrap(t, goldenKey, "coffer 1 content keys", row.Key,
			bind("coffer 1 content key", g.Account, g.Task, row.Content.SHA1, row.Content.Size, row.CRC32))
		var got []byte
		for n, part := range row.Parts {
			pack, err := os.ReadFile(filepath.Join(goldenDir, "packs", g.Account, g.Task, part.Pack))
			check(t, err)
			packs[part.Pack] = pack
			got = append(got, section(t, key, pack[part.Offset:part.Offset+part.Length],
				bind("coffer 1 section", g.Account, g.Task, row.Content.SHA1, row.Content.Size, n))...)
		}
		if !bytes.Equal(got, want) || sha1.Sum(got) != [20]byte(row.Content.SHA1) {
			t.Errorf("content %d: other bytes were read", i)
		}
	}
	sections := 0
	for name, pack := range packs {
		trailer := pack[len(pack)-12:]
		if string(trailer[4:]) != "COFFER\x00\x01" {
			t.Errorf("pack %s ends with %q", name, trailer)
		}
		end := len(pack) - 12
		start := end - int(binary.BigEndian.Uint32(trailer))
		index := unwrap(t, goldenKey, "coffer 1 pack indexes", pack[start:end], bind("coffer 1 pack", g.Account, g.Task, name))
		for ; len(index) > 0; index = index[40:] {
			sections++
			start -= int(binary.BigEndian.Uint64(index[32:]))
		}
		if start != 0 {
			t.Errorf("pack %s has %d bytes that its index does not tell of", name, start)
		}
	}
	if sections != 7 {
		t.Errorf("%d sections, want one for each of 4 small contents and 3 parts", sections)
	}
	object, err := os.ReadFile(filepath.Join(goldenDir, g.Catalog.Object))
	check(t, err)
	key := unwrap(t, goldenKey, "coffer 1 catalog keys", g.Catalog.Key,
		bind("coffer 1 catalog key", g.Account, g.Task, g.Catalog.Object, g.Catalog.Size, fmt.Sprintf("%x", g.Catalog.SHA256)))
	if diff := cmp.Diff(text(3, 2000), unzstd(t, decrypt(t, key, object, bind("coffer 1 catalog", g.Catalog.Object)))); diff != "" {
		t.Error(diff)
	}
}

// keyIs is a Keys of one vault key that lies open.
type keyIs []byte

func (k keyIs) NewKey(_ context.Context, _ map[string]string) (plain, sealed []byte, err error) {
	return k, k, nil
}

func (k keyIs) Open(_ context.Context, _ []byte, _ map[string]string) ([]byte, error) { return k, nil }

func TestPackageReadsTheGoldenVault(t *testing.T) {
	t.Parallel()
	g := readGolden(t)
	folder, err := vault.OpenFolder(goldenDir)
	check(t, err)
	t.Cleanup(func() { check(t, folder.Close()) })
	index := vault.NewMemory()
	for _, row := range g.Rows {
		check(t, index.Put(t.Context(), testID, []vault.Row{row.Row}))
	}
	v, err := vault.Open(t.Context(), vault.ID{Account: backup.AccountID(g.Account), Task: backup.TaskID(g.Task)}, nil, folder, index, keyIs(goldenKey))
	check(t, err)
	k := &kit{Vault: v}
	for _, want := range goldenContents() {
		k.wantStored(t, want)
	}
	report, err := v.Verify(t.Context())
	check(t, err)
	if len(report.Damaged) != 0 || report.Packs != 4 {
		t.Errorf("report %+v, want 4 packs without damage", report)
	}
	if !bytes.Equal(k.catalog(t, g.Catalog.Sealed), text(3, 2000)) {
		t.Error("the catalog has other bytes")
	}
}
