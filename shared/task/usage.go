package task

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"coffer/shared/backup"
)

// Usage is what a task has called at Box in one calendar month (UTC).
type Usage struct {
	Month string           // 2026-11
	Calls map[string]int64 // by kind, as box.Client names them; transfers from download hosts are no calls
	Days  map[int]int64    // by day of the month
	// Taken is what counts against the ceiling: the calls that were made, and
	// those that workers have set aside. What a killed worker had set aside
	// stays in it.
	Taken int64
}

// MonthOf returns the calendar month of a time (UTC), as Usage names it.
func MonthOf(at time.Time) string { return at.UTC().Format("2006-01") }

// nextMonth returns the first moment of the calendar month after at's, in UTC.
func nextMonth(at time.Time) time.Time {
	at = at.UTC()
	return time.Date(at.Year(), at.Month()+1, 1, 0, 0, 0, 0, time.UTC)
}

// Total is the number of calls made.
func (u Usage) Total() int64 {
	var total int64
	for _, n := range u.Calls {
		total += n
	}
	return total
}

// Forecast is how many calls the whole month will have at this rate: those made
// so far, and for each day that is left as many as on the median of the days
// since the first call. The median leaves a first backup, which takes far more
// calls than any day after it, out of account from the third day on; today is
// left out once there is another day to go by. A month that is over, or without
// a call, is its own forecast.
func (u Usage) Forecast(now time.Time) int64 {
	total := u.Total()
	if MonthOf(now) != u.Month || len(u.Days) == 0 {
		return total
	}
	today, first := now.UTC().Day(), 31
	for day := range u.Days {
		first = min(first, day)
	}
	var days []int64
	for day := first; day < max(today, first+1); day++ {
		days = append(days, u.Days[day])
	}
	slices.Sort(days)
	median := (days[(len(days)-1)/2] + days[len(days)/2]) / 2
	end := nextMonth(now)
	left := int64(end.AddDate(0, 0, -1).Day() - today)
	rest := max(0, median-u.Days[today]) // of today
	return total + rest + left*median
}

// Stopped returns when Box may be called again, in the month of now: the zero
// time unless the ceiling is reached.
func (t Task) Stopped(u Usage, now time.Time) time.Time {
	if t.Ceiling <= 0 || u.Taken < t.Ceiling || MonthOf(now) != u.Month {
		return time.Time{}
	}
	return nextMonth(now)
}

// CeilingError says that a task's ceiling of Box calls is reached.
type CeilingError struct {
	Ceiling int64
	Until   time.Time // when the next month begins
}

// Error is the sentence that an administrator reads.
func (e *CeilingError) Error() string {
	return fmt.Sprintf("It is stopped because the ceiling of %s Box calls for %s is reached. It continues on 1 %s (UTC), or when the ceiling is raised.",
		thousands(e.Ceiling), e.Until.AddDate(0, 0, -1).Month(), e.Until.Month())
}

// Again is when what the ceiling stopped is to look again: within the hour,
// since the ceiling may be raised, and soon after the month has begun.
func (e *CeilingError) Again(now time.Time) time.Time {
	if later := now.Add(time.Hour); later.Before(e.Until) {
		return later
	}
	return e.Until
}

func thousands(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// The attributes of a month's row, beside its key and Taken: one for each kind
// of call and one for each day, since DynamoDB adds to top-level numbers only.
const (
	kindPrefix = "Kind:"
	dayPrefix  = "Day:"
)

func callsKey(month string) string { return "CALLS#" + month }

func (t *Table) updateCalls(account backup.AccountID, id backup.TaskID, month string) *dynamo.Update {
	return t.table.Update("PK", partition(account, id)).Range("SK", callsKey(month))
}

// Usage returns what the task has called in a month, such as "2026-11".
func (t *Table) Usage(ctx context.Context, account backup.AccountID, id backup.TaskID, month string) (Usage, error) {
	var row dynamo.Item
	err := t.table.Get("PK", partition(account, id)).Range("SK", dynamo.Equal, callsKey(month)).Consistent(true).One(ctx, &row)
	if err != nil && !errors.Is(err, dynamo.ErrNotFound) {
		return Usage{}, fmt.Errorf("calls of task %s in %s: %w", id, month, err)
	}
	u := Usage{Month: month, Calls: map[string]int64{}, Days: map[int]int64{}}
	for name, value := range row {
		number, ok := value.(*types.AttributeValueMemberN)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(number.Value, 10, 64)
		if err != nil {
			return Usage{}, fmt.Errorf("calls of task %s in %s: %s: %w", id, month, name, err)
		}
		if kind, ok := strings.CutPrefix(name, kindPrefix); ok {
			u.Calls[kind] = n
		} else if day, err := strconv.Atoi(strings.TrimPrefix(name, dayPrefix)); err == nil {
			u.Days[day] = n
		} else if name == "Taken" {
			u.Taken = n
		}
	}
	return u, nil
}

// take sets calls aside where that stays within the ceiling, and reports
// whether it did.
func (t *Table) take(ctx context.Context, account backup.AccountID, id backup.TaskID, month string, calls, ceiling int64) (bool, error) {
	err := t.updateCalls(account, id, month).Add("Taken", calls).
		If("attribute_not_exists(Taken) OR Taken <= ?", ceiling-calls).Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		return false, nil
	}
	return err == nil, wrap(err, "set Box calls of task %s aside", id)
}

// count adds calls that were made to the month's row, and to Taken what is not
// in it yet; a negative number gives back what was set aside.
func (t *Table) count(ctx context.Context, account backup.AccountID, id backup.TaskID, month string, kinds map[string]int64, days map[int]int64, taken int64) error {
	u := t.updateCalls(account, id, month).Add("Taken", taken)
	for kind, n := range kinds {
		u.Add("'"+kindPrefix+kind+"'", n)
	}
	for day, n := range days {
		u.Add("'"+dayPrefix+strconv.Itoa(day)+"'", n)
	}
	return wrap(u.Run(ctx), "count Box calls of task %s", id)
}

// TellOfCeiling reports true to one caller in a month: who is to tell that the
// ceiling is reached. With are other parts of the transaction that says so.
func (t *Table) TellOfCeiling(
	ctx context.Context, account backup.AccountID, id backup.TaskID, e *CeilingError, with ...func(*dynamo.WriteTx),
) (bool, error) {
	month := MonthOf(e.Until.Add(-time.Second))
	err := t.together(ctx, t.updateCalls(account, id, month).Set("Told", t.Now()).If("attribute_not_exists(Told)"), with)
	if dynamo.IsCondCheckFailed(err) {
		return false, nil
	}
	return err == nil, wrap(err, "ceiling of task %s", id)
}

// Kinds returns the kinds of calls, the most frequent first.
func (u Usage) Kinds() []string {
	kinds := make([]string, 0, len(u.Calls))
	for kind := range u.Calls {
		kinds = append(kinds, kind)
	}
	slices.SortFunc(kinds, func(a, b string) int {
		return cmp.Or(cmp.Compare(u.Calls[b], u.Calls[a]), cmp.Compare(a, b))
	})
	return kinds
}
