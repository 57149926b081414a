package tasks

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"coffer/shared/account"
	"coffer/shared/api"
	"coffer/shared/audit"
	"coffer/shared/backup"
)

// Activity is something that the system did.
type Activity struct {
	ID          string       `json:"id"`
	At          time.Time    `json:"at" doc:"When it ended."`
	Kind        audit.Kind   `json:"kind" enum:"Backup,Restore,Export,Prune,Connection,Delete,Undelete,Verification,Archive,Return,Exception,Support,Settings,Activate,Pause,Limited Access,Tags,Release"`
	Status      audit.Status `json:"status" enum:"Succeeded,Partially succeeded,Failed,Canceled"`
	Task        string       `json:"task" doc:"Empty where it is about the whole account."`
	TaskName    string       `json:"taskName"`
	BoxUser     string       `json:"boxUser,omitempty"`
	BoxUserName string       `json:"boxUserName,omitempty"`
	Item        string       `json:"item,omitempty"`
	Seconds     float64      `json:"seconds" doc:"How long it took."`
	Bytes       int64        `json:"bytes"`
	Records     int64        `json:"records"`
	Description string       `json:"description"`
}

func describeActivity(a audit.Activity) Activity {
	out := Activity{
		ID: a.ID, At: a.At, Kind: a.Kind, Status: a.Status, Task: string(a.Task), TaskName: a.TaskName,
		BoxUser: string(a.BoxUser), BoxUserName: a.BoxUserName, Item: a.Item,
		Seconds: a.Duration.Seconds(), Bytes: a.Bytes, Records: a.Records, Description: a.Description,
	}
	if a.BoxUser != "" {
		out.BoxUserName = cmp.Or(a.BoxUserName, a.Item)
	}
	return out
}

// ActivityFilter says which activities are wanted: those that all of it holds
// for.
type ActivityFilter struct {
	Kind   audit.Kind    `query:"kind" enum:"Backup,Restore,Export,Prune,Connection,Delete,Undelete,Verification,Archive,Return,Exception,Support,Settings,Activate,Pause,Limited Access,Tags,Release" doc:"Only activities of this kind."`
	Status audit.Status  `query:"status" enum:"Succeeded,Partially succeeded,Failed,Canceled" doc:"Only activities that ended like this."`
	Task   backup.TaskID `query:"task" maxLength:"64" doc:"Only activities of this backup task."`
	Query  string        `query:"q" maxLength:"200" doc:"Only activities whose task, Box user, item or description contains this."`
	From   time.Time     `query:"from" doc:"Only activities that ended at this time or later."`
	To     time.Time     `query:"to" doc:"Only activities that ended before this time."`
}

func (f ActivityFilter) query() audit.Query {
	return audit.Query{Kind: f.Kind, Status: f.Status, Task: f.Task, Text: strings.TrimSpace(f.Query), From: f.From, To: f.To}
}

type activityInput struct {
	api.Page
	ActivityFilter
}

func (s *Server) activity(ctx context.Context, who account.Session, in *activityInput) (*struct{ Body api.List[Activity] }, error) {
	list := fmt.Sprintf("activity\n%+v", in.ActivityFilter)
	after, err := api.Open(who, list, in.Cursor)
	if err != nil {
		return nil, err
	}
	hides, err := s.limits().Hides(ctx, who)
	if err != nil {
		return nil, err
	}
	query := in.query()
	query.After = after
	rows, next, err := s.Audit.List(ctx, who.Account, query, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &struct{ Body api.List[Activity] }{api.List[Activity]{Items: make([]Activity, 0, len(rows)), Next: api.Seal(who, list, next)}}
	for _, row := range rows {
		hidden, err := hides(row.Task, row.BoxUser)
		if err != nil {
			return nil, err
		}
		if !hidden {
			out.Body.Items = append(out.Body.Items, describeActivity(row))
		}
	}
	return out, nil
}
