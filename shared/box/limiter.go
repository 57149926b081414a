package box

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"coffer/shared/backup"
)

// limiter keeps every acting user within Box's limits. A quarter of a minute's
// calls may go off at once, which is all that the backup of an ordinary day
// needs; what takes longer is spread over the minute.
type limiter struct {
	limits Limits
	now    func() time.Time
	sleep  func(context.Context, time.Duration) error

	mu    sync.Mutex
	users map[backup.BoxUserID]*allowance
}

// allowance is what one user may do now.
type allowance struct {
	calls, uploads *quota
	until          time.Time // no call before, since Box said Retry-After
}

// quota spreads calls over time. Box counts those that reach it within any 60
// seconds, of which a bucket knows nothing: what it holds and what flows in
// could exceed the limit together. So it is also remembered when the latest
// calls were sent.
type quota struct {
	bucket *rate.Limiter
	sent   []time.Time // the latest, as many as a minute may have; a ring
	next   int         // the oldest of them
}

// newQuota leaves a second's worth for calls that are delayed on their way.
func newQuota(perMinute int) *quota {
	most := max(perMinute-perMinute/60, 1)
	return &quota{bucket: rate.NewLimiter(rate.Limit(float64(most)/60), max(most/4, 1)), sent: make([]time.Time, most)}
}

// reserve takes a turn and returns how far off it is.
func (q *quota) reserve(now time.Time) time.Duration {
	delay := max(q.bucket.ReserveN(now, 1).DelayFrom(now), q.sent[q.next].Add(time.Minute).Sub(now), 0)
	q.sent[q.next] = now.Add(delay)
	q.next = (q.next + 1) % len(q.sent)
	return delay
}

func (l *limiter) user(id backup.BoxUserID) *allowance {
	if l.users == nil {
		l.users = map[backup.BoxUserID]*allowance{}
	}
	a := l.users[id]
	if a == nil {
		a = &allowance{calls: newQuota(l.limits.Calls), uploads: newQuota(l.limits.Uploads)}
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
			delay = a.calls.reserve(now)
			if upload {
				delay = max(delay, a.uploads.reserve(now))
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
