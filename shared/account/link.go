package account

import (
	"context"
	"time"

	"github.com/guregu/dynamo/v2"

	"coffer/shared/backup"
)

// Link is what a mailed link stands for.
type Link struct {
	Account backup.AccountID
	User    backup.UserID
	Secret  string `dynamo:"-"` // only its hash is stored
	Purpose string // Activation
	Until   time.Time
}

// Activation is the purpose of the link that activates an account.
const Activation = "activation"

type linkItem struct {
	PK      string    `dynamo:"PK,hash"`
	SK      string    `dynamo:"SK,range"`
	Expires time.Time `dynamo:",unixtime"`
	Link
}

func (l Link) key() string { return "LINK#" + hash(l.Secret) }

func (l Link) item() linkItem {
	return linkItem{PK: string(l.Account), SK: l.key(), Expires: l.Until, Link: l}
}

// Link returns the link with this secret, or a NotFound error where it was
// used or never made.
func (t *Table) Link(ctx context.Context, account backup.AccountID, secret string) (Link, error) {
	var item linkItem
	err := t.get(ctx, string(account), Link{Secret: secret}.key(), &item)
	item.Secret = secret
	return item.Link, found(err, "link of account %s", account)
}

// State ties an authorisation at Box to the session and task it began with.
type State struct {
	Account backup.AccountID
	Session string
	Task    backup.TaskID
	Secret  string `dynamo:"-"` // only its hash is stored
	Until   time.Time
}

type stateItem struct {
	PK      string    `dynamo:"PK,hash"`
	SK      string    `dynamo:"SK,range"`
	Expires time.Time `dynamo:",unixtime"`
	State
}

// PutState stores a state.
func (t *Table) PutState(ctx context.Context, s State) error {
	item := stateItem{PK: string(s.Account), SK: "STATE#" + hash(s.Secret), Expires: s.Until, State: s}
	return wrap(t.table.Put(item).Run(ctx), "state for task %s", s.Task)
}

// TakeState returns the session's state with this secret and removes it, so
// that it works once. It is NotFound for any other session.
func (t *Table) TakeState(ctx context.Context, account backup.AccountID, session, secret string) (State, error) {
	var item stateItem
	err := t.table.Delete("PK", string(account)).Range("SK", "STATE#"+hash(secret)).
		If("'Session' = ?", session).OldValue(ctx, &item)
	if dynamo.IsCondCheckFailed(err) {
		err = dynamo.ErrNotFound
	}
	return item.State, found(err, "state of session %s", session)
}
