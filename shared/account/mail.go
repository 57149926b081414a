package account

import (
	"context"
	"time"

	"coffer/shared/backup"
)

type mailItem struct {
	PK      string    `dynamo:"PK,hash"`
	SK      string    `dynamo:"SK,range"`
	Expires time.Time `dynamo:",unixtime"`
	Sent    bool
	Until   int64 `dynamo:",omitempty"` // end of the sender's lease, in Unix milliseconds
}

const (
	mailLease = 2 * time.Minute
	// mailMemory is longer than a queue keeps a message (at most 14 days).
	mailMemory = 15 * 24 * time.Hour
)

// BeginMail reports whether the caller is to send the message of this id: not
// if it was sent. It is Busy while somebody else is sending it.
func (t *Table) BeginMail(ctx context.Context, id string, now time.Time) (bool, error) {
	item := mailItem{PK: "MAIL#" + id, SK: "MAIL", Expires: now.Add(mailMemory), Until: now.Add(mailLease).UnixMilli()}
	var old mailItem
	wrote, err := t.table.Put(item).If("attribute_not_exists(PK) OR ('Sent' = ? AND 'Until' < ?)", false, now.UnixMilli()).CurrentValue(ctx, &old)
	switch {
	case err != nil:
		return false, wrap(err, "begin mail %s", id)
	case wrote:
		return true, nil
	case old.Sent:
		return false, nil
	default:
		return false, backup.Errorf(backup.Busy, "This mail is being sent.")
	}
}

// EndMail records how sending ended; one that was not sent may be tried again
// at once.
func (t *Table) EndMail(ctx context.Context, id string, sent bool, now time.Time) error {
	if !sent {
		return wrap(t.table.Delete("PK", "MAIL#"+id).Range("SK", "MAIL").Run(ctx), "mail %s not sent", id)
	}
	item := mailItem{PK: "MAIL#" + id, SK: "MAIL", Expires: now.Add(mailMemory), Sent: true}
	return wrap(t.table.Put(item).Run(ctx), "mail %s sent", id)
}
