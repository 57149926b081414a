package chaos_test

import (
	"flag"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"coffer/scripts/local/cloud"
	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
	"coffer/shared/env"
	"coffer/shared/queue"
)

// blows is how often a storm strikes, apart from the calls that go wrong. What is
// not done by then is done after.
var blows = flag.Int("campaign.blows", 20, "how often each of a campaign's storms strikes")

// troubles are what Box does to calls, besides what its clients get over.
var boxTroubles = []boxsim.Kind{
	boxsim.TooMany, boxsim.ServerError, boxsim.BadGateway, boxsim.Unavailable, boxsim.Timeout, boxsim.Reset, boxsim.Lost, boxsim.Cut,
	boxsim.Short, boxsim.Flip, boxsim.BadJSON, boxsim.HTML, boxsim.Empty, boxsim.Slow, boxsim.Unauthorized,
	boxsim.Repeat, boxsim.Shuffle, boxsim.ShortPage, boxsim.Odd, boxsim.Accepted,
}

// refusals are what no client gets over: items fail, or whole runs.
var boxRefusals = []boxsim.Kind{boxsim.Forbidden, boxsim.NotFound, boxsim.Policy, boxsim.Trashed}

// storm lets everything go wrong while what begin has begun is under way, then
// ends all faults and lets the time pass until nothing is left to do.
func (c *campaign) storm(begin func()) {
	rng := rand.New(rand.NewPCG(c.rng.Uint64(), 1))
	share := func(of ...float64) float64 { return of[c.rng.IntN(len(of))] }
	rates := map[string]float64{
		"DynamoDB": share(0, 0.03, 0.1, 0.2), "S3": share(0, 0.05, 0.2), "SQS": share(0, 0.1), "KMS": share(0, 0.05),
	}
	services := []string{"DynamoDB", "S3", "SQS", "KMS"}
	before := map[string]int64{}
	for _, s := range services {
		before[s] = c.weather.count(s)
	}
	spoilt := c.sim.Fault(boxsim.Fault{Kinds: boxTroubles, Probability: share(0.001, 0.05, 0.15), RetryAfter: -1, Delay: 100 * time.Millisecond, Seed: c.rng.Uint64()})
	refused := c.sim.Fault(boxsim.Fault{Kinds: boxRefusals, Probability: share(0.0001, 0.01, 0.03), Seed: c.rng.Uint64()})
	c.weather.set(rng, rates)
	begin()
	g := &gods{campaign: c}
	defer g.wait() // also where the test ends here
	for range *blows {
		g.act()
		<-time.After(time.Duration(c.rng.IntN(120)) * time.Millisecond) // moments of their own, drawn from the seed
	}
	g.wait()
	c.weather.set(nil, nil)
	faults := c.sim.Stats().Faults
	c.sim.ClearFaults()
	c.counts["Box faults"] += int(faults[spoilt] + faults[refused])
	for _, s := range services {
		c.counts[s+" faults"] += int(c.weather.count(s) - before[s])
	}
	c.settle()
}

// gods are what happens to a product.
type gods struct {
	*campaign
	pending sync.WaitGroup
}

// workers are the functions that are killed and frozen, the busiest most often.
var workers = []string{"backup", "backup", "backup", "recover", "recover", "schedule", "prune", "scan"}

func (g *gods) act() {
	t, m := g.t, g.members[g.rng.IntN(len(g.members))]
	switch n := g.rng.IntN(26); {
	case n < 6:
		if all := functionProcesses(t, self, workers[g.rng.IntN(len(workers))]); len(all) > 0 {
			kill(t, all[g.rng.IntN(len(all))])
			g.counts["kills"]++
		}
	case n < 8:
		g.freeze(m)
	case n < 11:
		g.sendAgain()
	case n < 15:
		if _, err := g.sim.Mutate(m.id, g.rng.Uint64(), 1+g.rng.IntN(3)); err != nil {
			t.Fatal(err)
		}
		g.counts["changes"]++
	case n < 16: // Box's clock, by which tokens end, and back a little
		g.sim.Advance([]time.Duration{time.Minute, 20 * time.Minute, 61 * time.Minute, -2 * time.Second}[g.rng.IntN(4)])
		g.counts["clock jumps"]++
	case n < 17:
		g.begin("prune")
	case n < 21:
		g.weather.calm(func() {
			if !m.user(t, m.task, m.id).Requested {
				m.request(t, m.task, m.id)
				m.runs++
			}
		})
	case n < 25: // time passes for what nobody works on, and for who works too slowly
		g.passAll(m)
		g.begin("schedule")
	default:
		g.begin("schedule")
	}
}

// freeze stops a worker for longer than its lease, lets others take over, and
// has it go on.
func (g *gods) freeze(m *member) {
	all := functionProcesses(g.t, self, []string{"backup", "recover"}[g.rng.IntN(2)])
	if len(all) == 0 {
		return
	}
	p := all[g.rng.IntN(len(all))]
	if err := syscall.Kill(p.id, syscall.SIGSTOP); err != nil {
		return // it has ended
	}
	for _, m := range g.members {
		g.passAll(m)
	}
	g.begin("schedule")
	g.counts["freezes"]++
	pause := time.Duration(200+g.rng.IntN(1500)) * time.Millisecond
	g.pending.Go(func() {
		<-time.After(pause)
		_ = syscall.Kill(p.id, syscall.SIGCONT) // unless it was killed meanwhile
	})
}

func (g *gods) wait() { g.pending.Wait() }

// passAll ends the lease of a member's run and jobs, whoever holds them.
func (g *gods) passAll(m *member) {
	g.hurry(g.t, m.account, m.task, "USER#"+string(m.id))
	for _, j := range m.jobs {
		g.hurryJob(g.t, m.account, j.ID)
	}
}

// sendAgain sends messages of what is under way once more, some of them late and
// in another order.
func (g *gods) sendAgain() {
	t := g.t
	runs := queue.New[backup.RunMessage](g.cloud.AWS, g.setting(env.BackupQueue))
	recovers := queue.New[backup.JobMessage](g.cloud.AWS, g.setting(env.RecoverQueue))
	for _, i := range g.rng.Perm(len(g.members)) {
		m := g.members[i]
		row, err := m.rows().BoxUser(t.Context(), m.account, backup.TaskID(m.task), m.id)
		delay := time.Duration(g.rng.IntN(3)) * time.Second
		if err == nil && row.RunID != "" {
			err = runs.Send(t.Context(), m.task, delay, row.Message(), row.Message())
			g.counts["messages again"] += 2
		}
		for _, j := range m.jobs {
			if err == nil {
				err = recovers.Send(t.Context(), m.task, delay, backup.JobMessage{Account: m.account, Job: backup.JobID(j.ID)})
				g.counts["messages again"]++
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// begin calls a function, which may fail or be killed.
func (g *gods) begin(function string) {
	address := g.clock.portal + cloud.LambdaPath + "/2015-03-31/functions/" + function + "/invocations"
	g.counts[function+" calls"]++
	g.pending.Go(func() {
		resp, err := http.Post(address, "application/json", strings.NewReader(`{"Records":[{"messageId":"1","body":"{}"}]}`)) // a queue's, or nothing to look at
		if err != nil {
			g.t.Error(err)
			return
		}
		_, _ = io.Copy(io.Discard, resp.Body) // whatever came of it
		_ = resp.Body.Close()
	})
}

// settle lets the time pass, without faults, until nothing is under way. The
// lease of a worker that reports, every four seconds, is left alone.
func (c *campaign) settle() {
	t := c.t
	type standing struct {
		state string
		since time.Time
	}
	seen := map[string]standing{}
	quiet := func(pk, table, sk string) bool {
		state := c.stands(t, table, pk, sk)
		if seen[sk].state != state {
			seen[sk] = standing{state, time.Now()}
		}
		patience := time.Second
		if strings.Contains(state, "held") {
			patience = 6 * time.Second
		}
		return time.Since(seen[sk].since) > patience
	}
	eventually(t, "all has settled", func() bool {
		done := true
		for _, m := range c.members {
			if pk, sk := string(m.account)+"#"+m.task, "USER#"+string(m.id); m.user(t, m.task, m.id).Requested {
				done = false
				if quiet(pk, c.tasks, sk) {
					c.hurry(t, m.account, m.task, sk)
					c.tick(t)
				}
			}
			for _, j := range m.jobs {
				if m.job(t, j.ID).Status.Final() {
					continue
				}
				done = false
				if quiet(string(m.account), c.jobs, "JOB#"+j.ID) {
					c.hurryJob(t, m.account, j.ID)
					c.tick(t)
				}
			}
		}
		return done
	})
}

// noUploadIsUnfinished fails the test where the vault's bucket has a multipart
// upload that nobody ended.
func (c *campaign) noUploadIsUnfinished() {
	c.t.Helper()
	bucket := c.setting(env.VaultBucket)
	out, err := s3.NewFromConfig(c.cloud.AWS).
		ListMultipartUploads(c.t.Context(), &s3.ListMultipartUploadsInput{Bucket: &bucket})
	if err != nil || len(out.Uploads) > 0 {
		c.t.Errorf("%d unfinished uploads: %v", len(out.Uploads), err)
	}
}
