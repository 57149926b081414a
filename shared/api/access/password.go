package access

import (
	"context"
	"net/http"

	"coffer/shared/account"
	"coffer/shared/api"
)

// Forgotten names who needs a new password.
type Forgotten struct {
	Email string `json:"email" maxLength:"254"`
}

type requestResetInput struct {
	api.Caller
	Body Forgotten
}

func (s *Server) requestReset(ctx context.Context, in *requestResetInput) (*told, error) {
	if err := s.Identity.RequestReset(ctx, in.Body.Email, in.From.Address); err != nil {
		return nil, err
	}
	out := &told{}
	out.Body.Message = "If there is an account with this e-mail address, we have sent a link to it. It works for 60 minutes."
	return out, nil
}

// NewPassword carries the token of a mailed link and what it is to set.
type NewPassword struct {
	Token    string `json:"token" maxLength:"200"`
	Password string `json:"password" maxLength:"512" doc:"12 to 128 characters, any of them, but not a common password."`
}

type resetPasswordInput struct {
	api.Caller
	Body NewPassword
}

func (s *Server) resetPassword(ctx context.Context, in *resetPasswordInput) (*cookies, error) {
	device, err := s.Identity.ResetPassword(ctx, in.Body.Token, in.Body.Password, in.From)
	if err != nil {
		return nil, err
	}
	return &cookies{SetCookie: []http.Cookie{api.DeviceCookie(device)}}, nil
}

// PasswordChange carries the password of who asks and the one to come.
type PasswordChange struct {
	Current  string `json:"current" maxLength:"512"`
	Password string `json:"password" maxLength:"512" doc:"12 to 128 characters, any of them, but not a common password."`
}

type changePasswordInput struct {
	api.Caller
	Body PasswordChange
}

func (s *Server) changePassword(ctx context.Context, who account.Session, in *changePasswordInput) (*cookies, error) {
	token, err := s.Identity.ChangePassword(ctx, who, in.Body.Current, in.Body.Password, in.From)
	if err != nil {
		return nil, err
	}
	return &cookies{SetCookie: []http.Cookie{api.SessionCookie(token)}}, nil
}
