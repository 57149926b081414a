package boxsim

import (
	"net/http"
	"strings"

	"coffer/shared/backup"
)

func (s *Sim) webLinkRoutes() {
	s.handle("POST /2.0/web_links", http.StatusOK, createWebLink)
	s.handle("GET /2.0/web_links/{id}", http.StatusOK, func(c *call) (any, error) {
		it, err := c.subject(backup.WebLink, 0)
		if err != nil {
			return nil, err
		}
		return c.item(it, c.fields), nil
	})
	s.handle("PUT /2.0/web_links/{id}", http.StatusOK, func(c *call) (any, error) { return c.update(backup.WebLink) })
	s.handle("DELETE /2.0/web_links/{id}", http.StatusNoContent, func(c *call) (any, error) { return c.remove(backup.WebLink) })
}

func checkURL(address string) error {
	if !strings.HasPrefix(address, "http://") && !strings.HasPrefix(address, "https://") {
		return invalid("url", "Invalid value '%s'.", address)
	}
	return nil
}

func (s *Sim) newWebLink(by *user, parent *item, name, address, description string) (*item, error) {
	if err := checkURL(address); err != nil {
		return nil, err
	}
	if name == "" {
		name = strings.ReplaceAll(strings.TrimSuffix(address, "/"), "/", "_")
	}
	it, err := s.add(by, parent, backup.WebLink, name)
	if err != nil {
		return nil, err
	}
	it.URL, it.Description = address, description
	s.place(it)
	s.emit(by, it, "ITEM_CREATE", "UPLOAD")
	return it, nil
}

func createWebLink(c *call) (any, error) {
	var in struct {
		URL         string    `json:"url"`
		Parent      reference `json:"parent"`
		Name        string    `json:"name"`
		Description string    `json:"description"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	parent, err := c.find(backup.Folder, in.Parent.ID, canUpload)
	if err != nil {
		return nil, err
	}
	it, err := c.newWebLink(c.user, parent, in.Name, in.URL, in.Description)
	if err != nil {
		return nil, err
	}
	return c.item(it, c.fields), nil
}
