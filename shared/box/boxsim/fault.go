package boxsim

import (
	"fmt"
	"hash/fnv"
	"net/http"
	"strings"
	"time"

	"coffer/shared/backup"
)

// Kind is a way for a call to go wrong.
type Kind string

// The kinds of faults.
const (
	TooMany     Kind = "429" // with a retry-after
	ServerError Kind = "500"
	BadGateway  Kind = "502"
	Unavailable Kind = "503"
	Timeout     Kind = "504"

	Unauthorized Kind = "401" // as an expired token is refused
	Forbidden    Kind = "403"
	OutOfScope   Kind = "insufficient_scope" // 403 without a body
	Policy       Kind = "forbidden_by_policy"
	NotFound     Kind = "404"
	Trashed      Kind = "trashed"
	Blocked      Kind = "operation_blocked_temporary" // 409, as while a folder is being moved
	Reserved     Kind = "name_temporarily_reserved"   // 409, as while another upload of the name runs
	Mismatch     Kind = "parts_mismatch"              // 400, as right after a chunked upload's last part
	Expired      Kind = "session_expired"             // 410
	BadMarker    Kind = "invalid_marker"              // 400
	Accepted     Kind = "202"                         // the content is not ready, with a retry-after

	Reset   Kind = "reset"    // the connection ends before the answer
	Lost    Kind = "lost"     // the call takes effect, then the connection ends
	Cut     Kind = "cut"      // the connection ends within the body
	Short   Kind = "short"    // the body is shorter, and its announced length too
	Flip    Kind = "flip"     // one bit of a content or archive is wrong; JSON is cut short instead
	BadJSON Kind = "bad_json" // 200 with half an object
	HTML    Kind = "html"     // 502 with a gateway's page
	Empty   Kind = "empty"    // 200 without a body
	Slow    Kind = "slow"     // the body drips for Fault.Delay
	Late    Kind = "late"     // nothing but Fault.Delay and Fault.Do

	Repeat    Kind = "repeat"     // a list repeats an entry
	Shuffle   Kind = "shuffle"    // a list is in the wrong order
	ShortPage Kind = "short_page" // a page holds half of what it could
	Odd       Kind = "odd"        // sizes as floats, order as an object, unknown fields
)

// Fault makes chosen calls go wrong. Every field narrows the choice; one that
// is zero does not.
type Fault struct {
	// Endpoint is a method and a path, where * stands for any method or one
	// segment and ** for all that follows: "GET /2.0/files/*/content". Without
	// it, every call of the API, its uploads and downloads may be chosen, but
	// not OAuth's.
	Endpoint string `json:"endpoint,omitempty"`
	// User is whom the calls act as.
	User backup.BoxUserID `json:"user,omitempty"`
	// Kinds are what happens, one of them at random.
	Kinds []Kind `json:"kinds"`
	// Probability is the share of matching calls that are chosen; 0 means all.
	Probability float64 `json:"probability,omitempty"`
	// Nth chooses the n-th matching call only, counted from 1.
	Nth int64 `json:"nth,omitempty"`
	// Times is how often the fault is used before it ends.
	Times int64 `json:"times,omitempty"`
	// RetryAfter is told in seconds by the kinds that tell it; 0 means 1,
	// less than 0 that nothing is told.
	RetryAfter int `json:"retryAfter,omitempty"`
	// After makes the call take effect before it fails.
	After bool `json:"after,omitempty"`
	// Delay is added to the chosen calls, or spread over the body by Slow.
	Delay time.Duration `json:"delay,omitempty"`
	// Do runs before a chosen call is answered, for changes in the middle of
	// what a client does.
	Do func() `json:"-"`
	// Seed varies the choice; the simulator's own seed always does.
	Seed uint64 `json:"seed,omitempty"`
}

type faults struct {
	list  []*planned
	last  int
	kinds map[Kind]int64
}

// planned is a fault with its counters.
type planned struct {
	Fault
	number        int
	matched, used int64
}

// strike is one use of a fault.
type strike struct {
	*planned
	kind Kind
	draw uint64 // random bits
}

// Fault plans a fault and returns its number, by which Stats counts its uses.
// Where several match a call, the one planned first is used.
func (s *Sim) Fault(f Fault) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults.last++
	s.faults.list = append(s.faults.list, &planned{Fault: f, number: s.faults.last})
	return s.faults.last
}

// ClearFaults ends all faults and keeps the counters of calls.
func (s *Sim) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults.list = nil
}

// pick chooses the fault of a call, if any. The choice depends on the seeds
// and on how many calls matched before, on nothing else.
func (fs *faults) pick(r *http.Request, u *user, seed uint64) *strike {
	for _, f := range fs.list {
		if !f.matches(r, u) {
			continue
		}
		f.matched++
		h := fnv.New64a()
		_, _ = fmt.Fprint(h, seed, f.Seed, f.number, f.matched)
		draw := mix(h.Sum64())
		if f.Nth > 0 && f.matched != f.Nth || f.Times > 0 && f.used >= f.Times ||
			f.Probability > 0 && float64(draw>>11)/(1<<53) >= f.Probability || len(f.Kinds) == 0 {
			continue
		}
		f.used++
		draw = mix(draw)
		kind := f.Kinds[draw%uint64(len(f.Kinds))]
		if fs.kinds == nil {
			fs.kinds = map[Kind]int64{}
		}
		fs.kinds[kind]++
		return &strike{planned: f, kind: kind, draw: mix(draw)}
	}
	return nil
}

// mix scrambles bits (SplitMix64).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func (f *planned) matches(r *http.Request, u *user) bool {
	if f.User != "" && (u == nil || u.ID != string(f.User)) {
		return false
	}
	if f.Endpoint == "" {
		return !strings.Contains(r.URL.Path, "/oauth2/") && !strings.HasPrefix(r.URL.Path, "/realtime/")
	}
	method, path, _ := strings.Cut(f.Endpoint, " ")
	if method != "*" && method != r.Method {
		return false
	}
	want, have := strings.Split(path, "/"), strings.Split(r.URL.Path, "/")
	for i, segment := range want {
		switch {
		case segment == "**":
			return true
		case i >= len(have), segment != "*" && segment != have[i]:
			return false
		}
	}
	return len(want) == len(have)
}
