package identity

import (
	"context"
	"fmt"
	"slices"
	"time"

	"coffer/shared/account"
	"coffer/shared/backup"
)

const (
	freeFailures = 3  // before each further try has to wait
	maxFailures  = 10 // before there is a lock
	lockTime     = 15 * time.Minute
	countTime    = time.Hour
	// races is how often an attempt is counted anew because another one was
	// counted at the same moment.
	races = 5
)

// attempt counts a try to sign in before it is made, so that tries at once
// cannot outrun the count. It is Busy where subject has to wait: 1 s after the
// fourth failure, twice as long after each further one, and 15 minutes after
// the tenth.
func (s *Service) attempt(ctx context.Context, subject string) error {
	return s.step(ctx, subject, "", func(now time.Time, old account.Attempts) (account.Attempts, time.Time) {
		next := account.Attempts{Count: old.Count + 1}
		forget := now.Add(lockTime)
		switch {
		case next.Count >= maxFailures:
			next.Next = forget
		case next.Count > freeFailures:
			next.Next = now.Add(time.Second << (next.Count - freeFailures - 1))
		}
		return next, forget
	})
}

// Count is Busy when subject did what is counted limit times in the last hour.
// What has an id that was counted is the same once more, and passes.
func (s *Sessions) Count(ctx context.Context, subject, id string, limit int) error {
	return s.step(ctx, subject, id, func(now time.Time, old account.Attempts) (account.Attempts, time.Time) {
		latest := slices.DeleteFunc(old.Latest, func(a account.Attempt) bool { return !now.Before(a.At.Add(countTime)) })
		next := account.Attempts{Count: old.Count + 1, Latest: append(latest, account.Attempt{ID: id, At: now})}
		if over := len(next.Latest) - limit; over >= 0 {
			next.Next = next.Latest[over].At.Add(countTime)
		}
		return next, now.Add(countTime)
	})
}

// step counts an attempt, unless one of its id is among the latest.
func (s *Sessions) step(
	ctx context.Context, subject, id string, follow func(time.Time, account.Attempts) (account.Attempts, time.Time),
) error {
	for range races {
		now := s.Now()
		old, err := s.Accounts.Attempts(ctx, subject, now)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(old.Latest, func(a account.Attempt) bool { return a.ID == id }) {
			return nil
		}
		if wait := old.Next.Sub(now); wait > 0 {
			wait = wait.Round(time.Second) + time.Second
			return &backup.Error{Kind: backup.Busy, Message: fmt.Sprintf("Too many attempts. Try again in %s.", wait), Wait: wait}
		}
		next, forget := follow(now, old)
		err = s.Accounts.PutAttempts(ctx, subject, old, next, now, forget)
		if backup.KindOf(err) != backup.Conflict {
			return err
		}
	}
	return backup.Errorf(backup.Busy, "Too many attempts at once. Try again in a moment.")
}
