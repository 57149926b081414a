package chaos_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
)

// moment is when a function is killed: a while after something happens.
type moment struct {
	what  string
	arm   func(t *testing.T, fire func()) // fire may be called more than once
	after time.Duration
}

// strike waits for the moment, begin having set things going, and kills the
// function's processes. It reports false if ended came true first.
func (m moment) strike(t *testing.T, function string, begin func(), ended func() bool) bool {
	t.Helper()
	now := make(chan struct{}, 1)
	m.arm(t, func() {
		select {
		case now <- struct{}{}:
		default:
		}
	})
	begin()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	over := time.NewTimer(patience)
	defer over.Stop()
	var found []process // known beforehand, because looking takes longer than many moments last
	for happened := false; !happened; {
		select {
		case <-now:
			happened = true
		case <-tick.C:
			if ended() {
				return false
			}
			found = functionProcesses(t, self, function)
		case <-over.C:
			t.Fatalf("waited %s in vain for the moment of %s", patience, m.what)
		}
	}
	<-time.After(m.after) // a moment of its own, drawn from the seed
	kill(t, found...)
	kill(t, functionProcesses(t, self, function)...)
	return !ended()
}

// or is the moment m, or the other if that comes first.
func (m moment) or(other moment) moment {
	return moment{what: m.what + " or " + other.what, after: m.after, arm: func(t *testing.T, fire func()) {
		m.arm(t, fire)
		other.arm(t, fire)
	}}
}

// atCall is a moment at the nth call of a Box user to an endpoint.
func (h *house) atCall(user backup.BoxUserID, endpoint string, n int, after time.Duration) moment {
	return moment{
		what:  fmt.Sprintf("call %d of %s", n, endpoint),
		after: after,
		arm: func(t *testing.T, fire func()) {
			h.sim.Fault(boxsim.Fault{User: user, Endpoint: endpoint, Nth: int64(n), Times: 1, Kinds: []boxsim.Kind{boxsim.Late}, Do: fire})
		},
	}
}

// atFile is a moment at which a file appears that matches the pattern, seen in
// the folders behind the S3 server and the functions: asking a server would
// take longer than what follows.
func (h *house) atFile(what, pattern string, after time.Duration) moment {
	files := func() []string {
		found, _ := filepath.Glob(pattern) // the pattern is right
		return found
	}
	return moment{
		what:  what,
		after: after,
		arm: func(t *testing.T, fire func()) {
			before := files()
			known := func(file string) bool { return slices.Contains(before, file) }
			go func() {
				tick := time.NewTicker(time.Millisecond)
				defer tick.Stop()
				for t.Context().Err() == nil && !slices.ContainsFunc(files(), func(f string) bool { return !known(f) }) {
					<-tick.C
				}
				fire()
			}()
		},
	}
}
