package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"
)

// sample is one HTTP exchange.
type sample struct {
	took  time.Duration // from the request to the answer's last byte
	bytes int           // of the answer's body as it was sent

	status int
}

// meter is a transport that takes the time of one operation's calls among all
// that pass. It is for one caller at a time.
type meter struct {
	patterns *http.ServeMux // finds a request's operation as the server does
	wanted   operation
	samples  []sample
}

func newMeter(all []operation) *meter {
	m := &meter{patterns: http.NewServeMux()}
	for _, op := range all {
		m.patterns.Handle(op.Method+" "+op.Path, http.NotFoundHandler())
	}
	return m
}

// during returns the exchange of the operation that happens during call, which
// must be exactly one, and succeed.
func (m *meter) during(op operation, call func() error) (sample, error) {
	m.wanted, m.samples = op, nil
	err := call()
	m.wanted = operation{}
	if err != nil {
		return sample{}, err
	}
	if len(m.samples) != 1 {
		return sample{}, fmt.Errorf("it was called %d times where once was meant", len(m.samples))
	}
	one := m.samples[0]
	if !slices.Contains(op.Success, one.status) {
		err = fmt.Errorf("it answered %d, which the document does not name", one.status)
	}
	return one, err
}

// RoundTrip implements http.RoundTripper.
func (m *meter) RoundTrip(r *http.Request) (*http.Response, error) {
	one, resp, err := exchange(r)
	if err != nil {
		return nil, err
	}
	if _, pattern := m.patterns.Handler(r); pattern == m.wanted.Method+" "+m.wanted.Path {
		m.samples = append(m.samples, one)
	}
	return resp, nil
}

// exchange sends a request and takes the time until the answer's last byte.
func exchange(r *http.Request) (sample, *http.Response, error) {
	out := r.Clone(r.Context())
	out.Header.Set("Accept-Encoding", "gzip") // by hand, so that the body stays as it was sent
	begin := time.Now()
	resp, err := http.DefaultTransport.RoundTrip(out)
	if err != nil {
		return sample{}, nil, err
	}
	body, err := io.ReadAll(resp.Body)
	one := sample{took: time.Since(begin), bytes: len(body), status: resp.StatusCode}
	_ = resp.Body.Close() // it was read to its end, or err says why not
	if err != nil {
		return sample{}, nil, err
	}
	resp, err = unpack(resp, body)
	return one, resp, err
}

// unpack gives the response the body that was sent, decompressed.
func unpack(resp *http.Response, body []byte) (*http.Response, error) {
	if resp.Header.Get("Content-Encoding") == "gzip" {
		packed, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		if body, err = io.ReadAll(packed); err != nil {
			return nil, err
		}
		resp.Header.Del("Content-Encoding")
		resp.ContentLength = int64(len(body))
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}
