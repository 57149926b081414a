package connection_test

import (
	"context"
	"flag"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"coffer/scripts/local/localtest"
	"coffer/shared/audit"
	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/box/boxsim"
	"coffer/shared/connection"
	"coffer/shared/keys"
	"coffer/shared/queue"
	"coffer/shared/task"
)

var rounds = flag.Int("rounds", 10, "rounds of refreshing a token at once")

// nap makes waits short; the others of a refresh need them all the same.
func nap(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(min(d, 20*time.Millisecond))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Five processes, which share nothing but the table, with ten callers each find
// the token expired at once, round after round (N6).
func TestProcessesRefreshTheTokenOfATaskOnce_N6(t *testing.T) {
	t.Parallel()
	for name, mode := range map[string]boxsim.TokenMode{"one use": boxsim.OneUse, "same pair": boxsim.SamePair, "conflict": boxsim.Conflict} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := localtest.Start(t)
			sim := boxsim.New(boxsim.Options{Seed: 1, Tokens: mode})
			server := httptest.NewServer(sim)
			t.Cleanup(server.Close)
			enterprise := sim.AddEnterprise("Acme")
			ada := enterprise.AddUser("Ada", "ada@acme.example", boxsim.Admin)
			app := enterprise.AddApp("", "", "https://coffer.example/callback")
			table, key, mails := cloud.Table(t, localtest.Due), cloud.Key(t), cloud.Queue(t)
			activity := audit.New(cloud.AWS, cloud.Table(t))
			var processes []*box.Client
			for i := range 5 {
				tasks := task.New(cloud.AWS, table)
				tasks.Now = sim.Now
				connections := connection.New(
					box.App{ClientID: app.ClientID, ClientSecret: app.ClientSecret, Now: sim.Now, Sleep: nap},
					box.Config{API: server.URL, Upload: server.URL, Account: server.URL, Now: sim.Now, Sleep: nap},
					tasks, keys.New(cloud.AWS, key), activity, queue.New[backup.MailMessage](cloud.AWS, mails))
				if i == 0 {
					if err := tasks.Create(t.Context(), task.Task{Account: "acme", ID: "files", Connection: backup.Connected}); err != nil {
						t.Fatal(err)
					}
					if err := connections.Tokens("acme", "files").Store(t.Context(), app.Pair(ada)); err != nil {
						t.Fatal(err)
					}
				}
				processes = append(processes, connections.Client("acme", "files"))
			}
			refreshes := func() int64 { return sim.Stats().Endpoints["POST /oauth2/token"] }
			for round := range *rounds {
				before := refreshes()
				sim.Advance(61 * time.Minute)
				var callers sync.WaitGroup
				for i := range 50 {
					callers.Go(func() {
						if _, err := processes[i%5].Me(t.Context()); err != nil {
							t.Errorf("round %d: %v", round, err)
						}
					})
				}
				callers.Wait()
				if n := refreshes() - before; n != 1 {
					t.Errorf("round %d: %d refreshes, want 1", round, n)
				}
			}
		})
	}
}
