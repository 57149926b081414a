package content_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/backup"
	"coffer/shared/vault"
)

func wantKind(t *testing.T, err error, want backup.Kind) {
	t.Helper()
	if err == nil || backup.KindOf(err) != want {
		t.Errorf("got error %v, want one of kind %v", err, want)
	}
}

// stored returns the row of a content as the index has it.
func stored(t *testing.T, index vault.Index, c backup.Content) vault.Row {
	t.Helper()
	rows, err := index.Rows(t.Context(), id, []backup.Content{c})
	check(t, err)
	return rows[c]
}

func TestCondemnedRowGoesUnlessItIsRescued(t *testing.T) {
	t.Parallel()
	indexes(t, func(t *testing.T, index vault.Index) {
		ctx, at := t.Context(), time.Unix(1e9, 5e6)
		row := rowOf(1)
		wantKind(t, index.Condemn(ctx, id, row.Content, at), backup.Conflict)
		wantKind(t, index.Rescue(ctx, id, row.Content), backup.NotFound)
		check(t, index.Put(ctx, id, []vault.Row{row}))
		wantKind(t, index.Remove(ctx, id, row), backup.Conflict)
		check(t, index.Condemn(ctx, id, row.Content, at))
		wantKind(t, index.Condemn(ctx, id, row.Content, at.Add(time.Hour)), backup.Conflict)
		condemned := stored(t, index, row.Content)
		if !condemned.Condemned.Equal(at) {
			t.Errorf("condemned at %v, want %v", condemned.Condemned, at)
		}
		check(t, index.Rescue(ctx, id, row.Content))
		wantKind(t, index.Remove(ctx, id, condemned), backup.Conflict)
		if diff := cmp.Diff(stored(t, index, row.Content), row); diff != "" {
			t.Errorf("rescued (-got +want):\n%s", diff)
		}
		check(t, index.Condemn(ctx, id, row.Content, at.Add(time.Hour)))
		wantKind(t, index.Remove(ctx, id, condemned), backup.Conflict)
		condemned = stored(t, index, row.Content)
		check(t, index.Put(ctx, id, []vault.Row{condemned})) // stored again meanwhile
		wantKind(t, index.Remove(ctx, id, condemned), backup.Conflict)
		check(t, index.Condemn(ctx, id, row.Content, at))
		check(t, index.Remove(ctx, id, stored(t, index, row.Content)))
		wantKind(t, index.Remove(ctx, id, condemned), backup.Conflict)
		if diff := cmp.Diff(stored(t, index, row.Content), vault.Row{}); diff != "" {
			t.Errorf("removed:\n%s", diff)
		}
	})
}

func TestRowMovesUnlessItWasChanged(t *testing.T) {
	t.Parallel()
	indexes(t, func(t *testing.T, index vault.Index) {
		ctx := t.Context()
		row := rowOf(1)
		to := []vault.Part{{Pack: "new", Offset: 0, Length: row.Parts[0].Length}}
		wantKind(t, index.Move(ctx, id, row, to), backup.Conflict)
		check(t, index.Put(ctx, id, []vault.Row{row}))
		check(t, index.Condemn(ctx, id, row.Content, time.Unix(1e9, 0).UTC()))
		check(t, index.Move(ctx, id, row, to))
		wantKind(t, index.Move(ctx, id, row, to), backup.Conflict)
		want := row
		want.Parts, want.Condemned = to, time.Unix(1e9, 0).UTC()
		if diff := cmp.Diff(stored(t, index, row.Content), want); diff != "" {
			t.Errorf("moved (-got +want):\n%s", diff)
		}
	})
}

func TestRetiredPacksAreRemembered(t *testing.T) {
	t.Parallel()
	indexes(t, func(t *testing.T, index vault.Index) {
		ctx, at := t.Context(), time.Unix(1e9, 0).UTC()
		check(t, index.Retire(ctx, id, []string{"a", "b"}, at))
		check(t, index.Retire(ctx, id, []string{"b", "c"}, at.Add(time.Hour)))
		check(t, index.Forget(ctx, id, []string{"c", "d"}))
		got, err := index.Retired(ctx, id)
		check(t, err)
		if diff := cmp.Diff(got, map[string]time.Time{"a": at, "b": at.Add(time.Hour)}); diff != "" {
			t.Errorf("retired (-got +want):\n%s", diff)
		}
	})
}

func TestSectionsMakeUpAVaultAndEraseEmptiesIt(t *testing.T) {
	t.Parallel()
	indexes(t, func(t *testing.T, index vault.Index) {
		ctx := t.Context()
		want := map[backup.Content]bool{}
		var rows []vault.Row
		for n := range 60 {
			rows = append(rows, rowOf(n))
			want[rowOf(n).Content] = true
		}
		check(t, index.Put(ctx, id, rows))
		other := vault.ID{Account: id.Account, Task: id.Task + "2"}
		check(t, index.Put(ctx, other, rows[:1]))
		check(t, index.SaveProgress(ctx, id, progressOf(100, 1)))
		check(t, index.Retire(ctx, id, []string{"a"}, time.Now()))
		got := map[backup.Content]bool{}
		for first := range 256 {
			check(t, index.Section(ctx, id, byte(first), func(r vault.Row) error { got[r.Content] = true; return nil }))
		}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Error(diff)
		}
		if n, err := index.Erase(ctx, id); n != 62 || err != nil {
			t.Errorf("Erase = %d, %v, want 62 rows", n, err)
		}
		if n, err := index.Erase(ctx, id); n != 0 || err != nil {
			t.Errorf("erased again: %d, %v", n, err)
		}
		if got := stored(t, index, rows[0].Content); got.Format != 0 {
			t.Errorf("left: %+v", got)
		}
		found, err := index.Rows(ctx, other, []backup.Content{rows[0].Content})
		if err != nil || len(found) != 1 {
			t.Errorf("the neighbour's rows: %v, %v", found, err)
		}
	})
}
