package pruner

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"coffer/shared/backup"
	"coffer/shared/task"
)

const (
	readers  = 4 // catalogs read at once
	sections = 256
	noteRoom = 1 << 30
)

// mark is a sweep's knowledge of what is needed. What this invocation has noted
// is on its disk, what others have, in the vault.
type mark struct {
	*pruning
	task.Mark
	notes *notes
}

// note writes down what every catalog and checkpoint of the task relies on.
func (m *mark) note(ctx context.Context) error {
	for !m.Noted {
		last, err := m.noteSome(ctx)
		if err != nil {
			return fmt.Errorf("note what catalogs rely on: %w", err)
		}
		switch {
		case m.Noted:
		case left(ctx) < handOver && last == m.After:
			return errLate
		case left(ctx) < handOver:
			m.After = last
			return m.leave(ctx)
		default: // the disk is full
			m.After = last
			if err := m.save(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// noteSome goes on from the Box users that are noted, until there is no time or
// room. It returns the last one of whom it noted everything.
func (m *mark) noteSome(ctx context.Context) (last backup.BoxUserID, err error) {
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(readers)
	last = m.After
	for u, err := range m.Tasks.BoxUsersAfter(gctx, m.id.Account, m.id.Task, m.After) {
		if err == nil && (left(ctx) < handOver || m.notes.size.Load() > m.room()) {
			return last, group.Wait()
		}
		if err == nil && (len(u.Catalog) > 0 || len(u.Checkpoint) > 0) {
			_, err = m.vault(gctx)
		}
		if err != nil {
			return "", errors.Join(err, group.Wait())
		}
		if !u.Purging { // of which there is nothing to read any more
			group.Go(func() error { return m.noteUser(gctx, u) })
		}
		last = u.ID
	}
	m.Noted = true
	return last, group.Wait()
}

func (m *mark) noteUser(ctx context.Context, u task.BoxUser) error {
	for i, pointer := range [][]byte{u.Catalog, u.Checkpoint} {
		if len(pointer) == 0 {
			continue
		}
		path := filepath.Join(m.notes.dir, fmt.Sprintf("catalog-%s-%d", u.ID, i))
		c, err := m.fetch(ctx, u, pointer, path)
		if err == nil {
			err = errors.Join(c.Relied(ctx, m.notes.add), c.Close())
		}
		if err := errors.Join(err, os.RemoveAll(path)); err != nil {
			return fmt.Errorf("catalog of Box user %s: %w", u.ID, err)
		}
	}
	return nil
}

// leave hands the sweep over to the next invocation.
func (m *mark) leave(ctx context.Context) error {
	if err := m.save(ctx); err != nil {
		return err
	}
	return errLate
}

// save puts the notes into the vault and how far the sweep is into the task's
// row, in this order. Every part has an object for each section, so that one
// that is missing is not taken for one without notes.
func (m *mark) save(ctx context.Context) error {
	next := m.task.SweepAt
	if m.Parts == nil {
		next = m.Started.Add(sweepAge) // or as soon as something dies again
	}
	if m.notes.size.Load() > 0 || m.Parts == nil {
		opened, err := m.vault(ctx)
		if err != nil {
			return err
		}
		part := backup.NewSortableID(m.Now())
		group, gctx := errgroup.WithContext(ctx)
		group.SetLimit(parallel)
		for first := range sections {
			group.Go(func() error {
				list, err := m.notes.read(byte(first)) // #nosec G115 -- below 256
				if err != nil {
					return err
				}
				return opened.PutMark(gctx, noteName(part, first), bytes.NewReader(encode(list)))
			})
		}
		if err := group.Wait(); err != nil {
			return err
		}
		m.Parts = append(slices.Clone(m.Parts), part)
		if err := m.notes.clear(); err != nil {
			return err
		}
	}
	m.Saves++
	if err := m.Tasks.SaveMark(ctx, m.id.Account, m.id.Task, m.Mark, next); err != nil {
		return err
	}
	saved := m.Mark
	m.task.SweepAt, m.task.Mark = next, &saved
	return nil
}

func noteName(part string, first int) string { return fmt.Sprintf("%s/%02x", part, first) }

// needed returns the noted contents whose SHA-1 begins with a byte, in order.
func (m *mark) needed(ctx context.Context, first byte) ([]backup.Content, error) {
	list, err := m.notes.read(first)
	if err != nil {
		return nil, err
	}
	for _, part := range m.Parts {
		opened, err := m.vault(ctx)
		if err != nil {
			return nil, err
		}
		var b bytes.Buffer
		if err := opened.GetMark(ctx, noteName(part, int(first)), &b); err != nil {
			return nil, err
		}
		more, err := decode(&b)
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	slices.SortFunc(list, compare)
	return slices.Compact(list), nil
}

// pruneMarks removes notes that no sweep goes on from.
func (v *pruning) pruneMarks(ctx context.Context) error {
	var ended []object
	err := v.Objects.List(ctx, v.id.Marks(), func(key string, size int64, modified time.Time) error {
		part, _, _ := strings.Cut(strings.TrimPrefix(key, v.id.Marks()), "/")
		inUse := v.task.Mark != nil && slices.Contains(v.task.Mark.Parts, part)
		if !inUse && v.started.Sub(modified) > orphanAge {
			ended = append(ended, object{key, size})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return v.remove(ctx, ended, &v.done.Marks)
}

// room is how many bytes of notes there may be on the disk.
func (m *mark) room() int64 {
	if m.Room > 0 {
		return m.Room
	}
	return noteRoom
}

// left is how much time the invocation has.
func left(ctx context.Context) time.Duration {
	deadline, ok := ctx.Deadline()
	if !ok {
		return handOver
	}
	return time.Until(deadline)
}
