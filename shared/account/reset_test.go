package account_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/account"
	"coffer/shared/backup"
)

func TestNewestResetLinkSetsThePasswordOnce(t *testing.T) {
	t.Parallel()
	table := newTable(t)
	a, u, l := example("a1")
	if err := table.Create(t.Context(), a, u, l); err != nil {
		t.Fatal(err)
	}
	first := account.Reset{Account: a.ID, User: u.ID, Secret: "first", Until: now.Add(time.Hour)}
	newest := account.Reset{Account: a.ID, User: u.ID, Secret: "newest", Until: now.Add(2 * time.Hour)}
	other := account.Reset{Account: a.ID, User: "u2", Secret: "other", Until: now.Add(time.Hour)}
	for _, r := range []account.Reset{first, newest, other} {
		if err := table.PutReset(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	for id, secret := range map[backup.AccountID]string{a.ID: first.Secret, "a2": newest.Secret} {
		if _, err := table.Reset(t.Context(), id, secret); backup.KindOf(err) != backup.NotFound {
			t.Errorf("%s of account %s: %v", secret, id, err)
		}
	}
	got, err := table.Reset(t.Context(), a.ID, newest.Secret)
	if err != nil || !cmp.Equal(got, newest) {
		t.Errorf("link %+v, %v, want %+v", got, err, newest)
	}
	if err := table.SetPasswordBy(t.Context(), first, u, "$first"); backup.KindOf(err) != backup.Conflict {
		t.Errorf("by the replaced link: %v", err)
	}
	var set atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			switch err := table.SetPasswordBy(t.Context(), newest, u, "$newest"); {
			case err == nil:
				set.Add(1)
			case backup.KindOf(err) != backup.Conflict:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got, err := table.User(t.Context(), a.ID, u.ID); err != nil || got.Password != "$newest" || set.Load() != 1 {
		t.Errorf("set %d times: %+v, %v", set.Load(), got, err)
	}
	if _, err := table.Reset(t.Context(), a.ID, other.Secret); err != nil {
		t.Errorf("the other user's link: %v", err)
	}
}

func TestPasswordReplacesTheOneThatWasRead(t *testing.T) {
	t.Parallel()
	table := newTable(t)
	a, u, l := example("a1")
	u.Password = "" // one who came in another way
	if err := table.Create(t.Context(), a, u, l); err != nil {
		t.Fatal(err)
	}
	link := account.Reset{Account: a.ID, User: u.ID, Secret: "x", Until: now}
	if err := table.PutReset(t.Context(), link); err != nil {
		t.Fatal(err)
	}
	if err := table.SetPassword(t.Context(), u, "$1"); err != nil {
		t.Fatal(err)
	}
	if _, err := table.Reset(t.Context(), a.ID, "x"); backup.KindOf(err) != backup.NotFound {
		t.Errorf("the link after the change: %v", err)
	}
	if err := table.SetPassword(t.Context(), u, "$2"); backup.KindOf(err) != backup.Conflict {
		t.Errorf("over a password that was not read: %v", err)
	}
	u.Password = "$1"
	if err := table.SetPassword(t.Context(), u, "$2"); err != nil {
		t.Error(err)
	}
	u.ID = "nobody"
	if err := table.SetPassword(t.Context(), u, "$3"); backup.KindOf(err) != backup.Conflict {
		t.Errorf("of a user who is not there: %v", err)
	}
	u.Password = ""
	if err := table.SetPassword(t.Context(), u, "$3"); backup.KindOf(err) != backup.Conflict {
		t.Errorf("of a user who is not there and has none: %v", err)
	}
}

func TestUserHasSoManyDevicesAndForgetsThem(t *testing.T) {
	t.Parallel()
	table := newTable(t)
	device := func(user backup.UserID, secret string, days int) account.Device {
		return account.Device{Account: "a", User: user, Secret: secret, Until: now.AddDate(0, 0, days)}
	}
	for i, secret := range []string{"1", "2", "3", "4"} {
		if err := table.PutDevice(t.Context(), device("u", secret, 90-i), 3); err != nil {
			t.Fatal(err)
		}
	}
	if err := table.PutDevice(t.Context(), device("u", "1", 91), 3); err != nil { // seen again
		t.Fatal(err)
	}
	if err := table.PutDevice(t.Context(), device("u2", "1", 90), 3); err != nil {
		t.Fatal(err)
	}
	there := func() (secrets string) {
		for _, user := range []backup.UserID{"u", "u2"} {
			for _, secret := range []string{"1", "2", "3", "4", "5"} {
				if got, err := table.Device(t.Context(), "a", user, secret); err == nil && got.User == user && got.Secret == secret {
					secrets += string(user) + ":" + secret + " "
				} else if backup.KindOf(err) != backup.NotFound {
					t.Error(err)
				}
			}
		}
		return secrets
	}
	if got, want := there(), "u:1 u:2 u:3 u2:1 "; got != want {
		t.Errorf("devices %s, want %s", got, want)
	}
	if err := table.EndDevices(t.Context(), "a", "u", "2"); err != nil {
		t.Fatal(err)
	}
	if got, want := there(), "u:2 u2:1 "; got != want {
		t.Errorf("devices %s, want %s", got, want)
	}
	if err := table.EndDevices(t.Context(), "a", "u", ""); err != nil {
		t.Fatal(err)
	}
	if got, want := there(), "u2:1 "; got != want {
		t.Errorf("devices %s, want %s", got, want)
	}
}

func TestSessionChangesItsSecretAndIsEndedByItsUserOnly(t *testing.T) {
	t.Parallel()
	table := newTable(t)
	s := account.Session{Account: "a", ID: "s", User: "u", Created: now, Seen: now}
	if err := table.PutSession(t.Context(), s, "before", now.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if err := table.RenewSession(t.Context(), s, "after"); err != nil {
		t.Fatal(err)
	}
	if got, err := table.Session(t.Context(), "a", "s"); err != nil || !got.Is("after") || got.Is("before") || got.User != "u" {
		t.Errorf("session %+v, %v", got, err)
	}
	for _, other := range [][3]string{{"a", "u2", "s"}, {"b", "u", "s"}, {"a", "u", "s2"}} {
		if err := table.EndSessionOf(t.Context(), backup.AccountID(other[0]), backup.UserID(other[1]), other[2]); backup.KindOf(err) != backup.NotFound {
			t.Errorf("%v: %v", other, err)
		}
	}
	if err := table.EndSessionOf(t.Context(), "a", "u", "s"); err != nil {
		t.Fatal(err)
	}
	if err := table.RenewSession(t.Context(), s, "again"); backup.KindOf(err) != backup.NotFound {
		t.Errorf("renewed after its end: %v", err)
	}
}
