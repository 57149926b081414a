package box

import (
	"context"
	"errors"
	"sync"
	"time"
)

// MemoryTokens is a TokenStore in memory, for scripts and tests.
type MemoryTokens struct {
	Now func() time.Time // nil: time.Now

	mu      sync.Mutex
	token   Token
	version int64
	leased  time.Time // until when
}

// NewMemoryTokens returns a store that holds t.
func NewMemoryTokens(t Token) *MemoryTokens { return &MemoryTokens{token: t, version: 1} }

func (m *MemoryTokens) now() time.Time {
	if m.Now != nil {
		return m.Now()
	}
	return time.Now()
}

// Load implements TokenStore.
func (m *MemoryTokens) Load(context.Context) (Token, int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.token, m.version, nil
}

// Lease implements TokenStore.
func (m *MemoryTokens) Lease(_ context.Context, version int64) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if version != m.version || m.now().Before(m.leased) {
		return false, nil
	}
	m.leased = m.now().Add(LeaseTime)
	return true, nil
}

// Save implements TokenStore.
func (m *MemoryTokens) Save(_ context.Context, version int64, t Token) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if version != m.version {
		return errors.New("the tokens were replaced meanwhile")
	}
	m.token, m.version, m.leased = t, version+1, time.Time{}
	return nil
}

// Release implements TokenStore.
func (m *MemoryTokens) Release(_ context.Context, version int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if version == m.version {
		m.leased = time.Time{}
	}
	return nil
}
