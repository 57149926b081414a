package account_test

import (
	"errors"
	"testing"
	"time"

	"coffer/shared/account"
	"coffer/shared/backup"
)

func TestWhatNobodyFinishedIsTakenUpUnderTheSameID(t *testing.T) {
	t.Parallel()
	table := newTable(t)
	now := time.Now()
	begin := func(id string) account.Once {
		return account.Once{Account: "acme", User: "u", Key: "k", Asked: "a", ID: id}
	}
	first, mine, err := table.BeginOnce(t.Context(), begin("1"), now)
	if err != nil || !mine || first.ID != "1" {
		t.Fatalf("%+v, %t, %v", first, mine, err)
	}
	_, _, err = table.BeginOnce(t.Context(), begin("2"), now.Add(time.Second))
	if e, ok := errors.AsType[*backup.Error](err); !ok || e.Kind != backup.Conflict || e.Wait.Round(time.Second) != 59*time.Second {
		t.Errorf("while somebody is at it: %v", err)
	}
	now = now.Add(2 * time.Minute)
	taken, mine, err := table.BeginOnce(t.Context(), begin("3"), now)
	if err != nil || !mine || taken.ID != "1" {
		t.Errorf("after whoever began has died: %+v, %t, %v", taken, mine, err)
	}
	if err := table.DropOnce(t.Context(), first); err != nil { // it was only slow
		t.Fatal(err)
	}
	if _, _, err := table.BeginOnce(t.Context(), begin("4"), now); backup.KindOf(err) != backup.Conflict {
		t.Errorf("dropped by who is not at it any more: %v", err)
	}
	if err := table.EndOnce(t.Context(), taken, []byte("{}"), now); err != nil {
		t.Fatal(err)
	}
	now = now.Add(47 * time.Hour)
	if done, mine, err := table.BeginOnce(t.Context(), begin("4"), now); err != nil || mine || string(done.Answer) != "{}" {
		t.Errorf("when it is done: %+v, %t, %v", done, mine, err)
	}
	now = now.Add(2 * time.Hour)
	if anew, mine, err := table.BeginOnce(t.Context(), begin("5"), now); err != nil || !mine || anew.ID != "5" {
		t.Errorf("days later: %+v, %t, %v", anew, mine, err)
	}
}
