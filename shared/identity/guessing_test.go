package identity_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"coffer/shared/backup"
	"coffer/shared/identity"
)

func TestGuessingIsSlowedAndLocked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.member("ann@example.com")
	for _, email := range []string{"ann@example.com", "nobody@example.com"} { // known and unknown alike
		wrong := 0
		for i := range 60 { // for 10 minutes, each from an address of its own
			switch err := w.signIn(email, "wrong password", fmt.Sprint(email, i)); {
			case errors.Is(err, identity.ErrCredentials):
				wrong++
			case backup.KindOf(err) != backup.Busy:
				t.Fatal(err)
			}
			w.now = w.now.Add(10 * time.Second)
		}
		if wrong != 10 {
			t.Errorf("%s: %d guesses in 10 minutes, want 10", email, wrong)
		}
		w.now = w.now.Add(15 * time.Minute)
	}
	if err := w.signIn("ann@example.com", password, "home"); err != nil {
		t.Errorf("the owner after the lock: %v", err)
	}
	wrong := 0
	for i := range 100 { // from one address, each as somebody else
		if errors.Is(w.signIn(fmt.Sprint(i, "@example.com"), "wrong password", "one address"), identity.ErrCredentials) {
			wrong++
		}
		w.now = w.now.Add(40 * time.Second)
		if wrong == 10 {
			break
		}
	}
	if err := w.signIn("ann@example.com", password, "one address"); backup.KindOf(err) != backup.Busy {
		t.Errorf("from the locked address: %v", err)
	}
	if err := w.signIn("ann@example.com", password, "home"); err != nil {
		t.Errorf("from elsewhere: %v", err)
	}
}

func TestGuessesAtOnceAreCounted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var mu sync.Mutex
	var wg sync.WaitGroup
	tried := 0
	for i := range 24 {
		wg.Go(func() {
			if err := w.signIn("ann@example.com", "wrong password", fmt.Sprint(i)); errors.Is(err, identity.ErrCredentials) {
				mu.Lock()
				defer mu.Unlock()
				tried++
			}
		})
	}
	wg.Wait()
	if tried > 4 { // the clock stands still, so the fourth has all others wait
		t.Errorf("%d guesses at one moment", tried)
	}
}

// TestOwnerGetsInWhileStrangersGuess_N2 has 100 wrong passwords come in 10
// minutes, from one address and from many.
func TestOwnerGetsInWhileStrangersGuess_N2(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.member("ann@example.com")
	home := identity.Client{Address: "192.0.2.1", Agent: "Browser"}
	entry, err := w.SignIn(t.Context(), "ann@example.com", password, home, "")
	if err != nil || len(entry.Device) < 26 {
		t.Fatalf("entry %+v, %v", entry, err)
	}
	home.Device = entry.Device
	wrong := 0
	for i := range 100 {
		from := home.Address // somebody behind the same router
		if i%2 == 1 {
			from = fmt.Sprint("198.51.100.", i)
		}
		switch err := w.signIn("ann@example.com", "wrong password", from); {
		case errors.Is(err, identity.ErrCredentials):
			wrong++
		case backup.KindOf(err) != backup.Busy:
			t.Fatal(err)
		}
		w.now = w.now.Add(6 * time.Second)
	}
	if wrong > 10 {
		t.Errorf("%d guesses in 10 minutes", wrong)
	}
	for name, from := range map[string]identity.Client{
		"the address": {Address: home.Address}, "the user": {Address: "203.0.113.9"}, "an invented device": {Address: home.Address, Device: backup.NewID()},
	} {
		if _, err := w.SignIn(t.Context(), "ann@example.com", password, from, ""); backup.KindOf(err) != backup.Busy {
			t.Errorf("%s is not locked: %v", name, err)
		}
	}
	for range 3 {
		again, err := w.SignIn(t.Context(), "ann@example.com", password, home, "")
		if err != nil || again.Device != home.Device {
			t.Fatalf("the owner at home: %q, %v", again.Device, err)
		}
	}
	// What the owner does at home lets nobody else in.
	if err := w.signIn("ann@example.com", password, "203.0.113.9"); backup.KindOf(err) != backup.Busy {
		t.Errorf("the user's lock after that: %v", err)
	}
}

func TestDeviceIsOneUsersForAWhileAndIsLockedItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.member("ann@example.com")
	w.member("bob@example.com")
	entry, err := w.SignIn(t.Context(), "ann@example.com", password, identity.Client{Address: "1"}, "")
	if err != nil {
		t.Fatal(err)
	}
	from := identity.Client{Address: "2", Device: entry.Device}
	guess := func(email string, times int) (wrong int) {
		for range times {
			if _, err := w.SignIn(t.Context(), email, "wrong password", from, ""); errors.Is(err, identity.ErrCredentials) {
				wrong++
			}
			w.now = w.now.Add(70 * time.Second)
		}
		return wrong
	}
	if n := guess("ann@example.com", 12); n != 10 {
		t.Errorf("%d guesses with a stolen device, want 10", n)
	}
	if _, err := w.SignIn(t.Context(), "ann@example.com", password, from, ""); backup.KindOf(err) != backup.Busy {
		t.Errorf("with the locked device: %v", err)
	}
	if err := w.signIn("ann@example.com", password, "3"); err != nil {
		t.Errorf("with another one: %v", err)
	}
	w.now = w.now.Add(time.Hour)
	if n := guess("bob@example.com", 12); n != 10 { // as good as without a device: this locks the user
		t.Errorf("%d guesses at another user, want 10", n)
	}
	if err := w.signIn("bob@example.com", password, "3"); backup.KindOf(err) != backup.Busy {
		t.Errorf("the other user: %v", err)
	}
	w.now = w.now.Add(identity.DeviceTime)
	again, err := w.SignIn(t.Context(), "ann@example.com", password, from, "")
	if err != nil || again.Device == entry.Device {
		t.Errorf("after 90 days: %q, %v", again.Device, err)
	}
}

// TestNetworkOfIPv6AddressesIsOneSource guesses from a new address of the same
// network each time.
func TestNetworkOfIPv6AddressesIsOneSource(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	wrong := 0
	for i := range 30 {
		if err := w.signIn(fmt.Sprint(i, "@example.com"), "wrong password", fmt.Sprintf("2001:db8:1:2:%x::1", i)); errors.Is(err, identity.ErrCredentials) {
			wrong++
		}
		w.now = w.now.Add(70 * time.Second)
		if wrong == 10 {
			break
		}
	}
	for from, locked := range map[string]bool{"2001:db8:1:2::ffff": true, "2001:db8:1:3::1": false, "::ffff:192.0.2.1": false} {
		if err := w.signIn("ann@example.com", "wrong password", from); (backup.KindOf(err) == backup.Busy) != locked {
			t.Errorf("%s: %v", from, err)
		}
	}
}
