package recovery

import (
	"context"

	"coffer/shared/account"
	"coffer/shared/api"
	"coffer/shared/backup"
	"coffer/shared/job"
)

// JobItem is what became of one item of a job.
type JobItem struct {
	Kind    backup.ItemKind `json:"kind" enum:"folder,file,web_link"`
	ID      string          `json:"id" doc:"The item's id in the snapshot."`
	Name    string          `json:"name"`
	Outcome job.Outcome     `json:"outcome" enum:"intended,created,replaced,kept,failed"`
	BoxID   string          `json:"boxId,omitempty" doc:"The item's id at Box after the job."`
	Size    int64           `json:"size"`
	Reason  string          `json:"reason,omitempty" doc:"Why it failed, or what Box does not allow to be brought back."`
}

type ledgerInput struct {
	JobPath
	api.Page
	Outcome string `query:"outcome" enum:"intended,created,replaced,kept,failed"`
}

// ledger lists the items in the order of kinds and ids.
func (s *Server) ledger(ctx context.Context, who account.Session, in *ledgerInput) (*struct{ Body api.List[JobItem] }, error) {
	if _, err := s.seen(ctx, who, in.Job); err != nil {
		return nil, err
	}
	list := "job items\n" + string(in.Job) + "\n" + in.Outcome
	after, err := api.Open(who, list, in.Cursor)
	if err != nil {
		return nil, err
	}
	out := &struct{ Body api.List[JobItem] }{api.List[JobItem]{Items: []JobItem{}}}
	last := ""
	for e, err := range s.Jobs.LedgerAfter(ctx, who.Account, in.Job, after) {
		if err != nil {
			return nil, err
		}
		if in.Outcome != "" && in.Outcome != string(e.Outcome) {
			continue
		}
		if len(out.Body.Items) == in.Limit {
			out.Body.Next = api.Seal(who, list, last)
			break
		}
		last = e.Ref.String()
		out.Body.Items = append(out.Body.Items, JobItem{
			Kind: e.Ref.Kind, ID: e.Ref.ID, Name: valid(e.Name), Outcome: e.Outcome, BoxID: e.BoxID, Size: e.Size, Reason: e.Reason,
		})
	}
	return out, nil
}
