package gateway

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"
)

func event(method, path string) events.APIGatewayV2HTTPRequest {
	return events.APIGatewayV2HTTPRequest{
		RawPath: path,
		Headers: map[string]string{"host": "portal.example.com"},
		RequestContext: events.APIGatewayV2HTTPRequestContext{
			DomainName: "api.example.com",
			HTTP:       events.APIGatewayV2HTTPRequestContextHTTPDescription{Method: method, SourceIP: "203.0.113.7"},
		},
	}
}

func TestRequestArrivesAsItWasSent(t *testing.T) {
	t.Parallel()
	e := event("POST", "/tasks/7")
	e.RawQueryString = "a=1&a=2&b=%26"
	e.Cookies = []string{"x=1", "y=2"}
	e.Headers["accept"] = "text/html, application/json;q=0.9"
	e.Headers["if-modified-since"] = "Tue, 01 Sep 2026 12:00:00 GMT"
	e.Headers["x-forwarded-for"] = "198.51.100.9"
	e.Body, e.IsBase64Encoded = base64.StdEncoding.EncodeToString([]byte("\x00\xffbody")), true
	var got *http.Request
	var body []byte
	out, err := Serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
		w.Header().Add("Set-Cookie", "a=1")
		w.Header().Add("Set-Cookie", "b=2")
		w.Header().Add("Vary", "Origin")
		w.WriteHeader(http.StatusTeapot)
		fmt.Fprint(w, "\xfe")
	}))(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	if got.Host != "portal.example.com" || got.RemoteAddr != "203.0.113.7" || got.URL.Path != "/tasks/7" {
		t.Errorf("host %q, address %q, path %q", got.Host, got.RemoteAddr, got.URL.Path)
	}
	if q := got.URL.Query(); !cmp.Equal(q["a"], []string{"1", "2"}) || q.Get("b") != "&" {
		t.Errorf("query %v", q)
	}
	if len(got.Cookies()) != 2 || got.Header.Get("Accept") != e.Headers["accept"] || got.Header.Get("If-Modified-Since") != e.Headers["if-modified-since"] {
		t.Errorf("headers %v", got.Header)
	}
	if string(body) != "\x00\xffbody" {
		t.Errorf("body %q", body)
	}
	want := events.APIGatewayV2HTTPResponse{
		StatusCode: http.StatusTeapot, Headers: map[string]string{"Vary": "Origin"}, Cookies: []string{"a=1", "b=2"},
		Body: base64.StdEncoding.EncodeToString([]byte("\xfe")), IsBase64Encoded: true,
	}
	if diff := cmp.Diff(want, out); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
}

func TestPathThatIsHalfDecodedStillArrives(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"":            "/",
		"/a%2Fb":      "/a%2Fb",
		"/a b":        "/a%20b",
		"/100%":       "/100%25",
		"/%zz":        "/%25zz",
		"/a b%2Fc":    "/a%20b%2Fc",
		"/ü":          "/%C3%BC",
		"/a?b":        "/a%3Fb",
		"/tasks/x:y@": "/tasks/x:y@",
		"//evil.com":  "//evil.com",
	} {
		var got string
		out, err := Serve(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.URL.EscapedPath() }))(t.Context(), event("GET", raw))
		if err != nil || got != want || out.StatusCode != http.StatusOK {
			t.Errorf("%q arrived as %q, want %q (%d, %v)", raw, got, want, out.StatusCode, err)
		}
	}
}

func TestBrokenEventIsAnswered(t *testing.T) {
	t.Parallel()
	nothing := Serve(http.NotFoundHandler())
	for name, e := range map[string]events.APIGatewayV2HTTPRequest{
		"empty":  {},
		"method": event("GET IT", "/"),
		"body":   {RawPath: "/", Body: "~", IsBase64Encoded: true},
	} {
		if out, err := nothing(t.Context(), e); err != nil || out.StatusCode < 400 || out.StatusCode >= 500 {
			t.Errorf("%s: %d, %v", name, out.StatusCode, err)
		}
	}
	out, err := Serve(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "half an answer")
		panic("no")
	}))(t.Context(), event("GET", "/"))
	if err != nil || out.StatusCode != http.StatusInternalServerError || strings.Contains(out.Body, "half") {
		t.Errorf("panic: %d %q, %v", out.StatusCode, out.Body, err)
	}
}

func TestAnswerThatTheClientHasIsNotSentAgain(t *testing.T) {
	t.Parallel()
	text := "one"
	h := Serve(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, text) }))
	first, _ := h(t.Context(), event("GET", "/"))
	again := event("GET", "/")
	again.Headers["if-none-match"] = `"x", ` + first.Headers["Etag"]
	second, _ := h(t.Context(), again)
	text = "two"
	third, _ := h(t.Context(), again)
	if first.Headers["Etag"] == "" || second.StatusCode != http.StatusNotModified || second.Body != "" || third.Body != "two" {
		t.Errorf("first %+v\nsecond %+v\nthird %+v", first, second, third)
	}
}

func TestLongTextIsPackedForThoseWhoCanUnpack(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("text ", 1000)
	h := Serve(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, text)
	}))
	for accept, packed := range map[string]bool{"": false, "br": false, "br, gzip;q=0.8": true, "gzip;q=0": false} {
		e := event("GET", "/")
		e.Headers["accept-encoding"] = accept
		out, err := h(t.Context(), e)
		if err != nil || out.IsBase64Encoded != packed {
			t.Errorf("%q: packed %v, %v", accept, out.IsBase64Encoded, err)
		}
		if !packed {
			continue
		}
		data, _ := base64.StdEncoding.DecodeString(out.Body)
		z, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(z); err != nil || string(got) != text || len(data) > len(text)/10 {
			t.Errorf("%q: %d bytes packed into %d, %v", accept, len(got), len(data), err)
		}
	}
}

func FuzzRequestNeverPanics(f *testing.F) {
	f.Add("GET", "/a%2Fb", "q=%zz")
	f.Add("POST", "%", "#")
	f.Fuzz(func(t *testing.T, method, path, query string) {
		e := event(method, path)
		e.RawQueryString = query
		out, err := Serve(http.NotFoundHandler())(t.Context(), e)
		if err != nil || out.StatusCode < 400 || out.StatusCode >= 500 {
			t.Errorf("%d, %v", out.StatusCode, err)
		}
	})
}
