package content

import (
	"context"
	"fmt"
	"time"

	"github.com/guregu/dynamo/v2"
	"golang.org/x/sync/errgroup"

	"coffer/shared/backup"
	"coffer/shared/vault"
)

// retiredItem says when a pack was retired.
type retiredItem struct {
	PK string `dynamo:"PK,hash"`
	SK string `dynamo:"SK,range"` // the pack
	At time.Time
}

func retiredKey(id vault.ID) string { return partition(id, "retired") }

// Section implements vault.Pruning.
func (t *Table) Section(ctx context.Context, id vault.ID, first byte, row func(vault.Row) error) error {
	query := t.table.Get("PK", partition(id, fmt.Sprintf("%02x", first))).Consistent(true).Iter()
	var item progressItem
	for query.Next(ctx, &item) {
		if err := visit(item, row, func(vault.Progress) error { return nil }); err != nil {
			return err
		}
		item = progressItem{}
	}
	if err := query.Err(); err != nil {
		return fmt.Errorf("contents of task %s: %w", id.Task, err)
	}
	return nil
}

func (t *Table) update(id vault.ID, c backup.Content) *dynamo.Update {
	return t.table.Update("PK", partitionOf(id, c)).Range("SK", rowKey(c))
}

// Condemn implements vault.Pruning.
func (t *Table) Condemn(ctx context.Context, id vault.ID, c backup.Content, at time.Time) error {
	return changed(t.update(id, c).Set("Condemned", at.UTC()).If("attribute_exists(PK) AND attribute_not_exists(Condemned)").Run(ctx), c)
}

// Rescue implements vault.Pruning.
func (t *Table) Rescue(ctx context.Context, id vault.ID, c backup.Content) error {
	err := t.update(id, c).Remove("Condemned").If("attribute_exists(PK)").Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		return backup.Errorf(backup.NotFound, "The content of this file is not in the vault.")
	}
	return changed(err, c)
}

// Remove implements vault.Pruning.
func (t *Table) Remove(ctx context.Context, id vault.ID, r vault.Row) error {
	if r.Condemned.IsZero() {
		return vault.Changed()
	}
	return changed(t.table.Delete("PK", partitionOf(id, r.Content)).Range("SK", rowKey(r.Content)).If("Condemned = ?", r.Condemned.UTC()).Run(ctx), r.Content)
}

// Move implements vault.Pruning.
func (t *Table) Move(ctx context.Context, id vault.ID, r vault.Row, to []vault.Part) error {
	from, err := itemOf(id, r)
	if err != nil {
		return err
	}
	r.Parts = to
	item, err := itemOf(id, r)
	if err != nil {
		return err
	}
	return changed(t.update(id, r.Content).Set("Packs", item.Packs).Set("Offset", item.Offset).Set("Lengths", item.Lengths).
		If("Packs = ? AND 'Offset' = ?", from.Packs, from.Offset).Run(ctx), r.Content)
}

// Retire implements vault.Pruning.
func (t *Table) Retire(ctx context.Context, id vault.ID, packs []string, at time.Time) error {
	return t.each(ctx, packs, func(ctx context.Context, pack string) error {
		return t.table.Put(retiredItem{PK: retiredKey(id), SK: pack, At: at.UTC()}).Run(ctx)
	})
}

// Retired implements vault.Pruning.
func (t *Table) Retired(ctx context.Context, id vault.ID) (map[string]time.Time, error) {
	var items []retiredItem
	if err := t.table.Get("PK", retiredKey(id)).Consistent(true).All(ctx, &items); err != nil {
		return nil, fmt.Errorf("retired packs of task %s: %w", id.Task, err)
	}
	packs := make(map[string]time.Time, len(items))
	for _, item := range items {
		packs[item.SK] = item.At
	}
	return packs, nil
}

// Forget implements vault.Pruning.
func (t *Table) Forget(ctx context.Context, id vault.ID, packs []string) error {
	return t.each(ctx, packs, func(ctx context.Context, pack string) error {
		return t.table.Delete("PK", retiredKey(id)).Range("SK", pack).Run(ctx)
	})
}

func (t *Table) each(ctx context.Context, packs []string, do func(context.Context, string) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for _, pack := range packs {
		group.Go(func() error {
			if err := do(ctx, pack); err != nil {
				return fmt.Errorf("retired pack %s: %w", pack, err)
			}
			return nil
		})
	}
	return group.Wait()
}

// Erase implements vault.Pruning.
func (t *Table) Erase(ctx context.Context, id vault.ID) (int, error) {
	partitions := []string{retiredKey(id)}
	for prefix := range 256 {
		partitions = append(partitions, partition(id, fmt.Sprintf("%02x", prefix)))
	}
	removed := make([]int, len(partitions))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for i, pk := range partitions {
		group.Go(func() (err error) {
			removed[i], err = t.erase(ctx, pk)
			return err
		})
	}
	err := group.Wait()
	total := 0
	for _, n := range removed {
		total += n
	}
	return total, err
}

// erase removes the rows of a partition, a batch at a time.
func (t *Table) erase(ctx context.Context, pk string) (int, error) {
	query := t.table.Get("PK", pk).Consistent(true).Project("PK", "SK").Iter()
	var item struct{ PK, SK string }
	var keys []dynamo.Keyed
	removed := 0
	flush := func() error {
		if len(keys) == 0 {
			return nil
		}
		n, err := t.table.Batch("PK", "SK").Write().Delete(keys...).Run(ctx)
		removed, keys = removed+n, keys[:0]
		if err != nil {
			return fmt.Errorf("erase contents: %w", err)
		}
		return nil
	}
	for query.Next(ctx, &item) {
		keys = append(keys, dynamo.Keys{item.PK, item.SK})
		if len(keys) == batchPut {
			if err := flush(); err != nil {
				return removed, err
			}
		}
	}
	if err := query.Err(); err != nil {
		return removed, fmt.Errorf("erase contents: %w", err)
	}
	return removed, flush()
}

func changed(err error, c backup.Content) error {
	if dynamo.IsCondCheckFailed(err) {
		return vault.Changed()
	}
	if err != nil {
		return fmt.Errorf("row of content %s: %w", c, err)
	}
	return nil
}
