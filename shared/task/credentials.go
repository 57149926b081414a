package task

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/guregu/dynamo/v2"

	"coffer/shared/backup"
	"coffer/shared/keys"
)

// sealedFor names what a seal of a task's row is for.
func (k *Tokens) sealedFor(purpose string) map[string]string {
	return map[string]string{"account": string(k.account), "task": string(k.task), "purpose": purpose}
}

// Credentials returns those of the customer's own Box application. Where a
// person authorised the task, the result has no more than the grant OAuth.
func (k *Tokens) Credentials(ctx context.Context) (backup.Credentials, error) {
	var item tokenItem
	err := k.table.table.Get("PK", partition(k.account, k.task)).Range("SK", dynamo.Equal, "TOKEN").Consistent(true).One(ctx, &item)
	if errors.Is(err, dynamo.ErrNotFound) || err == nil && len(item.Credentials) == 0 {
		return backup.Credentials{Grant: backup.OAuth}, nil
	}
	if err != nil {
		return backup.Credentials{}, fmt.Errorf("credentials of task %s: %w", k.task, err)
	}
	plain, err := k.ring.Open(ctx, item.Credentials, k.sealedFor("credentials"))
	if err != nil {
		return backup.Credentials{}, fmt.Errorf("open credentials of task %s: %w", k.task, err)
	}
	var c backup.Credentials
	if err := json.Unmarshal(plain, &c); err != nil {
		return backup.Credentials{}, fmt.Errorf("credentials of task %s are not in the stored form", k.task)
	}
	return c, nil
}

// StoreCredentials keeps the credentials of the customer's own Box application
// in place of whatever authorised the task before.
func (k *Tokens) StoreCredentials(ctx context.Context, c backup.Credentials) error {
	plain, err := json.Marshal(c) // #nosec G117 -- it is sealed below and goes nowhere else
	if err != nil {
		return fmt.Errorf("credentials of task %s: %w", k.task, err)
	}
	if len(plain) > keys.MaxSeal {
		return backup.Field("privateKey", "The private key is too long. Use an RSA key of at most 4,096 bits.")
	}
	sealed, err := k.ring.Seal(ctx, plain, k.sealedFor("credentials"))
	if err != nil {
		return fmt.Errorf("seal credentials of task %s: %w", k.task, err)
	}
	err = k.update().Set("Credentials", sealed).Add("Version", 1).Remove("Sealed", "Refreshed", "Until").Run(ctx)
	return wrap(err, "store credentials of task %s", k.task)
}
