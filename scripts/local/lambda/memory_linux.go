package lambda

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
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
