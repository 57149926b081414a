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
	Items      int64                 `json:"items" doc:"Without those of Box users whose access is limited, but for the primary user."`
	Size       int64                 `json:"size" doc:"Bytes; of the same items."`
	LastBackup time.Time             `json:"lastBackup,omitzero"`
	Outdated   bool                  `json:"outdated,omitempty" doc:"Whether newer figures are on their way: those of large tasks are seconds or minutes old."`
}

// describeTotals leaves out what the portal user may not see, unless all.
func describeTotals(t task.Totals, all bool) Totals {
	if !all {
		t.Items, t.Size = t.Items-t.LimitedItems, t.Size-t.LimitedSize
	}
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
// it is time.
func (s *Server) totals(ctx context.Context, t task.Task) (task.Totals, error) {
	totals, ask, err := s.Tasks.Totals(ctx, t)
	if err == nil && ask {
		s.count(ctx, t)
	}
	return totals, err
}

// recount has the totals counted soon after a person has changed Box users. What
// was done is, whether or not they are: they are counted anew sooner or later.
func (s *Server) recount(ctx context.Context, t task.Task) {
	if err := s.Tasks.Changed(ctx, t.Account, t.ID); err != nil {
		slog.ErrorContext(ctx, "totals after a change", "account", t.Account, "task", t.ID, "err", err)
	}
}
