// Package fault makes requests to the local cloud's services go wrong on their
// way, before the service has seen them or after it has done what they ask. It
// is a transport, for a test's own clients or for the proxies that functions
// reach the services through.
package fault

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

// Fate is what becomes of a request.
type Fate int

// The fates.
const (
	Pass     Fate = iota
	Reset         // the connection ends before the service has seen the request
	Lost          // the service has done it, then the connection ends
	Busy          // the service asks to slow down, having done nothing
	Broken        // the service answers 500, having done nothing
	Late          // the service answers 500, having done it
	Refused       // an answer after which no client tries again; nothing was done
	Denied        // the same, and it was done: what a caller makes of an answer that never comes
	numFates      // how many there are
)

var names = [numFates]string{"pass", "reset", "lost", "busy", "broken", "late", "refused", "denied"}

// String returns the fate's name.
func (f Fate) String() string { return names[f] }

// done reports whether the service does what is asked.
func (f Fate) done() bool { return f == Pass || f == Lost || f == Late || f == Denied }

// ErrReset is what a client sees of Reset and Lost.
var ErrReset = fmt.Errorf("planned: %w", syscall.ECONNRESET)

// Transport lets requests meet their fate.
type Transport struct {
	Base http.RoundTripper
	// Choose decides the fate of a request. It may be called from several
	// goroutines at once.
	Choose func(*http.Request) Fate
	// After, if not nil, is called when a request has met its fate.
	After func(*http.Request, Fate)

	used [numFates]atomic.Int64
}

// Used returns how many requests met a fate.
func (t *Transport) Used(f Fate) int64 { return t.used[f].Load() }

// Faults returns how many requests went wrong.
func (t *Transport) Faults() (n int64) {
	for f := Reset; f < numFates; f++ {
		n += t.Used(f)
	}
	return n
}

// RoundTrip implements http.RoundTripper.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	fate := t.Choose(r)
	t.used[fate].Add(1)
	resp, err := t.meet(r, fate)
	if t.After != nil {
		t.After(r, fate)
	}
	return resp, err
}

func (t *Transport) meet(r *http.Request, fate Fate) (*http.Response, error) {
	if fate.done() {
		resp, err := t.Base.RoundTrip(r)
		if fate == Pass || err != nil {
			return resp, err
		}
		_, err = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close() // it was read, or err says why not
		if err != nil {
			return nil, err
		}
	} else if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body) // a client that is cut off may show in the middle
		_ = r.Body.Close()
	}
	if fate == Reset || fate == Lost {
		return nil, ErrReset
	}
	return answer(r, fate), nil
}

// answer is a service's answer to a request that it does not confirm.
func answer(r *http.Request, fate Fate) *http.Response {
	service, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if service == "" {
		return object(r, fate)
	}
	switch {
	case fate == Refused, fate == Denied:
		return document(r, http.StatusBadRequest, "AccessDeniedException", "")
	case fate != Busy:
		return document(r, http.StatusInternalServerError, "InternalServerError", "")
	case operation == "TransactWriteItems":
		return document(r, http.StatusBadRequest, "TransactionCanceledException", `,"CancellationReasons":[{"Code":"TransactionConflict"}]`)
	case strings.HasPrefix(service, "DynamoDB"):
		return document(r, http.StatusBadRequest, "ProvisionedThroughputExceededException", "")
	}
	return document(r, http.StatusBadRequest, "ThrottlingException", "")
}

// document is an answer of the services that speak JSON.
func document(r *http.Request, status int, code, more string) *http.Response {
	body := fmt.Sprintf(`{"__type":"planned#%s","message":"planned"%s}`, code, more)
	return reply(r, status, r.Header.Get("Content-Type"), code, body)
}

// object is an answer of S3.
func object(r *http.Request, fate Fate) *http.Response {
	status, code := http.StatusInternalServerError, "InternalError"
	switch fate {
	case Busy:
		status, code = http.StatusServiceUnavailable, "SlowDown"
	case Refused, Denied:
		status, code = http.StatusForbidden, "AccessDenied"
	}
	body := fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>%s</Code><Message>planned</Message></Error>`, code)
	if r.Method == http.MethodHead {
		body = ""
	}
	return reply(r, status, "application/xml", "", body)
}

func reply(r *http.Request, status int, kind, code, body string) *http.Response {
	header := http.Header{"Content-Type": {kind}, "Content-Length": {strconv.Itoa(len(body))}}
	if code != "" {
		header.Set("X-Amzn-Errortype", code)
	}
	return &http.Response{
		Status: strconv.Itoa(status) + " " + http.StatusText(status), StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Body: io.NopCloser(bytes.NewReader([]byte(body))), ContentLength: int64(len(body)), Request: r,
	}
}
