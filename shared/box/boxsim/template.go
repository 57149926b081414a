package boxsim

import (
	"net/http"
	"slices"
	"strings"

	"coffer/shared/backup"
)

// template describes a kind of metadata of an enterprise.
type template struct {
	ID, Enterprise, Key, Name string
	Hidden, CopyOnCopy        bool
	Fields                    []field
}

type field struct {
	ID          string   `json:"id"`
	Type        string   `json:"type"`
	Key         string   `json:"key"`
	DisplayName string   `json:"displayName"`
	Hidden      bool     `json:"hidden"`
	Options     []option `json:"options,omitempty"`
}

type option struct {
	ID  string `json:"id"`
	Key string `json:"key"`
}

func (s *Sim) templateRoutes() {
	s.handle("GET /2.0/metadata_templates/enterprise", http.StatusOK, listTemplates)
	s.handle("GET /2.0/metadata_templates/global", http.StatusOK, func(*call) (any, error) {
		return object{"limit": defaultLimit, "next_marker": nil, "entries": []object{{
			"type": "metadata_template", "id": "skills", "scope": "global", "templateKey": "boxSkillsCards",
			"displayName": "Box Skills Cards", "hidden": false, "fields": []field{}, "copyInstanceOnItemCopy": false,
		}}}, nil
	})
	s.handle("POST /2.0/metadata_templates/schema", http.StatusCreated, createTemplate)
	s.handle("GET /2.0/metadata_templates/{scope}/{template}/schema", http.StatusOK, getTemplate)
	s.handle("DELETE /2.0/metadata_templates/{scope}/{template}/schema", http.StatusNoContent, deleteTemplate)
}

// templateKey is a template's place in the state. Each enterprise has its own.
func (s *Sim) templateKey(u *user, key string) string { return u.Enterprise + "/" + key }

func (t *template) show() object {
	fields := t.Fields
	if fields == nil {
		fields = []field{}
	}
	return object{
		"type": "metadata_template", "id": t.ID, "scope": "enterprise_" + t.Enterprise, "templateKey": t.Key,
		"displayName": t.Name, "hidden": t.Hidden, "fields": fields, "copyInstanceOnItemCopy": t.CopyOnCopy,
	}
}

func listTemplates(c *call) (any, error) {
	var list []*template
	for _, t := range c.Templates {
		if t.Enterprise == c.user.Enterprise {
			list = append(list, t)
		}
	}
	slices.SortFunc(list, func(a, b *template) int { return strings.Compare(a.ID, b.ID) })
	p, err := c.page()
	if err != nil {
		return nil, err
	}
	return markerPage(p, list, func(t *template) string { return t.ID }, (*template).show), nil
}

func createTemplate(c *call) (any, error) {
	var in struct {
		Scope      string  `json:"scope"`
		Key        string  `json:"templateKey"`
		Name       string  `json:"displayName"`
		Hidden     bool    `json:"hidden"`
		CopyOnCopy bool    `json:"copyInstanceOnItemCopy"`
		Fields     []field `json:"fields"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	if in.Key == "" {
		in.Key = strings.ReplaceAll(strings.ToLower(in.Name), " ", "")
	}
	key := c.templateKey(c.user, "enterprise."+in.Key)
	switch {
	case !c.administers():
		return nil, forbidden()
	case c.Templates[key] != nil:
		return nil, refuse(http.StatusConflict, "template_already_exists", "Template already exists")
	}
	t := &template{
		ID: c.uuid(), Enterprise: c.user.Enterprise, Key: in.Key, Name: in.Name,
		Hidden: in.Hidden, CopyOnCopy: in.CopyOnCopy, Fields: in.Fields,
	}
	for i := range t.Fields {
		t.Fields[i].ID = c.uuid()
		for j := range t.Fields[i].Options {
			t.Fields[i].Options[j].ID = c.uuid()
		}
	}
	c.Templates[key] = t
	return t.show(), nil
}

func getTemplate(c *call) (any, error) {
	t := c.Templates[c.templateKey(c.user, c.metadataKey())]
	if t == nil {
		return nil, notFound()
	}
	return t.show(), nil
}

func deleteTemplate(c *call) (any, error) {
	key := c.templateKey(c.user, c.metadataKey())
	if c.Templates[key] == nil {
		return nil, notFound()
	}
	if !c.administers() {
		return nil, forbidden()
	}
	delete(c.Templates, key)
	return nil, nil
}

// AddTemplate gives the user's enterprise a metadata template with text fields.
func (s *Sim) AddTemplate(as backup.BoxUserID, key, name string, fields ...string) error {
	return s.act(as, func(c *call) error {
		t := &template{ID: c.uuid(), Enterprise: c.user.Enterprise, Key: key, Name: name}
		for _, f := range fields {
			t.Fields = append(t.Fields, field{ID: c.uuid(), Type: "string", Key: f, DisplayName: f})
		}
		c.Templates[c.templateKey(c.user, "enterprise."+key)] = t
		return nil
	})
}
