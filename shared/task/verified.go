package task

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/guregu/dynamo/v2"

	"coffer/shared/backup"
)

// Verification is how far the daily verification of a task's vault has come.
type Verification struct {
	VerifiedTo string `dynamo:",omitempty"` // the SHA-1 up to which contents have been read in this round
	// Damage says what was found damaged and nobody has acknowledged, a
	// sentence. Nothing is removed from the vault meanwhile.
	Damage   string    `dynamo:",omitempty"`
	DamageAt time.Time `dynamo:",omitempty"`
}

// VerifiedUpTo stores how far the contents of a task have been read.
func (t *Table) VerifiedUpTo(ctx context.Context, account backup.AccountID, id backup.TaskID, position string) error {
	u := t.update(account, id).If("attribute_exists(PK)")
	if position == "" {
		u.Remove("VerifiedTo")
	} else {
		u.Set("VerifiedTo", position)
	}
	err := u.Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		return nil // removed meanwhile
	}
	return wrap(err, "verification of task %s", id)
}

// damagesItem says of what of a vault verification has told.
type damagesItem struct {
	PK string `dynamo:"PK,hash"`
	SK string `dynamo:"SK,range"`
	Damages
}

// Damages are things of a vault that were found damaged, by short names.
type Damages struct {
	Waiting []string `dynamo:",set,omitempty"` // for somebody to acknowledge them
	Known   []string `dynamo:",set,omitempty"` // since somebody did
}

const (
	damagesKey = "DAMAGES"
	// mostDamages bounds what is kept: a row takes 400 KB.
	mostDamages = 8000
)

// Damages returns what of a task's vault was found damaged.
func (t *Table) Damages(ctx context.Context, account backup.AccountID, id backup.TaskID) (Damages, error) {
	var row damagesItem
	err := t.table.Get("PK", partition(account, id)).Range("SK", dynamo.Equal, damagesKey).Consistent(true).One(ctx, &row)
	if err != nil && !errors.Is(err, dynamo.ErrNotFound) {
		return Damages{}, fmt.Errorf("damage of task %s: %w", id, err)
	}
	return row.Damages, nil
}

func (t *Table) updateDamages(account backup.AccountID, id backup.TaskID) *dynamo.Update {
	return t.table.Update("PK", partition(account, id)).Range("SK", damagesKey)
}

// Damaged holds back all removal from the task's vault until AcknowledgeDamage,
// which is then about these things, and those that wait already. It reports whether
// no damage was waiting for that yet. With are other parts of the same transaction
// then.
func (t *Table) Damaged(
	ctx context.Context, account backup.AccountID, id backup.TaskID, what string, things []string, with ...func(*dynamo.WriteTx),
) (bool, error) {
	add := func(tx *dynamo.WriteTx) {
		if n := min(len(things), mostDamages); n > 0 {
			tx.Update(t.updateDamages(account, id).AddStringsToSet("Waiting", things[:n]...))
		}
	}
	up := func() *dynamo.Update { return t.update(account, id).Set("Damage", what) }
	err := t.together(ctx, up().Set("DamageAt", t.Now()).If("attribute_exists(PK) AND attribute_not_exists(Damage)"), append(with, add))
	if !dynamo.IsCondCheckFailed(err) {
		return err == nil, wrap(err, "damage of task %s", id)
	}
	err = t.together(ctx, up().If("attribute_exists(Damage)"), []func(*dynamo.WriteTx){add})
	if dynamo.IsCondCheckFailed(err) {
		return false, nil // acknowledged just now, or the task is gone: the next verification sees
	}
	return false, wrap(err, "damage of task %s", id)
}

// AcknowledgeDamage lets what has expired be removed again. With are other parts
// of the same transaction. It is a Conflict where the damage of t is not what
// waits to be acknowledged.
func (t *Table) AcknowledgeDamage(ctx context.Context, task Task, with ...func(*dynamo.WriteTx)) error {
	damages, err := t.Damages(ctx, task.Account, task.ID)
	if err != nil {
		return err
	}
	tx := t.db.WriteTx().Update(t.update(task.Account, task.ID).Remove("Damage", "DamageAt").If("Damage = ?", task.Damage))
	if n := len(damages.Waiting); n > 0 {
		up := t.updateDamages(task.Account, task.ID).Remove("Waiting")
		if n+len(damages.Known) <= mostDamages {
			up.AddStringsToSet("Known", damages.Waiting...)
		} else {
			up.SetSet("Known", damages.Waiting)
		}
		tx.Update(up)
	}
	for _, add := range with {
		add(tx)
	}
	err = tx.Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		return backup.Errorf(backup.Conflict, "This damage has been acknowledged already.")
	}
	return wrap(err, "damage of task %s", task.ID)
}

// Verified stores when the Box user's catalog was last verified, and what of
// the backup is damaged, "" where nothing is.
func (t *Table) Verified(ctx context.Context, u BoxUser, damage string) error {
	up := t.updateUser(u).Set("Verified", t.Now()).If("attribute_exists(PK)")
	if damage == "" {
		up.Remove("Damage")
	} else {
		up.Set("Damage", damage)
	}
	err := up.Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		return nil // removed meanwhile
	}
	if err != nil {
		return fmt.Errorf("verification of Box user %s: %w", u.ID, err)
	}
	return nil
}
