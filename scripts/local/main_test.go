package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"coffer/scripts/demo"
	"coffer/shared/backup"
)

// program is the built command.
var program string

// TestMain builds what `make run` builds and makes the repository's root the
// working directory, as make does.
func TestMain(m *testing.M) {
	err := os.Chdir("../..")
	if err == nil {
		var out []byte
		if out, err = exec.Command("make", "local").CombinedOutput(); err != nil {
			err = fmt.Errorf("make local: %w\n%s", err, out)
		}
	}
	if err == nil {
		program, err = filepath.Abs("dist/local/coffer")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// TestDemonstration is `make demo`, smaller.
func TestDemonstration(t *testing.T) {
	t.Parallel()
	var log, out bytes.Buffer
	real := t.TempDir()
	for _, name := range []string{"a.txt", "quotes \"'.txt", "emoji \U0001f4c4", "empty"} {
		if err := os.WriteFile(filepath.Join(real, name), []byte(strings.TrimPrefix(name, "empty")), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o := options{settings: settings{data: filepath.Join(t.TempDir(), "state"), folder: real}, users: 3, files: 25, log: &log}
	if err := show(t.Context(), o, &out); err != nil {
		t.Errorf("%v\n%s\n%s", err, &out, &log)
	}
}

// running is `coffer run` in a process.
type running struct {
	cmd    *exec.Cmd
	out    *os.File
	exited chan error
}

func launch(t *testing.T, data string) *running {
	t.Helper()
	out, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	r := &running{cmd: exec.Command(program, "run"), out: out, exited: make(chan error, 1)}
	r.cmd.Env = append(os.Environ(), "DATA="+data, "PORT=0", "BOX_PORT=0")
	r.cmd.Stdout, r.cmd.Stderr = out, out
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { r.exited <- r.cmd.Wait() }()
	t.Cleanup(func() {
		_ = r.cmd.Process.Kill() // it may have ended
		_ = out.Close()
	})
	for deadline := time.Now().Add(3 * time.Minute); !strings.Contains(r.text(t), "Ctrl-C stops Coffer"); {
		select {
		case err := <-r.exited:
			t.Fatalf("it ended (%v):\n%s", err, r.text(t))
		case <-time.After(50 * time.Millisecond):
			if time.Now().After(deadline) {
				t.Fatalf("it is not ready:\n%s", r.text(t))
			}
		}
	}
	return r
}

func (r *running) text(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(r.out.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// end sends a signal and waits until the process and its children are gone.
func (r *running) end(t *testing.T, signal syscall.Signal) error {
	t.Helper()
	children := childrenOf(t, r.cmd.Process.Pid)
	if len(children) < 3 { // DynamoDB Local, the S3 server and functions
		t.Errorf("only %d child processes are running", len(children))
	}
	if err := r.cmd.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	err := <-r.exited
	for _, pid := range children {
		for deadline := time.Now().Add(20 * time.Second); alive(pid); {
			if time.Now().After(deadline) {
				t.Fatalf("process %d is left behind", pid)
			}
			<-time.After(10 * time.Millisecond)
		}
	}
	return err
}

// childrenOf returns the ids of a process's children.
func childrenOf(t *testing.T, parent int) []int {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	var out []int
	for _, path := range stats {
		pid, state, ppid := stat(path)
		if ppid == parent && state != "Z" {
			out = append(out, pid)
		}
	}
	return out
}

func stat(path string) (pid int, state string, parent int) {
	text, _ := os.ReadFile(path) // gone in between: all zero
	head, tail, _ := strings.Cut(string(text), " (")
	pid, _ = strconv.Atoi(head)
	if fields := strings.Fields(tail[strings.LastIndex(tail, ")")+1:]); len(fields) > 1 {
		state = fields[0]
		parent, _ = strconv.Atoi(fields[1])
	}
	return pid, state, parent
}

func alive(pid int) bool {
	_, state, _ := stat(fmt.Sprintf("/proc/%d/stat", pid))
	return state != "" && state != "Z"
}

func TestRunSurvivesBothWaysToStopIt(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "state")
	first := launch(t, data)
	want := snapshots(t, data)
	if err := first.end(t, syscall.SIGKILL); err == nil {
		t.Error("it ended well after kill -9")
	}
	second := launch(t, data)
	if strings.Contains(second.text(t), "Backing up for the first time") {
		t.Error("the second start backed up for the first time again")
	}
	if got := snapshots(t, data); got != want {
		t.Errorf("after kill -9 there are the snapshots %s, before %s", got, want)
	}
	if err := second.end(t, syscall.SIGINT); err != nil {
		t.Errorf("it ended with %v after Ctrl-C", err)
	}
	third := launch(t, data)
	if got := snapshots(t, data); got != want {
		t.Errorf("after Ctrl-C there are the snapshots %s, before %s", got, want)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	again := exec.CommandContext(ctx, program, "run")
	again.Env = append(os.Environ(), "DATA="+data, "PORT=0", "BOX_PORT=0")
	if out, err := again.CombinedOutput(); err == nil || !strings.Contains(string(out), "another Coffer is running") {
		t.Errorf("a second Coffer on the same state: %v\n%s", err, out)
	}
	invocation := exec.Command(program, "invoke", "schedule", "tick")
	invocation.Env = append(os.Environ(), "DATA="+data)
	if out, err := invocation.CombinedOutput(); err != nil || !json.Valid(out) {
		t.Errorf("invoke: %v\n%s", err, out)
	}
	if err := third.end(t, syscall.SIGTERM); err != nil {
		t.Errorf("it ended with %v after SIGTERM", err)
	}
}

// snapshots signs in as the demo administrator and returns each Box user's
// latest snapshot.
func snapshots(t *testing.T, data string) string {
	t.Helper()
	var v demo.Visitor
	text, err := os.ReadFile(filepath.Join(data, demo.VisitorFile))
	if err == nil {
		err = json.Unmarshal(text, &v)
	}
	lock, lockErr := os.ReadFile(filepath.Join(data, "lock"))
	if err := errors.Join(err, lockErr); err != nil {
		t.Fatal(err)
	}
	_, address, _ := strings.Cut(strings.TrimSpace(string(lock)), " at ")
	p := demo.NewPortal(address)
	if err := p.SignIn(t.Context(), v.Person); err != nil {
		t.Fatal(err)
	}
	users, err := p.Users(t.Context(), v.Task)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, u := range users {
		if u.Status != backup.Success {
			t.Errorf("%s is %s", u.Name, u.Status)
		}
		fmt.Fprintln(&out, u.ID, u.Snapshot)
	}
	return out.String()
}

// TestWhatIsWrongIsOneSentence starts Coffer where it cannot start.
func TestWhatIsWrongIsOneSentence(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() }) // after the subtests
	port := strconv.Itoa(taken.Addr().(*net.TCPAddr).Port)
	for _, c := range []struct {
		name, want string
		env        []string
		prepare    func(t *testing.T, work, data string)
	}{
		{name: "taken port", env: []string{"PORT=" + port}, want: "port " + port + " is taken"},
		{name: "taken port of Box", env: []string{"BOX_PORT=" + port}, want: "port " + port + " is taken"},
		{name: "not a port", env: []string{"PORT=http"}, want: "PORT is \"http\""},
		{name: "no such folder", env: []string{"IMPORT=/nowhere"}, want: "IMPORT is \"/nowhere\""},
		{name: "no Java", env: []string{"JAVA_HOME=/nowhere"}, want: "needs Java 17"},
		{name: "state of another format", want: "the format \"99\"", prepare: func(t *testing.T, _, data string) {
			put(t, filepath.Join(data, "format"), "99")
		}},
		{name: "damaged state", want: "is damaged", prepare: func(t *testing.T, _, data string) { put(t, filepath.Join(data, "kms/keys.json"), "{") }},
		{name: "damaged Box", want: "start afresh", prepare: func(t *testing.T, _, data string) { put(t, filepath.Join(data, "box/state"), "{") }},
		{name: "unknown resource type", want: "AWS::Quantum::Computer", prepare: func(t *testing.T, work, _ string) {
			put(t, filepath.Join(work, "dist/synth"), `#!/bin/sh
mkdir -p "$CDK_OUTDIR"
echo '{"Resources":{"Q":{"Type":"AWS::Quantum::Computer"}}}' > "$CDK_OUTDIR/Coffer-x.template.json"
echo '{}' > "$CDK_OUTDIR/Coffer-x.assets.json"
`)
		}},
		{name: "infrastructure code that fails", want: "does not synthesize", prepare: func(t *testing.T, work, _ string) {
			put(t, filepath.Join(work, "dist/synth"), "#!/bin/sh\nexit 1\n")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			work, data := workplace(t), filepath.Join(t.TempDir(), "state")
			if c.prepare != nil {
				c.prepare(t, work, data)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			cmd := exec.CommandContext(ctx, program, "run")
			cmd.Dir = work
			cmd.Env = append(append(os.Environ(), "DATA="+data, "PORT=0", "BOX_PORT=0"), c.env...)
			out, err := cmd.CombinedOutput()
			failed, ok := errors.AsType[*exec.ExitError](err)
			if !ok || failed.ExitCode() != 1 {
				t.Errorf("got %v, want exit code 1", err)
			}
			text := strings.TrimSpace(string(out))
			if !strings.HasPrefix(text, "coffer: ") || !strings.Contains(text, c.want) || strings.Contains(text, "\n") {
				t.Errorf("got %q, want one line with %q", text, c.want)
			}
		})
	}
}

// workplace makes a folder that looks like the repository to the program, with
// a dist/synth that can be replaced.
func workplace(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "dist"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"cdk.json", "scripts", "dist/local", "dist/s3", "dist/synth"} {
		target, err := filepath.Abs(name)
		if err == nil {
			err = os.Symlink(target, filepath.Join(dir, name))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// put writes an executable file in place of what is there.
func put(t *testing.T, path, text string) {
	t.Helper()
	err := os.MkdirAll(filepath.Dir(path), 0o700)
	if err == nil {
		err = errors.Join(os.RemoveAll(path), os.WriteFile(path, []byte(text), 0o700))
	}
	if err != nil {
		t.Fatal(err)
	}
}
