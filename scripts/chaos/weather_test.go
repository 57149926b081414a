package chaos_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"

	"coffer/scripts/local/fault"
)

// weather decides what becomes of the functions' requests to AWS's services.
// The zero value lets all of them pass.
type weather struct {
	mu       sync.Mutex
	rng      *rand.Rand
	rates    map[string]float64 // the share of a service's requests that go wrong
	services map[string]*fault.Transport
}

var storms = []fault.Fate{fault.Reset, fault.Lost, fault.Busy, fault.Broken, fault.Late}

func (w *weather) through(service, address string) (http.Handler, error) {
	t := &fault.Transport{
		Base:   &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true},
		Choose: func(*http.Request) fault.Fate { return w.choose(service) },
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.services == nil {
		w.services = map[string]*fault.Transport{}
	}
	w.services[service] = t
	return t.Proxy(address)
}

func (w *weather) choose(service string) fault.Fate {
	w.mu.Lock()
	defer w.mu.Unlock()
	if rate := w.rates[service]; rate == 0 || w.rng.Float64() >= rate {
		return fault.Pass
	}
	return storms[w.rng.IntN(len(storms))]
}

// set lets so many of the services' requests go wrong from now on.
func (w *weather) set(rng *rand.Rand, rates map[string]float64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rng, w.rates = rng, rates
}

// calm lets all requests pass while f runs.
func (w *weather) calm(f func()) {
	w.mu.Lock()
	rng, rates := w.rng, w.rates
	w.mu.Unlock()
	w.set(nil, nil)
	defer w.set(rng, rates)
	f()
}

// count returns how many requests to a service went wrong so far.
func (w *weather) count(service string) int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.services[service].Faults()
}

// record keeps what functions log, and the tokens that they show to Box.
type record struct {
	mu      sync.Mutex
	log     bytes.Buffer
	secrets map[string]bool
}

// Write implements io.Writer.
func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.log.Write(p)
}

// tokens is a handler that notes the tokens of requests.
func (r *record) tokens(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if token, ok := strings.CutPrefix(req.Header.Get("Authorization"), "Bearer "); ok {
			r.mu.Lock()
			if r.secrets == nil {
				r.secrets = map[string]bool{}
			}
			r.secrets[token] = true
			r.mu.Unlock()
		}
		next.ServeHTTP(w, req)
	})
}

// told returns the lines of the log, since it was last asked, that hold a token
// or one of the words.
func (r *record) told(words ...string) (lines []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for token := range r.secrets {
		words = append(words, token)
	}
	for line := range strings.Lines(r.log.String()) {
		for _, word := range words {
			if word != "" && strings.Contains(line, word) {
				lines = append(lines, fmt.Sprintf("%q in %s", word, line))
			}
		}
	}
	r.log.Reset()
	return lines
}
