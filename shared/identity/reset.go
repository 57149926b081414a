package identity

import (
	"context"
	"errors"
	"strings"
	"time"

	"coffer/shared/account"
	"coffer/shared/backup"
)

const (
	resetTime = time.Hour
	// resetsPerHour bounds the requests from one network address.
	resetsPerHour = 100
)

// RequestReset mails the person a link that sets a new password and makes the
// one mailed before void. Who has no account here gets no mail, but the same is
// done: the link is stored for nobody, and the mailer drops the message. Beyond
// the bounds nothing is done, without a word.
func (s *Service) RequestReset(ctx context.Context, email, source string) error {
	email = normal(email)
	err := s.Count(ctx, "reset from "+network(source), backup.NewID(), resetsPerHour)
	if err == nil {
		err = s.Count(ctx, "reset of "+email, backup.NewID(), mailsPerHour)
	}
	if backup.KindOf(err) == backup.Busy {
		return nil
	}
	if err != nil {
		return err
	}
	entry, err := s.here(ctx, email)
	if err != nil {
		return err
	}
	u, err := s.Accounts.User(ctx, entry.Account, entry.User)
	if err != nil && backup.KindOf(err) != backup.NotFound {
		return err
	}
	if u.ID == "" || u.Email != email {
		u = account.User{Account: nobody.Account, ID: nobody.User}
	}
	r := account.Reset{Account: u.Account, User: u.ID, Secret: backup.NewID(), Until: s.Now().Add(resetTime)}
	if err := s.Accounts.PutReset(ctx, r); err != nil {
		return err
	}
	return s.Mail.Send(ctx, "mail", 0, backup.MailMessage{
		ID: backup.NewID(), Account: u.Account, To: u.Email, Template: "reset",
		Data: map[string]string{"name": u.Name, "link": s.Portal + "/reset-password#" + string(r.Account) + "." + r.Secret},
	})
}

// ResetPassword sets the password of the user whose mailed link carries the
// token, and ends all sessions of the user. It returns what the browser's
// device cookie is to carry: who has the mailbox and sets the password is the
// user, whom no guesses of before should keep out.
func (s *Service) ResetPassword(ctx context.Context, token, password string, from Client) (string, error) {
	ended := backup.Field("token", "This link was used already, was replaced by a newer one or has expired. Ask for a new one.")
	id, secret, ok := strings.Cut(token, ".")
	if !ok || id == "" {
		return "", ended
	}
	r, err := s.Accounts.Reset(ctx, backup.AccountID(id), secret)
	if backup.KindOf(err) == backup.NotFound {
		return "", ended
	}
	if err != nil {
		return "", err
	}
	if !s.Now().Before(r.Until) {
		return "", ended
	}
	u, err := s.Accounts.User(ctx, r.Account, r.User)
	if backup.KindOf(err) == backup.NotFound {
		return "", ended
	}
	if err != nil {
		return "", err
	}
	if err := checkPassword(password, u.Email); err != nil {
		return "", err
	}
	set := func(hash string) error { return s.Accounts.SetPasswordBy(ctx, r, u, hash) }
	err = s.setPassword(ctx, account.Session{Account: u.Account, User: u.ID}, u, password, from, set)
	if backup.KindOf(err) == backup.Conflict {
		return "", ended
	}
	if err != nil {
		return "", err
	}
	return s.welcome(ctx, u, from)
}

// welcome clears what was counted against u and makes the browser a device of
// u.
func (s *Service) welcome(ctx context.Context, u account.User, from Client) (string, error) {
	known, err := s.knows(ctx, u.Account, u.ID, from)
	if err != nil {
		return "", err
	}
	if err := s.Accounts.ForgetAttempts(ctx, onUser(u.Email)); err != nil {
		return "", err
	}
	if known {
		if err := s.Accounts.ForgetAttempts(ctx, onDevice(from)); err != nil {
			return "", err
		}
	}
	return s.remember(ctx, u, from, known)
}

// ChangePassword sets the password of who's user, who knows the current one,
// and ends all other sessions of the user. It returns the new token of this
// session; the one before works no more.
func (s *Service) ChangePassword(ctx context.Context, who account.Session, current, password string, from Client) (string, error) {
	u, err := s.User(ctx, who)
	if err != nil {
		return "", err
	}
	if err := checkPassword(password, u.Email); err != nil {
		return "", err
	}
	known, err := s.knows(ctx, u.Account, u.ID, from)
	if err != nil {
		return "", err
	}
	if err := s.try(ctx, u.Email, from, known); err != nil {
		return "", err
	}
	if !verifyPassword(u.Password, current) {
		return "", backup.Field("current", "This is not your current password.")
	}
	if err := s.forgive(ctx, u.Email, from, known); err != nil {
		return "", err
	}
	set := func(hash string) error { return s.Accounts.SetPassword(ctx, u, hash) }
	if err := s.setPassword(ctx, who, u, password, from, set); err != nil {
		return "", err
	}
	secret := backup.NewID()
	err = s.Accounts.RenewSession(ctx, who, secret)
	if backup.KindOf(err) == backup.NotFound {
		return "", ErrNoSession
	}
	return token(who, secret), err
}

// setPassword sets u's password, ends all sessions of u but who, forgets all
// devices but this one, and sends u a notice.
func (s *Service) setPassword(
	ctx context.Context, who account.Session, u account.User, password string, from Client, set func(hash string) error,
) error {
	hash, err := hashPassword(password)
	if err != nil {
		return err
	}
	// Before and after: if this stops in between, no session of old lives on.
	if err := s.EndOthers(ctx, who); err != nil {
		return err
	}
	if err := set(hash); err != nil {
		return err
	}
	return errors.Join(
		s.EndOthers(ctx, who),
		s.Accounts.EndDevices(ctx, u.Account, u.ID, from.Device),
		s.Mail.Send(ctx, "mail", 0, backup.MailMessage{
			ID: backup.NewID(), Account: u.Account, To: u.Email, Template: "password-changed",
			Data: map[string]string{
				"name": u.Name, "email": u.Email, "address": from.Address, "when": s.Now().UTC().Format("2 January 2006, 15:04 UTC"),
				"link": s.Portal + "/sign-in",
			},
		}),
	)
}
