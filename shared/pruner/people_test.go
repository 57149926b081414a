package pruner_test

import (
	"strings"
	"testing"
	"time"

	"coffer/shared/task"
	"coffer/shared/vault"
)

// A list of people holds until the next one, so it goes when the retention has
// reached that, and the last one with the task.
func TestListsOfPeopleGoWithWhatTheyAreAbout_D11(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	begun := time.Now()
	for _, days := range []time.Duration{0, 10, 20} {
		check(t, k.vault.PutPeople(t.Context(), begun.Add(days*day).UTC().Format(vault.PeopleLayout), strings.NewReader("{}")))
	}
	prune := func(days time.Duration, want int) {
		t.Helper()
		k.at(t, days*day)
		if n := k.count(t, k.id.People()); n != want {
			t.Errorf("on day %d %d lists are left, want %d", days, n, want)
		}
	}
	prune(400, 3) // without a retention
	_, err := k.Tasks.Change(t.Context(), k.id.Account, k.id.Task, task.Settings{Policy: &task.Policy{Retention: task.Retention{Number: 5, Unit: task.Days}}})
	check(t, err)
	prune(14, 3) // day 9 is kept, and the second list is of day 10
	prune(16, 2)
	prune(400, 1)
}

func TestShorterRetentionPrunesAfterGrace_D2(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	begun := time.Now()
	for _, days := range []time.Duration{-20, -10, 0} {
		check(t, k.vault.PutPeople(t.Context(), begun.Add(days*day).UTC().Format(vault.PeopleLayout), strings.NewReader("{}")))
	}
	_, err := k.Tasks.Change(t.Context(), k.id.Account, k.id.Task, task.Settings{Change: task.PolicyChange{Retention: &task.Retention{Number: 5, Unit: task.Days}}})
	check(t, err)
	k.at(t, task.Grace-time.Hour)
	if n := k.count(t, k.id.People()); n != 3 {
		t.Errorf("within Grace %d lists are left, want 3", n)
	}
	k.at(t, task.Grace+time.Hour)
	if n := k.count(t, k.id.People()); n != 1 {
		t.Errorf("after Grace %d lists are left, want the newest", n)
	}
}
