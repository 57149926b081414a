package boxsim

import (
	"net/http"
	"slices"
	"strings"

	"coffer/shared/backup"
)

func (s *Sim) userRoutes() {
	s.handle("GET /2.0/users", http.StatusOK, listUsers)
	s.handle("POST /2.0/users", http.StatusCreated, createUser)
	s.handle("GET /2.0/users/me", http.StatusOK, func(c *call) (any, error) { return c.showUser(c.user, c.fields), nil })
	s.handle("GET /2.0/users/{id}", http.StatusOK, getUser)
	s.handle("PUT /2.0/users/{id}", http.StatusOK, updateUser)
	s.handle("DELETE /2.0/users/{id}", http.StatusNoContent, deleteUser)
	s.handle("PUT /2.0/users/{id}/folders/0", http.StatusOK, transferContent)
}

// members returns an enterprise's users, oldest first, without service
// accounts.
func (s *Sim) members(enterprise string) []*user {
	var list []*user
	for _, u := range s.Users {
		if u.Enterprise == enterprise && !u.Service {
			list = append(list, u)
		}
	}
	slices.SortFunc(list, func(a, b *user) int { return compareIDs(a.ID, b.ID) })
	return list
}

func (s *Sim) userMini(id string) object {
	u := s.Users[id]
	if u == nil {
		return object{"type": "user", "id": id, "name": "", "login": ""}
	}
	return object{"type": "user", "id": u.ID, "name": u.Name, "login": u.Login}
}

func (s *Sim) displayName(id string) string {
	if u := s.Users[id]; u != nil {
		return u.Name
	}
	return ""
}

var standardUserFields = []string{
	"name", "login", "created_at", "modified_at", "language", "timezone", "space_amount", "space_used",
	"max_upload_size", "status", "job_title", "phone", "address", "avatar_url", "notification_email",
}

func (s *Sim) showUser(u *user, fields []string) object {
	if fields == nil {
		fields = standardUserFields
	}
	out := object{"type": "user", "id": u.ID}
	for _, name := range fields {
		if value, ok := s.userField(u, name); ok {
			out[name] = value
		}
	}
	return out
}

func (s *Sim) userField(u *user, name string) (any, bool) {
	switch name {
	case "name":
		return u.Name, true
	case "login":
		return u.Login, true
	case "created_at":
		return stamp(u.Created), true
	case "modified_at":
		return stamp(u.Modified), true
	case "language":
		return "en", true
	case "timezone":
		return pacific.String(), true
	case "space_amount":
		return u.Space, true
	case "space_used":
		return s.shelf(backup.RootFolder, u.ID).bytes, true
	case "max_upload_size":
		return u.MaxUpload, true
	case "status":
		return u.Status, true
	case "role":
		return string(u.Role), true
	case "job_title":
		return u.JobTitle, true
	case "phone":
		return u.Phone, true
	case "address":
		return u.Address, true
	case "avatar_url":
		return "https://app.box.com/api/avatar/large/" + u.ID, true
	case "notification_email":
		return nil, true
	case "enterprise":
		e := s.Enterprises[u.Enterprise]
		return object{"type": "enterprise", "id": e.ID, "name": e.Name}, true
	case "tracking_codes", "my_tags":
		return []object{}, true
	case "is_sync_enabled", "can_see_managed_users":
		return true, true
	case "is_external_collab_restricted", "is_exempt_from_device_limits", "is_exempt_from_login_verification":
		return false, true
	case "is_platform_access_only":
		return u.PlatformOnly, true
	case "external_app_user_id":
		return u.ExternalID, u.ExternalID != ""
	case "hostname":
		return "https://app.box.com/", true
	}
	return nil, false
}

func listUsers(c *call) (any, error) {
	if !c.administers() {
		return nil, forbidden()
	}
	q := c.query()
	term := strings.ToLower(q.Get("filter_term"))
	var users []*user
	for _, u := range c.Users {
		own := u.Enterprise == c.user.Enterprise && !u.Service
		switch q.Get("user_type") {
		case "external":
			own = u.Enterprise != c.user.Enterprise && term != "" && u.Login == term
		case "all":
			own = own || u.Enterprise != c.user.Enterprise && term != "" && u.Login == term
		}
		if own && (term == "" || strings.HasPrefix(u.Login, term) || strings.HasPrefix(strings.ToLower(u.Name), term)) &&
			(q.Get("external_app_user_id") == "" || q.Get("external_app_user_id") == u.ExternalID) {
			users = append(users, u)
		}
	}
	slices.SortFunc(users, func(a, b *user) int { return compareIDs(a.ID, b.ID) })
	return paged(c, users, func(u *user) string { return u.ID }, func(u *user) object { return c.showUser(u, c.fields) })
}

// person finds a user whom the caller may see.
func (c *call) person(id string) (*user, error) {
	u := c.Users[id]
	if u == nil || u != c.user && (u.Enterprise != c.user.Enterprise || !c.administers()) {
		return nil, notFound()
	}
	return u, nil
}

func getUser(c *call) (any, error) {
	u, err := c.person(c.r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return c.showUser(u, c.fields), nil
}

// userInput is the body of user creations and updates.
type userInput struct {
	Name         *string `json:"name"`
	Login        *string `json:"login"`
	Role         *Role   `json:"role"`
	Status       *string `json:"status"`
	SpaceAmount  *int64  `json:"space_amount"`
	JobTitle     *string `json:"job_title"`
	Phone        *string `json:"phone"`
	Address      *string `json:"address"`
	PlatformOnly bool    `json:"is_platform_access_only"`
	ExternalID   *string `json:"external_app_user_id"`
}

func (in userInput) apply(s *Sim, u *user) error {
	if in.Login != nil && !strings.EqualFold(*in.Login, u.Login) {
		if s.byLogin(*in.Login) != nil {
			return refuse(http.StatusConflict, "user_login_already_used", "User with the specified login already exists")
		}
		u.Login = strings.ToLower(*in.Login)
	}
	for to, from := range map[*string]*string{
		&u.Name: in.Name, &u.Status: in.Status, &u.JobTitle: in.JobTitle,
		&u.Phone: in.Phone, &u.Address: in.Address, &u.ExternalID: in.ExternalID,
	} {
		if from != nil {
			*to = *from
		}
	}
	if in.Role != nil {
		u.Role = *in.Role
	}
	if in.SpaceAmount != nil {
		u.Space = *in.SpaceAmount
		if u.Space < 0 {
			u.Space = 1 << 50
		}
	}
	u.Modified = s.now()
	return nil
}

func (s *Sim) byLogin(login string) *user {
	for _, u := range s.Users {
		if strings.EqualFold(u.Login, login) {
			return u
		}
	}
	return nil
}

func createUser(c *call) (any, error) {
	var in userInput
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	switch {
	case !c.administers():
		return nil, forbidden()
	case in.Name == nil || *in.Name == "":
		return nil, invalid("name", "Invalid value ''.")
	case in.Login == nil && !in.PlatformOnly:
		return nil, invalid("login", "Invalid value ''.")
	}
	login := ""
	if in.PlatformOnly {
		login = "AppUser_" + c.opaque(16) + "@boxdevedition.com"
	} else if c.byLogin(*in.Login) != nil {
		return nil, refuse(http.StatusConflict, "user_login_already_used", "User with the specified login already exists")
	}
	if in.Login != nil {
		login = *in.Login
	}
	u := c.addUser(c.user.Enterprise, *in.Name, login, Member)
	u.PlatformOnly = in.PlatformOnly
	if err := in.apply(c.Sim, u); err != nil {
		return nil, err
	}
	return c.showUser(u, c.fields), nil
}

func updateUser(c *call) (any, error) {
	u, err := c.person(c.r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	var in userInput
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	if err := in.apply(c.Sim, u); err != nil {
		return nil, err
	}
	c.emitUser(u, "EDIT_USER")
	return c.showUser(u, c.fields), nil
}

func deleteUser(c *call) (any, error) {
	u, err := c.person(c.r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	if !c.administers() {
		return nil, forbidden()
	}
	owned := c.shelf(backup.RootFolder, u.ID).children()
	if len(owned) > 0 && c.query().Get("force") != "true" {
		return nil, refuse(http.StatusBadRequest, "bad_request", "The user still owns content")
	}
	for _, it := range slices.Clone(owned) {
		c.displace(it)
		c.purge(it)
	}
	for _, it := range slices.Clone(c.trash[u.ID]) {
		c.purge(it)
	}
	c.emitUser(u, "DELETE_USER")
	for _, id := range slices.Clone(c.collabsFor[u.ID]) {
		c.dropCollab(c.Collabs[id])
	}
	c.revoke(func(g *grant) bool { return g.User == u.ID })
	delete(c.Users, u.ID)
	return nil, nil
}

// transferContent moves all that a user owns into a new folder of another
// user, as administrators do when someone leaves.
func transferContent(c *call) (any, error) {
	from, err := c.person(c.r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	var in struct {
		OwnedBy reference `json:"owned_by"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	to, err := c.person(in.OwnedBy.ID)
	if err != nil || !c.administers() {
		return nil, forbidden()
	}
	into, err := c.newFolder(to, root(to), from.Login+" - "+from.Name+"'s Files and Folders")
	if err != nil {
		return nil, err
	}
	for _, it := range slices.Clone(c.shelf(backup.RootFolder, from.ID).children()) {
		if err := c.move(c.user, it, into, it.Name); err != nil {
			return nil, err
		}
	}
	return c.item(into, c.fields), nil
}
