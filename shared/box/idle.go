package box

import (
	"context"
	"errors"
	"io"
	"time"
)

var errIdle = errors.New("the connection was silent for too long")

// watchdog ends a request when nothing was sent or received for a while. There
// is no limit on the whole: a large file takes what it takes.
type watchdog struct {
	ctx    context.Context
	idle   time.Duration
	timer  *time.Timer
	cancel context.CancelCauseFunc
}

func newWatchdog(ctx context.Context, idle time.Duration) (context.Context, *watchdog) {
	ctx, cancel := context.WithCancelCause(ctx)
	timer := time.AfterFunc(idle, func() { cancel(errIdle) })
	return ctx, &watchdog{ctx: ctx, idle: idle, timer: timer, cancel: cancel}
}

func (w *watchdog) pat() { w.timer.Reset(w.idle) }

func (w *watchdog) stop() {
	w.timer.Stop()
	w.cancel(nil)
}

// explain returns the reason why the request was ended, if it was.
func (w *watchdog) explain(err error) error {
	if err != nil && err != io.EOF && context.Cause(w.ctx) == errIdle {
		return errIdle
	}
	return err
}

// watched is a body whose every step pats the watchdog. Closing a request's
// body keeps watching, since the answer is still to come; the answer's body is
// closed last.
type watched struct {
	io.ReadCloser
	dog *watchdog
	end bool
}

func (b *watched) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if n > 0 {
		b.dog.pat()
	}
	return n, b.dog.explain(err)
}

func (b *watched) Close() error {
	err := b.ReadCloser.Close()
	if b.end {
		b.dog.stop()
	}
	return err
}
