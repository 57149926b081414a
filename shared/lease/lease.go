// Package lease lets a worker work for as long as it holds a lease and has
// time. The lease itself is a row that the caller renews.
package lease

import (
	"context"
	"errors"
	"time"

	"coffer/shared/backup"
)

// Causes of stopping work early.
var (
	ErrDeadline = errors.New("the invocation's time is nearly over")
	ErrCanceled = errors.New("someone asked to stop the work")
	ErrLost     = errors.New("another worker has taken over the work")
)

// maxMargin is the time before the deadline of ctx that is kept for saving what
// was done and handing over. Short invocations keep a quarter of their time.
const maxMargin = 75 * time.Second

// soon is the key of the time from which on Ending is true.
type soon struct{}

// Ending reports whether the work that Hold has called with ctx is soon to be
// stopped for lack of time: half of the margin is left until then. Work that
// begins nothing more can end what it is at, instead of losing it.
func Ending(ctx context.Context) bool {
	at, ok := ctx.Value(soon{}).(time.Time)
	return ok && !time.Now().Before(at)
}

// Hold calls work and, every beat, renew, which reports progress, lengthens the
// lease and says whether someone asked to stop. The context of work ends, with
// one of the errors above as its cause, when a renewal is a Conflict, when
// someone asked to stop, or when the deadline of ctx is near; other failures to
// renew are left to the next beat. Hold returns what work returned, together
// with that cause if there was one and work did not succeed all the same.
func Hold(ctx context.Context, beat time.Duration, renew func(context.Context) (cancel bool, err error), work func(context.Context) error) error {
	working, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	if deadline, ok := ctx.Deadline(); ok {
		margin := min(maxMargin, time.Until(deadline)/4)
		timer := time.AfterFunc(time.Until(deadline)-margin, func() { stop(ErrDeadline) })
		defer timer.Stop()
		working = context.WithValue(working, soon{}, deadline.Add(-margin-margin/2))
	}
	beating := make(chan struct{})
	go func() {
		defer close(beating)
		keep(working, beat, renew, stop)
	}()
	err := work(working)
	cause := context.Cause(working)
	stop(nil)
	<-beating
	if err == nil || cause == nil {
		return err
	}
	return errors.Join(cause, err)
}

// keep renews until ctx ends.
func keep(ctx context.Context, beat time.Duration, renew func(context.Context) (bool, error), stop context.CancelCauseFunc) {
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		cancel, err := renew(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case backup.KindOf(err) == backup.Conflict:
			stop(ErrLost)
		case err == nil && cancel:
			stop(ErrCanceled)
		}
	}
}
