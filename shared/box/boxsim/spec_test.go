package boxsim_test

import (
	"net/http"
	"testing"

	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
	"coffer/shared/box/boxspec"
)

// TestEveryAnswerIsOneThatBoxDescribes goes once through the API; each answer
// is compared with Box's own description.
func TestEveryAnswerIsOneThatBoxDescribes(t *testing.T) {
	t.Parallel()
	spec := boxspec.Load(t)
	b := start(t, boxsim.Options{PartSize: 10, MinSession: 20})
	b.over = spec.Transport(t, http.DefaultTransport)
	for _, step := range []func(*bed){tourUsers, tourItems, tourUploads, tourSharing, tourTrash, tourEvents, tourErrors} {
		step(b)
	}
}

// all asks for fields that single items or listings can have.
const all = "?fields=type,id,etag,sequence_id,name,sha1,size,file_version,version_number,created_at,modified_at,content_created_at," +
	"content_modified_at,description,created_by,modified_by,owned_by,parent,item_status,shared_link,tags,lock,comment_count," +
	"has_collaborations,is_externally_owned,classification,permissions,watermark_info,expires_at,uploader_display_name,url," +
	"metadata.global.properties,path_collection,trashed_at,purged_at,extension,allowed_invitee_roles,item_collection," +
	"folder_upload_email,sync_state,can_non_owners_invite,is_accessible_via_shared_link"

type body = map[string]any

func ref(kind, id string) body { return body{"type": kind, "id": id} }

func tourUsers(b *bed) {
	b.send(b.ada, "GET", "/2.0/users", nil).want(b.t, http.StatusOK)
	b.send(b.ada, "GET", "/2.0/users?usemarker=true&user_type=managed&limit=1&fields=id,name,login,status,role,enterprise,space_used,"+
		"space_amount,max_upload_size,is_platform_access_only,is_sync_enabled,timezone,language,tracking_codes,notification_email", nil).want(b.t, http.StatusOK)
	b.send(b.ada, "GET", "/2.0/users/me?fields=enterprise", nil).want(b.t, http.StatusOK)
	dan := b.send(b.ada, "POST", "/2.0/users", body{"name": "Dan", "login": "dan@acme.example"}).want(b.t, http.StatusCreated).str("id")
	b.send(b.ada, "PUT", "/2.0/users/"+dan+"/folders/0", body{"owned_by": body{"id": b.ada}}).want(b.t, http.StatusOK)
	group := b.send(b.ada, "POST", "/2.0/groups", body{"name": "Team"}).want(b.t, http.StatusCreated).str("id")
	b.send(b.ada, "GET", "/2.0/groups", nil).want(b.t, http.StatusOK)
	b.send(b.ada, "PUT", "/2.0/groups/"+group, body{"description": "All of us"}).want(b.t, http.StatusOK)
	member := b.send(b.ada, "POST", "/2.0/group_memberships", body{"user": body{"id": dan}, "group": body{"id": group}}).want(b.t, http.StatusCreated).str("id")
	b.send(b.ada, "GET", "/2.0/groups/"+group+"/memberships", nil).want(b.t, http.StatusOK)
	b.send(b.ada, "GET", "/2.0/groups/"+group+"/collaborations", nil).want(b.t, http.StatusOK)
	b.send(b.ada, "GET", "/2.0/users/"+dan+"/memberships", nil).want(b.t, http.StatusOK)
	b.send(b.ada, "PUT", "/2.0/group_memberships/"+member, body{"role": "admin"}).want(b.t, http.StatusOK)
	b.send(b.ada, "DELETE", "/2.0/group_memberships/"+member, nil).want(b.t, http.StatusNoContent)
	b.send(b.ada, "DELETE", "/2.0/users/"+dan+"?force=true", nil).want(b.t, http.StatusNoContent)
}

func tourItems(b *bed) {
	b.send(b.bob, "GET", "/2.0/folders/0", nil).want(b.t, http.StatusOK)
	folder := b.send(b.bob, "POST", "/2.0/folders", body{"name": "plans", "parent": body{"id": "0"}}).want(b.t, http.StatusCreated).str("id")
	file := must(b.Upload(b.bob, folder, "a.txt", []byte("a")))(b.t)
	link := b.send(b.bob, "POST", "/2.0/web_links", body{"url": "https://example.com/x", "parent": body{"id": folder}}).str("id")
	b.send(b.bob, "PUT", "/2.0/files/"+file, body{
		"tags": []string{"red"}, "description": "An A", "lock": body{"type": "lock", "is_download_prevented": false}, "shared_link": body{"access": "open"},
	}).want(b.t, http.StatusOK)
	b.send(b.bob, "PUT", "/2.0/folders/"+folder, body{"name": "Plans", "shared_link": body{"access": "company"}}).want(b.t, http.StatusOK)
	b.send(b.bob, "PUT", "/2.0/web_links/"+link, body{"name": "A link", "url": "https://example.com/y"}).want(b.t, http.StatusOK)
	b.send(b.bob, "GET", "/2.0/web_links/"+link, nil).want(b.t, http.StatusOK)
	b.send(b.bob, "GET", "/2.0/folders/"+folder, nil).want(b.t, http.StatusOK)
	for _, query := range []string{"", "?usemarker=true&limit=1", all, all + "&usemarker=true", "?sort=date&direction=DESC"} {
		b.send(b.bob, "GET", "/2.0/folders/"+folder+"/items"+query, nil).want(b.t, http.StatusOK)
	}
	b.send(b.bob, "GET", "/2.0/files/"+file+all, nil).want(b.t, http.StatusOK)
	b.send(b.bob, "POST", "/2.0/files/"+file+"/copy", body{"parent": body{"id": "0"}, "name": "copy.txt"}).want(b.t, http.StatusCreated)
	b.send(b.bob, "POST", "/2.0/folders/"+folder+"/copy", body{"parent": body{"id": "0"}, "name": "copy"}).want(b.t, http.StatusCreated)
	b.send(b.bob, "GET", "/2.0/search?query=copy", nil).want(b.t, http.StatusOK)
	favorites := b.send(b.bob, "GET", "/2.0/collections", nil).want(b.t, http.StatusOK).str("entries.0.id")
	b.send(b.bob, "PUT", "/2.0/files/"+file, body{"collections": []body{{"id": favorites}}}).want(b.t, http.StatusOK)
	b.send(b.bob, "GET", "/2.0/collections/"+favorites+"/items", nil).want(b.t, http.StatusOK)
	frozen := b.send(b.bob, "POST", "/2.0/folder_locks", body{"folder": ref("folder", folder), "locked_operations": body{"move": true, "delete": true}}).want(b.t, http.StatusOK).str("id")
	b.send(b.bob, "GET", "/2.0/folder_locks?folder_id="+folder, nil).want(b.t, http.StatusOK)
	b.send(b.bob, "DELETE", "/2.0/folder_locks/"+frozen, nil).want(b.t, http.StatusNoContent)
	made := b.send(b.bob, "POST", "/2.0/zip_downloads", body{"items": []body{ref("file", file), ref("folder", folder)}}).want(b.t, http.StatusAccepted)
	b.send("", "GET", made.str("download_url"), nil).want(b.t, http.StatusOK)
	b.send(b.bob, "GET", made.str("status_url"), nil).want(b.t, http.StatusOK)
}

func tourUploads(b *bed) {
	b.send(b.bob, "OPTIONS", "/2.0/files/content", body{"name": "b.txt", "parent": body{"id": "0"}, "size": 5}).want(b.t, http.StatusOK)
	text, kind := form(b.t, `{"name":"b.txt","parent":{"id":"0"}}`, "hello")
	file := b.send(b.bob, "POST", "/api/2.0/files/content", text, "Content-Type", kind).want(b.t, http.StatusCreated).str("entries.0.id")
	text, kind = form(b.t, `{"name":"b.txt"}`, "again")
	b.send(b.bob, "POST", "/api/2.0/files/"+file+"/content", text, "Content-Type", kind).want(b.t, http.StatusOK)
	b.send(b.bob, "GET", "/2.0/files/"+file+"/content", nil).want(b.t, http.StatusFound)
	version := b.send(b.bob, "GET", "/2.0/files/"+file+"/versions", nil).want(b.t, http.StatusOK).str("entries.0.id")
	b.send(b.bob, "GET", "/2.0/files/"+file+"/versions?fields=sha1,size,created_at,modified_by,trashed_at", nil).want(b.t, http.StatusOK)
	b.send(b.bob, "GET", "/2.0/files/"+file+"/versions/"+version, nil).want(b.t, http.StatusOK)
	b.send(b.bob, "DELETE", "/2.0/files/"+file+"/versions/"+version, nil).want(b.t, http.StatusNoContent)
	b.send(b.bob, "PUT", "/2.0/files/"+file+"/versions/"+version, body{"trashed_at": nil}).want(b.t, http.StatusOK)
	b.send(b.bob, "POST", "/2.0/files/"+file+"/versions/current", ref("file_version", version)).want(b.t, http.StatusCreated)

	const content = "0123456789abcdefghij"
	session := b.send(b.bob, "POST", "/api/2.0/files/upload_sessions", body{"folder_id": "0", "file_size": 20, "file_name": "c.bin"}).want(b.t, http.StatusCreated)
	part := func(header string, text string) any {
		return b.send(b.bob, "PUT", session.str("session_endpoints.upload_part"), text,
			"Content-Type", "application/octet-stream", "Content-Range", header, "Digest", digest(text)).want(b.t, http.StatusOK).at("part")
	}
	parts := []any{part("bytes 0-9/20", content[:10]), part("bytes 10-19/20", content[10:])}
	b.send(b.bob, "GET", session.str("session_endpoints.status"), nil).want(b.t, http.StatusOK)
	b.send(b.bob, "GET", session.str("session_endpoints.list_parts"), nil).want(b.t, http.StatusOK)
	b.send(b.bob, "POST", session.str("session_endpoints.commit"), body{"parts": parts}, "Digest", digest(content)).want(b.t, http.StatusCreated)
	again := b.send(b.bob, "POST", "/api/2.0/files/"+file+"/upload_sessions", body{"file_size": 20}).want(b.t, http.StatusCreated)
	b.send(b.bob, "DELETE", again.str("session_endpoints.abort"), nil).want(b.t, http.StatusNoContent)
}

func tourSharing(b *bed) {
	file := must(b.Upload(b.bob, "0", "shared.txt", []byte("x")))(b.t)
	folder := must(b.CreateFolder(b.bob, "0", "shared"))(b.t)
	for _, grantee := range []body{{"type": "user", "id": b.ada}, {"type": "user", "login": "new@other.example"}} {
		b.send(b.bob, "POST", "/2.0/collaborations?notify=false", body{"item": ref("folder", folder), "accessible_by": grantee, "role": "editor"}).want(b.t, http.StatusCreated)
	}
	list := b.send(b.bob, "GET", "/2.0/folders/"+folder+"/collaborations", nil).want(b.t, http.StatusOK)
	b.send(b.bob, "GET", "/2.0/folders/"+folder+"/collaborations?usemarker=true&limit=1", nil).want(b.t, http.StatusOK)
	b.send(b.bob, "GET", "/2.0/files/"+file+"/collaborations", nil).want(b.t, http.StatusOK)
	b.send(b.bob, "GET", "/2.0/collaborations/"+list.str("entries.0.id"), nil).want(b.t, http.StatusOK)
	b.send(b.bob, "GET", "/2.0/collaborations?status=pending", nil).want(b.t, http.StatusOK)
	b.send(b.bob, "PUT", "/2.0/collaborations/"+list.str("entries.0.id"), body{"role": "viewer"}).want(b.t, http.StatusOK)
	b.send(b.bob, "DELETE", "/2.0/collaborations/"+list.str("entries.1.id"), nil).want(b.t, http.StatusNoContent)

	remark := b.send(b.bob, "POST", "/2.0/comments", body{"message": "Hm", "item": ref("file", file)}).want(b.t, http.StatusCreated).str("id")
	b.send(b.bob, "POST", "/2.0/comments", body{"message": "Ha", "item": ref("comment", remark)}).want(b.t, http.StatusCreated)
	b.send(b.bob, "PUT", "/2.0/comments/"+remark, body{"message": "Oh"}).want(b.t, http.StatusOK)
	b.send(b.bob, "GET", "/2.0/files/"+file+"/comments?fields=message,tagged_message,is_reply_comment,created_by,item", nil).want(b.t, http.StatusOK)

	properties := "/2.0/files/" + file + "/metadata/global/properties"
	b.send(b.bob, "POST", properties, body{"a": "b"}).want(b.t, http.StatusCreated)
	b.send(b.bob, "PUT", properties, []body{{"op": "add", "path": "/c", "value": "d"}}, "Content-Type", "application/json-patch+json").want(b.t, http.StatusOK)
	b.send(b.bob, "GET", "/2.0/files/"+file+"/metadata", nil).want(b.t, http.StatusOK)
	b.send(b.bob, "DELETE", properties, nil).want(b.t, http.StatusNoContent)
	b.send(b.ada, "POST", "/2.0/metadata_templates/schema", body{"scope": "enterprise", "displayName": "Deal", "templateKey": "deal", "fields": []body{
		{"type": "enum", "key": "stage", "displayName": "Stage", "options": []body{{"key": "won"}}},
	}}).want(b.t, http.StatusCreated)
	b.send(b.ada, "GET", "/2.0/metadata_templates/enterprise", nil).want(b.t, http.StatusOK)
	b.send(b.ada, "GET", "/2.0/metadata_templates/enterprise/deal/schema", nil).want(b.t, http.StatusOK)

	task := b.send(b.bob, "POST", "/2.0/tasks", body{"item": ref("file", file), "action": "review", "message": "Please"}).want(b.t, http.StatusCreated).str("id")
	b.send(b.bob, "POST", "/2.0/task_assignments", body{"task": ref("task", task), "assign_to": body{"id": b.ada}}).want(b.t, http.StatusCreated)
	b.send(b.bob, "GET", "/2.0/files/"+file+"/tasks", nil).want(b.t, http.StatusOK)
	b.send(b.bob, "GET", "/2.0/tasks/"+task+"/assignments", nil).want(b.t, http.StatusOK)
}

func tourTrash(b *bed) {
	folder := must(b.CreateFolder(b.bob, "0", "old"))(b.t)
	file := must(b.Upload(b.bob, "0", "old.txt", []byte("x")))(b.t)
	link := must(b.AddWebLink(b.bob, "0", "old link", "https://example.com"))(b.t)
	for path, item := range map[string]backup.ItemRef{
		"folders/" + folder: boxsim.FolderRef(folder), "files/" + file: boxsim.FileRef(file), "web_links/" + link: boxsim.WebLinkRef(link),
	} {
		b.send(b.bob, "DELETE", "/2.0/"+path, nil).want(b.t, http.StatusNoContent)
		b.send(b.bob, "GET", "/2.0/"+path, nil).want(b.t, http.StatusNotFound)
		b.send(b.bob, "GET", "/2.0/"+path+"/trash", nil).want(b.t, http.StatusOK)
		b.send(b.bob, "GET", "/2.0/folders/trash/items", nil).want(b.t, http.StatusOK)
		b.send(b.bob, "GET", "/2.0/folders/trash/items"+all+"&usemarker=true", nil).want(b.t, http.StatusOK)
		b.send(b.bob, "POST", "/2.0/"+path, body{}).want(b.t, http.StatusCreated)
		ok(b.t, b.Delete(b.bob, item))
		b.send(b.bob, "DELETE", "/2.0/"+path+"/trash", nil).want(b.t, http.StatusNoContent)
	}
}

func tourEvents(b *bed) {
	for _, stream := range []string{"all", "changes", "sync", "admin_logs", "admin_logs_streaming"} {
		b.send(b.ada, "GET", "/2.0/events?limit=500&stream_type="+stream, nil).want(b.t, http.StatusOK)
		b.send(b.ada, "GET", "/2.0/events?stream_position=now&stream_type="+stream, nil).want(b.t, http.StatusOK)
	}
	b.send(b.bob, "GET", "/2.0/events?limit=500", nil).want(b.t, http.StatusOK)
	b.send(b.bob, "OPTIONS", "/2.0/events", nil).want(b.t, http.StatusOK)
}

func tourErrors(b *bed) {
	b.send("", "GET", "/2.0/users/me", nil, "Authorization", "Bearer nonsense").want(b.t, http.StatusUnauthorized)
	b.send(b.bob, "GET", "/2.0/users", nil).want(b.t, http.StatusForbidden)
	b.send(b.bob, "GET", "/2.0/files/1", nil).want(b.t, http.StatusNotFound)
	b.send(b.bob, "POST", "/2.0/folders", body{"name": "shared", "parent": body{"id": "0"}}).want(b.t, http.StatusConflict)
	b.send(b.bob, "OPTIONS", "/2.0/files/content", body{"name": "shared.txt", "parent": body{"id": "0"}}).want(b.t, http.StatusConflict)
	b.send(b.bob, "POST", "/2.0/folders", body{"name": "a/b", "parent": body{"id": "0"}}).want(b.t, http.StatusBadRequest)
	b.send(b.bob, "GET", "/2.0/folders/0/items?offset=400000", nil).want(b.t, http.StatusBadRequest)
	b.Fault(boxsim.Fault{Kinds: []boxsim.Kind{boxsim.TooMany}, Times: 1})
	b.send(b.bob, "GET", "/2.0/users/me", nil).want(b.t, http.StatusTooManyRequests)
	app := b.acme.AddApp("", "", callback)
	b.token(app, "grant_type", "client_credentials", "box_subject_type", "enterprise", "box_subject_id", b.acme.ID).want(b.t, http.StatusOK)
	pair := app.Pair(b.ada)
	fresh := b.token(app, "grant_type", "refresh_token", "refresh_token", pair.Refresh).want(b.t, http.StatusOK)
	b.post("/oauth2/revoke", "client_id", app.ClientID, "client_secret", app.ClientSecret, "token", fresh.str("access_token")).want(b.t, http.StatusOK)
	b.token(app, "grant_type", "refresh_token", "refresh_token", "nonsense").want(b.t, http.StatusBadRequest)
}
