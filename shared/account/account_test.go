package account_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/scripts/local/localtest"
	"coffer/shared/account"
	"coffer/shared/backup"
)

var now = time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)

func newTable(t *testing.T) *account.Table {
	t.Helper()
	cloud := localtest.Start(t)
	return account.New(cloud.AWS, cloud.Table(t))
}

func example(id string) (account.Account, account.User, account.Link) {
	a := account.Account{ID: backup.AccountID(id), Company: "Acme", Location: "de", Region: "eu-central-1", Created: now}
	u := account.User{Account: a.ID, ID: "u1", Email: "ann@example.com", Name: "Ann", Password: "$argon2id$…", Primary: true, Created: now}
	l := account.Link{Account: a.ID, User: u.ID, Secret: "secret-of-" + id, Purpose: account.Activation, Until: now.Add(time.Hour)}
	return a, u, l
}

func TestAccountIsActiveAfterItsLinkWasUsedOnce(t *testing.T) {
	t.Parallel()
	table := newTable(t)
	a, u, l := example("a1")
	if err := table.Create(t.Context(), a, u, l); err != nil {
		t.Fatal(err)
	}
	if got, err := table.Account(t.Context(), a.ID); err != nil || got.Active {
		t.Errorf("before: %+v, %v", got, err)
	}
	if got, err := table.Link(t.Context(), a.ID, l.Secret); err != nil || !cmp.Equal(got, l) {
		t.Errorf("link %+v, %v, want %+v", got, err, l)
	}
	if err := table.Activate(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	a.Active = true
	if got, err := table.Account(t.Context(), a.ID); err != nil || !cmp.Equal(got, a) {
		t.Errorf("after: %+v, %v, want %+v", got, err, a)
	}
	if got, err := table.Primary(t.Context(), a.ID); err != nil || !cmp.Equal(got, u) {
		t.Errorf("primary user %+v, %v, want %+v", got, err, u)
	}
	if err := table.Activate(t.Context(), l); backup.KindOf(err) != backup.NotFound {
		t.Errorf("second use: %v", err)
	}
	if _, err := table.Link(t.Context(), "a2", l.Secret); backup.KindOf(err) != backup.NotFound {
		t.Errorf("link under another account: %v", err)
	}
}

func TestStateWorksOnceAndForItsSessionOnly(t *testing.T) {
	t.Parallel()
	table := newTable(t)
	state := account.State{Account: "a", Session: "s", Task: "t", Secret: "x", Until: now}
	if err := table.PutState(t.Context(), state); err != nil {
		t.Fatal(err)
	}
	for _, other := range [][3]string{{"a", "s2", "x"}, {"b", "s", "x"}, {"a", "s", "y"}} {
		if _, err := table.TakeState(t.Context(), backup.AccountID(other[0]), other[1], other[2]); backup.KindOf(err) != backup.NotFound {
			t.Errorf("%v: %v", other, err)
		}
	}
	got, err := table.TakeState(t.Context(), "a", "s", "x")
	if err != nil || got.Task != "t" || !got.Until.Equal(now) {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := table.TakeState(t.Context(), "a", "s", "x"); backup.KindOf(err) != backup.NotFound {
		t.Errorf("second use: %v", err)
	}
}

func TestSessionThatWasEndedDoesNotComeBack(t *testing.T) {
	t.Parallel()
	table := newTable(t)
	s := account.Session{Account: "a", ID: "s", User: "u", Email: "ann@example.com", Key: make([]byte, 32), Created: now, Seen: now}
	if err := table.PutSession(t.Context(), s, "secret", now.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	got, err := table.Session(t.Context(), "a", "s")
	if err != nil || !got.Is("secret") || got.Is("secret2") || got.Is("") {
		t.Errorf("session %+v, %v", got, err)
	}
	if list, err := table.Sessions(t.Context(), "a", "u"); err != nil || len(list) != 1 {
		t.Errorf("sessions %v, %v", list, err)
	}
	if err := table.SeeSession(t.Context(), s, now.Add(time.Minute), now.Add(time.Hour)); err != nil {
		t.Error(err)
	}
	if err := table.EndSession(t.Context(), "a", "s"); err != nil {
		t.Fatal(err)
	}
	if err := table.SeeSession(t.Context(), s, now, now); backup.KindOf(err) != backup.NotFound {
		t.Errorf("use after the end: %v", err)
	}
	if _, err := table.Session(t.Context(), "a", "s"); backup.KindOf(err) != backup.NotFound {
		t.Errorf("after the end: %v", err)
	}
}

func TestAddressIsClaimedByOneAccount(t *testing.T) {
	t.Parallel()
	cloud := localtest.Start(t)
	directory := account.NewDirectory(cloud.AWS, cloud.Table(t))
	var won atomic.Int32
	var wg sync.WaitGroup
	for _, id := range []backup.AccountID{"a", "b", "c", "d"} {
		wg.Go(func() {
			err := directory.Claim(t.Context(), account.Address{Email: "x@example.com", Account: id, User: "u", Region: "r"}, "")
			if err == nil {
				won.Add(1)
			} else if backup.KindOf(err) != backup.Conflict {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 {
		t.Errorf("%d accounts have the address", won.Load())
	}
	entry, err := directory.Lookup(t.Context(), "x@example.com")
	if err != nil {
		t.Fatal(err)
	}
	if err := directory.Claim(t.Context(), entry, ""); err != nil {
		t.Errorf("the same claim again: %v", err)
	}
	next := account.Address{Email: "x@example.com", Account: "e", User: "u", Region: "r"}
	if err := directory.Claim(t.Context(), next, entry.Account); err != nil {
		t.Errorf("in place of %s: %v", entry.Account, err)
	}
}

func TestAttemptsAtOnceAreCountedOneByOne(t *testing.T) {
	t.Parallel()
	table := newTable(t)
	later := now.Add(15 * time.Minute)
	count := func(ctx context.Context) error {
		for {
			old, err := table.Attempts(ctx, "x", now)
			if err != nil {
				return err
			}
			err = table.PutAttempts(ctx, "x", old, account.Attempts{Count: old.Count + 1}, now, later)
			if backup.KindOf(err) != backup.Conflict {
				return err
			}
		}
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if err := count(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if err := table.ForgiveAttempt(t.Context(), "x"); err != nil {
		t.Error(err)
	}
	if got, err := table.Attempts(t.Context(), "x", now); err != nil || got.Count != 7 {
		t.Errorf("attempts %+v, %v, want 7", got, err)
	}
	if got, err := table.Attempts(t.Context(), "x", later); err != nil || got.Count != 0 {
		t.Errorf("attempts %+v, %v after they are to be forgotten", got, err)
	}
	if err := table.PutAttempts(t.Context(), "x", account.Attempts{}, account.Attempts{Count: 1}, later, later.Add(time.Hour)); err != nil {
		t.Errorf("first attempt after that: %v", err)
	}
}

func TestMailIsBegunByOneSender(t *testing.T) {
	t.Parallel()
	table := newTable(t)
	begin := func(at time.Time) (bool, backup.Kind) {
		mine, err := table.BeginMail(t.Context(), "m", at)
		if err == nil {
			return mine, -1
		}
		return mine, backup.KindOf(err)
	}
	type got struct {
		Mine bool
		Kind backup.Kind
	}
	var all []got
	add := func(mine bool, kind backup.Kind) { all = append(all, got{mine, kind}) }
	add(begin(now))
	add(begin(now.Add(time.Second)))
	if err := table.EndMail(t.Context(), "m", false, now); err != nil {
		t.Fatal(err)
	}
	add(begin(now.Add(2 * time.Second)))
	add(begin(now.Add(time.Hour))) // the sender died
	if err := table.EndMail(t.Context(), "m", true, now); err != nil {
		t.Fatal(err)
	}
	add(begin(now.Add(2 * time.Hour)))
	want := []got{{true, -1}, {false, backup.Busy}, {true, -1}, {true, -1}, {false, -1}}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
