package tasks

import (
	"context"
	"log/slog"
	"time"

	"coffer/shared/backup"
	"coffer/shared/task"
)

// Totals sums up a task's Box users.
type Totals struct {
	Total      int                   `json:"total"`
	Active     int                   `json:"active"`
	ByStatus   map[backup.Status]int `json:"byStatus" doc:"How many Box users have each status."`
	Archived   int                   `json:"archived" doc:"How many of them have left the enterprise."`
	Deleted    int                   `json:"deleted" doc:"How many others were deleted and can be brought back."`
	Items      int64                 `json:"items"`
	Size       int64                 `json:"size" doc:"Bytes."`
	LastBackup time.Time             `json:"lastBackup,omitzero"`
	Outdated   bool                  `json:"outdated,omitempty" doc:"Whether newer figures are on their way: those of large tasks are seconds or minutes old."`
}

func describeTotals(t task.Totals) Totals {
	out := Totals{
		Total: t.Total, Active: t.Active, ByStatus: t.ByStatus, Archived: t.Archived, Deleted: t.Deleted,
		Items: t.Items, Size: t.Size, LastBackup: t.LastBackup, Outdated: t.Outdated,
	}
	if out.ByStatus == nil {
		out.ByStatus = map[backup.Status]int{}
	}
	return out
}

// totals returns the sums of a task's Box users, and has them counted anew where
// it is time. Nobody waits for that, and who comes next asks again.
func (s *Server) totals(ctx context.Context, t task.Task) (task.Totals, error) {
	totals, ask, err := s.Tasks.Totals(ctx, t)
	if err != nil || !ask {
		return totals, err
	}
	if err := s.Counts.Send(ctx, string(t.ID), 0, backup.CountMessage{Account: t.Account, Task: t.ID}); err != nil {
		slog.ErrorContext(ctx, "ask for a count", "account", t.Account, "task", t.ID, "err", err)
	}
	return totals, nil
}

// recount has the totals counted soon after a person has changed Box users. What
// was done is, whether or not they are: they are counted anew sooner or later.
func (s *Server) recount(ctx context.Context, t task.Task) {
	if err := s.Tasks.Changed(ctx, t.Account, t.ID); err != nil {
		slog.ErrorContext(ctx, "totals after a change", "account", t.Account, "task", t.ID, "err", err)
	}
}
