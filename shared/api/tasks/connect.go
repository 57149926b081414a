package tasks

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"

	"github.com/danielgtaylor/huma/v2"
	"golang.org/x/sync/errgroup"

	"coffer/shared/account"
	"coffer/shared/api"
	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/identity"
	"coffer/shared/task"
)

// Authorization is where an authorisation begins.
type Authorization struct {
	URL string `json:"url" format:"uri"`
}

type authorizeOutput struct {
	Body Authorization
}

func (s *Server) redirect() string { return s.Portal + "/api/box/callback" }

func (s *Server) authorize(ctx context.Context, who account.Session, in *TaskPath) (*authorizeOutput, error) {
	if _, err := s.Tasks.Living(ctx, who.Account, in.Task); err != nil {
		return nil, err
	}
	state, err := s.Sessions.NewState(ctx, who, in.Task)
	if err != nil {
		return nil, err
	}
	out := &authorizeOutput{}
	out.Body.URL = s.Connections.App().AuthorizeURL(state, s.redirect())
	return out, nil
}

type callbackInput struct {
	State string `query:"state"`
	Code  string `query:"code"`
	Error string `query:"error" doc:"What Box says where the administrator declined."`
}

type callbackOutput struct {
	Location string `header:"Location"`
}

// How connecting ended, as the portal's page is told.
const (
	connected       = "connected"
	denied          = "denied"
	otherEnterprise = "other-enterprise"
	notAdmin        = "not-administrator"
	failed          = "failed"
	expired         = "expired"
)

// landing lets a browser that comes from Box without a session land on the page
// to sign in, where the API would answer with a problem.
func (s *Server) landing(ctx huma.Context, next func(huma.Context)) {
	token := ""
	if cookie, err := huma.ReadCookie(ctx, api.Cookie); err == nil {
		token = cookie.Value
	}
	switch _, err := s.Sessions.Session(ctx.Context(), token); {
	case err == nil:
		next(ctx)
	case errors.Is(err, identity.ErrNoSession):
		s.land(ctx, "/sign-in?next="+url.QueryEscape("/?connect="+expired))
	default:
		slog.ErrorContext(ctx.Context(), "connect", "err", err)
		s.land(ctx, "/?connect="+failed)
	}
}

func (s *Server) land(ctx huma.Context, page string) {
	ctx.SetHeader("Location", s.Portal+page)
	ctx.SetStatus(http.StatusSeeOther)
}

// callback is where Box sends the administrator's browser. Whatever happens, it
// goes on to a page of the portal; a wrong state connects nothing.
func (s *Server) callback(ctx context.Context, who account.Session, in *callbackInput) (*callbackOutput, error) {
	id, err := s.Sessions.TakeState(ctx, who, in.State)
	if err != nil {
		return s.astray(ctx, who, err), nil
	}
	t, err := s.Tasks.Living(ctx, who.Account, id)
	if err != nil {
		return s.astray(ctx, who, err), nil
	}
	outcome := failed
	switch {
	case in.Error == "access_denied":
		outcome = denied
	case in.Error == "" && in.Code != "":
		if outcome, err = s.connect(ctx, who, t, in.Code); err != nil {
			slog.ErrorContext(ctx, "connect", "account", t.Account, "task", t.ID, "err", err)
			outcome = failed
		}
	}
	return &callbackOutput{Location: s.Portal + "/tasks/" + url.PathEscape(string(id)) + "/settings?connect=" + outcome}, nil
}

// astray sends a browser home that no task is known for.
func (s *Server) astray(ctx context.Context, who account.Session, err error) *callbackOutput {
	outcome := expired
	if backup.KindOf(err) == backup.Internal {
		slog.ErrorContext(ctx, "connect", "account", who.Account, "err", err)
		outcome = failed
	}
	return &callbackOutput{Location: s.Portal + "/?connect=" + outcome}
}

// connect exchanges the code and, where it is for the task's enterprise, keeps
// the tokens and has the Box users discovered.
func (s *Server) connect(ctx context.Context, who account.Session, t task.Task, code string) (string, error) {
	app := s.Connections.App()
	token, err := app.Exchange(ctx, code, s.redirect())
	if err != nil {
		return "", err
	}
	config := s.Box
	config.Tokens = once{token}
	me, err := box.New(config).Me(ctx)
	if err != nil {
		return "", err
	}
	if me.Enterprise.ID == "" || me.Role == "user" {
		return notAdmin, app.Revoke(ctx, token)
	}
	// Authorised is the check, so it comes before the tokens: those of another
	// enterprise never get near this task's.
	if t, err = s.Tasks.Authorised(ctx, t.Account, t.ID, me.Enterprise.ID, me.Enterprise.Name, me.Login); err != nil {
		if backup.KindOf(err) == backup.Conflict {
			return otherEnterprise, app.Revoke(ctx, token)
		}
		return "", err
	}
	if err := s.Connections.Tokens(t.Account, t.ID).Store(ctx, token); err != nil {
		return "", err
	}
	s.Connections.Forget(t.ID)
	now := s.Now()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		return s.Audit.Add(ctx, audit.Activity{
			Account: t.Account, ID: audit.ID(now, "connected-"+string(t.ID)), At: now, Kind: audit.Connect, Status: audit.Succeeded,
			Task: t.ID, TaskName: t.Name, Item: t.EnterpriseName, Description: "Connected to Box by " + who.Email + ", who signed in there as " + t.Administrator + ".",
		})
	})
	group.Go(func() error {
		return s.Scans.Send(ctx, string(t.ID), 0, backup.ScanMessage{Account: t.Account, Task: t.ID})
	})
	return connected, group.Wait()
}

// once is the source of one fresh token.
type once struct{ token backup.Token }

// Token implements box.TokenSource.
func (o once) Token(context.Context) (backup.Token, error) { return o.token, nil }

// Rejected implements box.TokenSource.
func (o once) Rejected(context.Context, backup.Token) error { return box.ErrDisconnected }
