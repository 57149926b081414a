// Package s3 runs the S3 server of the local cloud, versitygw, on a folder:
// see scripts/local/s3/gateway for why that is a process and not a handler.
//
// What differs from S3: an object x and an object x/y cannot both exist, a part
// of a key between slashes has at most 255 bytes, and lifecycle and
// notification settings are not there. Nothing is synced to disk explicitly: it
// survives kill -9, but perhaps not the machine's own crash.
package s3

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"coffer/scripts/local/child"
	"coffer/scripts/local/loopback"
)

// startTimeout is generous: the first start builds the server.
const startTimeout = 5 * time.Minute

// Options says what to serve.
type Options struct {
	Dir       string   // state: buckets and their older versions
	Port      int      // on 127.0.0.1; 0 takes a free one
	Region    string   // us-east-1 if empty
	AccessKey string   // the identity that requests are signed by
	SecretKey string   // and its secret
	Stderr    *os.File // where the server's complaints go; nil drops them
	Command   []string // the built scripts/local/s3/gateway; nil asks the go command for it
}

// Process is a running S3 server.
type Process struct {
	Endpoint string // http://127.0.0.1:port
	child    *child.Process
}

// Start starts the server and returns when it answers. Close stops it.
func Start(ctx context.Context, o Options) (*Process, error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	if o.Command == nil {
		path, err := build(ctx)
		if err != nil {
			return nil, err
		}
		o.Command = []string{path}
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, err
	}
	objects, versions := filepath.Join(dir, "objects"), filepath.Join(dir, "versions")
	for _, d := range []string{objects, versions} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return nil, err
		}
	}
	port, err := loopback.FreePort(o.Port)
	if err != nil {
		return nil, fmt.Errorf("S3: %w", err)
	}
	if o.Region == "" {
		o.Region = "us-east-1"
	}
	addr := fmt.Sprintf("127.0.0.1:%d", port)
	args := append(o.Command[1:len(o.Command):len(o.Command)], "-addr", addr, "-region", o.Region, "-objects", objects, "-versions", versions)
	cmd := exec.Command(o.Command[0], args...) // #nosec G204 -- our own program
	cmd.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID="+o.AccessKey, "AWS_SECRET_ACCESS_KEY="+o.SecretKey)
	if o.Stderr != nil {
		cmd.Stderr = o.Stderr
	}
	c, err := child.Start(cmd)
	if err != nil {
		return nil, fmt.Errorf("S3 server: %w", err)
	}
	endpoint := "http://" + addr
	if err := c.Answers(ctx, endpoint+"/health"); err != nil {
		c.Kill()
		return nil, fmt.Errorf("S3 server: %w", err)
	}
	return &Process{Endpoint: endpoint, child: c}, nil
}

// Close stops the server.
func (p *Process) Close() { p.child.Stop(5 * time.Second) }

// Done is closed when the server has ended, for whatever reason.
func (p *Process) Done() <-chan struct{} { return p.child.Done() }

// build returns the path of the gateway's program, which the go command keeps
// in its cache and rebuilds only when its source changes.
func build(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "tool", "-n", "gateway").Output()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		return "", fmt.Errorf("build the S3 server: %s", strings.TrimSpace(string(failed.Stderr)))
	}
	if err != nil {
		return "", fmt.Errorf("build the S3 server: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}
