package vault

import (
	"context"
	"maps"
	"slices"
	"time"

	"coffer/shared/backup"
)

// Section implements Pruning.
func (m *Memory) Section(_ context.Context, id ID, first byte, row func(Row) error) error {
	m.mu.Lock()
	rows := slices.Collect(maps.Values(m.rows[id]))
	m.mu.Unlock()
	for _, r := range rows {
		if r.Content.SHA1[0] != first {
			continue
		}
		if err := row(r); err != nil {
			return err
		}
	}
	return nil
}

// change changes the row of a content that matches, or is a Conflict.
func (m *Memory) change(id ID, c backup.Content, matches func(Row) bool, change func(*Row)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	row, ok := m.rows[id][c]
	if !ok || !matches(row) {
		return Changed()
	}
	change(&row)
	m.rows[id][c] = row
	return nil
}

// Changed is the Conflict of a row that is not as it was read.
func Changed() error {
	return backup.Errorf(backup.Conflict, "The row of the content was changed meanwhile.")
}

// Condemn implements Pruning.
func (m *Memory) Condemn(_ context.Context, id ID, c backup.Content, at time.Time) error {
	return m.change(id, c, func(r Row) bool { return r.Condemned.IsZero() }, func(r *Row) { r.Condemned = at })
}

// Rescue implements Pruning.
func (m *Memory) Rescue(_ context.Context, id ID, c backup.Content) error {
	err := m.change(id, c, func(Row) bool { return true }, func(r *Row) { r.Condemned = time.Time{} })
	if err != nil {
		return backup.Errorf(backup.NotFound, "The content of this file is not in the vault.")
	}
	return nil
}

// Remove implements Pruning.
func (m *Memory) Remove(_ context.Context, id ID, r Row) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if row, ok := m.rows[id][r.Content]; !ok || row.Condemned.IsZero() || !row.Condemned.Equal(r.Condemned) {
		return Changed()
	}
	delete(m.rows[id], r.Content)
	return nil
}

// Move implements Pruning.
func (m *Memory) Move(_ context.Context, id ID, r Row, to []Part) error {
	return m.change(id, r.Content, func(now Row) bool { return slices.Equal(now.Parts, r.Parts) }, func(r *Row) { r.Parts = to })
}

// Retire implements Pruning.
func (m *Memory) Retire(_ context.Context, id ID, packs []string, at time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.retired[id] == nil {
		m.retired[id] = map[string]time.Time{}
	}
	for _, pack := range packs {
		m.retired[id][pack] = at
	}
	return nil
}

// Retired implements Pruning.
func (m *Memory) Retired(_ context.Context, id ID) (map[string]time.Time, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.retired[id]), nil
}

// Forget implements Pruning.
func (m *Memory) Forget(_ context.Context, id ID, packs []string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, pack := range packs {
		delete(m.retired[id], pack)
	}
	return nil
}

// Erase implements Pruning.
func (m *Memory) Erase(_ context.Context, id ID) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := len(m.rows[id]) + len(m.progress[id]) + len(m.retired[id])
	delete(m.rows, id)
	delete(m.progress, id)
	delete(m.retired, id)
	return n, nil
}
