package access

import (
	"context"
	"net/http"
	"time"

	"coffer/shared/account"
	"coffer/shared/api"
	"coffer/shared/identity"
)

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
	ID      string `json:"id"`
	Email   string `json:"email"`
	Name    string `json:"name"`
	Primary bool   `json:"primary" doc:"The account's first user, of whom there is one."`
}

// Account is a customer.
type Account struct {
	ID           string    `json:"id"`
	Company      string    `json:"company"`
	Location     string    `json:"location"`
	LocationName string    `json:"locationName"`
	Region       string    `json:"region" doc:"The AWS region that the account's data is in."`
	Created      time.Time `json:"created"`
	TrialEnds    time.Time `json:"trialEnds"`
}

type sessionOutput struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
	Body      Session
}

func (s *Server) signIn(ctx context.Context, in *signInInput) (*sessionOutput, error) {
	entry, err := s.Identity.SignIn(ctx, in.Body.Email, in.Body.Password, in.From, in.Token)
	if err != nil {
		return nil, err
	}
	out, err := s.describe(ctx, entry.Session)
	if err != nil {
		return nil, err
	}
	out.SetCookie = []http.Cookie{api.SessionCookie(entry.Token), api.DeviceCookie(entry.Device)}
	return out, nil
}

func (s *Server) session(ctx context.Context, who account.Session, _ *struct{}) (*sessionOutput, error) {
	return s.describe(ctx, who)
}

func (s *Server) describe(ctx context.Context, who account.Session) (*sessionOutput, error) {
	u, err := s.Identity.User(ctx, who)
	if err != nil {
		return nil, err
	}
	a, err := s.Identity.Accounts.Account(ctx, who.Account)
	if err != nil {
		return nil, err
	}
	return &sessionOutput{Body: Session{
		User: User{ID: string(u.ID), Email: u.Email, Name: u.Name, Primary: u.Primary},
		Account: Account{
			ID: string(a.ID), Company: a.Company, Location: a.Location, LocationName: identity.LocationName(a.Location), Region: a.Region,
			Created: a.Created, TrialEnds: a.TrialEnds(),
		},
		Expires: identity.End(who),
	}}, nil
}

// cookies is an answer that says nothing else.
type cookies struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
}

func (s *Server) signOut(ctx context.Context, who account.Session, _ *struct{}) (*cookies, error) {
	if err := s.Identity.SignOut(ctx, who); err != nil {
		return nil, err
	}
	return &cookies{SetCookie: []http.Cookie{api.SessionCookie("")}}, nil
}

// OwnSession is one of the sessions of who asks.
type OwnSession struct {
	ID      string    `json:"id"`
	Current bool      `json:"current" doc:"Whether it is the one that asks."`
	Address string    `json:"address" doc:"The network address that it was begun from."`
	Agent   string    `json:"agent" doc:"The browser, as it calls itself."`
	Created time.Time `json:"created"`
	Seen    time.Time `json:"seen" doc:"When it was used last, to the minute."`
}

func (s *Server) sessions(ctx context.Context, who account.Session, _ *struct{}) (*struct{ Body api.List[OwnSession] }, error) {
	list, err := s.Identity.Own(ctx, who)
	if err != nil {
		return nil, err
	}
	out := &struct{ Body api.List[OwnSession] }{}
	for _, one := range list {
		out.Body.Items = append(out.Body.Items, OwnSession{
			ID: one.ID, Current: one.ID == who.ID, Address: one.Address, Agent: one.Agent, Created: one.Created, Seen: one.Seen,
		})
	}
	return out, nil
}

type endSessionInput struct {
	Session string `path:"session" maxLength:"100"`
}

func (s *Server) endSession(ctx context.Context, who account.Session, in *endSessionInput) (*struct{}, error) {
	return nil, s.Identity.EndOwn(ctx, who, in.Session)
}

func (s *Server) endOtherSessions(ctx context.Context, who account.Session, _ *struct{}) (*struct{}, error) {
	return nil, s.Identity.EndOthers(ctx, who)
}
