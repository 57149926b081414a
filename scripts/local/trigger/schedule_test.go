package trigger_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/scripts/local/trigger"
)

// calls runs a schedule for a while of virtual time, which begins at midnight
// of 1 January 2000, and returns when the function was called.
func calls(t *testing.T, expression, zone string, d time.Duration) []string {
	t.Helper()
	times, err := trigger.ParseTimes(expression)
	if err != nil {
		t.Fatal(err)
	}
	location, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var got []string
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), d)
		defer cancel()
		s := trigger.Schedule{
			Times: times, Zone: location,
			Invoke: func(context.Context, []byte) ([]byte, error) {
				mu.Lock()
				defer mu.Unlock()
				got = append(got, time.Now().UTC().Format("01-02 15:04"))
				return nil, nil
			},
			Failed: func(err error) { t.Error(err) },
		}
		s.Run(ctx)
		synctest.Wait()
	})
	return got
}

func TestSchedulesFireAtTheirTimes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, expression, zone string
		for_                   time.Duration
		want                   []string
	}{
		{"minutes", "rate(1 minute)", "UTC", 150 * time.Second, []string{"01-01 00:00", "01-01 00:01", "01-01 00:02"}},
		{"hours", "rate(2 hours)", "UTC", 3 * time.Hour, []string{"01-01 00:00", "01-01 02:00"}},
		{"daily", "cron(30 3 * * ? *)", "UTC", 50 * time.Hour, []string{"01-01 03:30", "01-02 03:30"}},
		{"zone", "cron(30 3 * * ? *)", "Europe/Berlin", 30 * time.Hour, []string{"01-01 02:30", "01-02 02:30"}},
		{"steps", "cron(0/20 1-2 * * ? *)", "UTC", 4 * time.Hour, []string{"01-01 01:00", "01-01 01:20", "01-01 01:40", "01-01 02:00", "01-01 02:20", "01-01 02:40"}},
		{"every ten", "cron(*/30 5 * * ? *)", "UTC", 6 * time.Hour, []string{"01-01 05:00", "01-01 05:30"}},
		{"names", "cron(0 12 ? JAN,FEB MON-WED 2000)", "UTC", 72 * time.Hour, []string{"01-03 12:00"}}, // a Saturday first
		{"last of a month", "cron(0 0 31 * ? *)", "UTC", 100 * 24 * time.Hour, []string{"01-31 00:00", "03-31 00:00"}},
		{"never", "cron(0 0 30 2 ? *)", "UTC", time.Hour, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, calls(t, c.expression, c.zone, c.for_)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWrongExpressionsAreRefused(t *testing.T) {
	t.Parallel()
	for _, e := range []string{
		"", "rate(1 minute", "rate(0 minutes)", "rate(1 fortnight)", "at(2026-01-01T00:00:00)", "cron(* * * * *)",
		"cron(0 0 1 * 1 *)", "cron(0 0 ? * ? *)", "cron(60 0 * * ? *)", "cron(0 0 L * ? *)", "cron(0 0 ? * 6#3 *)", "cron(5-1 0 * * ? *)", "cron(0/0 0 * * ? *)",
	} {
		if _, err := trigger.ParseTimes(e); err == nil {
			t.Errorf("%q was taken", e)
		}
	}
}

func TestScheduleFillsItsInputAndReportsFailures(t *testing.T) {
	t.Parallel()
	times, err := trigger.ParseTimes("rate(1 day)")
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var got string
		var failed error
		(&trigger.Schedule{
			ARN: "arn:x", Times: times, Zone: time.UTC,
			Input: `{"at":"<aws.scheduler.scheduled-time>","by":"<aws.scheduler.schedule-arn>"}`,
			Invoke: func(_ context.Context, event []byte) ([]byte, error) {
				got = string(event)
				return nil, errors.New("no luck")
			},
			Failed: func(err error) { failed = err },
		}).Run(ctx)
		synctest.Wait()
		if want := `{"at":"2000-01-01T00:00:00Z","by":"arn:x"}`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if failed == nil || !strings.Contains(failed.Error(), "no luck") {
			t.Errorf("got failure %v", failed)
		}
	})
}
