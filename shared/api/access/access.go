// Package access has the operations that let people in: sign-up, activation,
// sign-in and the session of who asks.
package access

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"coffer/shared/account"
	"coffer/shared/api"
	"coffer/shared/api/openapi"
	"coffer/shared/identity"
)

// Server serves the operations.
type Server struct {
	Identity *identity.Service
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
	ID   string `json:"id"`
	Name string `json:"name"`
}

func (s *Server) locations(context.Context, *struct{}) (*struct{ Body api.List[Location] }, error) {
	out := &struct{ Body api.List[Location] }{}
	for _, l := range identity.Locations(s.Identity.Region) {
		out.Body.Items = append(out.Body.Items, Location{ID: l.ID, Name: l.Name})
	}
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

// Credentials are what somebody known enters.
type Credentials struct {
	Email    string `json:"email" maxLength:"254"`
	Password string `json:"password" maxLength:"512"`
}

type signInInput struct {
	api.Caller
	Body Credentials
}

// Session is who is signed in.
type Session struct {
	User    User      `json:"user"`
	Account Account   `json:"account"`
	Expires time.Time `json:"expires" doc:"When the session ends if it is not used."`
}

// User is a portal user.
type User struct {
	ID    string `json:"id"`
	Email string `json:"email"`
	Name  string `json:"name"`
}

// Account is a customer.
type Account struct {
	ID       string `json:"id"`
	Company  string `json:"company"`
	Location string `json:"location"`
	Region   string `json:"region" doc:"The AWS region that the account's data is in."`
}

type sessionOutput struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
	Body      Session
}

func (s *Server) signIn(ctx context.Context, in *signInInput) (*sessionOutput, error) {
	who, token, err := s.Identity.SignIn(ctx, in.Body.Email, in.Body.Password, in.From, in.Token)
	if err != nil {
		return nil, err
	}
	out, err := s.describe(ctx, who)
	if err != nil {
		return nil, err
	}
	out.SetCookie = []http.Cookie{api.SessionCookie(token)}
	return out, nil
}

func (s *Server) session(ctx context.Context, who account.Session, _ *struct{}) (*sessionOutput, error) {
	return s.describe(ctx, who)
}

func (s *Server) describe(ctx context.Context, who account.Session) (*sessionOutput, error) {
	a, err := s.Identity.Accounts.Account(ctx, who.Account)
	if err != nil {
		return nil, err
	}
	return &sessionOutput{Body: Session{
		User:    User{ID: string(who.User), Email: who.Email, Name: who.Name},
		Account: Account{ID: string(a.ID), Company: a.Company, Location: a.Location, Region: a.Region},
		Expires: identity.End(who),
	}}, nil
}

type signedOut struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
}

func (s *Server) signOut(ctx context.Context, who account.Session, _ *struct{}) (*signedOut, error) {
	if err := s.Identity.SignOut(ctx, who); err != nil {
		return nil, err
	}
	return &signedOut{SetCookie: []http.Cookie{api.SessionCookie("")}}, nil
}

type documentOutput struct {
	ContentType string `header:"Content-Type"`
	Body        []byte `contentType:"application/openapi+json"`
}

func document(context.Context, *struct{}) (*documentOutput, error) {
	return &documentOutput{ContentType: "application/openapi+json", Body: openapi.Document()}, nil
}
