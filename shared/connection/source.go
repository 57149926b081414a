package connection

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/task"
)

// recheck is how long a process goes by what it knows of how a task is
// authorised. Whoever connects the task anew does so in another process.
const recheck = 5 * time.Minute

// source is the token source of one task: it finds out by itself whether a
// person or the customer's own application authorised it.
type source struct {
	connections *Connections
	tokens      *task.Tokens

	mu          sync.Mutex
	checked     time.Time
	credentials backup.Credentials
	inner       box.TokenSource
}

// current returns the source that the task's authorisation calls for. Anew
// looks the authorisation up even where it was just looked up.
func (s *source) current(ctx context.Context, anew bool) (box.TokenSource, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.connections.Now()
	if s.inner != nil && !anew && now.Sub(s.checked) < recheck {
		return s.inner, nil
	}
	c, err := s.tokens.Credentials(ctx)
	if err != nil {
		return nil, err
	}
	if s.inner == nil || c != s.credentials {
		inner, err := s.connections.sourceOf(c, s.tokens)
		if err != nil {
			return nil, fmt.Errorf("credentials of the task: %w", err)
		}
		s.inner, s.credentials = inner, c
	}
	s.checked = now
	return s.inner, nil
}

// sourceOf returns where tokens come from with these credentials.
func (c *Connections) sourceOf(cr backup.Credentials, tokens *task.Tokens) (box.TokenSource, error) {
	app := c.app
	switch cr.Grant {
	case backup.ClientCredentials:
		app.ClientID, app.ClientSecret, app.JWT = cr.ClientID, cr.ClientSecret, nil
		return box.ClientCredentials(app, cr.Enterprise), nil
	case backup.JWT:
		app.ClientID, app.ClientSecret = cr.ClientID, cr.ClientSecret
		app.JWT = &box.JWTKey{ID: cr.KeyID, PrivateKey: cr.PrivateKey}
		if err := app.JWT.Check(); err != nil {
			return nil, err
		}
		return box.JWT(app, cr.Enterprise), nil
	}
	return box.OAuth(app, tokens), nil
}

// Token implements box.TokenSource.
func (s *source) Token(ctx context.Context) (box.Token, error) {
	inner, err := s.current(ctx, false)
	if err != nil {
		return box.Token{}, err
	}
	t, err := inner.Token(ctx)
	if !errors.Is(err, box.ErrDisconnected) && backup.KindOf(err) != backup.NotFound {
		return t, err
	}
	again, lookErr := s.current(ctx, true)
	if lookErr != nil || again == inner {
		return t, err
	}
	return again.Token(ctx)
}

// Rejected implements box.TokenSource.
func (s *source) Rejected(ctx context.Context, t box.Token) error {
	inner, err := s.current(ctx, false)
	if err != nil {
		return err
	}
	return inner.Rejected(ctx, t)
}
