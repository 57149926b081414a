package tasks

import (
	"context"
	"time"

	"coffer/shared/account"
	"coffer/shared/api"
)

// Activity is something that the system did.
type Activity struct {
	ID          string    `json:"id"`
	At          time.Time `json:"at"`
	Kind        string    `json:"kind"`
	Status      string    `json:"status"`
	Task        string    `json:"task"`
	TaskName    string    `json:"taskName"`
	BoxUser     string    `json:"boxUser,omitempty"`
	Item        string    `json:"item,omitempty"`
	Seconds     float64   `json:"seconds" doc:"How long it took."`
	Bytes       int64     `json:"bytes"`
	Records     int64     `json:"records"`
	Description string    `json:"description"`
}

type activityInput struct {
	api.Page
}

func (s *Server) activity(ctx context.Context, who account.Session, in *activityInput) (*struct{ Body api.List[Activity] }, error) {
	after, err := api.Open(who, "activity", in.Cursor)
	if err != nil {
		return nil, err
	}
	rows, err := s.Audit.List(ctx, who.Account, after, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &struct{ Body api.List[Activity] }{api.List[Activity]{Items: make([]Activity, len(rows))}}
	for i, r := range rows {
		out.Body.Items[i] = Activity{
			ID: r.ID, At: r.At, Kind: string(r.Kind), Status: r.Status, Task: string(r.Task), TaskName: r.TaskName,
			BoxUser: string(r.BoxUser), Item: r.Item, Seconds: r.Duration.Seconds(), Bytes: r.Bytes, Records: r.Records, Description: r.Description,
		}
	}
	if len(rows) == in.Limit {
		out.Body.Next = api.Seal(who, "activity", rows[len(rows)-1].ID)
	}
	return out, nil
}
