package vault_test

import (
	"errors"
	"testing"
	"time"

	"coffer/shared/backup"
	"coffer/shared/vault"
)

// TestCompactedContentsReadTheSame moves two of five contents out of their pack
// and removes the pack.
func TestCompactedContentsReadTheSame(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	k := newKit(t)
	var rows []vault.Row
	var bodies [][]byte
	for i := range 5 {
		bodies = append(bodies, noise(uint64(i), 1000+i))
	}
	k.store(t, bodies...)
	for _, i := range []int{1, 3} {
		rows = append(rows, k.row(t, bodies[i]))
	}
	at := time.Unix(1e9, 0).UTC()
	moved, err := k.Compact(ctx, rows, at)
	if moved != 2 || err != nil {
		t.Fatalf("Compact = %d, %v", moved, err)
	}
	if again, err := k.Compact(ctx, rows, at); again != 0 || err != nil {
		t.Errorf("with rows that have moved: %d, %v", again, err)
	}
	retired, err := k.index.Retired(ctx, testID)
	check(t, err)
	for _, row := range rows {
		old := row.Parts[0].Pack
		if !retired[old].Equal(at) {
			t.Errorf("pack %s is not retired: %v", old, retired)
		}
		check(t, k.objects.Delete(ctx, testID.Packs()+old))
	}
	for _, i := range []int{1, 3} {
		k.wantStored(t, bodies[i])
	}
	if got := len(k.packs(t)); got != 2 {
		t.Errorf("%d packs, want the new one and the one that nobody needed", got)
	}
}

func TestMissingRescuesWhatIsCondemned(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	k := newKit(t)
	b := noise(1, 1000)
	k.store(t, b)
	check(t, k.index.Condemn(ctx, testID, contentOf(b), time.Unix(1e9, 0)))
	condemned := k.row(t, b)
	missing, err := k.Missing(ctx, []backup.Content{contentOf(b)})
	if err != nil || len(missing) != 0 {
		t.Fatalf("Missing = %v, %v", missing, err)
	}
	if err := k.index.Remove(ctx, testID, condemned); backup.KindOf(err) != backup.Conflict {
		t.Errorf("a content that a run relies on was removed: %v", err)
	}
	k.wantStored(t, b)
}

func TestCompactLeavesDamageWhereItIs(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	k := newKit(t)
	b := noise(1, 1000)
	k.store(t, b)
	row := k.row(t, b)
	row.CRC32++
	moved, err := k.Compact(ctx, []vault.Row{row}, time.Unix(1e9, 0))
	if moved != 0 || !errors.Is(err, vault.ErrDamaged) {
		t.Errorf("Compact = %d, %v, want ErrDamaged", moved, err)
	}
	k.wantStored(t, b)
}
