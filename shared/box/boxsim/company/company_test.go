package company_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"image"
	_ "image/jpeg" // decodes what the company draws
	_ "image/png"
	"io"
	"path"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
	"coffer/shared/box/boxsim/company"
)

func build(t *testing.T, seed uint64) (*boxsim.Sim, company.Company) {
	t.Helper()
	sim := boxsim.New(boxsim.Options{Seed: 1})
	c, err := company.Build(sim, seed, 5, 44)
	if err != nil {
		t.Fatal(err)
	}
	return sim, c
}

func TestCompanyFollowsFromItsSeed(t *testing.T) {
	t.Parallel()
	one, a := build(t, 7)
	two, b := build(t, 7)
	for i := range a.Users {
		if diff := cmp.Diff(contents(one, a.Users[i]), contents(two, b.Users[i])); diff != "" {
			t.Fatalf("two companies of one seed differ:\n%s", diff)
		}
	}
	other, c := build(t, 8)
	if cmp.Equal(contents(one, a.Users[1]), contents(other, c.Users[1])) {
		t.Error("companies of two seeds are equal")
	}
}

func contents(sim *boxsim.Sim, user backup.BoxUserID) map[string]backup.Content {
	all := map[string]backup.Content{}
	for _, n := range sim.Tree(user) {
		all[n.Path] = n.Content
	}
	return all
}

func TestFilesAreOfTheirKind(t *testing.T) {
	t.Parallel()
	sim, c := build(t, 1)
	kinds := map[string]int{}
	for _, user := range c.Users {
		if n := len(sim.Tree(user)); n < 50 {
			t.Errorf("user %s has %d items, want 44 files and some folders", user, n)
		}
		for _, n := range sim.Tree(user) {
			if n.Kind != backup.File {
				continue
			}
			body, err := sim.OpenContent(n.Content)
			if err != nil {
				t.Fatal(err)
			}
			content, err := io.ReadAll(body)
			if err := errors.Join(err, body.Close(), open(path.Ext(n.Name), content)); err != nil {
				t.Errorf("%s: %v", n.Path, err)
			}
			kinds[path.Ext(n.Name)]++
		}
	}
	for _, kind := range []string{".docx", ".xlsx", ".pptx", ".pdf", ".png", ".jpg", ".boxnote", ".md", ".csv", ".zip", ".txt"} {
		if kinds[kind] == 0 {
			t.Errorf("the company has no file %s", kind)
		}
	}
}

// open reads a file as programs do that know its kind.
func open(kind string, content []byte) error {
	switch kind {
	case ".docx", ".xlsx", ".pptx", ".zip":
		return openContainer(content)
	case ".png", ".jpg":
		_, _, err := image.Decode(bytes.NewReader(content))
		return err
	case ".boxnote":
		return json.Unmarshal(content, new(struct{ Doc struct{ Type string } }))
	case ".pdf":
		if !bytes.HasPrefix(content, []byte("%PDF-1.4\n")) || !bytes.HasSuffix(content, []byte("%%EOF\n")) {
			return errors.New("not a PDF")
		}
	}
	return nil
}

func openContainer(content []byte) error {
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return err
	}
	for _, entry := range z.File {
		body, err := entry.Open()
		if err != nil {
			return err
		}
		text, err := io.ReadAll(body)
		if err == nil && (strings.HasSuffix(entry.Name, ".xml") || strings.HasSuffix(entry.Name, ".rels")) {
			err = xml.Unmarshal(text, new(struct{ XMLName xml.Name }))
		}
		if err := errors.Join(err, body.Close()); err != nil {
			return err
		}
	}
	return nil
}
