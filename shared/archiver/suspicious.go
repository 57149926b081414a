package archiver

import (
	"context"
	"errors"
	"fmt"

	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/catalog"
)

const (
	// fewItems is below how many items nothing is unusual: a person may well
	// change all of them in a day.
	fewItems = 20
	// In percent of what was there before.
	removedAtOnce = 50
	alteredAtOnce = 30
)

// suspicious looks at what a sealed draft changed. Where that looks like a mistake
// or an attack, it says why in a sentence, which holds the Box user's snapshots,
// and tells the primary user and the activity list. That is before the seal: a
// run that goes on elsewhere finds the same, and tells it under the same ids.
func (r *run) suspicious(ctx context.Context, c catalog.Counts) (string, error) {
	why, err := r.unusual(ctx, c)
	if err != nil || why == "" {
		return "", err
	}
	id := "unusual-" + string(r.user.RunID)
	told := r.told(r.task, r.user, audit.Partial, why+" Earlier snapshots stay as they are, and none of this Box user expires until an administrator says that all is well.")
	told.ID, told.At, told.Duration = audit.ID(r.draft.At, id), r.draft.At, 0
	return why, errors.Join(r.Audit.Add(ctx, told), r.Connections.Mail(ctx, backup.MailMessage{
		ID: id, Account: r.user.Account, Template: "unusual-change",
		Data: map[string]string{
			"task": string(r.task.ID), "taskName": r.task.Name, "userName": r.user.Name, "boxUser": string(r.user.ID), "reason": why,
		},
	}))
}

// unusual is the sentence, empty for what looks like people's work.
func (r *run) unusual(ctx context.Context, c catalog.Counts) (string, error) {
	if before := c.Items() - c.New + c.Removed; before >= fewItems && 100*c.Removed >= removedAtOnce*before {
		return fmt.Sprintf("%d of %d items were removed from Box between two backups.", c.Removed, before), nil
	}
	if c.Files < fewItems {
		return "", nil
	}
	altered, err := r.draft.Altered(ctx)
	if err != nil || 100*altered < alteredAtOnce*c.Files {
		return "", err
	}
	return fmt.Sprintf("The contents or the types of %d of %d files were changed between two backups, which may be the work of ransomware.", altered, c.Files), nil
}
