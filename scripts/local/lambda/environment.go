package lambda

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"coffer/scripts/local/child"
)

const (
	initTimeout = 10 * time.Second       // Lambda's limit for what comes before the first invocation
	sampleEvery = 100 * time.Millisecond // how often memory is looked at
	maxPayload  = 6<<20 + 100            // Lambda's limit for a response, 6,291,556 bytes
)

// environment is one process that serves one invocation at a time.
type environment struct {
	host   *Host
	fn     *function
	proc   *child.Process
	server *http.Server
	dir    string
	lines  *lineWriter
	retire *time.Timer // ends it when it has been idle for long

	next   chan *invocation // to the process, which asks for it
	ready  chan struct{}    // closed when the process first asks
	exited chan struct{}    // closed when the process has ended
	first  sync.Once
	failed atomic.Pointer[Error] // what an init error said
	peak   atomic.Int64          // bytes of memory
	cpu    time.Duration         // that worked has told

	mu      sync.Mutex
	current *invocation // that the process works on
}

// invocation is one call of a function.
type invocation struct {
	id       string
	payload  []byte
	deadline time.Time
	done     chan outcome // takes one
}

// outcome is how an invocation ended.
type outcome struct {
	payload []byte
	err     error
	lost    bool // the process never took it
}

// start starts a process of the function.
func (h *Host) start(f *function) (*environment, error) {
	dir, err := os.MkdirTemp(h.opt.Dir, f.Name+"-")
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	env := &environment{
		host: h, fn: f, dir: dir, lines: h.log.lines(f.Name),
		next: make(chan *invocation), ready: make(chan struct{}), exited: make(chan struct{}),
	}
	env.server = &http.Server{Handler: env.runtimeAPI(), ReadHeaderTimeout: time.Minute}
	go func() { _ = env.server.Serve(listener) }()            // ends with Close
	cmd := exec.Command(filepath.Join(f.Folder, "bootstrap")) // #nosec G204 -- what the template names
	cmd.Dir = f.Folder
	cmd.Env = env.variables(listener.Addr().String())
	cmd.Stdout, cmd.Stderr = env.lines, env.lines

	h.mu.Lock()
	defer h.mu.Unlock()
	err = ErrClosed
	if !h.closed {
		env.proc, err = child.Start(cmd)
	}
	if err != nil {
		_ = env.server.Close()
		_ = os.RemoveAll(dir)
		return nil, fmt.Errorf("start of %s: %w", f.Name, err)
	}
	h.live[env] = true
	h.work.Add(1)
	go env.wait()
	return env, nil
}

// variables returns the process's whole environment; nothing is inherited.
func (env *environment) variables(api string) []string {
	f := env.fn
	var out []string
	for _, set := range []map[string]string{env.host.opt.Environment, f.Environment, {
		"AWS_LAMBDA_RUNTIME_API":          api,
		"AWS_LAMBDA_FUNCTION_NAME":        f.Name,
		"AWS_LAMBDA_FUNCTION_VERSION":     "$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": strconv.Itoa(f.MemoryMB),
		"AWS_LAMBDA_INITIALIZATION_TYPE":  "on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME":       "/aws/lambda/" + f.Name,
		"AWS_LAMBDA_LOG_STREAM_NAME":      filepath.Base(env.dir),
		"LAMBDA_TASK_ROOT":                f.Folder,
		"_HANDLER":                        "bootstrap",
		"LANG":                            "en_US.UTF-8",
		"PATH":                            "/usr/local/bin:/usr/bin:/bin",
		"TZ":                              "UTC",
		"TMPDIR":                          env.dir, // stands for /tmp
	}} {
		for name, value := range set {
			out = append(out, name+"="+value)
		}
	}
	return out
}

// wait cleans up when the process has ended.
func (env *environment) wait() {
	defer env.host.work.Done()
	err := env.proc.Wait()
	env.lines.flush()
	env.mu.Lock()
	busy := env.current
	env.current = nil
	env.mu.Unlock()
	if busy != nil {
		busy.finish(outcome{err: &Error{
			Type:    "Runtime.ExitError",
			Message: fmt.Sprintf("RequestId: %s Error: Runtime exited with error: %s", busy.id, cmp.Or(reason(err), "exit status 0")),
		}})
	}
	close(env.exited)
	_ = env.server.Close()
	_ = os.RemoveAll(env.dir)
	env.host.mu.Lock()
	delete(env.host.live, env)
	env.host.mu.Unlock()
}

func reason(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func (env *environment) alive() bool {
	select {
	case <-env.exited:
		return false
	default:
		return true
	}
}

// serve gives the process one invocation and returns how it ended.
func (env *environment) serve(payload []byte) outcome {
	starting := time.NewTimer(initTimeout)
	defer starting.Stop()
	select {
	case <-env.ready:
	case <-env.exited:
		return outcome{err: env.initError("Runtime exited before its first invocation")}
	case <-starting.C:
		env.stop("INIT_REPORT Status: timeout after %s", initTimeout)
		return outcome{err: env.initError("Initialization took longer than %s", initTimeout)}
	}
	inv := &invocation{
		id: requestID(), payload: payload,
		deadline: time.Now().Add(env.fn.Timeout), done: make(chan outcome, 1),
	}
	select {
	case env.next <- inv:
	case <-env.exited:
		return outcome{lost: true}
	}
	timeout := time.NewTimer(time.Until(inv.deadline))
	defer timeout.Stop()
	sample := time.NewTicker(sampleEvery)
	defer sample.Stop()
	for {
		select {
		case out := <-inv.done:
			env.measure()
			return out
		case <-env.exited:
			select {
			case out := <-inv.done:
				return out
			default:
				return outcome{lost: true} // it ended while it was being handed the invocation
			}
		case <-sample.C:
			if limit := int64(env.fn.MemoryMB) << 20; env.measure() > limit {
				env.stop("RequestId: %s Status: error Error Type: Runtime.OutOfMemory Memory Size: %d MB Max Memory Used: %d MB",
					inv.id, env.fn.MemoryMB, env.peak.Load()>>20)
				<-env.exited
				return outcome{err: &Error{
					Type:    "Runtime.OutOfMemory",
					Message: fmt.Sprintf("RequestId: %s Error: Runtime exited with error: signal: killed", inv.id),
				}}
			}
		case <-timeout.C:
			env.stop("RequestId: %s Task timed out after %.2f seconds", inv.id, env.fn.Timeout.Seconds())
			<-env.exited
			return outcome{err: &Error{
				Type:    "Sandbox.Timedout",
				Message: fmt.Sprintf("RequestId: %s Error: Task timed out after %.2f seconds", inv.id, env.fn.Timeout.Seconds()),
			}}
		}
	}
}

// measure looks at the process's memory.
func (env *environment) measure() int64 {
	now := resident(env.proc.PID())
	env.peak.Store(max(env.peak.Load(), now))
	return now
}

// worked returns the processor's time that the process has taken since the last
// call. Of one that has ended, nothing is known any more.
func (env *environment) worked() time.Duration {
	now := processor(env.proc.PID())
	took := max(0, now-env.cpu)
	env.cpu += took
	return took
}

// stop kills the process and says why in the log.
func (env *environment) stop(format string, args ...any) {
	fmt.Fprintf(env.lines, format+"\n", args...)
	env.proc.Kill()
}

// initError returns what the process said of its failed start, or the given.
func (env *environment) initError(format string, args ...any) *Error {
	if e := env.failed.Load(); e != nil {
		return e
	}
	return &Error{Type: "Runtime.InitError", Message: fmt.Sprintf(format, args...)}
}

func (inv *invocation) finish(out outcome) {
	select {
	case inv.done <- out:
	default: // it has one already
	}
}

// decodeError reads what a runtime posts about an error.
func decodeError(body []byte) *Error {
	e := &Error{}
	if err := json.Unmarshal(body, e); err != nil || e.Message == "" && e.Type == "" {
		return &Error{Type: "Unhandled", Message: string(body)}
	}
	return e
}
