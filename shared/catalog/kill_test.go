package catalog_test

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"coffer/shared/catalog"
)

// TestKilledWriterLeavesAUsableFile starts this test binary as a writer and
// kills it at an arbitrary point.
func TestKilledWriterLeavesAUsableFile(t *testing.T) {
	if path := os.Getenv("CATALOG_WRITER"); path != "" {
		write(t, path)
		return
	}
	t.Parallel()
	c, path := create(t)
	must(t, c.Close())
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilledWriterLeavesAUsableFile$")
	cmd.Env = append(os.Environ(), "CATALOG_WRITER="+path)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	written := 0
	for buf := make([]byte, 1); written < 300; written++ { // one byte for each page written
		if _, err := io.ReadFull(out, buf); err != nil || buf[0] != '.' {
			rest, _ := io.ReadAll(out)
			t.Fatalf("the writer ended by itself: %s%s", buf, rest)
		}
	}
	must(t, cmd.Process.Kill())
	cmd.Wait()
	c, err = catalog.Open(t.Context(), path)
	must(t, err)
	defer c.Close()
	d, err := c.Draft(t.Context(), "resumed", time.Now())
	must(t, err)
	defer d.Close()
	for n := range written {
		if _, err := d.Item(t.Context(), folder(fmt.Sprint(n+1))); err != nil {
			t.Fatal(err)
		}
	}
	copied := filepath.Join(t.TempDir(), "copy")
	must(t, c.Checkpoint(t.Context(), copied))
	again, err := catalog.Open(t.Context(), copied)
	must(t, err)
	must(t, again.Close())
}

func write(t *testing.T, path string) {
	c, err := catalog.Open(t.Context(), path)
	must(t, err)
	d, err := c.Draft(t.Context(), "killed", time.Now())
	must(t, err)
	for n := 1; ; n++ {
		page(t, d, "0", "more", dir(fmt.Sprint(n), "0", "x"))
		os.Stdout.WriteString(".")
	}
}
