package scheduler

import (
	"hash/fnv"
	"time"

	"coffer/shared/task"
)

// spread is the span after the full hour over which tasks are spread, so that
// those of one hour do not all begin at once.
const spread = 10 * time.Minute

// Next returns the first time after after at which the task is to run. Runs
// are a fixed period apart, counted from the task's first: the backup hour
// (UTC) after it was created, plus a few minutes that depend on the task only.
func Next(t task.Task, after time.Time) time.Time {
	period := period(t)
	at := t.Created.UTC().Truncate(24 * time.Hour).Add(time.Duration(t.Hour)*time.Hour + jitter(t))
	for !at.After(t.Created) {
		at = at.Add(min(period, 24*time.Hour))
	}
	if !at.After(after) {
		at = at.Add(after.Sub(at).Truncate(period) + period)
	}
	return at
}

// period is the time between two slots of a task.
func period(t task.Task) time.Duration {
	switch t.Frequency {
	case task.Every3Days:
		return 72 * time.Hour
	case task.Weekly:
		return 168 * time.Hour
	case task.ThreeTimesDaily:
		return 8 * time.Hour
	}
	return 24 * time.Hour
}

func jitter(t task.Task) time.Duration {
	h := fnv.New64a()
	h.Write([]byte(t.ID))
	return time.Duration(h.Sum64() % uint64(spread)).Truncate(time.Second)
}
