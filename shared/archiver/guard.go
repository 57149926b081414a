package archiver

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
)

// poisonReason is what a person reads about an item that made Coffer fail.
const poisonReason = "Coffer itself failed at this item, which its operators are told of. All other items were backed up."

// guard does a piece of work. Where that panics, or is known to kill workers, the
// item is the matter and not the run: it is recorded as failed, for this reason,
// by record.
func (r *run) guard(ctx context.Context, p piece, work, record func() error) (err error) {
	if r.poisonous(p) {
		return record()
	}
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		what := fmt.Sprintf("%T", v)
		if e, ok := v.(runtime.Error); ok {
			what = e.Error()
		}
		r.alarm(ctx, p, what, string(debug.Stack()))
		err = record()
	}()
	return work()
}
