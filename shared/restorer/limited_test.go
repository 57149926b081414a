package restorer_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"coffer/shared/account"
	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
	"coffer/shared/job"
	"coffer/shared/task"
)

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// askAs is a restore of all that a portal user asks for.
func (h *house) askAs(t *testing.T, snap backup.SnapshotID, by backup.UserID) backup.JobMessage {
	t.Helper()
	at := h.now().Add(time.Duration(h.jobs.Add(1)) * time.Millisecond)
	j := job.Job{
		Account: h.task.Account, ID: backup.JobID(backup.NewSortableID(at)), Kind: job.Restore, Task: h.task.ID, BoxUser: h.user, UserName: "Bob",
		Snapshot: snap, Whole: true, Mode: backup.NonDestructive, Initiator: "ada@acme.example", By: by, Created: at,
	}
	must(t, h.Jobs.Create(t.Context(), j, nil))
	return backup.JobMessage{Account: j.Account, Job: j.ID}
}

// limit limits access to what Bob has.
func (h *house) limit(t *testing.T) {
	t.Helper()
	h.limitTo(t, h.user)
}

func (h *house) limitTo(t *testing.T, user backup.BoxUserID) {
	t.Helper()
	u := task.BoxUser{Account: h.task.Account, Task: h.task.ID, ID: user}
	must(t, h.Tasks.Tag(t.Context(), u, []backup.TagID{backup.LimitedAccess}, nil))
}

func TestAccessThatIsLimitedStopsAWaitingRestore_Z2(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 81})
	_, err := h.sim.Upload(h.user, backup.RootFolder, "plan.txt", []byte("plan"))
	must(t, err)
	snap := h.backUp(t)
	primary := account.User{Account: h.task.Account, ID: "primary", Email: "ada@acme.example", Primary: true}
	link := account.Link{Account: h.task.Account, User: primary.ID, Secret: "s", Until: h.now().Add(time.Hour)}
	must(t, h.Accounts.Create(t.Context(), account.Account{ID: h.task.Account}, primary, link))
	before := h.askAs(t, snap, "second")
	first := h.askAs(t, snap, primary.ID)
	h.limit(t)
	if j := h.finish(t, before); j.Status != backup.JobFailed || !strings.Contains(j.Reason, "Access to what Bob has is limited") || j.Done > 0 {
		t.Errorf("asked for by a secondary user: %+v", j)
	}
	if j := h.finish(t, first); j.Status != backup.JobSucceeded || j.Done == 0 {
		t.Errorf("asked for by the primary user: %+v", j)
	}
}

func TestAccessThatIsLimitedToTheDestinationStopsARestore_Z2(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 83})
	_, err := h.sim.Upload(h.user, backup.RootFolder, "plan.txt", []byte("plan"))
	must(t, err)
	snap := h.backUp(t)
	carol, to := h.carol(t)
	before := h.sim.Tree(carol)
	m := h.askFor(t, snap, backup.NonDestructive, to)
	_, err = h.Tasks.Discovered(t.Context(), task.BoxUser{Account: h.task.Account, Task: h.task.ID, ID: carol, Name: "Carol"}, false)
	must(t, err)
	h.limitTo(t, carol)
	if j := h.finish(t, m); j.Status != backup.JobFailed || !strings.Contains(j.Reason, "Access to what Carol has is limited") || j.Done > 0 {
		t.Errorf("%+v", j)
	}
	if after := h.sim.Tree(carol); len(after) != len(before) {
		t.Errorf("Carol has %+v", after)
	}
}

// TestAccessThatIsLimitedStopsARestoreToSomebodyElse_Z2 limits the access to whom
// the content is of, not to who gets it.
func TestAccessThatIsLimitedStopsARestoreToSomebodyElse_Z2(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 84})
	_, err := h.sim.Upload(h.user, backup.RootFolder, "plan.txt", []byte("plan"))
	must(t, err)
	snap := h.backUp(t)
	carol, to := h.carol(t)
	before := h.sim.Tree(carol)
	m := h.askFor(t, snap, backup.NonDestructive, to)
	h.limit(t)
	if j := h.finish(t, m); j.Status != backup.JobFailed || !strings.Contains(j.Reason, "Access to what Bob has is limited") || j.Done > 0 {
		t.Errorf("%+v", j)
	}
	if after := h.sim.Tree(carol); len(after) != len(before) {
		t.Errorf("Carol has %+v", after)
	}
}

func TestAccessThatIsLimitedStopsARestoreUnderWay_Z2(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 82})
	_, err := h.sim.Upload(h.user, backup.RootFolder, "plan.txt", []byte("plan"))
	must(t, err)
	snap := h.backUp(t)
	m := h.askAs(t, snap, "second")
	var limits sync.Once
	h.plug.to = transport(func(r *http.Request) (*http.Response, error) {
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/files/content") {
			limits.Do(func() { h.limit(t) })
			<-r.Context().Done() // until the worker's next beat
			return nil, r.Context().Err()
		}
		return http.DefaultTransport.RoundTrip(r)
	})
	j := h.finish(t, m)
	if j.Status != backup.JobFailed || !strings.Contains(j.Reason, "Access to what Bob has is limited") || j.Done > 1 {
		t.Errorf("%+v", j)
	}
}
