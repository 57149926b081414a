package pruner

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/backup"
	"coffer/shared/snapshot"
	"coffer/shared/task"
)

// TestRetentionKeepsWhatItPromises_D3 plays three years of backups and prunes
// with random policies, and compares what is left after each prune with what
// ought to be, worked out from everything there ever was.
func TestRetentionKeepsWhatItPromises_D3(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 3))
		policy := task.Retention{Number: rng.IntN(40), Unit: []task.Unit{task.Days, task.Months, task.Years}[rng.IntN(3)]}
		good := rng.IntN(10) // of ten snapshots
		now := time.Date(2026, time.Month(1+rng.IntN(12)), 1+rng.IntN(31), rng.IntN(24), 0, 0, 0, time.UTC)
		var ever, left []snapshot.Snapshot
		for end := now.AddDate(3, 0, 0); now.Before(end); now = now.Add(time.Duration(1+rng.IntN(96)) * time.Hour) {
			s := snapshot.Snapshot{ID: backup.SnapshotID(fmt.Sprint(len(ever))), Status: backup.Partial, Taken: now}
			if rng.IntN(10) < good {
				s.Status = backup.Success
			}
			ever, left = append(ever, s), append(left, s)
			if rng.IntN(3) > 0 {
				continue
			}
			if rng.IntN(100) == 0 { // an administrator keeps less, or more from now on
				policy.Number = rng.IntN(40)
			}
			_, left = snapshot.Expired(left, policy.From(now))
			if want := promised(ever, left, now, policy); !slices.Equal(left, want) {
				t.Fatalf("seed %d, %+v, at %v (-left +promised):\n%s", seed, policy, now, cmp.Diff(left, want))
			}
		}
	}
}

// promised are the snapshots that ought to be there: those that are young
// enough, the newest, and the newest good one. What an earlier, shorter policy
// has removed does not come back.
func promised(ever, left []snapshot.Snapshot, now time.Time, r task.Retention) (list []snapshot.Snapshot) {
	there := map[backup.SnapshotID]bool{}
	for _, s := range left {
		there[s.ID] = true
	}
	seenGood, newest := false, true
	for i := len(ever) - 1; i >= 0; i-- {
		s := ever[i]
		firstGood := s.Status == backup.Success && !seenGood
		seenGood = seenGood || s.Status == backup.Success
		switch young := r.Number == 0 || !s.Taken.Before(oldest(now, r)); {
		case newest, firstGood, young && there[s.ID]:
			list = append(list, s)
		}
		newest = false
	}
	slices.Reverse(list)
	return list
}

// oldest is the calendar's answer, worked out by itself.
func oldest(now time.Time, r task.Retention) time.Time {
	y, m, d := now.Date()
	switch r.Unit {
	case task.Months:
		m -= time.Month(r.Number)
	case task.Years:
		y -= r.Number
	}
	if last := time.Date(y, m+1, 0, 0, 0, 0, 0, time.UTC).Day(); d > last {
		d = last
	}
	if r.Unit == task.Days {
		d -= r.Number
	}
	return time.Date(y, m, d, now.Hour(), now.Minute(), now.Second(), now.Nanosecond(), time.UTC)
}
