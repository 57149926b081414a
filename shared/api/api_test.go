package api_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"coffer/scripts/local/localtest"
	"coffer/shared/account"
	"coffer/shared/api"
	"coffer/shared/backup"
	"coffer/shared/identity"
)

const portal = "https://portal.example.com"

// sessions returns the sessions of a new table and one of them with its token.
func sessions(t *testing.T) (*identity.Sessions, account.Session, string) {
	t.Helper()
	cloud := localtest.Start(t)
	now := time.Now()
	s := &identity.Sessions{Accounts: account.New(cloud.AWS, cloud.Table(t)), Now: time.Now}
	who := account.Session{Account: "acme", ID: "s1", User: "u1", Key: []byte(strings.Repeat("k", 32)), Created: now, Seen: now}
	if err := s.Accounts.PutSession(t.Context(), who, "secret", now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	return s, who, "acme.s1.secret"
}

type echoInput struct {
	api.Page
	Body struct {
		Word string `json:"word" maxLength:"8"`
	}
}

type echoOutput struct {
	Body struct {
		Account string `json:"account"`
		Word    string `json:"word"`
	}
}

// echo is an API with one operation that refuses in every way.
func echo(s *identity.Sessions) http.Handler {
	a := api.New(s, portal)
	api.Private(a, huma.Operation{OperationID: "echo", Method: http.MethodPost, Path: "/api/echo"},
		func(_ context.Context, who account.Session, in *echoInput) (*echoOutput, error) {
			switch in.Body.Word {
			case "missing":
				return nil, backup.Errorf(backup.NotFound, "There is none.")
			case "conflict":
				return nil, backup.Errorf(backup.Conflict, "It is there.")
			case "field":
				return nil, backup.Field("word", "Not that word.")
			case "busy":
				return nil, backup.Errorf(backup.Busy, "Later.")
			case "forbid":
				return nil, backup.Errorf(backup.Forbidden, "No.")
			case "broken":
				return nil, io.ErrUnexpectedEOF
			}
			out := &echoOutput{}
			out.Body.Account, out.Body.Word = string(who.Account), in.Body.Word
			return out, nil
		})
	api.Private(a, huma.Operation{OperationID: "silence", Method: http.MethodGet, Path: "/api/echo"},
		func(context.Context, account.Session, *struct{}) (*struct{ Body struct{} }, error) {
			return &struct{ Body struct{} }{}, nil
		})
	return a.Handler()
}

type call struct {
	method, path, body, cookie string
	header                     map[string]string
}

func (c call) do(t *testing.T, h http.Handler) (*http.Response, huma.ErrorModel) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), c.method, portal+c.path, strings.NewReader(c.body))
	r.Header.Set("Content-Type", "application/json")
	for k, v := range c.header {
		r.Header.Set(k, v)
	}
	if c.cookie != "" {
		r.AddCookie(&http.Cookie{Name: api.Cookie, Value: c.cookie})
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	response := w.Result()
	t.Cleanup(func() { response.Body.Close() })
	var problem huma.ErrorModel
	if response.StatusCode >= 400 {
		if kind := response.Header.Get("Content-Type"); kind != "application/problem+json" {
			t.Errorf("%s %s: a problem of type %q", c.method, c.path, kind)
		}
		if err := json.Unmarshal(w.Body.Bytes(), &problem); err != nil || problem.Status != response.StatusCode {
			t.Errorf("%s %s: problem %s, %v", c.method, c.path, w.Body, err)
		}
	}
	return response, problem
}

func TestErrorsBecomeProblems(t *testing.T) {
	t.Parallel()
	s, _, token := sessions(t)
	h := echo(s)
	ok := call{method: "POST", path: "/api/echo", body: `{"word":"hi"}`, cookie: token}
	with := func(change func(*call)) call { c := ok; change(&c); return c }
	for name, test := range map[string]struct {
		call   call
		status int
		detail string
	}{
		"fine":                {ok, 200, ""},
		"no session":          {with(func(c *call) { c.cookie = "" }), 401, "Sign in"},
		"no such session":     {with(func(c *call) { c.cookie = "acme.s2.secret" }), 401, "Sign in"},
		"other account":       {with(func(c *call) { c.cookie = "emca.s1.secret" }), 401, "Sign in"},
		"wrong secret":        {with(func(c *call) { c.cookie = "acme.s1.secreT" }), 401, "Sign in"},
		"not a token":         {with(func(c *call) { c.cookie = "..." }), 401, "Sign in"},
		"no session, no JSON": {with(func(c *call) { c.cookie, c.body = "", "{" }), 401, "Sign in"},
		"unknown field":       {with(func(c *call) { c.body = `{"word":"hi","role":"admin"}` }), 400, "form"},
		"unknown query":       {with(func(c *call) { c.path += "?account=emca" }), 400, "form"},
		"no JSON":             {with(func(c *call) { c.body = "{" }), 400, "JSON"},
		"deep JSON":           {with(func(c *call) { c.body = strings.Repeat("[", 20000) }), 400, "JSON"},
		"no body":             {with(func(c *call) { c.body = "" }), 400, ""},
		"too long":            {with(func(c *call) { c.body = `{"word":"123456789"}` }), 400, "form"},
		"too large":           {with(func(c *call) { c.body = `{"word":"` + strings.Repeat("x", 300<<10) + `"}` }), 413, ""},
		"text":                {with(func(c *call) { c.header = map[string]string{"Content-Type": "text/plain"} }), 415, "JSON"},
		"other site":          {with(func(c *call) { c.header = map[string]string{"Sec-Fetch-Site": "cross-site"} }), 403, "another site"},
		"other origin":        {with(func(c *call) { c.header = map[string]string{"Origin": "https://evil.example.net"} }), 403, "another site"},
		"own origin":          {with(func(c *call) { c.header = map[string]string{"Origin": portal} }), 200, ""},
		"missing":             {with(func(c *call) { c.body = `{"word":"missing"}` }), 404, "There is none."},
		"conflict":            {with(func(c *call) { c.body = `{"word":"conflict"}` }), 409, "It is there."},
		"forbidden":           {with(func(c *call) { c.body = `{"word":"forbid"}` }), 403, "No."},
		"busy":                {with(func(c *call) { c.body = `{"word":"busy"}` }), 429, "Later."},
		"broken":              {with(func(c *call) { c.body = `{"word":"broken"}` }), 500, "our side"},
		"other method":        {with(func(c *call) { c.method = "PUT" }), 405, ""},
		"other address":       {with(func(c *call) { c.path = "/api/nothing" }), 404, "nothing at this address"},
	} {
		t.Run(name, func(t *testing.T) {
			response, problem := test.call.do(t, h)
			if response.StatusCode != test.status || !strings.Contains(problem.Detail, test.detail) {
				t.Errorf("%d %q, want %d %q", response.StatusCode, problem.Detail, test.status, test.detail)
			}
			for _, e := range problem.Errors {
				if e.Value != nil {
					t.Errorf("the problem sends back %v", e.Value)
				}
			}
			for name, want := range map[string]string{
				"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
			} {
				if got := response.Header.Get(name); got != want && response.StatusCode != 403 {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
			if !strings.Contains(response.Header.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
				t.Error("the answer can be framed")
			}
		})
	}
	_, problem := with(func(c *call) { c.body = `{"word":"field"}` }).do(t, h)
	if len(problem.Errors) != 1 || problem.Errors[0].Location != "word" {
		t.Errorf("problem about a field: %+v", problem)
	}
}

func TestSessionEndsByTimeAndBySigningOut(t *testing.T) {
	t.Parallel()
	s, who, token := sessions(t)
	now := who.Created
	s.Now = func() time.Time { return now }
	h := echo(s)
	status := func() int {
		response, _ := call{method: "POST", path: "/api/echo", body: `{"word":"hi"}`, cookie: token}.do(t, h)
		return response.StatusCode
	}
	for range 25 { // 29 minutes 25 times: used, it lives for 12 hours
		if now = now.Add(29 * time.Minute); now.Sub(who.Created) < 12*time.Hour && status() != 200 {
			t.Fatalf("ended after %s", now.Sub(who.Created))
		}
	}
	if now.Sub(who.Created) < 12*time.Hour || status() != 401 {
		t.Errorf("alive after %s", now.Sub(who.Created))
	}

	now = who.Created
	if err := s.Accounts.PutSession(t.Context(), who, "secret", now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	for range 29 { // asked each minute by a page that nobody looks at
		now = now.Add(time.Minute)
		response, _ := call{method: "GET", path: "/api/echo", cookie: token, header: map[string]string{api.Unattended: "true"}}.do(t, h)
		if response.StatusCode != 200 {
			t.Fatalf("ended after %s", now.Sub(who.Created))
		}
	}
	if now = now.Add(time.Minute); status() != 401 {
		t.Error("a page that nobody looks at keeps the session alive")
	}

	now = who.Created
	if err := s.Accounts.PutSession(t.Context(), who, "secret", now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if now = now.Add(30 * time.Minute); status() != 401 {
		t.Error("alive after 30 minutes without use")
	}
	if now = who.Created; status() != 200 {
		t.Error("not alive at first")
	}
	if err := s.SignOut(t.Context(), who); err != nil {
		t.Fatal(err)
	}
	if status() != 401 {
		t.Error("alive after signing out")
	}
}

func TestCursorIsRefusedWithAnyBitFlippedAndElsewhere(t *testing.T) {
	t.Parallel()
	who := account.Session{Key: []byte(strings.Repeat("k", 32))}
	other := account.Session{Key: []byte(strings.Repeat("o", 32))}
	cursor := api.Seal(who, "users", "position 7")
	if got, err := api.Open(who, "users", cursor); err != nil || got != "position 7" {
		t.Fatalf("%q, %v", got, err)
	}
	if cursor == api.Seal(who, "users", "position 7") {
		t.Error("two cursors are equal, so one tells what is in the other")
	}
	refused := func(who account.Session, list, cursor string) {
		t.Helper()
		if got, err := api.Open(who, list, cursor); backup.KindOf(err) != backup.Invalid {
			t.Errorf("%q opens to %q, %v", cursor, got, err)
		}
	}
	refused(other, "users", cursor)
	refused(who, "jobs", cursor)
	refused(who, "users", cursor[:len(cursor)-1])
	refused(who, "users", cursor+"A")
	for i := range cursor {
		for bit := range 8 {
			flipped := []byte(cursor)
			flipped[i] ^= 1 << bit
			refused(who, "users", string(flipped))
		}
	}
}

func TestPagesOfAListHoldEachItemOnce(t *testing.T) {
	t.Parallel()
	who := account.Session{Key: []byte(strings.Repeat("k", 32))}
	var items []string
	for i := range 57 {
		items = append(items, api.TextKey("same name", string(rune('0'+i))))
	}
	for _, descending := range []bool{false, true} {
		var got []string
		page := api.Page{Limit: 10}
		for {
			list, err := api.Cut(who, "list", page, items, descending, func(s string) string { return s })
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, list.Items...)
			if list.Total == nil || *list.Total != len(items) {
				t.Fatalf("total %v on a page of %d items", list.Total, len(items))
			}
			if page.Cursor = list.Next; page.Cursor == "" {
				break
			}
		}
		if len(got) != len(items) {
			t.Fatalf("%d of %d items", len(got), len(items))
		}
		for i := 1; i < len(got); i++ {
			if (got[i-1] < got[i]) == descending {
				t.Fatalf("item %d is out of order", i)
			}
		}
	}
}
