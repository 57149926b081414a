package task

import (
	"context"
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

// Damaged holds back all removal from the task's vault until AcknowledgeDamage.
// It reports whether no damage was waiting for that yet. With are other parts of
// the same transaction.
func (t *Table) Damaged(ctx context.Context, account backup.AccountID, id backup.TaskID, what string, with ...func(*dynamo.WriteTx)) (bool, error) {
	err := t.together(ctx, t.update(account, id).Set("Damage", what).Set("DamageAt", t.Now()).
		If("attribute_exists(PK) AND attribute_not_exists(Damage)"), with)
	if dynamo.IsCondCheckFailed(err) {
		return false, nil
	}
	return err == nil, wrap(err, "damage of task %s", id)
}

// AcknowledgeDamage lets what has expired be removed again. With are other parts
// of the same transaction. It is a Conflict where the damage of t is not what
// waits to be acknowledged.
func (t *Table) AcknowledgeDamage(ctx context.Context, task Task, with ...func(*dynamo.WriteTx)) error {
	tx := t.db.WriteTx().Update(t.update(task.Account, task.ID).Remove("Damage", "DamageAt").If("Damage = ?", task.Damage))
	for _, add := range with {
		add(tx)
	}
	err := tx.Run(ctx)
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
