package boxsim_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/box/boxsim"
)

func TestMarkersListEachItemOnceWhileTheFolderChanges(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	for i := range 25 {
		must(b.Upload(b.bob, "0", fmt.Sprintf("%02d.txt", i), []byte("x")))(t)
	}
	var seen []string
	for marker := ""; ; {
		a := b.send(b.bob, "GET", "/2.0/folders/0/items?usemarker=true&limit=10&marker="+marker, nil).want(t, http.StatusOK)
		if a.at("total_count") != nil || a.at("offset") != nil {
			t.Errorf("a page by marker counts: %s", a.text)
		}
		seen = append(seen, a.entries("id")...)
		if len(seen) == 10 {
			ref, _ := b.Lookup(b.bob, "/03.txt")
			ok(t, b.Delete(b.bob, ref))
			must(b.CreateFolder(b.bob, "0", "sorted before all files"))(t)
		}
		if marker = a.str("next_marker"); marker == "" {
			if next, present := a.json["next_marker"]; next != nil || !present {
				t.Errorf("the last page's marker is %v, want null", next)
			}
			break
		}
	}
	slices.Sort(seen)
	if len(slices.Compact(seen)) != 25 {
		t.Errorf("saw %d items, want 25", len(seen))
	}
}

func TestOffsetsListFoldersFirstThenByName(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	must(b.Upload(b.bob, "0", "b.txt", []byte("x")))(t)
	must(b.Upload(b.bob, "0", "A.txt", []byte("x")))(t)
	must(b.AddWebLink(b.bob, "0", "a link", "https://example.com"))(t)
	must(b.CreateFolder(b.bob, "0", "z"))(t)
	a := b.send(b.bob, "GET", "/2.0/folders/0/items?limit=3", nil).want(t, http.StatusOK)
	if diff := cmp.Diff(a.entries("name"), []string{"z", "A.txt", "b.txt"}); diff != "" {
		t.Error(diff)
	}
	if a.at("total_count") != 4.0 || a.at("limit") != 3.0 || a.at("offset") != 0.0 {
		t.Errorf("got %s", a.text)
	}
	b.send(b.bob, "GET", "/2.0/folders/0/items?offset=301000", nil).want(t, http.StatusBadRequest)
}

func TestNamesAreUniqueWithoutRegardToCase(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	must(b.CreateFolder(b.bob, "0", "Été"))(t)
	folder := b.send(b.bob, "POST", "/2.0/folders", map[string]any{"name": "éTÉ", "parent": map[string]string{"id": "0"}}).want(t, http.StatusConflict)
	if folder.str("code") != "item_name_in_use" || folder.str("context_info.conflicts.0.name") != "Été" {
		t.Errorf("a folder's conflicts are an array: %s", folder.text)
	}
	file := b.send(b.bob, "OPTIONS", "/2.0/files/content", map[string]any{"name": "éTÉ", "parent": map[string]string{"id": "0"}}).want(t, http.StatusConflict)
	if file.str("context_info.conflicts.type") != "folder" {
		t.Errorf("a file's conflict is an object: %s", file.text)
	}
	for _, name := range []string{"", ".", "..", "a/b", `a\b`, "tail ", "new\nline"} {
		a := b.send(b.bob, "POST", "/2.0/folders", map[string]any{"name": name, "parent": map[string]string{"id": "0"}})
		if a.status != http.StatusBadRequest || a.str("code") != "item_name_invalid" {
			t.Errorf("%q: got %d %s", name, a.status, a.str("code"))
		}
	}
}

func TestNastyNamesAreAllowed(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	for _, name := range boxsim.NastyNames {
		b.send(b.bob, "POST", "/2.0/folders", map[string]any{"name": name, "parent": map[string]string{"id": "0"}}).want(t, http.StatusCreated)
	}
}

func TestFoldersMoveButNotIntoThemselves(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	outer := must(b.CreateFolder(b.bob, "0", "outer"))(t)
	inner := must(b.CreateFolder(b.bob, outer, "inner"))(t)
	must(b.Upload(b.bob, inner, "a.txt", []byte("12345")))(t)
	into := func(id string) any { return map[string]any{"parent": map[string]string{"id": id}} }
	if got := b.send(b.bob, "PUT", "/2.0/folders/"+outer, into(inner)).want(t, http.StatusBadRequest).str("code"); got != "cyclical_folder_structure" {
		t.Errorf("got %s", got)
	}
	if got := b.send(b.bob, "GET", "/2.0/folders/"+outer, nil).at("size"); got != 5.0 {
		t.Errorf("outer has %v bytes before the move", got)
	}
	moved := b.send(b.bob, "PUT", "/2.0/folders/"+inner, into("0")).want(t, http.StatusOK)
	if moved.str("etag") != "1" || moved.str("path_collection.entries.0.id") != "0" || moved.at("path_collection.total_count") != 1.0 {
		t.Errorf("got %s", moved.text)
	}
	if got := b.send(b.bob, "GET", "/2.0/folders/"+outer, nil).at("size"); got != 0.0 {
		t.Errorf("outer has %v bytes after the move", got)
	}
}

func TestOnlyEmptyFoldersGoWithoutRecursive(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	outer := must(b.CreateFolder(b.bob, "0", "outer"))(t)
	inner := must(b.CreateFolder(b.bob, outer, "inner"))(t)
	if got := b.send(b.bob, "DELETE", "/2.0/folders/"+outer, nil).want(t, http.StatusBadRequest).str("code"); got != "folder_not_empty" {
		t.Errorf("got %s", got)
	}
	b.send(b.bob, "DELETE", "/2.0/folders/"+outer+"?recursive=true", nil).want(t, http.StatusNoContent)
	if got := b.send(b.bob, "GET", "/2.0/folders/"+inner, nil).want(t, http.StatusNotFound).str("code"); got != "trashed" {
		t.Errorf("got %s", got)
	}
}

func TestEtagsGuardChanges(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	id := must(b.CreateFolder(b.bob, "0", "plans"))(t)
	b.send(b.bob, "GET", "/2.0/folders/"+id, nil, "If-None-Match", "0").want(t, http.StatusNotModified)
	b.send(b.bob, "PUT", "/2.0/folders/"+id, map[string]any{"name": "plans 2"}, "If-Match", "7").want(t, http.StatusPreconditionFailed)
	b.send(b.bob, "PUT", "/2.0/folders/"+id, map[string]any{"name": "plans 2"}, "If-Match", "0").want(t, http.StatusOK)
	b.send(b.bob, "GET", "/2.0/folders/"+id, nil, "If-None-Match", "0").want(t, http.StatusOK)
}

func TestFieldsAnswerWhatWasAskedFor(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	file := must(b.Upload(b.bob, "0", "a.txt", []byte("hello"), time.Date(2020, 7, 1, 12, 0, 0, 0, time.UTC)))(t)
	ok(t, b.SetTags(b.bob, boxsim.FileRef(file), "red", "green"))
	ok(t, b.SetMetadata(b.bob, boxsim.FileRef(file), "global.properties", map[string]any{"k": "v"}))
	a := b.send(b.bob, "GET", "/2.0/folders/0/items?fields=tags,sha1,content_modified_at,metadata.global.properties,url", nil).want(t, http.StatusOK)
	entry := a.at("entries.0").(map[string]any)
	var names []string
	for name := range entry {
		names = append(names, name)
	}
	slices.Sort(names)
	if diff := cmp.Diff(names, []string{"content_modified_at", "etag", "id", "metadata", "sha1", "tags", "type"}); diff != "" {
		t.Error(diff)
	}
	if got := a.str("entries.0.content_modified_at"); got != "2020-07-01T05:00:00-07:00" {
		t.Errorf("summer time is %s", got)
	}
	if got := a.str("entries.0.metadata.global.properties.k"); got != "v" {
		t.Errorf("metadata is %s", a.text)
	}
}

func TestAFolderOfTwentyThousandItemsIsListedQuickly(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	big := must(b.CreateFolder(b.bob, "0", "big"))(t)
	ok(t, b.Fill(b.bob, big, 20_000))
	total := 0
	for marker, pages := "", 0; pages == 0 || marker != ""; pages++ {
		a := b.send(b.bob, "GET", "/2.0/folders/"+big+"/items?usemarker=true&limit=1000&fields=name,sha1,size&marker="+marker, nil).want(t, http.StatusOK)
		total += len(a.entries("id"))
		marker = a.str("next_marker")
	}
	if total != 20_000 {
		t.Errorf("listed %d items", total)
	}
}
