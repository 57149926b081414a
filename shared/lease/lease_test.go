package lease_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"coffer/shared/backup"
	"coffer/shared/lease"
)

// untilStopped is work that goes on for as long as it may.
func untilStopped(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestWorkStopsForTheRightCause(t *testing.T) {
	t.Parallel()
	lost := backup.Errorf(backup.Conflict, "Another worker has it.")
	for name, test := range map[string]struct {
		renew func() (bool, error)
		want  error
		after time.Duration
	}{
		"deadline":      {func() (bool, error) { return false, nil }, lease.ErrDeadline, 15*time.Minute - 75*time.Second},
		"asked to stop": {func() (bool, error) { return true, nil }, lease.ErrCanceled, time.Second},
		"lost":          {func() (bool, error) { return false, lost }, lease.ErrLost, time.Second},
		"cannot renew":  {func() (bool, error) { return false, errors.New("no answer") }, lease.ErrDeadline, 15*time.Minute - 75*time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
				defer cancel()
				start := time.Now()
				err := lease.Hold(ctx, time.Second, func(context.Context) (bool, error) { return test.renew() }, untilStopped)
				if !errors.Is(err, test.want) || ctx.Err() != nil {
					t.Errorf("got %v, want %v and time left", err, test.want)
				}
				if got := time.Since(start); got != test.after {
					t.Errorf("stopped after %v, want %v", got, test.after)
				}
			})
		})
	}
}

func TestFinishedWorkIsASuccess(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		renewals := 0
		renew := func(context.Context) (bool, error) { renewals++; return true, nil }
		err := lease.Hold(t.Context(), time.Second, renew, func(ctx context.Context) error {
			<-ctx.Done()
			return nil // it was done just then
		})
		if err != nil || renewals != 1 {
			t.Errorf("got %v after %d renewals, want success after 1", err, renewals)
		}
	})
}

func TestWorkIsToldThatItsTimeIsEnding(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
		defer cancel()
		start := time.Now()
		renew := func(context.Context) (bool, error) { return false, nil }
		err := lease.Hold(ctx, time.Hour, renew, func(ctx context.Context) error {
			for seconds := time.Tick(time.Second); !lease.Ending(ctx); {
				<-seconds // of the bubble, where they pass by themselves
			}
			return ctx.Err()
		})
		// 75 seconds are the margin, and half of it is for what is under way.
		if got, want := time.Since(start), 15*time.Minute-112*time.Second; err != nil || got != want {
			t.Errorf("told after %v, %v, want %v and to be working still", got, err, want)
		}
		if lease.Ending(ctx) {
			t.Error("what Hold has not called is told as well")
		}
	})
}
