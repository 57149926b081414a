package scratch_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"coffer/scripts/local/scratch"
)

func TestFoldersOfEndedProcessesGo(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	ended := exec.Command("true")
	if err := ended.Run(); err != nil {
		t.Fatal(err)
	}
	stays, goes := map[string]bool{}, []string{}
	for _, name := range []string{"kind-of-mine", "other-1", fmt.Sprintf("other-%d-1", ended.Process.Pid), fmt.Sprintf("kind-%d-1", os.Getppid())} {
		stays[filepath.Join(temp, name)] = true
	}
	for _, name := range []string{fmt.Sprintf("kind-%d", ended.Process.Pid), fmt.Sprintf("kind-%d-1", ended.Process.Pid)} {
		goes = append(goes, filepath.Join(temp, name))
	}
	for dir := range stays {
		goes = append(goes, dir)
	}
	for _, dir := range goes {
		if err := os.MkdirAll(filepath.Join(dir, "full"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		dir, err := scratch.New("kind")
		if err != nil || stays[dir] {
			t.Fatal(dir, err)
		}
		stays[dir] = true
	}
	left, err := filepath.Glob(filepath.Join(temp, "*"))
	if err != nil || len(left) != len(stays) {
		t.Errorf("left %q, %v, want %v", left, err, stays)
	}
	for _, dir := range left {
		if !stays[dir] {
			t.Errorf("%s is still there", dir)
		}
	}
}
