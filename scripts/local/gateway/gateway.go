// Package gateway serves an HTTP API as API Gateway does: it picks the route,
// turns the request into an event of payload format 2.0, calls the route's
// function and makes a response of its answer, within API Gateway's limits and
// with its error answers.
package gateway

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
)

// maxBody is the largest request body that API Gateway takes.
const maxBody = 10 << 20

// Route connects requests with a function.
type Route struct {
	Key      string // "GET /api/tasks/{task}", "ANY /api/{proxy+}" or "$default"
	Function string
	Timeout  time.Duration // API Gateway allows 30 seconds

	pattern pattern
}

// Options are a gateway's settings.
type Options struct {
	Account string // of AWS, for the event
	API     string // the API's id, for the event
	Invoke  func(ctx context.Context, function string, event []byte) ([]byte, error)
	Failed  func(function string, err error) // takes what went wrong, for the log
	Now     func() time.Time
}

// Gateway is an http.Handler.
type Gateway struct {
	opt    Options
	routes []Route
}

// New returns a gateway with the routes.
func New(opt Options, routes []Route) (*Gateway, error) {
	in, err := sorted(routes)
	return &Gateway{opt: opt, routes: in}, err
}

// ServeHTTP serves one request.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := rand.Text()
	w.Header().Set("Apigw-Requestid", id)
	route, parameters, ok := g.route(r)
	if !ok {
		fail(w, http.StatusNotFound, "Not Found")
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			fail(w, http.StatusRequestEntityTooLarge, "Request Entity Too Large")
		}
		return // otherwise the caller has gone
	}
	event, err := json.Marshal(g.event(r, id, route, parameters, body))
	if err != nil {
		g.opt.Failed(route.Function, err)
		fail(w, http.StatusInternalServerError, "Internal Server Error")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), route.Timeout)
	defer cancel()
	answer, err := g.opt.Invoke(ctx, route.Function, event)
	switch {
	case r.Context().Err() != nil: // the caller has gone
	case errors.Is(err, context.DeadlineExceeded):
		g.opt.Failed(route.Function, errors.New("no answer within the HTTP API's timeout"))
		fail(w, http.StatusServiceUnavailable, "Service Unavailable")
	case err != nil:
		g.opt.Failed(route.Function, err)
		fail(w, http.StatusInternalServerError, "Internal Server Error")
	default:
		if err := respond(w, answer); err != nil {
			g.opt.Failed(route.Function, err)
			fail(w, http.StatusInternalServerError, "Internal Server Error")
		}
	}
}

// route returns the first route that takes the request. API Gateway decodes
// the path before it looks.
func (g *Gateway) route(r *http.Request) (Route, map[string]string, bool) {
	parts := split(r.URL.Path)
	if len(parts) > 1 && parts[len(parts)-1] == "" { // "/a/" is "/a" to a route
		parts = parts[:len(parts)-1]
	}
	for _, route := range g.routes {
		if parameters, ok := route.pattern.match(r.Method, parts); ok {
			return route, parameters, true
		}
	}
	return Route{}, nil, false
}

func fail(w http.ResponseWriter, status int, message string) {
	h := w.Header()
	for name := range h {
		if !strings.EqualFold(name, "Apigw-Requestid") {
			h.Del(name)
		}
	}
	h.Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"message": message}) // the caller may have gone
}
