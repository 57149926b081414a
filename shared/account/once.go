package account

import (
	"context"
	"time"

	"github.com/guregu/dynamo/v2"

	"coffer/shared/backup"
)

const (
	// onceTime is how long what was asked for with a key is remembered.
	onceTime = 48 * time.Hour
	// onceLease is how long a request may take before another one with its key
	// may do what it did not get done.
	onceLease = time.Minute
)

// Once is something that is to be done once, however often it is asked for with
// the same key.
type Once struct {
	Account backup.AccountID
	User    backup.UserID
	Key     string    // as the caller chose it
	Asked   string    // a hash of what is asked for
	ID      string    // for what the request makes; the same whoever finishes it
	Owner   string    // the ID that whoever is at it came with
	Answer  []byte    `dynamo:",omitempty"` // JSON, once it is done
	Done    time.Time `dynamo:",omitempty"`
}

type onceItem struct {
	PK      string    `dynamo:"PK,hash"`
	SK      string    `dynamo:"SK,range"`
	Expires time.Time `dynamo:",unixtime"`
	Forget  int64     // Unix milliseconds; the row is void from then on
	Until   int64     // Unix milliseconds; until then, whoever began it is at it
	Once
}

func (o Once) key() string { return "ONCE#" + string(o.User) + "#" + hash(o.Key) }

// BeginOnce returns the row of o's key, and whether it is the caller's now to do
// and to end. Where it is not, it was done, or asks for something else. The row
// has o's ID where nobody began it before. It is a Conflict, with the time to
// wait, where somebody is at it.
func (t *Table) BeginOnce(ctx context.Context, o Once, now time.Time) (row Once, mine bool, err error) {
	forget := now.Add(onceTime)
	o.Owner = o.ID
	item := onceItem{
		PK: string(o.Account), SK: o.key(), Expires: forget, Forget: forget.UnixMilli(), Until: now.Add(onceLease).UnixMilli(), Once: o,
	}
	err = t.table.Put(item).If("attribute_not_exists(PK) OR Forget <= ?", now.UnixMilli()).Run(ctx)
	if !dynamo.IsCondCheckFailed(err) {
		return o, err == nil, wrap(err, "begin what is done once")
	}
	if err := t.get(ctx, item.PK, item.SK, &item); err != nil {
		return Once{}, false, found(err, "what is done once")
	}
	row = item.Once
	if row.Asked != o.Asked || !row.Done.IsZero() {
		return row, false, nil
	}
	// It is o's own where the answer to a write was lost.
	err = t.updateOnce(o).Set("'Until'", now.Add(onceLease).UnixMilli()).Set("'Owner'", o.Owner).
		If("'Owner' = ? OR 'Until' <= ?", o.Owner, now.UnixMilli()).If("attribute_not_exists('Done') AND Asked = ?", o.Asked).Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		wait := max(time.Second, time.UnixMilli(item.Until).Sub(now))
		return Once{}, false, &backup.Error{Kind: backup.Conflict, Message: "The same request is being worked on. Ask again in a moment.", Wait: wait}
	}
	row.Owner = o.Owner
	return row, err == nil, wrap(err, "take up what is done once")
}

// EndOnce stores the answer of what was done.
func (t *Table) EndOnce(ctx context.Context, o Once, answer []byte, now time.Time) error {
	return wrap(t.updateOnce(o).Set("Answer", answer).Set("'Done'", now).If("ID = ?", o.ID).Run(ctx), "end what is done once")
}

// DropOnce lets what was not done be asked for again, unless somebody else is at
// it by now.
func (t *Table) DropOnce(ctx context.Context, o Once) error {
	err := t.updateOnce(o).Set("'Until'", 0).If("ID = ? AND 'Owner' = ?", o.ID, o.Owner).Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		return nil
	}
	return wrap(err, "drop what is done once")
}

func (t *Table) updateOnce(o Once) *dynamo.Update {
	return t.table.Update("PK", string(o.Account)).Range("SK", o.key())
}
