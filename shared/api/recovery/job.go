package recovery

import (
	"context"
	"time"

	"coffer/shared/account"
	"coffer/shared/api"
	"coffer/shared/backup"
	"coffer/shared/job"
)

const (
	// listed is how far back the list of jobs reaches.
	listed = 7 * 24 * time.Hour
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
	Initiator string             `json:"initiator"`
	Status    backup.JobStatus   `json:"status" enum:"Pending,In progress,Succeeded,Partially succeeded,Failed,Canceled"`
	Reason    string             `json:"reason,omitempty"`
	Target    string             `json:"target,omitempty" doc:"Box id of the folder that a non-destructive restore made."`
	Created   time.Time          `json:"created"`
	Started   time.Time          `json:"started,omitzero"`
	Ended     time.Time          `json:"ended,omitzero"`
	Total     int64              `json:"total" doc:"Items to do; 0 before they are counted."`
	Done      int64              `json:"done"`
	Skipped   int64              `json:"skipped" doc:"Items left as they were."`
	Failed    int64              `json:"failed"`
	Bytes     int64              `json:"bytes"`
}

func describeJob(j job.Job) Job {
	return Job{
		ID: string(j.ID), Kind: j.Kind, Label: j.Label, Task: string(j.Task), TaskName: j.TaskName,
		User: string(j.BoxUser), UserName: j.UserName, UserLogin: j.UserLogin, Snapshot: string(j.Snapshot), Taken: j.Taken,
		Whole: j.Whole, Mode: j.Mode, Initiator: j.Initiator, Status: j.Status, Reason: j.Reason, Target: j.Target,
		Created: j.Created, Started: j.Started, Ended: j.Ended,
		Total: j.Total, Done: j.Done, Skipped: j.Skipped, Failed: j.Failed, Bytes: j.Bytes,
	}
}

type jobOutput struct {
	Body Job
}

// Choice names an item of the snapshot.
type Choice struct {
	Kind backup.ItemKind `json:"kind" enum:"folder,file,web_link"`
	ID   string          `json:"id" minLength:"1" maxLength:"64"`
}

// NewJob is a restore to be.
type NewJob struct {
	Task     backup.TaskID      `json:"task" maxLength:"64"`
	User     backup.BoxUserID   `json:"user" maxLength:"64"`
	Snapshot backup.SnapshotID  `json:"snapshot" maxLength:"64"`
	Items    []Choice           `json:"items,omitempty" maxItems:"5000" nullable:"false" doc:"What to restore, folders with all that is in them; absent with all."`
	All      bool               `json:"all,omitempty" doc:"Restore everything in the snapshot."`
	Mode     backup.RestoreMode `json:"mode" enum:"non_destructive,replace,bypass" doc:"Non_destructive: into a new folder. Replace: in place; what differs is overwritten. Bypass: in place; what exists is left alone."`
	Label    string             `json:"label,omitempty" maxLength:"200" doc:"At most 50 characters."`
}

type createInput struct {
	Body NewJob
}

func (s *Server) create(ctx context.Context, who account.Session, in *createInput) (*jobOutput, error) {
	b := &in.Body
	if b.All == (len(b.Items) > 0) {
		return nil, backup.Field("items", "Name items, or say all, but not both.")
	}
	label, err := api.Line("label", "The label", b.Label, 0, 50)
	if err != nil {
		return nil, err
	}
	t, u, err := s.find(ctx, who, b.Task, b.User)
	if err != nil {
		return nil, err
	}
	where := SnapshotPath{UserPath{b.Task, b.User}, b.Snapshot}
	row, refs, err := s.choose(ctx, who, where, b.Items)
	if err != nil {
		return nil, err
	}
	if t.Connection != backup.Connected {
		return nil, backup.Errorf(backup.Conflict, "This backup task is not connected to Box. Connect it first.")
	}
	now := s.Now().UTC()
	j := job.Job{
		Account: who.Account, ID: backup.JobID(backup.NewSortableID(now)), Kind: job.Restore, Label: label,
		Task: t.ID, TaskName: t.Name, BoxUser: u.ID, UserName: u.Name, UserLogin: u.Login, Snapshot: row.ID, Taken: row.Taken,
		Whole: b.All, Mode: b.Mode, Initiator: who.Email, Status: backup.JobPending, Created: now,
	}
	if err := s.Jobs.Create(ctx, j, refs); err != nil {
		return nil, err
	}
	// If this fails, the scheduler finds the job within the hour.
	if err := s.Recovers.Send(ctx, string(j.Task), 0, backup.JobMessage{Account: j.Account, Job: j.ID}); err != nil {
		return nil, err
	}
	return &jobOutput{Body: describeJob(j)}, nil
}

func (s *Server) jobs(ctx context.Context, who account.Session, in *jobsInput) (*struct{ Body JobList }, error) {
	all, err := s.Jobs.Jobs(ctx, who.Account, s.Now().Add(-listed))
	if err != nil {
		return nil, err
	}
	out := &struct{ Body JobList }{}
	matching := []Job{}
	for _, j := range all {
		switch {
		case j.Status == backup.JobSucceeded:
			out.Body.Summary.Succeeded++
		case j.Status == backup.JobPartial || j.Status == backup.JobFailed:
			out.Body.Summary.PartialOrFailed++
		case !j.Status.Final():
			out.Body.Summary.InProgress++
		}
		if (in.Status == "" || in.Status == string(j.Status)) && (in.Task == "" || in.Task == j.Task) {
			matching = append(matching, describeJob(j))
		}
	}
	list := "jobs\n" + in.Status + "\n" + string(in.Task) + "\n" + in.Order
	out.Body.List, err = api.Cut(who, list, in.Page, matching, in.Order == "desc", func(j Job) string { return j.ID })
	return out, err
}

type jobsInput struct {
	api.Page
	Status string        `query:"status" enum:"Pending,In progress,Succeeded,Partially succeeded,Failed,Canceled"`
	Task   backup.TaskID `query:"task" maxLength:"64"`
	Order  string        `query:"order" enum:"asc,desc" default:"desc" doc:"By time."`
}

// JobList is a page of jobs and how all jobs of the last 7 days went.
type JobList struct {
	api.List[Job]
	Summary Summary `json:"summary"`
}

// Summary counts the jobs of the last 7 days.
type Summary struct {
	InProgress      int `json:"inProgress" doc:"Pending ones included."`
	Succeeded       int `json:"succeeded"`
	PartialOrFailed int `json:"partialOrFailed"`
}

// JobPath names a job in the path.
type JobPath struct {
	Job backup.JobID `path:"job" maxLength:"64"`
}

func (s *Server) job(ctx context.Context, who account.Session, in *JobPath) (*jobOutput, error) {
	j, err := s.Jobs.Job(ctx, who.Account, in.Job)
	if err != nil {
		return nil, err
	}
	return &jobOutput{Body: describeJob(j)}, nil
}

func (s *Server) cancel(ctx context.Context, who account.Session, in *JobPath) (*jobOutput, error) {
	if err := s.Jobs.Cancel(ctx, who.Account, in.Job); err != nil {
		return nil, err
	}
	return s.job(ctx, who, in)
}
