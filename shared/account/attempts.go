package account

import (
	"context"
	"time"

	"github.com/guregu/dynamo/v2"

	"coffer/shared/backup"
)

// Attempts counts what somebody tried: wrong passwords for one e-mail address
// or from one network address, or mails to one address.
type Attempts struct {
	Count  int
	Next   time.Time `dynamo:",omitempty"` // not before this time again
	Latest []Attempt `dynamo:",omitempty"` // where only so many are allowed within some time
}

// Attempt is one of those that count, by its id.
type Attempt struct {
	ID string
	At time.Time
}

type attemptsItem struct {
	PK      string    `dynamo:"PK,hash"`
	SK      string    `dynamo:"SK,range"`
	Expires time.Time `dynamo:",unixtime"`
	Forget  int64     // Unix milliseconds; the count is void from then on
	Attempts
}

const attemptsKey = "ATTEMPTS"

// Attempts returns what subject has on its account at the time. The subject
// (an address, say) is stored as a hash only.
func (t *Table) Attempts(ctx context.Context, subject string, now time.Time) (Attempts, error) {
	var item attemptsItem
	err := t.get(ctx, "ATTEMPTS#"+hash(subject), attemptsKey, &item)
	if IsNotFound(found(err, "")) || now.UnixMilli() >= item.Forget {
		return Attempts{}, nil
	}
	return item.Attempts, wrap(err, "attempts")
}

// PutAttempts stores what follows after old, to be forgotten at the given
// time. It is a Conflict when somebody else stored something since old was
// read at the time now, so that attempts at once are counted one by one.
func (t *Table) PutAttempts(ctx context.Context, subject string, old, next Attempts, now, forget time.Time) error {
	put := t.table.Put(attemptsItem{PK: "ATTEMPTS#" + hash(subject), SK: attemptsKey, Expires: forget, Forget: forget.UnixMilli(), Attempts: next})
	if old.Count == 0 {
		put.If("attribute_not_exists(PK) OR 'Count' = ? OR Forget <= ?", 0, now.UnixMilli())
	} else {
		put.If("'Count' = ?", old.Count)
	}
	err := put.Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		return backup.Errorf(backup.Conflict, "Somebody else tried at the same time.")
	}
	return wrap(err, "attempts")
}

// ForgetAttempts clears what subject has on its account.
func (t *Table) ForgetAttempts(ctx context.Context, subject string) error {
	return wrap(t.table.Delete("PK", "ATTEMPTS#"+hash(subject)).Range("SK", attemptsKey).Run(ctx), "attempts")
}

// ForgiveAttempt takes one attempt back.
func (t *Table) ForgiveAttempt(ctx context.Context, subject string) error {
	err := t.table.Update("PK", "ATTEMPTS#"+hash(subject)).Range("SK", attemptsKey).
		Add("Count", -1).Remove("Next").If("'Count' > ?", 0).Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		return nil
	}
	return wrap(err, "attempts")
}
