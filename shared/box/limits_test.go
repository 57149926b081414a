package box_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/box/boxsim"
)

// pipes is a network within a synctest bubble, where time passes by itself.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	if conn, ok := <-p; ok {
		return conn, nil
	}
	return nil, net.ErrClosed
}

func (p pipes) Close() error {
	close(p)
	return nil
}

func (p pipes) Addr() net.Addr { return &net.IPAddr{} }

func (p pipes) dial(context.Context, string, string) (net.Conn, error) {
	here, there := net.Pipe()
	p <- there
	return here, nil
}

// serve answers over p until the test ends, and returns a client.
func serve(t *testing.T, handler http.Handler) *http.Client {
	p := make(pipes)
	server := &http.Server{Handler: handler} // #nosec G112 -- nobody is on this network
	go func() { _ = server.Serve(p) }()
	transport := &http.Transport{DialContext: p.dial, MaxIdleConnsPerHost: 100}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		_ = server.Shutdown(context.Background())
	})
	return &http.Client{Transport: transport}
}

var crowd = flag.Int("crowd", 4, "users who do as much as they can at once; L1 asks for 50")

// Users who do as much as they can stay within Box's limits, and make the most
// of them (L1).
func TestLimitsAreUsedAndNeverExceeded_L1(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		allowed float64 // calls a minute
		call    func(ctx context.Context, c *box.Client) error
	}{
		"calls": {1000, func(ctx context.Context, c *box.Client) error {
			_, err := c.Me(ctx)
			return err
		}},
		"uploads": {240, func(ctx context.Context, c *box.Client) error {
			_, err := c.Upload(ctx, newFile(backup.RootFolder, backup.NewID(), nil))
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const minutes = 3
				users := *crowd
				sim := boxsim.New(boxsim.Options{Limits: true, Latency: 40 * time.Millisecond})
				acme := sim.AddEnterprise("Acme")
				ada := acme.AddUser("Ada", "ada@acme.example", boxsim.Admin)
				client := box.New(box.Config{
					API: "http://box", Upload: "http://box", HTTP: serve(t, sim), Tokens: fixed(sim.Token(ada)),
				})
				ctx, cancel := context.WithTimeout(t.Context(), minutes*time.Minute)
				defer cancel()
				var group sync.WaitGroup
				for n := range users {
					login := fmt.Sprint("user", n)
					as := client.As(acme.AddUser(login, login+"@acme.example", boxsim.Member))
					for range 10 {
						group.Go(func() {
							for ctx.Err() == nil {
								if err := test.call(ctx, as); err != nil && ctx.Err() == nil {
									t.Error(err)
								}
							}
						})
					}
				}
				group.Wait()
				var calls int64
				for user, stats := range sim.Stats().Users {
					if user == ada {
						continue
					}
					calls += stats.Calls
					if stats.Peak > int(test.allowed) || stats.Early > 0 || stats.Limited > 0 {
						t.Errorf("user %s: %+v", user, stats)
					}
				}
				if share := float64(calls) / (float64(users) * minutes * test.allowed); share < 0.9 {
					t.Errorf("%d calls are %.0f %% of what is allowed", calls, 100*share)
				}
			})
		})
	}
}

// Several processes that act as one user are refused now and then, and wait.
func TestNobodyCallsBeforeRetryAfterIsOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := boxsim.New(boxsim.Options{Limits: true, Latency: 40 * time.Millisecond})
		ada := sim.AddEnterprise("Acme").AddUser("Ada", "ada@acme.example", boxsim.Admin)
		config := box.Config{
			API: "http://box", Upload: "http://box", HTTP: serve(t, sim), Tokens: fixed(sim.Token(ada)),
			Limits: box.Limits{Calls: 3000, Uploads: 240}, // as two other processes would add
		}
		client := box.New(config).As(ada)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
		defer cancel()
		var err error
		for err == nil { // one caller, so that no call is on its way when a refusal comes
			_, err = client.Me(ctx)
		}
		if _, late := errors.AsType[*box.RateLimitError](err); !late && ctx.Err() == nil {
			t.Error(err)
		}
		if stats := sim.Stats().Users[ada]; stats.Early > 0 || stats.Limited == 0 {
			t.Errorf("got %+v", stats)
		}
	})
}
