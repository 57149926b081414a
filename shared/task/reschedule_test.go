package task_test

import (
	"testing"
	"time"

	"coffer/shared/task"
)

// Whatever is changed, and when, the time between two slots is at most the old or
// the new period and what a backup may be late.
func TestChangedScheduleLeavesNoGap_L5(t *testing.T) {
	t.Parallel()
	created := time.Date(2026, 3, 2, 11, 30, 0, 0, time.UTC)
	for _, was := range task.Frequencies() {
		for _, is := range task.Frequencies() {
			for hour := 0; hour < 24; hour += 5 {
				for after := time.Duration(0); after < 15*24*time.Hour; after += 7*time.Hour + 11*time.Minute {
					b := task.Task{ID: "files", Created: created, Frequency: was, Hour: 12}
					now, last := created.Add(after), created
					b.NextRun = b.Next(created)
					for !b.NextRun.After(now) {
						last, b.NextRun = b.NextRun, b.Next(b.NextRun)
					}
					s := task.Settings{Frequency: &is, Hour: &hour}
					s.Reschedule(b, now)
					if gap, most := s.NextRun.Sub(last), max(was.Period(), is.Period(), 24*time.Hour)+task.Allowance; gap > most {
						t.Fatalf("%s at 12 is made %s at %d, %v after the first slot may be: %v lie between two slots", was, is, hour, after, gap)
					}
				}
			}
		}
	}
}

// A slot that is due is not lost when somebody saves the settings just then.
func TestDueSlotOutlivesAChange_L5(t *testing.T) {
	t.Parallel()
	b := task.Task{ID: "files", Created: time.Date(2026, 3, 2, 11, 30, 0, 0, time.UTC), Frequency: task.Weekly, Hour: 12}
	b.NextRun = b.Next(b.Created.AddDate(0, 0, 20))
	s := task.Settings{Frequency: &b.Frequency, Hour: &b.Hour}
	s.Reschedule(b, b.NextRun.Add(30*time.Second))
	if !s.NextRun.Equal(b.NextRun) {
		t.Errorf("due at %v, the next slot is %v", b.NextRun, s.NextRun)
	}
	earlier := 9 // which is over today
	s = task.Settings{Hour: &earlier}
	s.Reschedule(b, b.NextRun.Add(-2*time.Hour))
	if !s.NextRun.Equal(b.NextRun) {
		t.Errorf("due at %v, moved to %d it is next at %v", b.NextRun, earlier, s.NextRun)
	}
	b.Created = b.NextRun.Add(-2 * time.Hour) // it was never backed up
	s.Reschedule(b, b.Created.Add(time.Hour))
	if want := b.NextRun.Add(21 * time.Hour); !s.NextRun.Equal(want) {
		t.Errorf("a new task's first slot is %v, want %v", s.NextRun, want)
	}
}
