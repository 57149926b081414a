package catalog_test

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"coffer/shared/backup"
	"coffer/shared/catalog"
)

// million is what BenchmarkMillionItems works on; the folder of 20,000 items is
// BenchmarkLargeFolder's.
const (
	million = 1_000_000
	large   = 20_000
)

// plausible is the n-th item of a large account: a folder in 20, and files with
// the metadata that Box gives.
func plausible(n, parent int) catalog.Item {
	at := time.UnixMilli(1.7e12 + int64(n)*1000).UTC()
	it := catalog.Item{
		ItemRef: backup.ItemRef{Kind: backup.File, ID: fmt.Sprint(1e12 + n)}, Parent: fmt.Sprint(1e12 + parent),
		Name: fmt.Sprintf("Report %d for the quarter.docx", n), VersionID: fmt.Sprint(2e12 + n), ETag: "3", SequenceID: "3",
		CreatedAt: at, ModifiedAt: at, ContentCreatedAt: at, ContentModifiedAt: at,
		CreatedBy: "ann@example.com", ModifiedBy: "bob@example.com", OwnedBy: "ann@example.com",
		Extra: json.RawMessage(`{"permissions":{"can_download":true,"can_upload":true,"can_share":true}}`),
	}
	if parent == 0 {
		it.Parent = backup.RootFolder
	}
	if n%20 == 1 {
		it.Kind, it.VersionID = backup.Folder, ""
		return it
	}
	it.Content.Size = int64(n)
	binary.BigEndian.PutUint64(it.Content.SHA1[:], uint64(n)*0x9e3779b97f4a7c15)
	return it
}

// fill puts items 1 to n, 1000 at a time, 20 to a folder.
func fill(b *testing.B, d *catalog.Draft, n int) {
	page := make([]catalog.Item, 0, 1000)
	for i := 1; i <= n; i++ {
		parent := 0
		if i > 20 {
			parent = i/400*20 + 1
		}
		page = append(page, plausible(i, parent))
		if len(page) == cap(page) || i == n {
			must(b, d.Put(b.Context(), page...))
			page = page[:0]
		}
	}
}

func stored(b *testing.B, d *catalog.Draft) {
	after := backup.Content{}
	for {
		page, err := d.Wanted(b.Context(), after, 1000)
		must(b, err)
		if len(page) == 0 {
			return
		}
		contents := make([]backup.Content, len(page))
		for i := range page {
			contents[i] = page[i].Content
		}
		must(b, d.Stored(b.Context(), contents...))
		after = contents[len(contents)-1]
	}
}

func BenchmarkMillionItems(b *testing.B) {
	for b.Loop() {
		c, path := create(b)
		begin := time.Now()
		lap := func(what string) {
			b.ReportMetric(time.Since(begin).Seconds(), "s-"+what)
			begin = time.Now()
		}
		d, err := c.Draft(b.Context(), "s1", begin)
		must(b, err)
		fill(b, d, million)
		lap("put")
		stored(b, d)
		lap("wanted-stored")
		_, err = d.Seal(b.Context())
		must(b, err)
		must(b, d.Close())
		lap("seal")
		d, err = c.Draft(b.Context(), "s2", begin)
		must(b, err)
		fill(b, d, million)
		lap("put-unchanged")
		counts, err := d.Seal(b.Context())
		must(b, err)
		must(b, d.Close())
		if counts.Items() != million || counts.Changed != 0 {
			b.Fatalf("%+v", counts)
		}
		lap("seal-unchanged")
		n := 0
		must(b, c.Walk(b.Context(), "s2", folder("0"), func(catalog.Item) error { n++; return nil }))
		if n != million {
			b.Fatal(n)
		}
		lap("walk")
		if _, _, err := c.Search(b.Context(), "s2", "quarter 99999", "", "", 100); err != nil {
			b.Fatal(err)
		}
		lap("search")
		must(b, c.Checkpoint(b.Context(), filepath.Join(b.TempDir(), "copy")))
		lap("checkpoint")
		info, err := os.Stat(path)
		must(b, err)
		b.ReportMetric(float64(info.Size())/million, "B/item")
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		b.ReportMetric(float64(m.Sys)/1e6, "MB-heap")
		b.ReportMetric(float64(peak())/1e6, "MB-peak")
	}
}

func BenchmarkLargeFolder(b *testing.B) {
	c, _ := create(b)
	d, err := c.Draft(b.Context(), "s1", time.Now())
	must(b, err)
	refs := make([]backup.ItemRef, large)
	items := make([]catalog.Item, large)
	for i := range items {
		items[i] = plausible(i+2, 0)
		refs[i] = items[i].ItemRef
	}
	must(b, d.Put(b.Context(), items...))
	stored(b, d)
	b.Run("listed", func(b *testing.B) {
		for b.Loop() {
			must(b, d.Listed(b.Context(), "0", refs))
		}
	})
	_, err = d.Seal(b.Context())
	must(b, err)
	must(b, d.Close())
	for name, l := range map[string]catalog.Listing{
		"page-by-name": {}, "page-by-size": {By: catalog.BySize, Descending: true}, "page-by-time": {By: catalog.ByModified},
	} {
		b.Run(name, func(b *testing.B) {
			_, middle, err := c.Children(b.Context(), "s1", "0", l, "", large/2)
			must(b, err)
			for b.Loop() {
				_, _, err := c.Children(b.Context(), "s1", "0", l, middle, 100)
				must(b, err)
			}
		})
	}
	b.Run("count", func(b *testing.B) {
		for b.Loop() {
			_, err := c.CountChildren(b.Context(), "s1", "0", catalog.Listing{})
			must(b, err)
		}
	})
	b.Run("extent", func(b *testing.B) {
		for b.Loop() {
			_, err := c.Extent(b.Context(), "s1", folder("0"))
			must(b, err)
		}
	})
}

// peak returns the process's largest resident size in bytes, where the system
// tells it.
func peak() (bytes int64) {
	status, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(status)) {
		if _, err := fmt.Sscanf(line, "VmHWM: %d kB", &bytes); err == nil {
			return bytes << 10
		}
	}
	return 0
}
