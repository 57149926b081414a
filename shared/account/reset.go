package account

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"coffer/shared/backup"
)

// Reset is the mailed link that lets a user set a new password. A user has one
// at most, the newest.
type Reset struct {
	Account backup.AccountID
	User    backup.UserID
	Secret  string `dynamo:"-"` // only its hash is stored
	Until   time.Time
}

type resetItem struct {
	PK      string    `dynamo:"PK,hash"`
	SK      string    `dynamo:"SK,range"`
	Expires time.Time `dynamo:",unixtime"`
	Hash    string    // of the secret
	Reset
}

func resetKey(user backup.UserID) string { return "RESET#" + string(user) }

func (r Reset) item() resetItem {
	return resetItem{PK: string(r.Account), SK: resetKey(r.User), Expires: r.Until, Hash: hash(r.Secret), Reset: r}
}

// PutReset stores a link in place of the one that the user had before.
func (t *Table) PutReset(ctx context.Context, r Reset) error {
	return wrap(t.table.Put(r.item()).Run(ctx), "reset link of user %s", r.User)
}

// Reset returns the link with this secret, or a NotFound error where it was
// used, replaced or never made.
func (t *Table) Reset(ctx context.Context, account backup.AccountID, secret string) (Reset, error) {
	var items []resetItem // the account's open links are few
	err := t.table.Get("PK", string(account)).Range("SK", dynamo.BeginsWith, resetKey("")).
		Filter("'Hash' = ?", hash(secret)).Consistent(true).All(ctx, &items)
	if err == nil && len(items) == 0 {
		err = dynamo.ErrNotFound
	}
	if err != nil {
		return Reset{}, found(err, "reset link of account %s", account)
	}
	items[0].Secret = secret
	return items[0].Reset, nil
}

// SetPassword gives u a password (its hash) in place of the one that u has
// here, and voids the user's reset link. It is a Conflict when the password was
// changed since u was read.
func (t *Table) SetPassword(ctx context.Context, u User, password string) error {
	return t.setPassword(ctx, u, password, t.table.Delete("PK", string(u.Account)).Range("SK", resetKey(u.ID)))
}

// SetPasswordBy is SetPassword by the right of a reset link. It is a Conflict,
// too, when the link was used or replaced since it was read.
func (t *Table) SetPasswordBy(ctx context.Context, r Reset, u User, password string) error {
	item := r.item()
	return t.setPassword(ctx, u, password, t.table.Delete("PK", item.PK).Range("SK", item.SK).If("'Hash' = ?", item.Hash))
}

func (t *Table) setPassword(ctx context.Context, u User, password string, void *dynamo.Delete) error {
	update := t.table.Update("PK", string(u.Account)).Range("SK", userKey(u.ID)).Set("Password", password)
	if u.Password == "" {
		update.If("attribute_exists(PK) AND attribute_not_exists('Password')")
	} else {
		update.If("'Password' = ?", u.Password)
	}
	err := t.db.WriteTx().Update(update).Delete(void).Run(ctx)
	if dynamo.IsCondCheckFailed(err) || collided(err) {
		return backup.Errorf(backup.Conflict, "The password was changed at the same time.")
	}
	return wrap(err, "password of user %s", u.ID)
}

// collided reports whether a transaction met another one on its rows.
func collided(err error) bool {
	canceled, ok := errors.AsType[*types.TransactionCanceledException](err)
	return ok && slices.ContainsFunc(canceled.CancellationReasons, func(r types.CancellationReason) bool {
		return r.Code != nil && *r.Code == "TransactionConflict"
	})
}
