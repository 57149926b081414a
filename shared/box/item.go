package box

import (
	"encoding/json"
	"time"

	"coffer/shared/backup"
)

// Mini is what Box says about an object that it only mentions: a user, a parent
// folder, an enterprise. Not every id is a number ("box_support"), and that of
// an unknown user is empty.
type Mini struct {
	Type  string `json:"type"`
	ID    string `json:"id"`
	Name  string `json:"name"`
	Login string `json:"login,omitempty"` // users
}

// UnmarshalJSON never fails: what is not an object is nobody.
func (m *Mini) UnmarshalJSON(data []byte) error {
	var in struct{ Type, ID, Name, Login text }
	_ = json.Unmarshal(data, &in)
	*m = Mini{Type: string(in.Type), ID: string(in.ID), Name: string(in.Name), Login: string(in.Login)}
	return nil
}

// Item is a file, folder or web link. Which fields are filled depends on the
// call: listings and single reads fill all of them.
type Item struct {
	Kind        backup.ItemKind
	ID          string
	ETag        string // changes with everything but the content's bytes; for If-Match
	SequenceID  string
	Name        string
	Description string
	Tags        []string
	Parent      Mini   // zero for the root folder and for what is in the trash below another item
	Status      string // active, trashed, deleted

	// Files. Size of a folder is the sum of what is in it.
	SHA1              string // lower-case hexadecimal digits
	Size              int64
	VersionID         string // of the current version
	VersionNumber     int64  // 1 for a file with no past versions; 0 where Box does not say
	ContentCreatedAt  time.Time
	ContentModifiedAt time.Time

	URL string // web links

	CreatedAt, ModifiedAt, TrashedAt time.Time
	CreatedBy, ModifiedBy, OwnedBy   Mini
	ExternallyOwned                  bool // by another enterprise
	HasCollaborations                bool
	CommentCount                     int64

	// Extra holds every other field of Box's answer that is not null, as Box
	// wrote it: shared_link, lock, classification, permissions, metadata, …
	Extra map[string]json.RawMessage
}

// itemJSON is an Item on the wire.
type itemJSON struct {
	Type              text              `json:"type"`
	ID                text              `json:"id"`
	ETag              text              `json:"etag"`
	SequenceID        text              `json:"sequence_id"`
	Name              text              `json:"name"`
	Description       text              `json:"description"`
	Tags              lenient[[]string] `json:"tags"`
	Parent            Mini              `json:"parent"`
	Status            text              `json:"item_status"`
	SHA1              text              `json:"sha1"`
	Size              number            `json:"size"`
	Version           Mini              `json:"file_version"`
	VersionNumber     number            `json:"version_number"`
	ContentCreatedAt  moment            `json:"content_created_at"`
	ContentModifiedAt moment            `json:"content_modified_at"`
	URL               text              `json:"url"`
	CreatedAt         moment            `json:"created_at"`
	ModifiedAt        moment            `json:"modified_at"`
	TrashedAt         moment            `json:"trashed_at"`
	CreatedBy         Mini              `json:"created_by"`
	ModifiedBy        Mini              `json:"modified_by"`
	OwnedBy           Mini              `json:"owned_by"`
	ExternallyOwned   lenient[bool]     `json:"is_externally_owned"`
	HasCollaborations lenient[bool]     `json:"has_collaborations"`
	CommentCount      number            `json:"comment_count"`
}

// typedFields are the fields of itemJSON, and those that say nothing of their own.
var typedFields = []string{
	"type", "id", "etag", "sequence_id", "name", "description", "tags", "parent", "item_status", "sha1", "size",
	"file_version", "version_number", "content_created_at", "content_modified_at", "url", "created_at", "modified_at",
	"trashed_at", "created_by", "modified_by", "owned_by", "is_externally_owned", "has_collaborations", "comment_count",
	"item_collection", "path_collection",
}

// itemFields asks for everything that a backup keeps, so that a listing needs
// no call per item. Box ignores the names that a kind of item does not have.
const itemFields = "type,id,etag,sequence_id,name,sha1,size,file_version,version_number,created_at,modified_at," +
	"content_created_at,content_modified_at,trashed_at,description,created_by,modified_by,owned_by,parent,item_status," +
	"shared_link,tags,lock,comment_count,has_collaborations,is_externally_owned,classification,permissions," +
	"watermark_info,expires_at,uploader_display_name,url,metadata.global.properties"

// UnmarshalJSON reads an item as Box writes it, unknown fields included, and
// takes fields of an unexpected type for absent.
func (i *Item) UnmarshalJSON(data []byte) error {
	var in itemJSON
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	var extra map[string]json.RawMessage
	if err := json.Unmarshal(data, &extra); err != nil {
		return err
	}
	for _, name := range typedFields {
		delete(extra, name)
	}
	for name, value := range extra {
		if string(value) == "null" {
			delete(extra, name)
		}
	}
	if len(extra) == 0 {
		extra = nil
	}
	*i = Item{
		Kind: backup.ItemKind(in.Type), ID: string(in.ID), ETag: string(in.ETag), SequenceID: string(in.SequenceID),
		Name: string(in.Name), Description: string(in.Description), Tags: in.Tags.value, Parent: in.Parent, Status: string(in.Status),
		SHA1: string(in.SHA1), Size: int64(in.Size), VersionID: in.Version.ID, VersionNumber: int64(in.VersionNumber),
		ContentCreatedAt: time.Time(in.ContentCreatedAt), ContentModifiedAt: time.Time(in.ContentModifiedAt), URL: string(in.URL),
		CreatedAt: time.Time(in.CreatedAt), ModifiedAt: time.Time(in.ModifiedAt), TrashedAt: time.Time(in.TrashedAt),
		CreatedBy: in.CreatedBy, ModifiedBy: in.ModifiedBy, OwnedBy: in.OwnedBy,
		ExternallyOwned: in.ExternallyOwned.value, HasCollaborations: in.HasCollaborations.value,
		CommentCount: int64(in.CommentCount), Extra: extra,
	}
	return nil
}

func (i *Item) whole() bool { return i.ID != "" }

// Ref returns the item's identity.
func (i *Item) Ref() backup.ItemRef { return backup.ItemRef{Kind: i.Kind, ID: i.ID} }

// Content returns the identity of a file's bytes.
func (i *Item) Content() (backup.Content, error) {
	sum, err := backup.ParseSHA1(i.SHA1)
	return backup.Content{SHA1: sum, Size: i.Size}, err
}

// SharedLink is an item's shared_link, which is among its Extra, as Box describes
// it. Expires is RFC 3339 or empty; what the password is Box does not tell.
type SharedLink struct {
	URL         string `json:"url"`
	Access      string `json:"access"` // open, company or collaborators
	Vanity      string `json:"vanity_name"`
	Password    bool   `json:"is_password_enabled"`
	Expires     string `json:"unshared_at"`
	Permissions struct {
		Download bool `json:"can_download"`
		Edit     bool `json:"can_edit"`
	} `json:"permissions"`
}
