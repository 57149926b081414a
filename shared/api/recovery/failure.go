package recovery

import (
	"context"
	"fmt"
	"strings"
	"time"

	"coffer/shared/account"
	"coffer/shared/api"
	"coffer/shared/backup"
	"coffer/shared/catalog"
)

// Failure is an item that could not be backed up.
type Failure struct {
	Kind    backup.ItemKind `json:"kind" enum:"folder,file,web_link"`
	ID      string          `json:"id"`
	Name    string          `json:"name,omitempty" doc:"Absent where Box did not tell it."`
	Path    []string        `json:"path,omitempty" doc:"Names of the folders that it is in, from below the root folder. Absent in the root folder, and where the name is."`
	Reason  string          `json:"reason"`
	Since   time.Time       `json:"since" doc:"When the first of the backups began in which it failed without a break."`
	NextTry time.Time       `json:"nextTry,omitzero" doc:"When it is tried again: in the next backup. In the past while that is requested or in progress; absent where none is to come, and in snapshots after which there is another."`
}

type failuresInput struct {
	SnapshotPath
	api.Page
}

func (s *Server) failures(ctx context.Context, who account.Session, in *failuresInput) (*struct{ Body api.List[Failure] }, error) {
	c, err := s.open(ctx, who, in.SnapshotPath)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	list := strings.Join([]string{"failures", string(in.Task), string(in.User), string(in.Snapshot)}, "\n")
	after, err := api.Open(who, list, in.Cursor)
	if err != nil {
		return nil, err
	}
	found, next, err := newLedger(c).after(ctx, after, in.Limit)
	if err != nil {
		return nil, err
	}
	return &struct{ Body api.List[Failure] }{api.List[Failure]{
		Items: found, Next: api.Seal(who, list, next), Total: new(int(c.row.Failed)),
	}}, nil
}

type exportFailuresInput struct {
	SnapshotPath
	Accept string `header:"Accept-Encoding" hidden:"true"`
}

// failuresAtOnce is how many failures are read at a time for a file.
const failuresAtOnce = 1000

func (s *Server) exportFailures(ctx context.Context, who account.Session, in *exportFailuresInput) (*api.SheetOutput, error) {
	c, err := s.open(ctx, who, in.SnapshotPath)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	sheet, written := api.NewSheet(in.Accept), 0
	sheet.Row("Kind", "Box ID", "Name", "Folder", "Reason", "Failing Since", "Next Try")
	ledger := newLedger(c)
	for after := ""; ; {
		some, next, err := ledger.after(ctx, after, failuresAtOnce)
		if err != nil {
			return nil, err
		}
		for _, f := range some {
			sheet.Row(string(f.Kind), f.ID, f.Name, strings.Join(f.Path, " / "), f.Reason, stamp(f.Since), stamp(f.NextTry))
		}
		written += len(some)
		if after = next; after == "" {
			break
		}
		if sheet.Full(ctx) {
			sheet.Row("Note", "", "", "", fmt.Sprintf("This file ends here, after %d of %d rows. The others are in the portal's list.", written, c.row.Failed), "", "")
			break
		}
	}
	return sheet.Answer("failures-" + c.row.Taken.UTC().Format(time.DateOnly) + ".csv"), nil
}

func stamp(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.RFC3339)
}

// ledger reads what a snapshot lacks, and looks up each folder's path once.
type ledger struct {
	view
	next  time.Time
	paths map[string][]string
}

func newLedger(v view) *ledger { return &ledger{v, v.nextTry(), map[string][]string{}} }

// nextTry is when what the snapshot lacks is tried again: in the Box user's next
// run, where the snapshot is the latest.
func (v view) nextTry() time.Time {
	switch {
	case v.row.ID != v.user.Snapshot:
	case v.user.RunID != "":
		return v.user.RunAsked
	case v.user.Active && !v.user.Left() && v.task.Connection == backup.Connected:
		return v.task.NextRun
	}
	return time.Time{}
}

// after returns up to limit failures and the catalog's cursor of those behind them.
func (l *ledger) after(ctx context.Context, cursor string, limit int) ([]Failure, string, error) {
	found, next, err := l.FailuresAfter(ctx, l.row.Sealed(), cursor, limit)
	if err != nil {
		return nil, "", err
	}
	some := make([]Failure, len(found))
	for i, f := range found {
		path, err := l.path(ctx, f)
		if err != nil {
			return nil, "", err
		}
		some[i] = Failure{
			Kind: f.Kind, ID: f.ID, Name: valid(f.Name), Path: path, Reason: f.Reason, Since: f.Since, NextTry: l.next,
		}
	}
	return some, next, nil
}

func (l *ledger) path(ctx context.Context, f catalog.Failure) ([]string, error) {
	if path, ok := l.paths[f.Parent]; ok || f.Parent == "" {
		return path, nil
	}
	folders, err := l.Path(ctx, l.row.Sealed(), backup.ItemRef{Kind: backup.Folder, ID: f.Parent})
	if err != nil {
		return nil, err
	}
	path := make([]string, len(folders))
	for i, folder := range folders {
		path[i] = valid(folder.Name)
	}
	l.paths[f.Parent] = path
	return path, nil
}
