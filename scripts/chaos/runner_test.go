package chaos_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"coffer/scripts/demo"
	"coffer/scripts/local/child"
	"coffer/scripts/local/cloud"
	"coffer/shared/api/access"
	"coffer/shared/api/recovery"
	"coffer/shared/api/tasks"
	"coffer/shared/backup"
	"coffer/shared/env"
	"coffer/shared/task"
)

// runner is the program behind `make run`, as a process.
type runner struct {
	*child.Process
	*clock
	rows    *task.Table
	data    string
	out     tail
	portal  *demo.Portal
	visitor demo.Visitor
	account backup.AccountID
}

// launch starts a runner on a state folder and returns when it has connected
// its demo enterprise and the test is signed in.
func launch(t *testing.T, data string) *runner {
	t.Helper()
	r := &runner{data: data}
	cmd := exec.Command("dist/local/coffer", "run")
	cmd.Env = append(os.Environ(), "PORT=0", "BOX_PORT=0", "DATA="+data)
	cmd.Stdout, cmd.Stderr = &r.out, &r.out
	var err error
	if r.Process, err = child.Start(cmd); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		r.Kill()
		if t.Failed() {
			t.Logf("the runner's output ends:\n%s", r.out.String())
		}
	})
	eventually(t, "the runner is ready and has its task", func() bool {
		r.alive(t)
		return r.note().Task != "" && r.address() != "" && len(functionProcesses(t, r.PID(), "schedule")) > 0
	})
	r.connect(t)
	r.visitor = r.note()
	r.portal = demo.NewPortal(r.address())
	var who access.Session
	if err := r.portal.SignIn(t.Context(), r.visitor.Person); err != nil {
		t.Fatal(err)
	}
	if err := r.portal.Call(t.Context(), http.MethodGet, "/api/session", nil, &who); err != nil {
		t.Fatal(err)
	}
	r.account = backup.AccountID(who.Account.ID)
	return r
}

// alive fails the test if the runner has ended.
func (r *runner) alive(t *testing.T) {
	t.Helper()
	select {
	case <-r.Done():
		t.Fatalf("the runner has ended: %v", r.Wait())
	default:
	}
}

// address is where the portal is, or "" before this runner has said so: what
// stands in the folder may be from the one before.
func (r *runner) address() string {
	owner, _ := os.ReadFile(filepath.Join(r.data, "lock"))
	if !strings.HasPrefix(string(owner), fmt.Sprintf("process %d at ", r.PID())) {
		return ""
	}
	address, _ := cloud.Address(r.data)
	return address
}

func (r *runner) note() (v demo.Visitor) {
	text, _ := os.ReadFile(filepath.Join(r.data, demo.VisitorFile)) // nothing at first
	_ = json.Unmarshal(text, &v)                                    // nor is nothing JSON
	return v
}

// connect finds the runner's tables, as its functions do.
func (r *runner) connect(t *testing.T) {
	t.Helper()
	known := functionProcesses(t, r.PID(), "schedule")[0].environment()
	cfg := aws.Config{
		Region:       known["AWS_REGION"],
		Credentials:  credentials.NewStaticCredentialsProvider(known["AWS_ACCESS_KEY_ID"], known["AWS_SECRET_ACCESS_KEY"], ""),
		BaseEndpoint: aws.String(known["AWS_ENDPOINT_URL_DYNAMODB"]),
	}
	r.rows = task.New(cfg, known[string(env.TasksTable)])
	r.clock = &clock{
		db: dynamodb.NewFromConfig(cfg), tasks: known[string(env.TasksTable)], jobs: known[string(env.JobsTable)], portal: r.address(),
	}
}

func (r *runner) users(t *testing.T) []tasks.BoxUser {
	t.Helper()
	all, err := r.portal.Users(t.Context(), r.visitor.Task)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// takeUp lets the time pass for runs whose worker has not been heard of for
// several heartbeats.
func (r *runner) takeUp(t *testing.T) {
	t.Helper()
	const silence = 20 * time.Second
	for u, err := range r.rows.BoxUsers(t.Context(), r.account, backup.TaskID(r.visitor.Task)) {
		if err != nil {
			t.Fatal(err)
		}
		if u.RunOwner != "" && time.Until(time.UnixMilli(u.RunUntil)) < task.LeaseTime-silence {
			r.passRun(t, r.account, u.Task, u.ID)
		}
	}
}

// The runner is killed in the middle of backups, started again, and stopped as
// by Ctrl-C.
func TestRunnerLeavesNoProcessAndGoesOnFromItsState(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "state")
	first := launch(t, data)
	eventually(t, "somebody has been backed up", func() bool {
		first.alive(t)
		for _, u := range first.users(t) {
			if u.Snapshot != "" {
				return true
			}
		}
		return false
	})
	// Everybody who has been backed up is asked for once more.
	if err := first.portal.Call(t.Context(), http.MethodPost, "/api/tasks/"+first.visitor.Task+"/backup", nil, nil); err != nil {
		t.Fatal(err)
	}
	before := first.users(t)
	children := descendants(t, first.PID())
	if len(children) < 4 {
		t.Errorf("the runner has %d processes; want DynamoDB Local, the S3 server and functions", len(children))
	}
	if err := syscall.Kill(first.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait() // killed
	gone(t, children)

	second := launch(t, data)
	waiting := 0
	for _, u := range before {
		if u.Requested {
			waiting++
		}
		if u.Snapshot != "" {
			second.shows(t, u)
		}
	}
	if waiting == 0 {
		t.Error("no backup was requested when the runner was killed")
	}
	eventually(t, "the backups have ended", func() bool {
		second.alive(t)
		second.takeUp(t)
		// All may have had their first before the kill, and wait for the one asked for then.
		return second.note().Done && !slices.ContainsFunc(second.users(t), func(u tasks.BoxUser) bool { return u.Requested })
	})
	for _, u := range second.users(t) {
		if u.Status != backup.Success || u.Requested {
			t.Errorf("the backup of %s ended %s: %s", u.Name, u.Status, u.Reason)
		}
		second.shows(t, u)
	}
	children = descendants(t, second.PID())
	if err := syscall.Kill(second.PID(), syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := second.Wait(); err != nil {
		t.Errorf("the runner ended after Ctrl-C with %v", err)
	}
	gone(t, children)
	t.Logf("%d backups were waiting at the kill; Ctrl-C ended %d processes", waiting, len(children))
}

// shows fails the test unless the Box user's latest snapshot is listed and can
// be browsed.
func (r *runner) shows(t *testing.T, u tasks.BoxUser) {
	t.Helper()
	list, err := demo.All[recovery.Snapshot](t.Context(), r.portal, snapshotsPath(r.visitor.Task, backup.BoxUserID(u.ID)))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range list {
		if s.ID != u.Snapshot {
			continue
		}
		var page struct{ Items []recovery.Item }
		path := snapshotsPath(r.visitor.Task, backup.BoxUserID(u.ID)) + "/" + s.ID + "/items"
		if err := r.portal.Call(t.Context(), http.MethodGet, path, nil, &page); err != nil || len(page.Items) == 0 {
			t.Errorf("the snapshot of %s shows %d items: %v", u.Name, len(page.Items), err)
		}
		return
	}
	t.Errorf("the snapshot %s of %s is not listed any more", u.Snapshot, u.Name)
}
