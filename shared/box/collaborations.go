package box

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"coffer/shared/backup"
)

// Collaboration is somebody's access to a file or folder.
type Collaboration struct {
	ID           string
	Role         string // editor, viewer, previewer, uploader, previewer uploader, viewer uploader, co-owner, owner
	Status       string // accepted, pending, rejected
	AccessibleBy Mini   // a user or a group; zero while pending
	InviteEmail  string // while pending
	Item         Mini
	CreatedBy    Mini
	CanViewPath  bool
	AccessOnly   bool // does not show the item in the root folder
	ExpiresAt    time.Time
	CreatedAt    time.Time
}

const collaborationFields = "id,role,status,accessible_by,invite_email,item,created_by,can_view_path,is_access_only,expires_at,created_at"

// UnmarshalJSON reads a collaboration as Box writes it.
func (c *Collaboration) UnmarshalJSON(data []byte) error {
	var in struct {
		ID           text          `json:"id"`
		Role         text          `json:"role"`
		Status       text          `json:"status"`
		AccessibleBy Mini          `json:"accessible_by"`
		InviteEmail  text          `json:"invite_email"`
		Item         Mini          `json:"item"`
		CreatedBy    Mini          `json:"created_by"`
		CanViewPath  lenient[bool] `json:"can_view_path"`
		AccessOnly   lenient[bool] `json:"is_access_only"`
		ExpiresAt    moment        `json:"expires_at"`
		CreatedAt    moment        `json:"created_at"`
	}
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	*c = Collaboration{
		ID: string(in.ID), Role: string(in.Role), Status: string(in.Status), AccessibleBy: in.AccessibleBy,
		InviteEmail: string(in.InviteEmail), Item: in.Item, CreatedBy: in.CreatedBy, CanViewPath: in.CanViewPath.value,
		AccessOnly: in.AccessOnly.value, ExpiresAt: time.Time(in.ExpiresAt), CreatedAt: time.Time(in.CreatedAt),
	}
	return nil
}

func (c *Collaboration) whole() bool { return c.ID != "" }

// Collaborations returns who else may access a file or folder. Box pages this
// list badly, so no pages are asked for; where it gives one all the same, the
// others are read, and what comes twice counts once.
func (c *Client) Collaborations(ctx context.Context, item backup.ItemRef) ([]Collaboration, error) {
	var all []Collaboration
	q := call{
		kind: string(item.Kind) + ".collaborations", method: http.MethodGet, url: c.api(collection(item.Kind), item.ID, "collaborations"),
		query: url.Values{"fields": {collaborationFields}},
	}
	for seen := map[string]bool{}; ; {
		var out listing[Collaboration]
		if err := c.do(ctx, q, &out); err != nil {
			return nil, err
		}
		for _, one := range out.Entries {
			if !seen[one.ID] {
				seen[one.ID] = true
				all = append(all, one)
			}
		}
		next := string(out.Next)
		if next == "" {
			return all, nil
		}
		if next == q.query.Get("marker") {
			return nil, fmt.Errorf("box %s: the page's marker leads to the page itself", q.kind)
		}
		q.query.Set("marker", next)
	}
}

// Collaborate gives a user or group access to a file or folder, without an
// e-mail to them. Who is named by id, or by login where that is all there is.
// Of the collaboration only Role, AccessibleBy, CanViewPath, AccessOnly and
// ExpiresAt count.
func (c *Client) Collaborate(ctx context.Context, item backup.ItemRef, with Collaboration) (Collaboration, error) {
	who := map[string]string{"type": with.AccessibleBy.Type}
	if with.AccessibleBy.ID != "" {
		who["id"] = with.AccessibleBy.ID
	} else {
		who["login"] = with.AccessibleBy.Login
	}
	in := map[string]any{
		"item": map[string]string{"type": string(item.Kind), "id": item.ID}, "accessible_by": who, "role": with.Role,
	}
	if with.CanViewPath {
		in["can_view_path"] = true
	}
	if with.AccessOnly {
		in["is_access_only"] = true
	}
	if !with.ExpiresAt.IsZero() {
		in["expires_at"] = stamp(with.ExpiresAt)
	}
	var out Collaboration
	err := c.do(ctx, call{
		kind: "collaboration.create", method: http.MethodPost, url: c.api("collaborations"), in: in, create: true,
		query: url.Values{"fields": {collaborationFields}, "notify": {"false"}},
	}, &out)
	return out, err
}

// SetRole gives a collaboration another role. Where that is owner, Box puts
// another in its place and returns none.
func (c *Client) SetRole(ctx context.Context, id, role string) (Collaboration, error) {
	var out Collaboration
	err := c.do(ctx, call{
		kind: "collaboration.update", method: http.MethodPut, url: c.api("collaborations", id), in: map[string]string{"role": role}, silent: true,
	}, &out)
	return out, err
}

// DeleteCollaboration takes an access away.
func (c *Client) DeleteCollaboration(ctx context.Context, id string) error {
	return c.do(ctx, call{kind: "collaboration.delete", method: http.MethodDelete, url: c.api("collaborations", id)}, nil)
}
