package task

import (
	"hash/fnv"
	"time"
)

// Frequency is how often a task backs up.
type Frequency string

// The frequencies.
const (
	Daily           Frequency = "daily"
	Every3Days      Frequency = "every_3_days"
	Weekly          Frequency = "weekly"
	ThreeTimesDaily Frequency = "three_times_daily"
)

// Frequencies returns all of them.
func Frequencies() []Frequency { return []Frequency{Daily, Every3Days, Weekly, ThreeTimesDaily} }

// Spread is the span after the full hour over which tasks are spread, so that
// those of one hour do not all begin at once.
const Spread = 10 * time.Minute

// Allowance is how much longer than a day, or than the time between two of its
// slots, a task's newest backup may be ago.
const Allowance = 2 * time.Hour

// Next returns the first time after after at which the task is to run. Runs
// are a fixed period apart, counted from the task's first: the backup hour
// (UTC) after it was created, plus a few minutes that depend on the task only.
func (t Task) Next(after time.Time) time.Time {
	period := t.Frequency.Period()
	at := t.Created.UTC().Truncate(24 * time.Hour).Add(time.Duration(t.Hour)*time.Hour + t.Jitter())
	for !at.After(t.Created) {
		at = at.Add(min(period, 24*time.Hour))
	}
	if !at.After(after) {
		at = at.Add(after.Sub(at).Truncate(period) + period)
	}
	return at
}

// Period is the time between two slots.
func (f Frequency) Period() time.Duration {
	switch f {
	case Every3Days:
		return 72 * time.Hour
	case Weekly:
		return 168 * time.Hour
	case ThreeTimesDaily:
		return 8 * time.Hour
	}
	return 24 * time.Hour
}

// Jitter is how long after the full hour the task runs.
func (t Task) Jitter() time.Duration {
	h := fnv.New64a()
	h.Write([]byte(t.ID))
	return time.Duration(h.Sum64() % uint64(Spread)).Truncate(time.Second)
}
