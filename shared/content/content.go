// Package content keeps the rows of all vaults, and the progress records of
// large contents, in the DynamoDB table "contents". It is a vault.Index.
//
// Rows:
//
//	| row      | PK                                        | SK           |
//	|----------|-------------------------------------------|--------------|
//	| progress | account#task#first two digits of the SHA-1 | #SHA-1#size |
//	| content  | account#task#first two digits of the SHA-1 | SHA-1#size  |
//	| retired  | account#task#retired                      | pack         |
//
// Access patterns:
//
//	| what                                | how                              |
//	|-------------------------------------|----------------------------------|
//	| which of these contents are stored  | batch get, 100 at a time         |
//	| contents whose pack has been stored | batch put, 25 at a time          |
//	| progress of a content               | get; put and delete on condition |
//	| a large content is complete         | transaction: put row, delete progress |
//	| all rows of a vault (pruning)       | query of its 256 partitions      |
//	| condemn, rescue, move, remove a row | update or delete on condition    |
//	| packs that rows have left           | query                            |
//
// The partitions spread a vault's writes over the table. A progress record
// sorts before the row that it may become, so that a query which runs
// meanwhile sees one of them or both, never neither.
//
// Two runs may store the same content at the same time. The later row wins; it
// promises the same bytes from another pack, which is stored as well.
package content

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/guregu/dynamo/v2"
	"golang.org/x/sync/errgroup"

	"coffer/shared/backup"
	"coffer/shared/vault"
)

const (
	batchGet = 100 // DynamoDB's limit
	batchPut = 25  // DynamoDB's limit
	parallel = 8   // requests at once
)

// Table is the table "contents".
type Table struct {
	db    *dynamo.DB
	table dynamo.Table
}

// New returns the table of that name.
func New(cfg aws.Config, name string) *Table {
	db := dynamo.New(cfg)
	return &Table{db: db, table: db.Table(name)}
}

func partition(id vault.ID, prefix string) string {
	return string(id.Account) + "#" + string(id.Task) + "#" + prefix
}

func partitionOf(id vault.ID, c backup.Content) string { return partition(id, c.SHA1.String()[:2]) }

func rowKey(c backup.Content) string { return c.SHA1.String() + "#" + strconv.FormatInt(c.Size, 10) }

func progressKey(c backup.Content) string { return "#" + rowKey(c) }

// parseRowKey reads what rowKey writes.
func parseRowKey(key string) (backup.Content, error) {
	sum, size, _ := strings.Cut(key, "#")
	var c backup.Content
	var err error
	if c.SHA1, err = backup.ParseSHA1(sum); err != nil {
		return backup.Content{}, err
	}
	if c.Size, err = strconv.ParseInt(size, 10, 64); err != nil || rowKey(c) != key {
		return backup.Content{}, fmt.Errorf("row %q is not of a content", key)
	}
	return c, nil
}

// Rows implements vault.Index. What it reads is consistent: a row that was put
// before is found.
func (t *Table) Rows(ctx context.Context, id vault.ID, contents []backup.Content) (map[backup.Content]vault.Row, error) {
	seen := make(map[backup.Content]bool, len(contents))
	var keys []dynamo.Keyed
	for _, c := range contents {
		if !seen[c] {
			seen[c] = true
			keys = append(keys, dynamo.Keys{partitionOf(id, c), rowKey(c)})
		}
	}
	var mu sync.Mutex
	rows := make(map[backup.Content]vault.Row, len(keys))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for len(keys) > 0 {
		some := keys[:min(batchGet, len(keys))]
		keys = keys[len(some):]
		group.Go(func() error {
			var found []rowItem
			err := t.table.Batch("PK", "SK").Get(some...).Consistent(true).All(ctx, &found)
			if err != nil && !errors.Is(err, dynamo.ErrNotFound) {
				return fmt.Errorf("rows of %d contents: %w", len(some), err)
			}
			mu.Lock()
			defer mu.Unlock()
			for _, item := range found {
				row, err := item.row()
				if err != nil {
					return err
				}
				rows[row.Content] = row
			}
			return nil
		})
	}
	return rows, group.Wait()
}

// Put implements vault.Index.
func (t *Table) Put(ctx context.Context, id vault.ID, rows []vault.Row) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for len(rows) > 0 {
		some := rows[:min(batchPut, len(rows))]
		rows = rows[len(some):]
		group.Go(func() error {
			write := t.table.Batch("PK", "SK").Write()
			for _, row := range some {
				item, err := itemOf(id, row)
				if err != nil {
					return err
				}
				write.Put(item)
			}
			if _, err := write.Run(ctx); err != nil {
				return fmt.Errorf("put rows of %d contents: %w", len(some), err)
			}
			return nil
		})
	}
	return group.Wait()
}

// Walk implements vault.Index.
func (t *Table) Walk(ctx context.Context, id vault.ID, row func(vault.Row) error, progress func(vault.Progress) error) error {
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for prefix := range 256 {
		pk := partition(id, fmt.Sprintf("%02x", prefix))
		group.Go(func() error {
			query := t.table.Get("PK", pk).Consistent(true).Iter()
			var item progressItem
			for query.Next(ctx, &item) {
				mu.Lock()
				err := visit(item, row, progress)
				mu.Unlock()
				if err != nil {
					return err
				}
				item = progressItem{}
			}
			if err := query.Err(); err != nil {
				return fmt.Errorf("contents of task %s: %w", id.Task, err)
			}
			return nil
		})
	}
	return group.Wait()
}

func visit(item progressItem, row func(vault.Row) error, progress func(vault.Progress) error) error {
	if strings.HasPrefix(item.SK, "#") {
		p, err := item.progress()
		if err != nil {
			return err
		}
		return progress(p)
	}
	r, err := item.row()
	if err != nil {
		return err
	}
	return row(r)
}
