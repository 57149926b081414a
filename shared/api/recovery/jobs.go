package recovery

import (
	"context"
	"maps"
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

func (s *Server) jobs(ctx context.Context, who account.Session, in *jobsInput) (*struct{ Body JobList }, error) {
	all, err := s.Jobs.Jobs(ctx, who.Account, s.Now().Add(-listed))
	if err != nil {
		return nil, err
	}
	out := &struct{ Body JobList }{}
	matching, initiators := []Job{}, map[string]bool{}
	hides, err := s.limits().Hides(ctx, who)
	if err != nil {
		return nil, err
	}
	for i := range all {
		hidden, err := hides(all[i].Task, all[i].BoxUser, all[i].Into().BoxUser)
		if err != nil {
			return nil, err
		}
		if hidden {
			continue
		}
		out.Body.Summary.add(all[i].Status)
		initiators[all[i].Initiator] = true
		if in.wants(&all[i]) {
			matching = append(matching, describeJob(all[i]))
		}
	}
	out.Body.Initiators = slices.AppendSeq([]string{}, maps.Keys(initiators))
	slices.Sort(out.Body.Initiators)
	out.Body.List, err = api.Cut(who, in.list(), in.Page, matching, in.Order == "desc", func(j Job) string { return j.ID })
	return out, err
}
