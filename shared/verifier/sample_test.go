package verifier_test

import (
	"bytes"
	"context"
	"crypto/sha1"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"coffer/scripts/local/localtest"
	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/queue"
	"coffer/shared/snapshot"
	"coffer/shared/task"
	"coffer/shared/vault"
	"coffer/shared/verifier"
)

// watch is a verifier of a store whose task and Box users are in a table.
type watch struct {
	*verifier.Verifier
	*store
	cloud *localtest.Cloud
	mails string
	table *snapshot.Table
	now   time.Time
}

func newWatch(t *testing.T, users, snapshots int) *watch {
	t.Helper()
	w := &watch{cloud: localtest.Start(t), store: newStore(t, users, snapshots), now: time.Date(2026, 3, 1, 1, 15, 0, 0, time.UTC)}
	w.mails, w.table = w.cloud.Queue(t), snapshot.New(w.cloud.AWS, w.cloud.Table(t))
	w.Verifier = &verifier.Verifier{
		Tasks: task.New(w.cloud.AWS, w.cloud.Table(t, localtest.Due)), Index: w.index, Objects: w.objects, Keys: w.keys,
		Audit: audit.New(w.cloud.AWS, w.cloud.Table(t)), Mails: queue.New[backup.MailMessage](w.cloud.AWS, w.mails),
		Dir: t.TempDir(), Now: func() time.Time { return w.now },
	}
	w.Tasks.Now = w.Verifier.Now
	must(t, w.Tasks.Create(t.Context(), task.Task{Account: testID.Account, ID: testID.Task, Name: "Files", VaultKey: w.key}))
	for _, u := range w.users {
		_, err := w.Tasks.Discovered(t.Context(), u, true)
		must(t, err)
		row, err := w.Tasks.Request(t.Context(), u, time.Time{})
		must(t, err)
		row, err = w.Tasks.Lease(t.Context(), row.Message(), "w")
		must(t, err)
		w.seal(t, row, u)
	}
	return w
}

// day verifies once, as on another day.
func (w *watch) day(t *testing.T, later time.Duration) verifier.Daily {
	t.Helper()
	w.now = w.now.Add(later)
	day, err := w.Sample(t.Context())
	must(t, err)
	return day
}

func TestDailySampleReadsEverythingInTurnsAndTellsOfDamageOnce(t *testing.T) {
	t.Parallel()
	w := newWatch(t, 2, 3)
	first := w.day(t, 0)
	if first.Damaged != 0 || first.Rows != int64(len(w.contents)) || first.Contents != first.Rows || first.Catalogs != 2 {
		t.Errorf("a whole vault: %+v", first)
	}
	if next := w.day(t, 24*time.Hour); next.Catalogs != 0 || next.Contents != first.Contents {
		t.Errorf("the day after: %+v", next) // a small vault is read whole each day, catalogs each week
	}
	if later := w.day(t, 7*24*time.Hour); later.Catalogs != 2 {
		t.Errorf("a week later: %+v", later)
	}

	rows, err := w.index.Rows(t.Context(), testID, w.contents[:1])
	must(t, err)
	pack := filepath.Join(w.dir, testID.Packs()+rows[w.contents[0]].Parts[0].Pack)
	whole, err := os.ReadFile(pack)
	must(t, err)
	must(t, os.Remove(pack))
	if day := w.day(t, 24*time.Hour); day.Damaged != 1 {
		t.Errorf("a pack is gone: %+v", day)
	}
	damaged, err := w.Tasks.Task(t.Context(), testID.Account, testID.Task)
	must(t, err)
	touched := map[int]bool{}
	for _, use := range w.uses[w.contents[0]] {
		touched[use.user] = true
	}
	for n, u := range w.users {
		row, err := w.Tasks.BoxUser(t.Context(), u.Account, u.Task, u.ID)
		must(t, err)
		if (row.Damage != "") != touched[n] || !row.Verified.Equal(w.now) {
			t.Errorf("Box user %d, touched: %v: %q at %v", n, touched[n], row.Damage, row.Verified)
		}
	}
	w.day(t, 24*time.Hour) // still damaged
	mails := w.cloud.Received(t, w.mails)
	if len(mails) != 1 || !strings.Contains(mails[0], `"damaged"`) || damaged.Damage == "" {
		t.Errorf("mails %v, damage %q", mails, damaged.Damage)
	}

	must(t, os.WriteFile(pack, whole, 0o600))
	must(t, w.Tasks.AcknowledgeDamage(t.Context(), damaged))
	if err := w.Tasks.AcknowledgeDamage(t.Context(), damaged); backup.KindOf(err) != backup.Conflict {
		t.Errorf("acknowledged twice: %v", err)
	}
	if day := w.day(t, 24*time.Hour); day.Damaged != 0 || day.Catalogs == 0 {
		t.Errorf("after the pack came back: %+v", day)
	}
	for _, u := range w.users {
		if row, err := w.Tasks.BoxUser(t.Context(), u.Account, u.Task, u.ID); err != nil || row.Damage != "" {
			t.Errorf("Box user %s is still damaged: %q, %v", u.ID, row.Damage, err)
		}
	}
}

func TestLargeVaultIsReadInARound(t *testing.T) {
	t.Parallel()
	w := newWatch(t, 1, 1)
	const size = 30 << 20 // three a day are too many
	for i := range 4 {
		b := bytes.Repeat(fmt.Appendf(nil, "%07d\n", i), size/8)
		c := backup.Content{SHA1: sha1.Sum(b), Size: size}
		open := func(_ context.Context, at int64) (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(b[at:])), nil
		}
		must(t, w.Vault.StoreLarge(t.Context(), c, open, func() bool { return false }))
	}
	w.now = time.Now().AddDate(0, 0, 10) // no pack is new
	var read int64
	for day := range 10 {
		d := w.day(t, 24*time.Hour)
		read += d.Contents
		row, err := w.Tasks.Task(t.Context(), testID.Account, testID.Task)
		must(t, err)
		if d.Bytes > 64<<20 {
			t.Errorf("day %d: %d bytes", day, d.Bytes)
		}
		if row.VerifiedTo == "" {
			if read != 5 {
				t.Errorf("%d contents were read in a round of 5", read)
			}
			return
		}
	}
	t.Error("the round did not end within 10 days")
}

// seal ends a leased run: the Box user has the store's catalog.
func (w *watch) seal(t *testing.T, row, u task.BoxUser) {
	t.Helper()
	shot := snapshot.Snapshot{Account: u.Account, Task: u.Task, BoxUser: u.ID, ID: row.RunID, Status: backup.Success}
	must(t, w.table.Seal(t.Context(), shot, w.Tasks.Seal(row, task.Sealed{Status: backup.Success, At: w.now, Catalog: u.Catalog})))
}

// TestDamageIsMailedAlsoWhereWhoFoundItDied_C2 takes the mail queue away.
func TestDamageIsMailedAlsoWhereWhoFoundItDied_C2(t *testing.T) {
	t.Parallel()
	w := newWatch(t, 1, 1)
	w.Mails = queue.New[backup.MailMessage](w.cloud.AWS, w.mails+"-gone")
	rows, err := w.index.Rows(t.Context(), testID, w.contents[:1])
	must(t, err)
	must(t, os.Remove(filepath.Join(w.dir, testID.Packs()+rows[w.contents[0]].Parts[0].Pack)))
	if _, err := w.Sample(t.Context()); err == nil {
		t.Error("nobody learns that the e-mail was not sent")
	}
	w.now = w.now.Add(3 * time.Minute)
	var kept []string
	must(t, w.Tasks.Unsent(t.Context(), func(m backup.MailMessage) error { kept = append(kept, m.Template); return nil }))
	if len(kept) != 1 || kept[0] != "damaged" {
		t.Errorf("kept %q", kept)
	}
}

// meanwhile is a store in which something happens before a catalog is read.
type meanwhile struct {
	vault.Objects
	do func()
}

// Get implements vault.Objects.
func (m *meanwhile) Get(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	if do := m.do; do != nil && strings.HasPrefix(key, testID.Catalogs()) {
		m.do = nil
		do()
	}
	return m.Objects.Get(ctx, key, offset, length)
}

// What the end of a grace removes is no damage, whether a purge is under way, was
// broken off, or begins while catalogs are read.
func TestWhatIsPurgedIsNotDamaged_D2(t *testing.T) {
	t.Parallel()
	for name, during := range map[string]bool{"before": false, "during": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWatch(t, 2, 3)
			purge := func() {
				row, err := w.Tasks.BoxUser(t.Context(), testID.Account, testID.Task, w.users[0].ID)
				must(t, err)
				must(t, w.Tasks.Purge(t.Context(), row))
				must(t, os.RemoveAll(filepath.Join(w.dir, testID.Catalogs()+string(row.ID))))
			}
			must(t, w.Tasks.Delete(t.Context(), w.users[0]))
			w.now = w.now.Add(task.Grace)
			if during {
				w.Objects = &meanwhile{w.Objects, purge}
			} else {
				purge()
			}
			day := w.day(t, 0)
			b, err := w.Tasks.Task(t.Context(), testID.Account, testID.Task)
			must(t, err)
			if day.Damaged != 0 || b.Damage != "" {
				t.Errorf("damaged %d: %q", day.Damaged, b.Damage)
			}
		})
	}
}

// A catalog that is gone is damage as long as its Box user's row names it.
func TestMissingCatalogIsDamage_I5(t *testing.T) {
	t.Parallel()
	w := newWatch(t, 2, 3)
	must(t, os.RemoveAll(filepath.Join(w.dir, testID.Catalogs()+string(w.users[0].ID))))
	if day := w.day(t, 0); day.Damaged != 1 {
		t.Errorf("damaged: %d", day.Damaged)
	}
}

// Damage that somebody has acknowledged is there the next day, too, and keeps
// nothing from being pruned. What is found beside it does.
func TestAcknowledgedDamageIsNotToldAgain_I5(t *testing.T) {
	t.Parallel()
	w := newWatch(t, 2, 5)
	remove := func(n int) {
		rows, err := w.index.Rows(t.Context(), testID, w.contents[n:n+1])
		must(t, err)
		must(t, os.Remove(filepath.Join(w.dir, testID.Packs()+rows[w.contents[n]].Parts[0].Pack)))
	}
	see := func(step string, damaged, mails int, holds bool) {
		t.Helper()
		day := w.day(t, 24*time.Hour)
		b, err := w.Tasks.Task(t.Context(), testID.Account, testID.Task)
		must(t, err)
		if got := len(w.cloud.Received(t, w.mails)); day.Damaged != damaged || got != mails || (b.Damage != "") != holds {
			t.Errorf("%s: %d damaged, %d mails, %q", step, day.Damaged, got, b.Damage)
		}
	}
	acknowledge := func() {
		b, err := w.Tasks.Task(t.Context(), testID.Account, testID.Task)
		must(t, err)
		must(t, w.Tasks.AcknowledgeDamage(t.Context(), b))
	}
	remove(0)
	see("a pack is gone", 1, 1, true)
	remove(1)
	see("and another one", 2, 0, true)
	acknowledge()
	see("both are acknowledged", 2, 0, false)
	remove(2)
	see("and a third one", 3, 1, true)
	acknowledge()
	see("all are acknowledged", 3, 0, false)
}

// barred does not let what lies below a prefix be read.
type barred struct {
	vault.Objects
	prefix string
}

func (b barred) Get(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	if strings.HasPrefix(key, b.prefix) {
		return nil, fmt.Errorf("read object %s: %w", key, os.ErrPermission)
	}
	return b.Objects.Get(ctx, key, offset, length)
}

// TestTroubleHidesNoDamage_I5 cannot read the catalog of the first Box user on a day
// on which a pack is gone and the catalog of the second.
func TestTroubleHidesNoDamage_I5(t *testing.T) {
	t.Parallel()
	w := newWatch(t, 2, 2)
	rows, err := w.index.Rows(t.Context(), testID, w.contents[:1])
	must(t, err)
	must(t, os.Remove(filepath.Join(w.dir, testID.Packs()+rows[w.contents[0]].Parts[0].Pack)))
	must(t, os.RemoveAll(filepath.Join(w.dir, testID.Catalogs()+string(w.users[1].ID))))
	w.Verifier.Objects = barred{w.objects, testID.Catalogs() + string(w.users[0].ID) + "/"}
	day, err := w.Sample(t.Context())
	if err == nil || day.Failed != 1 || day.Damaged != 2 {
		t.Errorf("%+v, %v", day, err)
	}
	row, err := w.Tasks.Task(t.Context(), testID.Account, testID.Task)
	must(t, err)
	if row.Damage == "" || len(w.cloud.Received(t, w.mails)) != 1 {
		t.Errorf("damage that was found is not told: %q", row.Damage)
	}
	for n, u := range w.users {
		row, err := w.Tasks.BoxUser(t.Context(), u.Account, u.Task, u.ID)
		must(t, err)
		if (row.Damage != "") != (n == 1) {
			t.Errorf("Box user %d: %q", n, row.Damage)
		}
	}
}
