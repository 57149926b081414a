package boxsim

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

type group struct {
	ID, Enterprise, Name, Description string
	Created, Modified                 time.Time
}

type membership struct {
	ID, User, Group, Role string
	Created               time.Time
}

func (s *Sim) groupRoutes() {
	s.handle("GET /2.0/groups", http.StatusOK, listGroups)
	s.handle("POST /2.0/groups", http.StatusCreated, createGroup)
	s.handle("GET /2.0/groups/{id}", http.StatusOK, withGroup(func(c *call, g *group) (any, error) { return g.show(), nil }))
	s.handle("PUT /2.0/groups/{id}", http.StatusOK, withGroup(updateGroup))
	s.handle("DELETE /2.0/groups/{id}", http.StatusNoContent, withGroup(deleteGroup))
	s.handle("GET /2.0/groups/{id}/memberships", http.StatusOK, withGroup(func(c *call, g *group) (any, error) {
		return c.memberships(func(m *membership) bool { return m.Group == g.ID })
	}))
	s.handle("GET /2.0/groups/{id}/collaborations", http.StatusOK, withGroup(func(c *call, g *group) (any, error) {
		p, err := c.page()
		if err != nil {
			return nil, err
		}
		return offsetPage(p, c.collabList(c.collabsFor[g.ID]), c.showCollab), nil
	}))
	s.handle("GET /2.0/users/{id}/memberships", http.StatusOK, func(c *call) (any, error) {
		return c.memberships(func(m *membership) bool { return m.User == c.r.PathValue("id") })
	})
	s.handle("POST /2.0/group_memberships", http.StatusCreated, createMembership)
	s.handle("GET /2.0/group_memberships/{id}", http.StatusOK, withMembership(func(c *call, m *membership) (any, error) {
		return c.showMembership(m), nil
	}))
	s.handle("PUT /2.0/group_memberships/{id}", http.StatusOK, withMembership(func(c *call, m *membership) (any, error) {
		var in struct{ Role string }
		if err := c.decode(&in); err != nil {
			return nil, err
		}
		m.Role = in.Role
		return c.showMembership(m), nil
	}))
	s.handle("DELETE /2.0/group_memberships/{id}", http.StatusNoContent, withMembership(func(c *call, m *membership) (any, error) {
		c.leave(m)
		return nil, nil
	}))
}

func (g *group) show() object {
	return object{
		"type": "group", "id": g.ID, "name": g.Name, "group_type": "managed_group", "description": g.Description,
		"created_at": stamp(g.Created), "modified_at": stamp(g.Modified),
	}
}

func (s *Sim) groupMini(id string) object {
	name := ""
	if g := s.Groups[id]; g != nil {
		name = g.Name
	}
	return object{"type": "group", "id": id, "name": name, "group_type": "managed_group"}
}

func (c *call) showMembership(m *membership) object {
	return object{
		"type": "group_membership", "id": m.ID, "role": m.Role, "user": c.userMini(m.User), "group": c.groupMini(m.Group),
		"created_at": stamp(m.Created), "modified_at": stamp(m.Created),
	}
}

// withGroup finds the group in the path; only administrators change groups.
func withGroup(op func(*call, *group) (any, error)) operation {
	return func(c *call) (any, error) {
		g := c.Groups[c.r.PathValue("id")]
		if g == nil || g.Enterprise != c.user.Enterprise {
			return nil, notFound()
		}
		if c.r.Method != http.MethodGet && !c.administers() {
			return nil, forbidden()
		}
		return op(c, g)
	}
}

func withMembership(op func(*call, *membership) (any, error)) operation {
	return func(c *call) (any, error) {
		m := c.Members[c.r.PathValue("id")]
		if m == nil || c.Groups[m.Group].Enterprise != c.user.Enterprise {
			return nil, notFound()
		}
		if c.r.Method != http.MethodGet && !c.administers() {
			return nil, forbidden()
		}
		return op(c, m)
	}
}

func listGroups(c *call) (any, error) {
	term := strings.ToLower(c.query().Get("filter_term"))
	var list []*group
	for _, g := range c.Groups {
		if g.Enterprise == c.user.Enterprise && strings.HasPrefix(strings.ToLower(g.Name), term) {
			list = append(list, g)
		}
	}
	slices.SortFunc(list, func(a, b *group) int { return compareIDs(a.ID, b.ID) })
	p, err := c.page()
	if err != nil {
		return nil, err
	}
	return offsetPage(p, list, (*group).show), nil
}

func createGroup(c *call) (any, error) {
	var in struct{ Name, Description string }
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	if !c.administers() {
		return nil, forbidden()
	}
	for _, g := range c.Groups {
		if g.Enterprise == c.user.Enterprise && strings.EqualFold(g.Name, in.Name) {
			return nil, refuse(http.StatusConflict, "conflict", "A group of this name exists")
		}
	}
	g := &group{ID: c.nextID("group"), Enterprise: c.user.Enterprise, Name: in.Name, Description: in.Description, Created: c.now(), Modified: c.now()}
	c.Groups[g.ID] = g
	return g.show(), nil
}

func updateGroup(c *call, g *group) (any, error) {
	var in struct{ Name, Description *string }
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	if in.Name != nil {
		g.Name = *in.Name
	}
	if in.Description != nil {
		g.Description = *in.Description
	}
	g.Modified = c.now()
	return g.show(), nil
}

func deleteGroup(c *call, g *group) (any, error) {
	for _, m := range c.Members {
		if m.Group == g.ID {
			c.leave(m)
		}
	}
	for _, id := range slices.Clone(c.collabsFor[g.ID]) {
		c.dropCollab(c.Collabs[id])
	}
	delete(c.Groups, g.ID)
	return nil, nil
}

func createMembership(c *call) (any, error) {
	var in struct {
		User  reference `json:"user"`
		Group reference `json:"group"`
		Role  string    `json:"role"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	switch {
	case !c.administers():
		return nil, forbidden()
	case c.Users[in.User.ID] == nil || c.Groups[in.Group.ID] == nil:
		return nil, notFound()
	case c.groupsOf[in.User.ID][in.Group.ID] != nil:
		return nil, refuse(http.StatusConflict, "conflict", "The user is a member already")
	}
	if in.Role == "" {
		in.Role = "member"
	}
	return c.showMembership(c.join(in.User.ID, in.Group.ID, in.Role)), nil
}

func (s *Sim) join(user, group, role string) *membership {
	m := &membership{ID: s.nextID("membership"), User: user, Group: group, Role: role, Created: s.now()}
	s.Members[m.ID] = m
	s.indexMember(m)
	return m
}

func (s *Sim) indexMember(m *membership) {
	if s.groupsOf[m.User] == nil {
		s.groupsOf[m.User] = map[string]*membership{}
	}
	s.groupsOf[m.User][m.Group] = m
}

func (s *Sim) leave(m *membership) {
	delete(s.Members, m.ID)
	delete(s.groupsOf[m.User], m.Group)
}

func (c *call) memberships(in func(*membership) bool) (any, error) {
	var list []*membership
	for _, m := range c.Members {
		if in(m) {
			list = append(list, m)
		}
	}
	slices.SortFunc(list, func(a, b *membership) int { return compareIDs(a.ID, b.ID) })
	p, err := c.page()
	if err != nil {
		return nil, err
	}
	return offsetPage(p, list, c.showMembership), nil
}
