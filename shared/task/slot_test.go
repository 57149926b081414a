package task

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

var periods = map[Frequency]time.Duration{
	Daily: 24 * time.Hour, Every3Days: 72 * time.Hour,
	Weekly: 168 * time.Hour, ThreeTimesDaily: 8 * time.Hour,
}

func TestNextIsAfterAndWithinOnePeriodAtTheBackupHour(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		frequency := rapid.SampledFrom([]Frequency{Daily, Every3Days, Weekly, ThreeTimesDaily}).Draw(t, "frequency")
		created := time.Unix(rapid.Int64Range(1.7e9, 1.9e9).Draw(t, "created"), 0).UTC()
		after := created.Add(time.Duration(rapid.Int64Range(0, 400*24*3600).Draw(t, "after")) * time.Second)
		b := Task{ID: "t", Frequency: frequency, Hour: rapid.IntRange(0, 23).Draw(t, "hour"), Created: created}
		period := periods[frequency]

		next := b.Next(after)

		if !next.After(after) {
			t.Fatalf("Next(%v) = %v, not after it", after, next)
		}
		if first := b.Next(created); next.Sub(after) > period && !next.Equal(first) {
			t.Fatalf("Next(%v) = %v, more than %v later", after, next, period)
		}
		if frequency != ThreeTimesDaily && next.Add(-b.Jitter()).Hour() != b.Hour {
			t.Fatalf("Next = %v, want hour %d", next, b.Hour)
		}
		if again := b.Next(next); again.Sub(next) != period {
			t.Fatalf("the slot after %v is %v, want %v later", next, again, period)
		}
	})
}

func TestNextAfterAnOutageSkipsTheMissedSlots(t *testing.T) {
	created := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	b := Task{ID: "t", Frequency: Daily, Hour: 1, Created: created}
	back := created.Add(240*time.Hour + 12*time.Hour)
	if got, want := b.Next(back), created.Add(265*time.Hour+b.Jitter()); !got.Equal(want) {
		t.Errorf("Next = %v, want %v", got, want)
	}
}
