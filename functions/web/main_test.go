package main

import (
	"regexp"
	"strings"
	"testing"

	"coffer/shared/api/gateway"
	"coffer/shared/api/gateway/gatewaytest"
)

const folder = "../../events/web/"

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
	gatewaytest.Replay(t, handler(t), folder, []gatewaytest.Want{
		{File: "asset-of-another-version", Status: 404},
		{File: "home", Status: 200, Holds: "<title>Coffer</title>"},
		{File: "post", Status: 405},
		{File: "task-page", Status: 200, Holds: "<title>Coffer</title>"},
	})
}

func TestPageIsAskedForAnewAndItsAssetsAreKeptForGood(t *testing.T) {
	t.Parallel()
	h := handler(t)
	event := gatewaytest.Event(t, folder+"home.json")
	page, err := h(t.Context(), event)
	if err != nil || page.Headers["Cache-Control"] != "no-cache" {
		t.Errorf("page: %q, %v", page.Headers["Cache-Control"], err)
	}
	names := regexp.MustCompile(`/assets/[^"]+`).FindAllString(page.Body, -1)
	if len(names) < 3 {
		t.Fatalf("the page names %v", names)
	}
	for _, name := range names {
		event.RawPath = name
		out, err := h(t.Context(), event)
		if err != nil || out.StatusCode != 200 || !strings.Contains(out.Headers["Cache-Control"], "immutable") {
			t.Errorf("%s: %d, %q, %v", name, out.StatusCode, out.Headers["Cache-Control"], err)
		}
	}
}

func TestPageRunsNothingButItsOwnFiles(t *testing.T) {
	t.Parallel()
	page, err := handler(t)(t.Context(), gatewaytest.Event(t, folder+"home.json"))
	if err != nil {
		t.Fatal(err)
	}
	policy := page.Headers["Content-Security-Policy"]
	for _, part := range []string{"default-src 'none'", "script-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"} {
		if !strings.Contains(policy+";", part+";") {
			t.Errorf("policy %q lacks %s", policy, part)
		}
	}
	if strings.Contains(policy, "unsafe") {
		t.Errorf("policy %q", policy)
	}
	if regexp.MustCompile(`<script[^>]*>[^<]|\son\w+=|style=`).MatchString(page.Body) {
		t.Error("the page has code or style of its own, which the policy refuses")
	}
}
