package identity_test

import (
	"encoding/json"
	"errors"
	"net/http"
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
	calls calls
}

// calls lists the operations that a service asked of AWS.
type calls struct {
	sync.Mutex
	names []string
}

// Do implements the SDK's HTTP client.
func (c *calls) Do(r *http.Request) (*http.Response, error) {
	c.Lock()
	c.names = append(c.names, r.Header.Get("X-Amz-Target"))
	c.Unlock()
	return http.DefaultClient.Do(r)
}

// of returns the operations that f asks for, in order.
func (c *calls) of(f func()) []string {
	c.Lock()
	before := len(c.names)
	c.Unlock()
	f()
	c.Lock()
	defer c.Unlock()
	return slices.Clone(c.names[before:])
}

func newWorld(t *testing.T) *world {
	t.Helper()
	cloud := localtest.Start(t)
	w := &world{t: t, cloud: cloud, queue: cloud.Queue(t), now: time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)}
	aws := cloud.AWS.Copy()
	aws.HTTPClient = &w.calls
	w.Service = &identity.Service{
		Sessions:  &identity.Sessions{Accounts: account.New(aws, cloud.Table(t)), Now: func() time.Time { return w.now }},
		Directory: account.NewDirectory(aws, cloud.Table(t)),
		Mail:      queue.New[backup.MailMessage](aws, w.queue),
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

// member signs up and activates the account.
func (w *world) member(email string) {
	w.t.Helper()
	if err := w.Activate(w.t.Context(), w.token(email)); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) signIn(email, password, from string) error {
	_, err := w.SignIn(w.t.Context(), email, password, identity.Client{Address: from}, "")
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
	entry, err := w.SignIn(t.Context(), "ANN@example.com", password, identity.Client{Address: "1", Agent: "Browser"}, "")
	if err != nil {
		t.Fatal(err)
	}
	got, err := w.Session(t.Context(), entry.Token)
	if err != nil || got.Account != entry.Account || got.Email != "ann@example.com" {
		t.Errorf("session %+v, %v", got, err)
	}
	if parts := strings.Split(entry.Token, "."); len(parts) != 3 || len(parts[2]) < 26 {
		t.Errorf("cookie %q", entry.Token)
	}
	again, err := w.SignIn(t.Context(), "ann@example.com", password, identity.Client{Address: "1"}, entry.Token)
	if err != nil || again.Token == entry.Token {
		t.Fatalf("second sign-in: %q, %v", again.Token, err)
	}
	if _, err := w.Session(t.Context(), entry.Token); !errors.Is(err, identity.ErrNoSession) {
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
	w.member("ann@example.com")
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
