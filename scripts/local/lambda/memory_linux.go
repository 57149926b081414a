package lambda

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"
)

// resident returns how many bytes of memory a process holds, or 0 if it is gone.
func resident(pid int) int64 {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0
	}
	fields := bytes.Fields(stat)
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(string(fields[1]), 10, 64)
	return pages * int64(os.Getpagesize())
}

// tick is the unit of times in /proc, a hundredth of a second on every machine
// that Go runs on.
const tick = time.Second / 100

// processor returns how long a process has used the processor, or 0 if it is
// gone.
func processor(pid int) time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := bytes.Cut(stat, []byte(") ")) // the name before may hold anything but this
	fields := bytes.Fields(rest)
	const user, system = 11, 12 // counted from the state, which follows the name
	if len(fields) <= system {
		return 0
	}
	u, _ := strconv.ParseInt(string(fields[user]), 10, 64)
	s, _ := strconv.ParseInt(string(fields[system]), 10, 64)
	return time.Duration(u+s) * tick
}
