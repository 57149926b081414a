package content_test

import (
	"crypto/sha1"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/scripts/local/localtest"
	"coffer/shared/backup"
	"coffer/shared/content"
	"coffer/shared/vault"
)

var id = vault.ID{Account: "acme", Task: "box"}

// indexes are the index's implementations; every test here holds for each.
func indexes(t *testing.T, test func(t *testing.T, index vault.Index)) {
	t.Helper()
	t.Run("DynamoDB", func(t *testing.T) {
		t.Parallel()
		cloud := localtest.Start(t)
		test(t, content.New(cloud.AWS, cloud.Table(t)))
	})
	t.Run("memory", func(t *testing.T) {
		t.Parallel()
		test(t, vault.NewMemory())
	})
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func rowOf(n int) vault.Row {
	s := fmt.Sprint(n)
	return vault.Row{
		Content: backup.Content{SHA1: sha1.Sum([]byte(s)), Size: int64(n)}, Format: 1, CRC32: 1<<32 - 1, Key: []byte(s),
		Parts: []vault.Part{{Pack: "pack" + s, Offset: int64(n), Length: 1 << 40}},
	}
}

func progressOf(n, parts int) vault.Progress {
	p := vault.Progress{Row: rowOf(n), SHA1: []byte("state"), Version: int64(parts), Updated: time.Unix(int64(parts), 0).UTC()}
	p.Parts = nil
	for i := range parts {
		p.Parts = append(p.Parts, vault.Part{Pack: fmt.Sprintf("%026d", i), Length: 64 << 20})
	}
	return p
}

func TestRowsComeBack(t *testing.T) {
	t.Parallel()
	indexes(t, func(t *testing.T, index vault.Index) {
		var rows []vault.Row
		var ask []backup.Content
		want := map[backup.Content]vault.Row{}
		for n := range 260 {
			row := rowOf(n)
			ask = append(ask, row.Content, row.Content)
			if n%3 == 0 {
				continue
			}
			rows = append(rows, row)
			want[row.Content] = row
		}
		check(t, index.Put(t.Context(), id, rows))
		got, err := index.Rows(t.Context(), id, ask)
		check(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		got, err = index.Rows(t.Context(), vault.ID{Account: "acme", Task: "other"}, ask)
		check(t, err)
		if len(got) != 0 {
			t.Errorf("another vault has %d of the rows", len(got))
		}
	})
}

func TestNoContentsHaveNoRows(t *testing.T) {
	t.Parallel()
	indexes(t, func(t *testing.T, index vault.Index) {
		check(t, index.Put(t.Context(), id, nil))
		got, err := index.Rows(t.Context(), id, []backup.Content{rowOf(1).Content})
		check(t, err)
		if len(got) != 0 {
			t.Errorf("got %v", got)
		}
	})
}

func TestLaterRowOfTheSameContentWins(t *testing.T) {
	t.Parallel()
	indexes(t, func(t *testing.T, index vault.Index) {
		first, second := rowOf(1), rowOf(1)
		second.Parts = []vault.Part{{Pack: "second", Length: 9}}
		check(t, index.Put(t.Context(), id, []vault.Row{first}))
		check(t, index.Put(t.Context(), id, []vault.Row{second}))
		got, err := index.Rows(t.Context(), id, []backup.Content{first.Content})
		check(t, err)
		if diff := cmp.Diff(second, got[first.Content]); diff != "" {
			t.Error(diff)
		}
	})
}

func TestProgressMovesOnlyFromTheVersionBefore(t *testing.T) {
	t.Parallel()
	indexes(t, func(t *testing.T, index vault.Index) {
		ctx := t.Context()
		one, two, three := progressOf(7, 1), progressOf(7, 2), progressOf(7, 3)
		none, err := index.Progress(ctx, id, one.Content)
		check(t, err)
		if none.Version != 0 {
			t.Errorf("version %d of no record", none.Version)
		}
		conflict(t, index.SaveProgress(ctx, id, two))
		check(t, index.SaveProgress(ctx, id, one))
		conflict(t, index.SaveProgress(ctx, id, one))
		conflict(t, index.SaveProgress(ctx, id, three))
		check(t, index.SaveProgress(ctx, id, two))
		got, err := index.Progress(ctx, id, one.Content)
		check(t, err)
		if diff := cmp.Diff(two, got); diff != "" {
			t.Error(diff)
		}
		conflict(t, index.DropProgress(ctx, id, one))
		check(t, index.DropProgress(ctx, id, two))
		conflict(t, index.DropProgress(ctx, id, two))
		check(t, index.SaveProgress(ctx, id, one))
	})
}

func TestFinishPutsTheRowInPlaceOfTheProgress(t *testing.T) {
	t.Parallel()
	indexes(t, func(t *testing.T, index vault.Index) {
		ctx := t.Context()
		one, two := progressOf(7, 1), progressOf(7, 2)
		check(t, index.SaveProgress(ctx, id, one))
		conflict(t, index.Finish(ctx, id, two))
		conflict(t, index.Finish(ctx, id, progressOf(7, 0)))
		if rows, err := index.Rows(ctx, id, []backup.Content{one.Content}); err != nil || len(rows) != 0 {
			t.Errorf("rows %v, %v, want none yet", rows, err)
		}
		two.Version = 1
		check(t, index.Finish(ctx, id, two))
		rows, err := index.Rows(ctx, id, []backup.Content{one.Content})
		check(t, err)
		if diff := cmp.Diff(two.Row, rows[one.Content]); diff != "" {
			t.Error(diff)
		}
		if p, err := index.Progress(ctx, id, one.Content); err != nil || p.Version != 0 {
			t.Errorf("progress %v, %v, want none any more", p, err)
		}
		single := progressOf(8, 1)
		single.Version = 0 // never saved: it has one part only
		check(t, index.Finish(ctx, id, single))
	})
}

func TestWalkVisitsEveryRowAndRecord(t *testing.T) {
	t.Parallel()
	indexes(t, func(t *testing.T, index vault.Index) {
		ctx := t.Context()
		var want, got []string
		var rows []vault.Row
		for n := range 300 {
			rows = append(rows, rowOf(n))
			want = append(want, "row "+rowOf(n).Content.String())
		}
		check(t, index.Put(ctx, id, rows))
		check(t, index.Put(ctx, vault.ID{Account: "acme", Task: "other"}, rows))
		p := progressOf(1000, 8000) // a content of 500 GB
		p.Version = 1
		check(t, index.SaveProgress(ctx, id, p))
		want = append(want, "progress "+p.Content.String())
		check(t, index.Walk(ctx, id, func(r vault.Row) error {
			got = append(got, "row "+r.Content.String())
			return nil
		}, func(found vault.Progress) error {
			got = append(got, "progress "+found.Content.String())
			if diff := cmp.Diff(p, found); diff != "" {
				t.Error(diff)
			}
			return nil
		}))
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		stop := fmt.Errorf("stop")
		if err := index.Walk(ctx, id, func(vault.Row) error { return stop }, func(vault.Progress) error { return nil }); err != stop {
			t.Errorf("Walk: %v, want the visitor's error", err)
		}
	})
}

// TestWalkMissesNoContentThatIsFinishedMeanwhile holds the promise on which
// pruning rests.
func TestWalkMissesNoContentThatIsFinishedMeanwhile(t *testing.T) {
	t.Parallel()
	indexes(t, func(t *testing.T, index vault.Index) {
		ctx := t.Context()
		const n = 100
		for i := range n {
			check(t, index.SaveProgress(ctx, id, progressOf(i, 1)))
		}
		var wg sync.WaitGroup
		wg.Go(func() {
			for i := range n {
				if err := index.Finish(ctx, id, progressOf(i, 1)); err != nil {
					t.Error(err)
				}
			}
		})
		for range 5 {
			seen := map[backup.Content]bool{}
			check(t, index.Walk(ctx, id,
				func(r vault.Row) error { seen[r.Content] = true; return nil },
				func(p vault.Progress) error { seen[p.Content] = true; return nil }))
			if len(seen) != n {
				t.Errorf("a walk saw %d contents, want %d", len(seen), n)
			}
		}
		wg.Wait()
	})
}

func conflict(t *testing.T, err error) {
	t.Helper()
	if backup.KindOf(err) != backup.Conflict {
		t.Errorf("error %v, want a conflict", err)
	}
}

func TestPartOfManyStandsAlone(t *testing.T) {
	t.Parallel()
	cloud := localtest.Start(t)
	table := content.New(cloud.AWS, cloud.Table(t))
	row := rowOf(7)
	row.Parts = append(row.Parts, row.Parts...)
	err := table.Put(t.Context(), id, []vault.Row{row})
	if err == nil || !strings.Contains(err.Error(), "beginning of its pack") {
		t.Errorf("Put: %v, want a refusal", err)
	}
}
