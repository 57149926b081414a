package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/jsii-runtime-go"
)

var update = flag.Bool("update", false, "rewrite the golden template")

// template is a synthesized stack.
type template struct {
	Resources map[string]resource
	Outputs   map[string]any
}

type resource struct {
	Type           string
	Properties     map[string]any
	DeletionPolicy string
	Metadata       map[string]any
}

// The stacks of these tests: one region, with a directory replicated to
// another. TestMain synthesizes them once.
const testRegion = "eu-central-1"

var region1, directory1 *template

func TestMain(m *testing.M) {
	flag.Parse()
	code, err := synthesize(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "infra:", err)
		code = 1
	}
	os.Exit(code)
}

func synthesize(m *testing.M) (int, error) {
	defer jsii.Close()
	dir, err := os.MkdirTemp("", "infra")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	assets := filepath.Join(dir, "assets")
	for _, f := range functionNames {
		if err := os.MkdirAll(filepath.Join(assets, f), 0o700); err != nil {
			return 0, err
		}
		if err := os.WriteFile(filepath.Join(assets, f, "bootstrap"), []byte(f), 0o600); err != nil {
			return 0, err
		}
	}
	context, err := json.Marshal(map[string]any{"coffer:assets": assets, "coffer:regions": []string{testRegion, "us-east-1"}})
	if err != nil {
		return 0, err
	}
	s, err := readSettings("../cdk.json", string(context))
	if err != nil {
		return 0, err
	}
	out := filepath.Join(dir, "out")
	newApp(s, &out).Synth(nil)
	if region1, err = readTemplate(filepath.Join(out, "Coffer-"+testRegion+".template.json")); err != nil {
		return 0, err
	}
	if directory1, err = readTemplate(filepath.Join(out, "Coffer-Directory.template.json")); err != nil {
		return 0, err
	}
	return m.Run(), nil
}

func readTemplate(path string) (*template, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var t template
	return &t, json.Unmarshal(data, &t)
}

// each calls check for every resource of a type, as a subtest, and fails where
// there is none.
func each(t *testing.T, in *template, resourceType string, check func(t *testing.T, id string, r resource)) {
	t.Helper()
	found := false
	for id, r := range in.Resources {
		if r.Type == resourceType {
			found = true
			t.Run(id, func(t *testing.T) { check(t, id, r) })
		}
	}
	if !found {
		t.Errorf("the template has no %s", resourceType)
	}
}

// at follows a path of keys and indexes ("Replicas.0.Region") through decoded
// JSON; what is not there is nil.
func at(v any, path string) any {
	for key := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[key]
		case []any:
			var i int
			if _, err := fmt.Sscan(key, &i); err != nil || i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}

// compact returns a value as compact JSON, for comparison.
func compact(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

// list returns a value that CloudFormation writes as one or as several.
func list(v any) []any {
	if l, ok := v.([]any); ok {
		return l
	}
	if v == nil {
		return nil
	}
	return []any{v}
}
