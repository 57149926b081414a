// Package shared_test checks the shape of the whole tree: which package may
// import which, and that each has one package comment.
package shared_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// layers lists the packages from the bottom up. A package may import those of
// the layers below its own, never one of its own layer unless peers says so.
var layers = []struct {
	name     string
	packages []string
	peers    bool
}{
	{name: "words and settings", packages: []string{"shared/backup", "shared/env"}},
	{name: "AWS adapters", packages: []string{"shared/keys", "shared/bucket", "shared/queue", "shared/boot", "shared/lease", "shared/retry", "shared/metric"}},
	{name: "Box, vault, catalog, records", packages: []string{
		"shared/box", "shared/vault", "shared/catalog",
		"shared/account", "shared/task", "shared/snapshot", "shared/job", "shared/audit",
	}},
	{name: "the vault's index", packages: []string{"shared/content"}},
	{name: "connections", packages: []string{"shared/connection", "shared/dispatch", "shared/shelf", "shared/wiring"}},
	{name: "actors", packages: []string{
		"shared/scheduler", "shared/scanner", "shared/archiver", "shared/people", "shared/restorer",
		"shared/pruner", "shared/verifier", "shared/identity", "shared/mailer", "shared/reporter", "shared/operator",
	}},
	{name: "API", packages: []string{"shared/api"}, peers: true},
	{name: "functions and infrastructure", packages: []string{"functions", "infra"}},
	{name: "simulators and scripts", packages: []string{"shared/box/boxsim", "shared/box/boxspec", "shared/api/gateway/gatewaytest", "scripts"}, peers: true},
}

// only says who alone may import a package, whatever the layers allow.
var only = map[string][]string{
	"shared/boot":                   {"functions", "shared/wiring"},
	"shared/wiring":                 {"functions"},
	"github.com/guregu/dynamo/v2":   {"shared/account", "shared/task", "shared/snapshot", "shared/job", "shared/audit", "shared/content"},
	"github.com/aws/aws-lambda-go":  {"functions", "shared/queue", "shared/api", "scripts"},
	"github.com/aws/aws-cdk-go":     {"infra"},
	"github.com/versity/versitygw":  {"scripts"},
	"github.com/getkin/kin-openapi": {"shared/box/boxspec"},
	"modernc.org/sqlite":            {"shared/catalog"},
}

func TestImportsPointDown(t *testing.T) {
	for dir, file := range files(t) {
		from, known := layerOf(dir)
		if !known {
			t.Errorf("%s is in no layer: add it to the table in this test", dir)
			continue
		}
		for _, spec := range file.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			for restricted, by := range only {
				if under(strings.TrimPrefix(name, "coffer/"), restricted) && !anyUnder(dir, by) {
					t.Errorf("%s imports %s, which only %v may", dir, name, by)
				}
			}
			target, ours := strings.CutPrefix(name, "coffer/")
			if !ours || target == dir {
				continue
			}
			to, _ := layerOf(target)
			if to > from || to == from && !layers[from].peers {
				t.Errorf("%s (%s) imports %s (%s): imports point down only", dir, layers[from].name, target, layers[to].name)
			}
		}
	}
}

func TestEveryPackageHasOnePackageComment(t *testing.T) {
	comments := map[string]int{}
	for dir, file := range files(t) {
		comments[dir] += 0
		if file.Doc != nil {
			comments[dir]++
		}
	}
	for dir, n := range comments {
		if n != 1 {
			t.Errorf("%s has %d package comments, want 1", dir, n)
		}
	}
}

// files yields every Go file of the module that is not a test, with the folder
// it is in, relative to the module.
func files(t *testing.T) func(func(string, *ast.File) bool) {
	t.Helper()
	return func(yield func(string, *ast.File) bool) {
		n := 0
		err := filepath.WalkDir("..", func(name string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			base := entry.Name()
			if entry.IsDir() {
				hidden := strings.HasPrefix(base, ".") && base != ".."
				if hidden || base == "node_modules" || base == "testdata" || base == "dist" || base == "cdk.out" {
					return filepath.SkipDir
				}
				return nil
			}
			if !strings.HasSuffix(base, ".go") || strings.HasSuffix(base, "_test.go") {
				return nil
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly|parser.ParseComments)
			if err != nil {
				return err
			}
			n++
			dir := path.Dir(strings.TrimPrefix(filepath.ToSlash(name), "../"))
			if !yield(dir, file) {
				return fs.SkipAll
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			t.Fatal("no Go file was found")
		}
	}
}

// layerOf returns the layer of the longest listed path that dir is under.
func layerOf(dir string) (int, bool) {
	best, layer := -1, 0
	for i, l := range layers {
		for _, p := range l.packages {
			if under(dir, p) && len(p) > best {
				best, layer = len(p), i
			}
		}
	}
	return layer, best >= 0
}

func under(dir, root string) bool { return dir == root || strings.HasPrefix(dir, root+"/") }

func anyUnder(dir string, roots []string) bool {
	for _, root := range roots {
		if under(dir, root) {
			return true
		}
	}
	return false
}
