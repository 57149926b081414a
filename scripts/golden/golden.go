// Package golden compares what a test made with a file that was read in review.
// `go test ./that/package -update` writes the files anew.
package golden

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite golden files")

// JSON compares a value's indented JSON with the file.
func JSON(t testing.TB, file string, value any) {
	t.Helper()
	got, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	Bytes(t, file, append(got, '\n'))
}

// Bytes compares bytes with the file.
func Bytes(t testing.TB, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s (-got +want):\n%s", file, cmp.Diff(string(got), string(want)))
	}
}
