// Package demo uses Coffer as a person does, over HTTP: it signs up, connects a
// Box enterprise, backs it up, changes it, backs it up again, restores what was
// deleted, and compares everything with Box. Nothing in it knows how Coffer
// works inside.
package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"coffer/shared/api"
)

// Portal is Coffer's API for one portal user.
type Portal struct {
	URL     string // http://localhost:8080
	HTTP    *http.Client
	session string
}

// NewPortal returns the API at an address.
func NewPortal(address string) *Portal {
	return &Portal{URL: address, HTTP: &http.Client{Transport: http.DefaultTransport, Timeout: time.Minute}}
}

// Problem is what the API answers instead of what was asked for.
type Problem struct {
	Status int    `json:"status"`
	Title  string `json:"title"`
	Detail string `json:"detail"`
	call   string
}

// Error says which call had which problem.
func (p *Problem) Error() string { return fmt.Sprintf("%s: %d %s", p.call, p.Status, p.Detail) }

// Call sends in as JSON, if it is not nil, and decodes the answer into out, if
// that is not nil.
func (p *Portal) Call(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(text)
	}
	resp, err := p.send(ctx, method, p.URL+path, body)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	if resp.StatusCode >= 300 {
		problem := &Problem{call: method + " " + path}
		if json.Unmarshal(text, problem) != nil || problem.Detail == "" {
			problem.Detail = string(text)
		}
		problem.Status = resp.StatusCode
		return problem
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	return nil
}

// send sends a request with the session's cookie and keeps a new one. (Go's
// cookie jar sends Secure cookies over https only; browsers send them to
// localhost, too.)
func (p *Portal) send(ctx context.Context, method, address string, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if p.session != "" {
		req.AddCookie(p.cookie())
	}
	resp, err := p.HTTP.Do(req)
	if err != nil {
		return nil, err
	}
	for _, c := range resp.Cookies() {
		if c.Name == api.Cookie {
			p.session = c.Value
		}
	}
	return resp, nil
}

func (p *Portal) cookie() *http.Cookie { return &http.Cookie{Name: api.Cookie, Value: p.session} }

// All gathers the pages of a list.
func All[T any](ctx context.Context, p *Portal, path string) ([]T, error) {
	var out []T
	cursor := ""
	for {
		separator := "?"
		if strings.Contains(path, "?") {
			separator = "&"
		}
		var page api.List[T]
		if err := p.Call(ctx, http.MethodGet, path+separator+"limit=200&cursor="+url.QueryEscape(cursor), nil, &page); err != nil {
			return nil, err
		}
		out = append(out, page.Items...)
		if cursor = page.Next; cursor == "" {
			return out, nil
		}
	}
}

// Until asks again and again until done says so, for at most d. Progress in
// between is up to done.
func Until(ctx context.Context, d time.Duration, what string, done func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		ok, err := done()
		if ok || err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("waited %s in vain until %s", d, what)
		}
	}
}
