package box

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
)

// User is a Box user.
type User struct {
	ID            string
	Name          string
	Login         string
	Status        string // active, inactive, cannot_delete_edit, cannot_delete_edit_upload
	Role          string // admin, coadmin, user
	Enterprise    Mini
	SpaceUsed     int64 // bytes
	MaxUploadSize int64 // bytes
	AppUser       bool  // belongs to an application, has no password
}

const userFields = "id,name,login,status,role,enterprise,space_used,max_upload_size,is_platform_access_only"

// UnmarshalJSON reads a user as Box writes it.
func (u *User) UnmarshalJSON(data []byte) error {
	var in struct {
		ID            text          `json:"id"`
		Name          text          `json:"name"`
		Login         text          `json:"login"`
		Status        text          `json:"status"`
		Role          text          `json:"role"`
		Enterprise    Mini          `json:"enterprise"`
		SpaceUsed     number        `json:"space_used"`
		MaxUploadSize number        `json:"max_upload_size"`
		AppUser       lenient[bool] `json:"is_platform_access_only"`
	}
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	*u = User{
		ID: string(in.ID), Name: string(in.Name), Login: string(in.Login), Status: string(in.Status), Role: string(in.Role),
		Enterprise: in.Enterprise, SpaceUsed: int64(in.SpaceUsed), MaxUploadSize: int64(in.MaxUploadSize), AppUser: in.AppUser.value,
	}
	return nil
}

func (u *User) whole() bool { return u.ID != "" }

// Active reports whether the user can be acted as.
func (u *User) Active() bool { return u.Status != "inactive" }

// Me returns the user that the client acts as, with the enterprise.
func (c *Client) Me(ctx context.Context) (User, error) {
	var user User
	err := c.do(ctx, call{
		kind: "user.me", method: http.MethodGet, url: c.api("users", "me"), query: url.Values{"fields": {userFields}},
	}, &user)
	return user, err
}

// Users returns a page of the enterprise's own users, inactive ones included:
// Box has no filter for them.
func (c *Client) Users(ctx context.Context, marker string) (Page[User], error) {
	query := url.Values{"user_type": {"managed"}, "fields": {userFields}}
	return list[User](ctx, c, "user.list", c.api("users"), query, marker)
}
