package task

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/guregu/dynamo/v2"

	"coffer/shared/backup"
	"coffer/shared/keys"
)

// refreshTime is how long one worker has for a refresh before another may try.
const refreshTime = 30 * time.Second

// Tokens keeps the Box token pair of one task, sealed by KMS for that account
// and task alone. It is a box.TokenStore.
type Tokens struct {
	table   *Table
	ring    *keys.Ring
	account backup.AccountID
	task    backup.TaskID
}

// Tokens returns the token store of a task.
func (t *Table) Tokens(ring *keys.Ring, account backup.AccountID, task backup.TaskID) *Tokens {
	return &Tokens{table: t, ring: ring, account: account, task: task}
}

type tokenItem struct {
	PK      string `dynamo:"PK,hash"`
	SK      string `dynamo:"SK,range"`
	Sealed  []byte `dynamo:",omitempty"` // the pair
	Version int64
	Until   int64 `dynamo:",omitempty"` // end of the refresh lease, in Unix milliseconds

	Refreshed time.Time `dynamo:",omitempty"` // when Box gave out the pair

	Credentials []byte `dynamo:",omitempty"` // in place of a pair: those of the customer's own application
}

func (k *Tokens) bound() map[string]string { return k.sealedFor("token") }

func (k *Tokens) update() *dynamo.Update {
	return k.table.table.Update("PK", partition(k.account, k.task)).Range("SK", "TOKEN")
}

// Load returns the pair and its version, or a NotFound error before the first
// Store.
func (k *Tokens) Load(ctx context.Context) (backup.Token, int64, error) {
	var item tokenItem
	err := k.table.table.Get("PK", partition(k.account, k.task)).Range("SK", dynamo.Equal, "TOKEN").Consistent(true).One(ctx, &item)
	if errors.Is(err, dynamo.ErrNotFound) || err == nil && len(item.Sealed) == 0 {
		return backup.Token{}, 0, backup.Errorf(backup.NotFound, "This backup task has not been authorised in Box yet.")
	}
	if err != nil {
		return backup.Token{}, 0, fmt.Errorf("tokens of task %s: %w", k.task, err)
	}
	plain, err := k.ring.Open(ctx, item.Sealed, k.bound())
	if err != nil {
		return backup.Token{}, 0, fmt.Errorf("open tokens of task %s: %w", k.task, err)
	}
	var token backup.Token
	if err := json.Unmarshal(plain, &token); err != nil {
		return backup.Token{}, 0, fmt.Errorf("tokens of task %s are not in the stored form", k.task)
	}
	return token, item.Version, nil
}

// Store keeps the pair of a new authorisation in place of whatever authorised
// the task before.
func (k *Tokens) Store(ctx context.Context, token backup.Token) error {
	sealed, err := k.seal(ctx, token)
	if err != nil {
		return err
	}
	err = k.update().Set("Sealed", sealed).Set("Refreshed", k.table.Now()).Add("Version", 1).Remove("Until", "Credentials").Run(ctx)
	return wrap(err, "store tokens of task %s", k.task)
}

// Remove removes what authorised the task.
func (k *Tokens) Remove(ctx context.Context) error {
	err := k.table.table.Delete("PK", partition(k.account, k.task)).Range("SK", "TOKEN").Run(ctx)
	return wrap(err, "remove tokens of task %s", k.task)
}

// Lease reports whether the caller alone may refresh this version now.
func (k *Tokens) Lease(ctx context.Context, version int64) (bool, error) {
	now := k.table.Now()
	err := k.update().Set("Until", now.Add(refreshTime).UnixMilli()).
		If("'Version' = ? AND (attribute_not_exists('Until') OR 'Until' < ?)", version, now.UnixMilli()).Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		return false, nil
	}
	return err == nil, wrap(err, "lease tokens of task %s", k.task)
}

// Save keeps the refreshed pair as the version after the given one and ends
// the lease. It is a Conflict when a newer version is stored already.
func (k *Tokens) Save(ctx context.Context, version int64, token backup.Token) error {
	sealed, err := k.seal(ctx, token)
	if err != nil {
		return err
	}
	err = k.update().Set("Sealed", sealed).Set("Refreshed", k.table.Now()).Set("Version", version+1).Remove("Until").If("'Version' = ?", version).Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		return backup.Errorf(backup.Conflict, "The tokens were refreshed meanwhile.")
	}
	return wrap(err, "save tokens of task %s", k.task)
}

// Release ends the lease without a new pair.
func (k *Tokens) Release(ctx context.Context, version int64) error {
	err := k.update().Remove("Until").If("'Version' = ?", version).Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		return nil
	}
	return wrap(err, "release tokens of task %s", k.task)
}

func (k *Tokens) seal(ctx context.Context, token backup.Token) ([]byte, error) {
	plain, err := json.Marshal(token)
	if err != nil {
		return nil, fmt.Errorf("tokens of task %s: %w", k.task, err)
	}
	sealed, err := k.ring.Seal(ctx, plain, k.bound())
	return sealed, wrap(err, "seal tokens of task %s", k.task)
}
