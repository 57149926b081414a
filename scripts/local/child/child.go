// Package child runs the processes of the local cloud so that none outlives
// it: not after Ctrl-C, not after a panic, and on Linux not even after kill -9.
package child

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Process is a started child.
type Process struct {
	cmd  *exec.Cmd
	done chan struct{}
	err  error // of Wait, once done is closed
	last *tail
}

// Start starts cmd in a process group of its own, so that the terminal's
// Ctrl-C reaches only the parent, which then stops its children in order.
// Standard error also goes into a short memory for Last.
func Start(cmd *exec.Cmd) (*Process, error) {
	p := &Process{cmd: cmd, done: make(chan struct{}), last: &tail{}}
	if cmd.Stderr == nil {
		cmd.Stderr = p.last
	} else {
		cmd.Stderr = io.MultiWriter(cmd.Stderr, p.last)
	}
	cmd.SysProcAttr = attributes()
	cmd.WaitDelay = time.Second // a grandchild that holds the pipes must not hold us
	started := make(chan error)
	go func() {
		// Linux kills the child when the thread that started it ends, so
		// this goroutine keeps its thread until the child has ended.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			p.err = cmd.Wait()
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// Done is closed when the child has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Wait waits for the child's end and returns how it ended.
func (p *Process) Wait() error {
	<-p.done
	return p.err
}

// PID is the child's process id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Last returns the last non-empty line that the child wrote to standard error.
func (p *Process) Last() string { return p.last.line() }

// Stop asks the child to end and kills it, with everything that it started,
// when the grace is over. It returns when the child has ended.
func (p *Process) Stop(grace time.Duration) {
	_ = signalGroup(p.cmd.Process, syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(grace):
	}
	p.Kill()
}

// Kill ends the child and what it started at once, and returns when the child
// has ended.
func (p *Process) Kill() {
	_ = signalGroup(p.cmd.Process, syscall.SIGKILL)
	<-p.done
}

// signalGroup reaches the child's group; the group lives on while any process
// in it does, so a child that is gone does not hide its own children.
func signalGroup(p *os.Process, sig syscall.Signal) error {
	return syscall.Kill(-p.Pid, sig)
}

// tail remembers the last kilobytes written to it.
type tail struct {
	mu  sync.Mutex
	buf []byte
}

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, b...)
	if over := len(t.buf) - 4096; over > 0 {
		t.buf = t.buf[over:]
	}
	return len(b), nil
}

func (t *tail) line() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	b := bytes.TrimSpace(t.buf)
	return strings.TrimSpace(string(b[bytes.LastIndexByte(b, '\n')+1:]))
}
