package recovery

import (
	"context"
	"slices"
	"strings"
	"time"

	"coffer/shared/account"
	"coffer/shared/api"
	"coffer/shared/backup"
	"coffer/shared/job"
)

// listed is how far back the list of jobs reaches.
const listed = 7 * 24 * time.Hour

type jobsInput struct {
	api.Page
	Status    []backup.JobStatus `query:"status,explode" enum:"Pending,In progress,Succeeded,Partially succeeded,Failed,Canceled" doc:"Jobs with one of these."`
	Kind      job.Kind           `query:"kind" enum:"restore,export,erase"`
	Initiator string             `query:"initiator" maxLength:"320" doc:"E-mail address of who started it."`
	Task      backup.TaskID      `query:"task" maxLength:"64"`
	User      backup.BoxUserID   `query:"user" maxLength:"64" doc:"The Box user whose items they are."`
	Query     string             `query:"q" maxLength:"200" doc:"Only jobs with this in their label, the names or e-mail addresses of their Box users, or the name of their task."`
	Order     string             `query:"order" enum:"asc,desc" default:"desc" doc:"By time."`
}

// wants reports whether the job is one of those asked for.
func (in *jobsInput) wants(j *job.Job) bool {
	into := j.Into()
	texts := []string{j.Label, j.UserName, j.UserLogin, into.UserName, into.UserLogin, j.TaskName}
	word := strings.ToLower(in.Query)
	return (len(in.Status) == 0 || slices.Contains(in.Status, j.Status)) &&
		(in.Kind == "" || in.Kind == j.Kind) &&
		(in.Initiator == "" || in.Initiator == j.Initiator) &&
		(in.Task == "" || in.Task == j.Task) &&
		(in.User == "" || in.User == j.BoxUser) &&
		(word == "" || slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(strings.ToLower(s), word) }))
}

// list names what is asked for, for its cursors.
func (in *jobsInput) list() string {
	texts := []string{"jobs", string(in.Kind), in.Initiator, string(in.Task), string(in.User), in.Query, in.Order}
	for _, status := range in.Status {
		texts = append(texts, string(status))
	}
	return strings.Join(texts, "\n")
}

// JobList is a page of jobs, and what there is among all jobs of the last 7
// days, whatever was asked for.
type JobList struct {
	api.List[Job]
	Summary    Summary  `json:"summary"`
	Initiators []string `json:"initiators" nullable:"false" doc:"Who started jobs in the last 7 days, in the order of the alphabet."`
}

// Summary counts the jobs of the last 7 days. A canceled one counts nowhere.
type Summary struct {
	InProgress      int `json:"inProgress" doc:"Pending ones included."`
	Succeeded       int `json:"succeeded"`
	PartialOrFailed int `json:"partialOrFailed"`
}

func (s *Summary) add(status backup.JobStatus) {
	switch {
	case status == backup.JobSucceeded:
		s.Succeeded++
	case status == backup.JobPartial || status == backup.JobFailed:
		s.PartialOrFailed++
	case !status.Final():
		s.InProgress++
	}
}

// jobs reads a page of the jobs and, where they are more than a few, sums them up
// anew only now and then: so long a rest that reading them all costs the same
// whatever their number.
func (s *Server) jobs(ctx context.Context, who account.Session, in *jobsInput) (*struct{ Body JobList }, error) {
	hides, err := s.limits().Hides(ctx, who)
	if err != nil {
		return nil, err
	}
	sums, err := s.sums.of(ctx, s, who, hides)
	if err != nil {
		return nil, err
	}
	out := &struct{ Body JobList }{JobList{Summary: sums.Summary, Initiators: sums.initiators}}
	if sums.all == nil {
		out.Body.List, err = s.jobsPage(ctx, who, in, hides)
		return out, err
	}
	matching := []Job{}
	for i := range sums.all {
		if in.wants(&sums.all[i]) {
			matching = append(matching, describeJob(sums.all[i]))
		}
	}
	out.Body.List, err = api.Cut(who, in.list(), in.Page, matching, in.Order == "desc", func(j Job) string { return j.ID })
	return out, err
}

// jobsPage reads jobs until the page is full, or so many that the rest is for the
// next page. How many there are in all it does not know.
func (s *Server) jobsPage(ctx context.Context, who account.Session, in *jobsInput, hides hiding) (api.List[Job], error) {
	list := api.List[Job]{Items: []Job{}}
	after, err := api.Open(who, in.list(), in.Cursor)
	if err != nil {
		return list, err
	}
	looked := 0
	for j, err := range s.Jobs.Each(ctx, who.Account, s.Now().Add(-listed), backup.JobID(after), in.Order == "desc") {
		if err != nil {
			return list, err
		}
		if len(list.Items) == in.Limit || looked == mostJobs {
			list.Next = api.Seal(who, in.list(), after)
			break
		}
		looked, after = looked+1, string(j.ID)
		hidden, err := hides(j.Task, j.BoxUser, j.Into().BoxUser)
		if err != nil {
			return list, err
		}
		if !hidden && in.wants(&j) {
			list.Items = append(list.Items, describeJob(j))
		}
	}
	return list, nil
}
