package child_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"coffer/scripts/local/child"
)

// parentKey makes this binary, in the environment, a parent of a child.
const parentKey = "CHILD_TEST_PARENT"

func TestMain(m *testing.M) {
	if os.Getenv(parentKey) != "" {
		p, err := child.Start(exec.Command("sleep", "600"))
		if err != nil {
			panic(err)
		}
		fmt.Println(p.PID())
		_ = p.Wait()
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func TestChildDiesWithItsParent(t *testing.T) {
	t.Parallel()
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), parentKey+"=1")
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait()
	ends(t, pid)
}
