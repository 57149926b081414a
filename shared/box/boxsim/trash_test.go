package boxsim_test

import (
	"net/http"
	"testing"
	"time"

	"coffer/shared/box/boxsim"
)

func TestTrashedItemsComeBackWithTheirIDs(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	folder := must(b.CreateFolder(b.bob, "0", "plans"))(t)
	file := must(b.Upload(b.bob, folder, "a.txt", []byte("x")))(t)
	b.send(b.bob, "DELETE", "/2.0/folders/"+folder+"?recursive=true", nil).want(t, http.StatusNoContent)

	if got := b.send(b.bob, "GET", "/2.0/folders/trash/items?usemarker=true", nil).want(t, http.StatusOK).entries("id"); len(got) != 1 || got[0] != folder {
		t.Errorf("the trash holds %v", got)
	}
	b.send(b.bob, "GET", "/2.0/files/"+file+"/trash", nil).want(t, http.StatusNotFound)
	trashed := b.send(b.bob, "GET", "/2.0/folders/"+folder+"/trash", nil).want(t, http.StatusOK)
	if trashed.str("item_status") != "trashed" || trashed.str("path_collection.entries.0.id") != "1" || trashed.str("purged_at") == "" {
		t.Errorf("got %s", trashed.text)
	}
	must(b.CreateFolder(b.bob, "0", "Plans"))(t)
	b.send(b.bob, "POST", "/2.0/folders/"+folder, nil).want(t, http.StatusConflict)
	b.send(b.bob, "POST", "/2.0/folders/"+folder, map[string]string{"name": "old plans"}).want(t, http.StatusCreated)
	if ref, found := b.Lookup(b.bob, "/old plans/a.txt"); !found || ref.ID != file {
		t.Errorf("found %v", ref)
	}
}

func TestTheTrashIsPurgedAfterThirtyDays(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	file := must(b.Upload(b.bob, "0", "a.txt", []byte("x")))(t)
	ok(t, b.Delete(b.bob, boxsim.FileRef(file)))
	b.Advance(29 * 24 * time.Hour)
	b.send(b.bob, "GET", "/2.0/files/"+file+"/trash", nil).want(t, http.StatusOK)
	b.Advance(2 * 24 * time.Hour)
	if got := b.send(b.bob, "GET", "/2.0/files/"+file, nil).want(t, http.StatusNotFound).str("code"); got != "not_found" {
		t.Errorf("got %s", got)
	}
}

func TestAnItemWhoseFolderIsGoneNeedsAnotherOne(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	folder := must(b.CreateFolder(b.bob, "0", "plans"))(t)
	file := must(b.Upload(b.bob, folder, "a.txt", []byte("x")))(t)
	ok(t, b.Delete(b.bob, boxsim.FileRef(file)))
	ok(t, b.Delete(b.bob, boxsim.FolderRef(folder)))
	b.send(b.bob, "POST", "/2.0/files/"+file, nil).want(t, http.StatusNotFound)
	b.send(b.bob, "POST", "/2.0/files/"+file, map[string]any{"parent": map[string]string{"id": "0"}}).want(t, http.StatusCreated)
	b.send(b.bob, "DELETE", "/2.0/folders/"+folder+"/trash", nil).want(t, http.StatusNoContent)
	b.send(b.bob, "GET", "/2.0/folders/"+folder+"/trash", nil).want(t, http.StatusNotFound)
}
