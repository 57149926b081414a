package identity_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/backup"
	"coffer/shared/identity"
)

const better = "a better password than that"

// resetToken asks for a link and returns its token.
func (w *world) resetToken(email string) string {
	w.t.Helper()
	if err := w.RequestReset(w.t.Context(), email, "203.0.113.7"); err != nil {
		w.t.Fatal(err)
	}
	mails := w.mails()
	if len(mails) != 1 || mails[0].Template != "reset" || mails[0].To != strings.ToLower(email) {
		w.t.Fatalf("mails %+v", mails)
	}
	token, ok := strings.CutPrefix(mails[0].Data["link"], "https://portal.example.com/reset-password#")
	if _, secret, _ := strings.Cut(token, "."); !ok || len(secret) < 26 { // 5 bits each
		w.t.Fatalf("link %q", mails[0].Data["link"])
	}
	return token
}

func (w *world) enter(email, password string, from identity.Client) identity.Entry {
	w.t.Helper()
	entry, err := w.SignIn(w.t.Context(), email, password, from, "")
	if err != nil {
		w.t.Fatal(err)
	}
	return entry
}

func (w *world) alive(entries ...identity.Entry) (alive []bool) {
	for _, e := range entries {
		_, err := w.Session(w.t.Context(), e.Token)
		alive = append(alive, err == nil)
	}
	return alive
}

func TestResetSetsThePasswordOnceAndEndsAllSessions_N1(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.member("ann@example.com")
	w.member("bob@example.com")
	home := identity.Client{Address: "192.0.2.1"}
	first, second := w.enter("ann@example.com", password, home), w.enter("ann@example.com", password, home)
	bob := w.enter("bob@example.com", password, home)
	for range 12 { // who has forgotten the password tries for a while
		_ = w.signIn("ann@example.com", "wrong password", home.Address)
		w.now = w.now.Add(70 * time.Second)
	}

	replaced := w.resetToken("ann@example.com")
	token := w.resetToken("ANN@example.com")
	reset := func(token, password string) (string, error) {
		return w.ResetPassword(t.Context(), token, password, home)
	}
	for _, bad := range []string{replaced, "", "x", ".", "a.b", token + "x", strings.ToUpper(token), "nobody." + token} {
		if _, err := reset(bad, better); fieldOf(err) != "token" {
			t.Errorf("token %q: %v", bad, err)
		}
	}
	for _, bad := range []string{"short", "password1234", "ann@example.com", strings.Repeat("x y", 50)} {
		if _, err := reset(token, bad); fieldOf(err) != "password" {
			t.Errorf("password %q: %v", bad, err)
		}
	}
	if diff := cmp.Diff([]bool{true, true, true}, w.alive(first, second, bob)); diff != "" {
		t.Errorf("sessions before (-want +got):\n%s", diff)
	}
	device, err := reset(token, better)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]bool{false, false, true}, w.alive(first, second, bob)); diff != "" {
		t.Errorf("sessions after (-want +got):\n%s", diff)
	}
	if _, err := reset(token, better); fieldOf(err) != "token" {
		t.Errorf("second use: %v", err)
	}
	mails := w.mails()
	if len(mails) != 1 || mails[0].Template != "password-changed" || mails[0].To != "ann@example.com" || mails[0].Data["address"] != home.Address {
		t.Errorf("mails %+v", mails)
	}

	if _, err := w.SignIn(t.Context(), "ann@example.com", better, identity.Client{Address: "192.0.2.1"}, ""); backup.KindOf(err) != backup.Busy {
		t.Errorf("from the address that was locked: %v", err)
	}
	if err := w.signIn("ann@example.com", better, "203.0.113.9"); err != nil {
		t.Errorf("the user, whose lock is cleared: %v", err)
	}
	home.Device = device
	w.enter("ann@example.com", better, home)
	if err := w.signIn("ann@example.com", password, "203.0.113.9"); !errors.Is(err, identity.ErrCredentials) {
		t.Errorf("with the password of before: %v", err)
	}
}

func TestResetLinkLivesForAnHourAndNoLonger_N1(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.member("ann@example.com")
	for wait, works := range map[time.Duration]bool{time.Hour - time.Second: true, time.Hour: false} {
		token := w.resetToken("ann@example.com")
		w.now = w.now.Add(wait)
		if _, err := w.ResetPassword(t.Context(), token, better, identity.Client{}); (err == nil) != works {
			t.Errorf("after %s: %v", wait, err)
		}
		w.mails()
	}
	token := w.resetToken("ann@example.com")
	entry := w.enter("ann@example.com", better, identity.Client{Address: "1"})
	if _, err := w.ChangePassword(t.Context(), entry.Session, better, password, identity.Client{}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.ResetPassword(t.Context(), token, better, identity.Client{}); fieldOf(err) != "token" {
		t.Errorf("after the password was changed: %v", err)
	}
}

func TestResetLinkWorksOnceAtOnce_N1(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.member("ann@example.com")
	token := w.resetToken("ann@example.com")
	var set atomic.Int32
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			_, err := w.ResetPassword(t.Context(), token, fmt.Sprint(better, i), identity.Client{})
			if err == nil {
				set.Add(1)
			} else if fieldOf(err) != "token" {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if set.Load() != 1 {
		t.Errorf("the link worked %d times", set.Load())
	}
}

// TestStrangersLearnNothing_N1 compares what known and unknown addresses cost:
// the same calls of the tables and queues, in the same order, and so the same
// time.
func TestStrangersLearnNothing_N1(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.member("ann@example.com")
	late := w.token("late@example.com") // signed up, but never activated
	for name, ask := range map[string]func(email string) error{
		"reset": func(email string) error { return w.RequestReset(t.Context(), email, "203.0.113.7") },
		"sign-in": func(email string) error {
			w.now = w.now.Add(time.Minute)
			if err := w.signIn(email, "wrong password", email); !errors.Is(err, identity.ErrCredentials) {
				return fmt.Errorf("not refused as the others: %w", err)
			}
			return nil
		},
		"sign-in with a device": func(email string) error {
			w.now = w.now.Add(time.Minute)
			from := identity.Client{Address: email + " 2", Device: late}
			if _, err := w.SignIn(t.Context(), email, "wrong password", from, ""); !errors.Is(err, identity.ErrCredentials) {
				return fmt.Errorf("not refused as the others: %w", err)
			}
			return nil
		},
		"sign-up": func(email string) error { return w.signUp(email) },
	} {
		costs := func(email string) (all []string) {
			w.now = w.now.Add(time.Hour) // all counts are forgotten
			for range 6 {                // beyond what one address gets mails for
				all = append(all, w.calls.of(func() {
					if err := ask(email); err != nil {
						t.Errorf("%s of %s: %v", name, email, err)
					}
				})...)
			}
			return all
		}
		known := costs("ann@example.com")
		if len(known) < 20 {
			t.Errorf("%s: calls %q", name, known)
		}
		for _, other := range []string{"bob@example.com", "late@example.com", "not an address", ""} {
			if name == "sign-up" && !strings.Contains(other, "@") {
				continue // is refused as what it is
			}
			if diff := cmp.Diff(known, costs(other)); diff != "" {
				t.Errorf("%s of %q costs (-known +unknown):\n%s", name, other, diff)
			}
		}
	}
	told := map[string]int{}
	for _, m := range w.mails() {
		told[m.To+" "+m.Template]++
	}
	want := map[string]int{
		"ann@example.com reset": 5, " reset": 20, // those without an address are dropped
		"ann@example.com sign-up-known": 5, "bob@example.com activate": 5, "late@example.com activate": 5,
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("mails (-want +got):\n%s", diff)
	}
}

func TestResetsFromOneAddressAreBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.member("ann@example.com")
	for i := range 100 {
		if err := w.RequestReset(t.Context(), fmt.Sprint(i, "@example.com"), "203.0.113.7"); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(w.mails()); n != 100 {
		t.Errorf("%d messages", n)
	}
	for from, want := range map[string]int{"203.0.113.7": 0, "203.0.113.8": 1} {
		if err := w.RequestReset(t.Context(), "ann@example.com", from); err != nil {
			t.Fatal(err)
		}
		if n := len(w.mails()); n != want {
			t.Errorf("%d messages from %s, want %d", n, from, want)
		}
	}
}

func TestChangedPasswordEndsOtherSessions_N3(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.member("ann@example.com")
	here, there := identity.Client{Address: "1"}, identity.Client{Address: "2"}
	mine, other := w.enter("ann@example.com", password, here), w.enter("ann@example.com", password, there)
	here.Device, there.Device = mine.Device, other.Device
	for current, next := range map[string]string{"wrong password": better, password: "short"} {
		want := map[bool]string{true: "password", false: "current"}[current == password]
		if _, err := w.ChangePassword(t.Context(), mine.Session, current, next, here); fieldOf(err) != want {
			t.Errorf("%q to %q: %v", current, next, err)
		}
	}
	token, err := w.ChangePassword(t.Context(), mine.Session, password, better, here)
	if err != nil {
		t.Fatal(err)
	}
	renewed := mine
	renewed.Token = token
	if diff := cmp.Diff([]bool{false, false, true}, w.alive(mine, other, renewed)); diff != "" {
		t.Errorf("sessions: the old cookie, the other one, the new cookie (-want +got):\n%s", diff)
	}
	if got, err := w.Session(t.Context(), token); err != nil || got.ID != mine.ID {
		t.Errorf("session %+v, %v", got, err)
	}
	if mails := w.mails(); len(mails) != 1 || mails[0].Template != "password-changed" || mails[0].To != "ann@example.com" {
		t.Errorf("mails %+v", mails)
	}
	for range 12 {
		_ = w.signIn("ann@example.com", "wrong password", "3")
		w.now = w.now.Add(70 * time.Second)
	}
	w.enter("ann@example.com", better, here)
	if _, err := w.SignIn(t.Context(), "ann@example.com", better, there, ""); backup.KindOf(err) != backup.Busy {
		t.Errorf("the device that was forgotten: %v", err)
	}
}

func TestCurrentPasswordIsNotGuessed(t *testing.T) {
	t.Parallel()
	for name, client := range map[string]identity.Client{"with the device": {Address: "1"}, "with the session alone": {Address: "9"}} {
		w := newWorld(t)
		w.member("ann@example.com")
		entry := w.enter("ann@example.com", password, identity.Client{Address: "1"})
		if client.Address == "1" {
			client.Device = entry.Device
		}
		wrong := 0
		for range 60 {
			switch _, err := w.ChangePassword(t.Context(), entry.Session, "wrong password", better, client); {
			case fieldOf(err) == "current":
				wrong++
			case backup.KindOf(err) != backup.Busy:
				t.Fatal(err)
			}
			w.now = w.now.Add(10 * time.Second)
		}
		if wrong != 10 {
			t.Errorf("%s: %d guesses in 10 minutes, want 10", name, wrong)
		}
		_, err := w.ChangePassword(t.Context(), entry.Session, password, better, client)
		if backup.KindOf(err) != backup.Busy {
			t.Errorf("%s: the right one after that: %v", name, err)
		}
	}
}

// TestSignInWithTheOldPasswordEndsNowhere_N3 signs in while the password is
// changed: no session that was begun with the old one is left.
func TestSignInWithTheOldPasswordEndsNowhere_N3(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.member("ann@example.com")
	mine := w.enter("ann@example.com", password, identity.Client{Address: "0"})
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			from := identity.Client{Address: fmt.Sprint(i + 1), Device: mine.Device}
			for range 8 {
				_, err := w.SignIn(t.Context(), "ann@example.com", password, from, "")
				if err != nil && !errors.Is(err, identity.ErrCredentials) && backup.KindOf(err) != backup.Busy {
					t.Error(err)
				}
			}
		})
	}
	if _, err := w.ChangePassword(t.Context(), mine.Session, password, better, identity.Client{Address: "0"}); err != nil {
		t.Error(err)
	}
	wg.Wait()
	own, err := w.Own(t.Context(), mine.Session)
	if err != nil || len(own) != 1 || own[0].ID != mine.ID {
		t.Errorf("sessions %+v, %v", own, err)
	}
}

func TestOwnSessionsAreListedAndEnded_N3(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.member("ann@example.com")
	w.member("bob@example.com")
	var all []identity.Entry
	for i := range 4 {
		all = append(all, w.enter("ann@example.com", password, identity.Client{Address: fmt.Sprint(i), Agent: "Browser"}))
		w.now = w.now.Add(9 * time.Minute)
	}
	bob := w.enter("bob@example.com", password, identity.Client{Address: "bob"})
	ids := func() (ids []string) {
		own, err := w.Own(t.Context(), all[3].Session)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range own {
			ids = append(ids, s.Address)
		}
		return ids
	}
	if diff := cmp.Diff([]string{"3", "2", "1"}, ids()); diff != "" { // the first ended by itself
		t.Errorf("sessions (-want +got):\n%s", diff)
	}
	for _, id := range []string{bob.ID, "nothing", ""} {
		if err := w.EndOwn(t.Context(), all[3].Session, id); backup.KindOf(err) != backup.NotFound {
			t.Errorf("ending %q: %v", id, err)
		}
	}
	if err := w.EndOwn(t.Context(), all[3].Session, all[1].ID); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"3", "2"}, ids()); diff != "" {
		t.Errorf("sessions after one was ended (-want +got):\n%s", diff)
	}
	if err := w.EndOthers(t.Context(), all[3].Session); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]bool{false, false, false, true, true}, w.alive(append(all, bob)...)); diff != "" {
		t.Errorf("sessions after the others were ended (-want +got):\n%s", diff)
	}
}

func fieldOf(err error) string {
	e, ok := errors.AsType[*backup.Error](err)
	if !ok {
		return ""
	}
	return e.Field
}
