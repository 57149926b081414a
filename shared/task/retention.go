package task

import (
	"fmt"
	"strings"
	"time"

	"coffer/shared/backup"
)

// Unit is a unit of a retention period.
type Unit string

// The units.
const (
	Days   Unit = "days"
	Months Unit = "months"
	Years  Unit = "years"
)

// Retention is how long snapshots are kept; the zero Retention is for good.
type Retention struct {
	Number int  `dynamo:",omitempty"`
	Unit   Unit `dynamo:",omitempty"`
}

// From returns the time before which snapshots have expired at now: a month is
// one of the calendar's. It is the zero time where nothing ever does.
func (r Retention) From(now time.Time) time.Time {
	now = now.UTC()
	switch {
	case r.Number <= 0:
		return time.Time{}
	case r.Unit == Months:
		return monthsBefore(now, r.Number)
	case r.Unit == Years:
		return monthsBefore(now, 12*r.Number)
	}
	return now.AddDate(0, 0, -r.Number)
}

// monthsBefore returns the same day so many months before, or the last one of a month
// that has no such day: AddDate would go on into the next month, and on 31 March a
// month would be over after 28 days.
func monthsBefore(now time.Time, months int) time.Time {
	at := now.AddDate(0, -months, 0)
	if at.Day() != now.Day() {
		at = at.AddDate(0, 0, -at.Day())
	}
	return at
}

// Longest is the largest number of the unit that a retention can have, 0 where
// there is no such unit.
func (u Unit) Longest() int {
	switch u {
	case Days:
		return 3650
	case Months:
		return 120
	case Years:
		return 50
	}
	return 0
}

// Check returns an Invalid error about the field where snapshots cannot be kept
// for so long, or no time at all.
func (r Retention) Check(field string) error {
	if most := r.Unit.Longest(); r != (Retention{}) && (r.Number < 1 || r.Number > most) {
		return backup.Field(field, "Snapshots can be kept for 1 to %d %s, or for good.", most, r.Unit)
	}
	return nil
}

// String returns what people call it, such as "90 days" or "unlimited".
func (r Retention) String() string {
	switch r.Number {
	case 0:
		return "unlimited"
	case 1:
		return "1 " + strings.TrimSuffix(string(r.Unit), "s")
	}
	return fmt.Sprintf("%d %s", r.Number, r.Unit)
}

// Shorter reports whether snapshots expire under r that than would keep, today
// or at some day to come: a month is at times shorter than 30 days, at times not.
func (r Retention) Shorter(than Retention, now time.Time) bool {
	const leapYears = 4*365 + 1 // days after which the calendar repeats
	for day := range leapYears {
		at := now.AddDate(0, 0, day)
		if r.From(at).After(than.From(at)) {
			return true
		}
	}
	return false
}
