package box_test

import (
	"context"
	"errors"
	"flag"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"coffer/shared/box"
	"coffer/shared/box/boxsim"
)

// application returns the world's application as the client knows it.
func (w *world) application() box.App {
	return box.App{
		ClientID: w.app.ClientID, ClientSecret: w.app.ClientSecret, API: w.url, Account: w.url,
		HTTP: w.config.HTTP, Now: w.Now, Sleep: yield,
	}
}

// yield waits a little in place of long, so that others get on.
func yield(ctx context.Context, _ time.Duration) error {
	select {
	case <-time.After(time.Millisecond):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// refreshes counts the requests for tokens so far.
func (w *world) refreshes() int64 { return w.Stats().Endpoints["POST /oauth2/token"] }

// watchful is a store that notes a pair that was used before it was stored.
type watchful struct {
	*box.MemoryTokens
	saved sync.Map
}

func (s *watchful) Save(ctx context.Context, version int64, t box.Token) error {
	s.saved.Store(t.Access, true)
	return s.MemoryTokens.Save(ctx, version, t)
}

var rounds = flag.Int("rounds", 50, "rounds of refreshing at once")

// Five processes with ten callers each find the token expired at once, round
// after round (N6).
func TestRefreshingAtOnceNeverDisconnects(t *testing.T) {
	t.Parallel()
	for name, mode := range map[string]boxsim.TokenMode{"one use": boxsim.OneUse, "same pair": boxsim.SamePair, "conflict": boxsim.Conflict} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, boxsim.Options{Tokens: mode})
			first := w.app.Pair(w.ada)
			store := &watchful{MemoryTokens: box.NewMemoryTokens(first)}
			store.Now = w.Now
			store.saved.Store(first.Access, true)
			var behind atomic.Int64 // how far the processes' clocks are
			var clients []*box.Client
			for range 5 {
				config := w.config
				config.HTTP = &http.Client{Transport: spy{t, store, http.DefaultTransport}}
				app := w.application()
				app.Now = func() time.Time { return w.Now().Add(-time.Duration(behind.Load())) }
				config.Tokens = box.OAuth(app, store)
				config.Limits = box.Limits{Calls: 1e6, Uploads: 1e6}
				config.Sleep = yield
				clients = append(clients, box.New(config))
			}
			for round := range *rounds {
				before := w.refreshes()
				// The token has expired, as everybody knows or is to learn.
				w.Advance(61 * time.Minute)
				behind.Store(int64(round%2) * int64(2*time.Hour))
				var group sync.WaitGroup
				var failed atomic.Int64
				for i := range 50 {
					group.Go(func() {
						if _, err := clients[i%5].Me(t.Context()); err != nil {
							failed.Add(1)
							t.Error(err)
						}
					})
				}
				group.Wait()
				if n := w.refreshes() - before; n != 1 || failed.Load() > 0 {
					t.Fatalf("round %d: %d refreshes, %d failed", round, n, failed.Load())
				}
			}
		})
	}
}

// spy is a transport that reports tokens that were not stored before their use.
type spy struct {
	t     *testing.T
	store *watchful
	next  http.RoundTripper
}

func (s spy) RoundTrip(r *http.Request) (*http.Response, error) {
	if _, ok := s.store.saved.Load(r.Header.Get("Authorization")[len("Bearer "):]); !ok {
		s.t.Error("a token was used before it was stored")
	}
	return s.next.RoundTrip(r)
}

func TestALostReplyToARefreshRecoversOrDisconnects(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		mode boxsim.TokenMode
		want error
	}{
		"same pair": {boxsim.SamePair, nil}, "one use": {boxsim.OneUse, box.ErrDisconnected}, "conflict": {boxsim.Conflict, box.ErrDisconnected},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, boxsim.Options{Tokens: test.mode})
			store := box.NewMemoryTokens(w.app.Pair(w.ada))
			store.Now = w.Now
			app := w.application()
			app.Sleep = w.sleep
			w.Fault(boxsim.Fault{Endpoint: "POST /oauth2/token", Kinds: []boxsim.Kind{boxsim.Lost}, Times: 1})
			w.Advance(2 * time.Hour)
			source := box.OAuth(app, store)
			var err error
			for range 5 {
				if _, err = source.Token(t.Context()); errors.Is(err, box.ErrDisconnected) || err == nil {
					break
				}
				w.Advance(time.Minute)
			}
			if !errors.Is(err, test.want) {
				t.Errorf("got %v", err)
			}
			calls := w.refreshes()
			_, _ = source.Token(t.Context())
			if w.refreshes() != calls || calls > 4 {
				t.Errorf("%d requests for tokens, then %d", calls, w.refreshes()-calls)
			}
		})
	}
}

func TestACrashBeforeThePairIsStoredRecovers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, boxsim.Options{Tokens: boxsim.SamePair})
	store := box.NewMemoryTokens(w.app.Pair(w.ada))
	store.Now = w.Now
	w.Advance(2 * time.Hour)
	crashing := box.OAuth(w.application(), broken{store})
	if _, err := crashing.Token(t.Context()); err == nil {
		t.Fatal("a pair that cannot be stored was given out")
	}
	w.Advance(box.LeaseTime + time.Second)
	if _, err := box.OAuth(w.application(), store).Token(t.Context()); err != nil {
		t.Errorf("the next process: %v", err)
	}
}

// broken is a store that cannot save.
type broken struct{ *box.MemoryTokens }

func (broken) Save(context.Context, int64, box.Token) error { return errors.New("no space left") }

func TestAnEndedAuthorisationDisconnects(t *testing.T) {
	t.Parallel()
	w := newWorld(t, boxsim.Options{})
	app := w.application()
	pair := w.app.Pair(w.ada)
	w.config.Tokens = box.OAuth(app, box.NewMemoryTokens(pair))
	c := box.New(w.config)
	must(c.Me(t.Context()))(t)
	if err := app.Revoke(t.Context(), pair); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Me(t.Context()); !errors.Is(err, box.ErrDisconnected) {
		t.Errorf("after revoking: %v", err)
	}
	if err := app.Revoke(t.Context(), pair); err != nil {
		t.Errorf("revoking again: %v", err)
	}
	if _, err := box.OAuth(app, box.NewMemoryTokens(box.Token{})).Token(t.Context()); !errors.Is(err, box.ErrDisconnected) {
		t.Errorf("never authorised: %v", err)
	}
}

func TestACodeBecomesTokensOnce(t *testing.T) {
	t.Parallel()
	codes := make(chan string, 1)
	portal := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.FormValue("state") == "the state" {
			codes <- r.FormValue("code")
		}
	}))
	t.Cleanup(portal.Close)
	w := newWorld(t, boxsim.Options{})
	w.app = w.acme.AddApp("", "", portal.URL)
	app := w.application()
	page := must(http.Get(app.AuthorizeURL("the state", portal.URL)))(t)
	defer page.Body.Close()
	if page.StatusCode != http.StatusOK {
		t.Fatalf("the page where people authorise: %s", page.Status)
	}
	code := w.consent(app.AuthorizeURL("the state", portal.URL), codes)
	pair := must(app.Exchange(t.Context(), code, portal.URL))(t)
	if pair.Access == "" || pair.Refresh == "" || !pair.Expiry.After(w.Now()) {
		t.Error("the pair lacks something")
	}
	if _, err := app.Exchange(t.Context(), code, portal.URL); err == nil {
		t.Error("the code worked twice")
	}
}

// consent presses the button.
func (w *world) consent(address string, codes chan string) string {
	w.t.Helper()
	u := must(url.Parse(address))(w.t)
	form := u.Query()
	form.Set("login", "ada@acme.example")
	form.Set("consent", "grant")
	resp := must(http.PostForm(w.url+u.Path, form))(w.t)
	defer resp.Body.Close()
	select {
	case code := <-codes:
		return code
	default:
		w.t.Fatalf("consent: %s", resp.Status)
		return ""
	}
}
