package recovery

import (
	"context"
	"time"

	"coffer/shared/account"
	"coffer/shared/api"
	"coffer/shared/backup"
	"coffer/shared/job"
)

// Job is a restore that someone asked for.
type Job struct {
	ID        string             `json:"id"`
	Kind      job.Kind           `json:"kind" enum:"restore,export,erase"`
	Label     string             `json:"label,omitempty"`
	Task      string             `json:"task"`
	TaskName  string             `json:"taskName"`
	User      string             `json:"user"`
	UserName  string             `json:"userName"`
	UserLogin string             `json:"userLogin"`
	Snapshot  string             `json:"snapshot"`
	Taken     time.Time          `json:"taken" doc:"When the snapshot was taken."`
	Whole     bool               `json:"whole" doc:"Whether the job is for everything in the snapshot."`
	Mode      backup.RestoreMode `json:"mode" enum:"non_destructive,replace,bypass"`
	Include   []Part             `json:"include,omitempty" nullable:"false" doc:"What it brings back besides folders, files and web links."`
	Initiator string             `json:"initiator"`
	Status    backup.JobStatus   `json:"status" enum:"Pending,In progress,Succeeded,Partially succeeded,Failed,Canceled"`
	Reason    string             `json:"reason,omitempty"`
	Target    string             `json:"target,omitempty" doc:"Box id of the folder that a non-destructive restore made."`
	Created   time.Time          `json:"created"`
	Started   time.Time          `json:"started,omitzero"`
	Ended     time.Time          `json:"ended,omitzero"`

	Destination *Destination `json:"destination,omitempty" doc:"Where a non-destructive restore makes its folder, if someone chose; otherwise in the Box user's root folder."`

	Total      int64 `json:"total" doc:"Items to do; 0 before they are counted."`
	TotalBytes int64 `json:"totalBytes" doc:"Of these items."`
	Done       int64 `json:"done"`
	Skipped    int64 `json:"skipped" doc:"Items left as they were."`
	Failed     int64 `json:"failed"`
	Bytes      int64 `json:"bytes" doc:"Brought back so far."`
}

// Destination is a folder of a Box user of the job's task.
type Destination struct {
	User       string `json:"user"`
	UserName   string `json:"userName"`
	UserLogin  string `json:"userLogin"`
	Folder     string `json:"folder"`
	FolderName string `json:"folderName"`
}

func describeJob(j job.Job) Job {
	out := Job{
		ID: string(j.ID), Kind: j.Kind, Label: j.Label, Task: string(j.Task), TaskName: j.TaskName,
		User: string(j.BoxUser), UserName: j.UserName, UserLogin: j.UserLogin, Snapshot: string(j.Snapshot), Taken: j.Taken,
		Whole: j.Whole, Mode: j.Mode, Include: included(j.Include), Initiator: j.Initiator, Status: j.Status, Reason: j.Reason, Target: j.Target,
		Created: j.Created, Started: j.Started, Ended: j.Ended,
		Total: j.Total, TotalBytes: j.TotalBytes, Done: j.Done, Skipped: j.Skipped, Failed: j.Failed, Bytes: j.Bytes,
	}
	if d := j.Destination; d != nil {
		out.Destination = &Destination{
			User: string(d.BoxUser), UserName: d.UserName, UserLogin: d.UserLogin, Folder: d.Folder, FolderName: valid(d.FolderName),
		}
	}
	return out
}

type jobOutput struct {
	Body Job
}

// JobPath names a job in the path.
type JobPath struct {
	Job backup.JobID `path:"job" maxLength:"64"`
}

// seen returns a job of Box users whose access is not limited for the portal
// user.
func (s *Server) seen(ctx context.Context, who account.Session, id backup.JobID) (job.Job, error) {
	j, err := s.Jobs.Job(ctx, who.Account, id)
	if err != nil {
		return job.Job{}, err
	}
	hides, err := s.limits().Hides(ctx, who)
	if err != nil {
		return job.Job{}, err
	}
	hidden, err := hides(j.Task, j.BoxUser, j.Into().BoxUser)
	if err == nil && hidden {
		err = backup.Errorf(backup.NotFound, "This job does not exist.")
	}
	return j, err
}

func (s *Server) job(ctx context.Context, who account.Session, in *JobPath) (*jobOutput, error) {
	j, err := s.seen(ctx, who, in.Job)
	if err != nil {
		return nil, err
	}
	return &jobOutput{Body: describeJob(j)}, nil
}

func (s *Server) cancel(ctx context.Context, who account.Session, in *JobPath) (*jobOutput, error) {
	j, err := s.seen(ctx, who, in.Job)
	if err != nil {
		return nil, err
	}
	if _, again := api.Again(ctx); again && j.Cancel { // which nobody takes back
		return &jobOutput{Body: describeJob(j)}, nil
	}
	if err := s.Jobs.Cancel(ctx, who.Account, in.Job); err != nil {
		return nil, err
	}
	return s.job(ctx, who, in)
}
