package boxsim_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
)

// bed is a simulator behind HTTP with one enterprise.
type bed struct {
	*boxsim.Sim
	t        *testing.T
	url      string
	over     http.RoundTripper // a new connection for each call, if nil
	acme     *boxsim.Enterprise
	ada, bob backup.BoxUserID // an administrator and a member
}

func start(t *testing.T, opt boxsim.Options) *bed {
	t.Helper()
	sim := boxsim.New(opt)
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	b := &bed{Sim: sim, t: t, url: server.URL, acme: sim.AddEnterprise("Acme")}
	b.ada = b.acme.AddUser("Ada", "ada@acme.example", boxsim.Admin)
	b.bob = b.acme.AddUser("Bob", "bob@acme.example", boxsim.Member)
	return b
}

// answer is a response that has been read.
type answer struct {
	status int
	header http.Header
	text   []byte
	json   map[string]any
}

// at returns the value at a path such as "entries.0.name".
func (a answer) at(path string) any {
	var v any = a.json
	for key := range strings.SplitSeq(path, ".") {
		switch within := v.(type) {
		case map[string]any:
			v = within[key]
		case []any:
			i := int(key[0] - '0')
			if i >= len(within) {
				return nil
			}
			v = within[i]
		default:
			return nil
		}
	}
	return v
}

func (a answer) str(path string) string { s, _ := a.at(path).(string); return s }

// entries returns the value of one field of each entry.
func (a answer) entries(field string) []string {
	var list []string
	entries, _ := a.at("entries").([]any)
	for _, e := range entries {
		s, _ := e.(map[string]any)[field].(string)
		list = append(list, s)
	}
	return list
}

// send sends a request as the user, with pairs of header names and values,
// and follows no redirect.
func (b *bed) send(as backup.BoxUserID, method, path string, body any, header ...string) answer {
	b.t.Helper()
	a, err := b.try(as, method, path, body, header...)
	if err != nil {
		b.t.Fatalf("%s %s: %v", method, path, err)
	}
	return a
}

func (b *bed) try(as backup.BoxUserID, method, path string, body any, header ...string) (answer, error) {
	b.t.Helper()
	var reader io.Reader
	switch body := body.(type) {
	case nil:
	case io.Reader:
		reader = body
	case string:
		reader = strings.NewReader(body)
	default:
		text, err := json.Marshal(body)
		if err != nil {
			b.t.Fatal(err)
		}
		reader = bytes.NewReader(text)
	}
	if strings.HasPrefix(path, "/") {
		path = b.url + path
	}
	r, err := http.NewRequestWithContext(b.t.Context(), method, path, reader)
	if err != nil {
		b.t.Fatal(err)
	}
	if reader != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if as != "" {
		r.Header.Set("Authorization", "Bearer "+b.Token(as))
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	over := b.over
	if over == nil {
		over = &http.Transport{DisableKeepAlives: true}
	}
	resp, err := over.RoundTrip(r)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	a := answer{status: resp.StatusCode, header: resp.Header, text: text}
	if err == nil && strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
		err = json.Unmarshal(text, &a.json)
	}
	return a, err
}

// want fails the test unless the answer has the status.
func (a answer) want(t *testing.T, status int) answer {
	t.Helper()
	if a.status != status {
		t.Fatalf("got status %d, want %d: %s", a.status, status, a.text)
	}
	return a
}

// must returns v and stops the test on an error.
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
