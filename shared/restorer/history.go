package restorer

import (
	"context"
	"fmt"
	"slices"
	"time"

	"coffer/shared/backup"
	"coffer/shared/box"
	"coffer/shared/catalog"
)

// version is a content that a file had.
type version struct {
	backup.Content
	modified time.Time
}

// latest is the file's content in the snapshot.
func (p *piece) latest() version { return version{p.item.Content, p.item.ContentModifiedAt} }

// sequence is what is uploaded for a new file, oldest first.
func (p *piece) sequence() []version { return append(slices.Clone(p.past), p.latest()) }

func (p *piece) isPast(c backup.Content) bool {
	return slices.ContainsFunc(p.past, func(v version) bool { return v.Content == c })
}

// lookBack looks up the past versions of a file, where the job asks for them.
func (p *piece) lookBack(ctx context.Context) error {
	if p.item.Kind != backup.File || !p.job.Include.Versions {
		return nil
	}
	d, err := p.catalog.Details(ctx, p.job.Sealed(), p.item.ItemRef)
	if err != nil {
		return fmt.Errorf("past versions: %w", err)
	}
	lost := 0
	for _, v := range slices.Backward(d.Versions) {
		if v.State == catalog.Absent {
			lost++
			continue
		}
		p.past = append(p.past, version{v.Content, v.ModifiedAt})
	}
	if lost > 0 {
		p.note(fmt.Sprintf("%d of its %d past versions could not be backed up and are not restored.", lost, len(d.Versions)))
	}
	return nil
}

// stack uploads the versions that a file which the job created lacks. After an
// interruption what Box has tells how far it had come: a version is uploaded
// only on top of just those before it.
func (p *piece) stack(ctx context.Context, made box.Item) (box.Item, error) {
	all := p.sequence()
	if p.item.Kind != backup.File || len(all) == 1 {
		return made, nil
	}
	done := 1
	if p.begun {
		there, err := p.client.Versions(ctx, made.ID)
		if err != nil {
			return made, err
		}
		done = len(there) + 1
	}
	for i := done; i < len(all); i++ {
		p.entry.Session = ""
		next, err := p.upload(ctx, made.ID, made.ETag, "", all[i])
		if err != nil {
			return made, fmt.Errorf("version %d of %d: %w", i+1, len(all), err)
		}
		made = next
	}
	return made, nil
}
