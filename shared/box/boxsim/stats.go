package boxsim

import (
	"maps"
	"time"

	"coffer/shared/backup"
)

// Stats counts what has reached the simulator since it started or was reset.
type Stats struct {
	Calls     int64                          `json:"calls"`
	Endpoints map[string]int64               `json:"endpoints"` // by method and route, such as "GET /2.0/files/{id}"
	Users     map[backup.BoxUserID]UserStats `json:"users"`     // by the user that the calls acted as
	Faults    map[int]int64                  `json:"faults"`    // uses, by the fault's number
	Kinds     map[Kind]int64                 `json:"kinds"`     // uses, by the kind of fault
	Sent      int64                          `json:"sent"`      // bytes of contents that were downloaded one by one
}

// UserStats counts the calls of one user.
type UserStats struct {
	Calls   int64 `json:"calls"`
	Peak    int   `json:"peak"`    // most calls in any sixty seconds
	Limited int64 `json:"limited"` // refused by the limits
	Early   int64 `json:"early"`   // sent although an earlier answer's retry-after was not over
}

// traffic is what Stats and the limits are made from.
type traffic struct {
	total     int64
	sent      int64
	endpoints map[string]int64
	users     map[string]*userTraffic
	monthly   map[string]int // by enterprise and month
}

type userTraffic struct {
	stats                   UserStats
	arrived, calls, uploads arrivals
	told, until             time.Time // of the last refusal
}

func newTraffic() traffic {
	return traffic{endpoints: map[string]int64{}, users: map[string]*userTraffic{}, monthly: map[string]int{}}
}

func (s *Sim) user(u *user) *userTraffic {
	t := s.users[u.ID]
	if t == nil {
		t = &userTraffic{}
		s.users[u.ID] = t
	}
	return t
}

func (s *Sim) count(pattern string, u *user) {
	s.endpoints[pattern]++
	if u != nil {
		s.user(u).stats.Calls++
	}
}

// Stats returns the counters.
func (s *Sim) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := Stats{
		Calls: s.total, Endpoints: maps.Clone(s.endpoints), Users: map[backup.BoxUserID]UserStats{},
		Faults: map[int]int64{}, Kinds: maps.Clone(s.faults.kinds), Sent: s.sent,
	}
	for id, t := range s.users {
		out.Users[backup.BoxUserID(id)] = t.stats
	}
	for _, f := range s.faults.list {
		out.Faults[f.number] = f.used
	}
	return out
}

// Reset removes all faults and zeroes all counters and limits.
func (s *Sim) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.traffic = newTraffic()
	s.faults = faults{}
}
