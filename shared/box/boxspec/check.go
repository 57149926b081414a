package boxspec

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3filter"
)

// maxChecked is the most of a body that is held to be checked. Longer bodies
// are contents on their way.
const maxChecked = 8 << 20

// request reports how a request with this body differs from the description,
// and returns what its answer is to be checked with; nil if there is nothing.
func (s *Spec) request(req *http.Request, body []byte) (*openapi3filter.RequestValidationInput, error) {
	input, err := s.operation(req)
	if input == nil || err != nil {
		return nil, err
	}
	if input.Request.Header.Get("Authorization") == "" && strings.Contains(req.URL.Path, "/2.0/") {
		return nil, fmt.Errorf("%s %s has no access token", req.Method, input.Route.Path)
	}
	input.Request.Body = io.NopCloser(bytes.NewReader(body))
	input.Options.ExcludeRequestBody = body == nil
	if err := openapi3filter.ValidateRequest(req.Context(), input); err != nil {
		return input, fmt.Errorf("%s %s: request: %w", req.Method, input.Route.Path, explain(err))
	}
	return input, nil
}

// response reports how an answer differs from the description.
func response(input *openapi3filter.RequestValidationInput, status int, header http.Header, body []byte) error {
	if allowed(input, status, header, body) {
		return nil
	}
	err := openapi3filter.ValidateResponse(input.Request.Context(), (&openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: status, Header: header, Options: input.Options,
	}).SetBodyBytes(body))
	if err != nil {
		return fmt.Errorf("%s %s: answer %d: %w", input.Request.Method, input.Route.Path, status, explain(err))
	}
	return nil
}

// readable reports whether messages of this type are short enough to hold.
func readable(header http.Header) bool {
	kind, _, _ := mime.ParseMediaType(header.Get("Content-Type"))
	return strings.HasSuffix(kind, "json") || kind == "application/x-www-form-urlencoded"
}

// Transport returns a transport that reports to t every request that Box would
// not understand and every answer that Box would not give, except those that the
// simulator has spoilt on purpose.
func (s *Spec) Transport(t testing.TB, next http.RoundTripper) http.RoundTripper {
	return &transport{s, t, next}
}

type transport struct {
	spec *Spec
	t    testing.TB
	next http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (c *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	c.t.Helper()
	var sent []byte
	if req.Body == nil || req.Body == http.NoBody {
		sent = []byte{}
	} else if readable(req.Header) {
		var err error
		if sent, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
		req.Body.Close()
		clone := req.Clone(req.Context())
		clone.Body = io.NopCloser(bytes.NewReader(sent))
		req = clone
	}
	input, err := c.spec.request(req, sent)
	if err != nil {
		c.t.Error(err)
	}
	resp, err := c.next.RoundTrip(req)
	if err != nil || input == nil || struck(resp) {
		return resp, err
	}
	var got []byte
	if readable(resp.Header) {
		var readErr error
		got, readErr = io.ReadAll(io.LimitReader(resp.Body, maxChecked))
		resp.Body = &partly{Reader: io.MultiReader(bytes.NewReader(got), failing{readErr}, resp.Body), Closer: resp.Body}
		if readErr != nil || len(got) == maxChecked {
			return resp, nil // torn or too long: nothing to check
		}
	}
	if err := response(input, resp.StatusCode, resp.Header, got); err != nil {
		c.t.Error(err)
	}
	return resp, nil
}

// struck reports whether the simulator has made this answer wrong on purpose.
func struck(resp *http.Response) bool {
	return resp.Header.Get("Boxsim-Fault") != ""
}

// partly is a body of which a part was read before.
type partly struct {
	io.Reader
	io.Closer
}

// failing is a reader that ends with an error, or is empty where that is nil.
type failing struct{ err error }

// Read implements io.Reader.
func (f failing) Read([]byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return 0, io.EOF
}

// Handler returns a handler that reports to t every answer of next that Box
// would not give.
func (s *Spec) Handler(t testing.TB, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		input, err := s.operation(r)
		if err != nil || input == nil {
			next.ServeHTTP(w, r) // a request that Box does not know either
			return
		}
		rec := &recorder{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(rec, r)
		if rec.long {
			return
		}
		if err := response(input, rec.status, w.Header(), rec.body.Bytes()); err != nil {
			t.Error(err)
		}
	})
}

// recorder keeps a copy of an answer that is not long.
type recorder struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
	long   bool
}

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (r *recorder) Write(p []byte) (int, error) {
	if r.body.Len()+len(p) > maxChecked {
		r.long = true
	} else if readable(r.Header()) {
		r.body.Write(p)
	}
	return r.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
