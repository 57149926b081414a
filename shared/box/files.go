package box

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"coffer/shared/backup"
)

// File returns a file.
func (c *Client) File(ctx context.Context, id string) (Item, error) {
	return c.Item(ctx, backup.ItemRef{Kind: backup.File, ID: id})
}

// Version is a past version of a file.
type Version struct {
	ID         string
	SHA1       string // lower-case hexadecimal digits
	Name       string
	Size       int64
	Number     int64 // 0 where Box does not say
	CreatedAt  time.Time
	ModifiedAt time.Time
	ModifiedBy Mini
	TrashedAt  time.Time // zero, unless the version was deleted
	PurgedAt   time.Time
}

const versionFields = "id,sha1,name,size,version_number,created_at,modified_at,modified_by,trashed_at,purged_at"

// UnmarshalJSON reads a version as Box writes it.
func (v *Version) UnmarshalJSON(data []byte) error {
	var in struct {
		ID         text   `json:"id"`
		SHA1       text   `json:"sha1"`
		Name       text   `json:"name"`
		Size       number `json:"size"`
		Number     number `json:"version_number"`
		CreatedAt  moment `json:"created_at"`
		ModifiedAt moment `json:"modified_at"`
		ModifiedBy Mini   `json:"modified_by"`
		TrashedAt  moment `json:"trashed_at"`
		PurgedAt   moment `json:"purged_at"`
	}
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	*v = Version{
		ID: string(in.ID), SHA1: string(in.SHA1), Name: string(in.Name), Size: int64(in.Size), Number: int64(in.Number),
		CreatedAt: time.Time(in.CreatedAt), ModifiedAt: time.Time(in.ModifiedAt), ModifiedBy: in.ModifiedBy,
		TrashedAt: time.Time(in.TrashedAt), PurgedAt: time.Time(in.PurgedAt),
	}
	return nil
}

func (v *Version) whole() bool { return v.ID != "" }

// Versions returns a file's past versions, newest first. The current one is the
// file's VersionID. Deleted versions may be among them.
func (c *Client) Versions(ctx context.Context, file string) ([]Version, error) {
	return all[Version](ctx, c, "file.versions", c.api("files", file, "versions"), url.Values{"fields": {versionFields}})
}

// PromoteVersion puts a copy of a past version on top and returns it. It must
// not be used on Box Notes.
func (c *Client) PromoteVersion(ctx context.Context, file, version string) (Version, error) {
	var v Version
	err := c.do(ctx, call{
		kind: "version.promote", method: http.MethodPost, url: c.api("files", file, "versions", "current"), create: true,
		query: url.Values{"fields": {versionFields}}, in: map[string]string{"type": "file_version", "id": version},
	}, &v)
	return v, err
}

// DeleteVersion moves a past version to the trash.
func (c *Client) DeleteVersion(ctx context.Context, file, version string) error {
	return c.do(ctx, call{kind: "version.delete", method: http.MethodDelete, url: c.api("files", file, "versions", version)}, nil)
}

// RestoreVersion takes a past version out of the trash.
func (c *Client) RestoreVersion(ctx context.Context, file, version string) (Version, error) {
	var v Version
	err := c.do(ctx, call{
		kind: "version.restore", method: http.MethodPut, url: c.api("files", file, "versions", version),
		in: map[string]any{"trashed_at": nil},
	}, &v)
	return v, err
}
