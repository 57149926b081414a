package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"coffer/scripts/demo"
	"coffer/scripts/local/statefile"
)

// What a crowd does: L5 of the checks asks for 200 administrators, a 95th
// percentile of half a second and no answer with a status from 500 on.
const (
	admins    = 200
	think     = 6 * time.Second // between two pages of one administrator, on average
	crowdGoal = 500 * time.Millisecond
)

// pages are what the portal asks for at once when a page of it is opened.
var pages = [][]string{
	{"/api/session", "/api/tasks"},
	{"/api/tasks/{task}", "/api/tasks/{task}/users", "/api/tasks/{task}/tags"},
	{
		"/api/tasks/{task}/users/{user}", "/api/tasks/{task}/users/{user}/history?days=30",
		"/api/tasks/{task}/users/{user}/snapshots",
	},
	{
		"/api/tasks/{task}/users/{user}/snapshots/{snapshot}",
		"/api/tasks/{task}/users/{user}/snapshots/{snapshot}/items?parent={folder}",
	},
	{"/api/tasks/{task}/users/{user}/snapshots/{snapshot}/items?q=2026"},
	{"/api/activity"},
	{"/api/jobs", "/api/jobs/{job}", "/api/jobs/{job}/items"},
}

// crowd is administrators who browse at the same time.
type crowd struct {
	mu      sync.Mutex
	samples []sample
	lost    int // requests without an answer
}

// crowded sums up what they saw. Times are in milliseconds.
type crowded struct {
	Admins   int     `json:"admins"`
	Seconds  float64 `json:"seconds"`
	Requests int     `json:"requests"`
	Failed   int     `json:"failed"` // without an answer, or with a status from 500 on
	P50      float64 `json:"p50"`
	P95      float64 `json:"p95"`
	P99      float64 `json:"p99"`
	Max      float64 `json:"max"`
	Over     bool    `json:"over"` // p95 is over what L5 asks for
}

// RoundTrip implements http.RoundTripper.
func (c *crowd) RoundTrip(r *http.Request) (*http.Response, error) {
	one, resp, err := exchange(r)
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case err == nil:
		c.samples = append(c.samples, one)
	case r.Context().Err() == nil:
		c.lost++
	}
	return resp, err
}

// admit has administrators open pages at random for a time, each in a session
// of their own, and fails where a request did.
func (h *house) admit(ctx context.Context, who demo.Person, w io.Writer, d time.Duration) (crowded, error) {
	c := &crowd{}
	var all []*demo.Portal
	for range admins {
		p := demo.NewPortal(h.address)
		if err := p.SignIn(ctx, who); err != nil {
			return crowded{}, err
		}
		p.HTTP.Transport = c
		all = append(all, p)
	}
	began := time.Now()
	limited, stop := context.WithTimeout(ctx, d)
	defer stop()
	var group sync.WaitGroup
	for _, p := range all {
		group.Go(func() { h.wander(limited, p) })
	}
	group.Wait()
	r := c.sum(time.Since(began))
	fmt.Fprintf(w, "\n%d administrators who opened pages for %.0f s: %d requests, p50 %.1f, p95 %.1f, p99 %.1f, max %.1f ms, %d failed.\n",
		r.Admins, r.Seconds, r.Requests, r.P50, r.P95, r.P99, r.Max, r.Failed)
	if r.Failed > 0 {
		return r, fmt.Errorf("%d requests of the crowd failed", r.Failed)
	}
	return r, ctx.Err()
}

// wander opens one page after another until the context ends, with time to think
// before each. What an answer says, the crowd has noted.
func (h *house) wander(ctx context.Context, p *demo.Portal) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Duration(rand.ExpFloat64() * float64(think))): // #nosec G404 -- no secret
		}
		var group sync.WaitGroup
		for _, path := range pages[rand.IntN(len(pages))] { // #nosec G404 -- no secret
			group.Go(func() { _ = p.Call(ctx, http.MethodGet, h.path(path), nil, nil) })
		}
		group.Wait()
	}
}

func (c *crowd) sum(took time.Duration) crowded {
	slices.SortFunc(c.samples, func(a, b sample) int { return cmp.Compare(a.took, b.took) })
	r := crowded{Admins: admins, Seconds: took.Seconds(), Requests: len(c.samples) + c.lost, Failed: c.lost}
	if len(c.samples) == 0 {
		return r
	}
	for _, one := range c.samples {
		if one.status >= http.StatusInternalServerError || one.status == http.StatusTooManyRequests {
			r.Failed++
		}
	}
	r.P50, r.P95 = milliseconds(percentile(c.samples, 50)), milliseconds(percentile(c.samples, 95))
	r.P99, r.Max = milliseconds(percentile(c.samples, 99)), milliseconds(percentile(c.samples, 100))
	r.Over = percentile(c.samples, 95) > crowdGoal
	return r
}

// measureCrowd starts the product for a crowd alone.
func measureCrowd(ctx context.Context, w io.Writer, d time.Duration) error {
	p, err := start(ctx)
	if err != nil {
		return err
	}
	defer p.close()
	h, err := enter(ctx, p)
	if err != nil {
		return err
	}
	r, err := h.admit(ctx, p.visitor.Person, w, d)
	return errors.Join(err, statefile.Save(out+"/crowd.json", r))
}
