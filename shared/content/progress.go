package content

import (
	"context"
	"errors"
	"fmt"

	"github.com/guregu/dynamo/v2"

	"coffer/shared/backup"
	"coffer/shared/vault"
)

// Progress implements vault.Index.
func (t *Table) Progress(ctx context.Context, id vault.ID, c backup.Content) (vault.Progress, error) {
	var item progressItem
	err := t.table.Get("PK", partitionOf(id, c)).Range("SK", dynamo.Equal, progressKey(c)).Consistent(true).One(ctx, &item)
	if errors.Is(err, dynamo.ErrNotFound) {
		return vault.Progress{}, nil
	}
	if err != nil {
		return vault.Progress{}, fmt.Errorf("progress of content %s: %w", c, err)
	}
	return item.progress()
}

// SaveProgress implements vault.Index.
func (t *Table) SaveProgress(ctx context.Context, id vault.ID, p vault.Progress) error {
	item, err := progressOf(id, p)
	if err != nil {
		return err
	}
	put := t.table.Put(item)
	if p.Version == 1 {
		put.If("attribute_not_exists(PK)")
	} else {
		put.If("'Version' = ?", p.Version-1)
	}
	return translate(put.Run(ctx), p)
}

// DropProgress implements vault.Index.
func (t *Table) DropProgress(ctx context.Context, id vault.ID, p vault.Progress) error {
	return translate(t.drop(id, p).Run(ctx), p)
}

func (t *Table) drop(id vault.ID, p vault.Progress) *dynamo.Delete {
	return t.table.Delete("PK", partitionOf(id, p.Content)).Range("SK", progressKey(p.Content)).If("'Version' = ?", p.Version)
}

// Finish implements vault.Index.
func (t *Table) Finish(ctx context.Context, id vault.ID, p vault.Progress) error {
	row, err := itemOf(id, p.Row)
	if err != nil {
		return err
	}
	tx := t.db.WriteTx().Put(t.table.Put(row))
	if p.Version == 0 {
		tx.Check(t.table.Check("PK", row.PK).Range("SK", progressKey(p.Content)).IfNotExists())
	} else {
		tx.Delete(t.drop(id, p))
	}
	return translate(tx.Run(ctx), p)
}

func translate(err error, p vault.Progress) error {
	if dynamo.IsCondCheckFailed(err) {
		return backup.Errorf(backup.Conflict, "The content is being stored by somebody else.")
	}
	if err != nil {
		return fmt.Errorf("progress of content %s: %w", p.Content, err)
	}
	return nil
}
