package demo

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"coffer/shared/api/recovery"
	"coffer/shared/backup"
)

// Entry is an item on one side of a comparison.
type Entry struct {
	Ref         backup.ItemRef
	Path        string // names from below the root folder, with slashes between
	SHA1        string // of a file
	Size        int64
	URL         string // of a web link
	Description string
	Tags        string // sorted, with commas between
}

// Browse reads a whole snapshot, folder by folder, as a person would click
// through it. It leaves out what another Box user's backup has.
func (p *Portal) Browse(ctx context.Context, task, user, snapshot string) ([]Entry, error) {
	type folder struct{ id, path string }
	var out []Entry
	for todo := []folder{{id: backup.RootFolder}}; len(todo) > 0; {
		at := todo[0]
		todo = todo[1:]
		path := taskPath(task, "users", user, "snapshots", snapshot, "items") + "?parent=" + url.QueryEscape(at.id)
		items, err := All[recovery.Item](ctx, p, path)
		if err != nil {
			return nil, err
		}
		for _, i := range items {
			if i.State == "reference" {
				continue
			}
			e := Entry{
				Ref: backup.ItemRef{Kind: i.Kind, ID: i.ID}, Path: at.path + i.Name, SHA1: i.SHA1, Size: i.Size,
				URL: i.URL, Description: i.Description, Tags: tags(i.Tags),
			}
			if i.State != "complete" {
				e.SHA1 = i.State + " " + i.SHA1 // shows as a difference
			}
			out = append(out, e)
			if i.Kind == backup.Folder {
				todo = append(todo, folder{i.ID, e.Path + "/"})
			}
		}
	}
	return out, nil
}

func tags(list []string) string { return strings.Join(slices.Sorted(slices.Values(list)), ",") }

// Differences compares what Box has with what a snapshot has, item by item,
// and says how they differ.
func Differences(box, snapshot []Entry) []string {
	have := map[backup.ItemRef]Entry{}
	for _, e := range snapshot {
		have[e.Ref] = e
	}
	var out []string
	for _, want := range box {
		got, ok := have[want.Ref]
		delete(have, want.Ref)
		switch {
		case !ok:
			out = append(out, fmt.Sprintf("%s %q is missing in the snapshot", want.Ref, want.Path))
		case got != want:
			out = append(out, fmt.Sprintf("%s differs: Box has %+v, the snapshot %+v", want.Ref, want, got))
		}
	}
	rest := slices.SortedFunc(maps.Values(have), func(a, b Entry) int { return cmp.Compare(a.Path, b.Path) })
	for _, e := range rest {
		out = append(out, fmt.Sprintf("%s %q is in the snapshot, not in Box", e.Ref, e.Path))
	}
	return out
}
