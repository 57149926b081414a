package identity

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"

	"coffer/shared/account"
	"coffer/shared/backup"
)

// ErrCredentials is the one refusal of a sign-in.
var ErrCredentials = backup.Errorf(backup.Forbidden, "The e-mail address or the password is wrong.")

// Client is the browser that a person uses.
type Client struct {
	Address string // network address
	Agent   string // the browser, as it calls itself
	Device  string // what its device cookie carries
}

// Entry is what a browser gets when a person signs in.
type Entry struct {
	account.Session
	Token  string // what the session's cookie carries
	Device string // what the device's cookie carries
}

// SignIn begins a session. Old, the token of a session that the browser had
// before, ends.
func (s *Service) SignIn(ctx context.Context, email, password string, from Client, old string) (Entry, error) {
	email = normal(email)
	entry, err := s.here(ctx, email)
	if err != nil {
		return Entry{}, err
	}
	known, err := s.knows(ctx, entry.Account, entry.User, from)
	if err != nil {
		return Entry{}, err
	}
	if err := s.try(ctx, email, from, known); err != nil {
		return Entry{}, err
	}
	u, err := s.verify(ctx, entry, password)
	if err != nil {
		return Entry{}, err
	}
	if err := s.forgive(ctx, email, from, known); err != nil {
		return Entry{}, err
	}
	if before, err := s.Session(ctx, old); err == nil {
		if err := s.SignOut(ctx, before); err != nil {
			return Entry{}, err
		}
	}
	session, token, err := s.begin(ctx, u, from)
	if err != nil {
		return Entry{}, err
	}
	device, err := s.remember(ctx, u, from, known)
	return Entry{session, token, device}, err
}

// here returns the entry of an address whose account is active and lives in
// this region, or nobody's.
func (s *Service) here(ctx context.Context, email string) (account.Address, error) {
	entry, known, err := s.find(ctx, email)
	if !known || entry.Region != s.Region {
		entry = nobody
	}
	return entry, err
}

// verify returns the user of the entry, whose password it must be. It takes as
// long for nobody.
func (s *Service) verify(ctx context.Context, entry account.Address, password string) (account.User, error) {
	u, err := s.Accounts.User(ctx, entry.Account, entry.User)
	if err != nil && backup.KindOf(err) != backup.NotFound {
		return account.User{}, err
	}
	if !verifyPassword(u.Password, password) {
		return account.User{}, ErrCredentials
	}
	return u, nil
}

// begin stores a session of u, as u was when the password was verified.
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
	// Whoever changes a password ends the sessions that are there after it. One
	// that was begun with the old password later than that ends here.
	after, err := s.Accounts.User(ctx, u.Account, u.ID)
	if err == nil && after.Password == u.Password {
		return session, token(session, secret), nil
	}
	if err == nil || backup.KindOf(err) == backup.NotFound {
		err = ErrCredentials
	}
	return account.Session{}, "", errors.Join(err, s.SignOut(ctx, session))
}

// token is what a session's cookie carries.
func token(session account.Session, secret string) string {
	return strings.Join([]string{string(session.Account), session.ID, secret}, ".")
}

func first(s string, n int) string { return strings.ToValidUTF8(s[:min(n, len(s))], "") }
