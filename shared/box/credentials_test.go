package box_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/box/boxsim"
)

// key registers a new key of the world's application and returns its PEM.
func (w *world) key(id string) string {
	w.t.Helper()
	key := must(rsa.GenerateKey(rand.Reader, 2048))(w.t)
	if err := w.app.AddKey(id, &key.PublicKey); err != nil {
		w.t.Fatal(err)
	}
	der := must(x509.MarshalPKCS8PrivateKey(key))(w.t)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func TestTheApplicationGetsItsOwnTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t, boxsim.Options{})
	app := w.application()
	app.JWT = &box.JWTKey{ID: "k1", PrivateKey: w.key("k1")}
	for name, source := range map[string]box.TokenSource{
		"client credentials": box.ClientCredentials(app, w.acme.ID), "jwt": box.JWT(app, w.acme.ID),
	} {
		t.Run(name, func(t *testing.T) {
			before := w.refreshes()
			config := w.config
			config.Tokens = source
			c := box.New(config)
			for range 3 {
				if me := must(c.Me(t.Context()))(t); me.ID != string(w.app.Service) {
					t.Errorf("me is %+v", me)
				}
			}
			must(c.As(w.bob).FolderItems(t.Context(), backup.RootFolder, ""))(t)
			if n := w.refreshes() - before; n != 1 {
				t.Errorf("%d requests for tokens", n)
			}
			w.Advance(2 * time.Hour)
			must(c.Me(t.Context()))(t)
			w.app.Deauthorize()
			if _, err := c.Me(t.Context()); !errors.Is(err, box.ErrDisconnected) {
				t.Errorf("after the enterprise took its authorisation back: %v", err)
			}
			w.app.Authorize()
			w.Fault(boxsim.Fault{Endpoint: "POST /oauth2/token", Kinds: []boxsim.Kind{boxsim.Lost, boxsim.ServerError}, Times: 2})
			must(c.Me(t.Context()))(t)
		})
	}
}

func TestAnAssertionFollowsBoxsClock(t *testing.T) {
	t.Parallel()
	w := newWorld(t, boxsim.Options{})
	for _, off := range []time.Duration{-10 * time.Minute, 10 * time.Minute} {
		app := w.application()
		app.JWT = &box.JWTKey{ID: "k1", PrivateKey: w.key("k1")}
		app.Now = func() time.Time { return time.Now().Add(off) }
		if _, err := box.JWT(app, w.acme.ID).Token(t.Context()); err != nil {
			t.Errorf("our clock is off by %s: %v", off, err)
		}
	}
}

func TestTheSecretIsReadAndNeverShown(t *testing.T) {
	t.Parallel()
	app := must(box.ParseApp([]byte(`{"client_id":"id","client_secret":"hush","jwt":{"public_key_id":"k","private_key":"hush"}}`)))(t)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		for _, v := range []any{app, &app, *app.JWT, app.JWT, box.Token{Access: "hush", Refresh: "hush"}} {
			if text := fmt.Sprintf(verb, v); strings.Contains(text, "hush") {
				t.Errorf("%s shows %s", verb, text)
			}
		}
	}
	for _, wrong := range []string{`hush`, `{}`, `{"client_id":"id"}`, `{"client_secret":"hush"}`} {
		if _, err := box.ParseApp([]byte(wrong)); err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v", wrong, err)
		}
	}
	for _, wrong := range []string{"", "hush", "-----BEGIN PRIVATE KEY-----\naHVzaA==\n-----END PRIVATE KEY-----\n"} {
		app.JWT.PrivateKey = wrong
		if _, err := box.JWT(app, "1").Token(t.Context()); err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("key %q: %v", wrong, err)
		}
	}
	if _, err := json.Marshal(app); err != nil {
		t.Error(err)
	}
}
