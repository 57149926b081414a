// Package boxspec checks HTTP messages against Box's own description of its
// API, an OpenAPI document that is kept beside the repository and never in it.
// Tests put it between the client and the simulator, so that neither can be
// wrong in a way that suits the other.
//
// What the description gets wrong is listed in errata.go, with reasons, and
// nowhere else.
package boxspec

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// document is where the description lies, seen from the root of the repository.
const document = "../shared/facts/box-openapi.json"

// Spec is Box's description.
type Spec struct {
	whole, partial edition // partial: for requests that name the fields they want
}

// edition is the description as a router sees it.
type edition struct {
	routers.Router
	upload map[*openapi3.Operation]bool // operations of the upload host
}

// Checked returns a transport over next that checks as Spec.Transport does,
// and next itself where the description is not there: for tests of something
// else, which are worth running all the same.
func Checked(t testing.TB, next http.RoundTripper) http.RoundTripper {
	t.Helper()
	spec, err := load()
	if errors.Is(err, os.ErrNotExist) {
		t.Logf("Box's description of its API is not at %s beside the repository, so calls are not checked against it", document)
		return next
	}
	if err != nil {
		t.Fatal(err)
	}
	return spec.Transport(t, next)
}

// Load returns the description, which is read once. The test is skipped where
// the description is not beside the repository.
func Load(t testing.TB) *Spec {
	t.Helper()
	spec, err := load()
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("Box's description of its API is not at %s beside the repository, so nothing is checked against it", document)
	}
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

var load = sync.OnceValues(func() (*Spec, error) {
	path, err := find()
	if err != nil {
		return nil, err
	}
	var spec Spec
	if spec.whole, err = read(path, errata); err == nil {
		spec.partial, err = read(path, append(slices.Clone(errata), partial))
	}
	if err != nil {
		return nil, fmt.Errorf("description of Box's API: %w", err)
	}
	return &spec, nil
})

func read(path string, corrections []erratum) (edition, error) {
	doc, err := openapi3.NewLoader().LoadFromFile(path)
	if err != nil {
		return edition{}, err
	}
	if err := doc.Validate(context.Background(), openapi3.DisableExamplesValidation(), openapi3.DisableSchemaDefaultsValidation()); err != nil {
		return edition{}, err
	}
	e := edition{upload: map[*openapi3.Operation]bool{}}
	for path, item := range doc.Paths.Map() {
		if strings.Contains(path, "#") {
			doc.Paths.Delete(path) // a section of the documentation, not an address
			continue
		}
		for _, op := range item.Operations() {
			if op.Servers != nil {
				e.upload[op] = strings.Contains((*op.Servers)[0].URL, "upload")
				op.Servers = nil
			}
		}
	}
	doc.Servers = nil // every host and prefix is ours to map; see operation
	for _, c := range corrections {
		if err := c.correct(doc); err != nil {
			return edition{}, fmt.Errorf("erratum %q: %w", c.about, err)
		}
	}
	e.Router, err = gorillamux.NewRouter(doc)
	return e, err
}

// find returns the path of the description, from the folder of any package.
func find() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			path := filepath.Join(dir, document)
			_, err := os.Stat(path)
			return path, err
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("no go.mod in this folder or above")
		}
		dir = parent
	}
}

// mapping says which addresses of the real hosts begin how.
var mapping = []struct {
	prefix, path string
	upload       bool
}{
	{prefix: "/api/2.0/", path: "/", upload: true},
	{prefix: "/2.0/", path: "/"},
	{prefix: "/api/oauth2/authorize", path: "/authorize"},
	{prefix: "/oauth2/", path: "/oauth2/"},
}

// operation finds what a request asks for, whatever comes before the address
// that it has at Box. It returns nil for what the description does not speak
// of: downloads, whose addresses are opaque, and pages of the simulator.
func (s *Spec) operation(req *http.Request) (*openapi3filter.RequestValidationInput, error) {
	for _, m := range mapping {
		_, rest, ok := strings.Cut(req.URL.EscapedPath(), m.prefix)
		if !ok {
			continue
		}
		clone := req.Clone(req.Context())
		address, err := url.Parse(m.path + rest)
		if err != nil {
			return nil, err
		}
		address.RawQuery = req.URL.RawQuery
		clone.URL, clone.Host = address, ""
		from := s.whole
		if clone.URL.Query().Has("fields") {
			from = s.partial
		}
		route, params, err := from.FindRoute(clone)
		if err != nil {
			return nil, fmt.Errorf("%s %s: not an operation of Box: %w", req.Method, m.path+rest, err)
		}
		if m.upload != from.upload[route.Operation] {
			return nil, fmt.Errorf("%s %s is sent to the wrong host: upload operations are at %s", req.Method, route.Path, mapping[0].prefix)
		}
		return &openapi3filter.RequestValidationInput{
			Request: clone, PathParams: params, Route: route,
			Options: &openapi3filter.Options{
				IncludeResponseStatus: true, SkipSettingDefaults: true, MultiError: true,
				AuthenticationFunc: openapi3filter.NoopAuthenticationFunc,
			},
		}, nil
	}
	return nil, nil
}
