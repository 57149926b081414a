package box

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// TokenSource gives access tokens. It may be used from many goroutines.
type TokenSource interface {
	// Token returns a token that is good for a while.
	Token(ctx context.Context) (Token, error)
	// Rejected says that Box refused the token with a 401. The next Token
	// returns another one.
	Rejected(ctx context.Context, t Token) error
}

// earlier is how long before its end a token counts as expired.
const earlier = 2 * time.Minute

// source is a TokenSource that keeps a token until it expires or is rejected,
// and lets one goroutine at a time get another.
type source struct {
	app   App
	renew func(ctx context.Context, rejected string) (Token, error)
	turn  chan struct{} // of capacity 1; who has put something in may renew

	mu       sync.Mutex
	token    Token
	rejected string // the access token that was refused last
}

func newSource(app App, renew func(context.Context, string) (Token, error)) *source {
	return &source{app: app, renew: renew, turn: make(chan struct{}, 1)}
}

func (s *source) current() (Token, string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.token, s.rejected, s.app.good(s.token)
}

// good reports whether the token will live for a while.
func (a App) good(t Token) bool { return t.Access != "" && t.Expiry.After(a.now().Add(earlier)) }

// Token implements TokenSource.
func (s *source) Token(ctx context.Context) (Token, error) {
	if t, _, ok := s.current(); ok {
		return t, nil
	}
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return Token{}, fmt.Errorf("token: %w", ctx.Err())
	}
	t, rejected, ok := s.current()
	if ok {
		return t, nil
	}
	t, err := s.renew(ctx, rejected)
	if err != nil {
		return Token{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token = t
	return t, nil
}

// Rejected implements TokenSource. A token that was replaced meanwhile is of
// no interest.
func (s *source) Rejected(_ context.Context, t Token) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.Access == s.token.Access {
		s.token, s.rejected = Token{}, t.Access
	}
	return nil
}
