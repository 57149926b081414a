package catalog_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"

	"coffer/shared/backup"
	"coffer/shared/catalog"
)

// TestExtentCountsEachItemOnce compares sums with what walking over the chosen
// items meets.
func TestExtentCountsEachItemOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		temp, err := os.MkdirTemp("", "catalog")
		must(t, err)
		defer os.RemoveAll(temp)
		c, err := catalog.Create(t.Context(), filepath.Join(temp, "c"))
		must(t, err)
		defer c.Close()
		folders := []string{"0"}
		all := []backup.ItemRef{folder("0")}
		for n := range 2 {
			d, err := c.Draft(t.Context(), backup.SnapshotID(fmt.Sprint("s", n)), time.Now())
			must(t, err)
			for i := range rapid.IntRange(0, 20).Draw(t, "items") {
				it := catalog.Item{
					ItemRef: backup.ItemRef{
						Kind: rapid.SampledFrom([]backup.ItemKind{backup.Folder, backup.File, backup.WebLink}).Draw(t, "kind"),
						ID:   rapid.SampledFrom([]string{"", "x", "9223372036854775", "00"}).Draw(t, "id") + fmt.Sprint(n*20+i+1),
					},
					Name: "a", Parent: rapid.SampledFrom(folders).Draw(t, "parent"),
				}
				switch {
				case rapid.IntRange(0, 5).Draw(t, "reference") == 0:
					it.State = catalog.Reference
				case it.Kind == backup.Folder:
					folders = append(folders, it.ID)
				case it.Kind == backup.File:
					it.Content = backup.Content{SHA1: backup.SHA1{byte(n), byte(i)}, Size: rapid.Int64Range(0, 1e6).Draw(t, "size")}
				}
				must(t, d.Put(t.Context(), it))
				all = append(all, it.ItemRef)
			}
			wanted, err := d.Wanted(t.Context(), backup.Content{Size: -1}, 100)
			must(t, err)
			for _, it := range wanted {
				if rapid.IntRange(0, 3).Draw(t, "unreadable") == 0 {
					must(t, d.Fail(t.Context(), it.ItemRef, "not read"))
				} else {
					must(t, d.Stored(t.Context(), it.Content))
				}
			}
			_, err = d.Seal(t.Context())
			must(t, err)
			must(t, d.Close())
		}
		chosen := rapid.SliceOfN(rapid.SampledFrom(all), 0, 8).Draw(t, "chosen")
		var want catalog.Extent
		met := map[backup.ItemRef]bool{}
		for _, ref := range chosen {
			must(t, c.Walk(t.Context(), "s1", ref, func(it catalog.Item) error {
				if met[it.ItemRef] {
					return nil
				}
				met[it.ItemRef] = true
				switch {
				case it.State == catalog.Reference:
					want.References++
				case it.State == catalog.Absent:
					want.Absent++
				case it.Kind == backup.Folder:
					want.Folders++
				case it.Kind == backup.File:
					want.Files++
					want.Bytes += it.Content.Size
				default:
					want.WebLinks++
				}
				return nil
			}))
		}
		must(t, c.Holds(t.Context(), "s1", chosen...))
		got, err := c.Extent(t.Context(), "s1", chosen...)
		if err != nil || got != want || got.Items() != int64(len(met)) {
			t.Fatalf("%v: %+v, %v, want %+v of %d", chosen, got, err, want, len(met))
		}
	})
}

func TestExtentOfWhatTheSnapshotLacksIsNotFound(t *testing.T) {
	t.Parallel()
	c, _ := create(t)
	run(t, c, "s1", func(d *catalog.Draft) { must(t, d.Put(t.Context(), dir("1", "0", "a"), file("2", "1", "x"))) })
	run(t, c, "s2", func(d *catalog.Draft) { must(t, d.Remove(t.Context(), folder("1"))) })
	for _, test := range []struct {
		snap backup.SnapshotID
		ref  backup.ItemRef
		want backup.Kind
	}{
		{"s2", folder("1"), backup.NotFound},
		{"s1", folder("2"), backup.NotFound},
		{"s1", backup.ItemRef{Kind: backup.File, ID: "0"}, backup.NotFound},
		{"s1", backup.ItemRef{Kind: "note", ID: "1"}, backup.Invalid},
		{"none", folder("1"), backup.NotFound},
	} {
		if _, err := c.Extent(t.Context(), test.snap, folder("0"), test.ref); err == nil || backup.KindOf(err) != test.want {
			t.Errorf("%s in %s: %v", test.ref, test.snap, err)
		}
		if err := c.Holds(t.Context(), test.snap, test.ref); err == nil || backup.KindOf(err) != test.want {
			t.Errorf("%s holds %s: %v", test.snap, test.ref, err)
		}
	}
}
