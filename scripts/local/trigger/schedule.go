package trigger

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"
)

// Schedule calls a function, or sends a message, at times.
type Schedule struct {
	ARN    string
	Times  Times
	Zone   *time.Location
	Input  string // JSON; EventBridge Scheduler's context attributes in it are filled in
	Invoke Invoke
	Failed func(error) // takes what went wrong, for the log
}

// Run calls the function until ctx ends, as soon as it starts where the times
// are a rate. A call may begin while the one before is still running.
func (s *Schedule) Run(ctx context.Context) {
	at := time.Now()
	if !s.Times.atOnce() {
		at = s.Times.next(at.In(s.Zone))
	}
	for !at.IsZero() {
		pause(ctx, time.Until(at))
		if ctx.Err() != nil {
			return
		}
		go func(at time.Time) {
			if _, err := s.Invoke(ctx, []byte(s.fill(at))); err != nil && ctx.Err() == nil {
				s.Failed(err)
			}
		}(at)
		at = s.Times.next(at.In(s.Zone))
		if now := time.Now(); at.Before(now) { // the machine slept: what was missed is not made up for
			at = s.Times.next(now.In(s.Zone))
		}
	}
}

func (s *Schedule) fill(at time.Time) string {
	return strings.NewReplacer(
		"<aws.scheduler.schedule-arn>", s.ARN,
		"<aws.scheduler.scheduled-time>", at.UTC().Format(time.RFC3339),
		"<aws.scheduler.execution-id>", rand.Text(),
		"<aws.scheduler.attempt-number>", "1",
	).Replace(s.Input)
}

// Times are the times of a schedule.
type Times interface {
	// next returns the first time after t, or the zero time if there is none.
	next(t time.Time) time.Time
	// atOnce reports whether the first time is now.
	atOnce() bool
}

// ParseTimes reads a schedule expression: rate(5 minutes) or
// cron(0 3 * * ? *), the six fields of which are minute, hour, day of month,
// month, day of week and year.
func ParseTimes(expression string) (Times, error) {
	kind, rest, _ := strings.Cut(expression, "(")
	inner, closed := strings.CutSuffix(rest, ")")
	if closed {
		switch kind {
		case "rate":
			return parseRate(expression, inner)
		case "cron":
			return parseCron(expression, inner)
		}
	}
	return nil, fmt.Errorf("schedule expression %q: the local cloud knows rate(…) and cron(…)", expression)
}

// rate is a fixed interval.
type rate time.Duration

func parseRate(expression, inner string) (Times, error) {
	var n int
	var unit string
	if _, err := fmt.Sscanf(inner, "%d %s", &n, &unit); err == nil && n > 0 {
		switch strings.TrimSuffix(unit, "s") {
		case "minute":
			return rate(time.Duration(n) * time.Minute), nil
		case "hour":
			return rate(time.Duration(n) * time.Hour), nil
		case "day":
			return rate(time.Duration(n) * 24 * time.Hour), nil
		}
	}
	return nil, fmt.Errorf("schedule expression %q: want a number and minutes, hours or days", expression)
}

func (r rate) next(t time.Time) time.Time { return t.Add(time.Duration(r)) }

func (r rate) atOnce() bool { return true }
