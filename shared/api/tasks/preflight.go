package tasks

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"coffer/shared/account"
	"coffer/shared/api"
	"coffer/shared/connection"
)

// checkTime is how long a check may take: the API answers within 30 seconds.
const checkTime = 22 * time.Second

// Preflight is what a check of a task's connection found.
type Preflight struct {
	Checked time.Time      `json:"checked"`
	OK      bool           `json:"ok" doc:"Whether backups have all that they need and reach every Box user who was checked."`
	Scopes  []Scope        `json:"scopes" nullable:"false"`
	Users   PreflightUsers `json:"users"`
}

// Scope is something that a connection allows, or not.
type Scope struct {
	Name    string `json:"name" enum:"read,manage_users,as_user,enterprise_events,manage_groups,write"`
	OK      bool   `json:"ok"`
	Needed  bool   `json:"needed" doc:"Whether backups need it."`
	Message string `json:"message,omitempty" doc:"What to do about it."`
}

// PreflightUsers says which Box users a connection reaches.
type PreflightUsers struct {
	Total       int               `json:"total"`
	Reachable   int               `json:"reachable"`
	NotChecked  int               `json:"notChecked" doc:"Box users for whom there was no time. Their own first backup tells."`
	Unreachable []UnreachableUser `json:"unreachable" nullable:"false"`
}

// UnreachableUser is a Box user whom a connection does not reach.
type UnreachableUser struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Login  string `json:"login"`
	Reason string `json:"reason"`
}

func (s *Server) registerConnection(a *api.API) {
	api.Private(a, huma.Operation{
		OperationID: "connect-task-with-app", Method: http.MethodPost, Path: "/api/tasks/{task}/credentials",
		Summary:     "Connect a task to Box with your own Box app",
		Description: "The app authenticates as itself, with client credentials or JWT, and an administrator has authorised it in Box's Admin Console. The credentials are tried before they are stored, and never returned.",
	}, s.credentials)
	api.Private(a, huma.Operation{
		OperationID: "check-task", Method: http.MethodPost, Path: "/api/tasks/{task}/preflight",
		Summary:     "Check what a task's connection to Box allows",
		Description: "It asks Box for what backups and restores need, and acts as each Box user, without changing anything. It costs a Box call for each active Box user, and takes up to 25 seconds.",
	}, s.preflight)
}

func (s *Server) preflight(ctx context.Context, who account.Session, in *TaskPath) (*struct{ Body Preflight }, error) {
	t, err := s.Tasks.Living(ctx, who.Account, in.Task)
	if err == nil {
		err = checkConnected(t)
	}
	if err != nil {
		return nil, err
	}
	checking, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	found, err := s.Connections.Check(checking, t)
	if err != nil {
		return nil, err
	}
	return &struct{ Body Preflight }{describeCheck(found, s.Now().UTC())}, nil
}

func describeCheck(found connection.Preflight, at time.Time) Preflight {
	out := Preflight{Checked: at, OK: found.OK(), Scopes: []Scope{}, Users: PreflightUsers{
		Total: found.Total, Reachable: found.Reachable, NotChecked: found.NotChecked, Unreachable: []UnreachableUser{},
	}}
	for _, scope := range found.Scopes {
		out.Scopes = append(out.Scopes, Scope(scope))
	}
	for _, u := range found.Unreachable {
		out.Users.Unreachable = append(out.Users.Unreachable, UnreachableUser{ID: string(u.ID), Name: u.Name, Login: u.Login, Reason: u.Reason})
	}
	return out
}
