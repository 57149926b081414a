package demo

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
	"coffer/shared/box/boxsim/company"
)

func file(id, path, sum string) Entry {
	return Entry{Ref: backup.ItemRef{Kind: backup.File, ID: id}, Path: path, SHA1: sum}
}

// A demonstration that cannot fail shows nothing.
func TestEveryDifferenceIsFound(t *testing.T) {
	t.Parallel()
	box := []Entry{file("1", "a", "x"), file("2", "b/c", "y")}
	changed := func(change func(*Entry)) []Entry {
		e := box[1]
		change(&e)
		return []Entry{box[0], e}
	}
	for _, c := range []struct {
		name     string
		snapshot []Entry
		want     string
	}{
		{"equal", []Entry{box[1], box[0]}, ""},
		{"missing", box[:1], "missing in the snapshot"},
		{"more", append([]Entry{file("3", "d", "z")}, box...), "not in Box"},
		{"content", changed(func(e *Entry) { e.SHA1 = "z" }), "differs"},
		{"place", changed(func(e *Entry) { e.Path = "c" }), "differs"},
		{"description", changed(func(e *Entry) { e.Description = "d" }), "differs"},
		{"tags", changed(func(e *Entry) { e.Tags = "d" }), "differs"},
		{"another kind", changed(func(e *Entry) { e.Ref.Kind = backup.Folder }), "missing in the snapshot"},
	} {
		got := strings.Join(Differences(box, c.snapshot), "\n")
		if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestBytesAreComparedToTheEnd(t *testing.T) {
	t.Parallel()
	long := bytes.Repeat([]byte("coffer"), 50_000)
	other := append(bytes.Clone(long[:len(long)-1]), 'X')
	for _, c := range []struct {
		name string
		b    []byte
		want bool
	}{{"equal", long, true}, {"last byte", other, false}, {"shorter", long[:len(long)-1], false}, {"longer", append(bytes.Clone(long), 0), false}, {"empty", nil, false}} {
		got, err := sameBytes(iotest.HalfReader(bytes.NewReader(long)), bytes.NewReader(c.b))
		if err != nil || got != c.want {
			t.Errorf("%s: got %v, %v", c.name, got, err)
		}
	}
	broken := iotest.TimeoutReader(bytes.NewReader(long))
	if same, err := sameBytes(broken, bytes.NewReader(long)); same || err == nil {
		t.Errorf("a broken stream: got %v, %v", same, err)
	}
	if same, err := sameBytes(strings.NewReader(""), strings.NewReader("")); !same || err != nil {
		t.Errorf("empty streams: got %v, %v", same, err)
	}
}

func TestLinkIsFoundInTheMail(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)
	text := func(token string) string {
		return "Hello,\n\nhttps://x.example/sign-in\nhttp://localhost:8080/activate#" + token + "\n"
	}
	mails := []mail{
		{noon.Add(2 * time.Minute), []string{"bob@x.example"}, text("bob.DEF-ghi_jklmnopqrstuv")},
		{noon.Add(time.Minute), []string{"ada@x.example"}, text("new.DEF-ghi_jklmnopqrstuv")},
		{noon, []string{"ada@x.example"}, text("old.DEF-ghi_jklmnopqrstuv")},
	}
	for _, c := range []struct {
		name, email, page, want string
		since                   time.Time
	}{
		{"newest", "ada@x.example", "activate", "new.DEF-ghi_jklmnopqrstuv", noon},
		{"somebody else's", "eve@x.example", "activate", "", noon},
		{"other page", "ada@x.example", "reset-password", "", noon},
		{"too old", "ada@x.example", "activate", "", noon.Add(90 * time.Second)},
	} {
		if got := linked(mails, c.email, c.page, c.since); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestChangesFollowFromTheSeed(t *testing.T) {
	t.Parallel()
	change := func() (map[string]int, []Deleted, []boxsim.Node) {
		sim := boxsim.New(boxsim.Options{Seed: 1})
		made, err := company.Build(sim, 1, 1, 30)
		if err != nil {
			t.Fatal(err)
		}
		done, deleted, err := Change(sim, made.Users, 7)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range deleted {
			content, err := sim.OpenContent(d.Content)
			if err == nil {
				_, err = io.Copy(io.Discard, content)
			}
			if err != nil {
				t.Errorf("deleted file %q: %v", d.Path, err)
			}
		}
		return done, deleted, sim.Tree(made.Users[0])
	}
	done, deleted, tree := change()
	for _, kind := range []string{"edits", "renames", "moves", "deletions", "descriptions", "folders", "uploads", "renamed folders"} {
		if done[kind] == 0 {
			t.Errorf("there are no %s", kind)
		}
	}
	again, deletedAgain, treeAgain := change()
	times := cmpopts.IgnoreFields(boxsim.Node{}, "ContentCreated", "ContentModified")
	if diff := cmp.Diff([]any{done, deleted, tree}, []any{again, deletedAgain, treeAgain}, times); diff != "" {
		t.Error(diff)
	}
}
