package task

import (
	"context"
	"time"

	"github.com/guregu/dynamo/v2"

	"coffer/shared/backup"
)

// Mark is how far a look for contents that nothing needs has come: first it
// notes what every Box user's catalogs need, then it compares, a 256th of the
// vault after another.
type Mark struct {
	Started time.Time
	After   backup.BoxUserID `dynamo:",omitempty"` // the last Box user of whom it is noted
	Noted   bool             `dynamo:",omitempty"` // it is of all
	Parts   []string         `dynamo:",omitempty"` // of the notes, by their names in the vault
	Swept   int              `dynamo:",omitempty"` // how many of 256 sections are compared
	Waiting bool             `dynamo:",omitempty"` // contents were condemned that are to be removed later
	Saves   int              // how often it was saved
}

// Sweep sets when to look next for contents of the task that nothing needs.
func (t *Table) Sweep(ctx context.Context, account backup.AccountID, id backup.TaskID, at time.Time) error {
	err := t.update(account, id).Set("SweepAt", at.UTC()).If("attribute_exists(PK)").Run(ctx)
	return purged(err, "sweep of task %s", id)
}

// SaveMark stores how far the look has come, for another invocation to go on,
// and when to look next after this one, as far as is known. It is a Conflict
// unless what is stored was saved once less often.
func (t *Table) SaveMark(ctx context.Context, account backup.AccountID, id backup.TaskID, m Mark, next time.Time) error {
	up := t.update(account, id).Set("Mark", m).Set("SweepAt", next.UTC())
	return purged(ifSaved(up, m.Saves-1).Run(ctx), "mark of task %s", id)
}

// EndMark ends a look that was saved that many times, and sets when to look
// next. It is a Conflict if it was saved meanwhile.
func (t *Table) EndMark(ctx context.Context, account backup.AccountID, id backup.TaskID, saves int, next time.Time) error {
	up := t.update(account, id).Remove("Mark").Set("SweepAt", next.UTC())
	return purged(ifSaved(up, saves).Run(ctx), "mark of task %s", id)
}

func ifSaved(up *dynamo.Update, saves int) *dynamo.Update {
	if saves == 0 {
		return up.If("attribute_exists(PK) AND attribute_not_exists('Mark')")
	}
	return up.If("'Mark'.'Saves' = ?", saves)
}
