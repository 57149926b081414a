package box

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"coffer/shared/backup"
)

// limiter keeps every acting user within Box's limits. Box counts the calls
// that reach it within any 60 seconds, so a bucket must not hold a minute's
// worth: what it holds and what flows in during a minute are the limit
// together, less a second's worth for calls that are delayed on their way.
type limiter struct {
	limits Limits
	now    func() time.Time
	sleep  func(context.Context, time.Duration) error

	mu    sync.Mutex
	users map[backup.BoxUserID]*allowance
}

// allowance is what one user may do now.
type allowance struct {
	calls, uploads *rate.Limiter
	until          time.Time // no call before, since Box said Retry-After
}

func bucket(perMinute int) *rate.Limiter {
	burst := max(1, perMinute*3/100)
	second := float64(perMinute) / 60
	return rate.NewLimiter(rate.Limit(max(float64(perMinute)-float64(burst)-second, 0.5)/60), burst)
}

func (l *limiter) user(id backup.BoxUserID) *allowance {
	if l.users == nil {
		l.users = map[backup.BoxUserID]*allowance{}
	}
	a := l.users[id]
	if a == nil {
		a = &allowance{calls: bucket(l.limits.Calls), uploads: bucket(l.limits.Uploads)}
		l.users[id] = a
	}
	return a
}

// wait returns when the user may send a call. It refuses at once, with a
// RateLimitError, where Box said Retry-After and that is longer than limit
// or the context allows.
func (l *limiter) wait(ctx context.Context, id backup.BoxUserID, upload bool, limit time.Duration) error {
	for {
		l.mu.Lock()
		a, now := l.user(id), l.now()
		blocked := a.until.Sub(now)
		delay := blocked
		if blocked <= 0 {
			delay = a.calls.ReserveN(now, 1).DelayFrom(now)
			if upload {
				delay = max(delay, a.uploads.ReserveN(now, 1).DelayFrom(now))
			}
		}
		l.mu.Unlock()
		if blocked > 0 && !affordable(ctx, now, blocked, limit) {
			return &RateLimitError{RetryAfter: blocked}
		}
		if delay > 0 {
			if err := l.sleep(ctx, delay); err != nil {
				return err
			}
		}
		// A Retry-After that arrived meanwhile voids the turn: all who wait
		// must queue again behind it, or they would go off together.
		l.mu.Lock()
		free := !a.until.After(l.now())
		l.mu.Unlock()
		if blocked <= 0 && free {
			return ctx.Err()
		}
	}
}

// block forbids calls of the user for d.
func (l *limiter) block(id backup.BoxUserID, d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.user(id)
	if until := l.now().Add(d); until.After(a.until) {
		a.until = until
	}
}

// affordable reports whether a wait of d is within limit and ends before ctx.
func affordable(ctx context.Context, now time.Time, d, limit time.Duration) bool {
	if d > limit {
		return false
	}
	deadline, ok := ctx.Deadline()
	return !ok || d < deadline.Sub(now)
}
