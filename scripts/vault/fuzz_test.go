package main

import (
	"bytes"
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"coffer/shared/backup"
	"coffer/shared/vault"
	"coffer/shared/verifier"
)

// written is a recovery file with n contents.
func written(t testing.TB, n int) ([]byte, []contentRecord) {
	t.Helper()
	var out bytes.Buffer
	w := newLineWriter(&out)
	w.line(vaultRecord{Kind: vaultLine, Format: fileFormat, Account: "acme", Task: "files", Key: keyRecord{How: plainKey, Key: bytes.Repeat([]byte("k"), 32)}})
	w.line(userRecord{Kind: userLine, ID: "11", Login: "ada@acme.example", Catalog: []byte(`{"format":1}`)})
	w.line(snapshotRecord{Kind: snapshotLine, User: "11", ID: "s1"})
	w.line(userRecord{Kind: userLine, ID: "12"})
	random := rand.New(rand.NewPCG(1, 2))
	var contents []contentRecord
	for i := range n {
		c := contentRecord{Kind: contentLine, SHA1: backup.SHA1{byte(random.IntN(8))}, Size: int64(i), Format: vault.Format, Key: []byte("key")}
		for part := range random.IntN(40) {
			c.Parts = append(c.Parts, partRecord{Pack: fmt.Sprint("pack", part), Offset: 1, Length: 2})
		}
		contents = append(contents, c)
	}
	slices.SortFunc(contents, func(a, b contentRecord) int { return order(a.content(), b.content()) })
	for _, c := range contents {
		w.line(c)
	}
	must(t, w.end())
	return out.Bytes(), contents
}

func TestEveryContentIsFoundInARecoveryFile(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 2, 3, 500} {
		file, contents := written(t, n)
		r, err := readRecovery(bytes.NewReader(file), int64(len(file)))
		must(t, err)
		x := &index{recovery: r}
		all := []backup.Content{{Size: -1}, {SHA1: backup.SHA1{255}}, {SHA1: backup.SHA1{3}, Size: 1 << 40}}
		for _, c := range contents {
			all = append(all, c.content())
		}
		rows, err := x.Rows(t.Context(), vault.ID{}, all)
		must(t, err)
		if len(rows) != n {
			t.Errorf("%d of %d contents were found", len(rows), n)
		}
		for _, c := range contents {
			if row := rows[c.content()]; row.Content != c.content() || len(row.Parts) != len(c.Parts) {
				t.Errorf("row of %s: %+v", c.content(), row)
			}
		}
		var walked int
		must(t, x.Walk(t.Context(), vault.ID{}, func(vault.Row) error { walked++; return nil }, nil))
		if walked != n {
			t.Errorf("%d of %d contents were walked", walked, n)
		}
	}
}

func TestDamagedRecoveryFileIsRefused(t *testing.T) {
	t.Parallel()
	file, _ := written(t, 2)
	for i := range file {
		bad := bytes.Clone(file)
		bad[i] ^= 1
		if _, err := readRecovery(bytes.NewReader(bad), int64(len(bad))); err == nil && !bytes.Contains(file[i:], []byte("\n")) {
			continue // the last line's end
		} else if err == nil {
			t.Errorf("byte %d: not noticed", i)
		}
		if i > 0 {
			if _, err := readRecovery(bytes.NewReader(file[:i]), int64(i)); err == nil {
				t.Errorf("the first %d bytes: not noticed", i)
			}
		}
	}
}

func FuzzReadRecovery(f *testing.F) {
	file, _ := written(f, 5)
	f.Add(file)
	f.Add([]byte("{\"kind\":\"vault\",\"format\":1}\n{\"kind\":\"content\"}\n{}\n"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := readRecovery(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			// What the checksum does not vouch for must not make a search hang or panic either.
			r = &recovery{file: bytes.NewReader(b), size: int64(len(b)), end: int64(len(b)), users: map[backup.BoxUserID]int64{"1": 0}}
		}
		x := &index{recovery: r}
		_, _ = x.Rows(t.Context(), vault.ID{}, []backup.Content{{Size: 1}, {SHA1: backup.SHA1{200}}})
		_ = x.Walk(t.Context(), vault.ID{}, func(vault.Row) error { return nil }, nil)
		for u, err := range r.boxUsers(t.Context()) {
			if err != nil {
				break
			}
			for _, err := range r.snapshots(t.Context(), u) {
				if err != nil {
					break
				}
			}
		}
	})
}

func FuzzFileName(f *testing.F) {
	for _, name := range append(nasty, "", ".", "a/b", "a\\b", "\xff\xfe", "aux.txt", strings.Repeat("x", 300)+".pdf", "."+strings.Repeat("y", 300),
		"con .txt", "Aux  ", "CONIN$", "conout$.log", strings.Repeat("z", maxName-1)+" b", strings.Repeat("z", maxName-2)+"..b"+strings.Repeat("c", 30)) {
		f.Add(name, true, 2)
	}
	f.Fuzz(func(t *testing.T, name string, windows bool, n int) {
		for _, got := range []string{fileName(name, windows), other(fileName(name, windows), cmp.Or(max(n%maxTries, 1), 1))} {
			if got == "" || got == "." || got == ".." || len(got) > 255 || strings.ContainsAny(got, "/\\\x00\n") {
				t.Errorf("%q becomes %q", name, got)
			}
			if windows && (strings.ContainsAny(got, `<>:"|?*`) || strings.TrimRight(got, ". ") != got || device(got)) {
				t.Errorf("%q becomes %q, which Windows does not take", name, got)
			}
		}
	})
}

// device reports whether Windows takes a name for that of a device, as Go's
// package os sees it there: up to the first dot, without blanks at its end.
func device(name string) bool {
	base, _, _ := strings.Cut(strings.ToLower(name), ".")
	base = strings.TrimRight(base, " ")
	port := strings.HasPrefix(base, "com") || strings.HasPrefix(base, "lpt")
	return slices.Contains([]string{"con", "prn", "aux", "nul", "conin$", "conout$"}, base) ||
		port && slices.Contains([]string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "¹", "²", "³"}, base[3:])
}

// An e-mail address may be somebody else's by now.
func TestBoxUsersWithTheSameAddressAreToldApart(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w := newLineWriter(&out)
	w.line(vaultRecord{Kind: vaultLine, Format: fileFormat, Account: "acme", Task: "files", Key: keyRecord{How: plainKey, Key: bytes.Repeat([]byte("k"), 32)}})
	for _, id := range []backup.BoxUserID{"11", "12"} {
		w.line(userRecord{Kind: userLine, ID: id, Login: "ada@acme.example"})
	}
	w.line(userRecord{Kind: userLine, ID: "13", Login: "bob@acme.example"})
	must(t, w.end())
	r, err := readRecovery(bytes.NewReader(out.Bytes()), int64(out.Len()))
	must(t, err)
	s := &source{Backup: &verifier.Backup{Users: r.boxUsers}}
	for name, want := range map[string]backup.BoxUserID{"11": "11", "12": "12", "BOB@acme.example": "13", "ada@acme.example": "", "": ""} {
		u, err := s.user(t.Context(), name)
		if u.ID != want || (err == nil) != (want != "") {
			t.Errorf("%q is Box user %q: %v", name, u.ID, err)
		}
	}
}
