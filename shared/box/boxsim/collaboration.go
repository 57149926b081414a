package boxsim

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"coffer/shared/backup"
)

// collaboration gives a user or a group a role on an item.
type collaboration struct {
	ID                  string
	Item                backup.ItemRef
	User, Group, Invite string // one of them: user id, group id, or the address of someone without an account
	Role, Status        string // accepted or pending
	By                  string
	Created, Modified   time.Time
	Expires             time.Time
	AccessOnly          bool
	ViewPath            bool
}

// invitableRoles are the roles that an invitation may give.
var invitableRoles = []string{"editor", "viewer", "previewer", "uploader", "previewer uploader", "viewer uploader", "co-owner"}

func (s *Sim) collaborationRoutes() {
	s.handle("POST /2.0/collaborations", http.StatusCreated, createCollaboration)
	s.handle("GET /2.0/collaborations", http.StatusOK, listPending)
	s.handle("GET /2.0/collaborations/{id}", http.StatusOK, func(c *call) (any, error) {
		co, err := c.collab()
		if err != nil {
			return nil, err
		}
		return c.showCollab(co), nil
	})
	s.handle("PUT /2.0/collaborations/{id}", http.StatusOK, updateCollaboration)
	s.handle("DELETE /2.0/collaborations/{id}", http.StatusNoContent, deleteCollaboration)
	s.handle("GET /2.0/files/{id}/collaborations", http.StatusOK, func(c *call) (any, error) { return listCollaborations(c, backup.File) })
	s.handle("GET /2.0/folders/{id}/collaborations", http.StatusOK, func(c *call) (any, error) { return listCollaborations(c, backup.Folder) })
}

func (c *call) showCollab(co *collaboration) object {
	out := object{
		"type": "collaboration", "id": co.ID, "role": co.Role, "status": co.Status, "created_by": c.userMini(co.By),
		"created_at": stamp(co.Created), "modified_at": stamp(co.Modified), "expires_at": stampOrNull(co.Expires),
		"is_access_only": co.AccessOnly, "can_view_path": co.ViewPath, "invite_email": nil, "item": nil,
	}
	if it := c.Items[co.Item]; it != nil && co.Status == "accepted" {
		out["item"] = c.mini(it)
	}
	switch {
	case co.Invite != "":
		out["accessible_by"], out["invite_email"] = object{"type": "user", "id": "0", "name": "", "login": ""}, co.Invite
	case co.Group != "":
		out["accessible_by"] = c.groupMini(co.Group)
	default:
		out["accessible_by"] = c.userMini(co.User)
	}
	if co.Status == "accepted" {
		out["acknowledged_at"] = stamp(co.Created)
	}
	return out
}

// invite makes the collaboration known. Users of other enterprises are
// external collaborators; whoever has no account stays pending.
func (s *Sim) invite(by *user, it *item, co collaboration) (*collaboration, error) {
	if !slices.Contains(invitableRoles, co.Role) {
		return nil, invalid("role", "Invalid value '%s'.", co.Role)
	}
	for _, id := range s.collabsOf[it.ItemRef] {
		if other := s.Collabs[id]; other.User == co.User && other.Group == co.Group && other.Invite == co.Invite {
			return nil, refuse(http.StatusBadRequest, "user_already_collaborator", "User is already a collaborator")
		}
	}
	if co.User == it.Owner {
		return nil, refuse(http.StatusBadRequest, "user_already_collaborator", "User is already a collaborator")
	}
	co.ID, co.Item, co.By, co.Status = s.nextID("collaboration"), it.ItemRef, by.ID, "accepted"
	co.Created = s.now()
	co.Modified = co.Created
	userType, adminType := "COLLAB_ADD_COLLABORATOR", "COLLABORATION_ACCEPT"
	if co.Invite != "" {
		co.Status = "pending"
		userType, adminType = "COLLAB_INVITE_COLLABORATOR", "COLLABORATION_INVITE"
	}
	s.Collabs[co.ID] = &co
	s.indexCollab(&co)
	s.emitCollab(by, &co, userType, adminType)
	return &co, nil
}

func (s *Sim) indexCollab(co *collaboration) {
	s.collabsOf[co.Item] = append(s.collabsOf[co.Item], co.ID)
	if grantee := co.User + co.Group; grantee != "" {
		s.collabsFor[grantee] = append(s.collabsFor[grantee], co.ID)
	}
}

func (s *Sim) dropCollab(co *collaboration) {
	without := func(list []string) []string {
		return slices.DeleteFunc(list, func(id string) bool { return id == co.ID })
	}
	s.collabsOf[co.Item] = without(s.collabsOf[co.Item])
	if grantee := co.User + co.Group; grantee != "" {
		s.collabsFor[grantee] = without(s.collabsFor[grantee])
	}
	delete(s.Collabs, co.ID)
}

func createCollaboration(c *call) (any, error) {
	var in struct {
		Item         reference `json:"item"`
		AccessibleBy struct {
			Type, ID, Login string
		} `json:"accessible_by"`
		Role       string    `json:"role"`
		AccessOnly bool      `json:"is_access_only"`
		ViewPath   bool      `json:"can_view_path"`
		Expires    time.Time `json:"expires_at"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	it, err := c.find(in.Item.item().Kind, in.Item.ID, canInvite)
	if err != nil {
		return nil, err
	}
	if it.isRoot() {
		return nil, forbidden()
	}
	co := collaboration{Role: in.Role, AccessOnly: in.AccessOnly, ViewPath: in.ViewPath, Expires: in.Expires}
	who := in.AccessibleBy
	switch {
	case who.Type == "group":
		if c.Groups[who.ID] == nil {
			return nil, notFound()
		}
		co.Group = who.ID
	case who.ID != "":
		if c.Users[who.ID] == nil {
			return nil, notFound()
		}
		co.User = who.ID
	default:
		if u := c.byLogin(who.Login); u != nil {
			co.User = u.ID
		} else {
			co.Invite = strings.ToLower(who.Login)
		}
	}
	made, err := c.invite(c.user, it, co)
	if err != nil {
		return nil, err
	}
	return c.showCollab(made), nil
}

// collab finds a collaboration of which the caller is part.
func (c *call) collab() (*collaboration, error) {
	co := c.Collabs[c.r.PathValue("id")]
	if co == nil || co.User != c.user.ID && c.rightsOn(c.user, c.Items[co.Item]) == 0 {
		return nil, notFound()
	}
	return co, nil
}

func updateCollaboration(c *call) (any, error) {
	co, err := c.collab()
	if err != nil {
		return nil, err
	}
	var in struct {
		Role     string     `json:"role"`
		Status   string     `json:"status"`
		Expires  *time.Time `json:"expires_at"`
		ViewPath *bool      `json:"can_view_path"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	it := c.Items[co.Item]
	if in.Role != "" && c.rightsOn(c.user, it)&canInvite == 0 {
		return nil, forbidden()
	}
	if in.Role == "owner" {
		return c.giveAway(co, it)
	}
	if in.Role != "" {
		if !slices.Contains(invitableRoles, in.Role) {
			return nil, invalid("role", "Invalid value '%s'.", in.Role)
		}
		co.Role = in.Role
	}
	if in.Status != "" {
		co.Status = in.Status
	}
	if in.Expires != nil {
		co.Expires = *in.Expires
	}
	if in.ViewPath != nil {
		co.ViewPath = *in.ViewPath
	}
	co.Modified = c.now()
	adminType := "COLLABORATION_ROLE_CHANGE"
	if in.Expires != nil && in.Role == "" {
		adminType = "UPDATE_COLLABORATION_EXPIRATION"
	}
	c.emitCollab(c.user, co, "COLLAB_ROLE_CHANGE", adminType)
	return c.showCollab(co), nil
}

// giveAway makes a collaborator the owner, who finds the item in their root
// folder; the former owner becomes an editor.
func (c *call) giveAway(co *collaboration, it *item) (any, error) {
	former, heir := c.Users[it.Owner], c.Users[co.User]
	if former != c.user || heir == nil {
		return nil, forbidden()
	}
	c.dropCollab(co)
	if err := c.move(c.user, it, root(heir), it.Name); err != nil {
		return nil, err
	}
	if _, err := c.invite(heir, it, collaboration{User: former.ID, Role: "editor"}); err != nil {
		return nil, err
	}
	return reply{status: http.StatusNoContent}, nil
}

func deleteCollaboration(c *call) (any, error) {
	co, err := c.collab()
	if err != nil {
		return nil, err
	}
	it := c.Items[co.Item]
	if co.User != c.user.ID && c.rightsOn(c.user, it)&canInvite == 0 {
		return nil, forbidden()
	}
	c.emitCollab(c.user, co, "COLLAB_REMOVE_COLLABORATOR", "COLLABORATION_REMOVE")
	c.dropCollab(co)
	return nil, nil
}

func listCollaborations(c *call, kind backup.ItemKind) (any, error) {
	it, err := c.subject(kind, 0)
	if err != nil {
		return nil, err
	}
	list := c.collabList(c.collabsOf[it.ItemRef])
	q := c.query()
	if q.Get("usemarker") == "true" || q.Get("marker") != "" || q.Get("limit") != "" {
		p, err := c.page()
		if err != nil {
			return nil, err
		}
		return markerPage(p, list, func(co *collaboration) string { return co.ID }, c.showCollab), nil
	}
	return object{"total_count": len(list), "entries": shown(list, c.showCollab), "next_marker": nil}, nil
}

func (c *call) collabList(ids []string) []*collaboration {
	list := make([]*collaboration, len(ids))
	for i, id := range ids {
		list[i] = c.Collabs[id]
	}
	slices.SortFunc(list, func(a, b *collaboration) int { return compareIDs(a.ID, b.ID) })
	return list
}

func listPending(c *call) (any, error) {
	p, err := c.page()
	if err != nil {
		return nil, err
	}
	if c.query().Get("status") != "pending" {
		return nil, invalid("status", "Invalid value '%s'.", c.query().Get("status"))
	}
	list := slices.DeleteFunc(c.collabList(c.collabsFor[c.user.ID]), func(co *collaboration) bool { return co.Status != "pending" })
	return offsetPage(p, list, c.showCollab), nil
}
