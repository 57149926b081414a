package archiver_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"coffer/scripts/local/fault"
	"coffer/scripts/local/localtest"
	"coffer/shared/archiver"
	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
	"coffer/shared/task"
)

var (
	staleSeed   = flag.Int("stale.seed", 1, "the first round's seed")
	staleRounds = flag.Int("stale.rounds", 4, "how often a worker is overtaken")
)

// C7, and C3: a worker stops at a call for twice as long as its lease lasts,
// another takes the run, and stops in turn while the first goes on, or has
// sealed by then. Messages come several times. One of them seals, once, and what
// the other writes is refused.
func TestStaleWorkerSealsNothing_C7(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 23})
	h.furnishSmall(t)
	for i := range *staleRounds {
		seed := *staleSeed + i
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			h.tenant(t, backup.TaskID(fmt.Sprint("stale-", seed))).overtake(t, rand.New(rand.NewPCG(uint64(seed), 7)))
		})
	}
}

func (h *house) overtake(t *testing.T, rng *rand.Rand) {
	t.Helper()
	const calls = 36 // of a worker in a clean backup, about
	message := h.request(t)
	var wg sync.WaitGroup
	run := func(a *archiver.Archiver, m backup.RunMessage) (ended chan struct{}) {
		ended = make(chan struct{})
		wg.Go(func() {
			defer close(ended)
			_ = a.Run(t.Context(), m) // a loser may complain: the message comes again
		})
		return ended
	}
	first, slow := h.stopping(t, 2+rng.IntN(calls))
	one := run(first, message)
	slow.reached(t, one)
	h.shift.Add(int64(2 * task.LeaseTime))
	second, other := h.stopping(t, 2+rng.IntN(2*calls)) // half of them never stop
	two := run(second, message)
	if rng.IntN(2) == 0 {
		holds := other.reached(t, two) && h.row(t).RunID != "" // it has not sealed before it stopped
		slow.goOn()
		<-one
		if row := h.row(t); holds && (row.RunID == "" || row.Snapshot != "") {
			t.Errorf("the worker that had lost its lease sealed: %+v", row)
		}
		other.goOn()
	} else {
		other.goOn()
		<-two
		slow.goOn()
	}
	for range rng.IntN(3) {
		run(h.Archiver, message)
	}
	wg.Wait()
	if row := h.row(t); row.RunID != "" { // the winner died of the other's interference: it did not
		t.Errorf("nobody sealed: %+v", row)
	}
	h.goesOn(t)
	s := &strand{house: h, t: t}
	s.look(true)
	h.wantOneSnapshot(t)
}

// stop is where a worker stops until it may go on.
type stop struct {
	at, free chan struct{}
	once     sync.Once
}

// reached waits until the worker stands there, or has ended without getting
// there.
func (s *stop) reached(t *testing.T, ended <-chan struct{}) bool {
	t.Helper()
	select {
	case <-s.at:
		return true
	case <-ended:
	case <-time.After(patience):
		t.Error("the worker neither stops nor ends")
	}
	return false
}

func (s *stop) goOn() { s.once.Do(func() { close(s.free) }) }

// stopping is a worker that stops before its nth call, with its heartbeats.
func (h *house) stopping(t *testing.T, nth int) (*archiver.Archiver, *stop) {
	t.Helper()
	s := &stop{at: make(chan struct{}), free: make(chan struct{})}
	t.Cleanup(s.goOn)
	var calls atomic.Int64
	through := func(base http.RoundTripper) http.RoundTripper {
		return &fault.Transport{Base: base, Choose: func(*http.Request) fault.Fate {
			switch n := calls.Add(1); {
			case n == int64(nth):
				close(s.at)
				<-s.free
			case n > int64(nth):
				<-s.free
			}
			return fault.Pass
		}}
	}
	cfg := localtest.Start(t).AWS.Copy()
	cfg.HTTPClient = &http.Client{Transport: through(http.DefaultTransport)}
	return h.worker(t, cfg, &http.Client{Transport: through(described(t).Transport)}), s
}
