package lambda_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/scripts/local/lambda"
)

// folder holds the bootstrap that TestMain builds.
var folder string

func TestMain(m *testing.M) {
	if os.Getenv("RUN_HOST") != "" {
		runHost()
		return
	}
	dir, err := os.MkdirTemp("", "lambda")
	if err == nil {
		folder = dir
		var out []byte
		if out, err = exec.Command("go", "build", "-tags", "lambda.norpc", "-o", filepath.Join(dir, "bootstrap"), "./testdata/function").CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "%s", out)
		}
	}
	code := 1
	if err == nil {
		code = m.Run()
	}
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

type answer struct {
	Text, Request, Trace, Memory, Setting, Inherited, Temp string
	Pid, Files                                             int
	Left                                                   time.Duration
}

// host starts a host with one function "f" and returns it and its log.
func host(t *testing.T, change func(*lambda.Function)) (*lambda.Host, *safeBuffer) {
	return hostFor(t, time.Minute, change)
}

func hostFor(t *testing.T, warm time.Duration, change func(*lambda.Function)) (*lambda.Host, *safeBuffer) {
	t.Helper()
	f := lambda.Function{
		Name: "f", ARN: "arn:aws:lambda:eu-central-1:000000000000:function:f", Folder: folder,
		MemoryMB: 256, Timeout: 20 * time.Second, Concurrency: 2,
		Environment: map[string]string{"SETTING": "from the template"},
	}
	if change != nil {
		change(&f)
	}
	log := &safeBuffer{}
	h, err := lambda.New(lambda.Options{Dir: filepath.Join(t.TempDir(), "tmp"), Log: log, KeepWarm: warm}, f)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	return h, log
}

func invoke(t *testing.T, h *lambda.Host, event string) (answer, error) {
	t.Helper()
	payload, err := h.Invoke(t.Context(), "f", []byte(event))
	if err != nil {
		return answer{}, err
	}
	var out answer
	if err := json.Unmarshal(payload, &out); err != nil {
		t.Fatalf("answer %s: %v", payload, err)
	}
	return out, nil
}

func mustInvoke(t *testing.T, h *lambda.Host, event string) answer {
	t.Helper()
	out, err := invoke(t, h, event)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func failure(t *testing.T, err error) *lambda.Error {
	t.Helper()
	e, ok := errors.AsType[*lambda.Error](err)
	if !ok {
		t.Fatalf("got %v, want a function's error", err)
	}
	return e
}

func TestInvokeGivesTheTemplatesEnvironmentAndNothingElse(t *testing.T) {
	t.Parallel()
	h, log := host(t, nil)
	got := mustInvoke(t, h, `{"Text":"hello"}`)
	if got.Left <= 0 || got.Left > 20*time.Second || got.Request == "" || !strings.HasPrefix(got.Trace, "Root=1-") || got.Pid == os.Getpid() {
		t.Errorf("context: %+v", got)
	}
	want := answer{Text: "hello", Memory: "256", Setting: "from the template"}
	got = answer{Text: got.Text, Memory: got.Memory, Setting: got.Setting, Inherited: got.Inherited}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	until(t, "the log names the function", func() bool { return strings.Contains(log.String(), "f | doing ") })
}

func TestWarmEnvironmentServesTheNextInvocation(t *testing.T) {
	t.Parallel()
	h, _ := host(t, nil)
	first := mustInvoke(t, h, `{"Do":"file","Text":"kept"}`)
	second := mustInvoke(t, h, `{}`)
	if first.Pid != second.Pid || second.Files != 1 || first.Request == second.Request {
		t.Errorf("got %+v after %+v", second, first)
	}
	want := lambda.Usage{Invocations: 2, Starts: 1}
	got := h.Usage("f")
	if got.PeakMemory == 0 || got.Busy == 0 || got.MemoryMB == 0 {
		t.Errorf("memory or time was not measured: %+v", got)
	}
	got.PeakMemory, got.Busy, got.CPU, got.MemoryMB, got.Running = 0, 0, 0, 0, 0 // the slot may be held for a moment longer
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestResetPeakMeasuresNewEnvironments(t *testing.T) {
	t.Parallel()
	h, _ := host(t, nil)
	first := mustInvoke(t, h, `{}`)
	h.ResetPeak("f")
	if peak := h.Usage("f").PeakMemory; peak != 0 {
		t.Errorf("the peak is still %d", peak)
	}
	if second := mustInvoke(t, h, `{}`); second.Pid == first.Pid {
		t.Error("an environment of before is measured again")
	}
	if h.Usage("f").PeakMemory == 0 {
		t.Error("the new environment was not measured")
	}
}

func TestConcurrentInvocationsGetOwnEnvironmentsUpToTheLimit(t *testing.T) {
	t.Parallel()
	h, _ := host(t, nil)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := h.Invoke(t.Context(), "f", []byte(`{}`)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := h.Usage("f"); got.Starts > 2 || got.Invocations != 8 {
		t.Errorf("got %+v, want 8 invocations in at most 2 environments", got)
	}
}

func TestFailuresAreReportedAndDoNotStopTheFunction(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, event, kind, message, log string }{
		{name: "error", event: `{"Do":"fail"}`, kind: "errorString", message: "it went wrong"},
		{name: "panic", event: `{"Do":"panic"}`, kind: "string", message: "at the disco"},
		{name: "exit", event: `{"Do":"exit"}`, kind: "Runtime.ExitError", message: "exit status 3"},
		{name: "timeout", event: `{"Do":"hang"}`, kind: "Sandbox.Timedout", message: "Task timed out after 2.00 seconds", log: "Task timed out after 2.00 seconds"},
		{name: "memory", event: `{"Do":"grow","Bytes":200000000}`, kind: "Runtime.OutOfMemory", message: "signal: killed", log: "Runtime.OutOfMemory Memory Size: 128 MB"},
		{name: "large answer", event: `{"Do":"large","Bytes":7000000}`, kind: "Function.ResponseSizeTooLarge", message: "exceeded maximum allowed payload size"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h, log := host(t, func(f *lambda.Function) {
				f.Timeout = 2 * time.Second
				if c.name != "timeout" {
					f.Timeout = 20 * time.Second
				}
				f.MemoryMB = 128
			})
			_, err := invoke(t, h, c.event)
			if e := failure(t, err); e.Type != c.kind || !strings.Contains(e.Message, c.message) {
				t.Errorf("got %q %q, want %q %q", e.Type, e.Message, c.kind, c.message)
			}
			if !strings.Contains(log.String(), c.log) {
				t.Errorf("log %q lacks %q", log, c.log)
			}
			if got := mustInvoke(t, h, `{"Text":"again"}`); got.Text != "again" {
				t.Errorf("afterwards: %+v", got)
			}
		})
	}
}

func TestFailedStartIsAnErrorOfTheInvocation(t *testing.T) {
	t.Parallel()
	h, log := host(t, func(f *lambda.Function) { f.Environment = map[string]string{"FAIL_INIT": "1"} })
	_, err := invoke(t, h, `{}`)
	if e := failure(t, err); e.Type != "Runtime.InitError" {
		t.Errorf("got %v", e)
	}
	if !strings.Contains(log.String(), "f | panic: no settings") {
		t.Errorf("the log does not say why: %q", log)
	}
}

func TestKilledProcessIsReplaced(t *testing.T) {
	t.Parallel()
	h, _ := host(t, nil)
	first := mustInvoke(t, h, `{"Do":"file","Text":"lost"}`)
	kill(t, first.Pid)
	until(t, "the killed environment's files are gone", func() bool { return !exists(first.Temp) })
	second := mustInvoke(t, h, `{}`)
	if second.Pid == first.Pid || second.Files != 0 {
		t.Errorf("got %+v after %+v was killed", second, first)
	}
}

func TestIdleEnvironmentsEnd(t *testing.T) {
	t.Parallel()
	h, _ := hostFor(t, 10*time.Millisecond, nil)
	pid := mustInvoke(t, h, `{}`).Pid
	until(t, "the idle process is gone", func() bool { return !running(pid) })
	if got := mustInvoke(t, h, `{}`); got.Pid == pid {
		t.Errorf("process %d is back", pid)
	}
}

func TestProcessKilledWhileItWorksIsAnError(t *testing.T) {
	t.Parallel()
	h, log := host(t, nil)
	pid := mustInvoke(t, h, `{}`).Pid
	failed := make(chan error)
	go func() {
		_, err := h.Invoke(context.Background(), "f", []byte(`{"Do":"hang"}`))
		failed <- err
	}()
	until(t, "it works", func() bool { return strings.Contains(log.String(), "doing hang") })
	kill(t, pid)
	if e := failure(t, <-failed); e.Type != "Runtime.ExitError" || !strings.Contains(e.Message, "signal: killed") {
		t.Errorf("got %v", e)
	}
}

func TestCloseLeavesNoProcess(t *testing.T) {
	t.Parallel()
	h, log := host(t, nil)
	done := make(chan error)
	go func() {
		_, err := h.Invoke(context.Background(), "f", []byte(`{"Do":"hang"}`))
		done <- err
	}()
	until(t, "it works", func() bool { return strings.Contains(log.String(), "doing hang") })
	idle := mustInvoke(t, h, `{}`)
	h.Close()
	failure(t, <-done)
	if running(idle.Pid) || exists(idle.Temp) {
		t.Errorf("after Close, process %d runs: %v, its files exist: %v", idle.Pid, running(idle.Pid), exists(idle.Temp))
	}
	if _, err := h.Invoke(t.Context(), "f", nil); !errors.Is(err, lambda.ErrClosed) {
		t.Errorf("got %v, want ErrClosed", err)
	}
}

func TestKilledHostLeavesNoProcess(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), "RUN_HOST="+folder, "RUN_DIR="+filepath.Join(t.TempDir(), "tmp"))
	out := &safeBuffer{}
	cmd.Stdout = out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	until(t, "the function runs", func() bool { return strings.Contains(out.String(), "\n") })
	var pid int
	if _, err := fmt.Sscan(out.String(), &pid); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // killed
	until(t, "the function's process is gone", func() bool { return !running(pid) })
}

// runHost is the other process of TestKilledHostLeavesNoProcess: it prints its
// function's process id and waits to be killed.
func runHost() {
	h, err := lambda.New(lambda.Options{Dir: os.Getenv("RUN_DIR"), Log: os.Stderr},
		lambda.Function{Name: "f", Folder: os.Getenv("RUN_HOST"), MemoryMB: 128, Timeout: time.Minute, Concurrency: 1})
	if err != nil {
		panic(err)
	}
	payload, err := h.Invoke(context.Background(), "f", []byte(`{}`))
	if err != nil {
		panic(err)
	}
	var got answer
	if err := json.Unmarshal(payload, &got); err != nil {
		panic(err)
	}
	fmt.Println(got.Pid)
	select {}
}

func TestInvokeOverHTTP(t *testing.T) {
	t.Parallel()
	h, _ := host(t, nil)
	srv := httptest.NewServer(h.Handler())
	defer srv.Close()
	for _, c := range []struct {
		name, function, event string
		status                int
		failed                string
	}{
		{"answer", "f", `{"Text":"x"}`, 200, ""},
		{"error", "f", `{"Do":"fail"}`, 200, "Unhandled"},
		{"unknown function", "g", `{}`, 404, ""},
		{"not JSON", "f", `{`, 400, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			resp, err := http.Post(srv.URL+"/2015-03-31/functions/"+c.function+"/invocations", "application/json", strings.NewReader(c.event))
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if resp.StatusCode != c.status || resp.Header.Get("X-Amz-Function-Error") != c.failed {
				t.Errorf("got %d %q, want %d %q", resp.StatusCode, resp.Header.Get("X-Amz-Function-Error"), c.status, c.failed)
			}
		})
	}
}

func kill(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// running reports whether a process runs; one that nobody has waited for yet
// (a zombie) does not.
func running(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return syscall.Kill(pid, 0) == nil
	}
	_, state, _ := bytes.Cut(stat, []byte(") "))
	return !bytes.HasPrefix(state, []byte("Z"))
}

type safeBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
