package boxsim_test

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/box/boxsim"
)

func TestBoxsOwnSDKWorks(t *testing.T) {
	t.Parallel()
	modules, err := filepath.Abs(filepath.Join("..", "..", "..", "scripts", "npm", "node_modules"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(modules, "box-node-sdk")); err != nil {
		t.Fatal("box-node-sdk is not installed: run make deps")
	}
	sim := boxsim.New(boxsim.Options{Seed: 1})
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	acme := sim.AddEnterprise("Acme")
	ada := acme.AddUser("Ada", "ada@acme.example", boxsim.Admin)
	bob := acme.AddUser("Bob", "bob@acme.example", boxsim.Member)

	cmd := exec.CommandContext(t.Context(), "node", filepath.Join("testdata", "sdk.cjs"), server.URL, sim.Token(ada), string(bob))
	cmd.Env = append(os.Environ(), "NODE_PATH="+modules)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}

	var got map[string]any
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	want := map[string]any{
		"me": "ada@acme.example", "usersPage": 1.0,
		"children":    []any{"Child 0", "Child 1", "Child 2", "Child 3", "Child 4"},
		"sha1Matches": true, "pastVersions": 1.0, "current": "second version", "past": "first version", "range": "second",
		"chunkedSha1Matches": true, "collaboration": "editor", "sharedWithOther": []any{"From the SDK"},
		"comments": []any{"Looks good"}, "uploadEvents": 3.0, "adminEvents": true, "archive": "PK",
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("what the SDK saw (-got +want):\n%s", diff)
	}
}
