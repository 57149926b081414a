// Package child starts processes that end with this one, however it ends.
package child

import (
	"os/exec"
	"runtime"
)

// Parent starts processes. On Linux the kernel kills them when the thread that
// started them is gone, so that not even kill -9 leaves one behind; Parent
// keeps one thread for the purpose, because Go may end any other.
type Parent struct {
	start chan func()
}

// NewParent returns a Parent; Close ends it.
func NewParent() *Parent {
	p := &Parent{start: make(chan func())}
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		for f := range p.start {
			f()
		}
	}()
	return p
}

// Start starts cmd in a process group of its own, so that an interrupt typed
// in the terminal reaches this process only, and it decides about the others.
func (p *Parent) Start(cmd *exec.Cmd) error {
	tie(cmd)
	done := make(chan error)
	p.start <- func() { done <- cmd.Start() }
	return <-done
}

// Close ends the thread, and with it, on Linux, every process still running.
func (p *Parent) Close() { close(p.start) }
