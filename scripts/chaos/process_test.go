package chaos_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// process is a running process. Its start tells it from a later one that was
// given the same id.
type process struct {
	id, parent int
	start      string // in clock ticks since the machine's start
}

// inspect returns the process of that id, or false if there is none that runs.
func inspect(id int) (process, bool) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", id))
	if err != nil {
		return process{}, false
	}
	// The name, in parentheses, may hold anything; what follows may not.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) < 20 || fields[0] == "Z" {
		return process{}, false
	}
	parent, err := strconv.Atoi(fields[1])
	return process{id: id, parent: parent, start: fields[19]}, err == nil
}

// runs reports whether the process is still there.
func (p process) runs() bool {
	now, ok := inspect(p.id)
	return ok && now.start == p.start
}

// descendants returns the processes that a process has started, and those that
// these have.
func descendants(t *testing.T, id int) []process {
	t.Helper()
	entries, err := filepath.Glob("/proc/[0-9]*")
	if err != nil || len(entries) == 0 {
		t.Fatalf("no processes in /proc: %v", err)
	}
	children := map[int][]process{}
	for _, e := range entries {
		n, _ := strconv.Atoi(filepath.Base(e)) // the pattern is right
		if p, ok := inspect(n); ok {
			children[p.parent] = append(children[p.parent], p)
		}
	}
	var all []process
	for todo := []int{id}; len(todo) > 0; todo = todo[1:] {
		for _, p := range children[todo[0]] {
			all = append(all, p)
			todo = append(todo, p.id)
		}
	}
	return all
}

// environment returns a process's environment variables.
func (p process) environment() map[string]string {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/environ", p.id)) // empty if it has ended
	out := map[string]string{}
	for _, v := range strings.Split(string(text), "\x00") {
		name, value, _ := strings.Cut(v, "=")
		out[name] = value
	}
	return out
}

// functionProcesses returns the processes of a function that runner, the id of
// a process, runs.
func functionProcesses(t *testing.T, runner int, function string) []process {
	t.Helper()
	var found []process
	for _, p := range descendants(t, runner) {
		if p.parent == runner && p.environment()["AWS_LAMBDA_FUNCTION_NAME"] == function {
			found = append(found, p)
		}
	}
	return found
}

// kill ends processes as kill -9 does and returns when they are gone.
func kill(t *testing.T, processes ...process) {
	t.Helper()
	for _, p := range processes {
		if err := syscall.Kill(p.id, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			t.Fatalf("kill process %d: %v", p.id, err)
		}
	}
	gone(t, processes)
}

// gone fails the test if any of the processes still runs after a while.
func gone(t *testing.T, processes []process) {
	t.Helper()
	for _, p := range processes {
		eventually(t, fmt.Sprintf("process %d is gone", p.id), func() bool { return !p.runs() })
	}
}
