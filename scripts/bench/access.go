package main

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"slices"
	"time"

	"coffer/scripts/demo"
	"coffer/scripts/local/cloud"
)

// access has the ways of operations that let people in. Those that end
// sessions or change passwords are for members, not for who measures.
func access() map[string][]way {
	joins := func(ctx context.Context, h *house, _ operation, _ int) error { return h.join(ctx) }
	return map[string][]way{
		"sign-up":  {{kind: hashing, call: joins}},
		"activate": {{kind: write, call: joins}},
		"sign-in": {{kind: hashing, call: func(ctx context.Context, h *house, _ operation, n int) error {
			m, err := h.member(ctx, n)
			if err != nil {
				return err
			}
			return h.visit().SignIn(ctx, *m)
		}}},
		"sign-out":               {{kind: write, call: endSessions}},
		"end-other-sessions":     {{kind: write, call: endSessions}},
		"end-session":            {{kind: write, call: endSession}},
		"request-password-reset": {{kind: write, call: requestReset}},
		"reset-password":         {{kind: hashing, call: resetPassword}},
		"change-password":        {{kind: hashing, call: changePassword}},
	}
}

// twice returns the API for a member who has just signed in for the second time.
func twice(ctx context.Context, h *house, n int) (*demo.Portal, error) {
	if _, _, err := h.signedIn(ctx, n); err != nil {
		return nil, err
	}
	p, _, err := h.signedIn(ctx, n)
	return p, err
}

// endSessions calls an operation that ends this session, or all others.
func endSessions(ctx context.Context, h *house, op operation, n int) error {
	p, err := twice(ctx, h, n)
	if err != nil {
		return err
	}
	return p.Call(ctx, op.Method, op.Path, nil, nil)
}

// endSession ends one session from another.
func endSession(ctx context.Context, h *house, op operation, n int) error {
	p, err := twice(ctx, h, n)
	if err != nil {
		return err
	}
	type session struct {
		ID      string
		Current bool
	}
	var all struct{ Items []session }
	if err := p.Call(ctx, http.MethodGet, "/api/sessions", nil, &all); err != nil {
		return err
	}
	i := slices.IndexFunc(all.Items, func(s session) bool { return !s.Current })
	if i < 0 {
		return errors.New("a member who has signed in twice has one session")
	}
	return p.Call(ctx, op.Method, h.path(op.Path, "session", all.Items[i].ID), nil, nil)
}

func requestReset(ctx context.Context, h *house, _ operation, n int) error {
	m, err := h.member(ctx, n)
	if err != nil {
		return err
	}
	return h.visit().Call(ctx, http.MethodPost, "/api/password-reset", map[string]string{"email": m.Email}, nil)
}

func resetPassword(ctx context.Context, h *house, op operation, n int) error {
	since := time.Now()
	if err := requestReset(ctx, h, op, n); err != nil {
		return err
	}
	m := h.members[n]
	token, err := h.Token(ctx, cloud.MailPath, m.Email, "reset-password", since)
	if err != nil {
		return err
	}
	m.Password = rand.Text()
	return h.visit().Call(ctx, op.Method, op.Path, map[string]string{"token": token, "password": m.Password}, nil)
}

func changePassword(ctx context.Context, h *house, op operation, n int) error {
	p, m, err := h.signedIn(ctx, n)
	if err != nil {
		return err
	}
	old := m.Password
	m.Password = rand.Text()
	return p.Call(ctx, op.Method, op.Path, map[string]string{"current": old, "password": m.Password}, nil)
}
