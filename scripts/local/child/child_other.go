//go:build !linux

package child

import (
	"os/exec"
	"syscall"
)

func tie(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// Kill ends a process that Start started, and what it may have started itself.
func Kill(pid int) {
	_ = syscall.Kill(-pid, syscall.SIGKILL) // gone already is as good
}

// Resident returns 0: only Linux tells how much memory a process holds.
func Resident(int) int64 { return 0 }
