// Package api is the plumbing of Coffer's HTTP API: typed operations (Huma on
// net/http), the session check, problems, cursors, and the rules that hold for
// every route. The operations themselves are in the packages below it, one for
// each function that serves some: access (identity), tasks, recovery. Package
// openapi has the document of all of them.
//
// An operation is registered with Private, which hands it the session of who
// asks, or with Public, which works for the few that are named here. The
// account comes from that session and from nowhere else; what is another
// account's does not exist (404).
package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"coffer/shared/account"
	"coffer/shared/api/gateway"
	"coffer/shared/identity"
)

// maxBody bounds a request's body, in bytes. The largest is a choice of items.
const maxBody = 256 << 10

// public names the operations that need no session.
var public = []string{"activate", "get-document", "list-locations", "request-password-reset", "reset-password", "sign-in", "sign-up"}

// API is a set of operations and the sessions that may call them.
type API struct {
	huma     huma.API
	mux      *http.ServeMux
	sessions *identity.Sessions
	portal   string
}

// New returns an API without operations. Portal is the origin of the portal,
// from which browsers may call it.
func New(sessions *identity.Sessions, portal string) *API {
	a := &API{mux: http.NewServeMux(), sessions: sessions, portal: portal}
	a.huma = humago.New(a.mux, huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info:    &huma.Info{Title: "Coffer", Version: "1", Description: "Backup and recovery of Box enterprises."},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"session": {Type: "apiKey", In: "cookie", Name: Cookie, Description: "The session that signing in begins."},
				},
			},
		},
		Formats:                      map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
		Transformers:                 []huma.Transformer{tidy},
	})
	a.huma.UseMiddleware(badRequests)
	return a
}

// Public registers an operation that needs no session. Its id must be on the
// list of those.
func Public[I, O any](a *API, op huma.Operation, handle func(context.Context, *I) (*O, error)) {
	if !slices.Contains(public, op.OperationID) {
		panic("operation " + op.OperationID + " is not on the list of public operations")
	}
	op.Security = []map[string][]string{}
	register(a, op, handle)
}

// Private registers an operation and hands it the session of who asks.
func Private[I, O any](a *API, op huma.Operation, handle func(context.Context, account.Session, *I) (*O, error)) {
	op.Security = []map[string][]string{{"session": {}}}
	op.Middlewares = append(op.Middlewares, a.authenticate)
	register(a, op, func(ctx context.Context, in *I) (*O, error) {
		return handle(ctx, ctx.Value(sessionKey{}).(account.Session), in)
	})
}

func register[I, O any](a *API, op huma.Operation, handle func(context.Context, *I) (*O, error)) {
	op.MaxBodyBytes = maxBody
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := handle(ctx, in)
		if err != nil {
			return nil, waiting(err, problem(ctx, op.OperationID, err))
		}
		return out, nil
	})
}

// OpenAPI returns the description of the registered operations.
func (a *API) OpenAPI() *huma.OpenAPI { return a.huma.OpenAPI() }

// Handler returns the handler of all registered operations.
func (a *API) Handler() http.Handler {
	a.mux.HandleFunc("/", a.missing)
	cross := http.NewCrossOriginProtection()
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		write(w, http.StatusForbidden, "This request came from another site.")
	}))
	if err := cross.AddTrustedOrigin(a.portal); err != nil {
		panic("portal " + a.portal + " is not an origin: " + err.Error())
	}
	bounded := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		a.mux.ServeHTTP(w, r)
	})
	return gateway.Secure(gateway.Data, cross.Handler(bounded))
}

// missing answers requests that no operation is for.
func (a *API) missing(w http.ResponseWriter, r *http.Request) {
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		other := r.Clone(r.Context())
		other.Method = method
		if _, pattern := a.mux.Handler(other); pattern != "/" {
			w.Header().Add("Allow", method)
		}
	}
	if w.Header().Get("Allow") != "" {
		write(w, http.StatusMethodNotAllowed, "This address does not do that.")
		return
	}
	write(w, http.StatusNotFound, "There is nothing at this address.")
}
