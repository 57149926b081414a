package box

// ItemEvents are the types of the enterprise's events that say of an item, or of
// who can see it, that it is not as it was. Asking for these alone leaves out
// what people look at and sign in to, our own downloads among it.
func ItemEvents() []string {
	return []string{
		"UPLOAD", "EDIT", "COPY", "MOVE", "RENAME", "DELETE", "UNDELETE", "FILE_VERSION_RESTORE", "ITEM_MODIFY", "LOCK", "UNLOCK",
		"SHARE", "UNSHARE", "ITEM_SHARED_UPDATE", "UPDATE_SHARE_EXPIRATION", "SHARE_EXPIRATION",
		"COLLABORATION_INVITE", "COLLABORATION_ACCEPT", "COLLABORATION_REMOVE", "COLLABORATION_ROLE_CHANGE",
		"UPDATE_COLLABORATION_EXPIRATION", "COLLABORATION_EXPIRATION",
		"METADATA_INSTANCE_CREATE", "METADATA_INSTANCE_UPDATE", "METADATA_INSTANCE_DELETE", "METADATA_INSTANCE_COPY",
		"COMMENT_CREATE", "COMMENT_EDIT", "COMMENT_DELETE",
		"TASK_CREATE", "TASK_UPDATE", "TASK_ASSIGNMENT_CREATE", "TASK_ASSIGNMENT_UPDATE", "TASK_ASSIGNMENT_DELETE",
		"CHANGE_FOLDER_PERMISSION", "ADVANCED_FOLDER_SETTINGS_UPDATE", "STORAGE_EXPIRATION",
		"WATERMARK_LABEL_CREATE", "WATERMARK_LABEL_DELETE",
		"GROUP_ADD_USER", "GROUP_REMOVE_USER", "GROUP_ADD_ITEM", "GROUP_REMOVE_ITEM",
	}
}

// Looked reports whether the event says that somebody looked at an item, which
// is as it was. Our own downloads are among these.
func (e *Event) Looked() bool {
	switch e.Type {
	case "ITEM_DOWNLOAD", "ITEM_PREVIEW", "ITEM_OPEN", "ITEM_SYNC", "ITEM_UNSYNC", "CONTENT_ACCESS", "ITEM_EMAIL_SEND", "SHARED_LINK_SEND":
		return true
	}
	return false
}
