package account

import (
	"context"
	"slices"
	"time"

	"github.com/guregu/dynamo/v2"

	"coffer/shared/backup"
)

// Device is a browser that a user signed in with.
type Device struct {
	Account backup.AccountID
	User    backup.UserID
	Secret  string `dynamo:"-"` // only its hash is stored
	Until   time.Time
}

type deviceItem struct {
	PK      string    `dynamo:"PK,hash"`
	SK      string    `dynamo:"SK,range"`
	Expires time.Time `dynamo:",unixtime"`
	Device
}

func devices(user backup.UserID) string { return "DEVICE#" + string(user) + "#" }

func (d Device) item() deviceItem {
	return deviceItem{PK: string(d.Account), SK: devices(d.User) + hash(d.Secret), Expires: d.Until, Device: d}
}

// Device returns the user's device with this secret, or a NotFound error.
func (t *Table) Device(ctx context.Context, account backup.AccountID, user backup.UserID, secret string) (Device, error) {
	var item deviceItem
	err := t.get(ctx, string(account), devices(user)+hash(secret), &item)
	item.Secret = secret
	return item.Device, found(err, "device of user %s", user)
}

// PutDevice stores a device of a user, and removes the one that would be
// forgotten first where the user has more than most.
func (t *Table) PutDevice(ctx context.Context, d Device, most int) error {
	if err := t.table.Put(d.item()).Run(ctx); err != nil {
		return wrap(err, "device of user %s", d.User)
	}
	all, err := t.devices(ctx, d.Account, d.User)
	if err != nil || len(all) <= most {
		return err
	}
	return t.endDevice(ctx, slices.MinFunc(all, func(a, b deviceItem) int { return a.Until.Compare(b.Until) }))
}

// EndDevices forgets the user's devices save the one with this secret.
func (t *Table) EndDevices(ctx context.Context, account backup.AccountID, user backup.UserID, save string) error {
	all, err := t.devices(ctx, account, user)
	if err != nil {
		return err
	}
	kept := Device{Account: account, User: user, Secret: save}.item().SK
	for _, item := range all {
		if item.SK == kept {
			continue
		}
		if err := t.endDevice(ctx, item); err != nil {
			return err
		}
	}
	return nil
}

func (t *Table) devices(ctx context.Context, account backup.AccountID, user backup.UserID) ([]deviceItem, error) {
	var items []deviceItem
	err := t.table.Get("PK", string(account)).Range("SK", dynamo.BeginsWith, devices(user)).Consistent(true).All(ctx, &items)
	return items, wrap(err, "devices of user %s", user)
}

func (t *Table) endDevice(ctx context.Context, item deviceItem) error {
	return wrap(t.table.Delete("PK", item.PK).Range("SK", item.SK).Run(ctx), "forget device of user %s", item.User)
}
