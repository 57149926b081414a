package identity

import (
	"context"
	"crypto/rand"
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

// The two refusals that mean "sign in".
var (
	ErrCredentials = backup.Errorf(backup.Forbidden, "The e-mail address or the password is wrong.")
	ErrNoSession   = backup.Errorf(backup.Forbidden, "Sign in to go on.")
)

// Sessions knows who is signed in.
type Sessions struct {
	Accounts *account.Table
	Now      func() time.Time
}

// Client is where a person signs in from.
type Client struct {
	Address string // network address
	Agent   string // the browser, as it calls itself
}

// SignIn begins a session and returns it with the token that its cookie
// carries. Old, the token of a session that the browser had before, ends.
func (s *Service) SignIn(ctx context.Context, email, password string, from Client, old string) (account.Session, string, error) {
	email = normal(email)
	user, address := "sign-in as "+email, "sign-in from "+from.Address
	for _, subject := range []string{address, user} {
		if err := s.attempt(ctx, subject); err != nil {
			return account.Session{}, "", err
		}
	}
	u, err := s.verify(ctx, email, password)
	if err != nil {
		return account.Session{}, "", err
	}
	// One who signs in clears the own count; the network's loses one only, or
	// a guesser could clear it with an own account.
	if err := s.Accounts.ForgetAttempts(ctx, user); err != nil {
		return account.Session{}, "", err
	}
	if err := s.Accounts.ForgiveAttempt(ctx, address); err != nil {
		return account.Session{}, "", err
	}
	if before, err := s.Session(ctx, old); err == nil {
		if err := s.SignOut(ctx, before); err != nil {
			return account.Session{}, "", err
		}
	}
	return s.begin(ctx, u, from)
}

// verify returns the user of the address and password. It takes as long for
// addresses that nobody has.
func (s *Service) verify(ctx context.Context, email, password string) (account.User, error) {
	entry, known, err := s.find(ctx, email)
	if err != nil {
		return account.User{}, err
	}
	if !known || entry.Region != s.Region {
		entry = nobody
	}
	u, err := s.Accounts.User(ctx, entry.Account, entry.User)
	if err != nil && backup.KindOf(err) != backup.NotFound {
		return account.User{}, err
	}
	if !verifyPassword(u.Password, password) {
		return account.User{}, ErrCredentials
	}
	return u, nil
}

func (s *Service) begin(ctx context.Context, u account.User, from Client) (account.Session, string, error) {
	now := s.Now()
	key := make([]byte, 32)
	rand.Read(key) // never fails
	session := account.Session{
		Account: u.Account, ID: backup.NewID(), User: u.ID, Email: u.Email, Name: u.Name, Key: key,
		Address: from.Address, Agent: first(from.Agent, 200), Created: now, Seen: now,
	}
	secret := backup.NewID()
	if err := s.Accounts.PutSession(ctx, session, secret, now.Add(idleTime)); err != nil {
		return account.Session{}, "", err
	}
	return session, strings.Join([]string{string(session.Account), session.ID, secret}, "."), nil
}

func first(s string, n int) string { return strings.ToValidUTF8(s[:min(n, len(s))], "") }

// Session returns the session of a token and counts it as used, or
// ErrNoSession.
func (s *Sessions) Session(ctx context.Context, token string) (account.Session, error) {
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
	now := s.Now()
	if !session.Is(parts[2]) || !now.Before(End(session)) {
		return account.Session{}, ErrNoSession
	}
	if now.Sub(session.Seen) < seenEvery {
		return session, nil
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
