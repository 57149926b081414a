package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"coffer/shared/backup"
	"coffer/shared/box/boxsim"
)

// truth is what Box really has of a Box user: what the user owns, and what
// people outside the enterprise share with the user. It does not use the
// client that Coffer reads Box with.
func (s *Scenario) truth(ctx context.Context, user backup.BoxUserID) ([]Entry, error) {
	out := Entries(s.Box.Tree(user), "")
	shared, err := s.shared(ctx, user)
	if err != nil {
		return nil, err
	}
	for _, f := range shared {
		all := s.Box.Tree(backup.BoxUserID(f.OwnedBy.ID))
		top := slices.IndexFunc(all, func(n boxsim.Node) bool { return n.ItemRef == f.ref() })
		if top < 0 {
			return nil, fmt.Errorf("%s, which Box lists for %s, is not in Box", f.ref(), user)
		}
		root := all[top]
		inside := slices.DeleteFunc(all, func(n boxsim.Node) bool {
			return n.ItemRef != root.ItemRef && !strings.HasPrefix(n.Path, root.Path+"/")
		})
		out = append(out, Entries(inside, strings.TrimSuffix(root.Path, root.Name))...)
	}
	return out, nil
}

// Entries turns what the simulator has into what is compared; paths lose the
// prefix.
func Entries(nodes []boxsim.Node, prefix string) []Entry {
	var out []Entry
	for _, n := range nodes {
		e := Entry{
			Ref: n.ItemRef, Path: strings.TrimPrefix(strings.TrimPrefix(n.Path, prefix), "/"),
			URL: n.URL, Description: n.Description, Tags: tags(n.Tags),
		}
		if n.Kind == backup.File {
			e.SHA1, e.Size = n.Content.SHA1.String(), n.Content.Size
		}
		out = append(out, e)
	}
	return out
}

type boxItem struct {
	Type    backup.ItemKind     `json:"type"`
	ID      string              `json:"id"`
	OwnedBy struct{ ID string } `json:"owned_by"`
}

func (i boxItem) ref() backup.ItemRef { return backup.ItemRef{Kind: i.Type, ID: i.ID} }

// shared asks Box for the items in a user's root folder that nobody in the
// enterprise owns.
func (s *Scenario) shared(ctx context.Context, user backup.BoxUserID) ([]boxItem, error) {
	resp, err := s.box(ctx, user, "/2.0/folders/0/items?limit=1000&fields=owned_by")
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var list struct{ Entries []boxItem }
	if err := json.NewDecoder(resp.Body).Decode(&list); err != nil {
		return nil, fmt.Errorf("root folder of %s: %w", user, err)
	}
	return slices.DeleteFunc(list.Entries, func(i boxItem) bool { return slices.Contains(s.Users, backup.BoxUserID(i.OwnedBy.ID)) }), nil
}

// box gets something from Box as a user.
func (s *Scenario) box(ctx context.Context, user backup.BoxUserID, path string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.BoxURL+path, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+s.Box.Token(user))
	resp, err := s.Portal.HTTP.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		_ = resp.Body.Close()
		return nil, fmt.Errorf("%s: Box answers %s", path, resp.Status)
	}
	return resp, nil
}
