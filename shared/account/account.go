// Package account keeps accounts, portal users, their sessions and what
// guards them in the DynamoDB table "accounts", and the way from an e-mail
// address to an account in the global table "directory".
//
// Rows of "accounts":
//
//	| row        | PK                | SK               | Expires                    |
//	|------------|-------------------|------------------|----------------------------|
//	| account    | account           | ACCOUNT          | while it is not active     |
//	| user       | account           | USER#user        | while the account is not   |
//	| session    | account           | SESSION#session  | at its end                 |
//	| link       | account           | LINK#hash        | at its end                 |
//	| reset      | account           | RESET#user       | at its end                 |
//	| device     | account           | DEVICE#user#hash | at its end                 |
//	| state      | account           | STATE#hash       | at its end                 |
//	| once       | account           | ONCE#user#hash   | two days after it began    |
//	| attempts   | ATTEMPTS#hash     | ATTEMPTS         | when they are forgotten    |
//	| mail       | MAIL#message      | MAIL             | when no repeat can come    |
//
// Rows of "directory":
//
//	| row        | PK                | SK               |
//	|------------|-------------------|------------------|
//	| address    | EMAIL#address     | EMAIL            |
//
// Access patterns: every row by its key; the users, the sessions and the reset
// links of an account, and the devices of a user (query PK, SK begins with).
// Everything of one account lies under one partition key, so a reader that
// holds an account's id cannot reach another's rows. Attempts and mails belong
// to no account.
//
// What a person carries (a session's secret, a device's, a mailed link's, the
// state of an authorisation at Box) is stored as its SHA-256 alone. The secrets hold
// 130 random bits, so a plain hash is enough. DynamoDB removes expired rows
// late, so every reader compares times itself.
package account

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/guregu/dynamo/v2"

	"coffer/shared/backup"
)

// Account is a customer.
type Account struct {
	ID       backup.AccountID
	Company  string
	Location string // what was chosen at sign-up
	Region   string // the AWS region that it lives in, for good
	Active   bool   // the activation link was followed
	Created  time.Time
}

// trial is how long an account is free.
const trial = 14 * 24 * time.Hour

// TrialEnds is when the account's free trial ends.
func (a Account) TrialEnds() time.Time { return a.Created.Add(trial) }

// User is a portal user.
type User struct {
	Account  backup.AccountID
	ID       backup.UserID
	Email    string // lower case
	Name     string
	Password string // Argon2id, in the PHC string format
	Primary  bool
	Created  time.Time
}

// Table is the table "accounts".
type Table struct {
	db    *dynamo.DB
	table dynamo.Table
}

// New returns the table of that name.
func New(cfg aws.Config, name string) *Table {
	db := dynamo.New(cfg)
	return &Table{db: db, table: db.Table(name)}
}

type accountItem struct {
	PK      string    `dynamo:"PK,hash"`
	SK      string    `dynamo:"SK,range"`
	Expires time.Time `dynamo:",unixtime"`
	Account
}

type userItem struct {
	PK      string    `dynamo:"PK,hash"`
	SK      string    `dynamo:"SK,range"`
	Expires time.Time `dynamo:",unixtime"`
	User
}

const accountKey = "ACCOUNT"

func userKey(id backup.UserID) string { return "USER#" + string(id) }

// hash is how a secret appears in a key.
func hash(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// Create stores an account that is not active yet with its first user and the
// link that activates it. All of it goes away by itself when the link ends
// unused.
func (t *Table) Create(ctx context.Context, a Account, u User, l Link) error {
	err := t.db.WriteTx().
		Put(t.table.Put(accountItem{PK: string(a.ID), SK: accountKey, Expires: l.Until, Account: a}).If("attribute_not_exists(PK)")).
		Put(t.table.Put(userItem{PK: string(a.ID), SK: userKey(u.ID), Expires: l.Until, User: u})).
		Put(t.table.Put(l.item())).
		Run(ctx)
	return wrap(err, "create account %s", a.ID)
}

// Activate makes the account of the link active and uses the link up. It is
// NotFound when the link was used or has ended.
func (t *Table) Activate(ctx context.Context, l Link) error {
	err := t.db.WriteTx().
		Delete(t.table.Delete("PK", string(l.Account)).Range("SK", l.key()).If("attribute_exists(PK)")).
		Update(t.table.Update("PK", string(l.Account)).Range("SK", accountKey).Set("Active", true).Remove("Expires").If("attribute_exists(PK)")).
		Update(t.table.Update("PK", string(l.Account)).Range("SK", userKey(l.User)).Remove("Expires").If("attribute_exists(PK)")).
		Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		return backup.Errorf(backup.NotFound, "This link was used already or has expired.")
	}
	return wrap(err, "activate account %s", l.Account)
}

// Account returns an account, or a NotFound error.
func (t *Table) Account(ctx context.Context, id backup.AccountID) (Account, error) {
	var item accountItem
	err := t.get(ctx, string(id), accountKey, &item)
	return item.Account, found(err, "account %s", id)
}

// User returns a portal user, or a NotFound error.
func (t *Table) User(ctx context.Context, account backup.AccountID, id backup.UserID) (User, error) {
	var item userItem
	err := t.get(ctx, string(account), userKey(id), &item)
	return item.User, found(err, "user %s", id)
}

// Primary returns the account's primary user.
func (t *Table) Primary(ctx context.Context, account backup.AccountID) (User, error) {
	var items []userItem
	err := t.table.Get("PK", string(account)).Range("SK", dynamo.BeginsWith, "USER#").Filter("'Primary' = ?", true).All(ctx, &items)
	if err == nil && len(items) == 0 {
		err = dynamo.ErrNotFound
	}
	if err != nil {
		return User{}, found(err, "primary user of account %s", account)
	}
	return items[0].User, nil
}

// Named returns an account, or a NotFound error, and its portal users, with the
// NamedAttributes alone, and asks for no others.
func (t *Table) Named(ctx context.Context, id backup.AccountID) (Account, []User, error) {
	var accounts []accountItem
	err := t.table.Get("PK", string(id)).Range("SK", dynamo.Equal, accountKey).Project(NamedAttributes()...).All(ctx, &accounts)
	if err == nil && len(accounts) == 0 {
		err = dynamo.ErrNotFound
	}
	if err != nil {
		return Account{}, nil, found(err, "account %s", id)
	}
	var items []userItem
	err = t.table.Get("PK", string(id)).Range("SK", dynamo.BeginsWith, userKey("")).Project(NamedAttributes()...).All(ctx, &items)
	users := make([]User, len(items))
	for i, item := range items {
		users[i] = item.User
	}
	return accounts[0].Account, users, wrap(err, "users of account %s", id)
}

// NamedAttributes are what names an account and its portal users: no password,
// and no key of a session.
func NamedAttributes() []string {
	return []string{"PK", "SK", "ID", "Company", "Location", "Region", "Active", "Created", "Account", "Email", "Name", "Primary"}
}

func (t *Table) get(ctx context.Context, pk, sk string, out any) error {
	return t.table.Get("PK", pk).Range("SK", dynamo.Equal, sk).Consistent(true).One(ctx, out)
}

// found translates a missing row, and says what was being read otherwise.
func found(err error, format string, args ...any) error {
	if errors.Is(err, dynamo.ErrNotFound) {
		return backup.Errorf(backup.NotFound, "This does not exist.")
	}
	return wrap(err, format, args...)
}

func wrap(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf(format+": %w", append(args, err)...)
}
