package child_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"coffer/scripts/local/child"
)

func start(t *testing.T, script string) *child.Process {
	t.Helper()
	p, err := child.Start(exec.Command("sh", "-c", script))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	return p
}

// ends fails the test if a process still runs after a while.
func ends(t *testing.T, pid int) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for {
		state, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		gone := errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) || err == nil && strings.Contains(string(state), ") Z ")
		if gone {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("process %d still runs", pid)
		}
		<-time.After(5 * time.Millisecond)
	}
}

func TestStopKillsWhatDoesNotListen(t *testing.T) {
	t.Parallel()
	p := start(t, `trap '' TERM; sleep 600 & echo $! >&2; wait`)
	for p.Last() == "" {
		<-time.After(time.Millisecond)
	}
	grandchild, err := strconv.Atoi(p.Last())
	if err != nil {
		t.Fatal(err)
	}
	p.Stop(10 * time.Millisecond)
	ends(t, p.PID())
	ends(t, grandchild)
}

func TestAnswersReportsWhyAChildEnded(t *testing.T) {
	t.Parallel()
	err := start(t, "echo ready; echo first >&2; echo 'cannot open it' >&2; exit 3").Answers(t.Context(), "http://127.0.0.1:1")
	if err == nil || err.Error() != "cannot open it" {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := start(t, "sleep 600").Answers(ctx, "http://127.0.0.1:1"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}
