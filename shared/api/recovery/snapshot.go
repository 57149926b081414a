package recovery

import (
	"context"
	"strings"
	"time"

	"coffer/shared/account"
	"coffer/shared/api"
	"coffer/shared/backup"
	"coffer/shared/snapshot"
)

// Snapshot is the sealed result of a backup.
type Snapshot struct {
	ID       string          `json:"id"`
	Status   backup.Status   `json:"status" enum:"Success,Partial"`
	Taken    time.Time       `json:"taken" doc:"What the Box user had at this moment."`
	Started  time.Time       `json:"started"`
	Ended    time.Time       `json:"ended"`
	Method   snapshot.Method `json:"method" enum:"crawl,user_stream,enterprise_stream" doc:"How the backup found out what had changed: it listed every folder, or followed the Box user's or the enterprise's stream of events."`
	Why      string          `json:"why,omitempty" doc:"Why it was not the best method."`
	Same     string          `json:"same,omitempty" doc:"The snapshot that this one equals in all, where nothing had changed."`
	Items    int64           `json:"items"`
	Files    int64           `json:"files"`
	Folders  int64           `json:"folders"`
	WebLinks int64           `json:"webLinks"`
	Size     int64           `json:"size" doc:"Bytes of all files."`
	Added    int64           `json:"added"`
	Changed  int64           `json:"changed"`
	Removed  int64           `json:"removed"`
	Failed   int64           `json:"failed" doc:"Items that could not be backed up."`
	Drift    int64           `json:"drift" doc:"Items that listing folders again found different from what Box's events had told."`
	Stored   int64           `json:"stored" doc:"Bytes that the backup stored anew."`
	Calls    int64           `json:"calls" doc:"Box calls of the backup."`
}

func describe(s snapshot.Snapshot) Snapshot {
	return Snapshot{
		ID: string(s.ID), Status: s.Status, Taken: s.Taken, Started: s.Started, Ended: s.Ended, Method: s.Method,
		Why: s.Why, Same: string(s.Same), Drift: s.Drift,
		Items: s.Items, Files: s.Files, Folders: s.Folders, WebLinks: s.WebLinks, Size: s.Bytes,
		Added: s.Added, Changed: s.Changed, Removed: s.Removed, Failed: s.Failed, Stored: s.Stored, Calls: s.Calls,
	}
}

type snapshotsInput struct {
	UserPath
	api.Page
	From time.Time `query:"from" doc:"Only snapshots taken at this time or later."`
	To   time.Time `query:"to" doc:"Only snapshots taken before this time."`
}

func (s *Server) snapshots(ctx context.Context, who account.Session, in *snapshotsInput) (*struct{ Body api.List[Snapshot] }, error) {
	if _, _, err := s.find(ctx, who, in.Task, in.User); err != nil {
		return nil, err
	}
	list := strings.Join([]string{"snapshots", string(in.Task), string(in.User), in.From.String(), in.To.String()}, "\n")
	after, err := api.Open(who, list, in.Cursor)
	if err != nil {
		return nil, err
	}
	rows, next, err := s.Snapshots.List(ctx, who.Account, in.Task, in.User, snapshot.Page{From: in.From, To: in.To, Limit: in.Limit, After: after})
	if err != nil {
		return nil, err
	}
	out := &struct{ Body api.List[Snapshot] }{api.List[Snapshot]{Items: make([]Snapshot, len(rows)), Next: api.Seal(who, list, next)}}
	for i, row := range rows {
		out.Body.Items[i] = describe(row)
	}
	return out, nil
}

func (s *Server) snapshot(ctx context.Context, who account.Session, in *SnapshotPath) (*struct{ Body Snapshot }, error) {
	if _, _, err := s.find(ctx, who, in.Task, in.User); err != nil {
		return nil, err
	}
	row, err := s.Snapshots.Snapshot(ctx, who.Account, in.Task, in.User, in.Snapshot)
	return &struct{ Body Snapshot }{describe(row)}, err
}
