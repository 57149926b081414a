package boxsim

import (
	"encoding/binary"
	"encoding/hex"
	"slices"
	"time"
)

// straggler is an event that the administrators' streams do not have yet.
type straggler struct {
	due time.Time
	*event
}

// straggleFor is by how much an event is late at most.
const straggleFor = 24 * time.Hour

// delay may keep an event from the administrators' streams for a while. Those of
// the users have it at once.
func (s *Sim) delay(e *event) {
	if s.opt.Stragglers == 0 || e.AdminType == "" {
		return
	}
	bits, _ := hex.DecodeString(e.ID[:16])
	draw := mix(binary.BigEndian.Uint64(bits))
	if float64(draw>>11)/(1<<53) >= s.opt.Stragglers {
		return
	}
	late := *e
	late.UserType, late.Audience = "", nil
	e.AdminType = ""
	s.late = append(s.late, straggler{e.At.Add(time.Duration(mix(draw) % uint64(straggleFor))), &late}) // #nosec G115 -- less than a day
}

// deliver adds the events whose time has come to the administrators' streams, as
// old as they are.
func (s *Sim) deliver() {
	now := s.now()
	s.late = slices.DeleteFunc(s.late, func(l straggler) bool {
		if l.due.After(now) {
			return false
		}
		s.Events = append(s.Events, l.event)
		return true
	})
}

// Straggle changes the share of events that are late from now on.
func (s *Sim) Straggle(share float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opt.Stragglers = share
}

// Lag changes how old events are before the administrators' streams show them.
func (s *Sim) Lag(by time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opt.EventLag = by
}

// Stragglers returns how many events the administrators' streams do not have
// yet.
func (s *Sim) Stragglers() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deliver()
	return len(s.late)
}
