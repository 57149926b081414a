package dispatch_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"golang.org/x/sync/errgroup"

	"coffer/scripts/local/localtest"
	"coffer/shared/backup"
	"coffer/shared/dispatch"
	"coffer/shared/queue"
	"coffer/shared/task"
)

var crowd = flag.Int("dispatch.crowd", 150, "how many runs of another tenant wait")

// L4: one tenant has a crowd of waiting runs, which end or of which Box lets none
// end. Another one asks for some, a hundred in make chaos: they begin within a minute and end in no
// more than twice the time that they take alone.
func TestTenantBesideACrowd_L4(t *testing.T) {
	t.Parallel()
	asked := min(100, *crowd/5)
	alone := newRegion(t).play(t, asked, 0, false)
	for _, troubled := range []bool{false, true} {
		got := newRegion(t).play(t, asked, *crowd, troubled)
		t.Logf("%d runs beside %d, in trouble %t: begun after %s and done after %s, alone after %s", asked, *crowd, troubled, got.begun, got.done, alone.done)
		if got.begun == 0 || got.begun > time.Minute || got.done > 2*alone.done {
			t.Errorf("beside %d runs, in trouble %t: begun after %s and done after %s, alone after %s", *crowd, troubled, got.begun, got.done, alone.done)
		}
	}
}

const (
	workers = 30               // of the region
	lasts   = 30 * time.Second // a run
	beat    = 5 * time.Second  // of the simulation
)

// region is a queue of runs with its workers, on a clock of its own.
type region struct {
	dispatch.Dispatcher
	client *sqs.Client
	url    string
	now    time.Time
}

type course struct{ begun, done time.Duration }

func newRegion(t *testing.T) *region {
	t.Helper()
	cloud := localtest.Start(t)
	r := &region{client: sqs.NewFromConfig(cloud.AWS), url: cloud.Queue(t), now: time.Now()}
	r.Tasks, r.Runs = task.New(cloud.AWS, cloud.Table(t, localtest.Due)), queue.New[backup.RunMessage](cloud.AWS, r.url)
	r.Tasks.Now = func() time.Time { return r.now }
	return r
}

// ask has runs of a task requested.
func (r *region) ask(t *testing.T, id backup.TaskID, users int) {
	t.Helper()
	check(t, r.Tasks.Create(t.Context(), task.Task{Account: backup.AccountID(id), ID: id, Connection: backup.Connected}))
	check(t, r.Tasks.Expect(t.Context(), backup.AccountID(id), id))
	group, ctx := errgroup.WithContext(t.Context())
	group.SetLimit(16)
	for i := range users {
		group.Go(func() error {
			u := task.BoxUser{Account: backup.AccountID(id), Task: id, ID: backup.BoxUserID(fmt.Sprint(i))}
			if _, err := r.Tasks.Discovered(ctx, u, true); err != nil {
				return err
			}
			_, err := r.Tasks.Request(ctx, u, time.Time{})
			return err
		})
	}
	check(t, group.Wait())
	check(t, r.Fill(t.Context(), backup.AccountID(id), id))
}

// play has the crowd ask, and the other tenant a minute later, and goes on until
// that one's runs have ended.
func (r *region) play(t *testing.T, asked, crowd int, troubled bool) (c course) {
	t.Helper()
	type lease struct {
		task.BoxUser
		until time.Time
	}
	var busy []lease
	if crowd > 0 {
		r.ask(t, "crowd", crowd)
	}
	var start time.Time
	for ended, step := 0, 0; ended < asked; step++ {
		if step == int(time.Minute/beat) {
			start = r.now
			r.ask(t, "other", asked)
		}
		if step > 10_000 {
			t.Fatalf("%d of %d runs have ended after %s", ended, asked, r.now.Sub(start))
		}
		var rest []lease
		for _, l := range busy {
			if r.now.Before(l.until) {
				rest = append(rest, l)
				continue
			}
			if troubled && l.Task == "crowd" {
				check(t, r.Tasks.Retry(t.Context(), l.BoxUser, r.now.Add(2*time.Minute)))
			} else {
				check(t, r.Tasks.End(t.Context(), l.BoxUser, backup.Success, ""))
			}
			check(t, r.Fill(t.Context(), l.Account, l.Task))
			if l.Task == "other" {
				ended++
				c.done = r.now.Sub(start)
			}
		}
		busy = rest
		for len(busy) < workers {
			m, ok := r.receive(t)
			if !ok {
				break
			}
			u, err := r.Tasks.Lease(t.Context(), m, "worker")
			if backup.KindOf(err) == backup.Conflict {
				continue
			}
			check(t, err)
			if u.Task == "other" && c.begun == 0 {
				c.begun = max(r.now.Sub(start), 1)
			}
			busy = append(busy, lease{u, r.now.Add(lasts)})
		}
		if step%int(time.Minute/beat) == 0 { // the scheduler's minute
			check(t, r.Tasks.Abandoned(t.Context(), func(u task.BoxUser) error {
				if err := r.Tasks.Resend(t.Context(), u); err != nil {
					return err
				}
				return r.Runs.Send(t.Context(), string(u.Task), 0, u.Message())
			}))
		}
		r.now = r.now.Add(beat)
	}
	return c
}

func (r *region) receive(t *testing.T) (m backup.RunMessage, ok bool) {
	t.Helper()
	out, err := r.client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &r.url, MaxNumberOfMessages: 1})
	check(t, err)
	if len(out.Messages) == 0 {
		return m, false
	}
	check(t, json.Unmarshal([]byte(*out.Messages[0].Body), &m))
	_, err = r.client.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: &r.url, ReceiptHandle: out.Messages[0].ReceiptHandle})
	check(t, err)
	return m, true
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
