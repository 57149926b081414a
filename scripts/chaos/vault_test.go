package chaos_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/bucket"
	"coffer/shared/content"
	"coffer/shared/env"
	"coffer/shared/keys"
	"coffer/shared/pruner"
	"coffer/shared/snapshot"
	"coffer/shared/task"
	"coffer/shared/vault"
)

// vault opens the vault of a task, as a function does.
func (h *house) vault(t *testing.T, id string) *vault.Vault {
	t.Helper()
	row, err := h.rows().Task(t.Context(), h.account, backup.TaskID(id))
	if err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(t.Context(), vault.ID{Account: h.account, Task: row.ID}, row.VaultKey,
		h.objects(), h.index(), keys.New(h.cloud.AWS, h.setting(env.VaultKey)))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func (h *house) rows() *task.Table { return task.New(h.cloud.AWS, h.setting(env.TasksTable)) }

func (h *house) objects() *bucket.Bucket {
	return bucket.New(h.cloud.AWS, h.setting(env.VaultBucket))
}

func (h *house) index() *content.Table {
	return content.New(h.cloud.AWS, h.setting(env.ContentsTable))
}

// contentsAreStored fails the test unless the vault gives back every content
// of the Box user, with its SHA-1, and nothing in it is damaged.
func (h *house) contentsAreStored(t *testing.T, task string, user backup.BoxUserID) {
	t.Helper()
	v := h.vault(t, task)
	var contents []backup.Content
	for _, n := range h.sim.Tree(user) {
		if n.Kind == backup.File {
			contents = append(contents, n.Content)
		}
	}
	missing, err := v.Missing(t.Context(), contents)
	if err != nil || len(missing) > 0 {
		t.Errorf("%d of %d contents are not in the vault: %v", len(missing), len(contents), err)
	}
	report, err := v.Verify(t.Context()) // decrypts all and compares SHA-1s
	if err != nil || len(report.Damaged) > 0 {
		t.Errorf("vault: %+v, %v", report.Damaged, err)
	}
}

// pruneTakesAllOrphans fails the test unless pruning, a day later, removes all
// objects of the vault that nothing refers to and no other, and on later days
// those that rewriting half-empty packs has left.
func (h *house) pruneTakesAllOrphans(t *testing.T, id vault.ID) {
	t.Helper()
	orphans := h.orphans(t, id)
	t.Logf("%d packs and %d catalogs are orphans", orphans.packs, orphans.catalogs)
	at := time.Now()
	p := &pruner.Pruner{
		Tasks: h.rows(), Snapshots: snapshot.New(h.cloud.AWS, h.setting(env.SnapshotsTable)), Objects: h.objects(), Index: h.index(),
		Audit: audit.New(h.cloud.AWS, h.setting(env.AuditTable)),
		Vault: func(_ context.Context, b task.Task) (*vault.Vault, error) { return h.vault(t, string(b.ID)), nil },
		Dir:   t.TempDir(), Now: func() time.Time { return at },
	}
	for day := range 3 {
		at = at.Add(25 * time.Hour)
		report, err := p.Prune(t.Context(), backup.PruneMessage{Account: id.Account, Task: id.Task})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(garbage{report.Packs, report.Catalogs}, orphans, cmp.AllowUnexported(garbage{})); diff != "" {
			t.Errorf("pruned on day %d (-got +want):\n%s", day+1, diff)
		}
		orphans = h.orphans(t, id)
		if report.Contents > 0 || orphans.packs > 0 && report.Moved == 0 {
			t.Errorf("day %d left %+v, having removed %d contents and moved %d", day+1, orphans, report.Contents, report.Moved)
		}
	}
	if orphans != (garbage{}) {
		t.Errorf("orphans after pruning: %+v", orphans)
	}
}

// garbage counts objects that nothing refers to.
type garbage struct{ packs, catalogs int }

func (h *house) orphans(t *testing.T, id vault.ID) garbage {
	t.Helper()
	used := map[string]bool{}
	refer := func(r vault.Row) error {
		for _, p := range r.Parts {
			used[id.Packs()+p.Pack] = true
		}
		return nil
	}
	if err := h.index().Walk(t.Context(), id, refer, func(p vault.Progress) error { return refer(p.Row) }); err != nil {
		t.Fatal(err)
	}
	for u, err := range h.rows().BoxUsers(t.Context(), id.Account, id.Task) {
		if err != nil {
			t.Fatal(err)
		}
		for _, pointer := range [][]byte{u.Catalog, u.Checkpoint} {
			if pointer != nil {
				used[object(t, pointer)] = true
			}
		}
	}
	unused := func(prefix string) (n int) {
		err := h.objects().List(t.Context(), prefix, func(key string, _ int64, _ time.Time) error {
			if !used[key] {
				n++
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	return garbage{unused(id.Packs()), unused(id.Catalogs())}
}

// object is the key of the catalog that a pointer names.
func object(t *testing.T, pointer []byte) string {
	t.Helper()
	var sealed vault.Sealed
	if err := json.Unmarshal(pointer, &sealed); err != nil {
		t.Fatal(err)
	}
	return sealed.Object
}
