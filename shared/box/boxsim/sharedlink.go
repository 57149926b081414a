package boxsim

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"coffer/shared/backup"
)

// sharedLink is an item's public address.
type sharedLink struct {
	Key, Access, Vanity, Password string
	Download, Edit                bool
	Expires                       time.Time
}

const sharedHost = "https://app.box.com/"

func (v view) sharedLink(it *item) any {
	l := it.Shared
	if l == nil {
		return nil
	}
	permission := "can_preview"
	switch {
	case it.Kind == backup.File && l.Edit:
		permission = "can_edit"
	case l.Download:
		permission = "can_download"
	}
	out := object{
		"url": sharedHost + "s/" + l.Key, "download_url": nil, "vanity_url": nil, "vanity_name": nil,
		"access": l.Access, "effective_access": l.Access, "effective_permission": permission,
		"unshared_at": stampOrNull(l.Expires), "is_password_enabled": l.Password != "",
		"permissions":    object{"can_download": l.Download, "can_preview": true, "can_edit": it.Kind == backup.File && l.Edit},
		"download_count": 0, "preview_count": 0,
	}
	if it.Kind == backup.File && l.Download {
		out["download_url"] = sharedHost + "shared/static/" + l.Key
	}
	if l.Vanity != "" {
		out["vanity_url"], out["vanity_name"] = sharedHost+"v/"+l.Vanity, l.Vanity
	}
	return out
}

// relink makes, changes or removes the shared link.
func (c *call) relink(it *item, p patch) error {
	var in *struct {
		Access      string     `json:"access"`
		Password    *string    `json:"password"`
		Vanity      *string    `json:"vanity_name"`
		Expires     *time.Time `json:"unshared_at"`
		Permissions struct {
			Download *bool `json:"can_download"`
			Edit     *bool `json:"can_edit"`
		} `json:"permissions"`
	}
	given, err := read(p, "shared_link", &in)
	if err != nil || !given {
		return err
	}
	if in == nil {
		c.unshare(c.user, it)
		return nil
	}
	if in.Access != "" && !slices.Contains([]string{"open", "company", "collaborators"}, in.Access) {
		return invalid("shared_link.access", "Invalid value '%s'.", in.Access)
	}
	l := c.share(c.user, it, in.Access)
	if in.Password != nil {
		l.Password = *in.Password
	}
	if in.Vanity != nil {
		l.Vanity = *in.Vanity
	}
	if in.Expires != nil {
		l.Expires = *in.Expires
	}
	if in.Permissions.Download != nil {
		l.Download = *in.Permissions.Download
	}
	if in.Permissions.Edit != nil {
		l.Edit = *in.Permissions.Edit
	}
	return nil
}

// share returns the item's shared link, a new one if it has none.
func (s *Sim) share(by *user, it *item, access string) *sharedLink {
	adminType := "ITEM_SHARED_UPDATE"
	if it.Shared == nil {
		it.Shared = &sharedLink{Key: s.opaque(32), Access: "open", Download: true}
		adminType = "SHARE"
	}
	if access != "" {
		it.Shared.Access = access
	}
	s.touch(it, by)
	s.emit(by, it, "ITEM_SHARED_CREATE", adminType)
	return it.Shared
}

func (s *Sim) unshare(by *user, it *item) {
	if it.Shared == nil {
		return
	}
	it.Shared = nil
	s.touch(it, by)
	s.emit(by, it, "ITEM_SHARED_UNSHARE", "UNSHARE")
}

// OpensLink reports whether the item has a shared link that this password
// opens; "" is for one without.
func (s *Sim) OpensLink(ref backup.ItemRef, password string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	it := s.Items[ref]
	return it != nil && it.Shared != nil && it.Shared.Password == password
}

func (s *Sim) sharedRoutes() {
	s.handle("GET /2.0/shared_items", http.StatusOK, func(c *call) (any, error) {
		var address, password string
		for field := range strings.SplitSeq(c.r.Header.Get("BoxApi"), "&") {
			name, value, _ := strings.Cut(field, "=")
			switch name {
			case "shared_link":
				address = value
			case "shared_link_password":
				password = value
			}
		}
		for _, it := range c.Items {
			if l := it.Shared; l == nil || address == "" || address != sharedHost+"s/"+l.Key && address != sharedHost+"v/"+l.Vanity || c.gone(it) {
				continue
			}
			if it.Shared.Password != password {
				return nil, refuse(http.StatusForbidden, "incorrect_shared_item_password", "The shared link password is incorrect")
			}
			return c.item(it, c.fields), nil
		}
		return nil, notFound()
	})
}
