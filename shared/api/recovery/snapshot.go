package recovery

import (
	"context"
	"strings"
	"time"

	"coffer/shared/account"
	"coffer/shared/api"
	"coffer/shared/backup"
	"coffer/shared/catalog"
	"coffer/shared/snapshot"
)

// Snapshot is the sealed result of a backup.
type Snapshot struct {
	ID       string        `json:"id"`
	Status   backup.Status `json:"status" enum:"Success,Partial"`
	Taken    time.Time     `json:"taken" doc:"What the Box user had at this moment."`
	Started  time.Time     `json:"started"`
	Ended    time.Time     `json:"ended"`
	Method   string        `json:"method" doc:"How the backup found out what had changed."`
	Items    int64         `json:"items"`
	Files    int64         `json:"files"`
	Folders  int64         `json:"folders"`
	WebLinks int64         `json:"webLinks"`
	Size     int64         `json:"size" doc:"Bytes of all files."`
	Added    int64         `json:"added"`
	Changed  int64         `json:"changed"`
	Removed  int64         `json:"removed"`
	Failed   int64         `json:"failed" doc:"Items that could not be backed up."`
	Stored   int64         `json:"stored" doc:"Bytes that the backup stored anew."`
	Calls    int64         `json:"calls" doc:"Box calls of the backup."`
}

// Failure is an item that could not be backed up.
type Failure struct {
	Kind   backup.ItemKind `json:"kind" enum:"folder,file,web_link"`
	ID     string          `json:"id"`
	Name   string          `json:"name,omitempty"`
	Reason string          `json:"reason"`
}

// SnapshotDetails is a snapshot with the items that it lacks.
type SnapshotDetails struct {
	Snapshot
	Failures []Failure `json:"failures" nullable:"false" doc:"The first 1,000 items that could not be backed up."`
}

const maxFailures = 1000

func describe(s snapshot.Snapshot) Snapshot {
	return Snapshot{
		ID: string(s.ID), Status: s.Status, Taken: s.Taken, Started: s.Started, Ended: s.Ended, Method: string(s.Method),
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

func (s *Server) snapshot(ctx context.Context, who account.Session, in *SnapshotPath) (*struct{ Body SnapshotDetails }, error) {
	row, c, err := s.open(ctx, who, *in)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	out := &struct{ Body SnapshotDetails }{SnapshotDetails{Snapshot: describe(row), Failures: []Failure{}}}
	failures, err := c.Failures(ctx, in.Snapshot)
	if err != nil {
		return nil, err
	}
	for _, f := range failures[:min(maxFailures, len(failures))] {
		out.Body.Failures = append(out.Body.Failures, Failure{Kind: f.Kind, ID: f.ID, Name: valid(f.Name), Reason: f.Reason})
	}
	return out, nil
}

// Item is an item as a snapshot has it.
type Item struct {
	Kind            backup.ItemKind `json:"kind" enum:"folder,file,web_link"`
	ID              string          `json:"id"`
	Parent          string          `json:"parent,omitempty" doc:"The folder's id."`
	Name            string          `json:"name"`
	Size            int64           `json:"size,omitempty" doc:"Bytes, of a file."`
	SHA1            string          `json:"sha1,omitempty" doc:"Of a file."`
	URL             string          `json:"url,omitempty" doc:"Of a web link."`
	Description     string          `json:"description,omitempty"`
	Tags            []string        `json:"tags,omitempty"`
	State           string          `json:"state" enum:"complete,earlier,absent,reference" doc:"Earlier: the snapshot has an earlier version of the file; absent: it has none; reference: another Box user owns the item, and that one's backup has it."`
	Created         time.Time       `json:"created,omitzero"`
	Modified        time.Time       `json:"modified,omitzero"`
	ContentModified time.Time       `json:"contentModified,omitzero"`
	OwnedBy         string          `json:"ownedBy,omitempty"`
}

func describeItem(i catalog.Item) Item {
	out := Item{
		Kind: i.Kind, ID: i.ID, Parent: i.Parent, Name: valid(i.Name), URL: valid(i.URL), Description: valid(i.Description), Tags: i.Tags,
		State: []string{"complete", "earlier", "absent", "reference"}[i.State], OwnedBy: valid(i.OwnedBy),
		Created: i.CreatedAt, Modified: i.ModifiedAt, ContentModified: i.ContentModifiedAt,
	}
	if i.Kind == backup.File && i.State != catalog.Absent {
		out.Size, out.SHA1 = i.Content.Size, i.Content.SHA1.String()
	}
	return out
}

// valid makes Box's bytes text: a name may be anything, an answer must be JSON.
func valid(s string) string { return strings.ToValidUTF8(s, "\ufffd") }

type itemsInput struct {
	SnapshotPath
	api.Page
	Parent string `query:"parent" default:"0" maxLength:"64" doc:"The folder's id; 0 is the Box user's root folder."`
	Query  string `query:"q" maxLength:"200" doc:"Look for names with these words, in all folders."`
}

// ItemList is a page of a folder's items and where the folder is.
type ItemList struct {
	api.List[Item]
	Path []Item `json:"path" nullable:"false" doc:"The folders from below the root folder to this one."`
}

func (s *Server) items(ctx context.Context, who account.Session, in *itemsInput) (*struct{ Body ItemList }, error) {
	_, c, err := s.open(ctx, who, in.SnapshotPath)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	list := strings.Join([]string{"items", string(in.Task), string(in.User), string(in.Snapshot), in.Parent, in.Query}, "\n")
	after, err := api.Open(who, list, in.Cursor)
	if err != nil {
		return nil, err
	}
	var found, path []catalog.Item
	var next string
	if in.Query != "" {
		found, next, err = c.Search(ctx, in.Snapshot, in.Query, after, in.Limit)
	} else if path, err = c.Path(ctx, in.Snapshot, backup.ItemRef{Kind: backup.Folder, ID: in.Parent}); err == nil {
		found, next, err = c.Children(ctx, in.Snapshot, in.Parent, after, in.Limit)
	}
	if err != nil {
		return nil, err
	}
	out := &struct{ Body ItemList }{ItemList{
		List: api.List[Item]{Items: make([]Item, len(found)), Next: api.Seal(who, list, next)}, Path: make([]Item, len(path)),
	}}
	for i := range found {
		out.Body.Items[i] = describeItem(found[i])
	}
	for i := range path {
		out.Body.Path[i] = describeItem(path[i])
	}
	return out, nil
}
