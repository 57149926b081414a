// Package access has the operations that let people in: sign-up, activation,
// sign-in, passwords and the sessions of who asks.
package access

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"coffer/shared/api"
	"coffer/shared/api/openapi"
	"coffer/shared/identity"
)

// Server serves the operations.
type Server struct {
	Identity *identity.Service
	Portals  map[string]string // by region, this one among them or not
}

// Register adds the operations to the API.
func (s *Server) Register(a *api.API) {
	api.Public(a, huma.Operation{
		OperationID: "list-locations", Method: http.MethodGet, Path: "/api/sign-up", Summary: "List the locations where an account can live",
	}, s.locations)
	api.Public(a, huma.Operation{
		OperationID: "sign-up", Method: http.MethodPost, Path: "/api/sign-up", DefaultStatus: http.StatusAccepted,
		Summary: "Sign up", Description: "The answer is the same whether the e-mail address is known or not. A mail says how to go on.",
	}, s.signUp)
	api.Public(a, huma.Operation{
		OperationID: "activate", Method: http.MethodPost, Path: "/api/activate", DefaultStatus: http.StatusNoContent,
		Summary: "Activate an account with the token of the mailed link",
	}, s.activate)
	api.Public(a, huma.Operation{
		OperationID: "sign-in", Method: http.MethodPost, Path: "/api/session", DefaultStatus: http.StatusCreated, Summary: "Sign in",
	}, s.signIn)
	api.Public(a, huma.Operation{
		OperationID: "request-password-reset", Method: http.MethodPost, Path: "/api/password-reset", DefaultStatus: http.StatusAccepted,
		Summary:     "Ask for a link that sets a new password",
		Description: "The answer is the same whether the e-mail address is known or not. A known one gets a mail, five in an hour at most.",
	}, s.requestReset)
	api.Public(a, huma.Operation{
		OperationID: "reset-password", Method: http.MethodPost, Path: "/api/password-reset/confirm", DefaultStatus: http.StatusNoContent,
		Summary:     "Set a new password with the token of the mailed link",
		Description: "The newest link works, once, for 60 minutes. All sessions of the user end.",
	}, s.resetPassword)
	api.Private(a, huma.Operation{
		OperationID: "change-password", Method: http.MethodPost, Path: "/api/password", DefaultStatus: http.StatusNoContent,
		Summary:     "Change the password of who asks",
		Description: "All other sessions of the user end, and this one gets a new cookie.",
	}, s.changePassword)
	api.Private(a, huma.Operation{
		OperationID: "list-sessions", Method: http.MethodGet, Path: "/api/sessions", Summary: "List the sessions of who asks, the newest first",
	}, s.sessions)
	api.Private(a, huma.Operation{
		OperationID: "end-session", Method: http.MethodDelete, Path: "/api/sessions/{session}", DefaultStatus: http.StatusNoContent,
		Summary: "End a session of who asks",
	}, s.endSession)
	api.Private(a, huma.Operation{
		OperationID: "end-other-sessions", Method: http.MethodDelete, Path: "/api/sessions", DefaultStatus: http.StatusNoContent,
		Summary: "End all sessions of who asks but this one",
	}, s.endOtherSessions)
	api.Private(a, huma.Operation{
		OperationID: "get-session", Method: http.MethodGet, Path: "/api/session", Summary: "Get the session of who asks",
	}, s.session)
	api.Private(a, huma.Operation{
		OperationID: "sign-out", Method: http.MethodDelete, Path: "/api/session", DefaultStatus: http.StatusNoContent, Summary: "Sign out",
	}, s.signOut)
	api.Public(a, huma.Operation{
		OperationID: "get-document", Method: http.MethodGet, Path: "/api/openapi.json", Summary: "Get the description of this API",
	}, document)
}

// Location is where an account can live.
type Location struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Here   bool   `json:"here" doc:"Whether accounts of this location are made here."`
	Portal string `json:"portal,omitempty" format:"uri" doc:"Where accounts of this location are made, if not here; absent where that is nowhere yet."`
}

func (s *Server) locations(context.Context, *struct{}) (*struct{ Body api.List[Location] }, error) {
	out := &struct{ Body api.List[Location] }{}
	here := identity.Locations(s.Identity.Region)
	for _, l := range here {
		out.Body.Items = append(out.Body.Items, Location{ID: l.ID, Name: l.Name, Here: true})
	}
	for _, l := range identity.Locations("") {
		if !slices.Contains(here, l) {
			out.Body.Items = append(out.Body.Items, Location{ID: l.ID, Name: l.Name, Portal: s.Portals[l.Region]})
		}
	}
	slices.SortStableFunc(out.Body.Items, func(a, b Location) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// SignUp is what somebody new enters.
type SignUp struct {
	Email    string `json:"email" maxLength:"254"`
	Password string `json:"password" maxLength:"512" doc:"12 to 128 characters, any of them, but not a common password."`
	Company  string `json:"company" maxLength:"400"`
	Name     string `json:"name,omitempty" maxLength:"400"`
	Location string `json:"location,omitempty" maxLength:"40" doc:"One of the locations; by default the first."`
}

type signUpInput struct {
	api.Caller
	Body SignUp
}

// Notice is a sentence for the person who asked.
type Notice struct {
	Message string `json:"message"`
}

type told struct {
	Body Notice
}

func (s *Server) signUp(ctx context.Context, in *signUpInput) (*told, error) {
	err := s.Identity.SignUp(ctx, identity.SignUp{
		Email: in.Body.Email, Password: in.Body.Password, Company: in.Body.Company, Name: in.Body.Name, Location: in.Body.Location,
	}, in.From.Address)
	if err != nil {
		return nil, err
	}
	out := &told{}
	out.Body.Message = "We have sent you an e-mail. Follow the link in it to go on."
	return out, nil
}

// Activation carries the token of a mailed link.
type Activation struct {
	Token string `json:"token" maxLength:"200"`
}

type activateInput struct {
	Body Activation
}

func (s *Server) activate(ctx context.Context, in *activateInput) (*struct{}, error) {
	return nil, s.Identity.Activate(ctx, in.Body.Token)
}

type documentOutput struct {
	ContentType string `header:"Content-Type"`
	Body        []byte `contentType:"application/openapi+json"`
}

func document(context.Context, *struct{}) (*documentOutput, error) {
	return &documentOutput{ContentType: "application/openapi+json", Body: openapi.Document()}, nil
}
