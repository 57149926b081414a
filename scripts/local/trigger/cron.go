package trigger

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// cron holds, for each field, the values that match.
type cron struct {
	minute, hour, day, month, weekday, year map[int]bool // nil: every
}

// field is one field of a cron expression.
type field struct {
	name     string
	min, max int
	names    string // three letters each, for min, min+1, …
}

const (
	months   = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"
	weekdays = "SUNMONTUEWEDTHUFRISAT"
)

func parseCron(expression, inner string) (Times, error) {
	parts := strings.Fields(inner)
	if len(parts) != 6 {
		return nil, fmt.Errorf("schedule expression %q: want six fields", expression)
	}
	if (parts[2] == "?") == (parts[4] == "?") {
		return nil, fmt.Errorf("schedule expression %q: either day of month or day of week must be ?", expression)
	}
	c := &cron{}
	for i, f := range []struct {
		field
		into *map[int]bool
	}{
		{field{"minute", 0, 59, ""}, &c.minute},
		{field{"hour", 0, 23, ""}, &c.hour},
		{field{"day of month", 1, 31, ""}, &c.day},
		{field{"month", 1, 12, months}, &c.month},
		{field{"day of week", 1, 7, weekdays}, &c.weekday},
		{field{"year", 1970, 2199, ""}, &c.year},
	} {
		values, err := f.parse(parts[i])
		if err != nil {
			return nil, fmt.Errorf("schedule expression %q: %w", expression, err)
		}
		*f.into = values
	}
	return c, nil
}

// parse reads lists, ranges and steps, such as 1,5-10/2,*/15.
func (f field) parse(text string) (map[int]bool, error) {
	if text == "*" || text == "?" {
		return nil, nil
	}
	values := map[int]bool{}
	for part := range strings.SplitSeq(text, ",") {
		span, stepText, stepped := strings.Cut(part, "/")
		step := 1
		if stepped {
			var err error
			if step, err = strconv.Atoi(stepText); err != nil || step < 1 {
				return nil, fmt.Errorf("%s %q is not supported", f.name, text)
			}
		}
		from, to, ranged := strings.Cut(span, "-")
		low, okLow := f.value(from)
		high, okHigh := low, okLow
		switch {
		case ranged:
			high, okHigh = f.value(to)
		case span == "*":
			low, high, okLow, okHigh = f.min, f.max, true, true
		case stepped:
			high = f.max
		}
		if !okLow || !okHigh || low > high {
			return nil, fmt.Errorf("%s %q is not supported", f.name, text)
		}
		for v := low; v <= high; v += step {
			values[v] = true
		}
	}
	return values, nil
}

func (f field) value(text string) (int, bool) {
	if i := strings.Index(f.names, strings.ToUpper(text)); len(text) == 3 && i >= 0 && i%3 == 0 {
		return f.min + i/3, true
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= f.min && n <= f.max
}

func (c *cron) atOnce() bool { return false }

// next walks from t to the first minute that matches, in steps as large as the
// first field that does not.
func (c *cron) next(t time.Time) time.Time {
	t = t.Truncate(time.Minute).Add(time.Minute)
	for end := t.AddDate(8, 0, 0); t.Before(end); { // every date recurs within eight years
		y, m, d := t.Date()
		switch {
		case !matches(c.year, y) || !matches(c.month, int(m)):
			t = time.Date(y, m+1, 1, 0, 0, 0, 0, t.Location())
		case !matches(c.day, d) || !matches(c.weekday, int(t.Weekday())+1):
			t = time.Date(y, m, d+1, 0, 0, 0, 0, t.Location())
		case !matches(c.hour, t.Hour()):
			t = t.Truncate(time.Hour).Add(time.Hour)
		case !matches(c.minute, t.Minute()):
			t = t.Add(time.Minute)
		default:
			return t
		}
	}
	return time.Time{}
}

func matches(values map[int]bool, v int) bool { return values == nil || values[v] }
