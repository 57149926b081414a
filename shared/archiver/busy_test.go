package archiver_test

import (
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"

	"coffer/scripts/local/fault"
	"coffer/scripts/local/localtest"
	"coffer/shared/box/boxsim"
)

// L5: a fifth of what DynamoDB and S3 are asked is refused because they are busy.
// Backups take longer and end as they always do.
func TestBackupsEndWhileAWSIsBusy_L5(t *testing.T) {
	t.Parallel()
	h := newHouse(t, boxsim.Options{Seed: 24})
	h.furnish(t, 40)
	var mu sync.Mutex
	rng := rand.New(rand.NewPCG(24, 24))
	busy := &fault.Transport{Base: http.DefaultTransport, Choose: func(r *http.Request) fault.Fate {
		mu.Lock()
		defer mu.Unlock()
		target := r.Header.Get("X-Amz-Target") // S3 has none
		if (target == "" || strings.HasPrefix(target, "DynamoDB")) && rng.IntN(5) == 0 {
			return fault.Busy
		}
		return fault.Pass
	}}
	cfg := localtest.Start(t).AWS.Copy()
	cfg.HTTPClient = &http.Client{Transport: busy}
	worker := h.worker(t, cfg, described(t))
	for day := range 2 {
		m := h.request(t)
		invocations := 0
		for ; h.row(t).RunID != ""; invocations++ {
			if invocations == 10 {
				t.Fatalf("the run does not end: %+v", h.row(t))
			}
			if invocations > 0 {
				h.expire()
			}
			_ = worker.Run(t.Context(), m) // where it fails, the message comes again
		}
		t.Logf("day %d: %d invocations, %d refusals so far", day, invocations, busy.Faults())
		h.wantSnapshotEqualsSource(t)
		h.change(t, rng, 20)
	}
	if n := busy.Faults(); n < 10 {
		t.Errorf("%d refusals, want many", n)
	}
}
