package main

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
	"coffer/shared/vault"
	"coffer/shared/verifier"
)

// nasty are names that a file system must not take as they are.
var nasty = []string{"..", "CON", "a:b", "trailing. ", "tab\there", strings.Repeat("ü", 200) + ".txt", "x", "X", "-rf", "$(id)"}

// furnish gives a Box user files of many kinds and names.
func furnish(t *testing.T, sim *boxsim.Sim, user backup.BoxUserID) {
	t.Helper()
	upload := func(folder, name, text string) {
		t.Helper()
		_, err := sim.Upload(user, folder, name, []byte(text))
		must(t, err)
	}
	deep := backup.RootFolder
	for i := range 5 {
		var err error
		deep, err = sim.CreateFolder(user, deep, fmt.Sprintf("level %d", i))
		must(t, err)
		upload(deep, "note.txt", fmt.Sprintf("note %d of %s", i, user))
	}
	upload(deep, "empty", "")
	upload(deep, "large.bin", strings.Repeat("0123456789abcdef", 1<<20)) // beyond a pack of small ones
	odd, err := sim.CreateFolder(user, backup.RootFolder, "odd")
	must(t, err)
	for i, name := range nasty {
		if _, err := sim.Upload(user, odd, name, fmt.Append(nil, "odd ", i)); err != nil {
			t.Logf("Box refuses %q: %v", name, err)
		}
	}
}

// extracted reads what an extraction wrote: files by path with their SHA-1.
func extracted(t *testing.T, dir string) (files map[string]string, entries []entry, sum totals) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, manifestFile))
	must(t, err)
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	for _, line := range lines[:len(lines)-1] {
		var e entry
		must(t, json.Unmarshal([]byte(line), &e))
		entries = append(entries, e)
	}
	must(t, json.Unmarshal([]byte(lines[len(lines)-1]), &sum))
	files = map[string]string{}
	for _, e := range entries {
		if e.File == "" || e.Kind != backup.File {
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, e.File))
		must(t, err)
		got := sha1.Sum(b)
		files[e.Path] = hex.EncodeToString(got[:])
		if info, err := os.Stat(filepath.Join(dir, e.File)); err != nil || !info.ModTime().Equal(e.Modified) {
			t.Errorf("%s: modified %v, want %v (%v)", e.Path, info.ModTime(), e.Modified, err)
		}
	}
	return files, entries, sum
}

// truth is what a Box user has, by path with SHA-1.
func truth(sim *boxsim.Sim, user backup.BoxUserID) map[string]string {
	files := map[string]string{}
	for _, n := range sim.Tree(user) {
		if n.Kind == backup.File {
			files[n.Path] = n.Content.SHA1.String()
		}
	}
	return files
}

func TestFolderAndRecoveryFileGiveBackWhatBoxHad(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "Ada", "Bob")
	for _, user := range h.users {
		furnish(t, h.sim, user)
	}
	bob := h.users[1]
	h.backUp(t, h.users[0])
	first := h.backUp(t, bob)
	then := truth(h.sim, bob)
	_, err := h.sim.Upload(bob, backup.RootFolder, "later.txt", []byte("later"))
	must(t, err)
	second := h.backUp(t, bob)

	passphrase := filepath.Join(t.TempDir(), "passphrase")
	must(t, os.WriteFile(passphrase, []byte("correct horse battery staple\n"), 0o600))
	bucket := h.download(t)
	from := []string{"-recovery", h.export(t, options{passphrase: passphrase}), "-bucket", bucket, "-passphrase", passphrase}
	with := func(words ...string) []string { return append(slices.Clone(from), words...) }

	users, err := say[struct{ Login, Latest string }](t, with("users")...)
	must(t, err)
	if len(users) != 2 || !slices.ContainsFunc(users, func(u struct{ Login, Latest string }) bool {
		return u.Login == "bob@acme.example" && u.Latest == string(second)
	}) {
		t.Errorf("users: %+v", users)
	}
	shots, err := say[struct{ ID backup.SnapshotID }](t, with("snapshots", "bob@acme.example")...)
	must(t, err)
	if len(shots) != 2 || shots[0].ID != second || shots[1].ID != first {
		t.Errorf("snapshots: %+v, want %s and %s", shots, second, first)
	}
	listed, err := say[entry](t, with("ls", string(bob), "latest", "/level 0")...)
	must(t, err)
	if len(listed) != 2 || listed[0].Path != "/level 0/level 1" || listed[1].SHA1 != then["/level 0/note.txt"] {
		t.Errorf("ls: %+v", listed)
	}
	reports, err := say[verifier.Report](t, with("verify")...)
	must(t, err)
	if r := reports[0]; len(r.Damaged) != 0 || r.Users != 2 || r.Snapshots != 3 || r.Packs == 0 {
		t.Errorf("verify: %+v", r)
	}
	for shot, want := range map[string]map[string]string{string(first): then, "latest": truth(h.sim, bob)} {
		dir := filepath.Join(t.TempDir(), "out")
		must(t, command(t.Context(), with("extract", "bob@acme.example", shot, "-to", dir), t.Output()))
		files, _, sum := extracted(t, dir)
		if diff := cmp.Diff(files, want); diff != "" {
			t.Errorf("snapshot %s (-extracted +Box):\n%s", shot, diff)
		}
		if sum.Files != int64(len(want)) || sum.Failed != 0 {
			t.Errorf("totals: %+v", sum)
		}
		if err := command(t.Context(), with("extract", string(bob), shot, "-to", dir), t.Output()); err == nil {
			t.Error("an extraction into a folder with files was not refused")
		}
	}
	dir := filepath.Join(t.TempDir(), "part")
	must(t, command(t.Context(), with("extract", "-windows", string(bob), "latest", "/odd", "-to", dir), t.Output()))
	files, entries, _ := extracted(t, dir)
	if want := len(files); want == 0 || want != len(entries)-1 {
		t.Errorf("%d files of %d entries", want, len(entries))
	}
	must(t, filepath.WalkDir(filepath.Join(dir, filesFolder), func(_ string, e fs.DirEntry, err error) error {
		if name := e.Name(); reserved.MatchString(name) || strings.ContainsAny(name, "<>:\"|?*\\\t") || strings.HasSuffix(name, " ") {
			t.Errorf("Windows does not take %q", name)
		}
		return err
	}))
}

// Who was in the enterprise can be read without the service too.
func TestListsOfPeopleAreExtractedAndVerified_D1(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "Ada")
	furnish(t, h.sim, h.users[0])
	h.backUp(t, h.users[0])
	v, err := h.Vault(t.Context(), h.task)
	must(t, err)
	for at, list := range map[string]string{"20260301T010000Z": "{}\n", "20260401T010000Z": "{\"format\": 1}\n"} {
		must(t, v.PutPeople(t.Context(), at, strings.NewReader(list)))
	}
	bucket := h.download(t)
	from := []string{"-recovery", h.export(t, options{plain: true}), "-bucket", bucket}
	with := func(words ...string) []string { return append(words, from...) }
	lists, err := say[struct{ List string }](t, with("people")...)
	must(t, err)
	if len(lists) != 2 || lists[1].List != "20260401T010000Z" {
		t.Errorf("the lists are %v", lists)
	}
	for name, want := range map[string]string{"latest": "{\"format\": 1}\n", "20260301T010000Z": "{}\n"} {
		to := filepath.Join(t.TempDir(), "people.jsonl")
		must(t, command(t.Context(), with("people", name, "-to", to), t.Output()))
		if got, err := os.ReadFile(to); err != nil || string(got) != want {
			t.Errorf("list %s is %q: %v", name, got, err)
		}
		if err := command(t.Context(), with("people", name, "-to", to), t.Output()); err == nil {
			t.Error("a file was written over")
		}
	}
	for _, name := range []string{"nothing", "../../../catalogs/acme/files"} {
		if err := command(t.Context(), with("people", name, "-to", filepath.Join(t.TempDir(), "no")), t.Output()); err == nil {
			t.Errorf("a list %s was extracted", name)
		}
	}
	reports, err := say[verifier.Report](t, with("verify")...)
	must(t, err)
	if reports[0].Lists != 2 || len(reports[0].Damaged) != 0 {
		t.Errorf("verify: %+v", reports[0])
	}
	object := filepath.Join(bucket, "people", "acme", "files", "20260301T010000Z")
	stored, err := os.ReadFile(object)
	must(t, err)
	stored[len(stored)-1] ^= 1
	must(t, os.WriteFile(object, stored, 0o600))
	reports, err = say[verifier.Report](t, with("verify")...)
	if err == nil || len(reports[0].Damaged) != 1 || reports[0].Damaged[0].Kind != verifier.People || reports[0].Damaged[0].Name != "people/acme/files/20260301T010000Z" {
		t.Errorf("verify: %+v, %v", reports, err)
	}
}

func TestTablesGiveTheSameAsTheRecoveryFile(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "Ada")
	furnish(t, h.sim, h.users[0])
	h.backUp(t, h.users[0])
	live := h.tables(t)
	report, err := live.Whole(t.Context())
	must(t, err)
	offline, err := say[verifier.Report](t, "verify", "-recovery", h.export(t, options{plain: true}), "-bucket", h.download(t))
	must(t, err)
	if diff := cmp.Diff(offline[0], report); diff != "" {
		t.Errorf("reports (-recovery file +tables):\n%s", diff)
	}
	for what, o := range map[string]options{"no way": {}, "two ways": {plain: true, kms: true}} {
		if _, err := live.keyRecord(t.Context(), o); err == nil {
			t.Errorf("a recovery file with %s to keep the key was written", what)
		}
	}
}

func TestDamagedFileIsLeftOutAndNamed(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "Ada")
	ada := h.users[0]
	furnish(t, h.sim, ada)
	h.backUp(t, ada)
	_, err := h.sim.Upload(ada, backup.RootFolder, "alone.txt", []byte(strings.Repeat("alone", 100)))
	must(t, err)
	before := map[string]bool{}
	dir := h.download(t)
	packs := func() []string {
		files, err := filepath.Glob(filepath.Join(dir, "packs/acme/files/*"))
		must(t, err)
		return files
	}
	for _, name := range packs() {
		before[filepath.Base(name)] = true
	}
	shot := h.backUp(t, ada)
	dir = h.download(t)
	var pack string
	for _, name := range packs() {
		if !before[filepath.Base(name)] {
			pack = name
		}
	}
	b, err := os.ReadFile(pack)
	must(t, err)
	b[50] ^= 8
	must(t, os.WriteFile(pack, b, 0o600))
	from := []string{"-recovery", h.export(t, options{plain: true}), "-bucket", dir}

	reports, err := say[verifier.Report](t, append(from, "verify")...)
	if err == nil {
		t.Error("verify succeeded")
	}
	want := []verifier.Damage{{
		Kind: verifier.Pack, Name: "packs/acme/files/" + filepath.Base(pack), Reason: reports[0].Damaged[0].Reason,
		Touched: []verifier.Touched{{BoxUser: ada, Login: "ada@acme.example", Snapshots: []backup.SnapshotID{shot}, Files: []string{"/alone.txt"}}},
	}}
	if diff := cmp.Diff(reports[0].Damaged, want); diff != "" {
		t.Errorf("damaged (-got +want):\n%s", diff)
	}
	out := filepath.Join(t.TempDir(), "out")
	if err := command(t.Context(), append(from, "extract", string(ada), "latest", "-to", out), t.Output()); err == nil {
		t.Error("extract succeeded")
	}
	files, entries, sum := extracted(t, out)
	rest := truth(h.sim, ada)
	delete(rest, "/alone.txt")
	if diff := cmp.Diff(files, rest); diff != "" || sum.Failed != 1 {
		t.Errorf("%d failed; the rest (-extracted +Box):\n%s", sum.Failed, diff)
	}
	for _, e := range entries {
		if (e.Path == "/alone.txt") != (e.Error != "") {
			t.Errorf("manifest: %+v", e)
		}
	}
	if _, err := os.Stat(filepath.Join(out, filesFolder, "alone.txt")); err == nil {
		t.Error("a damaged file was left in the folder")
	}
}

// withheld is a store that does not let one object be read.
type withheld struct {
	vault.Objects
	key string
	err error
}

func (o withheld) Get(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	if key == o.key {
		return nil, fmt.Errorf("read object %s: %w", key, o.err)
	}
	return o.Objects.Get(ctx, key, offset, length)
}

// TestWhatCannotBeReadIsNotCalledDamaged takes the permission for a pack away, and
// then the pack.
func TestWhatCannotBeReadIsNotCalledDamaged(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "Ada")
	ada := h.users[0]
	_, err := h.sim.Upload(ada, backup.RootFolder, "a.txt", []byte("the first file"))
	must(t, err)
	h.backUp(t, ada)
	dir := h.download(t)
	packs, err := filepath.Glob(filepath.Join(dir, "packs/acme/files/*"))
	must(t, err)
	_, err = h.sim.Upload(ada, backup.RootFolder, "b.txt", []byte("another one"))
	must(t, err)
	h.backUp(t, ada)
	dir = h.download(t)
	recovery := h.export(t, options{plain: true})
	object := "packs/acme/files/" + filepath.Base(packs[0])
	all, err := filepath.Glob(filepath.Join(dir, "packs/acme/files/*"))
	must(t, err)
	other := all[slices.IndexFunc(all, func(name string) bool { return filepath.Base(name) != filepath.Base(packs[0]) })]

	away := filepath.Join(dir, "away")
	for name, tt := range map[string]struct {
		err     error
		damaged int64
		code    int
	}{
		"permission": {fs.ErrPermission, 0, 1},
		"timeout":    {os.ErrDeadlineExceeded, 0, 1},
		"missing":    {fs.ErrNotExist, 1, 2},
	} {
		s, err := open(t.Context(), options{recovery: recovery, bucket: dir})
		must(t, err)
		folder, err := vault.OpenFolder(dir)
		must(t, err)
		plain, err := h.Tasks.Task(t.Context(), h.task.Account, h.task.ID)
		must(t, err)
		s.Vault, err = vault.Open(t.Context(), s.Vault.ID(), plain.VaultKey, withheld{folder, object, tt.err}, s.Index, h.tables(t).keys)
		must(t, err)
		out := filepath.Join(t.TempDir(), "out")
		err = s.extract(t.Context(), &printer{out: io.Discard}, extraction{user: string(ada), snapshot: "latest", path: "/", to: out})
		files, _, sum := extracted(t, out)
		if err == nil || exitCode(err) != tt.code || sum.Failed != 1 || sum.Damaged != tt.damaged || len(files) != 1 || files["/b.txt"] == "" {
			t.Errorf("%s: extract: %v, exit code %d, %+v, files %v", name, err, exitCode(err), sum, files)
		}
		if err := s.verify(t.Context(), &printer{out: io.Discard}); err == nil || exitCode(err) != tt.code {
			t.Errorf("%s: verify: %v, exit code %d", name, err, exitCode(err))
		}
		must(t, os.Rename(other, away))
		var said strings.Builder
		err = s.verify(t.Context(), &printer{out: &said})
		must(t, os.Rename(away, other))
		if n := strings.Count(said.String(), "Damaged: "); err == nil || exitCode(err) != 2 || n != 1+int(tt.damaged) || strings.Contains(said.String(), "compared") != (tt.damaged > 0) {
			t.Errorf("%s: verify with another pack gone: %v, %s", name, err, said.String())
		}
		s.close()
		must(t, folder.Close())
	}
}
