package boxsim_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"coffer/shared/box/boxsim"
)

func TestASharedFolderLiesInTheCollaboratorsRoot(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	outer := must(b.CreateFolder(b.bob, "0", "outer"))(t)
	shared := must(b.CreateFolder(b.bob, outer, "shared"))(t)
	file := must(b.Upload(b.bob, shared, "a.txt", []byte("x")))(t)
	b.send(b.ada, "GET", "/2.0/files/"+file, nil).want(t, http.StatusNotFound)

	made := b.send(b.bob, "POST", "/2.0/collaborations?notify=false", map[string]any{
		"item": map[string]string{"type": "folder", "id": shared}, "accessible_by": map[string]string{"type": "user", "login": "ada@acme.example"}, "role": "viewer",
	}).want(t, http.StatusCreated)
	if got := b.send(b.ada, "GET", "/2.0/folders/0/items?usemarker=true", nil).entries("id"); !slices.Equal(got, []string{shared}) {
		t.Errorf("Ada's root holds %v", got)
	}
	seen := b.send(b.ada, "GET", "/2.0/files/"+file, nil).want(t, http.StatusOK)
	if seen.str("owned_by.id") != string(b.bob) || seen.at("path_collection.total_count") != 2.0 || seen.str("path_collection.entries.1.id") != shared {
		t.Errorf("the path is as the viewer sees it: %s", seen.text)
	}
	b.send(b.ada, "PUT", "/2.0/files/"+file, map[string]string{"name": "b.txt"}).want(t, http.StatusForbidden)
	b.send(b.ada, "GET", "/2.0/folders/"+outer, nil).want(t, http.StatusNotFound)
	b.send(b.bob, "PUT", "/2.0/collaborations/"+made.str("id"), map[string]string{"role": "editor"}).want(t, http.StatusOK)
	b.send(b.ada, "PUT", "/2.0/files/"+file, map[string]string{"name": "b.txt"}).want(t, http.StatusOK)
	b.send(b.ada, "DELETE", "/2.0/collaborations/"+made.str("id"), nil).want(t, http.StatusNoContent)
	b.send(b.ada, "GET", "/2.0/files/"+file, nil).want(t, http.StatusNotFound)
}

func TestContentOfOtherEnterprisesIsExternallyOwned(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	zoe := b.AddEnterprise("Other").AddUser("Zoe", "zoe@other.example", boxsim.Admin)
	folder := must(b.CreateFolder(zoe, "0", "theirs"))(t)
	must(b.Collaborate(zoe, boxsim.FolderRef(folder), b.bob, "editor"))(t)
	must(b.Upload(b.bob, folder, "a.txt", []byte("x")))(t)
	a := b.send(b.bob, "GET", "/2.0/folders/"+folder+"/items?fields=is_externally_owned,owned_by", nil).want(t, http.StatusOK)
	if a.at("entries.0.is_externally_owned") != true || a.str("entries.0.owned_by.id") != string(zoe) {
		t.Errorf("got %s", a.text)
	}
	if len(b.Tree(b.bob)) != 0 || len(b.Tree(zoe)) != 2 {
		t.Error("what is uploaded into a folder belongs to the folder's owner")
	}
}

func TestGroupsShareWhatIsSharedWithThem(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	folder := must(b.CreateFolder(b.ada, "0", "team"))(t)
	group := b.send(b.ada, "POST", "/2.0/groups", map[string]string{"name": "Team"}).want(t, http.StatusCreated).str("id")
	b.send(b.ada, "POST", "/2.0/collaborations", map[string]any{
		"item": map[string]string{"type": "folder", "id": folder}, "accessible_by": map[string]string{"type": "group", "id": group}, "role": "viewer",
	}).want(t, http.StatusCreated)
	b.send(b.bob, "GET", "/2.0/folders/"+folder, nil).want(t, http.StatusNotFound)
	b.send(b.ada, "POST", "/2.0/group_memberships", map[string]any{"user": map[string]any{"id": b.bob}, "group": map[string]string{"id": group}}).want(t, http.StatusCreated)
	b.send(b.bob, "GET", "/2.0/folders/"+folder, nil).want(t, http.StatusOK)
	if got := b.send(b.bob, "GET", "/2.0/folders/0/items", nil).entries("id"); !slices.Equal(got, []string{folder}) {
		t.Errorf("Bob's root holds %v", got)
	}
}

func TestSharedLinksCommentsAndMetadataAreKept(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	file := must(b.Upload(b.bob, "0", "a.txt", []byte("x")))(t)
	link := b.send(b.bob, "PUT", "/2.0/files/"+file+"?fields=shared_link", map[string]any{"shared_link": map[string]any{}}).want(t, http.StatusOK)
	if link.str("shared_link.access") != "open" || link.str("shared_link.effective_permission") != "can_download" {
		t.Errorf("got %s", link.text)
	}
	found := b.send(b.bob, "GET", "/2.0/shared_items", nil, "BoxApi", "shared_link="+link.str("shared_link.url")).want(t, http.StatusOK)
	if found.str("id") != file {
		t.Errorf("got %s", found.text)
	}
	b.send(b.bob, "PUT", "/2.0/files/"+file, map[string]any{"shared_link": nil}).want(t, http.StatusOK)
	if got := b.send(b.bob, "GET", "/2.0/files/"+file, nil).at("shared_link"); got != nil {
		t.Errorf("the link is %v", got)
	}

	b.send(b.bob, "POST", "/2.0/comments", map[string]any{"message": "Well done", "item": map[string]string{"type": "file", "id": file}}).want(t, http.StatusCreated)
	if got := b.send(b.bob, "GET", "/2.0/files/"+file+"/comments", nil).want(t, http.StatusOK).entries("message"); !slices.Equal(got, []string{"Well done"}) {
		t.Errorf("comments are %v", got)
	}
	if got := b.send(b.bob, "GET", "/2.0/files/"+file+"?fields=comment_count", nil).at("comment_count"); got != 1.0 {
		t.Errorf("comment_count is %v", got)
	}

	path := "/2.0/files/" + file + "/metadata/global/properties"
	b.send(b.bob, "GET", path, nil).want(t, http.StatusNotFound)
	b.send(b.bob, "POST", path, map[string]any{"client": "Acme", "n": 1.5}).want(t, http.StatusCreated)
	b.send(b.bob, "POST", path, map[string]any{"client": "Acme"}).want(t, http.StatusConflict)
	b.send(b.bob, "PUT", path, []map[string]any{{"op": "test", "path": "/client", "value": "Acme"}, {"op": "replace", "path": "/client", "value": "Beta"}},
		"Content-Type", "application/json-patch+json").want(t, http.StatusOK)
	if a := b.send(b.bob, "GET", path, nil).want(t, http.StatusOK); a.str("client") != "Beta" || a.at("$version") != 1.0 || a.str("$parent") != "file_"+file {
		t.Errorf("got %s", a.text)
	}
	b.send(b.bob, "POST", "/2.0/files/"+file+"/metadata/enterprise/contract", map[string]any{}).want(t, http.StatusNotFound)
	b.send(b.ada, "POST", "/2.0/metadata_templates/schema", map[string]any{"scope": "enterprise", "displayName": "Contract", "templateKey": "contract"}).want(t, http.StatusCreated)
	b.send(b.bob, "POST", "/2.0/files/"+file+"/metadata/enterprise/contract", map[string]any{"party": "X"}).want(t, http.StatusCreated)
	inline := b.send(b.bob, "GET", fmt.Sprintf("/2.0/files/%s?fields=metadata.enterprise_%s.contract", file, b.acme.ID), nil)
	if got := inline.str("metadata.enterprise_" + b.acme.ID + ".contract.party"); got != "X" {
		t.Errorf("got %s", inline.text)
	}
}
