package backups

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// concurrency is how many contents Coffer downloads at once, and folders it
// lists. Its rivals get the same.
const concurrency = 8

// rival is somebody else's way to back up.
type rival struct {
	name    string
	command func(ctx context.Context, h *house, user, dir string) (*exec.Cmd, error)
}

// rclone syncs everything into a folder. Where Box says Too Many Requests it
// retries by itself, and often enough to get through.
func rclone(ctx context.Context, h *house, user, dir string) (*exec.Cmd, error) {
	program, err := exec.LookPath("rclone")
	if err != nil {
		return nil, errors.New("rclone is not installed: run make bench, or install Debian's package rclone")
	}
	config := dir + ".conf"
	token := `{"access_token":"` + h.sim.Token(h.users[user]) + `","token_type":"bearer","expiry":"2099-01-01T00:00:00Z"}`
	if err := os.WriteFile(config, []byte("[box]\ntype = box\ntoken = "+token+"\n"), 0o600); err != nil {
		return nil, err
	}
	n := strconv.Itoa(concurrency)
	cmd := exec.CommandContext(ctx, program, "sync", "box:", dir, "--config", config, "--ca-cert", h.ca, // #nosec G204 -- Debian's
		"--transfers", n, "--checkers", n, "--fast-list", "--low-level-retries", "1000", "--stats", "0", "--log-level", "ERROR")
	cmd.Env = append(os.Environ(), "https_proxy="+h.proxy, "HTTPS_PROXY="+h.proxy, "no_proxy=", "NO_PROXY=")
	return cmd, nil
}

// plainCrawl runs this program again, as Crawl.
func plainCrawl(ctx context.Context, h *house, user, dir string) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return exec.CommandContext(ctx, self, "crawl", "-box", h.box, "-token", h.sim.Token(h.users[user]), // #nosec G204 -- this program
		"-dir", dir, "-concurrency", strconv.Itoa(concurrency)), nil
}

// run has the rival do a job.
func (r rival) run(ctx context.Context, h *house, job job, _ bool) (Result, error) {
	dir := filepath.Join(h.dir, strings.ReplaceAll(r.name+" "+job.user, " ", "-"))
	h.sim.Reset() // so that nobody's limits are used up by who was before
	had, err := size(dir)
	if err != nil {
		return Result{}, err
	}
	cmd, err := r.command(ctx, h, job.user, dir)
	if err != nil {
		return Result{}, err
	}
	var complaints strings.Builder
	cmd.Stderr = &complaints
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		return Result{}, fmt.Errorf("%s: %w", r.name, err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	peak, err := watch(cmd.Process.Pid, ended)
	if err != nil {
		return Result{}, fmt.Errorf("%s: %w: %s", r.name, err, strings.TrimSpace(complaints.String()))
	}
	result := job.result(r.name, time.Since(begin), h.calls())
	result.Memory = peak
	result.CPU = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	has, err := size(dir)
	result.Bytes, result.Stored = has, has-had
	return result, err
}

// watch waits for the end of a process and returns the most memory that it
// held. What Linux tells when it has ended would include this process's, out of
// which it was made.
func watch(pid int, ended <-chan error) (peak int64, err error) {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-ended:
			return peak, err
		case <-tick.C:
			text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid)) // gone, or not Linux
			if _, rest, found := strings.Cut(string(text), "VmHWM:"); found {
				var kib int64
				_, _ = fmt.Sscan(rest, &kib) // 0 for what is no number
				peak = max(peak, kib<<10)
			}
		}
	}
}

// size returns the bytes of the files in a folder, 0 if it is not there.
func size(dir string) (int64, error) {
	var n int64
	err := filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			n += info.Size()
		}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return n, err
}
