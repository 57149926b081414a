package box

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

const (
	maxErrorBody  = 64 << 10
	maxAnswerBody = 64 << 20
	slowCall      = 11 * time.Minute // Box itself gives up moving or deleting a folder after 10
	firstBackoff  = 500 * time.Millisecond
	maxBackoff    = 30 * time.Second
)

// call is one request to Box, as often as it takes.
type call struct {
	kind   string // for Client.Calls and errors
	method string
	url    string
	query  url.Values
	etag   string // If-Match
	header http.Header

	in   any                   // request body, as JSON
	body func() (*body, error) // request body, made anew for each try

	out    any  // where the JSON of the answer goes
	stream bool // the caller reads the answer's body, and closes it
	silent bool // Box may answer 202 or 204, without a body, where it has nothing to tell yet

	create bool // an unclear outcome is the caller's to resolve
	upload bool // counts against the limit on uploads
	slow   bool // may be silent for minutes
	bare   bool // to a download host: no token, no user, no limits
}

// body is a request body of known length.
type body struct {
	io.ReadCloser
	length      int64
	contentType string
}

// api returns the address of an API endpoint; parts are escaped as path segments.
func (c *Client) api(parts ...string) string { return join(c.cfg.API+"/2.0", parts) }

// uploads returns the address of an endpoint on the upload host.
func (c *Client) uploads(parts ...string) string { return join(c.cfg.Upload+"/api/2.0", parts) }

func join(base string, parts []string) string {
	for _, p := range parts {
		base += "/" + url.PathEscape(p)
	}
	return base
}

// send carries out the call. On success the status is 2xx, or a redirect where
// the caller streams. This is the only place that sends anything to Box, tokens
// apart.
func (c *Client) send(ctx context.Context, q call) (*http.Response, error) {
	uncertain := false
	rejections := 0
	for try := 1; ; try++ {
		resp, used, err := c.try(ctx, q)
		if err == nil {
			return resp, nil
		}
		if ctx.Err() != nil {
			return nil, fmt.Errorf("box %s: %w", q.kind, context.Cause(ctx))
		}
		e, ok := err.(*Error) // not errors.As: an Error further down is that of a request for tokens
		if !ok {
			return nil, err // no token, no allowance, no body to send
		}
		if e.Status == http.StatusNotFound && q.method == http.MethodDelete && uncertain {
			return &http.Response{StatusCode: http.StatusNoContent, Header: http.Header{}, Body: http.NoBody}, nil
		}
		if e.Status == http.StatusUnauthorized && !q.bare && rejections < 2 {
			rejections++
			if err := c.cfg.Tokens.Rejected(ctx, used); err != nil {
				return nil, fmt.Errorf("box %s: %w", q.kind, err)
			}
			continue
		}
		uncertain = uncertain || unclear(e)
		e.Uncertain = uncertain && q.method != http.MethodGet && q.method != http.MethodOptions
		if e.Status != 0 && !transient(e) || q.create && unclear(e) || try >= c.cfg.Attempts {
			return nil, e
		}
		if err := c.pause(ctx, q, e, try); err != nil {
			return nil, err
		}
	}
}

// pause waits before the next try.
func (c *Client) pause(ctx context.Context, q call, e *Error, try int) error {
	if e.retryAfter > 0 && !affordable(ctx, c.cfg.Now(), e.retryAfter, c.cfg.MaxWait) {
		return &RateLimitError{RetryAfter: e.retryAfter}
	}
	wait := c.backoff(try)
	if e.retryAfter > 0 && q.bare {
		wait = e.retryAfter
	} else if e.retryAfter > 0 {
		wait = 0 // the limiter holds this call back, with all others of the user
	}
	if err := c.cfg.Sleep(ctx, wait); err != nil {
		return fmt.Errorf("box %s: %w", q.kind, err)
	}
	return nil
}

// backoff returns a random time below a bound that doubles with every try.
func (c *Client) backoff(try int) time.Duration {
	bound := min(firstBackoff<<min(try-1, 10), maxBackoff)
	return time.Duration(c.cfg.Random() * float64(bound))
}

// try sends the call once, and returns the token that it used. All failures of
// the call itself are of type *Error; a refusal of the budget is not.
func (c *Client) try(ctx context.Context, q call) (*http.Response, Token, error) {
	var token Token
	if !q.bare {
		if err := c.limiter.wait(ctx, c.user, q.upload, c.cfg.MaxWait); err != nil {
			return nil, token, err
		}
		var err error
		if token, err = c.cfg.Tokens.Token(ctx); err != nil {
			return nil, token, fmt.Errorf("box %s: %w", q.kind, err)
		}
		if c.cfg.Budget != nil {
			if err := c.cfg.Budget(ctx, q.kind); err != nil {
				return nil, token, fmt.Errorf("box %s: %w", q.kind, err)
			}
		}
	}
	idle := c.cfg.Idle
	if q.slow {
		idle = slowCall
	}
	ctx, watch := newWatchdog(ctx, idle)
	req, err := c.request(ctx, q, token, watch)
	if err != nil {
		watch.stop()
		return nil, token, err
	}
	c.count(q.kind)
	resp, err := c.cfg.HTTP.Do(req)
	if err != nil {
		watch.stop()
		return nil, token, lost(q, watch.explain(err))
	}
	watch.pat()
	resp.Body = &watched{ReadCloser: resp.Body, dog: watch, end: true}
	if resp.StatusCode < 300 || resp.StatusCode < 400 && q.stream {
		if q.stream {
			return resp, token, nil
		}
		defer resp.Body.Close()
		if err := decode(resp, q); err != nil {
			return nil, token, lost(q, err)
		}
		return resp, token, nil
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody)) // what came of it is explanation enough
	e := refusal(q.kind, resp, text)
	e.as = c.user != ""
	if e.retryAfter > 0 && !q.bare {
		c.limiter.block(c.user, e.retryAfter)
	}
	return nil, token, e
}

func (c *Client) request(ctx context.Context, q call, token Token, watch *watchdog) (*http.Request, error) {
	address := q.url
	if len(q.query) > 0 {
		address += "?" + q.query.Encode()
	}
	var b *body
	switch {
	case q.body != nil:
		var err error
		if b, err = q.body(); err != nil {
			return nil, fmt.Errorf("box %s: content to send: %w", q.kind, err)
		}
	case q.in != nil:
		text, err := json.Marshal(q.in)
		if err != nil {
			return nil, fmt.Errorf("box %s: %w", q.kind, err)
		}
		b = &body{ReadCloser: io.NopCloser(bytes.NewReader(text)), length: int64(len(text)), contentType: "application/json"}
	}
	var sent io.Reader = http.NoBody
	if b != nil && b.length > 0 {
		sent = &watched{ReadCloser: b.ReadCloser, dog: watch}
	} else if b != nil {
		b.Close() // nothing to read
	}
	req, err := http.NewRequestWithContext(ctx, q.method, address, sent)
	if err != nil {
		return nil, fmt.Errorf("box %s: %w", q.kind, redact(err))
	}
	for name, values := range q.header {
		req.Header[name] = values
	}
	if b != nil {
		req.ContentLength = b.length
		if req.Header.Get("Content-Type") == "" {
			req.Header.Set("Content-Type", b.contentType)
		}
	}
	if q.etag != "" {
		req.Header.Set("If-Match", q.etag)
	}
	if !q.bare {
		req.Header.Set("Authorization", "Bearer "+token.Access)
		if c.user != "" {
			req.Header.Set("As-User", string(c.user))
		}
	}
	return req, nil
}

// do sends the call and decodes the answer into out, where out is not nil.
func (c *Client) do(ctx context.Context, q call, out any) error {
	q.out = out
	_, err := c.send(ctx, q)
	return err
}

// decode reads the answer into the call's out. An answer without a body is one
// only where the call asks for nothing or allows for it: taken for an empty
// folder or for a file that was made, it would lose what it does not tell.
func decode(resp *http.Response, q call) error {
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswerBody+1))
	if err != nil {
		return fmt.Errorf("answer: %w", redact(err))
	}
	if len(text) > maxAnswerBody {
		return fmt.Errorf("answer is longer than %d bytes", maxAnswerBody)
	}
	bare := resp.StatusCode == http.StatusNoContent || resp.StatusCode == http.StatusAccepted && len(text) == 0 // done, or not yet
	switch {
	case bare && (q.out == nil || q.silent):
		return nil
	case bare:
		return fmt.Errorf("answer %d tells nothing of what was asked for", resp.StatusCode)
	case q.out == nil:
		return fmt.Errorf("answer %d is not the one without a body", resp.StatusCode)
	}
	if err := json.Unmarshal(text, q.out); err != nil {
		return fmt.Errorf("answer is not the JSON it should be: %w", err)
	}
	if a, ok := q.out.(answer); ok && !a.whole() {
		return errors.New("answer lacks what it is about")
	}
	return nil
}

// answer is what can tell whether an answer was all there. An empty object must
// not pass for an empty folder.
type answer interface{ whole() bool }

// lost is the Error of a call to which no whole answer came.
func lost(q call, err error) *Error {
	return &Error{Call: q.kind, Err: redact(err), retryAfter: -1}
}

// redact removes the address from an error of net/http: addresses of downloads
// are secrets.
func redact(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

// neverSent reports whether the connection failed before anything was sent.
func neverSent(err error) bool {
	e, ok := errors.AsType[*net.OpError](err)
	return ok && e.Op == "dial"
}

// retryAfter reads the header of that name, in seconds or as a date, and
// returns a negative time where it is missing.
func retryAfter(resp *http.Response) time.Duration {
	text := resp.Header.Get("Retry-After")
	if s, err := strconv.ParseFloat(text, 64); err == nil && s >= 0 {
		return time.Duration(min(s, 1e9) * float64(time.Second))
	}
	if at, err := http.ParseTime(text); err == nil {
		if now, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
			return max(at.Sub(now), 0)
		}
	}
	return -1
}
