package task_test

import (
	"errors"
	"testing"
	"time"

	"github.com/guregu/dynamo/v2"

	"coffer/scripts/local/localtest"
	"coffer/shared/backup"
	"coffer/shared/task"
)

func TestRetentionIsWithinWhatItsUnitAllows_F37(t *testing.T) {
	t.Parallel()
	for _, r := range []task.Retention{{}, {1, task.Days}, {3650, task.Days}, {120, task.Months}, {50, task.Years}} {
		if err := r.Check("r"); err != nil {
			t.Errorf("%v: %v", r, err)
		}
	}
	for _, r := range []task.Retention{{0, task.Days}, {-1, task.Days}, {3651, task.Days}, {121, task.Months}, {51, task.Years}, {1, "weeks"}, {1, ""}} {
		e, ok := errors.AsType[*backup.Error](r.Check("r"))
		if !ok || e.Kind != backup.Invalid || e.Field != "r" {
			t.Errorf("%v: %v", r, e)
		}
	}
}

func TestRetentionIsShorterWhereSomethingMayExpireSooner_F37(t *testing.T) {
	t.Parallel()
	december := time.Date(2026, 12, 20, 0, 0, 0, 0, time.UTC) // a month back is 30 days
	for _, c := range []struct {
		r, than task.Retention
		want    bool
	}{
		{task.Retention{90, task.Days}, task.Retention{}, true},
		{task.Retention{}, task.Retention{90, task.Days}, false},
		{task.Retention{90, task.Days}, task.Retention{90, task.Days}, false},
		{task.Retention{91, task.Days}, task.Retention{90, task.Days}, false},
		{task.Retention{89, task.Days}, task.Retention{90, task.Days}, true},
		{task.Retention{1, task.Years}, task.Retention{12, task.Months}, false},
		{task.Retention{12, task.Months}, task.Retention{1, task.Years}, false},
		{task.Retention{1, task.Months}, task.Retention{30, task.Days}, true}, // in March
		{task.Retention{30, task.Days}, task.Retention{1, task.Months}, true}, // in August
		{task.Retention{1, task.Months}, task.Retention{28, task.Days}, false},
		{task.Retention{365, task.Days}, task.Retention{1, task.Years}, true}, // in a leap year
		{task.Retention{366, task.Days}, task.Retention{1, task.Years}, false},
	} {
		if got := c.r.Shorter(c.than, december); got != c.want {
			t.Errorf("%v shorter than %v: %v", c.r, c.than, got)
		}
	}
}

// A month is never shorter than the calendar's: what is of 1 March has not expired
// on the 29th.
func TestMonthEndsOnItsLastDay_D11(t *testing.T) {
	t.Parallel()
	day := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 12, 30, 0, 0, time.UTC) }
	for _, c := range []struct {
		r         task.Retention
		now, want time.Time
	}{
		{task.Retention{1, task.Months}, day(2027, 2, 28), day(2027, 1, 28)},
		{task.Retention{1, task.Months}, day(2027, 3, 1), day(2027, 2, 1)},
		{task.Retention{1, task.Months}, day(2027, 3, 28), day(2027, 2, 28)},
		{task.Retention{1, task.Months}, day(2027, 3, 29), day(2027, 2, 28)},
		{task.Retention{1, task.Months}, day(2027, 3, 31), day(2027, 2, 28)},
		{task.Retention{1, task.Months}, day(2028, 3, 31), day(2028, 2, 29)},
		{task.Retention{1, task.Months}, day(2027, 1, 31), day(2026, 12, 31)},
		{task.Retention{3, task.Months}, day(2027, 5, 31), day(2027, 2, 28)},
		{task.Retention{1, task.Months}, day(2027, 7, 31), day(2027, 6, 30)},
		{task.Retention{1, task.Years}, day(2028, 2, 29), day(2027, 2, 28)},
		{task.Retention{4, task.Years}, day(2028, 2, 29), day(2024, 2, 29)},
		{task.Retention{31, task.Days}, day(2027, 3, 31), day(2027, 2, 28)},
	} {
		if got := c.r.From(c.now); !got.Equal(c.want) {
			t.Errorf("%v at %v: from %v, want %v", c.r, c.now, got, c.want)
		}
	}
}

// TestSettingsChangeWithTheOtherPartsOrNotAtAll_A4 has the audit refuse.
func TestSettingsChangeWithTheOtherPartsOrNotAtAll_A4(t *testing.T) {
	t.Parallel()
	table, b, _ := newTable(t)
	settings := task.Settings{Change: task.PolicyChange{Retention: &task.Retention{Number: 90, Unit: task.Days}}}
	broken := dynamo.New(localtest.Start(t).AWS).Table("no-such-table")
	refuse := func(tx *dynamo.WriteTx) { tx.Put(broken.Put(struct{ PK, SK string }{"a", "b"})) }
	if _, err := table.Change(t.Context(), b.Account, b.ID, settings, refuse); err == nil {
		t.Error("changed without the other part")
	}
	if got, err := table.Task(t.Context(), b.Account, b.ID); err != nil || got.Retention != b.Retention {
		t.Errorf("retention %v, %v", got.Retention, err)
	}
	with := func(*dynamo.WriteTx) {}
	got, err := table.Change(t.Context(), b.Account, b.ID, settings, with)
	if err != nil || got.Retention != *settings.Change.Retention {
		t.Errorf("retention %v, %v", got.Retention, err)
	}
	_, err = table.Change(t.Context(), b.Account, "none", settings, with)
	wantKind(t, err, backup.NotFound)
	if _, err := table.DeleteTask(t.Context(), b.Account, b.ID); err != nil {
		t.Fatal(err)
	}
	_, err = table.Change(t.Context(), b.Account, b.ID, settings, with)
	wantKind(t, err, backup.NotFound)
}
