package recovery

import (
	"context"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"coffer/shared/account"
	"coffer/shared/api"
	"coffer/shared/backup"
	"coffer/shared/catalog"
	"coffer/shared/job"
	"coffer/shared/snapshot"
	"coffer/shared/task"
)

// NewJob is a restore to be.
type NewJob struct {
	Task        backup.TaskID      `json:"task" maxLength:"64"`
	User        backup.BoxUserID   `json:"user" maxLength:"64"`
	Snapshot    backup.SnapshotID  `json:"snapshot" maxLength:"64"`
	Items       []Choice           `json:"items,omitempty" maxItems:"5000" nullable:"false" doc:"What to restore, folders with all that is in them; absent with all."`
	All         bool               `json:"all,omitempty" doc:"Restore everything in the snapshot."`
	Mode        backup.RestoreMode `json:"mode" enum:"non_destructive,replace,bypass" doc:"Non_destructive: into a new folder. Replace: in place; what differs is overwritten. Bypass: in place; what exists is left alone."`
	Include     []Part             `json:"include,omitempty" maxItems:"4" nullable:"false" doc:"What to bring back besides folders, files and web links; absent: comments and metadata. Versions: past versions of files that are gone. Sharing: collaborations, shared links and open tasks, of which other people learn. Comments: with who wrote them and when in their text. Metadata: with classifications."`
	Destination *NewDestination    `json:"destination,omitempty" doc:"Where to make the new folder, with mode non_destructive; absent: in the Box user's root folder."`
	Label       string             `json:"label,omitempty" maxLength:"200" doc:"At most 50 characters."`
}

// Part is something of items that a restore brings back or not.
type Part string

// The parts.
const (
	versions Part = "versions"
	sharing  Part = "sharing"
	comments Part = "comments"
	metadata Part = "metadata"
)

// Schema names the parts.
func (Part) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Enum: []any{string(versions), string(sharing), string(comments), string(metadata)}}
}

// include reads the parts that a job is to bring back.
func include(parts []Part) job.Include {
	if parts == nil { // what reaches nobody else and costs few calls
		parts = []Part{comments, metadata}
	}
	return job.Include{
		Versions: slices.Contains(parts, versions), Sharing: slices.Contains(parts, sharing),
		Comments: slices.Contains(parts, comments), Metadata: slices.Contains(parts, metadata),
	}
}

// included spells them again.
func included(in job.Include) []Part {
	var parts []Part
	for _, p := range []struct {
		in   bool
		part Part
	}{{in.Versions, versions}, {in.Sharing, sharing}, {in.Comments, comments}, {in.Metadata, metadata}} {
		if p.in {
			parts = append(parts, p.part)
		}
	}
	return parts
}

// NewDestination is where the new folder of a restore is to be made.
type NewDestination struct {
	User   backup.BoxUserID `json:"user,omitempty" maxLength:"64" doc:"Another Box user of the task, active at Box; absent: the one whose items they are."`
	Folder string           `json:"folder,omitempty" maxLength:"64" doc:"A folder in that Box user's latest snapshot; absent or 0: the root folder."`
}

type createInput struct {
	Body NewJob
}

func (s *Server) create(ctx context.Context, who account.Session, in *createInput) (*jobOutput, error) {
	b := &in.Body
	if id, again := api.Again(ctx); again {
		j, err := s.Jobs.Job(ctx, who.Account, backup.JobID(id))
		if backup.KindOf(err) != backup.NotFound {
			return s.sent(ctx, j, err)
		}
	}
	refs, err := chosen(b.Items, b.All)
	if err != nil {
		return nil, err
	}
	if b.Destination != nil && b.Mode != backup.NonDestructive {
		return nil, backup.Field("destination", "Only a restore into a new folder can go elsewhere. Choose that mode, or no destination.")
	}
	label, err := api.Line("label", "The label", b.Label, 0, 50)
	if err != nil {
		return nil, err
	}
	t, u, err := s.find(ctx, who, b.Task, b.User)
	if err != nil {
		return nil, err
	}
	row, err := s.choose(ctx, who, SnapshotPath{UserPath{b.Task, b.User}, b.Snapshot}, refs)
	if err != nil {
		return nil, err
	}
	destination, err := s.destination(ctx, who, t, u, b.Destination)
	if err != nil {
		return nil, err
	}
	if t.Connection != backup.Connected {
		return nil, backup.Errorf(backup.Conflict, "This backup task is not connected to Box. Connect it first.")
	}
	now := s.Now().UTC()
	j := job.Job{
		Account: who.Account, ID: backup.JobID(api.NewID(ctx, now)), Kind: job.Restore, Label: label,
		Task: t.ID, TaskName: t.Name, BoxUser: u.ID, UserName: u.Name, UserLogin: u.Login, Snapshot: row.ID, Same: row.Same, Taken: row.Taken,
		Whole: b.All, Mode: b.Mode, Include: include(b.Include), Destination: destination, Initiator: who.Email, By: who.User, Status: backup.JobPending, Created: now,
	}
	if b.All {
		refs = nil
	}
	err = s.Jobs.Create(ctx, j, refs)
	if backup.KindOf(err) == backup.Conflict { // its own: the answer was lost
		j, err = s.Jobs.Job(ctx, j.Account, j.ID)
	}
	return s.sent(ctx, j, err)
}

// sent sends a job's message, where there was no error in making it.
func (s *Server) sent(ctx context.Context, j job.Job, err error) (*jobOutput, error) {
	if err != nil {
		return nil, err
	}
	// If this fails, the scheduler finds the job within the hour.
	if err := s.Recovers.Send(ctx, string(j.Task), 0, backup.JobMessage{Account: j.Account, Job: j.ID}); err != nil {
		return nil, err
	}
	return &jobOutput{Body: describeJob(j)}, nil
}

// choose returns the snapshot's row. The snapshot must have each of the items
// that a job is for.
func (s *Server) choose(ctx context.Context, who account.Session, where SnapshotPath, refs []backup.ItemRef) (snapshot.Snapshot, error) {
	c, err := s.open(ctx, who, where)
	if err != nil {
		return snapshot.Snapshot{}, err
	}
	defer c.Close()
	return c.row, c.Holds(ctx, c.row.Sealed(), refs...)
}

// destination checks where a restore is to make its folder; nil is the root
// folder of the Box user u, whose items they are.
func (s *Server) destination(ctx context.Context, who account.Session, t task.Task, u task.BoxUser, in *NewDestination) (*job.Destination, error) {
	if in == nil {
		return nil, nil
	}
	to, folder := u, in.Folder
	if in.User != "" && in.User != u.ID {
		var err error
		_, to, err = s.find(ctx, who, t.ID, in.User)
		if backup.KindOf(err) == backup.NotFound {
			return nil, backup.Field("destination.user", "This Box user is not one of the backup task.")
		} else if err != nil {
			return nil, err
		}
	}
	if to.Status == backup.Archived || to.BoxStatus != "active" {
		return nil, backup.Field("destination.user", "%s is not active at Box and can receive nothing. Choose another Box user.", to.Name)
	}
	d := &job.Destination{BoxUser: to.ID, UserName: to.Name, UserLogin: to.Login, Folder: backup.RootFolder, FolderName: job.RootName}
	if folder == "" || folder == backup.RootFolder {
		return d, nil
	}
	it, err := s.folder(ctx, t, to, folder)
	if err != nil {
		return nil, err
	}
	d.Folder, d.FolderName = folder, it.Name
	return d, nil
}

// folder returns a folder that is the Box user's own, as the latest snapshot
// has it.
func (s *Server) folder(ctx context.Context, t task.Task, u task.BoxUser, id string) (catalog.Item, error) {
	const field = "destination.folder"
	if u.Snapshot == "" {
		return catalog.Item{}, backup.Field(field, "%s has no backup yet, so only the root folder can be chosen.", u.Name)
	}
	c, err := s.Shelf.Open(ctx, t, u)
	if err != nil {
		return catalog.Item{}, err
	}
	defer c.Close()
	it, err := c.Item(ctx, u.LatestSealed(), backup.ItemRef{Kind: backup.Folder, ID: id})
	switch {
	case backup.KindOf(err) == backup.NotFound:
		return catalog.Item{}, backup.Field(field, "The latest snapshot of %s has no such folder. Choose another.", u.Name)
	case err == nil && it.State == catalog.Reference:
		return catalog.Item{}, backup.Field(field, "This folder belongs to another Box user. Choose a folder of %s's own.", u.Name)
	case err == nil && it.ExternallyOwned:
		return catalog.Item{}, backup.Field(field, "This folder belongs to another company. Choose a folder of %s's own.", u.Name)
	}
	return it, err
}
