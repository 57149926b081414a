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

func TestAddressThatNoOperationHasIsAProblem(t *testing.T) {
	t.Parallel()
	h := handler(t)
	for _, name := range []string{"home", "post"} {
		event := gatewaytest.Event(t, folder+name+".json")
		event.RawPath = "/api/nothing"
		out, err := h(t.Context(), event)
		if err != nil || out.StatusCode != 404 || out.Headers["Content-Type"] != "application/problem+json" || !strings.Contains(out.Body, `"status":404`) {
			t.Errorf("%s: %d, %v, %s, %v", name, out.StatusCode, out.Headers, out.Body, err)
		}
	}
}

func TestPageIsAskedForAnewAndItsAssetsAreKeptForGood(t *testing.T) {
	t.Parallel()
	h := handler(t)
	event := gatewaytest.Event(t, folder+"home.json")
	page, err := h(t.Context(), event)
	if err != nil || page.Headers["Cache-Control"] != "no-store" {
		t.Errorf("page: %q, %v", page.Headers["Cache-Control"], err)
	}
	names := regexp.MustCompile(`/assets/[^"]+`).FindAllString(page.Body, -1)
	if len(names) < 2 {
		t.Fatalf("the page names %v", names)
	}
	event.Headers["accept-encoding"] = "gzip, br"
	for _, name := range names {
		event.RawPath = name
		out, err := h(t.Context(), event)
		coding := out.Headers["Content-Encoding"] // too little to be worth it stays as it is
		if err != nil || out.StatusCode != 200 || !strings.Contains(out.Headers["Cache-Control"], "immutable") || coding != "gzip" && len(out.Body) > 2000 {
			t.Errorf("%s: %d, %v, %v", name, out.StatusCode, out.Headers, err)
		}
	}
	event.RawPath = "/icon.svg"
	if out, err := h(t.Context(), event); err != nil || out.StatusCode != 200 || strings.Contains(out.Headers["Cache-Control"], "immutable") {
		t.Errorf("icon: %d, %v, %v", out.StatusCode, out.Headers, err)
	}
	event.RawPath = "/.vite/manifest.json"
	if out, err := h(t.Context(), event); err != nil || out.StatusCode != 404 {
		t.Errorf("build notes: %d, %v", out.StatusCode, err)
	}
}

func TestPageRunsNothingButItsOwnFiles(t *testing.T) {
	t.Parallel()
	h := handler(t)
	nonces := map[string]bool{}
	for range 2 {
		page, err := h(t.Context(), gatewaytest.Event(t, folder+"home.json"))
		if err != nil {
			t.Fatal(err)
		}
		policy := page.Headers["Content-Security-Policy"]
		nonce := regexp.MustCompile(`'nonce-(\w{20,})'`).FindStringSubmatch(policy)
		if nonce == nil || !strings.Contains(page.Body, `<meta property="csp-nonce" nonce="`+nonce[1]+`">`) || strings.Contains(page.Body, placeholder) {
			t.Fatalf("policy %q, page %s", policy, page.Body)
		}
		nonces[nonce[1]] = true
		for _, part := range []string{
			"default-src 'none'", "script-src 'self'", "style-src 'self' " + nonce[0], "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'",
		} {
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
	if len(nonces) != 2 {
		t.Error("two requests got the same nonce")
	}
}
