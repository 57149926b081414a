package vault

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"coffer/shared/backup"
)

// verifiers is how many contents or packs are read at once.
const verifiers = 4

// Damage is a content that cannot be read, or a pack whose index cannot.
type Damage struct {
	Content backup.Content // zero where it is a pack
	Pack    string         // empty where it is a content
	Err     error
}

// Report is the outcome of Verify.
type Report struct {
	Contents int
	Bytes    int64 // of all contents, plain
	Packs    int
	Stored   int64 // bytes of all packs
	Damaged  []Damage
}

// Verify reads every content of the vault and the index of every pack, and
// reports those that are not what was stored. The error is about the reading
// itself.
func (v *Vault) Verify(ctx context.Context) (Report, error) {
	var (
		mu     sync.Mutex
		report Report
	)
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(verifiers)
	note := func(d Damage) error {
		if !errors.Is(d.Err, ErrDamaged) {
			return d.Err
		}
		mu.Lock()
		defer mu.Unlock()
		report.Damaged = append(report.Damaged, d)
		return nil
	}
	err := v.index.Walk(gctx, v.id, func(row Row) error {
		report.Contents++
		report.Bytes += row.Content.Size
		group.Go(func() error {
			if err := v.verify(gctx, row); err != nil {
				return note(Damage{Content: row.Content, Err: err})
			}
			return nil
		})
		return nil
	}, func(Progress) error { return nil })
	if err == nil {
		err = v.objects.List(gctx, v.id.Packs(), func(key string, size int64, _ time.Time) error {
			name, ok := v.id.PackName(key)
			if !ok {
				return nil
			}
			report.Packs++
			report.Stored += size
			group.Go(func() error {
				if _, err := v.PackIndex(gctx, name, size); err != nil {
					return note(Damage{Pack: name, Err: err})
				}
				return nil
			})
			return nil
		})
	}
	if failed := group.Wait(); failed != nil {
		err = failed
	}
	if err != nil {
		return report, fmt.Errorf("verify vault of task %s: %w", v.id.Task, err)
	}
	return report, nil
}

func (v *Vault) verify(ctx context.Context, row Row) error {
	r, err := v.read(ctx, row)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, r)
	return errors.Join(err, r.Close())
}
