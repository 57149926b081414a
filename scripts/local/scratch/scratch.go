// Package scratch makes temporary folders that do not pile up: whoever makes one
// removes it, and where its process was killed, the next one of that kind does.
package scratch

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// New makes a folder whose name begins with kind, and removes those of that kind
// whose processes have ended.
func New(kind string) (string, error) {
	prefix := filepath.Join(os.TempDir(), kind+"-")
	left, err := filepath.Glob(prefix + "*")
	if err != nil {
		return "", err
	}
	for _, dir := range left {
		id, _, _ := strings.Cut(strings.TrimPrefix(dir, prefix), "-")
		process, err := strconv.Atoi(id)
		if err == nil && errors.Is(syscall.Kill(process, 0), syscall.ESRCH) {
			_ = os.RemoveAll(dir) // whoever comes next tries again
		}
	}
	return os.MkdirTemp("", fmt.Sprintf("%s-%d-", kind, os.Getpid()))
}
