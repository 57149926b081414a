package cloud

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// format is the version of the state folder's layout. A folder of another
// version is refused rather than misread.
const format = 1

// State is the folder that everything which survives a restart is in, locked
// for one running Coffer.
type State struct {
	Dir  string // absolute
	lock *os.File
}

// Open makes the folder where it does not exist, and locks it. The lock ends
// with the process, however it ends.
func Open(dir string) (*State, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("the state folder %s cannot be used: %w", dir, errors.Unwrap(err))
	}
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the state folder %s cannot be used: %w", dir, errors.Unwrap(err))
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		owner, _ := os.ReadFile(lock.Name()) // says more, where it can be read
		_ = lock.Close()
		return nil, fmt.Errorf("another Coffer is running on the state folder %s (%s)", dir, strings.TrimSpace(string(owner)))
	}
	s := &State{Dir: dir, lock: lock}
	if err := s.check(); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// check compares the folder's version with ours, and sets it in a new folder.
func (s *State) check() error {
	path := s.Path("format")
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return os.WriteFile(path, []byte(strconv.Itoa(format)+"\n"), 0o600)
	}
	if err != nil {
		return err
	}
	if got := strings.TrimSpace(string(text)); got != strconv.Itoa(format) {
		return fmt.Errorf("the state folder %s has the format %q and this Coffer reads %d: move it away, or set DATA to another folder", s.Dir, got, format)
	}
	return nil
}

// Note leaves word in the folder of who holds it, for the message of Open and
// for commands that look for the running Coffer.
func (s *State) Note(address string) error {
	text := fmt.Sprintf("process %d at %s\n", os.Getpid(), address)
	return errors.Join(s.lock.Truncate(0), write(s.lock, text))
}

func write(f *os.File, text string) error {
	_, err := f.WriteAt([]byte(text), 0)
	return err
}

// Address returns where the Coffer that runs on a folder listens.
func Address(dir string) (string, error) {
	text, err := os.ReadFile(filepath.Join(dir, "lock"))
	if _, address, found := strings.Cut(strings.TrimSpace(string(text)), " at "); err == nil && found {
		return address, nil
	}
	return "", fmt.Errorf("no Coffer has run on the state folder %s: start it with `make run`", dir)
}

// Path returns a path in the folder.
func (s *State) Path(elements ...string) string {
	return filepath.Join(append([]string{s.Dir}, elements...)...)
}

// Close unlocks the folder.
func (s *State) Close() { _ = s.lock.Close() }
