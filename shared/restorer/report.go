package restorer

import (
	"context"
	"fmt"
	"strconv"

	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/job"
)

// outcome is the status of a job that did all it could.
func outcome(j job.Job) backup.JobStatus {
	switch {
	case j.Failed == 0:
		return backup.JobSucceeded
	case j.Done+j.Skipped == 0:
		return backup.JobFailed
	}
	return backup.JobPartial
}

// end tells whoever started the job, and ends it together with telling the
// activity list. The mail comes first, since a second one of the same job does
// nothing.
func (r *Restorer) end(ctx context.Context, j job.Job, status backup.JobStatus, reason string) error {
	if reason == "" && j.Failed > 0 {
		reason = fmt.Sprintf("%d of %d items could not be restored. The job's list of items says why.", j.Failed, j.Total)
	}
	err := r.Mails.Send(ctx, string(j.Account), 0, backup.MailMessage{
		ID: "job-" + string(j.ID), Account: j.Account, To: j.Initiator, Template: "restored",
		Data: map[string]string{
			"job": string(j.ID), "label": j.Label, "taskName": j.TaskName, "userName": j.UserName, "status": string(status),
			"done": strconv.FormatInt(j.Done, 10), "skipped": strconv.FormatInt(j.Skipped, 10), "failed": strconv.FormatInt(j.Failed, 10),
			"reason": reason, "destination": destination(j),
		},
	})
	if err != nil {
		return err
	}
	j.Status, j.Reason = status, reason
	now := r.Now()
	return lost(r.Jobs.End(ctx, j, r.Audit.Put(audit.Activity{
		Account: j.Account, ID: audit.ID(now, string(j.ID)), At: now, Kind: audit.Restore, Status: audit.Status(status),
		Task: j.Task, TaskName: j.TaskName, BoxUser: j.BoxUser, BoxUserName: j.UserName, Item: j.UserLogin,
		Duration: now.Sub(j.Created), Bytes: j.Bytes, Records: j.Done, Description: describe(j, reason),
	})))
}

func describe(j job.Job, reason string) string {
	text := fmt.Sprintf("%d items restored, %d left as they were, %d not restored.", j.Done, j.Skipped, j.Failed)
	if j.Destination != nil {
		text += fmt.Sprintf(" The destination was a folder of %s (%s).", j.Destination.UserName, j.Destination.UserLogin)
	}
	if reason != "" {
		text += " " + reason
	}
	return text
}

// destination is what the mail calls the folder that someone chose.
func destination(j job.Job) string {
	if j.Destination == nil {
		return ""
	}
	return fmt.Sprintf("the folder “%s” of %s", j.Destination.FolderName, j.Destination.UserName)
}
