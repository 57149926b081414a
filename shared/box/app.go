package box

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"

	"coffer/shared/backup"
)

// Token is a pair of Box tokens.
type Token = backup.Token

// App is Coffer registered as an application at Box. Its JSON form, which the
// secret holds, has the credentials only; the rest says where and how.
type App struct {
	ClientID     string  `json:"client_id"`
	ClientSecret string  `json:"client_secret"`
	JWT          *JWTKey `json:"jwt,omitempty"` // for box.JWT

	API     string       `json:"-"` // base address for tokens, https://api.box.com
	Account string       `json:"-"` // base address for people, https://account.box.com
	HTTP    *http.Client `json:"-"` // nil: http.DefaultClient

	Now    func() time.Time                                 `json:"-"` // nil: time.Now
	Sleep  func(ctx context.Context, d time.Duration) error `json:"-"` // nil: a timer
	Random func() float64                                   `json:"-"` // nil: math/rand; in [0, 1)
}

// ParseApp reads the credentials of the secret.
func ParseApp(secret []byte) (App, error) {
	var app App
	if err := json.Unmarshal(secret, &app); err != nil {
		return App{}, fmt.Errorf("secret of the Box application is not the JSON it should be") // its text stays out of logs
	}
	if app.ClientID == "" || app.ClientSecret == "" {
		return App{}, fmt.Errorf("secret of the Box application: client_id and client_secret are required")
	}
	return app, nil
}

// String hides the credentials.
func (App) String() string { return "App(hidden)" }

// GoString hides the credentials from %#v.
func (App) GoString() string { return "App(hidden)" }

// AuthorizeURL returns the page at Box where an administrator authorises. Box
// sends them back to redirect, which must be registered, with a code for
// Exchange and the state.
func (a App) AuthorizeURL(state, redirect string) string {
	return strings.TrimRight(a.Account, "/") + "/api/oauth2/authorize?" + url.Values{
		"response_type": {"code"}, "client_id": {a.ClientID}, "redirect_uri": {redirect}, "state": {state},
	}.Encode()
}

// Exchange turns the code of an authorisation, which lives 30 seconds and works
// once, into tokens.
func (a App) Exchange(ctx context.Context, code, redirect string) (Token, error) {
	return a.token(ctx, url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {redirect}})
}

// Revoke ends the authorisation that the tokens belong to. Tokens that Box does
// not know any more are revoked already.
func (a App) Revoke(ctx context.Context, t Token) error {
	value := t.Refresh
	if value == "" {
		value = t.Access
	}
	_, err := a.post(ctx, "/oauth2/revoke", "token.revoke", url.Values{"token": {value}})
	if status(err, http.StatusBadRequest) && code(err, "invalid_grant", "invalid_token") {
		return nil
	}
	return err
}

// token asks Box for tokens, once.
func (a App) token(ctx context.Context, form url.Values) (Token, error) {
	sent := a.now()
	answer, err := a.post(ctx, "/oauth2/token", "token", form)
	if err != nil {
		return Token{}, err
	}
	var out struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
		Expires number `json:"expires_in"`
	}
	if err := json.Unmarshal(answer, &out); err != nil || out.Access == "" {
		return Token{}, &Error{Call: "token", Err: errors.New("answer holds no token"), retryAfter: -1}
	}
	return Token{Access: out.Access, Refresh: out.Refresh, Expiry: sent.Add(time.Duration(out.Expires) * time.Second)}, nil
}

// post sends a form with the application's credentials, once.
func (a App) post(ctx context.Context, path, kind string, form url.Values) ([]byte, error) {
	form.Set("client_id", a.ClientID)
	form.Set("client_secret", a.ClientSecret)
	ctx, cancel := context.WithTimeout(ctx, tokenTimeout)
	defer cancel()
	address := strings.TrimRight(a.API, "/") + path
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, fmt.Errorf("box %s: %w", kind, redact(err))
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	client := http.DefaultClient
	if a.HTTP != nil {
		client = a.HTTP
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, &Error{Call: kind, Err: redact(err), retryAfter: -1}
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody))
	if err != nil {
		return nil, &Error{Call: kind, Err: redact(err), retryAfter: -1}
	}
	if resp.StatusCode != http.StatusOK {
		return nil, refusal(kind, resp, answer)
	}
	return answer, nil
}

// tokenTimeout bounds one request for tokens. Three of them fit into a lease.
const tokenTimeout = 8 * time.Second

func (a App) now() time.Time {
	if a.Now != nil {
		return a.Now()
	}
	return time.Now()
}

// pause sleeps for a random time below d.
func (a App) pause(ctx context.Context, d time.Duration) error {
	random := rand.Float64
	if a.Random != nil {
		random = a.Random
	}
	return a.sleep(ctx, time.Duration(random()*float64(d)))
}

func (a App) sleep(ctx context.Context, d time.Duration) error {
	if a.Sleep != nil {
		return a.Sleep(ctx, d)
	}
	return sleep(ctx, d)
}

// backoff waits before another request for tokens: as long as Box said, which
// is an error where it is long, and a random time else.
func (a App) backoff(ctx context.Context, try int, cause error) error {
	e, ok := asError(cause)
	if !ok || e.retryAfter <= 0 {
		return a.pause(ctx, firstBackoff<<try)
	}
	if e.retryAfter > tokenTimeout {
		return &RateLimitError{RetryAfter: e.retryAfter}
	}
	return a.sleep(ctx, e.retryAfter)
}

// gone reports whether Box's token endpoint says that there is no authorisation.
func gone(err error) bool { return code(err, "invalid_grant", "unauthorized_client") }

// again reports whether a request for tokens is worth repeating.
func again(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && (e.Status == 0 || e.Status == http.StatusConflict || transient(e))
}
