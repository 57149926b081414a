package openapi_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/api"
	"coffer/shared/api/access"
	"coffer/shared/api/openapi"
	"coffer/shared/api/recovery"
	"coffer/shared/api/tasks"
	"coffer/shared/identity"
)

var update = flag.Bool("update", false, "write openapi.json")

// everything registers the operations of all functions on one API.
func everything() *api.API {
	a := api.New(&identity.Sessions{}, "https://portal.example.com")
	(&access.Server{Identity: &identity.Service{}}).Register(a)
	(&tasks.Server{}).Register(a)
	(&recovery.Server{}).Register(a)
	return a
}

func TestDocumentIsWhatTheHandlersSay(t *testing.T) {
	t.Parallel()
	want, err := json.MarshalIndent(everything().OpenAPI(), "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	if *update {
		if err := os.WriteFile("openapi.json", want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(want), string(openapi.Document())); diff != "" {
		t.Errorf("openapi.json is not what the handlers say (-want +got); run this test with -update:\n%s", diff)
	}
}

// TestEveryOperationIsCheckedOrNamedPublic reads the document, so that a new
// operation is in it without anyone thinking of this test.
func TestEveryOperationIsCheckedOrNamedPublic(t *testing.T) {
	t.Parallel()
	var document struct {
		Paths map[string]map[string]struct {
			OperationID string                      `json:"operationId"`
			Security    []map[string][]string       `json:"security"`
			Parameters  []struct{ Name, In string } `json:"parameters"`
		} `json:"paths"`
	}
	if err := json.NewDecoder(bytes.NewReader(openapi.Document())).Decode(&document); err != nil {
		t.Fatal(err)
	}
	var public []string
	operations := 0
	for path, methods := range document.Paths {
		if !strings.HasPrefix(path, "/api/") {
			t.Errorf("%s is not under /api/", path)
		}
		for method, op := range methods {
			operations++
			for name := range strings.SplitSeq(path, "/") {
				if name, ok := strings.CutPrefix(name, "{"); ok && !slices.ContainsFunc(op.Parameters, func(p struct{ Name, In string }) bool {
					return p.In == "path" && p.Name+"}" == name
				}) {
					t.Errorf("%s %s does not read {%s", method, path, name)
				}
			}
			switch {
			case op.Security == nil:
				t.Errorf("%s %s does not say whether it is checked", method, path)
			case len(op.Security) == 0:
				public = append(public, op.OperationID)
			}
		}
	}
	slices.Sort(public)
	if diff := cmp.Diff([]string{"activate", "get-document", "list-locations", "request-password-reset", "reset-password", "sign-in", "sign-up"}, public); diff != "" {
		t.Errorf("public operations (-want +got):\n%s", diff)
	}
	if operations < 25 {
		t.Errorf("the document has %d operations", operations)
	}
}
