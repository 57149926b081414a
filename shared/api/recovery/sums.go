package recovery

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"coffer/shared/account"
	"coffer/shared/backup"
	"coffer/shared/job"
)

const (
	// fewJobs is up to how many jobs are read whenever somebody looks.
	fewJobs = 500
	// Of more, the sums rest for restOfJob for each of them.
	restOfJob = 2 * time.Millisecond
	// mostJobs is how many jobs are looked at for one page.
	mostJobs = 2000
	// keptSums is for how many portal users sums are kept.
	keptSums = 100
)

// hiding reports whether one of these Box users is kept from a portal user.
type hiding = func(backup.TaskID, ...backup.BoxUserID) (bool, error)

// sums keeps what the jobs of the last days add up to, where they are more than a
// few, for each portal user, since not all see the same. The zero sums has none.
type sums struct {
	mu   sync.Mutex
	kept map[sumsKey]sum
}

type sumsKey struct {
	account backup.AccountID
	user    backup.UserID
}

type sum struct {
	Summary
	initiators []string
	all        []job.Job // those who are seen, where they are few; otherwise nil
	until      time.Time // when it is to be made anew
}

func (k *sums) of(ctx context.Context, s *Server, who account.Session, hides hiding) (sum, error) {
	key, now := sumsKey{who.Account, who.User}, s.Now()
	k.mu.Lock()
	known, ok := k.kept[key]
	k.mu.Unlock()
	if ok && now.Before(known.until) {
		return known, nil
	}
	fresh, initiators, n := sum{all: []job.Job{}}, map[string]bool{}, 0
	for j, err := range s.Jobs.Each(ctx, who.Account, now.Add(-listed), "", true) {
		if err != nil {
			return sum{}, err
		}
		n++
		hidden, err := hides(j.Task, j.BoxUser, j.Into().BoxUser)
		if err != nil {
			return sum{}, err
		}
		if hidden {
			continue
		}
		fresh.add(j.Status)
		initiators[j.Initiator] = true
		if fresh.all = append(fresh.all, j); n > fewJobs {
			fresh.all = fresh.all[:0]
		}
	}
	fresh.initiators = slices.AppendSeq([]string{}, maps.Keys(initiators))
	slices.Sort(fresh.initiators)
	if n > fewJobs {
		fresh.all, fresh.until = nil, now.Add(time.Duration(n)*restOfJob)
		k.keep(key, fresh)
	}
	return fresh, nil
}

func (k *sums) keep(key sumsKey, fresh sum) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.kept == nil || len(k.kept) >= keptSums {
		k.kept = map[sumsKey]sum{}
	}
	k.kept[key] = fresh
}
