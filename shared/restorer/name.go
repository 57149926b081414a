package restorer

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/catalog"
	"coffer/shared/job"
)

const (
	maxNames  = 100 // names that are tried for an item
	maxLength = 255 // of a name at Box, in characters
)

// errAside says that the name is taken by an item of the job that is to get
// another one. It can be put aside only when nobody works on it.
var errAside = errors.New("the name is taken by an item that is still to be restored")

// variant returns the n-th name to try for an item: its own, then "a
// (restored).txt", "a (restored 2).txt" and so on.
func variant(kind backup.ItemKind, name string, n int) string {
	switch n {
	case 0:
		return name
	case 1:
		return suffixed(kind, name, " (restored)")
	}
	return suffixed(kind, name, fmt.Sprintf(" (restored %d)", n))
}

// suffixed adds a suffix to the name, before the extension if it is a file's,
// within Box's limit.
func suffixed(kind backup.ItemKind, name, suffix string) string {
	ext := path.Ext(name)
	if kind != backup.File || len([]rune(ext)) > 20 || ext == name {
		ext = ""
	}
	stem := []rune(strings.TrimSuffix(name, ext))
	if most := maxLength - len([]rune(suffix+ext)); len(stem) > most {
		stem = stem[:most]
	}
	return string(stem) + suffix + ext
}

// named does something that needs a name in the item's folder, with the item's
// own name or, where that is taken for good, another.
func (p *piece) named(ctx context.Context, do func(name string) error) error {
	for n := range maxNames {
		name := variant(p.item.Kind, p.item.Name, n)
		err := do(name)
		for range 3 { // the holder may have gone, or been put aside
			there, taken := box.Conflict(err)
			if !taken {
				break
			}
			var free bool
			if free, err = p.taken(ctx, there.Ref(), n > 0); err == nil && free {
				err = do(name)
			} else if err == nil {
				err = errTaken
				break
			}
		}
		if errors.Is(err, errFound) {
			return nil
		}
		if !errors.Is(err, errTaken) {
			return err
		}
	}
	return fmt.Errorf("%d names are taken: %w", maxNames, errTaken)
}

var (
	errTaken = errors.New("the name is taken")
	errFound = errors.New("the item that has the name is the restored one")
)

// taken deals with the item that has the name which this one needs. It reports
// whether the name is free now; errFound says that the item has been dealt
// with, because what has the name is taken for it. If the name is other than
// the item's own, that is so only for what restoring the item makes.
func (p *piece) taken(ctx context.Context, ref backup.ItemRef, other bool) (free bool, err error) {
	there, err := p.client.Item(ctx, ref)
	if box.IsNotFound(err) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	if p.job.Mode == backup.NonDestructive {
		if p.equals(there) {
			return false, found(p.created(ctx, there))
		}
		return false, nil
	}
	known, err := p.catalog.Item(ctx, p.job.Sealed(), ref)
	switch {
	case err == nil && ref != p.item.ItemRef:
		return p.putAside(ctx, there, &known)
	case err != nil && backup.KindOf(err) != backup.NotFound:
		return false, err
	case p.entry.BoxID != "" || there.Kind != p.item.Kind: // it only needs the name, or cannot be taken for the other
		return false, nil
	case !other && p.begun && p.equals(there):
		return false, found(p.created(ctx, there))
	case !other:
		return false, found(p.exists(ctx, there))
	case !p.equals(there):
		return false, nil
	case p.begun:
		if there.Kind == backup.Folder {
			if mine, err := p.unused(ctx, there); err != nil || !mine {
				return false, err
			}
		}
		return false, found(p.created(ctx, there))
	case there.Kind == backup.Folder:
		return false, nil
	}
	p.settled(job.Kept, there)
	return false, errFound
}

// found returns errFound where there is no other error.
func found(err error) error {
	if err != nil {
		return err
	}
	return errFound
}

// equals reports whether an item at Box is what restoring this one makes.
func (p *piece) equals(there box.Item) bool {
	switch {
	case there.Kind != p.item.Kind:
		return false
	case there.Kind == backup.File:
		content, err := there.Content()
		return err == nil && (content == p.item.Content || p.begun && p.isPast(content))
	case there.Kind == backup.WebLink:
		return there.URL == p.item.URL
	}
	return true
}

// putAside gives another item of the job, which is still to get its own name
// back, a name that is in nobody's way.
func (p *piece) putAside(ctx context.Context, there box.Item, known *catalog.Item) (free bool, err error) {
	if p.job.Mode != backup.Replace || known.State != catalog.Complete && known.State != catalog.Earlier || p.isFinished(known.ItemRef) {
		return false, nil
	}
	if ours, err := p.within(ctx, known.ItemRef); err != nil || !ours {
		return false, err
	}
	if !p.alone {
		return false, errAside
	}
	name := suffixed(there.Kind, there.Name, " (moving "+there.ID+")")
	_, err = p.client.Update(ctx, there.Ref(), "", box.Update{Name: &name})
	return err == nil, err
}
