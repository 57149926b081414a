package archiver

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"time"

	"coffer/shared/backup"
)

// poisonReason is what a person reads about an item that made Coffer fail.
const poisonReason = "Coffer itself failed at this item, which its operators are told of. All other items were backed up."

// guard does the work on one item. Where that panics, the item is the matter
// and not the run: it is recorded as failed, for this reason, by record. The
// line in the log is counted as the metric Poisoned, for an alarm.
func (r *run) guard(ctx context.Context, ref backup.ItemRef, work, record func() error) (err error) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		what := fmt.Sprintf("%T", v)
		if e, ok := v.(runtime.Error); ok {
			what = e.Error()
		}
		slog.ErrorContext(ctx, "poisonous item", "account", r.user.Account, "task", r.user.Task, "boxUser", r.user.ID, "run", r.user.RunID,
			"item", ref.String(), "panic", what, "stack", string(debug.Stack()), "Poisoned", 1, "_aws", metric(r.Now(), "Poisoned"))
		err = record()
	}()
	return work()
}

// metric says that an attribute of the same line is a metric.
func metric(at time.Time, name string) map[string]any {
	return map[string]any{"Timestamp": at.UnixMilli(), "CloudWatchMetrics": []any{map[string]any{
		"Namespace": "Coffer", "Dimensions": [][]string{{}}, "Metrics": []any{map[string]string{"Name": name, "Unit": "Count"}},
	}}}
}
