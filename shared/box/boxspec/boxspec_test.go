package boxspec_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"coffer/shared/box/boxspec"
)

// findings is a testing.TB that collects errors in place of failing.
type findings struct {
	testing.TB
	list []string
}

func (f *findings) Helper() {}

func (f *findings) Error(args ...any) { f.list = append(f.list, fmt.Sprint(args...)) }

const user = `{"type":"user","id":"1","name":"Ada","login":"ada@acme.example"}`

var messages = map[string]struct {
	method, path, body string
	status             int
	answer             string
	want               string // a part of the finding about the request or the answer; "" for none
	ofRequest          bool
}{
	"right":                 {"GET", "/2.0/users/me", "", 200, user, "", false},
	"behind a base path":    {"GET", "/box/2.0/users/me", "", 200, user, "", false},
	"a page of another":     {"GET", "/d/1/abc/download", "", 200, "bytes", "", false},
	"no such endpoint":      {"GET", "/2.0/nothing", "", 404, `{}`, "GET /nothing: not an operation", true},
	"no such method":        {"DELETE", "/2.0/users/me", "", 200, user, "DELETE /users/me: not an operation", true},
	"the wrong host":        {"POST", "/2.0/files/content", "", 201, `{}`, "wrong host", true},
	"the wrong host, too":   {"GET", "/api/2.0/users/me", "", 200, user, "wrong host", true},
	"a body that lacks":     {"POST", "/2.0/folders", `{"name":"a"}`, 201, `{"type":"folder","id":"1"}`, `"parent" is missing`, true},
	"a parameter's value":   {"GET", "/2.0/folders/0/items?limit=5000", "", 200, `{"entries":[]}`, "limit", true},
	"an unknown status":     {"GET", "/2.0/users/me", "", 299, user, "is not one of", false},
	"an answer that lacks":  {"GET", "/2.0/users/me", "", 200, `{"type":"user"}`, `"id" is missing`, false},
	"an answer's type":      {"GET", "/2.0/users/me", "", 200, `{"type":"user","id":1}`, "must be a string", false},
	"an error":              {"GET", "/2.0/users/me", "", 404, `{"type":"error","status":404,"code":"trashed"}`, "", false},
	"an error without code": {"GET", "/2.0/users/me", "", 404, `{"status":"404"}`, "must be an integer", false},
	"fields left out":       {"GET", "/2.0/folders/1/trash?fields=name", "", 200, `{"type":"folder","id":"1","name":"a"}`, "", false},
	"fields not left out":   {"GET", "/2.0/folders/1/trash", "", 200, `{"type":"folder","id":"1","name":"a"}`, "is missing", false},
}

func TestWhatDiffersFromTheDescriptionIsFound(t *testing.T) {
	t.Parallel()
	spec := boxspec.Load(t)
	for name, m := range messages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(m.status)
				_, _ = io.WriteString(w, m.answer)
			})
			asHandler, asTransport := &findings{TB: t}, &findings{TB: t}
			server := httptest.NewServer(spec.Handler(asHandler, handler))
			defer server.Close()
			req, err := http.NewRequestWithContext(t.Context(), m.method, server.URL+m.path, strings.NewReader(m.body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer x")
			if m.body != "" {
				req.Header.Set("Content-Type", "application/json")
			}
			client := http.Client{Transport: spec.Transport(asTransport, http.DefaultTransport)}
			resp, err := client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if text, err := io.ReadAll(resp.Body); err != nil || string(text) != m.answer {
				t.Errorf("the answer became %q, %v", text, err)
			}
			expect(t, "transport", asTransport.list, m.want)
			if !m.ofRequest {
				expect(t, "handler", asHandler.list, m.want)
			}
		})
	}
}

func expect(t *testing.T, who string, found []string, want string) {
	t.Helper()
	if all := strings.Join(found, "\n"); (want == "") != (all == "") || !strings.Contains(all, want) {
		t.Errorf("%s found %q, want %q", who, all, want)
	}
}

func TestACallWithoutATokenIsFound(t *testing.T) {
	t.Parallel()
	found := &findings{TB: t}
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	client := http.Client{Transport: boxspec.Load(t).Transport(found, http.DefaultTransport)}
	resp, err := client.Get(server.URL + "/2.0/users/me")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if len(found.list) == 0 || !strings.Contains(found.list[0], "no access token") {
		t.Errorf("found %q", found.list)
	}
}
