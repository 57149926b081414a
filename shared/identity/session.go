package identity

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"coffer/shared/account"
	"coffer/shared/backup"
)

const (
	idleTime    = 30 * time.Minute
	sessionTime = 12 * time.Hour
	// seenEvery spares a write per request; idleTime is exact to it.
	seenEvery = time.Minute
	stateTime = 10 * time.Minute
)

// ErrNoSession refuses what only somebody signed in may do.
var ErrNoSession = backup.Errorf(backup.Forbidden, "Sign in to go on.")

// Sessions knows who is signed in.
type Sessions struct {
	Accounts *account.Table
	Now      func() time.Time
}

// Peek returns the session of a token, or ErrNoSession. It does not count as
// use: it is for what a browser asks by itself.
func (s *Sessions) Peek(ctx context.Context, token string) (account.Session, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 || parts[0] == "" {
		return account.Session{}, ErrNoSession
	}
	session, err := s.Accounts.Session(ctx, backup.AccountID(parts[0]), parts[1])
	if backup.KindOf(err) == backup.NotFound {
		return account.Session{}, ErrNoSession
	}
	if err != nil {
		return account.Session{}, err
	}
	if !session.Is(parts[2]) || !s.Now().Before(End(session)) {
		return account.Session{}, ErrNoSession
	}
	return session, nil
}

// Session returns the session of a token and counts it as used, or
// ErrNoSession.
func (s *Sessions) Session(ctx context.Context, token string) (account.Session, error) {
	session, err := s.Peek(ctx, token)
	now := s.Now()
	if err != nil || now.Sub(session.Seen) < seenEvery {
		return session, err
	}
	session.Seen = now
	err = s.Accounts.SeeSession(ctx, session, now, End(session))
	if backup.KindOf(err) == backup.NotFound {
		return account.Session{}, ErrNoSession
	}
	return session, err
}

// End is when the session ends if it is not used again.
func End(s account.Session) time.Time {
	idle, last := s.Seen.Add(idleTime), s.Created.Add(sessionTime)
	if idle.Before(last) {
		return idle
	}
	return last
}

// SignOut ends the session at once.
func (s *Sessions) SignOut(ctx context.Context, session account.Session) error {
	return s.Accounts.EndSession(ctx, session.Account, session.ID)
}

// User returns the user whose session it is, or ErrNoSession where there is
// none any more.
func (s *Sessions) User(ctx context.Context, who account.Session) (account.User, error) {
	u, err := s.Accounts.User(ctx, who.Account, who.User)
	if backup.KindOf(err) == backup.NotFound {
		return account.User{}, ErrNoSession
	}
	return u, err
}

// Own returns the living sessions of the user whose session who is, the newest
// first.
func (s *Sessions) Own(ctx context.Context, who account.Session) ([]account.Session, error) {
	list, err := s.Accounts.Sessions(ctx, who.Account, who.User)
	if err != nil {
		return nil, err
	}
	now := s.Now()
	list = slices.DeleteFunc(list, func(one account.Session) bool { return !now.Before(End(one)) })
	slices.SortFunc(list, func(a, b account.Session) int {
		return cmp.Or(b.Created.Compare(a.Created), strings.Compare(a.ID, b.ID))
	})
	return list, nil
}

// EndOwn ends one session of who's user at once. It is NotFound where the user
// has none of this id.
func (s *Sessions) EndOwn(ctx context.Context, who account.Session, id string) error {
	return s.Accounts.EndSessionOf(ctx, who.Account, who.User, id)
}

// EndOthers ends all sessions of who's user but this one; all where who has no
// id.
func (s *Sessions) EndOthers(ctx context.Context, who account.Session) error {
	list, err := s.Accounts.Sessions(ctx, who.Account, who.User)
	if err != nil {
		return err
	}
	for _, one := range list {
		if one.ID == who.ID {
			continue
		}
		if err := s.Accounts.EndSession(ctx, one.Account, one.ID); err != nil {
			return err
		}
	}
	return nil
}

// NewState returns the state that an authorisation of the task at Box, begun
// in this session, carries there and back within 10 minutes.
func (s *Sessions) NewState(ctx context.Context, session account.Session, task backup.TaskID) (string, error) {
	secret := backup.NewID()
	return secret, s.Accounts.PutState(ctx, account.State{
		Account: session.Account, Session: session.ID, Task: task, Secret: secret, Until: s.Now().Add(stateTime),
	})
}

// TakeState returns the task that the state was made for in this session. A
// state works once.
func (s *Sessions) TakeState(ctx context.Context, session account.Session, state string) (backup.TaskID, error) {
	invalid := backup.Field("state", "This authorisation was begun elsewhere, used already or took longer than 10 minutes. Begin again on the backup task's page.")
	kept, err := s.Accounts.TakeState(ctx, session.Account, session.ID, state)
	switch {
	case backup.KindOf(err) == backup.NotFound:
		return "", invalid
	case err != nil:
		return "", err
	case !s.Now().Before(kept.Until):
		return "", invalid
	}
	return kept.Task, nil
}
