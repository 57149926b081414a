package api

import (
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"coffer/shared/account"
	"coffer/shared/identity"
)

// Cookie is the name of the session's cookie, and Device that of the browser's.
// The prefix makes browsers insist on Secure, Path=/ and no Domain.
const (
	Cookie = "__Host-session"
	Device = "__Host-device"
)

// Unattended is the header of requests that a page makes by itself, with nobody
// at its screen. They do not keep a session from ending unused.
const Unattended = "Coffer-Unattended"

type sessionKey struct{}

// authenticate lets a request pass that carries a living session.
func (a *API) authenticate(ctx huma.Context, next func(huma.Context)) {
	var session account.Session
	err := error(identity.ErrNoSession)
	if cookie, missing := huma.ReadCookie(ctx, Cookie); missing == nil {
		find := a.sessions.Session
		if ctx.Method() == http.MethodGet && ctx.Header(Unattended) != "" {
			find = a.sessions.Peek
		}
		session, err = find(ctx.Context(), cookie.Value)
	}
	if err != nil {
		doc := problem(ctx.Context(), ctx.Operation().OperationID, err).(*huma.ErrorModel)
		_, w := humago.Unwrap(ctx)
		write(w, doc.Status, doc.Detail)
		return
	}
	next(huma.WithValue(ctx, sessionKey{}, session))
}

// SessionCookie returns the cookie that carries a session's token, or, for the
// empty one, ends it.
func SessionCookie(token string) http.Cookie {
	c := http.Cookie{Name: Cookie, Value: token, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if token == "" {
		c.MaxAge = -1
	}
	return c
}

// DeviceCookie returns the cookie that tells a known browser from a strange one
// when somebody signs in.
func DeviceCookie(token string) http.Cookie {
	return http.Cookie{
		Name: Device, Value: token, Path: "/", MaxAge: int(identity.DeviceTime / time.Second),
		Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode,
	}
}

// Caller is who sends a request, for operations that need to know: embed it in
// their input.
type Caller struct {
	From   identity.Client `json:"-"`
	Token  string          `cookie:"__Host-session" hidden:"true" required:"false"`
	Device string          `cookie:"__Host-device" hidden:"true" required:"false"`
}

// Resolve implements huma.Resolver.
func (c *Caller) Resolve(ctx huma.Context) []error {
	c.From = identity.Client{Address: ctx.RemoteAddr(), Agent: ctx.Header("User-Agent"), Device: c.Device}
	return nil
}

var _ huma.Resolver = (*Caller)(nil)
