// Package boxsim is a simulator of Box: enterprises, users and their content
// behind Box's HTTP API, upload API, download addresses and OAuth pages, all
// on one origin, with a virtual clock, limits, counters and scripted faults.
// Only tests and scripts import it.
//
//	sim := boxsim.New(boxsim.Options{Seed: 1})
//	server := httptest.NewServer(sim)
//	acme := sim.AddEnterprise("Acme")
//	ada := acme.AddUser("Ada", "ada@acme.example", boxsim.Admin)
//	sim.Upload(ada, backup.RootFolder, "plan.txt", []byte("ship it"))
//	// Calls to server.URL + "/2.0/…" with the access token sim.Token(ada).
//
// It answers as Box does where a client could notice: ids, etags and sequence
// ids are strings, a last page's next_marker is null, content is a redirect to
// an address that expires, content-md5 holds a SHA-1, items look different to
// an owner and to a collaborator, events come late-bound, one for a whole
// folder, and differently to users and administrators. Everything it makes up
// comes from Options.Seed.
//
// What Box has and this does not: permissions finer than collaboration roles,
// representations, watermarks, retention and legal holds, webhooks, Sign,
// Relay, Hubs and AI; copies, moves and deletions that go on after the answer
// and lock their folder meanwhile (the fault Blocked stands in); writes that
// are not seen for a while; 503s whose effect comes later.
package boxsim

import (
	"net/http"
	"sync"
	"time"
)

// Options configure a simulator. The zero value is a fast, unlimited Box that
// keeps contents in memory.
type Options struct {
	// Seed determines every token, fault and made-up content.
	Seed uint64
	// Now is the clock under the virtual clock; nil means time.Now.
	Now func() time.Time
	// Latency is added to every call.
	Latency time.Duration
	// Limits turns on Box's limits: 1,000 calls and 240 uploads a minute for
	// each user.
	Limits bool
	// MonthlyCalls is an enterprise's allowance of calls a month; 0 means none.
	MonthlyCalls int
	// Tokens says what becomes of a refresh token that is used twice.
	Tokens TokenMode
	// Dir is where contents are kept; "" means in memory.
	Dir string
	// EventLag is how late the administrators' event streams are.
	EventLag time.Duration
	// Stragglers is the share of events that come to the administrators' streams
	// later than younger ones: by up to a day.
	Stragglers float64
	// PartSize is the size of a part of a chunked upload; 0 means 8 MiB.
	PartSize int64
	// MinSession is the least size of a chunked upload; 0 means 20,000,000.
	MinSession int64
	// PageSize is the most that a list shows at once; 0 means 1,000.
	PageSize int
	// HardDelete makes deletions skip the trash, as some enterprises choose.
	HardDelete bool
}

// Sim is a simulated Box. It is an http.Handler, and its methods may be called
// while it serves.
type Sim struct {
	opt      Options
	mux      *http.ServeMux
	contents *contents
	keeper   keeper

	mu sync.Mutex // guards everything below; never held while a body streams
	state
	index
	traffic
	faults  faults
	late    []straggler
	deaf    bool          // nothing is logged
	changed chan struct{} // closed and replaced when the event log grows
	marked  []byte        // what Mark saved
}

// New returns a simulator with nothing in it.
func New(opt Options) *Sim {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.PartSize == 0 {
		opt.PartSize = 8 << 20
	}
	if opt.MinSession == 0 {
		opt.MinSession = 20_000_000
	}
	if opt.PageSize == 0 {
		opt.PageSize = 1000
	}
	s := &Sim{
		opt:      opt,
		mux:      http.NewServeMux(),
		contents: newContents(opt.Dir),
		state:    newState(),
		index:    newIndex(),
		traffic:  newTraffic(),
		changed:  make(chan struct{}),
	}
	s.routes()
	return s
}

// ServeHTTP implements http.Handler.
func (s *Sim) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mux.ServeHTTP(w, r)
}

// Now returns the time on the virtual clock, to the second as Box tells it.
func (s *Sim) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now()
}

// Advance moves the virtual clock forward: tokens expire, trash is purged,
// limits recover.
func (s *Sim) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Shift += d
	s.purgeExpired()
}

func (s *Sim) now() time.Time {
	return s.instant().Truncate(time.Second)
}

// instant is now with the fractions of a second that limits need.
func (s *Sim) instant() time.Time { return s.opt.Now().Add(s.Shift).UTC() }
