package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/identity"
)

func TestAPIIsThrottledAndLogged(t *testing.T) {
	t.Parallel()
	each(t, region1, "AWS::ApiGatewayV2::Stage", func(t *testing.T, _ string, r resource) {
		if at(r.Properties, "AccessLogSettings.Format") == nil || at(r.Properties, "DefaultRouteSettings.ThrottlingRateLimit") == nil {
			t.Error("the API is not throttled or not logged")
		}
	})
}

// Every path that the API's packages serve has a route to the function that
// serves it, and no route leads to a path that nobody serves.
func TestRoutesAreThoseThatTheAPIServes(t *testing.T) {
	t.Parallel()
	got := map[string][]string{}
	each(t, region1, "AWS::ApiGatewayV2::Route", func(t *testing.T, _ string, r resource) {
		_, integration, _ := strings.Cut(compact(at(r.Properties, "Target")), `{"Ref":"`)
		integration, _, _ = strings.Cut(integration, `"`)
		function := at(region1.Resources[integration].Properties, "IntegrationUri.Fn::GetAtt.0").(string)
		function = regexp.MustCompile("[0-9A-F]{8}$").ReplaceAllString(function, "")
		path := strings.TrimPrefix(r.Properties["RouteKey"].(string), "ANY ")
		got[function] = append(got[function], path)
	})
	want := map[string][]string{"web": {"$default"}}
	for function, folder := range map[string]string{"identity": "access", "tasks": "tasks", "recovery": "recovery"} {
		served := map[string]bool{}
		for _, path := range pathsIn(t, "../shared/api/"+folder) {
			served[path] = true
		}
		for path := range served { // /users/activate is served by the route of /users/{user}
			parent := path[:strings.LastIndex(path, "/")]
			if parent == "/api/tasks/{task}/users" && path != parent+"/{user}" {
				delete(served, path)
				served[parent+"/{user}"] = true
			}
		}
		want[function] = slices.Collect(maps.Keys(served))
	}
	for _, routes := range []map[string][]string{got, want} {
		for _, paths := range routes {
			slices.Sort(paths)
		}
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("routed and served (-routed +served):\n%s", diff)
	}
}

// pathsIn returns the paths of the operations that a package registers.
func pathsIn(t *testing.T, folder string) []string {
	t.Helper()
	files, err := filepath.Glob(folder + "/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("%s has no Go files (%v)", folder, err)
	}
	var paths []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		constants := map[string]string{}
		ast.Inspect(file, func(n ast.Node) bool {
			if v, ok := n.(*ast.ValueSpec); ok && len(v.Values) == 1 {
				if s, ok := literal(v.Values[0], nil); ok {
					constants[v.Names[0].Name] = s
				}
			}
			return true
		})
		ast.Inspect(file, func(n ast.Node) bool {
			if field, ok := n.(*ast.KeyValueExpr); ok && compactExpr(field.Key) == "Path" {
				if s, ok := literal(field.Value, constants); ok && strings.HasPrefix(s, "/api/") {
					paths = append(paths, s)
				}
			}
			return true
		})
	}
	return paths
}

func compactExpr(e ast.Expr) string {
	if id, ok := e.(*ast.Ident); ok {
		return id.Name
	}
	return ""
}

// literal returns the value of a string made of literals and constants.
func literal(e ast.Expr, constants map[string]string) (string, bool) {
	switch x := e.(type) {
	case *ast.BasicLit:
		return strings.Trim(x.Value, "\"`"), x.Kind == token.STRING
	case *ast.Ident:
		s, ok := constants[x.Name]
		return s, ok
	case *ast.BinaryExpr:
		a, first := literal(x.X, constants)
		b, second := literal(x.Y, constants)
		return a + b, first && second
	}
	return "", false
}

func TestRegionsAreTheLocationsOfSignUp(t *testing.T) {
	t.Parallel()
	s := fromFile(t, "")
	got, want := s.Locations, map[string]string{}
	for _, l := range identity.Locations("") {
		want[l.Region] = l.Name
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("coffer:locations and the locations of sign-up:\n%s", diff)
	}
	if diff := cmp.Diff(slices.Sorted(slices.Values(s.Regions)), slices.Sorted(maps.Keys(want))); diff != "" {
		t.Errorf("coffer:regions and the locations of sign-up:\n%s", diff)
	}
}
