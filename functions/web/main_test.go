package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"coffer/shared/api/gateway"
)

func invoke(t *testing.T, h gateway.Handler, file string) events.APIGatewayV2HTTPResponse {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("../../events/web", file+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var event events.APIGatewayV2HTTPRequest
	if err := json.Unmarshal(data, &event); err != nil {
		t.Fatal(err)
	}
	out, err := h(t.Context(), event)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func handler(t *testing.T) gateway.Handler {
	t.Helper()
	s, err := newSite()
	if err != nil {
		t.Fatal(err)
	}
	return gateway.Serve(s)
}

func TestEventsAreAnswered(t *testing.T) {
	t.Parallel()
	h := handler(t)
	for file, want := range map[string]struct {
		status int
		cache  string
	}{
		"home":                     {200, "no-cache"},
		"task-page":                {200, "no-cache"},
		"asset-of-another-version": {404, ""},
		"post":                     {405, ""},
	} {
		out := invoke(t, h, file)
		if out.StatusCode != want.status || out.Headers["Cache-Control"] != want.cache {
			t.Errorf("%s: %d, cache %q", file, out.StatusCode, out.Headers["Cache-Control"])
		}
		policy := out.Headers["Content-Security-Policy"]
		for _, part := range []string{"default-src 'none'", "script-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"} {
			if !strings.Contains(policy+";", part+";") {
				t.Errorf("%s: policy %q lacks %s", file, policy, part)
			}
		}
		if strings.Contains(policy, "unsafe") {
			t.Errorf("%s: policy %q", file, policy)
		}
	}
}

func TestPageNamesAssetsThatAreKeptForGood(t *testing.T) {
	t.Parallel()
	h := handler(t)
	page := invoke(t, h, "home").Body
	names := regexp.MustCompile(`/assets/[^"]+`).FindAllString(page, -1)
	if len(names) < 3 {
		t.Fatalf("the page names %v", names)
	}
	for _, name := range names {
		var event events.APIGatewayV2HTTPRequest
		event.RawPath, event.RequestContext.HTTP.Method = name, "GET"
		out, err := h(t.Context(), event)
		if err != nil || out.StatusCode != 200 || !strings.Contains(out.Headers["Cache-Control"], "immutable") {
			t.Errorf("%s: %d, %q, %v", name, out.StatusCode, out.Headers["Cache-Control"], err)
		}
	}
	if regexp.MustCompile(`<script[^>]*>[^<]|\son\w+=|style=`).MatchString(page) {
		t.Error("the page has code or style of its own, which the policy refuses")
	}
}
