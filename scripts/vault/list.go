package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"coffer/shared/backup"
	"coffer/shared/catalog"
	"coffer/shared/snapshot"
	"coffer/shared/task"
	"coffer/shared/vault"
)

func (s *source) listUsers(ctx context.Context, p *printer) error {
	for u, err := range s.Users(ctx) {
		if err != nil {
			return err
		}
		err := p.print(struct {
			ID       backup.BoxUserID  `json:"id"`
			Name     string            `json:"name"`
			Login    string            `json:"login"`
			Status   backup.Status     `json:"status"`
			Items    int64             `json:"items"`
			Bytes    int64             `json:"bytes"`
			Snapshot backup.SnapshotID `json:"latest,omitempty"`
		}{u.ID, u.Name, u.Login, u.Status, u.Items, u.Size, u.Snapshot},
			"%-12s  %-40s  %8d items  %14d bytes  %s\n", u.ID, shown(u.Login), u.Items, u.Size, shown(u.Name))
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *source) listSnapshots(ctx context.Context, p *printer, name string) error {
	u, err := s.user(ctx, name)
	if err != nil {
		return err
	}
	for shot, err := range s.Snapshots(ctx, u) {
		if err != nil {
			return err
		}
		err := p.print(struct {
			ID     backup.SnapshotID `json:"id"`
			Same   backup.SnapshotID `json:"same,omitempty"`
			Taken  time.Time         `json:"taken"`
			Status backup.Status     `json:"status"`
			Items  int64             `json:"items"`
			Bytes  int64             `json:"bytes"`
			Failed int64             `json:"failed"`
		}{shot.ID, shot.Same, shot.Taken, shot.Status, shot.Items, shot.Bytes, shot.Failed},
			"%s  %s  %-8s  %8d items  %14d bytes\n", shot.ID, day(shot.Taken), shot.Status, shot.Items, shot.Bytes)
		if err != nil {
			return err
		}
	}
	return nil
}

// place is an item of an open catalog.
type place struct {
	user    task.BoxUser
	shot    snapshot.Snapshot
	held    backup.SnapshotID // the snapshot of the catalog that shot is
	catalog *catalog.Catalog
	item    backup.ItemRef
	path    string
	done    func()
}

// find opens the catalog of a Box user and looks a path up in a snapshot.
func (s *source) find(ctx context.Context, user, shot, path string) (p *place, err error) {
	p = &place{item: backup.ItemRef{Kind: backup.Folder, ID: backup.RootFolder}, path: "/"}
	if p.user, err = s.user(ctx, user); err != nil {
		return nil, err
	}
	if p.shot, err = s.snapshot(ctx, p.user, shot); err != nil {
		return nil, err
	}
	p.held = cmp.Or(p.shot.Same, p.shot.ID)
	var sealed vault.Sealed
	if err := json.Unmarshal(p.user.Catalog, &sealed); err != nil {
		return nil, fmt.Errorf("catalog of Box user %s: %w", p.user.ID, err)
	}
	if p.catalog, p.done, err = s.Open(ctx, sealed); err != nil {
		return nil, err
	}
	for name := range strings.SplitSeq(path, "/") {
		if err == nil && name != "" {
			err = p.enter(ctx, name)
		}
	}
	if err != nil {
		p.done()
		return nil, err
	}
	return p, nil
}

// enter goes to the item of that name in the folder.
func (p *place) enter(ctx context.Context, name string) error {
	var ref backup.ItemRef
	err := p.children(ctx, func(it catalog.Item) error {
		if it.Name == name && ref.ID == "" {
			ref = it.ItemRef
		}
		return nil
	})
	if err != nil {
		return err
	}
	if ref.ID == "" {
		return fmt.Errorf("the snapshot has no %q in %q", name, p.path)
	}
	p.item, p.path = ref, strings.TrimSuffix(p.path, "/")+"/"+name
	return nil
}

// children calls visit for what the folder holds.
func (p *place) children(ctx context.Context, visit func(catalog.Item) error) error {
	if p.item.Kind != backup.Folder {
		return nil
	}
	for after := ""; ; {
		items, next, err := p.catalog.Children(ctx, p.held, p.item.ID, catalog.Listing{}, after, 1000)
		if err != nil {
			return err
		}
		for _, it := range items {
			if err := visit(it); err != nil {
				return err
			}
		}
		if after = next; next == "" {
			return nil
		}
	}
}

// entry is an item as ls and the manifest show it.
type entry struct {
	Path     string          `json:"path"`
	Kind     backup.ItemKind `json:"kind"`
	ID       string          `json:"id"`
	SHA1     string          `json:"sha1,omitempty"`
	Size     int64           `json:"size"`
	Modified time.Time       `json:"modified,omitzero"`
	URL      string          `json:"url,omitempty"`
	State    string          `json:"state,omitempty"` // what of a file is missing
	File     string          `json:"file,omitempty"`  // where it was extracted to
	Error    string          `json:"error,omitempty"` // why it was not
	Damaged  bool            `json:"damaged,omitempty"`
}

func entryOf(it catalog.Item, path string) entry {
	e := entry{Path: path, Kind: it.Kind, ID: it.ID, URL: it.URL, Modified: it.ContentModifiedAt}
	switch it.State {
	case catalog.Earlier:
		e.State = "the content is that of an earlier version"
	case catalog.Absent:
		e.State = "the content could not be backed up"
	case catalog.Reference:
		e.State = "it is in the backup of its owner"
	}
	if it.Kind == backup.File && it.State != catalog.Absent && it.State != catalog.Reference {
		e.SHA1, e.Size = it.Content.SHA1.String(), it.Content.Size
	}
	return e
}

func (s *source) list(ctx context.Context, p *printer, user, shot, path string) error {
	at, err := s.find(ctx, user, shot, path)
	if err != nil {
		return err
	}
	defer at.done()
	show := func(it catalog.Item, path string) error {
		e := entryOf(it, path)
		name := shown(it.Name)
		if it.Kind == backup.Folder {
			name += "/"
		}
		return p.print(e, "%16s  %14d  %40s  %s\n", day(e.Modified), e.Size, e.SHA1, name)
	}
	if at.item.Kind != backup.Folder {
		it, err := at.catalog.Item(ctx, at.held, at.item)
		if err != nil {
			return err
		}
		return show(it, at.path)
	}
	return at.children(ctx, func(it catalog.Item) error { return show(it, strings.TrimSuffix(at.path, "/")+"/"+it.Name) })
}
