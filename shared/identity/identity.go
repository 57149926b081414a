// Package identity is who may come in: sign-up, activation, sign-in, passwords,
// sessions, and the state that ties an authorisation at Box to the session it
// began in.
//
// What it tells a stranger never depends on whether an e-mail address is
// known: sign-up and the request for a new password always end the same way,
// and what differs is in the mail; sign-in has one refusal, checks a password
// in either case, and counts failures for unknown addresses too.
//
// A session lives in a cookie of three parts, account.session.secret. The ids
// find the row, the secret proves the bearer. It ends after 30 minutes without
// use and 12 hours in any case, and with every new password of its user; the
// one in which the password was changed lives on with another secret.
//
// Tries with a password are counted on the user and on the network address;
// both slow down and lock. A browser that the user signed in with has a second
// cookie, its device, for 90 days. Its tries are counted on itself alone, so
// that the user gets in while strangers keep the rest locked. It opens nothing.
package identity

import (
	"context"
	"net/mail"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"coffer/shared/account"
	"coffer/shared/backup"
	"coffer/shared/queue"
)

const (
	activationTime = 24 * time.Hour
	// mailsPerHour bounds the mails of one kind to one address, and
	// signUpsPerHour the sign-ups from one.
	mailsPerHour   = 5
	signUpsPerHour = 100
)

// Service signs people up and in.
type Service struct {
	*Sessions
	Directory *account.Directory
	Mail      *queue.Queue[backup.MailMessage]
	Portal    string // what links begin with
	Region    string // the AWS region that accounts made here live in
}

// SignUp is what a stranger enters.
type SignUp struct {
	Email    string
	Password string
	Company  string
	Name     string
	Location string // empty: this region's
}

// SignUp mails the person a link that activates a new account, or, where the
// address has an account already, says so in the mail. Source is the network
// address that asks.
func (s *Service) SignUp(ctx context.Context, in SignUp, source string) error {
	in.Email = normal(in.Email)
	if err := s.check(&in); err != nil {
		return err
	}
	if err := s.Count(ctx, "sign-up from "+network(source), backup.NewID(), signUpsPerHour); err != nil {
		return err
	}
	password, err := hashPassword(in.Password)
	if err != nil {
		return err
	}
	if err := s.Count(ctx, "sign-up of "+in.Email, backup.NewID(), mailsPerHour); err != nil {
		if backup.KindOf(err) == backup.Busy {
			return nil // the mails so far say all there is to say
		}
		return err
	}
	_, known, err := s.find(ctx, in.Email)
	if err != nil {
		return err
	}
	// An account is made in either case, so that both take as long. Where the
	// address is known, nobody learns the link, and the account goes away.
	activate, err := s.create(ctx, in, password)
	if err != nil {
		return err
	}
	if known {
		activate.Template, activate.Data = "sign-up-known", map[string]string{"link": s.Portal + "/sign-in"}
	}
	return s.Mail.Send(ctx, "mail", 0, activate)
}

// create stores the account that the link in the mail it returns activates.
func (s *Service) create(ctx context.Context, in SignUp, password string) (backup.MailMessage, error) {
	now := s.Now()
	a := account.Account{
		ID: backup.AccountID(backup.NewID()), Company: in.Company, Location: in.Location, Region: s.Region, Created: now,
	}
	u := account.User{
		Account: a.ID, ID: backup.UserID(backup.NewID()), Email: in.Email, Name: in.Name, Password: password, Primary: true, Created: now,
	}
	l := account.Link{Account: a.ID, User: u.ID, Secret: backup.NewID(), Purpose: account.Activation, Until: now.Add(activationTime)}
	return backup.MailMessage{
		ID: backup.NewID(), Account: a.ID, To: in.Email, Template: "activate",
		Data: map[string]string{
			"name": in.Name,
			// After the #, so that no server on the way and no log sees it.
			"link": s.Portal + "/activate#" + string(a.ID) + "." + l.Secret,
		},
	}, s.Accounts.Create(ctx, a, u, l)
}

// Activate makes the account active whose mailed link carries the token.
func (s *Service) Activate(ctx context.Context, token string) error {
	ended := backup.Field("token", "This link was used already or has expired. Sign up again to get a new one.")
	id, secret, ok := strings.Cut(token, ".")
	if !ok || id == "" {
		return ended
	}
	link, err := s.Accounts.Link(ctx, backup.AccountID(id), secret)
	if backup.KindOf(err) == backup.NotFound {
		return ended
	}
	if err != nil {
		return err
	}
	if link.Purpose != account.Activation || !s.Now().Before(link.Until) {
		return ended
	}
	u, err := s.Accounts.User(ctx, link.Account, link.User)
	if err != nil {
		return err
	}
	// The address first: if this stops half-way, the link still works.
	if err := s.claim(ctx, u); err != nil {
		return err
	}
	err = s.Accounts.Activate(ctx, link)
	if backup.KindOf(err) == backup.NotFound {
		return ended
	}
	return err
}

// claim enters the user's address into the directory. An entry whose account
// went away unactivated gives way.
func (s *Service) claim(ctx context.Context, u account.User) error {
	entry, known, err := s.find(ctx, u.Email)
	if err != nil {
		return err
	}
	instead := backup.AccountID("")
	if !known {
		instead = entry.Account
	}
	return s.Directory.Claim(ctx, account.Address{Email: u.Email, Account: u.Account, User: u.ID, Region: s.Region}, instead)
}

// nobody is the entry that stands in for a missing one.
var nobody = account.Address{Account: "nobody", User: "nobody"}

// find returns the directory's entry of an address and whether an account
// stands behind it. It reads as much for an address that nobody has.
func (s *Service) find(ctx context.Context, email string) (account.Address, bool, error) {
	entry, err := s.Directory.Lookup(ctx, email)
	if backup.KindOf(err) == backup.NotFound {
		entry, err = nobody, nil
	}
	if err != nil {
		return account.Address{}, false, err
	}
	a, err := s.Accounts.Account(ctx, entry.Account)
	if err != nil && backup.KindOf(err) != backup.NotFound {
		return account.Address{}, false, err
	}
	elsewhere := entry != nobody && entry.Region != s.Region // its own region knows more
	return entry, a.Active || elsewhere, nil
}

func normal(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

// check refuses what cannot be an account, and fills in the location.
func (s *Service) check(in *SignUp) error {
	if a, err := mail.ParseAddress(in.Email); err != nil || a.Address != in.Email || len(in.Email) > 254 {
		return backup.Field("email", "Enter an e-mail address such as name@example.com.")
	}
	in.Company, in.Name = strings.TrimSpace(in.Company), strings.TrimSpace(in.Name)
	if !line(in.Company, 1, 100) {
		return backup.Field("company", "Enter the company's name, at most 100 characters on one line.")
	}
	if !line(in.Name, 0, 100) {
		return backup.Field("name", "Enter your name, at most 100 characters on one line.")
	}
	if err := checkPassword(in.Password, in.Email); err != nil {
		return err
	}
	here := Locations(s.Region)
	if in.Location == "" && len(here) > 0 {
		in.Location = here[0].ID
	}
	for _, l := range here {
		if l.ID == in.Location {
			return nil
		}
	}
	return backup.Field("location", "Accounts at this location cannot be made here.")
}

// line reports whether s is one line of shortest to longest characters.
func line(s string, shortest, longest int) bool {
	n := utf8.RuneCountInString(s)
	return n >= shortest && n <= longest && utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}
