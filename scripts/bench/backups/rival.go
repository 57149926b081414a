package backups

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
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
	return h.rclone(ctx, user, dir+".conf", "", dir)
}

// rcloneToS3 syncs everything into a bucket of the S3 server that Coffer uses.
// What it takes of the machine's processors is Coffer's burden too.
func rcloneToS3(ctx context.Context, h *house, user, dir string) (*exec.Cmd, error) {
	const bucket = "rclone"
	client := s3.NewFromConfig(h.cloud.AWS)
	_, err := client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String(bucket), CreateBucketConfiguration: &types.CreateBucketConfiguration{
		LocationConstraint: types.BucketLocationConstraint(h.cloud.AWS.Region),
	}})
	if err != nil {
		return nil, err
	}
	who, err := h.cloud.AWS.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, err
	}
	remote := fmt.Sprintf("[s3]\ntype = s3\nprovider = Other\nendpoint = %s\nregion = %s\naccess_key_id = %s\nsecret_access_key = %s\n",
		aws.ToString(client.Options().BaseEndpoint), h.cloud.AWS.Region, who.AccessKeyID, who.SecretAccessKey)
	if err := os.Symlink(h.state.Path("s3", "objects", bucket), dir); err != nil { // where what is kept is measured
		return nil, err
	}
	return h.rclone(ctx, user, dir+".conf", remote, "s3:"+bucket)
}

// rclone returns the command that syncs all that the user has to a destination.
func (h *house) rclone(ctx context.Context, user, config, remote, to string) (*exec.Cmd, error) {
	program, err := exec.LookPath("rclone")
	if err != nil {
		return nil, errors.New("rclone is not installed: run make bench, or install Debian's package rclone")
	}
	token := `{"access_token":"` + h.sim.Token(h.users[user]) + `","token_type":"bearer","expiry":"2099-01-01T00:00:00Z"}`
	if err := os.WriteFile(config, []byte("[box]\ntype = box\ntoken = "+token+"\n"+remote), 0o600); err != nil {
		return nil, err
	}
	n := strconv.Itoa(concurrency)
	cmd := exec.CommandContext(ctx, program, "sync", "box:", to, "--config", config, "--ca-cert", h.ca, // #nosec G204 -- Debian's
		"--transfers", n, "--checkers", n, "--fast-list", "--low-level-retries", "1000", "--stats", "0", "--log-level", "ERROR")
	own := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "AWS_") }) // such as another authority
	cmd.Env = append(own, "https_proxy="+h.proxy, "HTTPS_PROXY="+h.proxy, "no_proxy=", "NO_PROXY=")
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
	err := filepath.WalkDir(dir+"/", func(_ string, entry fs.DirEntry, err error) error {
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
