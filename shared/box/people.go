package box

import (
	"context"
	"encoding/json"
	"net/url"
)

// Record is a user, a group or a membership with what Box tells of it.
type Record struct {
	ID  string
	All json.RawMessage // as Box describes it
}

// UnmarshalJSON keeps the record as Box writes it.
func (r *Record) UnmarshalJSON(data []byte) error {
	var in struct {
		ID text `json:"id"`
	}
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	r.ID, r.All = string(in.ID), append(json.RawMessage(nil), data...)
	return nil
}

// What of people and groups lasts: not how much they have stored, or when
// anything of them was changed.
const (
	personFields = "id,name,login,status,role,job_title,phone,address,language,timezone,space_amount,max_upload_size,created_at,tracking_codes," +
		"can_see_managed_users,is_sync_enabled,is_external_collab_restricted,is_exempt_from_device_limits,is_exempt_from_login_verification," +
		"is_platform_access_only,external_app_user_id,hostname,notification_email"
	groupFields = "id,name,group_type,created_at,description,provenance,external_sync_identifier,invitability_level,member_viewability_level"
)

// People returns a page of the enterprise's own users with all that lasts of
// them.
func (c *Client) People(ctx context.Context, marker string) (Page[Record], error) {
	query := url.Values{"user_type": {"managed"}, "fields": {personFields}}
	return list[Record](ctx, c, "user.list", c.api("users"), query, marker)
}

// Groups returns the enterprise's groups. It takes an administrator and the
// scope to manage groups.
func (c *Client) Groups(ctx context.Context) ([]Record, error) {
	return all[Record](ctx, c, "group.list", c.api("groups"), url.Values{"fields": {groupFields}})
}

// Members returns who is in a group, with their roles there.
func (c *Client) Members(ctx context.Context, group string) ([]Record, error) {
	return all[Record](ctx, c, "group.members", c.api("groups", group, "memberships"), url.Values{})
}
