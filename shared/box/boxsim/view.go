package boxsim

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"coffer/shared/backup"
)

// view shows items as one user sees them.
type view struct {
	*Sim
	viewer *user
}

// The fields of a full answer to a request that names none.
var (
	commonFields = []string{
		"sequence_id", "name", "description", "path_collection", "created_at", "modified_at", "trashed_at", "purged_at",
		"created_by", "modified_by", "owned_by", "shared_link", "parent", "item_status",
	}
	standardFields = map[backup.ItemKind][]string{
		backup.File: append(slices.Clone(commonFields), "file_version", "sha1", "size", "content_created_at", "content_modified_at"),
		backup.Folder: append(slices.Clone(commonFields), "size", "content_created_at", "content_modified_at",
			"folder_upload_email"),
		backup.WebLink: append(slices.Clone(commonFields), "url"),
	}
	miniFields = map[backup.ItemKind][]string{
		backup.File:    {"sequence_id", "name", "sha1", "file_version"},
		backup.Folder:  {"sequence_id", "name"},
		backup.WebLink: {"sequence_id", "name", "url"},
	}
)

// item returns the item with the fields, or with the standard ones.
func (v view) item(it *item, fields []string) object {
	if fields == nil {
		fields = standardFields[it.Kind]
	}
	out := object{"type": string(it.Kind), "id": it.ID, "etag": it.etag()}
	for _, name := range fields {
		if value, ok := v.field(it, name); ok {
			out[name] = value
		} else if strings.HasPrefix(name, "metadata.") {
			v.inlineMetadata(out, it, name)
		}
	}
	return out
}

// mini returns the item as other objects refer to it.
func (s *Sim) mini(it *item) object {
	return view{s, s.Users[it.Owner]}.item(it, miniFields[it.Kind])
}

func (s *Sim) minis(items []*item) []object {
	list := make([]object, len(items))
	for i, it := range items {
		list[i] = s.mini(it)
	}
	return list
}

func (it *item) etag() any {
	if it.isRoot() {
		return nil
	}
	return itoa(it.ETag)
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// field returns one field of the item, or false where its kind has none.
func (v view) field(it *item, name string) (any, bool) {
	switch name {
	case "name":
		return it.Name, true
	case "description":
		return it.Description, true
	case "sequence_id":
		if it.isRoot() {
			return nil, true
		}
		return itoa(it.Seq), true
	case "size":
		return v.bytes(it), it.Kind != backup.WebLink
	case "path_collection":
		path := v.minis(v.pathOf(v.viewer, it))
		return object{"total_count": len(path), "entries": path}, true
	case "parent":
		if it.isRoot() {
			return nil, true
		}
		return v.mini(v.visibleParent(v.viewer, it)), true
	case "created_at":
		return stampOrNull(it.Created), true
	case "modified_at":
		return stampOrNull(it.Modified), true
	case "content_created_at":
		return stampOrNull(it.ContentCreated), it.Kind != backup.WebLink
	case "content_modified_at":
		return stampOrNull(it.ContentModified), it.Kind != backup.WebLink
	case "trashed_at":
		return stampOrNull(it.Trashed), true
	case "purged_at":
		if it.Trashed.IsZero() {
			return nil, true
		}
		return stamp(it.Trashed.Add(trashLife)), true
	case "created_by":
		return v.userMini(it.CreatedBy), true
	case "modified_by":
		if it.isRoot() {
			return v.userMini(it.Owner), true
		}
		return v.userMini(it.ModifiedBy), true
	case "owned_by":
		return v.userMini(it.Owner), true
	case "item_status":
		if it.Trashed.IsZero() {
			return "active", true
		}
		return "trashed", true
	case "shared_link":
		return v.sharedLink(it), true
	case "tags":
		return orEmpty(it.Tags), true
	case "type", "id", "etag":
		return nil, false // always there
	case "is_externally_owned":
		return v.Users[it.Owner].Enterprise != v.viewer.Enterprise, it.Kind != backup.WebLink
	case "has_collaborations":
		return len(v.collabsOf[it.ItemRef]) > 0, it.Kind != backup.WebLink
	case "permissions":
		return v.permissions(it), it.Kind != backup.WebLink
	case "classification":
		return v.classification(it), it.Kind != backup.WebLink
	case "watermark_info":
		return object{"is_watermarked": false, "is_watermark_inherited": false, "is_watermarked_by_access_policy": false}, it.Kind != backup.WebLink
	case "is_accessible_via_shared_link":
		return it.Shared != nil, it.Kind != backup.WebLink
	case "allowed_invitee_roles":
		return invitableRoles, it.Kind != backup.WebLink
	case "url":
		return it.URL, it.Kind == backup.WebLink
	}
	switch it.Kind {
	case backup.File:
		return v.fileField(it, name)
	case backup.Folder:
		return v.folderField(it, name)
	}
	return nil, false
}

func (v view) fileField(it *item, name string) (any, bool) {
	now := it.current()
	switch name {
	case "sha1":
		return now.SHA1, true
	case "file_version":
		return object{"type": "file_version", "id": now.ID, "sha1": now.SHA1}, true
	case "version_number":
		return strconv.Itoa(now.Number), true
	case "extension":
		return strings.TrimPrefix(path.Ext(it.Name), "."), true
	case "comment_count":
		return len(v.commentsOn[it.ItemRef]), true
	case "lock":
		return v.lock(it), true
	case "is_package":
		return false, true
	case "uploader_display_name":
		return v.displayName(now.By), true
	case "expires_at", "disposition_at":
		return nil, true
	}
	return nil, false
}

func (v view) folderField(it *item, name string) (any, bool) {
	switch name {
	case "folder_upload_email":
		return nil, true
	case "sync_state":
		return "not_synced", true
	case "can_non_owners_invite", "can_non_owners_view_collaborators":
		return true, true
	case "is_collaboration_restricted_to_enterprise":
		return false, true
	case "allowed_shared_link_access_levels":
		return []string{"open", "company", "collaborators"}, true
	case "item_collection":
		items := v.listing(it)
		sortItems(items, "name", false)
		return v.collection(items[:min(len(items), 100)], len(items), 0, 100), true
	}
	return nil, false
}

func (v view) permissions(it *item) object {
	may := v.rightsOn(v.viewer, it)
	has := func(want rights) bool { return may&want == want }
	out := object{
		"can_delete": has(canEdit), "can_download": has(canDownload) && !it.Blocked, "can_invite_collaborator": has(canInvite),
		"can_rename": has(canEdit), "can_set_share_access": has(canManage), "can_share": has(canInvite),
		"can_upload": has(canUpload), "can_apply_watermark": false,
	}
	if it.Kind == backup.File {
		out["can_preview"], out["can_comment"], out["can_annotate"] = has(canPreview), has(canComment), has(canComment)
		out["can_view_annotations_all"], out["can_view_annotations_self"] = has(canPreview), has(canPreview)
	}
	return out
}

func (v view) lock(it *item) any {
	if it.Lock == nil || !it.Lock.Expires.IsZero() && !it.Lock.Expires.After(v.now()) {
		return nil
	}
	out := object{
		"type": "lock", "id": it.Lock.ID, "created_by": v.userMini(it.Lock.By), "created_at": stamp(it.Lock.Created),
		"is_download_prevented": it.Lock.DownloadPrevented, "app_type": nil,
	}
	if !it.Lock.Expires.IsZero() {
		out["expired_at"] = stamp(it.Lock.Expires)
	}
	return out
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
