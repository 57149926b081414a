package recovery

import (
	"context"

	"coffer/shared/account"
	"coffer/shared/backup"
)

// Choices are what a person ticks in a snapshot: items, or all.
type Choices struct {
	Items []Choice `json:"items,omitempty" maxItems:"5000" nullable:"false" doc:"The items, folders with all that is in them; absent with all."`
	All   bool     `json:"all,omitempty" doc:"Everything in the snapshot."`
}

// Choice names an item of the snapshot.
type Choice struct {
	Kind backup.ItemKind `json:"kind" enum:"folder,file,web_link"`
	ID   string          `json:"id" minLength:"1" maxLength:"64"`
}

// chosen returns the items that are named; all is the root folder.
func chosen(items []Choice, all bool) ([]backup.ItemRef, error) {
	if all == (len(items) > 0) {
		return nil, backup.Field("items", "Name items, or say all, but not both.")
	}
	if all {
		return []backup.ItemRef{{Kind: backup.Folder, ID: backup.RootFolder}}, nil
	}
	refs := make([]backup.ItemRef, len(items))
	for i, choice := range items {
		refs[i] = backup.ItemRef{Kind: choice.Kind, ID: choice.ID}
	}
	return refs, nil
}

// Count is how much the chosen items hold with everything below them. Each
// item is counted once, in one of the numbers.
type Count struct {
	Files      int64 `json:"files"`
	Folders    int64 `json:"folders"`
	WebLinks   int64 `json:"webLinks"`
	Bytes      int64 `json:"bytes" doc:"Of the files."`
	Absent     int64 `json:"absent" doc:"Files without a content in the snapshot, since they could not be read at Box."`
	References int64 `json:"references" doc:"Items that belong to another Box user, whose own backup has them."`
}

type countInput struct {
	SnapshotPath
	Body Choices
}

func (s *Server) count(ctx context.Context, who account.Session, in *countInput) (*struct{ Body Count }, error) {
	refs, err := chosen(in.Body.Items, in.Body.All)
	if err != nil {
		return nil, err
	}
	c, err := s.open(ctx, who, in.SnapshotPath)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	e, err := c.Extent(ctx, c.row.Sealed(), refs...)
	if err != nil {
		return nil, err
	}
	return &struct{ Body Count }{Count(e)}, nil
}
