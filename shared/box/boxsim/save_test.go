package boxsim_test

import (
	"bytes"
	"net/http"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
)

// b0 is a time in winter.
var b0 = time.Date(2024, time.February, 29, 12, 0, 0, 0, time.UTC)

func TestASavedSimulatorGoesOnAsItWas(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{Seed: 3})
	app := b.acme.AddApp("", "")
	b.PopulateUser(b.bob, boxsim.Plan{Seed: 4, Files: 60, Nasty: true})
	must(b.Mutate(b.bob, 5, 40))(t)
	file := must(b.Upload(b.bob, "0", "a.txt", []byte("hello")))(t)
	must(b.Comment(b.bob, file, "Nice"))(t)
	must(b.Collaborate(b.bob, boxsim.FileRef(file), b.ada, "viewer"))(t)
	ok(t, b.SetMetadata(b.bob, boxsim.FileRef(file), "global.properties", map[string]any{"list": []any{"a", 1.0}}))
	pair := app.Pair(b.ada)
	var saved bytes.Buffer
	ok(t, b.Save(&saved))
	size, _ := b.User(b.bob)

	again := start(t, boxsim.Options{Seed: 3})
	ok(t, again.Load(&saved))
	if diff := cmp.Diff(again.Tree(b.bob), b.Tree(b.bob)); diff != "" {
		t.Error(diff)
	}
	if loaded, _ := again.User(b.bob); loaded != size {
		t.Errorf("got %+v, want %+v", loaded, size)
	}
	for _, path := range []string{
		"/2.0/events?stream_type=changes", "/2.0/folders/trash/items", "/2.0/files/" + file + "/comments",
		"/2.0/files/" + file + "/collaborations", "/2.0/files/" + file + "/metadata",
	} {
		if diff := cmp.Diff(string(again.send(b.bob, "GET", path, nil).text), string(b.send(b.bob, "GET", path, nil).text)); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
	}
	again.token(app, "grant_type", "refresh_token", "refresh_token", pair.Refresh).want(t, http.StatusOK)
	for _, n := range again.Tree(b.bob) {
		if n.Kind == backup.File {
			if text := contentOf(t, again.Sim, n.Content); int64(len(text)) != n.Content.Size || hexSHA1(text) != n.Content.SHA1.String() {
				t.Fatalf("%s has other bytes", n.Path)
			}
		}
	}
}

func TestKeptStateSurvivesTheProcess(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state")
	b := start(t, boxsim.Options{})
	if loaded := must(b.Keep(path))(t); loaded {
		t.Error("a state was loaded that nobody kept")
	}
	b.send(b.bob, "POST", "/2.0/folders", map[string]any{"name": "plans", "parent": map[string]string{"id": "0"}}).want(t, http.StatusCreated)

	again := boxsim.New(boxsim.Options{}) // the first one never closed anything
	if loaded := must(again.Keep(path))(t); !loaded {
		t.Error("nothing was loaded")
	}
	if _, found := again.Lookup(b.bob, "/plans"); !found {
		t.Error("the folder is gone")
	}
}

func TestReturnGoesBackToTheMark(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	must(b.Upload(b.bob, "0", "a.txt", []byte("x")))(t)
	want := b.Tree(b.bob)
	ok(t, b.Mark())
	must(b.Mutate(b.bob, 1, 10))(t)
	b.send("", "POST", "/_sim/reset", `{"state":true}`).want(t, http.StatusNoContent)
	if diff := cmp.Diff(b.Tree(b.bob), want); diff != "" {
		t.Error(diff)
	}
}

func TestEqualSeedsMakeAndChangeTheSame(t *testing.T) {
	t.Parallel()
	build := func(seed uint64) []boxsim.Node {
		sim := boxsim.New(boxsim.Options{Seed: seed})
		company := sim.Populate(boxsim.Plan{Seed: seed, Users: 2, Files: 50, Nasty: true})
		must(sim.Mutate(company.Users[1], seed, 100))(t)
		nodes := sim.Tree(company.Users[1])
		for i := range nodes {
			nodes[i].ContentCreated, nodes[i].ContentModified = b0, b0 // the clock is the real one
		}
		return nodes
	}
	one := build(1)
	if diff := cmp.Diff(one, build(1)); diff != "" {
		t.Error(diff)
	}
	if cmp.Equal(one, build(2)) {
		t.Error("another seed made the same")
	}
	names := map[string]bool{}
	for _, n := range one {
		if names[n.Path] {
			t.Errorf("%s is there twice", n.Path)
		}
		names[n.Path] = true
	}
}

func TestImportTakesFilesAsTheyAre(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	tree := fstest.MapFS{
		"src/main.go":   {Data: []byte("package main"), ModTime: b0},
		"src/empty":     {ModTime: b0},
		"README":        {Data: []byte("read"), ModTime: b0},
		"readme":        {Data: []byte("me"), ModTime: b0}, // Box sees no difference
		"ends with sp ": {Data: []byte("refused"), ModTime: b0},
	}
	if n := must(b.Import(b.bob, "0", tree))(t); n != 3 {
		t.Errorf("took %d files", n)
	}
	ref, found := b.Lookup(b.bob, "/src/main.go")
	if !found {
		t.Fatal("main.go is missing")
	}
	a := b.send(b.bob, "GET", "/2.0/files/"+ref.ID, nil)
	if a.str("sha1") != hexSHA1("package main") || a.str("content_modified_at") != "2024-02-29T04:00:00-08:00" {
		t.Errorf("got %s", a.text)
	}
}

func TestAHundredThousandItemsAreNoTrouble(t *testing.T) {
	t.Parallel()
	b := start(t, boxsim.Options{})
	b.PopulateUser(b.bob, boxsim.Plan{Seed: 1, Files: 80_000})
	if got := len(b.Tree(b.bob)); got < 95_000 {
		t.Errorf("%d items", got)
	}
	b.send(b.bob, "GET", "/2.0/folders/0/items?usemarker=true&limit=1000", nil).want(t, http.StatusOK)
}
