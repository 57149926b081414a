package box_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/backup"
	"coffer/shared/box"
)

// script is a server that answers call after call as it is told, below a base
// path, and a client of it whose waits are noted and cost no time.
type script struct {
	box.Config
	mu       sync.Mutex
	answers  []http.HandlerFunc
	requests []*http.Request
	waits    []time.Duration
	now      time.Time
}

func newScript(t *testing.T, answers ...http.HandlerFunc) *script {
	t.Helper()
	s := &script{answers: answers, now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	mux := http.NewServeMux()
	mux.Handle("/box/", http.StripPrefix("/box", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.requests = append(s.requests, r)
		answer := s.answers[min(len(s.requests), len(s.answers))-1]
		s.mu.Unlock()
		answer(w, r)
	})))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	base := server.URL + "/box"
	s.Config = box.Config{
		API: base, Upload: base, Account: base, HTTP: server.Client(), Tokens: fixed("token"),
		Now:    func() time.Time { s.mu.Lock(); defer s.mu.Unlock(); return s.now },
		Random: func() float64 { return 0.5 },
		Sleep: func(ctx context.Context, d time.Duration) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.waits = append(s.waits, d)
			s.now = s.now.Add(d)
			return ctx.Err()
		},
	}
	return s
}

func answer(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// hangUp ends the connection in the middle of the answer.
func hangUp(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "1000")
	_, _ = io.WriteString(w, `{"id":`)
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

func TestTroubleIsRetriedWithGrowingPauses(t *testing.T) {
	t.Parallel()
	s := newScript(t,
		answer(500, "<html>"), answer(502, ""), hangUp, answer(200, `{"id":`), answer(429, "{}"),
		answer(409, `{"code":"operation_blocked_temporary"}`), answer(200, `{"id":"7"}`))
	c := box.New(s.Config)
	me := must(c.As("7").Me(t.Context()))(t)
	want := []time.Duration{250, 500, 1000, 2000, 4000, 8000} // half of the bounds, in ms
	for i := range want {
		want[i] *= time.Millisecond
	}
	if diff := cmp.Diff(s.waits, want); diff != "" || me.ID != "7" {
		t.Errorf("user %+v\n%s", me, diff)
	}
	r := s.requests[0]
	if r.Header.Get("Authorization") != "Bearer token" || r.Header.Get("As-User") != "7" {
		t.Errorf("headers are %v", r.Header)
	}
	if diff := cmp.Diff(c.Calls(), map[string]int64{"user.me": 7}); diff != "" {
		t.Error(diff)
	}
}

// An answer without a body, taken for an empty one, would make folders empty
// and lose what was to be created.
func TestAnAnswerWithoutABodyIsNone_I3(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusOK, http.StatusAccepted, http.StatusNoContent} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			t.Parallel()
			nothing := answer(status, "")
			reads := newScript(t, nothing, answer(200, `{"entries":[{"type":"file","id":"1"}],"limit":1000}`), nothing, answer(200, `{"type":"file","id":"1"}`))
			c := box.New(reads.Config)
			if page := must(c.FolderItems(t.Context(), "0", ""))(t); len(page.Entries) != 1 {
				t.Errorf("the folder holds %v", page.Entries)
			}
			if item := must(c.File(t.Context(), "1"))(t); item.ID != "1" {
				t.Errorf("the file is %+v", item)
			}
			file := newFile(backup.RootFolder, "a", []byte("a"))
			for name, create := range map[string]func(c *box.Client) (any, error){
				"folder": func(c *box.Client) (any, error) { return c.CreateFolder(t.Context(), "0", "a") },
				"web link": func(c *box.Client) (any, error) {
					return c.CreateWebLink(t.Context(), "0", "a", "https://a.example", "")
				},
				"file": func(c *box.Client) (any, error) { return c.Upload(t.Context(), file) },
				"collaboration": func(c *box.Client) (any, error) {
					return c.Collaborate(t.Context(), backup.ItemRef{}, box.Collaboration{})
				},
			} {
				s := newScript(t, nothing)
				made, err := create(box.New(s.Config))
				if e, ok := errors.AsType[*box.Error](err); !ok || !e.Uncertain {
					t.Errorf("a %s is made as %+v: %v", name, made, err)
				}
			}
		})
	}
}

func TestRetriesEnd(t *testing.T) {
	t.Parallel()
	s := newScript(t, answer(503, `{"code":"unavailable","message":"Later","request_id":"abc"}`))
	s.Attempts = 3
	_, err := box.New(s.Config).Me(t.Context())
	e, ok := errors.AsType[*box.Error](err)
	if !ok || len(s.requests) != 3 || !box.IsBusy(err) {
		t.Fatalf("%d requests, %v", len(s.requests), err)
	}
	if e.Call != "user.me" || e.Status != 503 || e.Code != "unavailable" || e.Message != "Later" || e.RequestID != "abc" {
		t.Errorf("got %+v", e)
	}
}

func TestRefusalsAreNotRetried(t *testing.T) {
	t.Parallel()
	for _, status := range []int{400, 403, 404, 409, 412, 302} {
		s := newScript(t, answer(status, `{"code":"no"}`, "Location", "http://127.0.0.1:1/"))
		if _, err := box.New(s.Config).Me(t.Context()); err == nil || len(s.requests) != 1 {
			t.Errorf("%d: %d requests, %v", status, len(s.requests), err)
		}
	}
}

func TestNoCallOfTheUserIsSentBeforeRetryAfterIsOver(t *testing.T) {
	t.Parallel()
	s := newScript(t, answer(429, "{}", "Retry-After", "30"), answer(200, `{"id":"1"}`))
	c := box.New(s.Config)
	start := s.now
	must(c.As("1").Me(t.Context()))(t)
	if waited := s.now.Sub(start); waited != 30*time.Second {
		t.Errorf("the call waited %s", waited)
	}

	s = newScript(t, answer(503, "{}", "Retry-After", "100"), answer(200, `{"id":"1"}`))
	c = box.New(s.Config)
	ctx, cancel := context.WithDeadline(t.Context(), s.now.Add(time.Minute))
	defer cancel()
	_, err := c.As("1").Me(detach(ctx))
	if limit, ok := errors.AsType[*box.RateLimitError](err); !ok || limit.RetryAfter != 100*time.Second {
		t.Fatalf("past the deadline: %v", err)
	}
	if _, err := c.As("1").Folder(detach(ctx), "0"); !box.IsBusy(err) || len(s.requests) != 1 {
		t.Errorf("another call of the user: %d requests, %v", len(s.requests), err)
	}
	must(c.As("2").Me(detach(ctx)))(t)
	start = s.now
	must(c.As("1").Folder(t.Context(), "0"))(t)
	if waited := s.now.Sub(start); waited != 100*time.Second {
		t.Errorf("another call of the user waited %s", waited)
	}
}

// detach keeps the deadline of a context, on the script's clock, and not its end.
func detach(ctx context.Context) context.Context { return deadline{context.WithoutCancel(ctx), ctx} }

type deadline struct {
	context.Context
	of context.Context
}

func (d deadline) Deadline() (time.Time, bool) { return d.of.Deadline() }

// tokens is a TokenSource that counts.
type tokens struct {
	mu       sync.Mutex
	n        int
	rejected []string
}

func (s *tokens) Token(context.Context) (box.Token, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return box.Token{Access: fmt.Sprint("token", s.n)}, nil
}

func (s *tokens) Rejected(_ context.Context, t box.Token) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rejected = append(s.rejected, t.Access)
	s.n++
	return nil
}

func TestARejectedTokenIsReplaced(t *testing.T) {
	t.Parallel()
	expired := answer(401, "", "WWW-Authenticate", `Bearer realm="Service", error="invalid_token", error_description="Expired"`)
	s := newScript(t, expired, answer(200, `{"id":"1"}`))
	source := &tokens{}
	s.Tokens = source
	must(box.New(s.Config).Me(t.Context()))(t)
	if diff := cmp.Diff(source.rejected, []string{"token0"}); diff != "" || s.requests[1].Header.Get("Authorization") != "Bearer token1" {
		t.Error(diff)
	}

	s = newScript(t, expired)
	s.Tokens = &tokens{}
	_, err := box.New(s.Config).Me(t.Context())
	if e, ok := errors.AsType[*box.Error](err); !ok || e.Code != "invalid_token" || e.Message != "Expired" || len(s.requests) != 3 {
		t.Errorf("%d requests, %v", len(s.requests), err)
	}
}

func TestErrorsHoldNoSecretsAndNoFloods(t *testing.T) {
	t.Parallel()
	s := newScript(t, answer(400, strings.Repeat("x", 1<<20)))
	if _, err := box.New(s.Config).Me(t.Context()); err == nil || len(err.Error()) > 1000 {
		t.Errorf("error of %d bytes", len(err.Error()))
	}
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	s = newScript(t, answer(302, "", "Location", gone.URL+"/d/1/SECRET/download"))
	if _, err := box.New(s.Config).Download(t.Context(), "1", "2", 0); err == nil || strings.Contains(err.Error(), "SECRET") {
		t.Errorf("got %v", err)
	}
}

func TestDownloadHostsGetNeitherTokenNorUser(t *testing.T) {
	t.Parallel()
	var got http.Header
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header
		answer(206, "lo", "Content-Range", "bytes 3-4/5")(w, r)
	}))
	t.Cleanup(host.Close)
	s := newScript(t, answer(202, "", "Retry-After", "5"), answer(302, "", "Location", host.URL+"/d"))
	body, err := box.New(s.Config).As("1").Download(t.Context(), "1", "2", 3)
	if text := read(t, body, err); text != "lo" {
		t.Errorf("got %q", text)
	}
	if got.Get("Authorization") != "" || got.Get("As-User") != "" || got.Get("Range") != "bytes=3-" {
		t.Errorf("headers are %v", got)
	}
	if diff := cmp.Diff(s.waits, []time.Duration{5 * time.Second}); diff != "" {
		t.Error(diff)
	}
}

func TestADownloadGoesOnWhereItBroke(t *testing.T) {
	t.Parallel()
	content := string(letters(1000))
	hosts := 0
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch hosts++; hosts {
		case 1: // breaks
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, content[:300])
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		case 2: // has expired
			w.WriteHeader(http.StatusForbidden)
		case 3: // ignores ranges, and breaks
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, content[:700])
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		default:
			http.ServeContent(w, r, "", time.Time{}, strings.NewReader(content))
		}
	}))
	t.Cleanup(host.Close)
	s := newScript(t, answer(302, "", "Location", host.URL+"/d"))
	c := box.New(s.Config)
	body, err := c.Download(t.Context(), "1", "2", 0)
	if read(t, body, err) != content {
		t.Error("the content differs")
	}
	if diff := cmp.Diff(c.Calls(), map[string]int64{"file.download": 2, "content": 4}); diff != "" {
		t.Error(diff)
	}

	hosts = 0
	body = must(c.Download(t.Context(), "1", "", 0))(t)
	defer body.Close()
	if _, err := io.ReadAll(body); !box.IsBusy(err) {
		t.Errorf("without a version, which may change: %v", err)
	}
}

func TestSilentConnectionsEnd(t *testing.T) {
	t.Parallel()
	stop := make(chan struct{})
	silent := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "10")
		_, _ = io.WriteString(w, "{")
		_ = http.NewResponseController(w).Flush()
		select {
		case <-stop:
		case <-r.Context().Done():
		}
	}
	s := newScript(t, silent, answer(200, `{"id":"1"}`))
	t.Cleanup(func() { close(stop) })
	s.Idle = 50 * time.Millisecond
	if me := must(box.New(s.Config).Me(t.Context()))(t); me.ID != "1" || len(s.requests) != 2 {
		t.Errorf("user %+v after %d requests", me, len(s.requests))
	}
}

func TestAnEndedContextEndsTheCall(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	reason := errors.New("the deadline is near")
	s := newScript(t, func(http.ResponseWriter, *http.Request) { cancel(reason) })
	if _, err := box.New(s.Config).Me(ctx); !errors.Is(err, reason) || len(s.requests) != 1 {
		t.Errorf("%d requests, %v", len(s.requests), err)
	}
}

func TestAMarkerThatLeadsNowhereIsAnError(t *testing.T) {
	t.Parallel()
	s := newScript(t, answer(200, `{"entries":[],"next_marker":"x"}`))
	if _, err := box.New(s.Config).FolderItems(t.Context(), "0", "x"); err == nil {
		t.Error("no error")
	}
	for _, last := range []string{`null`, `""`} {
		s := newScript(t, answer(200, `{"entries":[],"order":{"by":"id"},"next_marker":`+last+`}`))
		if page := must(box.New(s.Config).FolderItems(t.Context(), "0", "x"))(t); page.Next != "" {
			t.Errorf("%s: next is %q", last, page.Next)
		}
	}
}

func TestPositionsAreKeptAsTheyAre(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		`1152922976252290886`: "1152922976252290886", `"12ab"`: "12ab", `0`: "old", `null`: "old", `""`: "old",
	} {
		s := newScript(t, answer(200, `{"chunk_size":0,"entries":[],"next_stream_position":`+given+`}`))
		if got := must(box.New(s.Config).Changes(t.Context(), "old"))(t); got.Next != want {
			t.Errorf("%s: got %q", given, got.Next)
		}
	}
}

func TestALostCreationIsNotRepeatedBlindly(t *testing.T) {
	t.Parallel()
	s := newScript(t, answer(502, ""))
	_, err := box.New(s.Config).CreateComment(t.Context(), box.Mini{Type: "file", ID: "1"}, "Hello")
	if e, ok := errors.AsType[*box.Error](err); !ok || !e.Uncertain || len(s.requests) != 1 {
		t.Errorf("%d requests, %v", len(s.requests), err)
	}
	s = newScript(t, answer(502, ""), answer(404, "{}"))
	if err := box.New(s.Config).Delete(t.Context(), backup.ItemRef{Kind: backup.File, ID: "1"}, ""); err != nil {
		t.Errorf("a deletion that was carried out: %v", err)
	}
}

// TestCollaborationsThatBoxPagesAreReadToTheEnd_D1 has Box give the list in pages
// although none was asked for, and one collaboration twice.
func TestCollaborationsThatBoxPagesAreReadToTheEnd_D1(t *testing.T) {
	t.Parallel()
	s := newScript(t,
		answer(200, `{"entries":[{"id":"1"},{"id":"2"}],"limit":2,"next_marker":"x"}`),
		answer(200, `{"entries":[{"id":"2"},{"id":"3"}],"limit":2,"next_marker":null}`),
	)
	found := must(box.New(s.Config).Collaborations(t.Context(), backup.ItemRef{Kind: backup.File, ID: "7"}))(t)
	if len(found) != 3 || found[2].ID != "3" {
		t.Errorf("found %+v, want 3", found)
	}
	if first, second := s.requests[0].URL.Query(), s.requests[1].URL.Query(); first.Has("limit") || second.Get("marker") != "x" {
		t.Errorf("asked with %v, then with %v", first, second)
	}
}

// TestAListingWithoutATotalIsReadToTheEnd_D1 has Box not say how many entries there
// are: then a page that is not full is the last.
func TestAListingWithoutATotalIsReadToTheEnd_D1(t *testing.T) {
	t.Parallel()
	for _, total := range []string{`null`, `3`} {
		s := newScript(t,
			answer(200, `{"entries":[{"id":"1"},{"id":"2"}],"offset":0,"limit":2,"total_count":`+total+`}`),
			answer(200, `{"entries":[{"id":"3"}],"offset":2,"limit":2,"total_count":`+total+`}`),
		)
		if found := must(box.New(s.Config).Comments(t.Context(), "7"))(t); len(found) != 3 || len(s.requests) != 2 {
			t.Errorf("total %s: %d comments with %d requests, want 3 with 2", total, len(found), len(s.requests))
		}
	}
}
