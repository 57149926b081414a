package catalog_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"coffer/shared/backup"
	"coffer/shared/catalog"
)

var (
	ids    = rapid.SampledFrom([]string{"1", "2", "3", "4", "5", "007", "box_support", "9223372036854775808"})
	names  = rapid.SampledFrom([]string{"a", "A.txt", "no\x00rm", "\xff\xfe", "日本語.pdf", "' OR 1=1", "\u202egnp.exe", "Ü"})
	people = rapid.SampledFrom([]string{"", "11", `{"id":"12","name":"Ann"}`})
	times  = rapid.Map(rapid.Int64Range(0, 2e12), func(ms int64) time.Time {
		if ms < 1e11 {
			return time.Time{}
		}
		return time.UnixMilli(ms).UTC()
	})
	// content has few values, so that files share them.
	content = rapid.Map(rapid.IntRange(0, 5), func(n int) backup.Content {
		return backup.Content{SHA1: backup.SHA1{byte(n), 1}, Size: int64(n / 2)}
	})
	refs = rapid.Custom(func(t *rapid.T) backup.ItemRef {
		kind := rapid.SampledFrom([]backup.ItemKind{backup.Folder, backup.File, backup.WebLink}).Draw(t, "kind")
		return backup.ItemRef{Kind: kind, ID: ids.Draw(t, "id")}
	})
	item = rapid.Custom(func(t *rapid.T) catalog.Item {
		it := catalog.Item{
			ItemRef: refs.Draw(t, "ref"), Name: names.Draw(t, "name"),
			Parent:      cmp.Or(rapid.SampledFrom([]string{"0", "0", ""}).Draw(t, "root"), ids.Draw(t, "parent")),
			Description: rapid.SampledFrom([]string{"", "d"}).Draw(t, "description"),
			Tags:        rapid.SampledFrom([][]string{nil, {"x", "y,z"}}).Draw(t, "tags"),
			CreatedAt:   times.Draw(t, "created"), CreatedBy: people.Draw(t, "by"), OwnedBy: people.Draw(t, "owner"),
			ETag: rapid.SampledFrom([]string{"", "0", "00", "x"}).Draw(t, "etag"), ExternallyOwned: rapid.Bool().Draw(t, "external"),
			Extra: rapid.SampledFrom([]json.RawMessage{nil, []byte(`{"lock": null}`)}).Draw(t, "extra"),
		}
		if rapid.IntRange(0, 9).Draw(t, "reference") == 0 {
			it.State = catalog.Reference
			return it
		}
		switch it.Kind {
		case backup.File:
			it.Content, it.VersionID = content.Draw(t, "content"), rapid.SampledFrom([]string{"", "77"}).Draw(t, "version")
			it.ContentModifiedAt = times.Draw(t, "modified")
		case backup.WebLink:
			it.URL = "https://example.com/"
		}
		return it
	})
)

// TestCatalogMatchesItsModel runs random histories, with the file closed and
// opened, or replaced by its checkpoint, at any point, and compares every
// snapshot after each seal.
func TestCatalogMatchesItsModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "catalog")
		must(t, err)
		defer os.RemoveAll(dir)
		path, files, ctx := filepath.Join(dir, "0"), 0, t.Context()
		c, err := catalog.Create(ctx, path)
		must(t, err)
		m := &model{cur: items{}, gone: map[string]bool{}, stored: map[backup.Content]bool{}, failed: failures{}}
		begin := func() *catalog.Draft {
			d, err := c.Draft(ctx, backup.SnapshotID(fmt.Sprint("s", m.seals)), time.UnixMilli(int64(m.seals)))
			must(t, err)
			return d
		}
		d := begin()
		reopen := func(to string) {
			must(t, d.Close())
			must(t, c.Close())
			c, err = catalog.Open(ctx, to)
			must(t, err)
			d = begin()
		}
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				some := rapid.SliceOfN(item, 1, 5).Draw(t, "items")
				must(t, d.Put(ctx, some...))
				for _, it := range some {
					m.put(it)
				}
			},
			"remove": func(t *rapid.T) {
				ref := refs.Draw(t, "ref")
				must(t, d.Remove(ctx, ref))
				m.remove(ref)
			},
			"listed": func(t *rapid.T) {
				parent, seen := cmp.Or(rapid.SampledFrom([]string{"0", ""}).Draw(t, "root"), ids.Draw(t, "parent")), rapid.SliceOf(refs).Draw(t, "seen")
				must(t, d.Listed(ctx, parent, seen))
				m.listed(parent, seen)
			},
			"pages": func(t *rapid.T) {
				parent, page := cmp.Or(rapid.SampledFrom([]string{"0", ""}).Draw(t, "root"), ids.Draw(t, "parent")), rapid.SliceOf(item).Draw(t, "items")
				cut := rapid.IntRange(0, len(page)).Draw(t, "cut")
				var seen []backup.ItemRef
				for i := range page {
					page[i].Parent = parent
					m.put(page[i])
					seen = append(seen, page[i].ItemRef)
				}
				_, err := d.Page(ctx, parent, "more", time.Now(), page[:cut]...)
				must(t, err)
				reopen(path)
				if marker, err := d.Marker(ctx, parent); marker != "more" || err != nil {
					t.Fatalf("marker %q, %v", marker, err)
				}
				_, err = d.Page(ctx, parent, "", time.Now(), page[cut:]...)
				must(t, err)
				m.listed(parent, seen)
			},
			"settle": func(t *rapid.T) {
				got, err := d.Settle(ctx)
				must(t, err)
				slices.Sort(got)
				if diff := gocmp.Diff(got, m.settle(), cmpopts.EquateEmpty()); diff != "" {
					t.Fatal(diff)
				}
			},
			"stored": func(t *rapid.T) {
				c := content.Draw(t, "content")
				must(t, d.Stored(ctx, c))
				m.store(c)
			},
			"fail": func(t *rapid.T) {
				ref, reason := refs.Draw(t, "ref"), rapid.SampledFrom([]string{"403", "500"}).Draw(t, "reason")
				must(t, d.Fail(ctx, ref, reason))
				it, ok := m.cur[ref]
				m.failed[ref] = failure{reason, ok && m.wanted(it)}
			},
			"expire": func(t *rapid.T) {
				must(t, d.Close())
				kept := slices.DeleteFunc(slices.Clone(m.sealed), func(s sealed) bool {
					return s.id != m.sealed[len(m.sealed)-1].id && rapid.Bool().Draw(t, "expired")
				})
				n, err := c.Expire(ctx, func(id backup.SnapshotID) bool {
					return slices.ContainsFunc(kept, func(s sealed) bool { return s.id == id })
				})
				must(t, err)
				if want := len(m.sealed) - len(kept); n != want {
					t.Fatalf("%d snapshots expired, want %d", n, want)
				}
				if n > 0 {
					m.expire(kept)
				}
				compare(t, c, m)
				relied(t, c, m)
				d = begin()
			},
			"reopen": func(*rapid.T) { reopen(path) },
			"checkpoint": func(*rapid.T) {
				files++
				path = filepath.Join(dir, fmt.Sprint(files))
				must(t, c.Checkpoint(ctx, path))
				reopen(path)
			},
			"seal": func(t *rapid.T) {
				for {
					unknown, err := d.Settle(ctx)
					must(t, err)
					if m.settle(); len(unknown) == 0 {
						break
					}
					if _, err := d.Seal(ctx); err == nil {
						t.Fatal("sealed a draft with unknown folders")
					}
					must(t, d.Remove(ctx, folder(unknown[0])))
					m.remove(folder(unknown[0]))
				}
				fail := rapid.Bool().Draw(t, "fail the rest")
				for {
					wanted, err := d.Wanted(ctx, backup.Content{Size: -1}, 1)
					must(t, err)
					if len(wanted) == 0 {
						break
					}
					it := wanted[0]
					if !m.wanted(m.cur[it.ItemRef]) || m.failed[it.ItemRef].content {
						t.Fatalf("%s is wanted", it.ItemRef)
					}
					if fail {
						must(t, d.Fail(ctx, it.ItemRef, "not read"))
						m.failed[it.ItemRef] = failure{"not read", true}
					} else {
						must(t, d.Stored(ctx, it.Content))
						m.store(it.Content)
					}
				}
				counts, err := d.Seal(ctx)
				must(t, err)
				want := m.seal(d.ID)
				if diff := gocmp.Diff(counts, want.counts); diff != "" {
					t.Fatal(diff)
				}
				fresh, err := d.Fresh(ctx)
				must(t, err)
				if diff := gocmp.Diff(fresh, want.fresh); diff != "" {
					t.Fatal(diff)
				}
				must(t, d.Close())
				compare(t, c, m)
				d = begin()
			},
			"": func(t *rapid.T) {
				for ref, want := range m.cur {
					if got, err := d.Item(ctx, ref); err != nil || !same(got, want) {
						t.Fatalf("%s: %v: %s", ref, err, gocmp.Diff(got, want))
					}
				}
			},
		})
		must(t, d.Close())
		must(t, c.Close())
	})
}

// relied checks that the catalog relies on all that its snapshots and its draft
// promise, and on nothing that was stored and expired.
func relied(t *rapid.T, c *catalog.Catalog, m *model) {
	got, want := map[backup.Content]bool{}, maps.Clone(m.stored)
	must(t, c.Relied(t.Context(), func(c backup.Content) error { got[c] = true; return nil }))
	for _, all := range append([]sealed{{items: m.cur}}, m.sealed...) {
		for _, it := range all.items {
			if it.Kind == backup.File {
				want[it.Content] = true
			}
		}
	}
	if diff := gocmp.Diff(got, want); diff != "" {
		t.Fatalf("relies on (-got +want): %s", diff)
	}
}

func compare(t *rapid.T, c *catalog.Catalog, m *model) {
	ctx := t.Context()
	list, err := c.Snapshots(ctx)
	must(t, err)
	if len(list) != len(m.sealed) {
		t.Fatalf("%d snapshots, want %d", len(list), len(m.sealed))
	}
	slices.Reverse(list)
	for i, want := range m.sealed {
		if list[i].ID != want.id || list[i].Counts != want.counts {
			t.Fatalf("snapshot %d: %+v", i, list[i])
		}
		got, browsed := items{}, items{}
		at := map[string]bool{"0": true}
		must(t, c.Walk(ctx, want.id, folder("0"), func(it catalog.Item) error {
			if !at[it.Parent] {
				t.Fatalf("%s before its folder", it.ItemRef)
			}
			at[it.ID] = at[it.ID] || it.Kind == backup.Folder
			got[it.ItemRef] = it
			return nil
		}))
		if diff := gocmp.Diff(got, want.items, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("snapshot %d: %s", i, diff)
		}
		for parent := range at {
			for after := ""; ; {
				page, next, err := c.Children(ctx, want.id, parent, catalog.Listing{}, after, 2)
				must(t, err)
				for _, it := range page {
					if _, twice := browsed[it.ItemRef]; twice || it.Parent != parent {
						t.Fatalf("%s is listed in %s", it.ItemRef, parent)
					}
					browsed[it.ItemRef] = it
				}
				if after = next; after == "" {
					break
				}
			}
		}
		if diff := gocmp.Diff(browsed, want.items, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("snapshot %d, browsed: %s", i, diff)
		}
		ledger, err := c.Failures(ctx, want.id)
		must(t, err)
		reasons := map[backup.ItemRef]string{}
		for _, f := range ledger {
			reasons[f.ItemRef] = f.Reason
		}
		for ref, f := range want.failures {
			if reasons[ref] != f.reason || len(reasons) != len(want.failures) {
				t.Fatalf("snapshot %d: failures %v, want %v", i, reasons, want.failures)
			}
		}
	}
}

func must(t interface{ Fatal(...any) }, err error) {
	if err != nil {
		t.Fatal(err)
	}
}
