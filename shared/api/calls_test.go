package api_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/api/tasks"
	"coffer/shared/task"
)

func TestCallsOfAMonthAreTold_B1(t *testing.T) {
	t.Parallel()
	b := newBackedUp(t)
	path := "/api/tasks/" + b.task
	b.who.ok("PATCH", path, map[string]any{"policy": map[string]any{"ceiling": 50000}}, nil)
	var made tasks.Task
	var calls, past tasks.Calls
	b.who.ok("GET", path, nil, &made)
	b.who.ok("GET", path+"/calls", nil, &calls)
	if made.Calls == nil || calls.Month != task.MonthOf(time.Now()) || calls.Ceiling != 50000 || !calls.StoppedUntil.IsZero() {
		t.Fatalf("calls %+v, of the task %+v", calls, made.Calls)
	}
	if diff := cmp.Diff(calls, *made.Calls); diff != "" {
		t.Errorf("calls of the task (-own +task):\n%s", diff)
	}
	sum := int64(0)
	for _, n := range calls.ByKind {
		sum += n
	}
	if sum != calls.Used || calls.Used == 0 || calls.Forecast < calls.Used {
		t.Errorf("after a backup: %+v", calls)
	}
	b.who.ok("GET", path+"/calls?month=2020-02", nil, &past)
	if past.Month != "2020-02" || past.Used != 0 || past.Forecast != 0 {
		t.Errorf("of a month without calls: %+v", past)
	}
	for _, month := range []string{"2020", "2020-13", "now"} {
		b.who.refused(400, "GET", path+"/calls?month="+month, nil)
	}

	b.who.ok("PATCH", path, map[string]any{"policy": map[string]any{"ceiling": 1}}, nil)
	made = tasks.Task{}
	b.who.ok("GET", path, nil, &made)
	now := time.Now().UTC()
	if want := time.Date(now.Year(), now.Month()+1, 1, 0, 0, 0, 0, time.UTC); !made.Calls.StoppedUntil.Equal(want) {
		t.Errorf("at the ceiling: %+v, want it to be stopped until %v", made.Calls, want)
	}
}
