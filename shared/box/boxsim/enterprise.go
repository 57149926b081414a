package boxsim

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"coffer/shared/backup"
)

// Role is what a user is in their enterprise, spelled as Box spells it.
type Role string

// The roles of users.
const (
	Member  Role = "user"
	Admin   Role = "admin"
	CoAdmin Role = "coadmin"
)

type enterprise struct{ ID, Name string }

// Enterprise is a company with users and authorised applications.
type Enterprise struct {
	ID   string
	Name string
	sim  *Sim
}

// AddEnterprise creates an enterprise without users. Users of different
// enterprises are external to each other.
func (s *Sim) AddEnterprise(name string) *Enterprise {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := &enterprise{ID: s.nextID("enterprise"), Name: name}
	s.Enterprises[e.ID] = e
	return &Enterprise{ID: e.ID, Name: name, sim: s}
}

// FindEnterprise returns an existing enterprise, as after Load.
func (s *Sim) FindEnterprise(name string) (*Enterprise, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.Enterprises {
		if e.Name == name {
			return &Enterprise{ID: e.ID, Name: e.Name, sim: s}, true
		}
	}
	return nil, false
}

// AddUser creates an active user and returns their id.
func (e *Enterprise) AddUser(name, login string, role Role) backup.BoxUserID {
	e.sim.mu.Lock()
	defer e.sim.mu.Unlock()
	u := e.sim.addUser(e.ID, name, login, role)
	return backup.BoxUserID(u.ID)
}

// Users returns the ids of the enterprise's users, oldest first, without
// service accounts.
func (e *Enterprise) Users() []backup.BoxUserID {
	e.sim.mu.Lock()
	defer e.sim.mu.Unlock()
	var ids []backup.BoxUserID
	for _, u := range e.sim.members(e.ID) {
		ids = append(ids, backup.BoxUserID(u.ID))
	}
	return ids
}

// User is what the simulator knows of a user.
type User struct {
	ID          backup.BoxUserID
	Name, Login string
	Role        Role
	Status      string
	Bytes       int64 // of all that the user owns, without the trash
}

// User returns a user, or false if there is none of that id.
func (s *Sim) User(id backup.BoxUserID) (User, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.Users[string(id)]
	if u == nil {
		return User{}, false
	}
	return User{
		ID: id, Name: u.Name, Login: u.Login, Role: u.Role, Status: u.Status,
		Bytes: s.shelf(backup.RootFolder, u.ID).bytes,
	}, true
}

// SetStatus makes a user "active", "inactive", "cannot_delete_edit" or
// "cannot_delete_edit_upload".
func (s *Sim) SetStatus(id backup.BoxUserID, status string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Users[string(id)].Status = status
}

// SetUnreachable makes calls as the user fail with the status, 403 or 404, as
// Box does for reasons that it keeps to itself; 0 ends it.
func (s *Sim) SetUnreachable(id backup.BoxUserID, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Users[string(id)].Unreachable = status
}

// SetQuota bounds the user's space and the size of one file, in bytes.
func (s *Sim) SetQuota(id backup.BoxUserID, space, upload int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.Users[string(id)]
	u.Space, u.MaxUpload = space, upload
}

// App is an application that the enterprise has authorised, with the service
// account that it acts as.
type App struct {
	ClientID, ClientSecret string
	Enterprise             string
	Service                backup.BoxUserID
	sim                    *Sim
}

// AddApp authorises an application. An empty client id or secret is made up.
// Its redirect addresses must match exactly, as at Box; adding an application
// again replaces them, and its secret.
func (e *Enterprise) AddApp(clientID, secret string, redirectURIs ...string) *App {
	s := e.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	if clientID == "" {
		clientID = s.opaque(32)
	}
	if secret == "" {
		secret = s.opaque(32)
	}
	known := s.Apps[clientID]
	if known == nil || known.Enterprise != e.ID {
		service := s.addUser(e.ID, "Coffer", fmt.Sprintf("AutomationUser_%d_%s@boxdevedition.com", len(s.Apps)+1, s.opaque(10)), Member)
		service.Service, service.Space = true, 10<<30
		known = &app{ClientID: clientID, Enterprise: e.ID, Service: service.ID, Authorized: true}
		s.Apps[clientID] = known
	}
	known.Secret, known.Redirects = secret, redirectURIs
	return &App{ClientID: clientID, ClientSecret: secret, Enterprise: e.ID, Service: backup.BoxUserID(known.Service), sim: s}
}

// Apps returns the applications that the enterprise has authorised.
func (e *Enterprise) Apps() []*App {
	e.sim.mu.Lock()
	defer e.sim.mu.Unlock()
	var list []*App
	for _, id := range slices.Sorted(maps.Keys(e.sim.Apps)) {
		if a := e.sim.Apps[id]; a.Enterprise == e.ID {
			list = append(list, &App{ClientID: id, ClientSecret: a.Secret, Enterprise: e.ID, Service: backup.BoxUserID(a.Service), sim: e.sim})
		}
	}
	return list
}

// Deauthorize takes back the enterprise's authorisation: every token of the
// application stops working and no new one is given.
func (a *App) Deauthorize() {
	a.sim.mu.Lock()
	defer a.sim.mu.Unlock()
	a.sim.Apps[a.ClientID].Authorized = false
	a.sim.revoke(func(g *grant) bool { return g.App == a.ClientID })
}

// Authorize gives it again. Old tokens stay dead.
func (a *App) Authorize() {
	a.sim.mu.Lock()
	defer a.sim.mu.Unlock()
	a.sim.Apps[a.ClientID].Authorized = true
}

func (s *Sim) addUser(enterpriseID, name, login string, role Role) *user {
	u := &user{
		ID: s.nextID("user"), Name: name, Login: strings.ToLower(login), Role: role, Enterprise: enterpriseID,
		Status: "active", Space: 1 << 50, MaxUpload: 150 << 30, Created: s.now(),
	}
	u.Modified = u.Created
	s.Users[u.ID] = u
	s.emitUser(u, "NEW_USER")
	return u
}

// user is a person, or the service account of an application.
type user struct {
	ID, Name, Login   string
	Role              Role
	Enterprise        string
	Status            string
	Service           bool
	Unreachable       int // status of calls as this user, or 0
	Space, MaxUpload  int64
	Created, Modified time.Time
	PlatformOnly      bool
	ExternalID        string
	JobTitle, Phone   string
	Address           string
}

// room refuses content that the owner of a folder has no space for.
func (s *Sim) room(owner string, size int64) error {
	u := s.Users[owner]
	switch {
	case size > u.MaxUpload:
		return refuse(http.StatusForbidden, "file_size_limit_exceeded", "File size exceeds the folder owner's file size limit")
	case s.shelf(backup.RootFolder, owner).bytes+size > u.Space:
		return refuse(http.StatusForbidden, "storage_limit_exceeded", "Account storage limit reached")
	}
	return nil
}
