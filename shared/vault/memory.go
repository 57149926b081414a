package vault

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"coffer/shared/backup"
)

// Memory is an index in memory, for readers that load one and for tests.
type Memory struct {
	mu       sync.Mutex
	rows     map[ID]map[backup.Content]Row
	progress map[ID]map[backup.Content]Progress
	retired  map[ID]map[string]time.Time
}

// NewMemory returns an empty index.
func NewMemory() *Memory {
	return &Memory{rows: map[ID]map[backup.Content]Row{}, progress: map[ID]map[backup.Content]Progress{}, retired: map[ID]map[string]time.Time{}}
}

// Rows implements Index.
func (m *Memory) Rows(_ context.Context, id ID, contents []backup.Content) (map[backup.Content]Row, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	found := map[backup.Content]Row{}
	for _, c := range contents {
		if row, ok := m.rows[id][c]; ok {
			found[c] = row
		}
	}
	return found, nil
}

// Put implements Index.
func (m *Memory) Put(_ context.Context, id ID, rows []Row) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, row := range rows {
		m.put(id, row)
	}
	return nil
}

func (m *Memory) put(id ID, row Row) {
	row.Condemned = time.Time{}
	if m.rows[id] == nil {
		m.rows[id] = map[backup.Content]Row{}
	}
	m.rows[id][row.Content] = row
}

// Progress implements Index.
func (m *Memory) Progress(_ context.Context, id ID, c backup.Content) (Progress, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.progress[id][c]
	p.Parts = slices.Clone(p.Parts)
	return p, nil
}

// SaveProgress implements Index.
func (m *Memory) SaveProgress(_ context.Context, id ID, p Progress) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.expect(id, p.Content, p.Version-1); err != nil {
		return err
	}
	if m.progress[id] == nil {
		m.progress[id] = map[backup.Content]Progress{}
	}
	p.Parts = slices.Clone(p.Parts)
	m.progress[id][p.Content] = p
	return nil
}

// DropProgress implements Index.
func (m *Memory) DropProgress(_ context.Context, id ID, p Progress) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.expect(id, p.Content, p.Version); err != nil {
		return err
	}
	delete(m.progress[id], p.Content)
	return nil
}

// Finish implements Index.
func (m *Memory) Finish(_ context.Context, id ID, p Progress) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.expect(id, p.Content, p.Version); err != nil {
		return err
	}
	delete(m.progress[id], p.Content)
	m.put(id, p.Row)
	return nil
}

func (m *Memory) expect(id ID, c backup.Content, version int64) error {
	if m.progress[id][c].Version != version {
		return backup.Errorf(backup.Conflict, "The content is being stored by somebody else.")
	}
	return nil
}

// Walk implements Index.
func (m *Memory) Walk(ctx context.Context, id ID, row func(Row) error, progress func(Progress) error) error {
	m.mu.Lock()
	rows := slices.Collect(maps.Values(m.rows[id]))
	records := slices.Collect(maps.Values(m.progress[id]))
	m.mu.Unlock()
	for _, p := range records {
		if err := progress(p); err != nil {
			return err
		}
	}
	for _, r := range rows {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := row(r); err != nil {
			return err
		}
	}
	return nil
}
