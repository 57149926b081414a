package task

import (
	"context"
	"sync"
	"time"

	"coffer/shared/backup"
)

const (
	// block is how many calls a worker sets aside at a time, far from the
	// ceiling: one write for that many calls.
	block = 50
	// share is the part of what is left below the ceiling that a worker sets
	// aside near it, so that no worker runs dry while others hoard.
	share = 20
	// trust is how many calls a worker makes before it looks again whether a
	// ceiling was set meanwhile.
	trust = 200
)

// Meter counts the Box calls of one task in one process, and keeps them below
// the task's ceiling. Calls are set aside in the month's row before they are
// made, by a conditional write, so that however many workers there are, the
// ceiling is never crossed; where a task has none, calls are counted only. What
// was counted is in memory until Write or Settle; a kill loses the count of at
// most that, while what was set aside counts as made. A Meter may be used from
// many goroutines.
type Meter struct {
	table   *Table
	account backup.AccountID
	task    backup.TaskID

	mu    sync.Mutex
	month string
	kinds map[string]int64 // made in month and not written yet
	days  map[int]int64
	open  int64 // of them, those that were not set aside before
	free  int64 // calls that may be made before asking again
	aside bool  // free is set aside in the month's row
}

// Meter returns a meter of a task's calls.
func (t *Table) Meter(account backup.AccountID, id backup.TaskID) *Meter {
	return &Meter{table: t, account: account, task: id, kinds: map[string]int64{}, days: map[int]int64{}}
}

// Spend counts a call that is about to be made. It is a *CeilingError where
// that would cross the ceiling.
func (m *Meter) Spend(ctx context.Context, kind string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.table.Now().UTC()
	if month := MonthOf(now); month != m.month {
		if err := m.write(ctx, true); err != nil {
			return err
		}
		m.month = month
	}
	if m.free == 0 {
		if err := m.ask(ctx, now); err != nil {
			return err
		}
	}
	m.free--
	m.kinds[kind]++
	m.days[now.Day()]++
	if !m.aside {
		m.open++
	}
	return nil
}

// ask gets the next calls that may be made now.
func (m *Meter) ask(ctx context.Context, now time.Time) error {
	for {
		t, err := m.table.Task(ctx, m.account, m.task)
		if err != nil {
			return err
		}
		if t.Ceiling <= 0 {
			m.free, m.aside = trust, false
			return nil
		}
		u, err := m.table.Usage(ctx, m.account, m.task, m.month)
		if err != nil {
			return err
		}
		left := t.Ceiling - u.Taken - m.open
		if left <= 0 {
			return &CeilingError{Ceiling: t.Ceiling, Until: nextMonth(now)}
		}
		n := min(max(left/share, 1), block)
		taken, err := m.table.take(ctx, m.account, m.task, m.month, n, t.Ceiling-m.open)
		if err != nil {
			return err
		}
		if taken { // else another worker was faster, and there is less left
			m.free, m.aside = n, true
			return nil
		}
	}
}

// Write stores what was counted since the last time.
func (m *Meter) Write(ctx context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.write(ctx, false)
}

// Settle stores what was counted and gives back what was set aside and not
// spent. It is called when work ends; more work may follow.
func (m *Meter) Settle(ctx context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.write(ctx, true)
}

// write is not broken off when the work ends: what was stored without the answer
// being heard would be stored once more.
func (m *Meter) write(ctx context.Context, settle bool) error {
	ctx = context.WithoutCancel(ctx)
	taken := m.open
	if settle && m.aside {
		taken -= m.free
	}
	if len(m.kinds) > 0 || taken != 0 {
		if err := m.table.count(ctx, m.account, m.task, m.month, m.kinds, m.days, taken); err != nil {
			return err
		}
	}
	clear(m.kinds)
	clear(m.days)
	m.open = 0
	if settle {
		m.free, m.aside = 0, false
	}
	return nil
}
