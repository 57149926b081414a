package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"coffer/scripts/demo"
)

// Whatever goes wrong for one of the crowd counts, and what is refused does
// not.
func TestCrowdCountsWhatFails_L5(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/gone":
			w.WriteHeader(http.StatusNotFound)
		case "/broken":
			w.WriteHeader(http.StatusBadGateway)
		case "/cut":
			panic(http.ErrAbortHandler)
		default:
			fmt.Fprint(w, "{}")
		}
	}))
	t.Cleanup(server.Close)
	c := &crowd{}
	p := demo.NewPortal(server.URL)
	p.HTTP.Transport = c
	for _, path := range []string{"/", "/gone", "/broken", "/cut"} {
		_ = p.Call(t.Context(), http.MethodGet, path, nil, nil)
	}
	over, stop := context.WithCancel(t.Context())
	stop()
	_ = p.Call(over, http.MethodGet, "/", nil, nil) // the end of the measurement is nobody's fault
	r := c.sum(0)
	if r.Requests != 4 || r.Failed != 2 || r.P50 <= 0 || r.Max < r.P95 {
		t.Errorf("%+v", r)
	}
}
