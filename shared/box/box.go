// Package box is a client for the part of Box's API that backup and restore
// need. Files carry Box's nouns: users.go, folders.go, files.go, upload.go.
//
// # One way through
//
// Every method builds a call and hands it to Client.send, which holds all
// policy: a token from the TokenSource (and another one after a 401), As-User,
// the limits that Box sets per user, Retry-After, backoff with full jitter and
// a bounded number of attempts, typed errors, counters per kind of call, and an
// idle timeout on everything that is read or written.
//
// # Retries
//
// Calls that may be repeated are: reads, updates, deletions. A creation whose
// reply was lost may have happened, so it is never just sent again. Creations
// of named items (CreateFolder, CreateWebLink, Upload, UploadVersion) look
// first whether the item is there, which Box's rule of unique names in a folder
// makes reliable; others end with an Error whose Uncertain field is true, and
// the caller decides.
//
// # Trust
//
// The access token goes to the configured hosts only, never to an address that
// came in an answer. Texts of errors hold neither tokens nor download addresses.
package box

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"coffer/shared/backup"
)

// Config is what a Client needs. The addresses are base addresses without
// Box's path prefixes, such as https://api.box.com and https://upload.box.com;
// only they and Tokens are required.
type Config struct {
	API     string // API calls and tokens
	Upload  string // uploads
	Account string // where people authorise; the Client itself makes no call there
	Tokens  TokenSource
	HTTP    *http.Client // nil: connections shared by all such clients; redirects are never followed blindly

	// Budget is asked before every API call, each attempt included, and may
	// refuse it: the call then ends with Budget's error. Transfers from download
	// hosts and requests for tokens are not asked for. Nil: no limit.
	Budget func(ctx context.Context, kind string) error

	Limits   Limits        // zero: Box's limits
	Attempts int           // tries of one call; zero: 8
	Idle     time.Duration // longest silence of a connection; zero: 60 s
	MaxWait  time.Duration // longest Retry-After that is waited for; zero: 3 min

	Now    func() time.Time                                 // nil: time.Now
	Sleep  func(ctx context.Context, d time.Duration) error // nil: a timer
	Random func() float64                                   // nil: math/rand; in [0, 1)
}

// Limits are the calls that one acting user may make within any 60 seconds.
type Limits struct {
	Calls   int // uploads included
	Uploads int
}

// boxLimits are the limits that Box documents.
var boxLimits = Limits{Calls: 1000, Uploads: 240}

// Client calls Box as one user. Clients made from each other with As share
// connections, limits and counters. A Client may be used from many goroutines.
type Client struct {
	*shared
	user   backup.BoxUserID
	fields string // what it asks of items besides itemFields, each with a comma before it
}

// shared is what all clients of a family have in common.
type shared struct {
	cfg     Config
	limiter limiter

	mu    sync.Mutex
	calls map[string]int64
}

// New returns a client that acts as the user whom the tokens belong to.
func New(cfg Config) *Client {
	if cfg.HTTP == nil {
		cfg.HTTP = &http.Client{Transport: transport()}
	}
	plain := *cfg.HTTP
	plain.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	cfg.HTTP = &plain
	cfg.API = strings.TrimRight(cfg.API, "/")
	cfg.Upload = strings.TrimRight(cfg.Upload, "/")
	if cfg.Limits == (Limits{}) {
		cfg.Limits = boxLimits
	}
	if cfg.Attempts == 0 {
		cfg.Attempts = 8
	}
	if cfg.Idle == 0 {
		cfg.Idle = time.Minute
	}
	if cfg.MaxWait == 0 {
		cfg.MaxWait = 3 * time.Minute
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Sleep == nil {
		cfg.Sleep = sleep
	}
	if cfg.Random == nil {
		cfg.Random = rand.Float64
	}
	s := &shared{cfg: cfg, calls: map[string]int64{}}
	s.limiter = limiter{limits: cfg.Limits, now: cfg.Now, sleep: cfg.Sleep}
	return &Client{shared: s}
}

// transport returns the connections of all clients that are not given any.
var transport = sync.OnceValue(func() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = 64
	return t
})

// As returns a client that acts as the user, through Box's As-User header.
func (c *Client) As(user backup.BoxUserID) *Client {
	return &Client{shared: c.shared, user: user, fields: c.fields}
}

// Asking returns a client whose listings and single reads of items ask for more
// fields, which Extra holds: a template's metadata, say, as
// "metadata.enterprise_1.contract".
func (c *Client) Asking(fields ...string) *Client {
	more := *c
	for _, f := range fields {
		more.fields += "," + f
	}
	return &more
}

// Calls returns how many requests of each kind were sent so far, by all clients
// of the family and with every attempt counted, as Box counts them. The kind
// "content" counts transfers from download hosts, which are not API calls.
func (c *Client) Calls() map[string]int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	calls := make(map[string]int64, len(c.calls))
	for kind, n := range c.calls {
		calls[kind] = n
	}
	return calls
}

func (c *Client) count(kind string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls[kind]++
}

// sleep waits for d or until ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
