package boxsim_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
)

const callback = "http://localhost/callback"

// post sends a form of names and values.
func (b *bed) post(path string, fields ...string) answer {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return b.send("", "POST", path, form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
}

// token asks for tokens as the application.
func (b *bed) token(app *boxsim.App, fields ...string) answer {
	b.t.Helper()
	return b.post("/oauth2/token", append(fields, "client_id", app.ClientID, "client_secret", app.ClientSecret)...)
}

// me calls the API with an access token and returns the status.
func (b *bed) me(access string) int {
	b.t.Helper()
	return b.send("", "GET", "/2.0/users/me", nil, "Authorization", "Bearer "+access).status
}

func TestConsentLeadsBackWithACodeForOneUse(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	app := b.acme.AddApp("client<1>", "", callback)
	page := b.send("", "GET", "/api/oauth2/authorize?response_type=code&client_id="+url.QueryEscape(app.ClientID)+"&state=s%26t", nil).want(t, http.StatusOK)
	if !strings.Contains(string(page.text), "client&lt;1&gt;") || !strings.Contains(string(page.text), `value="ada@acme.example"`) {
		t.Errorf("got %s", page.text)
	}
	consent := func(answer string) url.Values {
		a := b.post("/api/oauth2/authorize", "client_id", app.ClientID, "redirect_uri", callback, "state", "s&t", "login", "ada@acme.example", "consent", answer).want(t, http.StatusFound)
		back, err := url.Parse(a.header.Get("Location"))
		ok(t, err)
		if !strings.HasPrefix(back.String(), callback+"?") || back.Query().Get("state") != "s&t" {
			t.Errorf("sent back to %s", back)
		}
		return back.Query()
	}
	if got := consent("deny").Get("error"); got != "access_denied" {
		t.Errorf("got %q", got)
	}
	code := consent("grant").Get("code")
	pair := b.token(app, "grant_type", "authorization_code", "code", code).want(t, http.StatusOK)
	if pair.at("expires_in") != 3600.0 || pair.str("token_type") != "bearer" || b.me(pair.str("access_token")) != http.StatusOK {
		t.Errorf("got %s", pair.text)
	}
	if got := b.token(app, "grant_type", "authorization_code", "code", code).want(t, http.StatusBadRequest).str("error"); got != "invalid_grant" {
		t.Errorf("got %s", got)
	}
	late := consent("grant").Get("code")
	b.Advance(31 * time.Second)
	if got := b.token(app, "grant_type", "authorization_code", "code", late).want(t, http.StatusBadRequest).str("error_description"); got != "The authorization code has expired" {
		t.Errorf("got %s", got)
	}
}

func TestAForeignRedirectIsShownNotFollowed(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	app := b.acme.AddApp("", "", callback)
	page := b.send("", "GET", "/api/oauth2/authorize?response_type=code&client_id="+app.ClientID+"&redirect_uri=http://evil.example/", nil)
	if page.status != http.StatusBadRequest || !strings.Contains(string(page.text), "redirect_uri_mismatch") {
		t.Errorf("got %d %s", page.status, page.text)
	}
}

func TestAccessTokensLastAnHourAndRefreshTokensSixtyDays(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	app := b.acme.AddApp("", "")
	pair := app.Pair(b.ada)
	b.Advance(59 * time.Minute)
	if got := b.me(pair.Access); got != http.StatusOK {
		t.Errorf("after 59 minutes: %d", got)
	}
	b.Advance(2 * time.Minute)
	if got := b.me(pair.Access); got != http.StatusUnauthorized {
		t.Errorf("after 61 minutes: %d", got)
	}
	b.Advance(60 * 24 * time.Hour)
	if got := b.token(app, "grant_type", "refresh_token", "refresh_token", pair.Refresh).want(t, http.StatusBadRequest).str("error_description"); got != "Refresh token has expired" {
		t.Errorf("got %s", got)
	}
}

func TestRefreshGivesTheSamePairUntilItIsUsed(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	app := b.acme.AddApp("", "")
	old := app.Pair(b.ada)
	refresh := func() answer { return b.token(app, "grant_type", "refresh_token", "refresh_token", old.Refresh) }
	one, two := refresh().want(t, http.StatusOK), refresh().want(t, http.StatusOK)
	if one.str("access_token") != two.str("access_token") || one.str("refresh_token") != two.str("refresh_token") {
		t.Error("two refreshes gave two pairs")
	}
	if got := b.me(old.Access); got != http.StatusOK {
		t.Errorf("the old access token answers %d before the new one's first use", got)
	}
	if got := b.me(one.str("access_token")); got != http.StatusOK {
		t.Errorf("the new access token answers %d", got)
	}
	if got := b.me(old.Access); got != http.StatusUnauthorized {
		t.Errorf("the old access token answers %d after the new one's first use", got)
	}
	refresh().want(t, http.StatusBadRequest)
}

func TestOneUseModeRefusesTheSecondRefresh(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{Tokens: boxsim.OneUse})
	app := b.acme.AddApp("", "")
	old := app.Pair(b.ada)
	b.token(app, "grant_type", "refresh_token", "refresh_token", old.Refresh).want(t, http.StatusOK)
	b.token(app, "grant_type", "refresh_token", "refresh_token", old.Refresh).want(t, http.StatusBadRequest)
}

func TestConflictModeAnswers409Then400(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{Tokens: boxsim.Conflict})
	app := b.acme.AddApp("", "")
	old := app.Pair(b.ada)
	b.token(app, "grant_type", "refresh_token", "refresh_token", old.Refresh).want(t, http.StatusOK)
	b.token(app, "grant_type", "refresh_token", "refresh_token", old.Refresh).want(t, http.StatusConflict)
	b.Advance(6 * time.Second)
	b.token(app, "grant_type", "refresh_token", "refresh_token", old.Refresh).want(t, http.StatusBadRequest)
}

func TestClientCredentialsActForTheEnterpriseOrAUser(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	app := b.acme.AddApp("", "")
	a := b.token(app, "grant_type", "client_credentials", "box_subject_type", "enterprise", "box_subject_id", b.acme.ID).want(t, http.StatusOK)
	bearer := "Bearer " + a.str("access_token")
	if a.str("refresh_token") != "" || b.send("", "GET", "/2.0/users/me", nil, "Authorization", bearer).str("id") != string(app.Service) {
		t.Errorf("got %s", a.text)
	}
	b.send("", "GET", "/2.0/users", nil, "Authorization", bearer).want(t, http.StatusOK)
	if got := b.send("", "GET", "/2.0/users/me", nil, "Authorization", bearer, "As-User", string(b.bob)).want(t, http.StatusOK).str("id"); got != string(b.bob) {
		t.Errorf("acts as %s", got)
	}
	b.token(app, "grant_type", "client_credentials", "box_subject_type", "user", "box_subject_id", string(b.bob)).want(t, http.StatusOK)
	b.token(app, "grant_type", "client_credentials", "box_subject_type", "enterprise", "box_subject_id", "1").want(t, http.StatusBadRequest)
	wrong := b.post("/oauth2/token", "grant_type", "client_credentials", "client_id", app.ClientID, "client_secret", "wrong").want(t, http.StatusBadRequest)
	if wrong.str("error") != "invalid_client" {
		t.Errorf("got %s", wrong.text)
	}
}

func TestDeauthorisationEndsEverything(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	app := b.acme.AddApp("", "", callback)
	pair := app.Pair(b.ada)
	app.Deauthorize()
	if got := b.me(pair.Access); got != http.StatusUnauthorized {
		t.Errorf("the access token answers %d", got)
	}
	if got := b.token(app, "grant_type", "refresh_token", "refresh_token", pair.Refresh).want(t, http.StatusBadRequest).str("error"); got != "invalid_grant" {
		t.Errorf("got %s", got)
	}
	if got := b.token(app, "grant_type", "client_credentials", "box_subject_type", "enterprise", "box_subject_id", b.acme.ID).str("error"); got != "unauthorized_client" {
		t.Errorf("got %s", got)
	}
	app.Authorize()
	b.token(app, "grant_type", "client_credentials", "box_subject_type", "enterprise", "box_subject_id", b.acme.ID).want(t, http.StatusOK)
}

func TestRevokeEndsThePair(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	app := b.acme.AddApp("", "")
	pair := app.Pair(b.ada)
	b.post("/oauth2/revoke", "client_id", app.ClientID, "client_secret", app.ClientSecret, "token", pair.Refresh).want(t, http.StatusOK)
	if got := b.me(pair.Access); got != http.StatusUnauthorized {
		t.Errorf("got %d", got)
	}
}

// jwt signs claims as Box wants them, changed by edit.
func jwt(t *testing.T, key *rsa.PrivateKey, app *boxsim.App, b *bed, edit func(map[string]any)) string {
	t.Helper()
	claims := map[string]any{
		"iss": app.ClientID, "sub": b.acme.ID, "box_sub_type": "enterprise", "aud": "https://api.box.com/oauth2/token",
		"jti": backup.NewID(), "exp": b.Now().Add(30 * time.Second).Unix(),
	}
	edit(claims)
	encode := func(v any) string {
		text, err := json.Marshal(v)
		ok(t, err)
		return base64.RawURLEncoding.EncodeToString(text)
	}
	text := encode(map[string]string{"alg": "RS256", "typ": "JWT", "kid": "k1"}) + "." + encode(claims)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	ok(t, err)
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func TestJWTAssertionsAreCheckedAsBoxDoes(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	app := b.acme.AddApp("", "")
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	ok(t, err)
	ok(t, app.AddKey("k1", &key.PublicKey))
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	ok(t, err)
	ask := func(assertion string) answer {
		return b.token(app, "grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion", assertion)
	}
	good := jwt(t, key, app, b, func(map[string]any) {})
	ask(good).want(t, http.StatusOK)
	for name, bad := range map[string]string{
		"reused":          good,
		"not our key":     jwt(t, stranger, app, b, func(map[string]any) {}),
		"aud is a list":   jwt(t, key, app, b, func(c map[string]any) { c["aud"] = []string{"https://api.box.com/oauth2/token"} }),
		"expired":         jwt(t, key, app, b, func(c map[string]any) { c["exp"] = b.Now().Add(-time.Second).Unix() }),
		"lasts too long":  jwt(t, key, app, b, func(c map[string]any) { c["exp"] = b.Now().Add(2 * time.Minute).Unix() }),
		"jti too short":   jwt(t, key, app, b, func(c map[string]any) { c["jti"] = "short" }),
		"foreign issuer":  jwt(t, key, app, b, func(c map[string]any) { c["iss"] = "someone" }),
		"unknown subject": jwt(t, key, app, b, func(c map[string]any) { c["sub"] = "1" }),
	} {
		if a := ask(bad); a.status != http.StatusBadRequest || a.str("error") != "invalid_grant" {
			t.Errorf("%s: got %d %s", name, a.status, a.text)
		}
	}
}
