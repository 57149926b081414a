package api_test

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"runtime/metrics"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"coffer/scripts/local/fault"
	"coffer/shared/backup"
	"coffer/shared/mailer"
	"coffer/shared/reporter"
	"coffer/shared/task"
)

var boxUsers = flag.Int("users", 20_000, "how many Box users BenchmarkCrowd has")

// BenchmarkCrowd asks the API for what the portal asks for of a task of 20,000 Box
// users, or of as many as -users says, before and after they were ever counted, and
// has done in the background what is too much for an answer. A third of them have a
// tag, and of every tenth access is limited.
func BenchmarkCrowd(b *testing.B) {
	now := time.Now()
	c := newCrowded(b, *boxUsers, func(i int) task.BoxUser {
		u := task.BoxUser{
			ID: backup.BoxUserID(fmt.Sprint(20_000_000_000 + i*7919)), Name: fmt.Sprintf("Some%x Body%x", i*i%4099, i*31%977),
			Login: fmt.Sprintf("some%x.body%x@acme.example", i*i%4099, i*31%977), Status: backup.Success, Active: true, Catalog: make([]byte, 400),
			Items: int64(i * i % 100_003), Size: int64(i%65536) << 20, FirstBackup: now.Add(-time.Hour), LastBackup: now.Add(-time.Duration(i) * time.Millisecond),
		}
		if i%3 == 0 {
			u.Tags = append(u.Tags, "third")
		}
		if i%10 == 9 {
			u.Tags = append(u.Tags, backup.LimitedAccess)
		}
		return u
	})
	ask := func(name string, who *person, path string) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				who.ok("GET", path, nil, nil)
			}
		})
	}
	ask("list/rows", c.who, c.path+"/users?limit=50")
	b.Run("rows", func(b *testing.B) {
		for b.Loop() {
			c.spent(func() { c.states(func(task.BoxUser) string { return "" }) }).report(b)
		}
	})
	b.Run("count", func(b *testing.B) {
		for b.Loop() {
			c.spent(c.count).report(b)
		}
	})
	ask("list/roster", c.who, c.path+"/users?limit=50")
	ask("list/largest", c.who, c.path+"/users?limit=50&sort=size&order=desc")
	ask("list/searched", c.who, c.path+"/users?limit=50&q=BODY3&status=Success")
	ask("task", c.who, c.path)
	ask("second/largest", c.second, c.path+"/users?limit=50&sort=size&order=desc")
	ask("second/limited", c.second, c.path+"/users?limit=50&sort=size&order=desc&tag="+string(backup.LimitedAccess))
	ask("second/searched", c.second, c.path+"/users?limit=50&q=BODY3&status=Success&tag=third")
	ask("second/task", c.second, c.path)
	b.Run("second/may", func(b *testing.B) { // what is looked for where a secondary user changes all, if nobody has it
		for b.Loop() {
			if _, found, err := c.rows.FirstTagged(b.Context(), c.of.Account, c.of.ID, "nobody"); found || err != nil {
				b.Fatal(found, err)
			}
		}
	})
	ask("report/answer", c.who, "/api/usage-report.csv")
	b.Run("report/mail", c.mailReport)
	for _, action := range []string{"pause", "activate", "delete", "undelete"} {
		b.Run("act/"+action, func(b *testing.B) { c.actOnAll(b, action) })
	}
}

// mailReport has the usage report mailed, as the function report does.
func (c *crowded) mailReport(b *testing.B) {
	m, err := mailer.New(c.cloud.AWS, c.identity.Accounts, "coffer@example.com", c.web.URL)
	if err != nil {
		b.Fatal(err)
	}
	who, err := c.identity.Peek(b.Context(), c.who.cookie)
	if err != nil {
		b.Fatal(err)
	}
	size := 0
	r := reporter.New(c.rows, c.identity.Accounts, func(ctx context.Context, message backup.MailMessage, files ...backup.Attachment) error {
		size = len(files[0].Content)
		return m.SendWith(ctx, message, files...)
	})
	for b.Loop() {
		message := backup.ReportMessage{ID: backup.NewID(), Account: who.Account, User: who.User}
		used := c.spent(func() { err = r.Report(b.Context(), message) })
		if err != nil {
			b.Fatal(err)
		}
		used.report(b)
	}
	b.ReportMetric(float64(size)/1e6, "MB/file")
}

// actOnAll has something done for all Box users, by one invocation of the function
// act after another.
func (c *crowded) actOnAll(b *testing.B, action string) {
	const timeout = 15 * time.Minute // of act
	for b.Loop() {
		began := time.Now()
		c.who.ok("POST", c.path+"/users/"+action, map[string]any{"all": true}, nil)
		b.ReportMetric(float64(time.Since(began).Milliseconds()), "ms/answer")
		invocations := 0
		c.spent(func() {
			for all := received[backup.ActMessage](c.product, c.acts); len(all) > 0; all = received[backup.ActMessage](c.product, c.acts) {
				for _, m := range all {
					invocations++
					ctx, cancel := context.WithTimeout(b.Context(), timeout)
					err := c.tasks.Act(ctx, m)
					cancel()
					if err != nil {
						b.Fatal(err)
					}
				}
			}
		}).report(b)
		b.ReportMetric(float64(invocations), "invocations/op")
	}
	c.cloud.Received(b, c.counts)
}

// spent is what something took.
type spent struct {
	writes, reads int64 // calls of DynamoDB
	heap          uint64
	cpu           time.Duration // of this process, in which DynamoDB is not
}

func (s spent) report(b *testing.B) {
	b.ReportMetric(s.cpu.Seconds(), "CPU-s/op")
	b.ReportMetric(float64(s.writes), "writes/op")
	b.ReportMetric(float64(s.reads), "reads/op")
	b.ReportMetric(float64(s.heap)/1e6, "MB-heap")
}

// spent counts the calls of DynamoDB while something is done, and looks at the heap
// of the whole process every now and then.
func (p *product) spent(do func()) (used spent) {
	var writes, reads atomic.Int64
	choose := func(r *http.Request) fault.Fate {
		_, call, ok := strings.Cut(r.Header.Get("X-Amz-Target"), "DynamoDB_20120810.")
		switch {
		case !ok:
		case call == "Query" || strings.HasSuffix(call, "GetItem"):
			reads.Add(1)
		default:
			writes.Add(1)
		}
		return fault.Pass
	}
	p.weather.choose.Store(&choose)
	defer p.weather.choose.Store(nil)
	ended, most := make(chan struct{}), make(chan uint64)
	go func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		heap, peak := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}, uint64(0)
		for going := true; going; {
			metrics.Read(heap)
			peak = max(peak, heap[0].Value.Uint64())
			select {
			case <-tick.C:
			case <-ended:
				going = false
			}
		}
		most <- peak
	}()
	before := processors(p.t)
	do()
	close(ended)
	return spent{writes.Load(), reads.Load(), <-most, processors(p.t) - before}
}

// processors is how long the process has had processors.
func processors(t testing.TB) time.Duration {
	t.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
