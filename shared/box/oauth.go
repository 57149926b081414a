package box

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"
)

// TokenStore is where the pair of an OAuth authorisation lives. All processes
// that use the authorisation share it. A refresh token works once, so only the
// holder of the lease may use it.
type TokenStore interface {
	// Load returns the pair and its version, which every Save changes.
	Load(ctx context.Context) (t Token, version int64, err error)
	// Lease reports true to the one caller that may refresh this version now.
	// A lease lasts LeaseTime, unless Save or Release ends it. It reports false
	// also where the version is not the current one.
	Lease(ctx context.Context, version int64) (bool, error)
	// Save stores the pair that follows this version and ends the lease. It
	// fails where the version is not the current one.
	Save(ctx context.Context, version int64, t Token) error
	// Release ends the lease without a new pair.
	Release(ctx context.Context, version int64) error
}

// LeaseTime is how long a lease to refresh lasts at least: as long as the three
// requests for tokens that its holder may make.
const LeaseTime = 30 * time.Second

const (
	tokenTries = 3
	saveTries  = 5
	patience   = 4 * LeaseTime // of those who wait for the holder of the lease
)

// OAuth returns the tokens of an authorisation that a person gave. One caller
// among all processes refreshes; the others read the store until it has. The
// new pair is stored before it is used. Where Box knows the refresh token no
// more and nobody else has stored a newer pair, the error is ErrDisconnected.
func OAuth(app App, store TokenStore) TokenSource {
	o := &oauth{app: app, store: store}
	return newSource(app, o.renew)
}

type oauth struct {
	app   App
	store TokenStore
	dead  *int64 // the version that Box refused for good; guarded by source.turn
}

// renew returns the store's pair where that is good, and refreshes it else.
func (o *oauth) renew(ctx context.Context, rejected string) (Token, error) {
	start, wait := o.app.now(), 100*time.Millisecond
	for {
		t, version, err := o.store.Load(ctx)
		if err != nil {
			return Token{}, fmt.Errorf("load the Box tokens: %w", err)
		}
		if o.app.good(t) && t.Access != rejected {
			return t, nil
		}
		if t.Refresh == "" || o.dead != nil && *o.dead == version {
			return Token{}, ErrDisconnected
		}
		won, err := o.store.Lease(ctx, version)
		if err != nil {
			return Token{}, fmt.Errorf("lease the Box tokens: %w", err)
		}
		if won {
			return o.refresh(ctx, t, version)
		}
		if o.app.now().Sub(start) > patience {
			return Token{}, errors.New("another process is refreshing the Box tokens and does not finish")
		}
		if err := o.app.pause(ctx, wait); err != nil {
			return Token{}, fmt.Errorf("wait for fresh Box tokens: %w", err)
		}
		wait = min(2*wait, 2*time.Second)
	}
}

// refresh gets the next pair and stores it. It runs to its end even when the
// caller gives up, since a pair that Box made and nobody stored is lost. A lost
// reply is worth another try: Box gives the same pair until its first use.
func (o *oauth) refresh(ctx context.Context, t Token, version int64) (Token, error) {
	ctx = context.WithoutCancel(ctx)
	var err error
	for try := 1; try <= tokenTries; try++ {
		var next Token
		next, err = o.app.token(ctx, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {t.Refresh}})
		if err == nil {
			return o.save(ctx, version, next)
		}
		if other, ok := o.replaced(ctx, version); ok {
			return other, nil
		}
		if gone(err) || !again(err) || try == tokenTries {
			break
		}
		if o.app.backoff(ctx, try, err) != nil {
			break
		}
	}
	if gone(err) {
		// Whoever refreshed with this token may be about to store the pair.
		if o.app.pause(ctx, time.Second) == nil {
			if other, ok := o.replaced(ctx, version); ok {
				return other, nil
			}
		}
		o.dead = &version
		err = fmt.Errorf("%w: %w", ErrDisconnected, err)
	}
	if end := o.store.Release(ctx, version); end != nil {
		err = errors.Join(err, fmt.Errorf("release the Box tokens: %w", end))
	}
	return Token{}, fmt.Errorf("refresh the Box tokens: %w", err)
}

// save stores the pair, and tries hard.
func (o *oauth) save(ctx context.Context, version int64, next Token) (Token, error) {
	var err error
	for try := range saveTries {
		if err = o.store.Save(ctx, version, next); err == nil {
			return next, nil
		}
		if other, ok := o.replaced(ctx, version); ok {
			return other, nil
		}
		if o.app.pause(ctx, firstBackoff<<try) != nil {
			break
		}
	}
	return Token{}, fmt.Errorf("store the new Box tokens: %w", err)
}

// replaced returns the pair that the store holds in place of version, if so.
// A Save whose reply was lost shows here as well.
func (o *oauth) replaced(ctx context.Context, version int64) (Token, bool) {
	t, now, err := o.store.Load(ctx)
	return t, err == nil && now != version && o.app.good(t)
}
