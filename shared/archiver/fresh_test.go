package archiver_test

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/box/boxsim"
	"coffer/shared/snapshot"
)

// digest is a hash of what the newest snapshot has: each item's path, SHA-1,
// size and times.
func (h *house) digest(t *testing.T) string {
	t.Helper()
	hash := sha256.New()
	for _, n := range h.snapshot(t, h.row(t)) {
		fmt.Fprintln(hash, n.Kind, n.Path, n.Content.SHA1, n.Content.Size, n.ContentCreated, n.ContentChanged)
	}
	return fmt.Sprintf("%x", hash.Sum(nil))
}

// TestManyChangesLaterTheSnapshotEqualsAFreshOne_I8 backs up after each of many
// sets of changes, and now and then from nothing into another vault. COFFER_SEED
// begins with another seed, COFFER_SETS is the number of sets.
func TestManyChangesLaterTheSnapshotEqualsAFreshOne_I8(t *testing.T) {
	t.Parallel()
	seed, sets := uint64(number("COFFER_SEED", 1)), number("COFFER_SETS", 20)
	h := newHouse(t, boxsim.Options{Seed: seed, PageSize: 20})
	h.furnish(t, 60)
	h.backUp(t)
	rng := rand.New(rand.NewPCG(seed, 8))
	for n := 1; n <= sets; n++ {
		h.change(t, rng, 1+rng.IntN(30))
		row := h.backUp(t)
		s, err := h.Snapshots.Snapshot(t.Context(), h.task.Account, h.task.ID, h.user, row.Snapshot)
		if err != nil || s.Method == snapshot.Crawl {
			t.Errorf("set %d: listed by %s, %v, want by what changed", n, s.Method, err)
		}
		if n%10 > 0 && n < sets {
			continue
		}
		fresh := h.another(t)
		fresh.backUp(t)
		if h.digest(t) != fresh.digest(t) {
			t.Fatalf("seed %d: after %d sets of changes the snapshot differs from a fresh one (-snapshot +fresh):\n%s",
				seed, n, cmp.Diff(h.snapshot(t, row), fresh.snapshot(t, fresh.row(t))))
		}
	}
	h.wantSnapshotEqualsSource(t)
}
