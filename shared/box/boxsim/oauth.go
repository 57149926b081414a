package boxsim

import (
	"crypto/subtle"
	"net/http"
	"slices"
	"time"
)

// app is an application registered at Box.
type app struct {
	ClientID, Secret string
	Enterprise       string
	Service          string // user id of its service account
	Redirects        []string
	Authorized       bool
	Keys             map[string][]byte // PKIX public keys, by key id
}

// code is an authorization code.
type code struct {
	App, User, Redirect string
	Expires             time.Time
}

const codeLife = 30 * time.Second

type oauthError struct {
	Status            int
	Code, Description string
}

func (s *Sim) oauthRoutes() {
	s.public("POST /oauth2/token", func(w http.ResponseWriter, c *call) error { return c.token(w) })
	s.public("POST /oauth2/revoke", func(w http.ResponseWriter, c *call) error { return c.revokeToken(w) })
	s.public("GET /api/oauth2/authorize", func(w http.ResponseWriter, c *call) error { return c.consent(w) })
	s.public("POST /api/oauth2/authorize", func(w http.ResponseWriter, c *call) error { return c.decide(w) })
}

func (e *oauthError) write(w http.ResponseWriter) {
	writeJSON(w, e.Status, object{"error": e.Code, "error_description": e.Description})
}

// client authenticates the application that sent a form.
func (c *call) client() (*app, *oauthError) {
	id, secret := c.r.PostFormValue("client_id"), c.r.PostFormValue("client_secret")
	if id == "" {
		id, secret, _ = c.r.BasicAuth()
	}
	client := c.Apps[id]
	if client == nil || subtle.ConstantTimeCompare([]byte(client.Secret), []byte(secret)) == 0 {
		return nil, &oauthError{http.StatusBadRequest, "invalid_client", "The client credentials are invalid"}
	}
	return client, nil
}

// token is Box's token endpoint.
func (c *call) token(w http.ResponseWriter) error {
	if err := c.r.ParseForm(); err != nil {
		(&oauthError{http.StatusBadRequest, "invalid_request", "The form is malformed"}).write(w)
		return nil
	}
	c.mu.Lock()
	client, refused := c.client()
	var g *grant
	if refused == nil {
		g, refused = c.grantFor(client)
	}
	var body object
	if refused == nil {
		body = object{
			"access_token": g.Access, "token_type": "bearer", "restricted_to": []object{},
			"expires_in": int(g.AccessUntil.Sub(c.now()) / time.Second),
		}
		if g.Refresh != "" {
			body["refresh_token"] = g.Refresh
		}
	}
	c.mu.Unlock()
	if refused != nil {
		refused.write(w)
		return nil
	}
	w.Header().Set("Cache-Control", "no-store")
	writeJSON(w, http.StatusOK, body)
	return nil
}

func (c *call) grantFor(client *app) (*grant, *oauthError) {
	form := c.r.PostFormValue
	if !client.Authorized {
		if form("grant_type") == "refresh_token" {
			return nil, &oauthError{http.StatusBadRequest, "invalid_grant", "Refresh token has expired"}
		}
		return nil, &oauthError{http.StatusBadRequest, "unauthorized_client", "This app is not authorized by the enterprise"}
	}
	switch form("grant_type") {
	case "authorization_code":
		return c.redeem(client, form("code"), form("redirect_uri"))
	case "refresh_token":
		return c.refresh(client, form("refresh_token"))
	case "client_credentials":
		return c.grantTo(client, form("box_subject_type"), form("box_subject_id"))
	case "urn:ietf:params:oauth:grant-type:jwt-bearer":
		claims, refused := c.verifyAssertion(client, form("assertion"))
		if refused != nil {
			return nil, refused
		}
		return c.grantTo(client, claims.SubjectType, claims.Subject)
	case "urn:ietf:params:oauth:grant-type:token-exchange":
		old := c.Grants[form("subject_token")]
		if old == nil {
			return nil, &oauthError{http.StatusBadRequest, "invalid_grant", "Invalid subject token"}
		}
		return c.mint(&grant{App: client.ClientID, User: old.User}, false), nil
	}
	return nil, &oauthError{http.StatusBadRequest, "unsupported_grant_type", "Invalid grant_type parameter or parameter missing"}
}

func (c *call) redeem(client *app, key, redirect string) (*grant, *oauthError) {
	known := c.codes[key]
	if known == nil || known.App != client.ClientID || redirect != "" && redirect != known.Redirect {
		return nil, &oauthError{http.StatusBadRequest, "invalid_grant", "Auth code doesn't exist or is invalid for the client"}
	}
	delete(c.codes, key)
	if !c.now().Before(known.Expires) {
		return nil, &oauthError{http.StatusBadRequest, "invalid_grant", "The authorization code has expired"}
	}
	return c.mint(&grant{App: client.ClientID, User: known.User}, true), nil
}

// grantTo issues an access token to the application itself, or for a user.
func (c *call) grantTo(client *app, kind, id string) (*grant, *oauthError) {
	u := c.Users[id]
	switch {
	case kind == "enterprise" && id == client.Enterprise:
		return c.mint(&grant{App: client.ClientID, User: client.Service}, false), nil
	case kind == "user" && u != nil && u.Enterprise == client.Enterprise && u.Status != "inactive":
		return c.mint(&grant{App: client.ClientID, User: id}, false), nil
	}
	return nil, &oauthError{http.StatusBadRequest, "invalid_grant", "Grant credentials are invalid"}
}

// revokeToken ends a pair. Box does not tell whether there was one.
func (c *call) revokeToken(w http.ResponseWriter) error {
	if err := c.r.ParseForm(); err != nil {
		(&oauthError{http.StatusBadRequest, "invalid_request", "The form is malformed"}).write(w)
		return nil
	}
	c.mu.Lock()
	client, refused := c.client()
	if refused == nil {
		token := c.r.PostFormValue("token")
		c.revoke(func(g *grant) bool {
			return g.App == client.ClientID && (g.Access == token || g.Refresh != "" && g.Refresh == token)
		})
	}
	c.mu.Unlock()
	if refused != nil {
		refused.write(w)
		return nil
	}
	w.WriteHeader(http.StatusOK)
	return nil
}

// redirectFor returns where the consent page may send the browser back to.
func (a *app) redirectFor(asked string) (string, string) {
	switch {
	case asked == "" && len(a.Redirects) == 1:
		return a.Redirects[0], ""
	case asked == "":
		return "", "redirect_uri_missing"
	case !slices.Contains(a.Redirects, asked):
		return "", "redirect_uri_mismatch"
	}
	return asked, ""
}
