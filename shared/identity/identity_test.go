package identity_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"coffer/scripts/local/localtest"
	"coffer/shared/account"
	"coffer/shared/backup"
	"coffer/shared/identity"
	"coffer/shared/queue"
)

const password = "correct horse battery staple"

// world is a service with a clock and a mailbox of its own.
type world struct {
	*identity.Service
	t     *testing.T
	cloud *localtest.Cloud
	queue string
	now   time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	cloud := localtest.Start(t)
	w := &world{t: t, cloud: cloud, queue: cloud.Queue(t), now: time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)}
	w.Service = &identity.Service{
		Sessions:  &identity.Sessions{Accounts: account.New(cloud.AWS, cloud.Table(t)), Now: func() time.Time { return w.now }},
		Directory: account.NewDirectory(cloud.AWS, cloud.Table(t)),
		Mail:      queue.New[backup.MailMessage](cloud.AWS, w.queue),
		Portal:    "https://portal.example.com",
		Region:    "eu-central-1",
	}
	return w
}

// mails takes the messages off the queue.
func (w *world) mails() []backup.MailMessage {
	w.t.Helper()
	var all []backup.MailMessage
	for _, body := range w.cloud.Received(w.t, w.queue) {
		var m backup.MailMessage
		if err := json.Unmarshal([]byte(body), &m); err != nil {
			w.t.Fatal(err)
		}
		all = append(all, m)
	}
	return all
}

func (w *world) signUp(email string) error {
	return w.SignUp(w.t.Context(), identity.SignUp{Email: email, Password: password, Company: "Acme"}, "203.0.113.7")
}

// token signs up and returns the token of the mailed link.
func (w *world) token(email string) string {
	w.t.Helper()
	if err := w.signUp(email); err != nil {
		w.t.Fatal(err)
	}
	mails := w.mails()
	if len(mails) != 1 || mails[0].Template != "activate" {
		w.t.Fatalf("mails %+v", mails)
	}
	_, token, _ := strings.Cut(mails[0].Data["link"], "#")
	return token
}

func (w *world) signIn(email, password, from string) error {
	_, _, err := w.SignIn(w.t.Context(), email, password, identity.Client{Address: from}, "")
	return err
}

func TestPersonSignsUpActivatesAndSignsIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.token(" Ann@Example.com ")
	if err := w.signIn("ann@example.com", password, "1"); !errors.Is(err, identity.ErrCredentials) {
		t.Errorf("before activation: %v", err)
	}
	if err := w.Activate(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	if err := w.Activate(t.Context(), token); backup.KindOf(err) != backup.Invalid {
		t.Errorf("second use of the link: %v", err)
	}
	session, cookie, err := w.SignIn(t.Context(), "ANN@example.com", password, identity.Client{Address: "1", Agent: "Browser"}, "")
	if err != nil {
		t.Fatal(err)
	}
	got, err := w.Session(t.Context(), cookie)
	if err != nil || got.Account != session.Account || got.Email != "ann@example.com" {
		t.Errorf("session %+v, %v", got, err)
	}
	if parts := strings.Split(cookie, "."); len(parts) != 3 || len(parts[2]) < 26 {
		t.Errorf("cookie %q", cookie)
	}
	_, again, err := w.SignIn(t.Context(), "ann@example.com", password, identity.Client{Address: "1"}, cookie)
	if err != nil || again == cookie {
		t.Fatalf("second sign-in: %q, %v", again, err)
	}
	if _, err := w.Session(t.Context(), cookie); !errors.Is(err, identity.ErrNoSession) {
		t.Errorf("the session before the second sign-in: %v", err)
	}
}

func TestLinkEndsAndLeavesTheAddressFree(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	late := w.token("ann@example.com")
	w.now = w.now.Add(24 * time.Hour)
	if err := w.Activate(t.Context(), late); backup.KindOf(err) != backup.Invalid {
		t.Errorf("after a day: %v", err)
	}
	first, second := w.token("ann@example.com"), w.token("ann@example.com")
	if err := w.Activate(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	if err := w.Activate(t.Context(), second); backup.KindOf(err) != backup.Conflict {
		t.Errorf("second account of the address: %v", err)
	}
	for _, token := range []string{"", "x", ".", "a.b", first + "x", strings.ToUpper(first)} {
		if err := w.Activate(t.Context(), token); backup.KindOf(err) != backup.Invalid {
			t.Errorf("token %q: %v", token, err)
		}
	}
}

func TestSignUpDoesNotTellWhetherAnAddressIsKnown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := w.Activate(t.Context(), w.token("ann@example.com")); err != nil {
		t.Fatal(err)
	}
	for _, email := range []string{"ann@example.com", "bob@example.com"} {
		if err := w.signUp(email); err != nil {
			t.Errorf("%s: %v", email, err)
		}
	}
	var told []string
	for _, m := range w.mails() {
		told = append(told, m.To+" "+m.Template)
	}
	slices.Sort(told)
	if want := []string{"ann@example.com sign-up-known", "bob@example.com activate"}; !slices.Equal(told, want) {
		t.Errorf("mails %q, want %q", told, want)
	}
	if err := w.signIn("ann@example.com", password, "1"); err != nil {
		t.Errorf("the known account after that: %v", err)
	}
	for range 20 { // more mails than anyone wants
		if err := w.signUp("eve@example.com"); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(w.mails()); n > 5 {
		t.Errorf("%d mails to one address", n)
	}
}

func TestSignUpRefusesWhatIsNoAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good := identity.SignUp{Email: "ann@example.com", Password: password, Company: "Acme"}
	for field, change := range map[string]func(*identity.SignUp){
		"email 1":    func(s *identity.SignUp) { s.Email = "ann" },
		"email 2":    func(s *identity.SignUp) { s.Email = "Ann <ann@example.com>" },
		"email 3":    func(s *identity.SignUp) { s.Email = "ann@example.com\r\nBcc: x@example.com" },
		"email 4":    func(s *identity.SignUp) { s.Email = strings.Repeat("a", 250) + "@example.com" },
		"password 1": func(s *identity.SignUp) { s.Password = "ann@example.com" },
		"password 2": func(s *identity.SignUp) { s.Password = "password1234" },
		"company 1":  func(s *identity.SignUp) { s.Company = "  " },
		"company 2":  func(s *identity.SignUp) { s.Company = "Acme\nBcc: x" },
		"name":       func(s *identity.SignUp) { s.Name = strings.Repeat("a", 101) },
		"location":   func(s *identity.SignUp) { s.Location = "us" },
	} {
		in := good
		change(&in)
		err := w.SignUp(t.Context(), in, "203.0.113.7")
		e, ok := errors.AsType[*backup.Error](err)
		if want, _, _ := strings.Cut(field, " "); !ok || e.Field != want {
			t.Errorf("%s: %v", field, err)
		}
	}
	if mails := w.mails(); len(mails) > 0 {
		t.Errorf("mails %+v", mails)
	}
}

func TestGuessingIsSlowedAndLocked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := w.Activate(t.Context(), w.token("ann@example.com")); err != nil {
		t.Fatal(err)
	}
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

func TestStateWorksOnceWithin10MinutesInItsSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mine := account.Session{Account: "a", ID: "s1"}
	state := func() string {
		s, err := w.NewState(t.Context(), mine, "task")
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	first := state()
	for name, other := range map[string]account.Session{"session": {Account: "a", ID: "s2"}, "account": {Account: "b", ID: "s1"}} {
		if _, err := w.TakeState(t.Context(), other, first); backup.KindOf(err) != backup.Invalid {
			t.Errorf("another %s: %v", name, err)
		}
	}
	if task, err := w.TakeState(t.Context(), mine, first); err != nil || task != "task" {
		t.Errorf("%q, %v", task, err)
	}
	late := state()
	w.now = w.now.Add(10 * time.Minute)
	for name, s := range map[string]string{"replayed": first, "late": late, "missing": "", "invented": "x"} {
		if _, err := w.TakeState(t.Context(), mine, s); backup.KindOf(err) != backup.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}
