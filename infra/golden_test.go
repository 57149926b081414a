package main

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The golden template shows in review what a change of the code means to AWS.
// It is rewritten with go test ./infra -update.
func TestRegionIsAsReviewed(t *testing.T) {
	t.Parallel()
	const golden = "testdata/region.json"
	var got bytes.Buffer
	e := json.NewEncoder(&got)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(region1.Resources); err != nil {
		t.Fatal(err)
	}
	// Assets are named by their hash.
	normal := regexp.MustCompile(`"[0-9a-f]{64}\.zip"`).ReplaceAll(got.Bytes(), []byte(`"asset.zip"`))
	if *update {
		if err := os.WriteFile(golden, normal, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(normal, want) {
		t.Errorf("%s is not what the code says; run this test with -update and review the change:\n%s",
			golden, cmp.Diff(string(want), string(normal)))
	}
}
