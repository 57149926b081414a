package gateway_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"coffer/scripts/local/gateway"
)

type call struct {
	function string
	event    events.APIGatewayV2HTTPRequest
}

// serve starts a gateway whose functions all answer with answer and returns
// its address and the calls.
func serve(t *testing.T, keys []string, answer func(context.Context) (string, error)) (string, *[]call) {
	t.Helper()
	calls := &[]call{}
	var routes []gateway.Route
	for _, key := range keys {
		routes = append(routes, gateway.Route{Key: key, Function: "for " + key, Timeout: 50 * time.Millisecond})
	}
	g, err := gateway.New(gateway.Options{
		Account: "000000000000", API: "api",
		Now:    func() time.Time { return time.Date(2026, 3, 12, 19, 3, 58, 390e6, time.UTC) },
		Failed: func(string, error) {},
		Invoke: func(ctx context.Context, function string, event []byte) ([]byte, error) {
			c := call{function: function}
			if err := json.Unmarshal(event, &c.event); err != nil {
				t.Error(err)
			}
			*calls = append(*calls, c)
			out, err := answer(ctx)
			return []byte(out), err
		},
	}, routes)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(g)
	t.Cleanup(srv.Close)
	return srv.URL, calls
}

func ok(context.Context) (string, error) { return `{"statusCode":200}`, nil }

func send(t *testing.T, method, url string, body []byte, header http.Header) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range header {
		req.Header[name] = values
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(got)
}

func TestMostSpecificRouteWins(t *testing.T) {
	t.Parallel()
	keys := []string{
		"$default", "ANY /api/{proxy+}", "GET /api/tasks", "ANY /api/tasks", "ANY /api/tasks/{task}",
		"GET /api/tasks/{task}/users/{user}", "POST /api/tasks/{task}/users/activate", "ANY /api/tasks/{task}/{rest+}",
	}
	url, calls := serve(t, keys, ok)
	for _, c := range []struct {
		method, path, key string
		parameters        map[string]string
	}{
		{"GET", "/", "$default", nil},
		{"GET", "/assets/app.js", "$default", nil},
		{"GET", "/api", "$default", nil},
		{"GET", "/api/x/y", "ANY /api/{proxy+}", map[string]string{"proxy": "x/y"}},
		{"GET", "/api/tasks", "GET /api/tasks", nil},
		{"GET", "/api/tasks/", "GET /api/tasks", nil},
		{"POST", "/api/tasks", "ANY /api/tasks", nil},
		{"DELETE", "/api/tasks/1", "ANY /api/tasks/{task}", map[string]string{"task": "1"}},
		{"GET", "/api/tasks/1/users/2", "GET /api/tasks/{task}/users/{user}", map[string]string{"task": "1", "user": "2"}},
		{"POST", "/api/tasks/1/users/activate", "POST /api/tasks/{task}/users/activate", map[string]string{"task": "1"}},
		{"POST", "/api/tasks/1/users/2", "ANY /api/tasks/{task}/{rest+}", map[string]string{"task": "1", "rest": "users/2"}},
	} {
		send(t, c.method, url+c.path, nil, nil)
		got := (*calls)[len(*calls)-1]
		if got.function != "for "+c.key || got.event.RouteKey != c.key {
			t.Errorf("%s %s went to %q, want %q", c.method, c.path, got.event.RouteKey, c.key)
		}
		if diff := cmp.Diff(c.parameters, got.event.PathParameters); diff != "" {
			t.Errorf("%s %s: %s", c.method, c.path, diff)
		}
	}
}

func TestWrongRoutesAreRefused(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"", "/a", "GET a", "GET /{a+}/b", "GET /{", "GET /{}"} {
		if _, err := gateway.New(gateway.Options{}, []gateway.Route{{Key: key}}); err == nil {
			t.Errorf("route %q was taken", key)
		}
	}
}

func TestRequestBecomesAnEvent(t *testing.T) {
	t.Parallel()
	url, calls := serve(t, []string{"POST /a/{b}"}, ok)
	send(t, "POST", url+"/a/x%20%C3%A9?q=1&q=%202", []byte(`{"a":1}`), http.Header{
		"Cookie":       {"a=1; b=2"},
		"Content-Type": {"application/json; charset=utf-8"},
		"X-Twice":      {"1", "2"},
		"User-Agent":   {"test"},
	})
	got := (*calls)[0].event
	for name := range got.Headers {
		switch name {
		case "content-type", "x-twice", "x-forwarded-for", "x-forwarded-proto":
		default:
			delete(got.Headers, name)
		}
	}
	got.RequestContext.RequestID = ""
	want := events.APIGatewayV2HTTPRequest{
		Version: "2.0", RouteKey: "POST /a/{b}", RawPath: "/a/x é", RawQueryString: "q=1&q=%202",
		Cookies: []string{"a=1", "b=2"},
		Headers: map[string]string{
			"content-type": "application/json; charset=utf-8", "x-twice": "1,2",
			"x-forwarded-for": "127.0.0.1", "x-forwarded-proto": "http",
		},
		QueryStringParameters: map[string]string{"q": "1, 2"},
		PathParameters:        map[string]string{"b": "x é"},
		Body:                  `{"a":1}`,
		RequestContext: events.APIGatewayV2HTTPRequestContext{
			RouteKey: "POST /a/{b}", AccountID: "000000000000", Stage: "$default", APIID: "api",
			DomainName: "127.0.0.1", DomainPrefix: "127", Time: "12/Mar/2026:19:03:58 +0000", TimeEpoch: 1773342238390,
			HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{
				Method: "POST", Path: "/a/x é", Protocol: "HTTP/1.1", SourceIP: "127.0.0.1", UserAgent: "test",
			},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestBinaryBodiesAreBase64(t *testing.T) {
	t.Parallel()
	url, calls := serve(t, []string{"$default"}, ok)
	for _, c := range []struct {
		kind, body, want string
		encoded          bool
	}{
		{"text/csv", "a,b", "a,b", false},
		{"application/problem+json", "{}", "{}", false},
		{"application/x-www-form-urlencoded", "a=1", "YT0x", true},
		{"application/octet-stream", "a", "YQ==", true},
		{"text/plain", "\xff", "/w==", true},
		{"", "a", "YQ==", true},
		{"", "", "", false},
	} {
		send(t, "POST", url, []byte(c.body), http.Header{"Content-Type": {c.kind}})
		got := (*calls)[len(*calls)-1].event
		if got.Body != c.want || got.IsBase64Encoded != c.encoded {
			t.Errorf("%q as %q: got %q, %v", c.body, c.kind, got.Body, got.IsBase64Encoded)
		}
	}
}

func TestAnswersBecomeResponses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, answer string
		err          error
		status       int
		kind, body   string
		cookies      []string
	}{
		{
			name:   "response",
			answer: `{"statusCode":201,"headers":{"content-type":"text/html"},"cookies":["a=1; Secure","b=2"],"body":"<p>"}`,
			status: 201, kind: "text/html", body: "<p>", cookies: []string{"a=1; Secure", "b=2"},
		},
		{name: "binary", answer: `{"statusCode":200,"headers":{"Content-Type":"image/png"},"body":"iVA=","isBase64Encoded":true}`, status: 200, kind: "image/png", body: "\x89P"},
		{name: "bare", answer: `{"a":1}`, status: 200, kind: "application/json", body: `{"a":1}`},
		{name: "bare text", answer: `"hello"`, status: 200, kind: "application/json", body: `"hello"`},
		{name: "nonsense", answer: `hello`, status: 500, kind: "application/json", body: `{"message":"Internal Server Error"}` + "\n"},
		{name: "bad status", answer: `{"statusCode":"x"}`, status: 500, kind: "application/json", body: `{"message":"Internal Server Error"}` + "\n"},
		{name: "bad base64", answer: `{"statusCode":200,"body":"?","isBase64Encoded":true}`, status: 500, kind: "application/json", body: `{"message":"Internal Server Error"}` + "\n"},
		{name: "error", err: errors.New("no"), status: 500, kind: "application/json", body: `{"message":"Internal Server Error"}` + "\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			url, _ := serve(t, []string{"$default"}, func(context.Context) (string, error) { return c.answer, c.err })
			resp, body := send(t, "GET", url, nil, nil)
			if resp.StatusCode != c.status || resp.Header.Get("Content-Type") != c.kind || body != c.body {
				t.Errorf("got %d %q %q", resp.StatusCode, resp.Header.Get("Content-Type"), body)
			}
			if diff := cmp.Diff(c.cookies, resp.Header["Set-Cookie"]); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	slow := func(ctx context.Context) (string, error) {
		<-ctx.Done()
		return "", ctx.Err()
	}
	url, _ := serve(t, []string{"GET /slow"}, slow)
	if resp, body := send(t, "GET", url+"/slow", nil, nil); resp.StatusCode != 503 || !strings.Contains(body, "Service Unavailable") {
		t.Errorf("slow: got %d %q", resp.StatusCode, body)
	}
	if resp, body := send(t, "GET", url+"/other", nil, nil); resp.StatusCode != 404 || !strings.Contains(body, "Not Found") {
		t.Errorf("no route: got %d %q", resp.StatusCode, body)
	}
	url, calls := serve(t, []string{"$default"}, ok)
	if resp, _ := send(t, "POST", url, make([]byte, 10<<20+1), nil); resp.StatusCode != 413 || len(*calls) != 0 {
		t.Errorf("large: got %d and %d calls", resp.StatusCode, len(*calls))
	}
}
