// Package lambda runs Lambda functions on this machine: the real bootstrap
// executables as child processes that speak the Lambda Runtime API, with the
// environment, timeout and memory of the template.
//
// A function has execution environments, each one process with a Runtime API
// and a /tmp of its own, which serve one invocation at a time and are kept warm
// for the next. One that runs out of time or memory, or exits, is replaced.
package lambda

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"sync"
	"time"
)

const keepWarm = 5 * time.Minute

// Function says what to run and within which limits.
type Function struct {
	Name        string
	ARN         string
	Folder      string // holds the executable bootstrap
	MemoryMB    int
	Timeout     time.Duration
	Environment map[string]string
	Concurrency int // environments at most; callers beyond it wait
}

// Options are a host's settings.
type Options struct {
	Dir         string            // for the functions' temporary files; emptied at start
	Log         io.Writer         // takes the functions' log lines, each behind the function's name
	Environment map[string]string // what every function gets, such as region and endpoints
	KeepWarm    time.Duration     // how long an idle environment lives; five minutes if 0
}

// Error is a function's failure, as Lambda reports it to a caller.
type Error struct {
	Message string   `json:"errorMessage"`
	Type    string   `json:"errorType"`
	Trace   []*Frame `json:"stackTrace,omitempty"`
}

// Frame is a line of a panic's stack.
type Frame struct {
	Path  string `json:"path"`
	Line  int    `json:"line"`
	Label string `json:"label"`
}

// Error returns type and message.
func (e *Error) Error() string { return e.Type + ": " + e.Message }

// ErrUnknown says that there is no function of that name.
var ErrUnknown = errors.New("there is no such function")

// ErrClosed says that the host is closing.
var ErrClosed = errors.New("the functions are being stopped")

// Usage is what a function's environments took so far.
type Usage struct {
	Invocations, Errors, Starts int
	PeakMemory                  int64         // bytes of the largest environment
	Busy                        time.Duration // of all invocations together, as Lambda bills it
	CPU                         time.Duration // of the processor, on Linux
	MemoryMB                    int           // that each environment has
	Running                     int           // invocations that have not ended
}

// Host runs functions.
type Host struct {
	opt       Options
	log       *logger
	functions map[string]*function

	mu     sync.Mutex
	closed bool
	live   map[*environment]bool
	work   sync.WaitGroup
}

// function is a function and its environments.
type function struct {
	Function
	slots chan struct{}

	mu    sync.Mutex
	idle  []*environment // the most recently used is last
	usage Usage
}

// New returns a host of the functions. No process starts before it is needed.
func New(opt Options, functions ...Function) (*Host, error) {
	if err := os.RemoveAll(opt.Dir); err != nil { // what a killed run left
		return nil, err
	}
	if err := os.MkdirAll(opt.Dir, 0o700); err != nil {
		return nil, err
	}
	h := &Host{opt: opt, functions: map[string]*function{}, live: map[*environment]bool{}}
	h.log = newLogger(opt.Log, functions)
	for _, f := range functions {
		h.functions[f.Name] = &function{Function: f, slots: make(chan struct{}, f.Concurrency)}
	}
	return h, nil
}

// Usage returns what a function took so far.
func (h *Host) Usage(name string) Usage {
	f, ok := h.functions[name]
	if !ok {
		return Usage{}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	u := f.usage
	u.MemoryMB, u.Running = f.MemoryMB, len(f.slots)
	return u
}

// ResetPeak forgets the largest memory of a function's environments, for
// measuring what follows. Environments that are idle are ended, since what they
// hold is of the past.
func (h *Host) ResetPeak(name string) {
	f, ok := h.functions[name]
	if !ok {
		return
	}
	f.mu.Lock()
	idle := f.idle
	f.idle, f.usage.PeakMemory = nil, 0
	f.mu.Unlock()
	for _, env := range idle {
		env.proc.Kill()
	}
}

// Note puts a line into the log behind a function's name.
func (h *Host) Note(name, format string, args ...any) {
	_, _ = fmt.Fprintf(h.log.lines(name), format+"\n", args...) // never fails
}

// Invoke calls a function and returns its answer. A failure of the function is
// an *Error. As on AWS, the invocation goes on when the caller stops waiting.
func (h *Host) Invoke(ctx context.Context, name string, payload []byte) ([]byte, error) {
	f, ok := h.functions[name]
	if !ok {
		return nil, fmt.Errorf("%w: %q", ErrUnknown, name)
	}
	select {
	case f.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	done := make(chan outcome, 1)
	if !h.begin() {
		<-f.slots
		return nil, ErrClosed
	}
	go func() {
		defer h.work.Done()
		defer func() { <-f.slots }()
		done <- h.run(f, payload)
	}()
	select {
	case out := <-done:
		return out.payload, out.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// begin counts one more invocation, unless the host is closing.
func (h *Host) begin() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.closed {
		h.work.Add(1)
	}
	return !h.closed
}

// run serves one invocation in a warm environment or a new one.
func (h *Host) run(f *function, payload []byte) outcome {
	for {
		env, err := h.take(f)
		if err != nil {
			return outcome{err: err}
		}
		begin := time.Now()
		out := env.serve(payload)
		if out.lost { // the process had ended before it took the invocation
			continue
		}
		f.mu.Lock()
		f.usage.Invocations++
		if out.err != nil {
			f.usage.Errors++
		}
		f.usage.PeakMemory = max(f.usage.PeakMemory, env.peak.Load())
		f.usage.Busy += time.Since(begin)
		f.usage.CPU += env.worked()
		if env.alive() {
			f.idle = append(f.idle, env)
			env.retire = time.AfterFunc(cmp.Or(h.opt.KeepWarm, keepWarm), func() { f.retire(env) })
		}
		f.mu.Unlock()
		return out
	}
}

// retire ends an environment if it is still idle.
func (f *function) retire(env *environment) {
	f.mu.Lock()
	i := slices.Index(f.idle, env)
	if i >= 0 {
		f.idle = slices.Delete(f.idle, i, i+1)
	}
	f.mu.Unlock()
	if i >= 0 {
		env.proc.Kill()
	}
}

// take returns the most recently used idle environment, or a new one.
func (h *Host) take(f *function) (*environment, error) {
	f.mu.Lock()
	for len(f.idle) > 0 {
		env := f.idle[len(f.idle)-1]
		f.idle = f.idle[:len(f.idle)-1]
		env.retire.Stop()
		if env.alive() {
			f.mu.Unlock()
			return env, nil
		}
	}
	f.usage.Starts++
	f.mu.Unlock()
	return h.start(f)
}

// Close kills every process, waits for them and removes their files.
func (h *Host) Close() {
	h.mu.Lock()
	h.closed = true
	live := slices.Collect(maps.Keys(h.live))
	h.mu.Unlock()
	for _, env := range live {
		go env.proc.Kill()
	}
	h.work.Wait()
	_ = os.RemoveAll(h.opt.Dir)
}
