package boxsim_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"coffer/shared/box/boxsim"
)

func TestPageIsServedWithItsParts(t *testing.T) {
	t.Parallel()
	sim := boxsim.New(boxsim.Options{Seed: 1})
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	ada := sim.AddEnterprise("Acme").AddUser("Ada", "ada@acme.example", boxsim.Admin)
	fetch := func(method, path, body string) (*http.Response, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp, string(text)
	}
	for path, want := range map[string]string{"/": "Simulated Box", "/page.js": "attempt", "/page.css": "color-scheme"} {
		resp, body := fetch("GET", path, "")
		if resp.StatusCode != http.StatusOK || !strings.Contains(body, want) || !strings.Contains(resp.Header.Get("Content-Security-Policy"), "default-src 'self'") {
			t.Errorf("%s answers %d with %d bytes and policy %q", path, resp.StatusCode, len(body), resp.Header.Get("Content-Security-Policy"))
		}
	}
	if _, body := fetch("GET", "/_sim/enterprises", ""); !strings.Contains(body, "ada@acme.example") {
		t.Errorf("enterprises: %s", body)
	}
	resp, body := fetch("POST", "/_sim/token", `{"user":"`+string(ada)+`"}`)
	var token struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(body), &token); err != nil || resp.StatusCode != http.StatusOK || token.AccessToken == "" {
		t.Errorf("token: %d %s, %v", resp.StatusCode, body, err)
	}
	if resp, _ := fetch("POST", "/_sim/token", `{"user":"none"}`); resp.StatusCode != http.StatusNotFound {
		t.Errorf("token of nobody: %d, want 404", resp.StatusCode)
	}
}
