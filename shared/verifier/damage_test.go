package verifier_test

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"coffer/shared/backup"
	"coffer/shared/catalog"
	"coffer/shared/snapshot"
	"coffer/shared/task"
	"coffer/shared/vault"
	"coffer/shared/verifier"
)

var seed = flag.Uint64("seed", 5, "of what is damaged")

var testID = vault.ID{Account: "acme", Task: "files"}

// store is a backup in a folder and in memory.
type store struct {
	*verifier.Backup
	dir       string
	objects   vault.Objects
	keys      vault.Keys
	key       []byte
	index     *vault.Memory
	users     []task.BoxUser
	snapshots map[backup.BoxUserID][]snapshot.Snapshot
	contents  []backup.Content
	uses      map[backup.Content][]use
}

// use is where a content is.
type use struct {
	user int
	path string
	from int // of the Box user's snapshots, counted from 0; it is in all since then
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// newStore makes a backup of users Box users with one file in a pack of its own
// for each of several snapshots, and a last snapshot that equals the one before.
// Every third file is one that the Box user before has, too.
func newStore(t *testing.T, users, snapshots int) *store {
	t.Helper()
	s := &store{dir: t.TempDir(), index: vault.NewMemory(), snapshots: map[backup.BoxUserID][]snapshot.Snapshot{}, uses: map[backup.Content][]use{}}
	folder, err := vault.OpenFolder(s.dir)
	must(t, err)
	t.Cleanup(func() { must(t, folder.Close()) })
	keys, err := vault.NewStaticKeys(bytes.Repeat([]byte("k"), 32))
	must(t, err)
	key, err := vault.NewKey(t.Context(), testID, keys)
	must(t, err)
	s.objects, s.keys, s.key = folder, keys, key
	s.Backup = &verifier.Backup{
		Dir:   t.TempDir(),
		Users: func(context.Context) iter.Seq2[task.BoxUser, error] { return each(s.users) },
		Snapshots: func(_ context.Context, u task.BoxUser) iter.Seq2[snapshot.Snapshot, error] {
			return each(s.snapshots[u.ID])
		},
	}
	s.use(t, s.index)
	for n := range users {
		s.addUser(t, n, snapshots)
	}
	return s
}

// use has the vault read another index.
func (s *store) use(t *testing.T, index *vault.Memory) {
	t.Helper()
	v, err := vault.Open(t.Context(), testID, s.key, s.objects, index, s.keys)
	must(t, err)
	s.index, s.Vault, s.Index = index, v, index
}

func each[T any](list []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range list {
			if !yield(v, nil) {
				return
			}
		}
	}
}

func (s *store) addUser(t *testing.T, n, snapshots int) {
	t.Helper()
	u := task.BoxUser{Account: testID.Account, Task: testID.Task, ID: backup.BoxUserID(fmt.Sprint(100 + n)), Login: fmt.Sprintf("user%d@acme.example", n)}
	file := filepath.Join(t.TempDir(), "catalog")
	c, err := catalog.Create(t.Context(), file)
	must(t, err)
	for i := range snapshots {
		text := fmt.Appendf(nil, "file %d of Box user %d", i, n)
		if n > 0 && i%3 == 0 {
			text = fmt.Appendf(nil, "file %d of Box user %d", i+1, n-1)
		}
		content := backup.Content{SHA1: sha1.Sum(text), Size: int64(len(text))}
		if len(s.uses[content]) == 0 {
			w := s.Vault.Writer()
			must(t, w.Add(t.Context(), content, bytes.NewReader(text)))
			must(t, w.Flush(t.Context()))
			s.contents = append(s.contents, content)
		}
		name := fmt.Sprintf("file %d.txt", i)
		s.uses[content] = append(s.uses[content], use{n, "/" + name, i})
		u.Snapshot = backup.SnapshotID(fmt.Sprintf("%d-%03d", n, i))
		d, err := c.Draft(t.Context(), u.Snapshot, time.Now())
		must(t, err)
		must(t, d.Stored(t.Context(), content))
		must(t, d.Put(t.Context(), catalog.Item{
			ItemRef: backup.ItemRef{Kind: backup.File, ID: fmt.Sprint(1000*n + i + 1)}, Parent: backup.RootFolder, Name: name, Content: content,
		}))
		_, err = d.Seal(t.Context())
		must(t, errors.Join(err, d.Close()))
		s.snapshots[u.ID] = append(s.snapshots[u.ID], snapshot.Snapshot{BoxUser: u.ID, ID: u.Snapshot})
	}
	same := u.Snapshot
	u.Snapshot += "-same"
	s.snapshots[u.ID] = append(s.snapshots[u.ID], snapshot.Snapshot{BoxUser: u.ID, ID: u.Snapshot, Same: same})
	sealed := file + " sealed"
	must(t, errors.Join(c.Checkpoint(t.Context(), sealed), c.Close()))
	in, err := os.Open(sealed)
	must(t, err)
	defer in.Close()
	pointer, err := s.Vault.PutCatalog(t.Context(), u.ID, "g", in)
	must(t, err)
	u.Catalog, err = json.Marshal(pointer)
	must(t, err)
	s.users = append(s.users, u)
}

// damaged is what a verification is to say: of each damage, whom it touches.
type damaged map[string]map[backup.BoxUserID]*verifier.Touched

func (d damaged) add(kind verifier.Kind, name string) map[backup.BoxUserID]*verifier.Touched {
	key := string(kind) + " " + name
	if d[key] == nil {
		d[key] = map[backup.BoxUserID]*verifier.Touched{}
	}
	return d[key]
}

// lose notes a damage that a content is lost by. Box users whose catalog is lost
// are not touched by it: nobody knows any more what they had.
func (s *store) lose(d damaged, kind verifier.Kind, name string, c backup.Content, blind map[int]bool) {
	touched := d.add(kind, name)
	for _, use := range s.uses[c] {
		if blind[use.user] {
			continue
		}
		u := s.users[use.user]
		t := touched[u.ID]
		if t == nil {
			t = &verifier.Touched{BoxUser: u.ID, Login: u.Login}
			touched[u.ID] = t
		}
		t.Files = append(t.Files, use.path)
		for _, shot := range s.snapshots[u.ID][use.from:] {
			if !slices.Contains(t.Snapshots, shot.ID) {
				t.Snapshots = append(t.Snapshots, shot.ID)
			}
		}
	}
}

func (d damaged) list() (list []verifier.Damage) {
	for _, key := range slices.Sorted(maps.Keys(d)) {
		kind, name, _ := bytes.Cut([]byte(key), []byte(" "))
		damage := verifier.Damage{Kind: verifier.Kind(kind), Name: string(name), Touched: []verifier.Touched{}}
		for _, id := range slices.Sorted(maps.Keys(d[key])) {
			t := *d[key][id]
			slices.Sort(t.Files)
			slices.Sort(t.Snapshots)
			damage.Touched = append(damage.Touched, t)
		}
		list = append(list, damage)
	}
	return list
}

// TestVerifyNamesEachOf250DamagedThings_I5 flips a bit in each of 200 stored
// things and removes 50 others: packs (anywhere, their indexes included), rows
// of contents with their keys, and catalogs.
func TestVerifyNamesEachOf250DamagedThings_I5(t *testing.T) {
	t.Parallel()
	t.Logf("seed %d", *seed)
	random := rand.New(rand.NewPCG(*seed, 0))
	s := newStore(t, 40, 10)
	whole, err := s.Whole(t.Context())
	must(t, err)
	if len(whole.Damaged) != 0 || whole.Contents != int64(len(s.contents)) || whole.Snapshots != 40*11 {
		t.Fatalf("before the damage: %+v", whole)
	}
	want, blind := damaged{}, map[int]bool{}
	flip := func(object string) {
		file := filepath.Join(s.dir, object)
		b, err := os.ReadFile(file)
		must(t, err)
		b[random.IntN(len(b))] ^= 1 << random.IntN(8)
		must(t, os.WriteFile(file, b, 0o600))
	}
	remove := func(object string) { must(t, os.Remove(filepath.Join(s.dir, object))) }

	for i, n := range random.Perm(len(s.users))[:10] {
		var sealed vault.Sealed
		must(t, json.Unmarshal(s.users[n].Catalog, &sealed))
		blind[n] = true
		lost := &verifier.Touched{BoxUser: s.users[n].ID, Login: s.users[n].Login, Files: []string{}}
		for _, shot := range s.snapshots[s.users[n].ID] {
			lost.Snapshots = append(lost.Snapshots, shot.ID)
		}
		want.add(verifier.Catalog, sealed.Object)[s.users[n].ID] = lost
		if i < 5 {
			flip(sealed.Object)
		} else {
			remove(sealed.Object)
		}
	}
	flipped := func(row vault.Row) vault.Row {
		row.Key, row.Parts = bytes.Clone(row.Key), slices.Clone(row.Parts)
		switch random.IntN(4) {
		case 0:
			row.CRC32 ^= 1 << random.IntN(32)
		case 1:
			row.Parts[0].Offset ^= 1 << random.IntN(62)
		case 2:
			row.Parts[0].Length ^= 1 << random.IntN(62)
		default:
			row.Key[random.IntN(len(row.Key))] ^= 1 << random.IntN(8)
		}
		return row
	}
	keep := vault.NewMemory() // rows that are not removed
	for i, n := range random.Perm(len(s.contents)) {
		c := s.contents[n]
		rows, err := s.index.Rows(t.Context(), testID, []backup.Content{c})
		must(t, err)
		row := rows[c]
		pack := testID.Packs() + row.Parts[0].Pack
		switch {
		case i < 120: // a bit of a pack, of which some are in the index: then nothing is lost
			b, err := os.ReadFile(filepath.Join(s.dir, pack))
			must(t, err)
			at := random.IntN(len(b))
			b[at] ^= 1 << random.IntN(8)
			must(t, os.WriteFile(filepath.Join(s.dir, pack), b, 0o600))
			if int64(at) < row.Parts[0].Length {
				s.lose(want, verifier.Pack, pack, c, blind)
			} else {
				want.add(verifier.Pack, pack)
			}
		case i < 195:
			row = flipped(row)
			s.lose(want, verifier.Content, c.String(), c, blind)
		case i < 220:
			remove(pack)
			s.lose(want, verifier.Pack, pack, c, blind)
		case i < 240:
			s.lose(want, verifier.Content, c.String(), c, blind)
			if len(want["content "+c.String()]) > 0 {
				continue // the row is removed
			}
			// Nobody can know of a row that no readable catalog names.
			row = flipped(row)
		}
		must(t, keep.Put(t.Context(), testID, []vault.Row{row}))
	}
	s.use(t, keep)
	report, err := s.Whole(t.Context())
	must(t, err)
	for i := range report.Damaged {
		if report.Damaged[i].Reason == "" {
			t.Errorf("%s is damaged for no reason", report.Damaged[i].Name)
		}
		report.Damaged[i].Reason = ""
	}
	if diff := gocmp.Diff(report.Damaged, want.list()); diff != "" {
		t.Errorf("damaged (-got +want):\n%s", diff)
	}
	if len(report.Damaged) != 250 {
		t.Errorf("%d are damaged, want 250", len(report.Damaged))
	}
}

func TestSnapshotThatTheCatalogLacksIsNamed(t *testing.T) {
	t.Parallel()
	s := newStore(t, 1, 2)
	u := s.users[0]
	s.snapshots[u.ID] = append([]snapshot.Snapshot{{BoxUser: u.ID, ID: "0-000-lost"}}, s.snapshots[u.ID]...)
	s.snapshots[u.ID] = append(s.snapshots[u.ID], snapshot.Snapshot{BoxUser: u.ID, ID: "9-later"}) // sealed meanwhile
	report, err := s.Whole(t.Context())
	must(t, err)
	want := []verifier.Damage{{
		Kind: verifier.Snapshot, Name: "0-000-lost", Reason: "the catalog does not have it",
		Touched: []verifier.Touched{{BoxUser: u.ID, Login: u.Login, Snapshots: []backup.SnapshotID{"0-000-lost"}, Files: []string{}}},
	}}
	if diff := gocmp.Diff(report.Damaged, want); diff != "" {
		t.Errorf("damaged (-got +want):\n%s", diff)
	}
}

// A backup that is being removed for good, as the tables of a service show it.
func TestWhatIsBeingPurgedIsNotVerified_D2(t *testing.T) {
	t.Parallel()
	s := newStore(t, 2, 2)
	s.users[0].Purging = true
	must(t, os.RemoveAll(filepath.Join(s.dir, testID.Catalogs()+string(s.users[0].ID))))
	report, err := s.Whole(t.Context())
	must(t, err)
	if len(report.Damaged) != 0 || report.Users != 1 {
		t.Errorf("%d Box users, damaged %+v", report.Users, report.Damaged)
	}
}

// Of a catalog with patches the object that is damaged is named, not the one that
// the others build on.
func TestDamagedPatchIsNamed_I5(t *testing.T) {
	t.Parallel()
	s := newStore(t, 1, 2)
	s.Vault.Patching = vault.Patching{Most: 2, Share: 100}
	state := bytes.Repeat([]byte("page"), 4096)
	image, err := s.Vault.PutImage(t.Context(), s.users[0].ID, "base", bytes.NewReader(state))
	must(t, err)
	for i, name := range []string{"first", "second"} {
		state[4096*i]++
		stored := false
		image, stored, err = s.Vault.PutPatch(t.Context(), s.users[0].ID, name, image, bytes.NewReader(state))
		must(t, err)
		if !stored {
			t.Fatal("no patch was stored")
		}
	}
	s.users[0].Catalog, err = json.Marshal(image.Sealed)
	must(t, err)
	for _, object := range []string{image.Sealed.Patches[1].Object, image.Sealed.Patches[0].Object, image.Sealed.Object} {
		must(t, os.Remove(filepath.Join(s.dir, object)))
		report, err := s.Whole(t.Context())
		must(t, err)
		if len(report.Damaged) != 1 || report.Damaged[0].Kind != verifier.Catalog || report.Damaged[0].Name != object || len(report.Damaged[0].Touched) != 1 {
			t.Errorf("without %s: %+v", object, report.Damaged)
		}
	}
}
