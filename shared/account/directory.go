package account

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/guregu/dynamo/v2"

	"coffer/shared/backup"
)

// Directory is the table "directory": the one thing that all regions share.
type Directory struct {
	table dynamo.Table
}

// NewDirectory returns the table of that name.
func NewDirectory(cfg aws.Config, name string) *Directory {
	return &Directory{table: dynamo.New(cfg).Table(name)}
}

// Address says whose an e-mail address is.
type Address struct {
	Email   string // lower case
	Account backup.AccountID
	User    backup.UserID
	Region  string
}

type addressItem struct {
	PK string `dynamo:"PK,hash"`
	SK string `dynamo:"SK,range"`
	Address
}

// Lookup returns the entry of an e-mail address, or a NotFound error.
func (d *Directory) Lookup(ctx context.Context, email string) (Address, error) {
	var item addressItem
	err := d.table.Get("PK", "EMAIL#"+email).Range("SK", dynamo.Equal, "EMAIL").Consistent(true).One(ctx, &item)
	return item.Address, found(err, "directory entry")
}

// Claim gives the e-mail address to a's account, in place of the account
// instead where that is not empty. It is a Conflict when the address is
// another's. The table is replicated, so two regions that claim one address in
// the same second can both succeed; the later write stays.
func (d *Directory) Claim(ctx context.Context, a Address, instead backup.AccountID) error {
	put := d.table.Put(addressItem{PK: "EMAIL#" + a.Email, SK: "EMAIL", Address: a}).
		If("attribute_not_exists(PK) OR 'Account' IN (?, ?)", a.Account, instead)
	err := put.Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		return backup.Errorf(backup.Conflict, "This e-mail address has an account already.")
	}
	return wrap(err, "claim e-mail address for account %s", a.Account)
}

// IsNotFound reports whether err says that something does not exist.
func IsNotFound(err error) bool {
	e, ok := errors.AsType[*backup.Error](err)
	return ok && e.Kind == backup.NotFound
}
