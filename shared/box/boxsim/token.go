package boxsim

import (
	"net/http"
	"time"

	"coffer/shared/backup"
)

// TokenMode says what Box does with a refresh token that is used twice.
type TokenMode int

// The modes. The first is what Box is seen to do.
const (
	// SamePair answers with the same new pair until that pair is first used,
	// which ends the old pair, access token included.
	SamePair TokenMode = iota
	// OneUse refuses the second use.
	OneUse
	// Conflict answers 409 for a few seconds, then refuses.
	Conflict
)

const (
	accessLife   = time.Hour
	refreshLife  = 60 * 24 * time.Hour
	conflictTime = 5 * time.Second
)

// grant is an access token and, where there is one, its refresh token.
type grant struct {
	Access, Refresh           string
	App, User                 string
	AccessUntil, RefreshUntil time.Time
	Replaces                  string // access token of the pair before, until this one is used
	Next                      string // access token of the pair after
	Spent                     time.Time
	Used                      bool
}

// Token returns a new access token of the user, for tests. It lasts until the
// virtual clock is moved by an hour.
func (s *Sim) Token(as backup.BoxUserID) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mint(&grant{User: string(as)}, false).Access
}

// Pair returns a new access and refresh token of the user for the application,
// as if the user had just consented.
func (a *App) Pair(as backup.BoxUserID) backup.Token {
	a.sim.mu.Lock()
	defer a.sim.mu.Unlock()
	g := a.sim.mint(&grant{App: a.ClientID, User: string(as)}, true)
	return backup.Token{Access: g.Access, Refresh: g.Refresh, Expiry: g.AccessUntil}
}

// RevokeTokens ends every token of the user, as when they change their mind in
// Box's settings.
func (s *Sim) RevokeTokens(id backup.BoxUserID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revoke(func(g *grant) bool { return g.User == string(id) })
}

// mint issues tokens for the grant's application and user.
func (s *Sim) mint(g *grant, refreshable bool) *grant {
	g.Access, g.AccessUntil = s.opaque(32), s.now().Add(accessLife)
	if !refreshable {
		g.Access = "1!" + s.opaque(200) + "-_"
	} else {
		g.Refresh, g.RefreshUntil = s.opaque(64), s.now().Add(refreshLife)
		s.refreshes[g.Refresh] = g
	}
	s.Grants[g.Access] = g
	return g
}

func (s *Sim) revoke(which func(*grant) bool) {
	for _, g := range s.Grants {
		if which(g) {
			s.forget(g)
		}
	}
}

func (s *Sim) forget(g *grant) {
	delete(s.Grants, g.Access)
	delete(s.refreshes, g.Refresh)
}

// use returns the user of an access token. Its first use ends the pair that it
// replaces.
func (s *Sim) use(access string) (*user, *failure) {
	g := s.Grants[access]
	if g == nil || !s.now().Before(g.AccessUntil) {
		return nil, invalidToken()
	}
	u := s.Users[g.User]
	if u == nil || u.Status == "inactive" {
		return nil, invalidToken()
	}
	s.settle(g)
	return u, nil
}

func (s *Sim) settle(g *grant) {
	g.Used = true
	if before := s.Grants[g.Replaces]; before != nil {
		s.forget(before)
	}
	g.Replaces = ""
}

// refresh exchanges a refresh token.
func (s *Sim) refresh(client *app, token string) (*grant, *oauthError) {
	g := s.refreshes[token]
	switch {
	case g == nil || g.App != client.ClientID:
		return nil, &oauthError{http.StatusBadRequest, "invalid_grant", "Invalid refresh token"}
	case !s.now().Before(g.RefreshUntil):
		return nil, &oauthError{http.StatusBadRequest, "invalid_grant", "Refresh token has expired"}
	case g.Spent.IsZero():
	case s.opt.Tokens == SamePair && s.Grants[g.Next] != nil && !s.Grants[g.Next].Used:
		return s.Grants[g.Next], nil
	case s.opt.Tokens == Conflict && s.now().Sub(g.Spent) < conflictTime:
		return nil, &oauthError{http.StatusConflict, "conflict", "The refresh token is being used"}
	default:
		return nil, &oauthError{http.StatusBadRequest, "invalid_grant", "Refresh token has expired"}
	}
	next := s.mint(&grant{App: g.App, User: g.User}, true)
	g.Spent, g.Next = s.now(), next.Access
	if s.opt.Tokens == SamePair {
		s.settle(g)
		next.Replaces = g.Access
	}
	return next, nil
}
