package pruner_test

import (
	"bytes"
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/scripts/local/localtest"
	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/bucket"
	"coffer/shared/content"
	"coffer/shared/job"
	"coffer/shared/keys"
	"coffer/shared/pruner"
	"coffer/shared/queue"
	"coffer/shared/snapshot"
	"coffer/shared/task"
	"coffer/shared/vault"
)

const day = 24 * time.Hour

// kit is a task with its vault in the local cloud.
type kit struct {
	*pruner.Pruner
	id    vault.ID
	vault *vault.Vault
	user  task.BoxUser
	cloud *localtest.Cloud
	queue string
}

func newKit(t *testing.T) *kit {
	t.Helper()
	cloud := localtest.Start(t)
	k := &kit{id: vault.ID{Account: "acme", Task: "box"}, cloud: cloud, queue: cloud.Queue(t)}
	k.Pruner = &pruner.Pruner{
		Tasks:     task.New(cloud.AWS, cloud.Table(t, localtest.Due)),
		Snapshots: snapshot.New(cloud.AWS, cloud.Table(t)),
		Jobs:      job.New(cloud.AWS, cloud.Table(t, localtest.Due)),
		Objects:   bucket.New(cloud.AWS, cloud.Bucket(t)),
		Index:     content.New(cloud.AWS, cloud.Table(t)),
		Audit:     audit.New(cloud.AWS, cloud.Table(t)),
		Messages:  queue.New[backup.PruneMessage](cloud.AWS, k.queue),
		Vault:     func(context.Context, task.Task) (*vault.Vault, error) { return k.vault, nil },
		Revoke:    func(context.Context, task.Task) error { return nil },
		Dir:       t.TempDir(),
		Now:       time.Now,
	}
	// Contents are not swept: these tests have no catalogs that rely on them.
	check(t, k.Tasks.Create(t.Context(), task.Task{Account: k.id.Account, ID: k.id.Task, Name: "Box", Enterprise: "1", SweepAt: time.Now().AddDate(100, 0, 0)}))
	k.user = task.BoxUser{Account: k.id.Account, Task: k.id.Task, ID: "11", Name: "Ada"}
	_, err := k.Tasks.Discovered(t.Context(), k.user, true)
	check(t, err)
	ring := keys.New(cloud.AWS, cloud.Key(t))
	sealed, err := vault.NewKey(t.Context(), k.id, ring)
	check(t, err)
	k.vault, err = vault.Open(t.Context(), k.id, sealed, k.Objects, k.Index, ring)
	check(t, err)
	k.vault.Dir = t.TempDir()
	return k
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func contentOf(s string) backup.Content {
	return backup.Content{SHA1: sha1.Sum([]byte(s)), Size: int64(len(s))}
}

// store stores texts in one pack.
func (k *kit) store(t *testing.T, texts ...string) {
	t.Helper()
	w := k.vault.Writer()
	for _, s := range texts {
		check(t, w.Add(t.Context(), contentOf(s), strings.NewReader(s)))
	}
	check(t, w.Flush(t.Context()))
}

// orphan puts a pack that no row names, as a run does that is killed between
// pack and rows.
func (k *kit) orphan(t *testing.T) {
	t.Helper()
	body := []byte("a pack")
	check(t, k.Objects.Put(t.Context(), k.id.Packs()+backup.NewID(), bytes.NewReader(body), int64(len(body)), sha256.Sum256(body)))
}

// at prunes as if that time had passed.
func (k *kit) at(t *testing.T, later time.Duration) pruner.Report {
	t.Helper()
	k.Now = func() time.Time { return time.Now().Add(later) }
	report, err := k.Prune(t.Context(), k.message())
	check(t, err)
	return report
}

// message asks for the kit's task.
func (k *kit) message() backup.PruneMessage {
	return backup.PruneMessage{Account: k.id.Account, Task: k.id.Task}
}

func (k *kit) count(t *testing.T, prefix string) int {
	t.Helper()
	n := 0
	check(t, k.Objects.List(t.Context(), prefix, func(string, int64, time.Time) error { n++; return nil }))
	return n
}

func (k *kit) wantReadable(t *testing.T, texts ...string) {
	t.Helper()
	for _, s := range texts {
		r, err := k.vault.Read(t.Context(), contentOf(s))
		check(t, err)
		got, err := io.ReadAll(r)
		check(t, errors.Join(err, r.Close()))
		if string(got) != s {
			t.Errorf("read %q, want %q", got, s)
		}
	}
}

func TestOrphansGoWhenTheyAreADayOld(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	k.store(t, "one", "two")
	k.orphan(t)
	k.orphan(t)
	if report := k.at(t, day-time.Minute); report.Packs != 0 {
		t.Errorf("report %+v before a day was over, want no pack removed", report)
	}
	if diff := cmp.Diff(pruner.Report{Packs: 2, Bytes: 12}, k.at(t, day+time.Minute)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(pruner.Report{}, k.at(t, 2*day)); diff != "" {
		t.Errorf("second time:\n%s", diff)
	}
	k.wantReadable(t, "one", "two")
	rows, _, err := k.Audit.List(t.Context(), k.id.Account, audit.Query{}, 10)
	check(t, err)
	if len(rows) != 1 || rows[0].Records != 2 || rows[0].Kind != audit.Prune || rows[0].TaskName != "Box" {
		t.Errorf("activity %+v, want one row about 2 objects", rows)
	}
}

func TestPackOfReplacedRowsGoes(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	k.store(t, "both runs", "have stored this")
	k.store(t, "both runs", "have stored this")
	k.store(t, "another")
	if got := k.at(t, 2*day).Packs; got != 1 {
		t.Errorf("%d packs removed, want the first", got)
	}
	k.wantReadable(t, "both runs", "have stored this", "another")
}

func TestVaultWithoutAnIndexIsLeftAlone(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	k.orphan(t)
	if diff := cmp.Diff(pruner.Report{}, k.at(t, 100*day)); diff != "" {
		t.Error(diff)
	}
}

func TestDamagedVaultIsLeftAloneUntilAcknowledged_I5(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	k.store(t, "one")
	k.orphan(t)
	first, err := k.Tasks.Damaged(t.Context(), k.id.Account, k.id.Task, "A pack is damaged.", nil)
	check(t, err)
	if report := k.at(t, 2*day); !first || report.Held != 1 || k.count(t, k.id.Packs()) != 2 {
		t.Errorf("damaged: %+v", report)
	}
	row, err := k.Tasks.Task(t.Context(), k.id.Account, k.id.Task)
	check(t, err)
	check(t, k.Tasks.AcknowledgeDamage(t.Context(), row))
	if report := k.at(t, 2*day); report.Held != 0 || report.Packs != 1 {
		t.Errorf("acknowledged: %+v", report)
	}
}

// TestProgressKeepsItsPacksForAWeek stores the first part of a large content
// and leaves it.
func TestProgressKeepsItsPacksForAWeek(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	k.store(t, "a row")
	large := strings.Repeat("0123456789abcdef", 65<<20/16)
	open := func(_ context.Context, offset int64) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(large[offset:])), nil
	}
	late := func() bool { return true }
	if err := k.vault.StoreLarge(t.Context(), contentOf(large), open, late); !errors.Is(err, vault.ErrPaused) {
		t.Fatalf("StoreLarge: %v, want paused", err)
	}
	for _, step := range []struct {
		after time.Duration
		packs int
	}{{6 * day, 2}, {8 * day, 2}, {9 * day, 1}} {
		k.at(t, step.after)
		if got := k.count(t, k.id.Packs()); got != step.packs {
			t.Errorf("%d packs after %v, want %d", got, step.after, step.packs)
		}
	}
	late = func() bool { return false }
	check(t, k.vault.StoreLarge(t.Context(), contentOf(large), open, late))
	k.wantReadable(t, large, "a row")
}

// seal stores a catalog and makes it the Box user's, as a run does.
func (k *kit) seal(t *testing.T, name string) vault.Sealed {
	t.Helper()
	sealed, err := k.vault.PutCatalog(t.Context(), k.user.ID, name, strings.NewReader(name))
	check(t, err)
	k.point(t, name, sealed)
	return sealed
}

// point makes a stored catalog the Box user's, as a run of that name does.
func (k *kit) point(t *testing.T, name string, sealed vault.Sealed) {
	t.Helper()
	ctx := t.Context()
	pointer, err := json.Marshal(sealed)
	check(t, err)
	u, err := k.Tasks.Request(ctx, k.user, time.Time{})
	check(t, err)
	u, err = k.Tasks.Lease(ctx, u.Message(), name)
	check(t, err)
	check(t, k.Snapshots.Seal(ctx, snapshot.Snapshot{Account: u.Account, Task: u.Task, BoxUser: u.ID, ID: u.RunID},
		k.Tasks.Seal(u, task.Sealed{Status: backup.Success, At: time.Now(), Catalog: pointer})))
}

// TestBaseAndPatchesInUseStay_C6 has a catalog of a base and two patches: as long
// as it is the current one, none of its objects goes.
func TestBaseAndPatchesInUseStay_C6(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	k.vault.Patching.From = 1
	text := []byte(strings.Repeat("a catalog of several pages ", 1000))
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(text), func(i, j int) { text[i], text[j] = text[j], text[i] })
	image, err := k.vault.PutImage(t.Context(), k.user.ID, "base", bytes.NewReader(text))
	check(t, err)
	for n := range 2 {
		text[n] ^= 1
		var ok bool
		image, ok, err = k.vault.PutPatch(t.Context(), k.user.ID, fmt.Sprint("patch-", n), image, bytes.NewReader(text))
		if check(t, err); !ok {
			t.Fatal("no patch was stored")
		}
	}
	k.point(t, "patched", image.Sealed)
	k.at(t, 100*day)
	if got := k.count(t, k.id.Catalogs()); got != 3 {
		t.Errorf("%d objects of a catalog with two patches are left", got)
	}
	k.seal(t, "whole")
	k.at(t, 200*day)
	if got := k.count(t, k.id.Catalogs()); got != 1 {
		t.Errorf("%d objects are left of a catalog that is whole now", got)
	}
}

func TestCatalogsInUseStay(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	k.seal(t, "first")
	k.seal(t, "second")
	current := k.seal(t, "third")
	for _, step := range []struct {
		after time.Duration
		left  int
	}{{time.Hour, 3}, {day - time.Minute, 3}, {day + time.Minute, 1}, {100 * day, 1}} {
		k.at(t, step.after)
		if got := k.count(t, k.id.Catalogs()); got != step.left {
			t.Errorf("%d catalogs after %v, want %d", got, step.after, step.left)
		}
	}
	f, err := os.Create(filepath.Join(t.TempDir(), "catalog"))
	check(t, err)
	defer f.Close()
	check(t, k.vault.GetCatalog(t.Context(), current, f))
	if b, err := os.ReadFile(f.Name()); string(b) != "third" {
		t.Errorf("the catalog in use reads %q, %v", b, err)
	}
}

func TestCatalogsOfUnknownBoxUsersStayForAMonth(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	_, err := k.vault.PutCatalog(t.Context(), "a stranger", "g", strings.NewReader("c"))
	check(t, err)
	_, err = k.vault.PutCatalog(t.Context(), k.user.ID, "cut off", strings.NewReader("c"))
	check(t, err)
	if got := k.at(t, 2*day).Catalogs; got != 1 {
		t.Errorf("%d catalogs removed, want the one of the known Box user", got)
	}
	if got := k.at(t, 31*day).Catalogs; got != 1 {
		t.Errorf("%d catalogs removed after a month, want the one of the stranger", got)
	}
}

func TestTroubleWithACatalogKeepsNothingElseFromPruning(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	k.store(t, "row")
	k.orphan(t)
	u, err := k.Tasks.Request(t.Context(), k.user, time.Time{})
	check(t, err)
	u, err = k.Tasks.Lease(t.Context(), u.Message(), "owner")
	check(t, err)
	check(t, k.Tasks.SaveCheckpoint(t.Context(), u, []byte(`{}`), task.Progress{}, true))
	body := []byte("c")
	check(t, k.Objects.Put(t.Context(), k.id.Catalogs()+"11/g", bytes.NewReader(body), 1, sha256.Sum256(body)))
	k.Now = func() time.Time { return time.Now().Add(2 * day) }
	report, err := k.Prune(t.Context(), k.message())
	if err == nil || !strings.Contains(err.Error(), "task box") || !strings.Contains(err.Error(), "Box user 11") {
		t.Errorf("Prune: %v, want the trouble named", err)
	}
	if report.Packs != 1 || report.Sent != 0 {
		t.Errorf("report %+v, want the packs pruned", report)
	}
	if got := k.count(t, k.id.Catalogs()); got != 1 {
		t.Errorf("%d catalogs left where the pointer cannot be read, want all", got)
	}
}

// TestRunsGoOnWhileThePrunerWorks stores, with two writers of the same
// contents, while vaults are pruned over and over.
func TestRunsGoOnWhileThePrunerWorks(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	done := make(chan struct{})
	pruned := make(chan error, 1)
	go func() {
		defer close(pruned)
		for {
			select {
			case <-done:
				return
			default:
			}
			if _, err := k.Prune(context.WithoutCancel(t.Context()), k.message()); err != nil {
				pruned <- err
				return
			}
		}
	}()
	var texts []string
	for i := range 20 {
		texts = append(texts, fmt.Sprint("content ", i))
	}
	for part := range slices.Chunk(texts, 5) {
		k.store(t, part...)
		k.store(t, part...)
	}
	close(done)
	check(t, <-pruned)
	k.wantReadable(t, texts...)
	if got := k.at(t, 2*day).Packs; got != 4 {
		t.Errorf("%d packs removed in the end, want the 4 whose rows were replaced", got)
	}
	k.wantReadable(t, texts...)
}
