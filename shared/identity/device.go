package identity

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"coffer/shared/account"
	"coffer/shared/backup"
)

const (
	// DeviceTime is how long a browser stays known after a sign-in.
	DeviceTime = 90 * 24 * time.Hour
	// maxDevices bounds what a program that signs in anew each time leaves.
	maxDevices = 20
)

// knows reports whether the browser is a device of the user: one that the user
// signed in with before.
func (s *Service) knows(ctx context.Context, id backup.AccountID, user backup.UserID, from Client) (bool, error) {
	if from.Device == "" {
		return false, nil
	}
	d, err := s.Accounts.Device(ctx, id, user, from.Device)
	if backup.KindOf(err) == backup.NotFound {
		return false, nil
	}
	return err == nil && s.Now().Before(d.Until), err
}

// remember makes the browser a device of u, or keeps it one, and returns what
// its cookie is to carry.
func (s *Service) remember(ctx context.Context, u account.User, from Client, known bool) (string, error) {
	d := account.Device{Account: u.Account, User: u.ID, Secret: from.Device, Until: s.Now().Add(DeviceTime)}
	if !known {
		d.Secret = backup.NewID()
	}
	return d.Secret, s.Accounts.PutDevice(ctx, d, maxDevices)
}

// try counts a try with a user's password before it is made: on the address it
// comes from and on the user, or, where the browser is known, on that alone. So
// strangers who guess lock themselves and those whom nobody has seen before,
// but not the user at home.
func (s *Service) try(ctx context.Context, email string, from Client, known bool) error {
	if known {
		return s.attempt(ctx, onDevice(from))
	}
	if err := s.attempt(ctx, onAddress(from)); err != nil {
		return err
	}
	return s.attempt(ctx, onUser(email))
}

// forgive takes back what try counted, for the password was right. The user's
// count is cleared; the address's loses one only, or a guesser could clear it
// with an own account.
func (s *Service) forgive(ctx context.Context, email string, from Client, known bool) error {
	if known {
		return s.Accounts.ForgetAttempts(ctx, onDevice(from))
	}
	return errors.Join(s.Accounts.ForgetAttempts(ctx, onUser(email)), s.Accounts.ForgiveAttempt(ctx, onAddress(from)))
}

// What tries are counted on.
func onDevice(from Client) string  { return "sign-in with " + from.Device }
func onUser(email string) string   { return "sign-in as " + email }
func onAddress(from Client) string { return "sign-in from " + network(from.Address) }

// network is what counts as one source: an IPv4 address, or the network that an
// IPv6 address is in, whose owner has all addresses of it to choose from.
func network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	if a = a.Unmap().WithZone(""); a.Is4() {
		return a.String()
	}
	return netip.PrefixFrom(a, 64).Masked().String()
}
