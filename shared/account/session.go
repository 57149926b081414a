package account

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"time"

	"github.com/guregu/dynamo/v2"

	"coffer/shared/backup"
)

// Session is one sign-in of a portal user.
type Session struct {
	Account backup.AccountID
	ID      string // may be shown
	User    backup.UserID
	Email   string
	Name    string
	Hash    []byte // of the secret that the cookie carries
	Key     []byte // 32 random bytes that never leave the server; they seal the session's cursors
	Address string // where it was begun from
	Agent   string // the browser, as it calls itself
	Created time.Time
	Seen    time.Time // at most a minute before its latest use
}

// Is reports whether secret is the session's.
func (s Session) Is(secret string) bool {
	sum := sha256.Sum256([]byte(secret))
	return subtle.ConstantTimeCompare(sum[:], s.Hash) == 1
}

type sessionItem struct {
	PK      string    `dynamo:"PK,hash"`
	SK      string    `dynamo:"SK,range"`
	Expires time.Time `dynamo:",unixtime"`
	Session
}

func sessionKey(id string) string { return "SESSION#" + id }

// PutSession stores a new session with its secret's hash. It ends at expires
// unless it is used.
func (t *Table) PutSession(ctx context.Context, s Session, secret string, expires time.Time) error {
	sum := sha256.Sum256([]byte(secret))
	s.Hash = sum[:]
	item := sessionItem{PK: string(s.Account), SK: sessionKey(s.ID), Expires: expires, Session: s}
	return wrap(t.table.Put(item).Run(ctx), "session of user %s", s.User)
}

// Session returns a session, or a NotFound error.
func (t *Table) Session(ctx context.Context, account backup.AccountID, id string) (Session, error) {
	var item sessionItem
	err := t.get(ctx, string(account), sessionKey(id), &item)
	return item.Session, found(err, "session of account %s", account)
}

// Sessions returns a user's sessions, ended ones among them until DynamoDB
// removes them.
func (t *Table) Sessions(ctx context.Context, account backup.AccountID, user backup.UserID) ([]Session, error) {
	var items []sessionItem
	err := t.table.Get("PK", string(account)).Range("SK", dynamo.BeginsWith, sessionKey("")).
		Filter("'User' = ?", user).Consistent(true).All(ctx, &items)
	list := make([]Session, len(items))
	for i, item := range items {
		list[i] = item.Session
	}
	return list, wrap(err, "sessions of user %s", user)
}

// SeeSession records that the session was used. One that was ended meanwhile
// stays ended: that is NotFound.
func (t *Table) SeeSession(ctx context.Context, s Session, seen, expires time.Time) error {
	err := t.table.Update("PK", string(s.Account)).Range("SK", sessionKey(s.ID)).
		Set("Seen", seen).Set("Expires", expires.Unix()).If("attribute_exists(PK)").Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		err = dynamo.ErrNotFound
	}
	return found(err, "use of session of user %s", s.User)
}

// RenewSession gives a session another secret, so that the one before works no
// more. It is NotFound where the session was ended.
func (t *Table) RenewSession(ctx context.Context, s Session, secret string) error {
	sum := sha256.Sum256([]byte(secret))
	err := t.table.Update("PK", string(s.Account)).Range("SK", sessionKey(s.ID)).
		Set("Hash", sum[:]).If("attribute_exists(PK)").Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		err = dynamo.ErrNotFound
	}
	return found(err, "new secret of session of user %s", s.User)
}

// EndSessionOf removes a session of a user, or says NotFound where the user has
// none of this id.
func (t *Table) EndSessionOf(ctx context.Context, account backup.AccountID, user backup.UserID, id string) error {
	err := t.table.Delete("PK", string(account)).Range("SK", sessionKey(id)).If("'User' = ?", user).Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		err = dynamo.ErrNotFound
	}
	return found(err, "end session of user %s", user)
}

// EndSession removes a session, if it is there.
func (t *Table) EndSession(ctx context.Context, account backup.AccountID, id string) error {
	return wrap(t.table.Delete("PK", string(account)).Range("SK", sessionKey(id)).Run(ctx), "end session of account %s", account)
}
