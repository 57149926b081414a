package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"coffer/scripts/demo"
	"coffer/shared/api/openapi"
)

func TestPercentileIsATimeThatWasMeasured(t *testing.T) {
	t.Parallel()
	samples := func(n int) []sample { // 1 ms, 2 ms, …
		all := make([]sample, n)
		for i := range all {
			all[i].took = time.Duration(i+1) * time.Millisecond
		}
		return all
	}
	for _, c := range []struct {
		of   int
		p    float64
		want time.Duration
	}{
		{1, 50, 1},
		{1, 100, 1},
		{2, 50, 1},
		{2, 51, 2},
		{20, 50, 10},
		{20, 95, 19},
		{20, 99, 20},
		{20, 100, 20},
		{200, 50, 100},
		{200, 95, 190},
		{200, 99, 198},
		{200, 100, 200},
	} {
		if got := percentile(samples(c.of), c.p); got != c.want*time.Millisecond {
			t.Errorf("p%.0f of %d: got %s, want %d ms", c.p, c.of, got, c.want)
		}
	}
	r := summarize(step{op: operation{ID: "get-thing"}, way: get("")}, append(samples(18), sample{took: target, bytes: 7}, sample{took: time.Second, bytes: 3}))
	if r.Over || r.P95 != 50 || r.Max != 1000 || r.Bytes != 7 {
		t.Errorf("with a p95 of the target itself: %+v", r)
	}
	r = summarize(step{op: operation{ID: "get-thing"}, way: get("")}, append(samples(18), sample{took: target + 1, bytes: 7}, sample{took: time.Second, bytes: 3}))
	if !r.Over {
		t.Errorf("with a p95 over the target: %+v", r)
	}
}

// TestEveryOperationIsMeasured fails where the API has something new that is
// no plain read and has no way to be called.
func TestEveryOperationIsMeasured(t *testing.T) {
	t.Parallel()
	all, err := operations(openapi.Document())
	if err != nil {
		t.Fatal(err)
	}
	steps, err := plan(all, nil)
	if err != nil {
		t.Fatal(err)
	}
	if some, err := plan(all, []string{"sign-in", "get-task"}); err != nil || len(some) != 2 || some[0].op.ID != "get-task" {
		t.Errorf("two of them: %+v, %v", some, err)
	}
	if _, err := plan(all, []string{"no-such"}); err == nil {
		t.Error("an operation that there is not was planned")
	}
	measured := map[string]bool{}
	last := read
	for _, s := range steps {
		measured[s.op.ID] = true
		if s.kind < last {
			t.Errorf("%s comes after what is no %s", s.op.ID, s.kind)
		}
		last = s.kind
	}
	for _, op := range all {
		if !measured[op.ID] || len(op.Success) == 0 {
			t.Errorf("%+v is not measured, or nothing says what it answers", op)
		}
	}
	for id := range ways() {
		if !measured[id] {
			t.Errorf("there is a way to call %s, which the API does not have", id)
		}
	}
}

func TestNewOperations(t *testing.T) {
	t.Parallel()
	const known = `"/api/session":{"get":{"operationId":"get-session","responses":{"200":{},"default":{}}}},`
	for _, c := range []struct{ name, path, operation, want string }{
		{"a plain read", "/api/tasks/{task}/new", `"get":{"operationId":"new","responses":{"200":{}}}`, ""},
		{"an optional query", "/api/new", `"get":{"operationId":"new","parameters":[{"name":"q","in":"query"}]}`, ""},
		{"a query that it needs", "/api/new", `"get":{"operationId":"new","parameters":[{"name":"q","in":"query","required":true}]}`, "new (GET /api/new)"},
		{"an unknown id", "/api/{thing}", `"get":{"operationId":"new"}`, "new (GET /api/{thing})"},
		{"a write", "/api/tasks/{task}", `"put":{"operationId":"new"}`, "new (PUT /api/tasks/{task})"},
	} {
		all, err := operations([]byte(`{"paths":{` + known + `"` + c.path + `":{` + c.operation + `}}}`))
		if err != nil || len(all) != 2 {
			t.Fatalf("%s: %+v, %v", c.name, all, err)
		}
		steps, err := plan(all, nil)
		switch {
		case c.want == "" && (err != nil || len(steps) != 2):
			t.Errorf("%s: %d steps, %v", c.name, len(steps), err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "get-session")):
			t.Errorf("%s: got %v, want %q named alone", c.name, err, c.want)
		}
	}
}

// TestMeterCountsOneOperation calls operations that resemble each other.
func TestMeterCountsOneOperation(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/users/gone" {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		fmt.Fprint(w, `"plain"`)
	}))
	t.Cleanup(server.Close)
	all, err := operations([]byte(`{"paths":{
		"/api/users/{user}":{"get":{"operationId":"get-user","responses":{"200":{}}}},
		"/api/users/me":{"get":{"operationId":"get-me","responses":{"200":{}}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	m := newMeter(all)
	p := demo.NewPortal(server.URL)
	p.HTTP.Transport = m
	for _, c := range []struct {
		name  string
		paths []string
		ok    bool
	}{
		{"once", []string{"/api/users/7"}, true},
		{"among others", []string{"/api/users/me", "/api/users/7?a=b", "/elsewhere"}, true},
		{"twice", []string{"/api/users/7", "/api/users/8"}, false},
		{"never", []string{"/api/users/me"}, false},
		{"with a status that is none of its own", []string{"/api/users/gone"}, false},
	} {
		one, err := m.during(all[1], func() error {
			for _, path := range c.paths {
				if err := p.Call(t.Context(), http.MethodGet, path, nil, nil); err != nil {
					return err
				}
			}
			return nil
		})
		if (err == nil) != c.ok || c.ok && (one.took <= 0 || one.bytes != len(`"plain"`)) {
			t.Errorf("%s: %+v, %v", c.name, one, err)
		}
	}
}

func TestCallThatCameTooLateIsMadeAgain(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "{}") }))
	t.Cleanup(server.Close)
	stop := operation{ID: "stop", Method: "POST", Path: "/api/stop", Success: []int{http.StatusOK}}
	for _, c := range []struct {
		late, want int // of the calls, before one is in time
	}{{0, 30}, {9, 30}, {10, 0}} {
		m := newMeter([]operation{stop})
		h := &house{address: server.URL, meter: m}
		h.Portal = h.visit()
		late := 0
		samples, err := h.measure(t.Context(), step{stop, way{kind: write, call: func(ctx context.Context, h *house, op operation, n int) error {
			if err := h.Call(ctx, op.Method, op.Path, nil, nil); err != nil {
				return err
			}
			if late++; late <= c.late {
				return errLate
			}
			late = 0
			return nil
		}}})
		if len(samples) != c.want || (err == nil) != (c.want > 0) {
			t.Errorf("%d calls too late: %d samples, %v", c.late, len(samples), err)
		}
	}
}
