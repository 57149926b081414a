package tasks

import (
	"context"
	"time"

	"coffer/shared/account"
	"coffer/shared/backup"
	"coffer/shared/task"
)

// Calls is what a task has called at Box in a calendar month (UTC).
type Calls struct {
	Month        string           `json:"month" doc:"Such as 2026-11, in UTC."`
	Used         int64            `json:"used" doc:"Calls made in the month."`
	Forecast     int64            `json:"forecast" doc:"How many the whole month will have at this rate."`
	Ceiling      int64            `json:"ceiling" doc:"How many may be made in a month; 0: as many as it takes."`
	StoppedUntil time.Time        `json:"stoppedUntil,omitzero" doc:"The ceiling is reached: when calls are made again, unless it is raised."`
	ByKind       map[string]int64 `json:"byKind" doc:"Calls made in the month, by what they are for."`
}

func describeCalls(t task.Task, u task.Usage, now time.Time) Calls {
	return Calls{
		Month: u.Month, Used: u.Total(), Forecast: u.Forecast(now), Ceiling: t.Ceiling, StoppedUntil: t.Stopped(u, now), ByKind: u.Calls,
	}
}

type callsInput struct {
	TaskPath
	Month string `query:"month" maxLength:"7" doc:"Such as 2026-11, in UTC; absent: this month."`
}

func (s *Server) calls(ctx context.Context, who account.Session, in *callsInput) (*struct{ Body Calls }, error) {
	now := s.Now().UTC()
	month := task.MonthOf(now)
	if in.Month != "" {
		at, err := time.Parse("2006-01", in.Month)
		if err != nil {
			return nil, backup.Field("month", "This is not a month.")
		}
		month = task.MonthOf(at)
	}
	t, err := s.Tasks.Living(ctx, who.Account, in.Task)
	if err != nil {
		return nil, err
	}
	u, err := s.Tasks.Usage(ctx, t.Account, t.ID, month)
	if err != nil {
		return nil, err
	}
	return &struct{ Body Calls }{describeCalls(t, u, now)}, nil
}
