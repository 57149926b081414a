package cloud_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"coffer/scripts/local/cloud"
)

func TestStateFolderHasOneOwner(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "state")
	first, err := cloud.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Note("http://localhost:8080"); err != nil {
		t.Fatal(err)
	}
	if _, err := cloud.Open(dir); err == nil || !strings.Contains(err.Error(), "another Coffer is running") || !strings.Contains(err.Error(), "http://localhost:8080") {
		t.Errorf("a second owner got %v", err)
	}
	if address, err := cloud.Address(dir); err != nil || address != "http://localhost:8080" {
		t.Errorf("address %q, %v", address, err)
	}
	first.Close()
	second, err := cloud.Open(dir)
	if err != nil {
		t.Fatalf("after the first owner is gone: %v", err)
	}
	second.Close()
}

func TestUnusableStateFoldersAreExplained(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, file, text, want string }{
		{"another format", "state/format", "99\n", `has the format "99"`},
		{"a file in its place", "state", "", "cannot be used"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			path := filepath.Join(root, c.file)
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := cloud.Open(filepath.Join(root, "state"))
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want one sentence with %q", err, c.want)
			}
		})
	}
	if _, err := cloud.Address(t.TempDir()); err == nil || !strings.Contains(err.Error(), "make run") {
		t.Errorf("no address: %v", err)
	}
}
