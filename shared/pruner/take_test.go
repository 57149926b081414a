package pruner

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestWhatTakesTooLongIsBrokenOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
		defer cancel()
		v := &pruning{}
		refused := errors.New("refused")
		more := v.take(ctx, []step{
			{"fails", func(context.Context) error { return refused }},
			{"never ends", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }},
			{"has no time", func(context.Context) error { panic("too late") }},
		})
		if !more || v.rest.Step != "never ends" || len(v.failed) != 1 || !errors.Is(v.failed[0], refused) {
			t.Errorf("more %v, at %q, failed %v", more, v.rest.Step, v.failed)
		}
		if deadline, _ := ctx.Deadline(); time.Until(deadline) != cutOff {
			t.Errorf("%v were left", time.Until(deadline))
		}
		if v.rest.After = "7"; !v.take(ctx, []step{{"has no time either", nil}}) || v.rest.After != "7" {
			t.Errorf("went on late, to %+v", v.rest)
		}
	})
}
