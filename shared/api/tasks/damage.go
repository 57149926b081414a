package tasks

import (
	"context"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"coffer/shared/account"
	"coffer/shared/api"
	"coffer/shared/audit"
)

func (s *Server) registerDamage(a *api.API) {
	api.Private(a, huma.Operation{
		OperationID: "acknowledge-damage", Method: http.MethodPost, Path: "/api/tasks/{task}/acknowledge-damage",
		Summary: "Acknowledge damage that verification has found",
		Description: "While the task has damage, nothing that has expired is removed from its backup. This lets removal go on. " +
			"Where there is no damage, nothing happens.",
	}, s.acknowledgeDamage)
}

func (s *Server) acknowledgeDamage(ctx context.Context, who account.Session, in *TaskPath) (*taskOutput, error) {
	before, err := s.Tasks.Living(ctx, who.Account, in.Task)
	if err != nil {
		return nil, err
	}
	if before.Damage != "" {
		told := s.changed(before, audit.Verify, who)
		told.Item, told.Description = before.EnterpriseName, fmt.Sprintf("Damage acknowledged by %s: %s", who.Email, before.Damage)
		if err := s.Tasks.AcknowledgeDamage(ctx, before, s.Audit.Put(told)); err != nil {
			return nil, err
		}
	}
	t, err := s.Tasks.Task(ctx, who.Account, in.Task)
	if err != nil {
		return nil, err
	}
	return s.answer(ctx, who, t)
}
