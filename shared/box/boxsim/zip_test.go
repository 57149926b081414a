package boxsim_test

import (
	"archive/zip"
	"bytes"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/box/boxsim"
)

func TestZipHoldsFilesAndFoldersUnderDistinctNames(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	folder := must(b.CreateFolder(b.bob, "0", "plans"))(t)
	must(b.Upload(b.bob, folder, "übersicht.txt", []byte("inner")))(t)
	other := must(b.CreateFolder(b.bob, "0", "other"))(t)
	one := must(b.Upload(b.bob, "0", "same.txt", []byte("one")))(t)
	two := must(b.Upload(b.bob, other, "same.txt", []byte("two")))(t)
	made := b.send(b.bob, "POST", "/2.0/zip_downloads", map[string]any{"download_file_name": "x", "items": []map[string]string{
		{"type": "folder", "id": folder}, {"type": "file", "id": one}, {"type": "file", "id": two}, {"type": "file", "id": "404"},
	}}).want(t, http.StatusAccepted)
	names := map[string]string{
		made.str("name_conflicts.0.0.download_name"): made.str("name_conflicts.0.0.id"),
		made.str("name_conflicts.0.1.download_name"): made.str("name_conflicts.0.1.id"),
	}
	body := b.send("", "GET", made.str("download_url"), nil).want(t, http.StatusOK)
	if body.header.Get("Content-Length") != "" {
		t.Error("an archive's length is not known beforehand")
	}
	archive, err := zip.NewReader(bytes.NewReader(body.text), int64(len(body.text)))
	ok(t, err)
	got := map[string]string{}
	for _, f := range archive.File {
		r, err := f.Open()
		ok(t, err)
		text, err := io.ReadAll(r)
		ok(t, err)
		name := f.Name
		if id := names[name]; id != "" {
			name = id
		}
		got[name] = string(text)
	}
	if diff := cmp.Diff(got, map[string]string{"plans/": "", "plans/übersicht.txt": "inner", one: "one", two: "two"}); diff != "" {
		t.Error(diff)
	}
	status := b.send(b.bob, "GET", made.str("status_url"), nil).want(t, http.StatusOK)
	if status.str("state") != "succeeded" || status.at("downloaded_file_count") != 3.0 || status.at("skipped_file_count") != 1.0 {
		t.Errorf("got %s", status.text)
	}
	b.Advance(2 * time.Minute)
	b.send("", "GET", made.str("download_url"), nil).want(t, http.StatusNotFound)
}
