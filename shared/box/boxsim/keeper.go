package boxsim

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

// keeper writes the state to a file soon after it changes, so that a killed
// program loses little, and of tokens nothing: a pair that the simulator has
// forgotten would disconnect whoever holds it.
type keeper struct {
	mu      sync.Mutex
	path    string
	cost    time.Duration // of the last save
	pending *time.Timer
}

// Keep loads the state from the file, if there is one, and from then on saves
// it there after changes that come over HTTP. It reports whether it loaded.
func (s *Sim) Keep(path string) (loaded bool, err error) {
	file, err := os.Open(path) // #nosec G304 -- named by whoever starts the program
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return false, fmt.Errorf("state of the simulator: %w", err)
	default:
		defer file.Close()
		if err := s.Load(file); err != nil {
			return false, fmt.Errorf("%s: %w", path, err)
		}
		loaded = true
	}
	s.keeper.mu.Lock()
	defer s.keeper.mu.Unlock()
	s.keeper.path = path
	return loaded, nil
}

// Flush saves the state to the file given to Keep.
func (s *Sim) Flush() error {
	s.keeper.mu.Lock()
	defer s.keeper.mu.Unlock()
	return s.keeper.save(s)
}

// changed notes that a call has been answered that may have changed the state.
func (k *keeper) changed(s *Sim, r *http.Request) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.path == "" || r.Method == http.MethodGet || r.Method == http.MethodOptions {
		return
	}
	if k.cost < 10*time.Millisecond || strings.HasPrefix(r.URL.Path, "/oauth2/") {
		_ = k.save(s) // the next change tries again, and Flush tells
		return
	}
	if k.pending == nil {
		k.pending = time.AfterFunc(10*k.cost, func() { _ = s.Flush() })
	}
}

// save replaces the file in one step.
func (k *keeper) save(s *Sim) error {
	if k.pending != nil {
		k.pending.Stop()
		k.pending = nil
	}
	if k.path == "" {
		return nil
	}
	start := time.Now()
	file, err := os.OpenFile(k.path+".new", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("save the simulator: %w", err)
	}
	err = s.Save(file)
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(file.Name(), k.path)
	}
	if err != nil {
		_ = os.Remove(file.Name())
		return fmt.Errorf("save the simulator: %w", err)
	}
	k.cost = time.Since(start)
	return nil
}
