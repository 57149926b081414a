package tasks

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"coffer/shared/account"
	"coffer/shared/api"
	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/task"
	"coffer/shared/vault"
)

// Task is a backup task.
type Task struct {
	ID           string         `json:"id"`
	Name         string         `json:"name"`
	Connection   string         `json:"connection" enum:"Connected,Disconnected"`
	Reason       string         `json:"reason,omitempty" doc:"Why it is Disconnected; absent before the first authorisation."`
	Lapses       time.Time      `json:"lapses,omitzero" doc:"When Box ends the authorisation unless it is used or renewed before; absent unless that is near."`
	Grant        backup.Grant   `json:"grant,omitempty" enum:"oauth,client_credentials,jwt" doc:"How the task is connected; absent before the first authorisation."`
	Enterprise   *Enterprise    `json:"enterprise,omitempty" doc:"Absent before the first authorisation."`
	Frequency    task.Frequency `json:"frequency" enum:"daily,every_3_days,weekly,three_times_daily"`
	Hour         int            `json:"hour" minimum:"0" maximum:"23" doc:"The backup hour, in UTC."`
	AutoActivate bool           `json:"autoActivate" doc:"Whether new Box users are activated by themselves."`
	Region       string         `json:"region" doc:"The AWS region that the backups are in."`
	NextRun      time.Time      `json:"nextRun,omitzero"`
	Created      time.Time      `json:"created"`
	Policy       Policy         `json:"policy"`
	Feed         task.Feed      `json:"feed,omitempty" enum:"enterprise_stream,user_stream" doc:"How the task learns what has changed at Box; absent before the first scan."`
	FeedReason   string         `json:"feedReason,omitempty" doc:"Why that is not the best way."`
	Deleted      time.Time      `json:"deleted,omitzero" doc:"When someone deleted the task."`
	DeletedUntil time.Time      `json:"deletedUntil,omitzero" doc:"Until when the deleted task can be brought back."`
	Calls        *Calls         `json:"calls,omitempty" doc:"What it has called at Box this month; absent before the first authorisation."`
	Damage       string         `json:"damage,omitempty" doc:"What verification found damaged and nobody has acknowledged; nothing is removed from the backup meanwhile."`
	Overdue      int            `json:"overdue,omitempty" doc:"How many Box users have had no backup for longer than they should."`

	OverdueReason string `json:"overdueReason,omitempty" doc:"Why they have none."`

	Users    Totals        `json:"users"`
	Going    *Going        `json:"going,omitempty" doc:"What is being done in the background for very many Box users; absent while nothing is."`
	Progress *TaskProgress `json:"progress,omitempty" doc:"Absent while no Box user is in process."`
}

// Enterprise is the Box enterprise that a task is connected to.
type Enterprise struct {
	ID            string `json:"id"`
	Name          string `json:"name"`
	Administrator string `json:"administrator" doc:"The login of who authorised."`
}

type taskOutput struct {
	Body Task
}

// TaskPath names a task in the path.
type TaskPath struct {
	Task backup.TaskID `path:"task" maxLength:"64"`
}

type listInput struct {
	api.Page
	Deleted bool   `query:"deleted" doc:"Instead, only tasks that were deleted and can be brought back."`
	Query   string `query:"q" maxLength:"200" doc:"Only tasks whose name, or that of their Box enterprise, contains this."`
	Sort    string `query:"sort" enum:"name,size,lastBackup,created,users" default:"name"`
	Order   string `query:"order" enum:"asc,desc" default:"asc"`
}

func (s *Server) list(ctx context.Context, who account.Session, in *listInput) (*struct{ Body api.List[Task] }, error) {
	all, err := s.Tasks.Tasks(ctx, who.Account)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(t task.Task) bool {
		listed := t.Alive()
		if in.Deleted {
			listed = s.recoverable(t.Deleted)
		}
		return !listed || !contains(t.Name+"\n"+t.EnterpriseName, in.Query)
	})
	described := make([]Task, len(all))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for i, t := range all {
		group.Go(func() (err error) {
			described[i], err = s.describe(ctx, who, t)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	cursors := fmt.Sprintf("tasks\n%t\n%s\n%s\n%s", in.Deleted, in.Query, in.Sort, in.Order)
	page, err := api.Cut(who, cursors, in.Page, described, in.Order == "desc", taskKey(in.Sort))
	return &struct{ Body api.List[Task] }{page}, err
}

func taskKey(sort string) func(Task) string {
	return func(t Task) string {
		switch sort {
		case "size":
			return api.NumberKey(t.Users.Size, t.ID)
		case "lastBackup":
			return api.TimeKey(t.Users.LastBackup, t.ID)
		case "created":
			return api.TimeKey(t.Created, t.ID)
		case "users":
			return api.NumberKey(int64(t.Users.Total), t.ID)
		default:
			return api.TextKey(t.Name, t.ID)
		}
	}
}

// NewTask is a backup task to be.
type NewTask struct {
	Name         string         `json:"name" maxLength:"400"`
	Frequency    task.Frequency `json:"frequency,omitempty" enum:"daily,every_3_days,weekly,three_times_daily" default:"daily"`
	Hour         int            `json:"hour,omitempty" minimum:"0" maximum:"23" default:"1" doc:"The backup hour, in UTC."`
	AutoActivate bool           `json:"autoActivate,omitempty"`
}

type createInput struct {
	Body NewTask
}

func (s *Server) create(ctx context.Context, who account.Session, in *createInput) (*taskOutput, error) {
	name, err := api.Line("name", "The name", in.Body.Name, 1, 100)
	if err != nil {
		return nil, err
	}
	now := s.Now().UTC()
	t := task.Task{
		Account: who.Account, ID: backup.TaskID(api.NewID(ctx, now)), Name: name, Connection: backup.Disconnected,
		Frequency: in.Body.Frequency, Hour: in.Body.Hour, AutoActivate: in.Body.AutoActivate, Created: now,
	}
	t.NextRun = t.Next(t.Created)
	if t.VaultKey, err = vault.NewKey(ctx, vault.ID{Account: t.Account, Task: t.ID}, s.Ring); err != nil {
		return nil, err
	}
	err = s.Tasks.Create(ctx, t)
	if backup.KindOf(err) == backup.Conflict {
		if made, missing := s.Tasks.Task(ctx, t.Account, t.ID); missing == nil { // the same request got as far as this before
			t, err = made, nil
		}
	}
	if err == nil {
		told := s.did(ctx, who, t, audit.Settings, "Backup task created")
		told.At, told.ID = t.Created, audit.ID(t.Created, "created-"+string(t.ID))
		err = s.Audit.Add(ctx, told)
	}
	if err != nil {
		return nil, err
	}
	return s.answer(ctx, who, t)
}

func (s *Server) get(ctx context.Context, who account.Session, in *TaskPath) (*taskOutput, error) {
	t, err := s.Tasks.Living(ctx, who.Account, in.Task)
	if err != nil {
		return nil, err
	}
	return s.answer(ctx, who, t)
}

// TaskSettings are settings to change; what is absent stays.
type TaskSettings struct {
	Name         *string         `json:"name,omitempty" maxLength:"400"`
	Frequency    *task.Frequency `json:"frequency,omitempty" enum:"daily,every_3_days,weekly,three_times_daily"`
	Hour         *int            `json:"hour,omitempty" minimum:"0" maximum:"23"`
	AutoActivate *bool           `json:"autoActivate,omitempty"`
	Policy       *PolicyChange   `json:"policy,omitempty"`
}

type changeInput struct {
	TaskPath
	Body TaskSettings
}

func (s *Server) change(ctx context.Context, who account.Session, in *changeInput) (*taskOutput, error) {
	t, err := s.Tasks.Living(ctx, who.Account, in.Task)
	if err != nil {
		return nil, err
	}
	settings := task.Settings{Frequency: in.Body.Frequency, Hour: in.Body.Hour, AutoActivate: in.Body.AutoActivate}
	if in.Body.Name != nil {
		name, err := api.Line("name", "The name", *in.Body.Name, 1, 100)
		if err != nil {
			return nil, err
		}
		settings.Name = &name
	}
	if in.Body.Policy != nil {
		if settings.Change, err = in.Body.Policy.change(); err != nil {
			return nil, err
		}
		if c := settings.Change; c.Retention != nil && *c.Retention != t.Retention || c.ArchiveDays != nil && *c.ArchiveDays != t.ArchiveDays {
			if err := s.wholly(ctx, who, t); err != nil {
				return nil, err
			}
		}
	}
	settings.Reschedule(t, s.Now())
	before := t
	var mails []backup.MailMessage
	t, err = s.Tasks.ChangeTelling(ctx, who.Account, in.Task, settings, func(t task.Task) backup.MailMessage {
		mails = append(mails, s.shorter(who, t))
		return mails[0]
	})
	if err != nil {
		return nil, err
	}
	s.send(ctx, mails...)
	if changed := settled(before, t); len(changed) > 0 {
		if err := s.tell(ctx, who, t, audit.Settings, "Changed: "+strings.Join(changed, "; ")+","); err != nil {
			return nil, err
		}
	}
	return s.answer(ctx, who, t)
}

func (s *Server) answer(ctx context.Context, who account.Session, t task.Task) (*taskOutput, error) {
	described, err := s.describe(ctx, who, t)
	if err != nil {
		return nil, err
	}
	return &taskOutput{Body: described}, nil
}

func (s *Server) describe(ctx context.Context, who account.Session, t task.Task) (Task, error) {
	out := Task{
		ID: string(t.ID), Name: t.Name, Connection: string(t.Connection), Reason: t.Reason,
		Frequency: t.Frequency, Hour: t.Hour, AutoActivate: t.AutoActivate, Region: s.Region, NextRun: t.NextRun, Created: t.Created,
		Policy: describePolicy(t, s.Now()), Feed: t.Feed, FeedReason: t.FeedReason,
		Deleted: t.Deleted, DeletedUntil: until(t.Deleted), Damage: t.Damage,
		Overdue: t.Overdue.Overdue, OverdueReason: t.OverdueReason, Lapses: t.Lapses,
	}
	if t.Enterprise != "" {
		out.Grant = cmp.Or(t.Grant, backup.OAuth)
		now := s.Now().UTC()
		usage, err := s.Tasks.Usage(ctx, t.Account, t.ID, task.MonthOf(now))
		if err != nil {
			return Task{}, err
		}
		out.Calls = new(describeCalls(t, usage, now))
		out.Enterprise = &Enterprise{ID: t.Enterprise, Name: t.EnterpriseName, Administrator: t.Administrator}
	}
	totals, err := s.totals(ctx, t)
	if err != nil {
		return Task{}, err
	}
	running, err := s.Tasks.Running(ctx, t.Account, t.ID)
	if err != nil {
		return Task{}, err
	}
	if totals.Rows > s.many() {
		if out.Going, err = s.going(ctx, t); err != nil {
			return Task{}, err
		}
	}
	limited := func(u task.BoxUser) bool { return u.Tagged(backup.LimitedAccess) }
	all := true
	if totals.ByTag[backup.LimitedAccess] > 0 || slices.ContainsFunc(running, limited) {
		user, err := s.Sessions.User(ctx, who)
		if err != nil {
			return Task{}, err
		}
		all = user.Primary
	}
	out.Users = describeTotals(totals, all)
	for _, u := range running {
		if all || !limited(u) {
			out.Progress = out.Progress.add(u)
		}
	}
	return out, nil
}
