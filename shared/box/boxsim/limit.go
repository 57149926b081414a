package boxsim

import (
	"math"
	"net/http"
	"strconv"
	"time"
)

// Box's limits for each user.
const (
	callsPerMinute   = 1000
	uploadsPerMinute = 240
)

// arrivals are the times of calls within the last minute.
type arrivals []time.Time

// since drops what is more than a minute old.
func (a arrivals) since(now time.Time) arrivals {
	start := 0
	for start < len(a) && now.Sub(a[start]) >= time.Minute {
		start++
	}
	return a[start:]
}

// limit notes a call of the user and refuses it above the limits.
func (s *Sim) limit(u *user, upload bool) *failure {
	now := s.instant()
	t := s.user(u)
	t.arrived = append(t.arrived.since(now), now)
	t.stats.Peak = max(t.stats.Peak, len(t.arrived))
	if !t.until.IsZero() && now.After(t.told.Add(inFlight)) && now.Before(t.until) {
		t.stats.Early++
	}
	month := u.Enterprise + now.Format("/2006-01")
	s.monthly[month]++
	if s.opt.MonthlyCalls > 0 && s.monthly[month] > s.opt.MonthlyCalls {
		return s.tooMany(t, time.Hour)
	}
	if !s.opt.Limits {
		return nil
	}
	t.calls, t.uploads = t.calls.since(now), t.uploads.since(now)
	if len(t.calls) >= callsPerMinute {
		return s.tooMany(t, t.calls[0].Add(time.Minute).Sub(now))
	}
	if upload && len(t.uploads) >= uploadsPerMinute {
		return s.tooMany(t, t.uploads[0].Add(time.Minute).Sub(now))
	}
	t.calls = append(t.calls, now)
	if upload {
		t.uploads = append(t.uploads, now)
	}
	return nil
}

// inFlight is how long after a refusal calls may still arrive that were sent
// before the caller could know of it.
const inFlight = 250 * time.Millisecond

func (s *Sim) tooMany(t *userTraffic, wait time.Duration) *failure {
	t.stats.Limited++
	seconds := int(math.Ceil(wait.Seconds()))
	if now := s.instant(); t.until.Before(now) {
		t.told = now.Add(s.opt.Latency)
		t.until = now.Add(wait)
	}
	f := refuse(http.StatusTooManyRequests, "rate_limit_exceeded", "Request rate limit exceeded, please try again later")
	f.Header = map[string]string{"retry-after": strconv.Itoa(seconds)}
	return f
}
